//! What a standalone server has that is to become the cluster's first, and whether the other hosts can follow it.

use std::time::Duration;

use super::look;
use crate::kernel::model::NodeName;
use crate::kernel::transport::asking::run;
use crate::kernel::transport::{Fleet, RemoteCommand};
use crate::patroni::facts::{Beside, HostFacts, SeedFacts, Standalone};
use crate::patroni::inventory::Inventory;
use crate::patroni::inventory::settings::GREAT_ON_STANDBYS;
use crate::patroni::observation::Observation;

/// Each setting of its files is a program of its own.
const DEADLINE: Duration = Duration::from_secs(120);

/// Asks the seed, then every other host. `None`: the inventory has no seed with data that was seen.
pub async fn seed(inventory: &Inventory, observation: &Observation, fleet: &Fleet) -> Option<SeedFacts> {
    let name = inventory.seed.as_ref()?;
    let facts = observation.facts(name).filter(|facts| facts.datadir.holds_cluster())?;
    let version = facts.datadir.version()?;
    let told = run([(name.clone(), of_seed(facts, version, inventory.postgresql.port))], fleet).await;
    let standalone = match told.into_values().next()? {
        Ok(report) => Standalone::read(&report),
        Err(why) => return Some(SeedFacts::unseen(why.to_string())),
    };
    let others = observation.seen().map(|(other, _)| other).filter(|other| *other != name);
    let looks = others.map(|other| (other.clone(), beside(version, &standalone.tablespaces)));
    let told = run(looks.collect::<Vec<(NodeName, RemoteCommand)>>(), fleet).await;
    let told = told.into_iter().filter_map(|(other, report)| Some((other, Beside::read(&report.ok()?))));
    Some(SeedFacts { beside: told.collect(), standalone: Ok(standalone) })
}

fn of_seed(facts: &HostFacts, version: &str, port: u16) -> RemoteCommand {
    let name = facts.debian_cluster().map_or("", |cluster| &cluster.name);
    let port = port.to_string();
    let words = [facts.datadir.path.as_str(), version, name, &port].into_iter().chain(GREAT_ON_STANDBYS);
    RemoteCommand::of_pieces(&look::SEED, words.map(str::to_owned)).deadline(DEADLINE)
}

fn beside(version: &str, tablespaces: &[String]) -> RemoteCommand {
    let words = std::iter::once(version.to_owned()).chain(tablespaces.iter().cloned());
    RemoteCommand::of_pieces(&look::BESIDE_SEED, words).deadline(DEADLINE)
}
