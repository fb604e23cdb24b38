//! Stopped servers → how far their data got; nothing changed.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use crate::galera::facts::{HostFacts, Position, Recovered};
use crate::galera::inventory::Inventory;
use crate::galera::observation::Observation;
use crate::kernel::facts::Report;
use crate::kernel::model::NodeName;
use crate::kernel::transport::{Fleet, Host, RemoteCommand};

const SCRIPT: &str = concat!(include_str!("../../kernel/facts/head.sh"), include_str!("recover.sh"));
/// InnoDB's crash recovery may read all of a large redo log.
const DEADLINE: Duration = Duration::from_secs(900);

/// Asks every node that was seen and runs no server, all at once. `progress` is told the name of
/// each node that has answered.
pub async fn ask(
    inventory: &Inventory,
    fleet: &Fleet,
    observation: &Observation,
    progress: impl Fn(&NodeName),
) -> BTreeMap<NodeName, Recovered> {
    let mut tasks = JoinSet::new();
    for (name, facts) in observation.seen().filter(|(_, facts)| worth_asking(facts)) {
        let Some(host) = fleet.host_of(name) else { continue };
        let arguments = [inventory.host.unit.to_string(), facts.datadir.path.clone()];
        let command = RemoteCommand::new(SCRIPT, arguments).deadline(DEADLINE);
        let name = name.clone();
        tasks.spawn(async move { (name, recovered(&host, command).await) });
    }
    let mut found = BTreeMap::new();
    while let Some(result) = tasks.join_next().await {
        let Ok((name, recovered)) = result else { continue };
        progress(&name);
        found.insert(name, recovered);
    }
    found
}

/// A running server would have to be stopped first.
fn worth_asking(facts: &HostFacts) -> bool {
    !facts.server_runs() && facts.server.is_some()
}

async fn recovered(host: &Arc<Host>, command: RemoteCommand) -> Recovered {
    let report = match host.run(command).await {
        Ok(output) => Report::parse(&output.stdout).map_err(|error| error.to_string()),
        Err(error) => Err(error.to_string()),
    };
    match report {
        Ok(report) => Recovered::read(&report),
        Err(why) => Recovered { position: Position::Unknown(why), last_write: None },
    }
}
