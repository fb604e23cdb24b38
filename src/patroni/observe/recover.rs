//! How far the data of stopped nodes got, without changing it.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use super::look::RECOVER;
use crate::kernel::facts::Report;
use crate::kernel::model::NodeName;
use crate::kernel::transport::{Fleet, RemoteCommand};
use crate::patroni::facts::Recovered;
use crate::patroni::observation::Observation;

/// Reading the WAL since the last checkpoint may take minutes.
const DEADLINE: Duration = Duration::from_secs(600);

/// Asks each node that has data and whose server does not answer. `told` hears of each that has answered.
pub async fn ask(fleet: &Fleet, observation: &mut Observation, told: impl Fn(&NodeName)) {
    let mut tasks = JoinSet::new();
    for (node, facts) in
        observation.seen().filter(|(_, facts)| facts.datadir.holds_cluster() && facts.live().is_none())
    {
        let Some(host) = fleet.host_of(node) else { continue };
        let (node, host, datadir) = (node.clone(), Arc::clone(&host), facts.datadir.path.clone());
        tasks.spawn(async move {
            let command = RemoteCommand::of_pieces(&RECOVER, [datadir]).deadline(DEADLINE);
            let told = match host.succeed(command).await {
                Ok(text) => Report::parse(&text).map_err(|error| error.to_string()),
                Err(error) => Err(error.to_string()),
            };
            (node, told.map_or_else(Recovered::unknown, |report| Recovered::read(&report)))
        });
    }
    let mut recovered = std::collections::BTreeMap::new();
    while let Some(Ok((node, found))) = tasks.join_next().await {
        told(&node);
        recovered.insert(node, found);
    }
    observation.recovered = Some(recovered);
}
