//! What a server's counters do in a second.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Differences of two samples, a second; and lengths of queues as the second sample has them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Rates {
    /// The part of the time in which flow control held replication up, 0 to 1.
    pub flow_control: f64,
    /// Write-sets that lost certification.
    pub cert_failures: f64,
    /// Local transactions that were aborted for a replicated one.
    pub aborts: f64,
    /// Write-sets of the whole cluster.
    pub write_sets: f64,
    /// Bytes of write-sets, the node's own and received ones.
    pub bytes: f64,
    /// Write-sets of this node's own clients.
    pub own_writes: f64,
    pub receive_queue: u64,
    pub send_queue: u64,
    pub connections: u64,
}

impl Rates {
    /// From two samples of `SHOW GLOBAL STATUS` and the milliseconds between them. A counter that went
    /// back was set to zero in between, and counts as still.
    pub fn of(
        first: &BTreeMap<String, String>,
        second: &BTreeMap<String, String>,
        milliseconds: u64,
    ) -> Option<Self> {
        if milliseconds == 0 || !second.contains_key("wsrep_last_committed") {
            return None;
        }
        let number = |sample: &BTreeMap<String, String>, name: &str| {
            sample.get(name).and_then(|text| text.parse::<u64>().ok()).unwrap_or(0)
        };
        #[allow(clippy::cast_precision_loss, reason = "rates are shown with three digits")]
        let rate = |names: &[&str]| {
            let grown: u64 = names
                .iter()
                .map(|name| number(second, name).saturating_sub(number(first, name)))
                .fold(0, u64::saturating_add);
            grown as f64 * 1000.0 / milliseconds as f64
        };
        Some(Self {
            flow_control: (rate(&["wsrep_flow_control_paused_ns"]) / 1e9).min(1.0),
            cert_failures: rate(&["wsrep_local_cert_failures"]),
            aborts: rate(&["wsrep_local_bf_aborts"]),
            write_sets: rate(&["wsrep_last_committed"]),
            bytes: rate(&["wsrep_replicated_bytes", "wsrep_received_bytes"]),
            own_writes: rate(&["wsrep_replicated"]),
            receive_queue: number(second, "wsrep_local_recv_queue"),
            send_queue: number(second, "wsrep_local_send_queue"),
            connections: number(second, "Threads_connected"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(values: &[(&str, u64)]) -> BTreeMap<String, String> {
        values.iter().map(|(name, value)| ((*name).to_owned(), value.to_string())).collect()
    }

    #[test]
    fn counters_become_rates() {
        let first = sample(&[
            ("wsrep_last_committed", 100),
            ("wsrep_flow_control_paused_ns", 0),
            ("wsrep_local_bf_aborts", 9),
        ]);
        let second = sample(&[
            ("wsrep_last_committed", 200),
            ("wsrep_flow_control_paused_ns", 250_000_000),
            ("wsrep_local_bf_aborts", 3),
            ("wsrep_local_recv_queue", 7),
        ]);
        let rates = Rates::of(&first, &second, 500).expect("rates");
        assert!((rates.write_sets - 200.0).abs() < 1e-9 && (rates.flow_control - 0.5).abs() < 1e-9);
        assert!(rates.aborts.abs() < 1e-9, "a counter that was reset is no rate");
        assert_eq!(rates.receive_queue, 7);
        assert_eq!(Rates::of(&first, &second, 0), None);
        assert_eq!(Rates::of(&first, &sample(&[]), 500), None);
    }
}
