//! Who is notified, and which alerts are silent because another alert is their cause.

use serde::Serialize;

use super::promql::{any_of, equals};
use super::yaml;
use crate::galera::inventory::Inventory;

/// The receiver's name.
pub const RECEIVER: &str = "operators";

#[derive(Serialize)]
struct Config {
    route: Route,
    inhibit_rules: Vec<Inhibition>,
    receivers: [Receiver; 1],
}

#[derive(Serialize)]
struct Route {
    receiver: &'static str,
    routes: [OfCluster; 1],
}

/// The alerts of one cluster come in one message, because one fault may make several fire.
#[derive(Serialize)]
struct OfCluster {
    matchers: [String; 1],
    receiver: &'static str,
    group_by: [&'static str; 1],
    group_wait: &'static str,
    group_interval: &'static str,
    repeat_interval: &'static str,
}

#[derive(Serialize)]
struct Inhibition {
    source_matchers: Vec<String>,
    target_matchers: Vec<String>,
    equal: &'static [&'static str],
}

#[derive(Serialize)]
struct Receiver {
    name: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    webhook_configs: Vec<Webhook>,
}

#[derive(Serialize)]
struct Webhook {
    url: String,
    send_resolved: bool,
}

/// An alert that is the cause of others, the names of those, and the labels that both must share.
pub(super) struct Reason {
    pub because: &'static str,
    pub silent: &'static [&'static str],
    equal: &'static [&'static str],
}

const CLUSTER: &[&str] = &["cluster"];
const NODE: &[&str] = &["cluster", "node"];

pub(super) const REASONS: &[Reason] = &[
    Reason {
        because: "GaleraNoPrimary",
        silent: &[
            "GaleraNodeNotPrimary",
            "GaleraWritesStall",
            "GaleraFlowControl",
            "GaleraReceiveQueue",
            "GaleraSendQueue",
            "GaleraProxyDisagrees",
        ],
        equal: CLUSTER,
    },
    Reason {
        because: "GaleraNodeNotPrimary",
        silent: &["GaleraReceiveQueue", "GaleraSendQueue", "GaleraProxyDisagrees", "GaleraFinding"],
        equal: NODE,
    },
    Reason { because: "GaleraNodeNotPrimary", silent: &["GaleraClusterSmaller"], equal: CLUSTER },
    // Each part of a split cluster is smaller than the whole.
    Reason { because: "GaleraTwoViews", silent: &["GaleraClusterSmaller"], equal: CLUSTER },
    Reason {
        because: "GaleraNodeDown",
        silent: &["GaleraExporterSilent", "GaleraProxyDisagrees", "GaleraFinding"],
        equal: NODE,
    },
    Reason { because: "GaleraNodeDown", silent: &["GaleraClusterSmaller"], equal: CLUSTER },
    // Writes that flow control holds up wait in the send queue of the node on which they are made.
    Reason { because: "GaleraFlowControl", silent: &["GaleraSendQueue"], equal: CLUSTER },
    // A node without room on its disk tells the proxies to send no clients.
    Reason { because: "GaleraDiskFills", silent: &["GaleraProxyDisagrees"], equal: NODE },
];

/// A whole configuration. `webhook`: where alerts are sent to; without it, the receiver is for the user to fill in.
pub fn alertmanager(inventory: &Inventory, webhook: Option<&str>) -> String {
    let own = equals("cluster", inventory.cluster.as_str());
    let route = OfCluster {
        matchers: [own.clone()],
        receiver: RECEIVER,
        group_by: ["cluster"],
        group_wait: "10s",
        group_interval: "30s",
        repeat_interval: "4h",
    };
    let webhooks = webhook.map(|url| Webhook { url: url.to_owned(), send_resolved: true });
    let config = Config {
        route: Route { receiver: RECEIVER, routes: [route] },
        inhibit_rules: inhibitions(&own),
        receivers: [Receiver { name: RECEIVER, webhook_configs: webhooks.into_iter().collect() }],
    };
    let what = match webhook {
        Some(_) => "For Alertmanager.".to_owned(),
        None => format!(
            "For Alertmanager. Nobody is told yet: say under the receiver `{RECEIVER}` to whom alerts go, for example\n#   webhook_configs: [{{url: https://chat.example/hook}}]"
        ),
    };
    yaml::text(&what, &config)
}

fn inhibitions(own: &str) -> Vec<Inhibition> {
    let reason = |reason: &Reason| Inhibition {
        source_matchers: vec![own.to_owned(), equals("alertname", reason.because)],
        target_matchers: vec![
            own.to_owned(),
            any_of("alertname", &reason.silent.iter().map(ToString::to_string).collect::<Vec<_>>()),
        ],
        equal: reason.equal,
    };
    // Of two levels of one alert, only the worse one is sent.
    let levels = Inhibition {
        source_matchers: vec![own.to_owned(), equals("severity", "critical")],
        target_matchers: vec![own.to_owned(), equals("severity", "warning")],
        equal: &["alertname", "cluster", "node", "mountpoint"],
    };
    REASONS.iter().map(reason).chain([levels]).collect()
}
