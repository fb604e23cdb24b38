//! The status in Prometheus' text format.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::{NodeStatus, Status};
use crate::kernel::model::NodeName;

type Value = fn(&NodeStatus) -> Option<f64>;

/// Name, help, and the value of one node.
const GAUGES: [(&str, &str, Value); 11] = [
    ("up", "The node was seen.", |node| Some(flag(node.unseen.is_none()))),
    ("primary", "The node is in a Primary component.", |node| known(node, flag(node.primary))),
    ("synced", "The node is Synced.", |node| known(node, flag(node.synced))),
    ("size", "Members of the node's view.", |node| known(node, exact(node.size))),
    ("view", "Number of the node's view.", |node| known(node, exact(node.view))),
    ("last_committed", "Seqno of the last committed write-set.", |node| node.seqno.map(exact)),
    ("flow_control_ratio", "Part of the time held up by flow control.", |node| {
        Some(node.rates.as_ref()?.flow_control)
    }),
    ("receive_queue", "Write-sets that wait to be applied.", |node| {
        Some(exact(node.rates.as_ref()?.receive_queue))
    }),
    ("write_sets_per_second", "Write-sets of the whole cluster.", |node| {
        Some(node.rates.as_ref()?.write_sets)
    }),
    ("ist_window_seconds", "How far back the node's write-set cache reaches.", |node| {
        node.ist_window.map(exact)
    }),
    ("config_in_force", "The node's option file is the inventory's.", |node| node.config_in_force.map(flag)),
];

/// The whole status; a value that is not known is left out.
pub fn prometheus(status: &Status) -> String {
    let cluster = escaped(&status.cluster);
    let mut out = String::new();
    let _ = write!(
        out,
        "# HELP galactl_cluster_health 0 healthy, 1 degraded, 2 critical.\n# TYPE galactl_cluster_health gauge\ngalactl_cluster_health{{cluster=\"{cluster}\"}} {}\n# HELP galactl_cluster_size_expected Members that the inventory names.\n# TYPE galactl_cluster_size_expected gauge\ngalactl_cluster_size_expected{{cluster=\"{cluster}\"}} {}\n",
        status.health as u8, status.expected_size
    );
    for (name, help, value) in GAUGES {
        let _ = write!(out, "# HELP galactl_node_{name} {help}\n# TYPE galactl_node_{name} gauge\n");
        for node in &status.nodes {
            if let Some(value) = value(node) {
                let _ = writeln!(
                    out,
                    "galactl_node_{name}{{cluster=\"{cluster}\",node=\"{}\"}} {value}",
                    node.node
                );
            }
        }
    }
    proxies(&mut out, status, &cluster);
    certificates(&mut out, status, &cluster);
    findings(&mut out, status, &cluster);
    out
}

/// A finding about the whole cluster has the node "".
fn findings(out: &mut String, status: &Status, cluster: &str) {
    let name = "galactl_finding";
    let _ = write!(out, "# HELP {name} Something is not as it should be.\n# TYPE {name} gauge\n");
    let series = status.findings.iter().map(|finding| {
        let node = finding.node.as_ref().map_or("", NodeName::as_str);
        let (code, severity) = (finding.code.name, finding.severity);
        format!("{name}{{cluster=\"{cluster}\",node=\"{node}\",code=\"{code}\",severity=\"{severity}\"}} 1\n")
    });
    // One node may have several of a kind.
    out.extend(series.collect::<BTreeSet<_>>());
}

/// Whether each proxy that was seen sends clients to each data node.
fn proxies(out: &mut String, status: &Status, cluster: &str) {
    if status.proxies.is_empty() {
        return;
    }
    let name = "galactl_proxy_sends_clients";
    let _ = write!(out, "# HELP {name} The proxy sends new clients to the node.\n# TYPE {name} gauge\n");
    for proxy in status.proxies.iter().filter(|proxy| proxy.unseen.is_none()) {
        for node in &status.nodes {
            let sends = flag(proxy.sends_to.contains(&node.node));
            let (proxy, node) = (&proxy.node, &node.node);
            let _ =
                writeln!(out, "{name}{{cluster=\"{cluster}\",proxy=\"{proxy}\",node=\"{node}\"}} {sends}");
        }
    }
}

/// The moment and not the time that is left: it stays true for as long as nobody asks again.
fn certificates(out: &mut String, status: &Status, cluster: &str) {
    if status.certificates.is_empty() {
        return;
    }
    let name = "galactl_certificate_expiry_timestamp_seconds";
    let help = "When the first certificate of the file expires, in seconds since 1970.";
    let _ = write!(out, "# HELP {name} {help}\n# TYPE {name} gauge\n");
    for certificate in &status.certificates {
        let (node, file, expires) = (&certificate.node, &certificate.file, certificate.expires);
        let _ = writeln!(out, "{name}{{cluster=\"{cluster}\",node=\"{node}\",file=\"{file}\"}} {expires}");
    }
}

/// The value; `None` where the server could not be asked.
fn known(node: &NodeStatus, value: f64) -> Option<f64> {
    (!node.state.is_unknown()).then_some(value)
}

fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

fn flag(value: bool) -> f64 {
    f64::from(u8::from(value))
}

#[allow(clippy::cast_precision_loss, reason = "Prometheus' values are floats")]
fn exact(value: u64) -> f64 {
    value as f64
}
