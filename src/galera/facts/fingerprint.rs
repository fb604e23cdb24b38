//! The facts of a node that decide what a plan does there.

use super::{Grastate, HostFacts};
use crate::kernel::facts::{ConfigFile, Facts, Fingerprint, beginning, list};
use crate::kernel::model::sha256;

/// `role`: what the node is to its host.
pub fn fingerprint(role: &str, facts: &HostFacts) -> Fingerprint {
    Fingerprint::of(facts.machine.fingerprint(), role, of_server(facts))
}

fn of_server(facts: &HostFacts) -> Facts {
    vec![
        ("server version", facts.server.map_or_else(|| "not installed".into(), |v| v.to_string())),
        ("packages", list(&facts.packages, |(name, version)| format!("{name} {version}"))),
        ("unit", facts.unit.in_words()),
        ("state", facts.state().to_string()),
        ("saved state", saved_state(&facts.datadir.grastate)),
        ("view", view(facts)),
        ("bootstrap intent", list(&facts.intents, ToString::to_string)),
        ("data directory", facts.datadir.path.clone()),
        ("databases", list(&facts.datadir.schemas, |schema| schema.name.clone())),
        ("provider", facts.providers.first().cloned().unwrap_or_default()),
        ("options", options(facts)),
        ("option file", facts.config.as_ref().map_or_else(|| "absent".into(), ConfigFile::in_words)),
    ]
}

/// What all option files give the server, as the beginning of a digest.
fn options(facts: &HostFacts) -> String {
    let lines: Vec<_> = facts.options.iter().map(|(name, value)| format!("{name}={value}\n")).collect();
    format!("sha256 {}", beginning(&sha256(lines.concat())))
}

fn saved_state(grastate: &Grastate) -> String {
    match grastate {
        Grastate::Absent => "no grastate.dat".into(),
        Grastate::Empty => "an empty grastate.dat".into(),
        Grastate::Unreadable(why) => why.clone(),
        Grastate::Saved(state) => match state.safe_to_bootstrap {
            None => state.position.to_string(),
            Some(flag) => format!("{} safe_to_bootstrap {}", state.position, u8::from(flag)),
        },
    }
}

/// A running member's view. Its seqno moves with every write and is not in it.
fn view(facts: &HostFacts) -> String {
    let Some(live) = facts.live().filter(|live| live.wsrep_on) else { return "none".into() };
    let members = live.members.join(", ");
    format!("`{}` view {}, size {}: {members}", live.cluster_name, live.conf_id, live.cluster_size)
}
