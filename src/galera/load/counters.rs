//! What the servers say of themselves during a run: differences of their counters.

use std::collections::BTreeMap;

use serde::Serialize;

/// One look at a server.
#[derive(Debug, Clone, PartialEq)]
pub struct Look {
    /// Seconds since the run began.
    pub at: f64,
    /// `SHOW GLOBAL STATUS LIKE 'wsrep%'`; `None`: the server gave no answer.
    pub status: Option<BTreeMap<String, String>>,
}

/// What a node's counters did between the first look and the last.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Counters {
    /// The part of the time in which flow control held replication up, 0 to 1.
    pub flow_control: f64,
    /// The longest receive queue of all looks.
    pub receive_queue: u64,
    /// How often it asked the others to pause: it could not keep up.
    pub flow_control_sent: u64,
    /// Write-sets of its clients that lost certification.
    pub cert_failures: u64,
    /// Transactions of its clients that were aborted for a replicated one.
    pub aborts: u64,
    /// Bytes of write-sets a second, its own and received ones.
    pub bytes: f64,
    /// When it first gave no answer, or was no Synced member of the Primary component, in seconds; `None`: never.
    pub gone_at: Option<f64>,
    /// It was a Synced member at the last look.
    pub back: bool,
}

impl Counters {
    /// From looks in the order of time. A counter that went back was set to zero in between: the server was started
    /// again, and only what it counted before and after that is added up.
    pub fn of(looks: &[Look]) -> Self {
        let answers: Vec<_> =
            looks.iter().filter_map(|look| Some((look.at, look.status.as_ref()?))).collect();
        let grown = |name: &str| -> u64 {
            let values: Vec<u64> = answers.iter().filter_map(|(_, status)| number(status, name)).collect();
            values.windows(2).map(|pair| pair[1].saturating_sub(pair[0])).sum()
        };
        let seconds = match (answers.first(), answers.last()) {
            (Some((from, _)), Some((to, _))) if to > from => to - from,
            _ => return Self { gone_at: gone_at(looks), back: back(looks), ..Self::default() },
        };
        #[allow(clippy::cast_precision_loss, reason = "rates are shown with three digits")]
        let rate = |names: &[&str]| names.iter().map(|name| grown(name)).sum::<u64>() as f64 / seconds;
        let queue = answers.iter().filter_map(|(_, status)| number(status, "wsrep_local_recv_queue")).max();
        Self {
            flow_control: (rate(&["wsrep_flow_control_paused_ns"]) / 1e9).min(1.0),
            receive_queue: queue.unwrap_or(0),
            flow_control_sent: grown("wsrep_flow_control_sent"),
            cert_failures: grown("wsrep_local_cert_failures"),
            aborts: grown("wsrep_local_bf_aborts"),
            bytes: rate(&["wsrep_replicated_bytes", "wsrep_received_bytes"]),
            gone_at: gone_at(looks),
            back: back(looks),
        }
    }
}

fn number(status: &BTreeMap<String, String>, name: &str) -> Option<u64> {
    status.get(name)?.parse().ok()
}

/// It takes writes at this look.
fn serves(look: &Look) -> bool {
    let Some(status) = &look.status else { return false };
    let is = |name: &str, word: &str| status.get(name).is_some_and(|it| it == word);
    is("wsrep_cluster_status", "Primary") && is("wsrep_local_state_comment", "Synced")
}

fn gone_at(looks: &[Look]) -> Option<f64> {
    looks.iter().find(|look| !serves(look)).map(|look| look.at)
}

fn back(looks: &[Look]) -> bool {
    looks.last().is_some_and(serves)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(at: f64, failures: u64, paused: u64) -> Look {
        let status = [
            ("wsrep_cluster_status", "Primary".to_owned()),
            ("wsrep_local_state_comment", "Synced".into()),
            ("wsrep_local_cert_failures", failures.to_string()),
            ("wsrep_flow_control_paused_ns", paused.to_string()),
            ("wsrep_local_recv_queue", (failures / 2).to_string()),
            ("wsrep_replicated_bytes", (failures * 100).to_string()),
        ];
        Look { at, status: Some(status.map(|(name, value)| (name.to_owned(), value)).into()) }
    }

    #[test]
    fn only_what_was_counted_during_the_run_counts() {
        let counters =
            Counters::of(&[look(0.0, 10, 0), look(1.0, 16, 500_000_000), look(2.0, 20, 1_000_000_000)]);
        assert_eq!((counters.cert_failures, counters.receive_queue, counters.gone_at), (10, 10, None));
        assert!((counters.flow_control - 0.5).abs() < 1e-9 && (counters.bytes - 500.0).abs() < 1e-9);
    }

    #[test]
    fn a_server_that_goes_and_comes_again_is_told() {
        let gone = Look { at: 2.0, status: None };
        let looks = [look(0.0, 10, 0), look(1.0, 16, 0), gone, look(3.0, 0, 0), look(4.0, 5, 0)];
        let counters = Counters::of(&looks);
        assert_eq!((counters.cert_failures, counters.gone_at, counters.back), (11, Some(2.0), true));
        assert!(!Counters::of(&looks[..3]).back);
        assert_eq!(Counters::of(&[]), Counters::default());
    }
}
