//! Nodes → with whom each has connections for group communication at this moment.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;

use tokio::task::JoinSet;

use crate::galera::facts::group_peers;
use crate::galera::inventory::Inventory;
use crate::galera::model::Service;
use crate::kernel::facts::{HEAD, Report};
use crate::kernel::model::NodeName;
use crate::kernel::transport::{Host, RemoteCommand};

const PEERS: &str = include_str!("peers.sh");
const ASK: &str = "group_peers \"$1\"\necho\necho @end\n";

/// The ports at which the inventory's nodes talk to each other, with spaces between them.
pub fn group_ports(inventory: &Inventory) -> String {
    let ports: BTreeSet<u16> =
        inventory.nodes.iter().map(|node| node.port(Service::GroupCommunication)).collect();
    ports.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
}

/// Asks these nodes; one that cannot tell is left out.
pub async fn ask(
    inventory: &Inventory,
    hosts: impl IntoIterator<Item = (NodeName, Arc<Host>)>,
) -> BTreeMap<NodeName, BTreeSet<IpAddr>> {
    let mut tasks = JoinSet::new();
    for (node, host) in hosts {
        let command = RemoteCommand::of_pieces(&[HEAD, PEERS, ASK], [group_ports(inventory)]);
        tasks.spawn(async move {
            let report = Report::parse(&host.succeed(command).await.ok()?).ok()?;
            Some((node, group_peers(&report)?))
        });
    }
    tasks.join_all().await.into_iter().flatten().collect()
}
