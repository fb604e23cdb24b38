//! Hosts of a cluster that is to be adopted → what is around their servers.

use std::collections::BTreeMap;

use tokio::task::JoinSet;

use crate::galera::facts::Surroundings;
use crate::galera::inventory::Inventory;
use crate::galera::tls::settings::NODE;
use crate::kernel::facts::Report;
use crate::kernel::model::NodeName;
use crate::kernel::transport::{Fleet, RemoteCommand};

const SCRIPT: &str = concat!(
    include_str!("../../kernel/facts/head.sh"),
    include_str!("../tls/certificates.sh"),
    include_str!("adopt.sh")
);

/// Asks every host at once. Of one that does not tell, nothing is known.
pub async fn ask(inventory: &Inventory, fleet: &Fleet) -> BTreeMap<NodeName, Surroundings> {
    let mut tasks = JoinSet::new();
    for name in inventory.nodes.iter().map(|node| node.name.clone()) {
        let Some(host) = fleet.host_of(&name) else { continue };
        tasks.spawn(async move {
            let text = host.succeed(RemoteCommand::new(SCRIPT, [NODE.ca, NODE.pair])).await.ok()?;
            Some((name, Surroundings::read(&Report::parse(&text).ok()?)))
        });
    }
    tasks.join_all().await.into_iter().flatten().collect()
}
