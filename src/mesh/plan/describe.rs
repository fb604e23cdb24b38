//! What was seen of a host, in one line.

use crate::kernel::facts::Answer;
use crate::kernel::model::words::bytes;
use crate::mesh::facts::HostFacts;
use crate::mesh::inventory::Node;
use crate::mesh::judge::Basis;

pub fn describe(basis: &Basis<'_>, node: &Node, facts: &HostFacts) -> String {
    let mut parts = vec![facts.machine.os.clone()];
    let major = facts.major().map(|major| format!("postgresql-{major}"));
    if let Some(version) = major.ok().and_then(|package| facts.installed(&package).map(str::to_owned)) {
        parts.push(format!("postgresql {version}"));
    }
    parts.push(match &facts.server {
        Answer::Told(live) if live.in_recovery => "a standby".into(),
        Answer::Told(live) if live.databases.is_empty() => "a server without databases of users".into(),
        Answer::Told(live) => {
            let told = live.databases.iter().map(|(name, size)| format!("{name} ({})", bytes(*size)));
            format!("a server with {}", told.collect::<Vec<_>>().join(", "))
        }
        Answer::Nobody(_) if !facts.datadir.exists => "no data".into(),
        Answer::Nobody(_) if facts.datadir.is_blank() => "no server runs, no data of users".into(),
        Answer::Nobody(_) => "no server runs, data of users".into(),
        Answer::Unseen(why) => format!("a server that gives no answer ({why})"),
    });
    if basis.is_member(node, facts) {
        parts.push("a member of the mesh".into());
    } else if facts.datadir.joining.is_some() {
        parts.push("a join was cut off".into());
    }
    parts.join(", ")
}
