//! A host in one line.

use crate::galera::facts::{HostFacts, NodeState};
use crate::kernel::model::words::count;

/// A host in one line.
pub fn describe(facts: &HostFacts) -> String {
    let version = facts.server.map_or_else(|| "no server".to_owned(), |version| format!("MariaDB {version}"));
    let state = match facts.state() {
        NodeState::Fresh if facts.server_runs() => "runs standalone".to_owned(),
        NodeState::Fresh => "stopped, never in a cluster".to_owned(),
        NodeState::Primary { .. } => facts.live().map_or_else(String::new, |live| {
            format!(
                "member of `{}`, Primary, {}, one of {}",
                live.cluster_name, live.local_state, live.cluster_size
            )
        }),
        NodeState::Mute { .. } if facts.unit.is_activating() => "is starting".to_owned(),
        other => other.to_string(),
    };
    let removed = facts.removed().map_or("", |_| "removed by galactl, ");
    let schemas = match facts.datadir.schemas.len() {
        0 => "no databases of users".to_owned(),
        n => format!("{} of users", count(n, "database")),
    };
    format!("{}, {version}, {removed}{state}, {schemas}", facts.machine.os)
}
