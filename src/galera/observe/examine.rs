//! Hosts with a server → what only a doctor asks of them.

use std::collections::BTreeMap;

use tokio::task::JoinSet;

use crate::galera::facts::Examined;
use crate::galera::judge::Basis;
use crate::galera::model::Distribution;
use crate::kernel::facts::{HEAD, Report};
use crate::kernel::model::NodeName;
use crate::kernel::transport::{Fleet, RemoteCommand};

const EXAMINE: &str = include_str!("examine.sh");

/// Asks every host that has a server.
pub async fn ask(basis: &Basis<'_>, fleet: &Fleet) -> BTreeMap<NodeName, Examined> {
    let inventory = basis.inventory;
    let has_account = Distribution::of(inventory.flavour).needs_sst_account(inventory.sst.method);
    let nodes = || basis.nodes().filter(|(_, facts)| facts.server.is_some());
    let mut tasks = JoinSet::new();
    for (node, facts) in nodes() {
        let Some(host) = fleet.host_of(&node.name) else { continue };
        let login = if has_account && facts.is_primary() { "login" } else { "" };
        let command = RemoteCommand::of_pieces(&[HEAD, EXAMINE], [facts.socket.as_str(), login]);
        let name = node.name.clone();
        tasks.spawn(async move {
            let report = Report::parse(&host.succeed(command).await.ok()?).ok()?;
            Some((name, Examined::read(&report)))
        });
    }
    tasks.join_all().await.into_iter().flatten().collect()
}
