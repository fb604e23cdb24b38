//! Running servers → what their counters do in a second.

use std::collections::BTreeMap;

use tokio::task::JoinSet;

use crate::galera::facts::Rates;
use crate::galera::inventory::Inventory;
use crate::kernel::facts::Report;
use crate::kernel::model::NodeName;
use crate::kernel::transport::{Fleet, RemoteCommand};

const SCRIPT: &str = concat!(include_str!("../../kernel/facts/head.sh"), include_str!("sample.sh"));

/// Takes two samples of every node at once, these milliseconds apart. A server that does not answer has no rates.
pub async fn ask(inventory: &Inventory, fleet: &Fleet, milliseconds: u32) -> BTreeMap<NodeName, Rates> {
    let arguments = [inventory.host.unit.to_string(), milliseconds.to_string()];
    let command = RemoteCommand::new(SCRIPT, arguments);
    let mut tasks = JoinSet::new();
    for name in inventory.nodes.iter().map(|node| node.name.clone()) {
        let Some(host) = fleet.host_of(&name) else { continue };
        let command = command.clone();
        tasks.spawn(async move {
            let text = host.succeed(command).await.ok()?;
            let rates = Rates::read(&Report::parse(&text).ok()?)?;
            Some((name, rates))
        });
    }
    let mut rates = BTreeMap::new();
    while let Some(result) = tasks.join_next().await {
        rates.extend(result.ok().flatten());
    }
    rates
}
