//! Running servers → what their counters do in a second.

use std::collections::BTreeMap;

use tokio::task::JoinSet;

use crate::facts::{Rates, Report};
use crate::inventory::Inventory;
use crate::model::NodeName;
use crate::transport::{Fleet, RemoteCommand};

const SCRIPT: &str = concat!(include_str!("head.sh"), include_str!("sample.sh"));

/// Takes two samples of every node at once, these milliseconds apart. A server that does not answer has no rates.
pub async fn ask(inventory: &Inventory, fleet: &Fleet, milliseconds: u32) -> BTreeMap<NodeName, Rates> {
    let arguments = [inventory.host.unit.to_string(), milliseconds.to_string()];
    let command = RemoteCommand::new(SCRIPT, arguments);
    let mut tasks = JoinSet::new();
    for host in fleet.hosts().into_iter().filter(|host| inventory.node(&host.name).is_some()) {
        let command = command.clone();
        tasks.spawn(async move {
            let text = host.succeed(command).await.ok()?;
            let rates = Report::parse(&text).ok()?.rates()?;
            Some((host.name.clone(), rates))
        });
    }
    let mut rates = BTreeMap::new();
    while let Some(result) = tasks.join_next().await {
        rates.extend(result.ok().flatten());
    }
    rates
}
