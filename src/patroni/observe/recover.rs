//! How far the data of stopped nodes got, and whether it is one history; without changing it.

use std::collections::BTreeMap;
use std::time::Duration;

use super::look;
use crate::kernel::model::NodeName;
use crate::kernel::transport::asking::run;
use crate::kernel::transport::{Fleet, RemoteCommand};
use crate::patroni::facts::{Place, Recovered, WalDigests};
use crate::patroni::observation::Observation;

/// pg_waldump reads all WAL since the last checkpoint, of each timeline.
const RECOVER_DEADLINE: Duration = Duration::from_secs(600);
const DIGEST_DEADLINE: Duration = Duration::from_secs(60);

/// Asks every node that was seen and runs no server how far its data got.
pub async fn recover(observation: &Observation, fleet: &Fleet) -> BTreeMap<NodeName, Recovered> {
    let stopped =
        observation.seen().filter(|(_, facts)| !facts.server_runs() && facts.datadir.holds_cluster());
    let commands = stopped.map(|(name, facts)| {
        let command = RemoteCommand::of_pieces(&look::RECOVER, [facts.datadir.path.clone()]);
        (name.clone(), command.deadline(RECOVER_DEADLINE))
    });
    let told = run(commands.collect::<Vec<_>>(), fleet).await;
    let read = |report: Result<_, crate::kernel::facts::Unseen>| match report {
        Ok(report) => Recovered::read(&report),
        Err(why) => Recovered::unknown(why.to_string()),
    };
    told.into_iter().map(|(name, report)| (name, read(report))).collect()
}

/// Asks nodes for their WAL before some places; who does not answer has none.
pub async fn digests(
    observation: &Observation,
    fleet: &Fleet,
    places: &BTreeMap<NodeName, Vec<Place>>,
) -> BTreeMap<NodeName, WalDigests> {
    let commands = places.iter().filter_map(|(name, places)| {
        let datadir = [observation.facts(name)?.datadir.path.clone()];
        let places = places.iter().flat_map(|it| [it.timeline.to_string(), it.at.to_string()]);
        let command = RemoteCommand::of_pieces(&look::DIGEST, datadir.into_iter().chain(places));
        Some((name.clone(), command.deadline(DIGEST_DEADLINE)))
    });
    let told = run(commands.collect::<Vec<_>>(), fleet).await;
    told.into_iter()
        .map(|(name, report)| (name, report.map(|it| WalDigests::read(&it)).unwrap_or_default()))
        .collect()
}
