//! Option files → whether the installed servers would start with them. Nothing is put in place.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::task::JoinSet;

use crate::galera::config::fill_in;
use crate::galera::facts::{HostFacts, Tried};
use crate::galera::inventory::Node;
use crate::galera::judge::Basis;
use crate::galera::judge::wanted::to_put;
use crate::kernel::facts::{HEAD, Report};
use crate::kernel::model::{NodeName, Secrets};
use crate::kernel::transport::{Fleet, RemoteCommand};

const TRIES: &str = concat!(include_str!("../judge/known_options.sh"), include_str!("tries.sh"));
const DEADLINE: Duration = Duration::from_secs(60);

/// A node with its facts, the file that is to be put in place, and whether the files that are there are to be read.
type Files<'a> = (&'a Node, &'a HostFacts, String, bool);

/// Asks every installed server of the file that is to be put on its host, and of those that are there. A file
/// that replaces one is read without the others: among them is the one that it replaces.
pub async fn ask(basis: &Basis<'_>, fleet: &Fleet, secrets: &Secrets) -> BTreeMap<NodeName, Tried> {
    let files = installed(basis).filter_map(|(node, facts)| {
        let new = new_file(basis, node, facts, secrets)?;
        let own = new.is_empty() || facts.config.is_none();
        Some((node, facts, new, own))
    });
    try_files(files, fleet, secrets).await
}

/// Asks every installed server of the files that are there.
pub async fn ask_own(basis: &Basis<'_>, fleet: &Fleet, secrets: &Secrets) -> BTreeMap<NodeName, Tried> {
    let files = installed(basis).map(|(node, facts)| (node, facts, String::new(), true));
    try_files(files, fleet, secrets).await
}

fn installed<'a>(basis: &Basis<'a>) -> impl Iterator<Item = (&'a Node, &'a HostFacts)> {
    basis.nodes().filter(|(_, facts)| facts.server.is_some())
}

async fn try_files<'a>(
    files: impl Iterator<Item = Files<'a>>,
    fleet: &Fleet,
    secrets: &Secrets,
) -> BTreeMap<NodeName, Tried> {
    let mut tasks = JoinSet::new();
    for (node, facts, new, own) in files {
        let Some(host) = fleet.host_of(&node.name) else { continue };
        let words = [if new.is_empty() { "" } else { "new" }, if own { "own" } else { "" }, &facts.socket];
        let command = RemoteCommand::of_pieces(&[HEAD, TRIES], words).input(new).deadline(DEADLINE);
        let (node, secrets) = (node.name.clone(), secrets.clone());
        tasks.spawn(async move {
            let report = Report::parse(&host.succeed(command).await.ok()?).ok()?;
            Some((node, Tried::read(&report, &secrets)))
        });
    }
    tasks.join_all().await.into_iter().flatten().collect()
}

/// With the secrets' values; empty where none is to be put. `None`: it cannot be made, which the plan itself says.
fn new_file(basis: &Basis<'_>, node: &Node, facts: &HostFacts, secrets: &Secrets) -> Option<String> {
    match to_put(basis, node, facts).ok()? {
        Some(wanted) => fill_in(&wanted.text, secrets).ok(),
        None => Some(String::new()),
    }
}
