//! Hosts of a cluster that is to be adopted → how Patroni runs there.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::kernel::facts::{END, HEAD, MACHINE, Unseen};
use crate::kernel::model::NodeName;
use crate::kernel::transport::asking::run;
use crate::kernel::transport::{Fleet, RemoteCommand};
use crate::patroni::facts::Surroundings;
use crate::patroni::inventory::Inventory;

const DEADLINE: Duration = Duration::from_secs(30);

/// Asks the host of every node at once. Of one that does not tell: why.
pub async fn ask(inventory: &Inventory, fleet: &Fleet) -> BTreeMap<NodeName, Result<Surroundings, Unseen>> {
    let pieces = [HEAD, MACHINE, include_str!("adopt.sh"), END];
    let look = || RemoteCommand::of_pieces(&pieces, [""; 0]).deadline(DEADLINE);
    let told = run(inventory.nodes.iter().map(|node| (node.name.clone(), look())), fleet).await;
    told.into_iter().map(|(name, told)| (name, told.map(|report| Surroundings::read(&report)))).collect()
}
