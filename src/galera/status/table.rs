//! The status as rows.

use super::{NodeStatus, Status};
use crate::galera::plan::roles::ArbitratorState;
use crate::kernel::model::words::span;

pub const HEADINGS: [&str; 12] = [
    "NODE",
    "ADDRESS",
    "STATE",
    "SIZE",
    "VIEW",
    "SEQNO",
    "QUEUE",
    "FLOW",
    "CERT/S",
    "ABORT/S",
    "IST WINDOW",
    "VERSION",
];

/// A row for each data node, each arbitrator and each proxy, under [`HEADINGS`].
pub fn rows(status: &Status) -> Vec<Vec<String>> {
    let nodes = status.nodes.iter().map(row);
    let arbitrators = status.arbitrators.iter().map(|arbitrator| {
        let state = match (arbitrator.state, arbitrator.counted) {
            (ArbitratorState::Running | ArbitratorState::NotSeen, Some(true)) => "arbitrator, counted".into(),
            (ArbitratorState::Running, Some(false)) => "arbitrator, not counted !".into(),
            (ArbitratorState::Running, None) => "arbitrator".into(),
            (state, _) => format!("arbitrator, {state} !"),
        };
        let mut cells = vec![arbitrator.node.to_string(), arbitrator.address.clone(), state];
        cells.resize(HEADINGS.len(), "-".into());
        cells
    });
    let proxies = status.proxies.iter().map(|proxy| {
        let mut cells = vec![proxy.node.to_string(), proxy.address.clone(), proxy.state.clone()];
        cells.resize(HEADINGS.len(), "-".into());
        cells
    });
    nodes.chain(arbitrators).chain(proxies).collect()
}

fn row(node: &NodeStatus) -> Vec<String> {
    let dash = || "-".to_owned();
    let number = |value: u64| if node.primary || value > 0 { value.to_string() } else { dash() };
    let rate = |of: fn(&crate::galera::facts::Rates) -> f64| {
        node.rates.as_ref().map_or_else(dash, |rates| decimal(of(rates)))
    };
    let drift = if node.config_in_force == Some(false) { " (drift)" } else { "" };
    let state = if node.primary { node.state.to_string() } else { format!("{} !", node.state) };
    vec![
        node.node.to_string(),
        node.address.clone(),
        state,
        number(node.size),
        number(node.view),
        node.seqno.map_or_else(dash, |seqno| seqno.to_string()),
        node.rates.as_ref().map_or_else(dash, |rates| rates.receive_queue.to_string()),
        node.rates.as_ref().map_or_else(dash, |rates| format!("{:.0} %", rates.flow_control * 100.0)),
        rate(|rates| rates.cert_failures),
        rate(|rates| rates.aborts),
        match (&node.rates, node.ist_window) {
            (Some(_), None) => "no writes".into(),
            (_, Some(seconds)) => span(seconds),
            (None, None) => dash(),
        },
        node.version.as_ref().map_or_else(dash, |version| format!("{version}{drift}")),
    ]
}

pub(super) fn decimal(value: f64) -> String {
    if value == 0.0 { "0".into() } else { format!("{value:.1}") }
}
