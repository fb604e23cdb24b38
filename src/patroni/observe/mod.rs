//! Hosts → [`Observation`]: one round trip a host, all hosts at once, nothing changed.

pub mod look;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use super::facts::{EtcdHostFacts, HostFacts, Place, Recovered, WalDigests};
use super::observation::Observation;
use crate::kernel::facts::{Malformed, Report, Seen, Unseen};
use crate::kernel::model::{NodeName, Secrets};
use crate::kernel::transport::{Fleet, Host, RemoteCommand, TransportError};
use look::Look;

/// The longest questions of a look wait for 20 s, and the others for 12 s.
const DEADLINE: Duration = Duration::from_secs(60);
/// pg_waldump reads all WAL since the last checkpoint, of each timeline.
const RECOVER_DEADLINE: Duration = Duration::from_secs(600);

/// What each host printed, or why it did not. Reports hold secrets in clear text.
pub type Reports = BTreeMap<NodeName, Result<Report, Unseen>>;

/// Runs each member's look on its host, all at once.
pub async fn ask(looks: impl IntoIterator<Item = (NodeName, Look)>, fleet: &Fleet) -> Reports {
    let commands = looks.into_iter().map(|(name, look)| {
        (name, RemoteCommand::of_pieces(&look.pieces, look.arguments).deadline(DEADLINE))
    });
    run(commands, fleet).await
}

/// Understands the reports; secrets in them are replaced. `folder`: that of the scope's keys in etcd, such as
/// `/service/core`.
pub fn observation(nodes: &Reports, etcd_hosts: &Reports, folder: &str, secrets: &Secrets) -> Observation {
    Observation {
        nodes: seen(nodes, |report| HostFacts::read(report, folder, secrets)),
        etcd_hosts: seen(etcd_hosts, |report| EtcdHostFacts::read(report, folder)),
        recovered: None,
    }
}

/// Asks every node that was seen and runs no server how far its data got.
pub async fn recover(observation: &Observation, fleet: &Fleet) -> BTreeMap<NodeName, Recovered> {
    let stopped =
        observation.seen().filter(|(_, facts)| !facts.server_runs() && facts.datadir.holds_cluster());
    let commands = stopped.map(|(name, facts)| {
        let command = RemoteCommand::of_pieces(&look::RECOVER, [facts.datadir.path.clone()]);
        (name.clone(), command.deadline(RECOVER_DEADLINE))
    });
    let reports = run(commands.collect::<Vec<_>>(), fleet).await;
    let read = |report: Result<Report, Unseen>| match report {
        Ok(report) => Recovered::read(&report),
        Err(why) => Recovered::unknown(why.to_string()),
    };
    reports.into_iter().map(|(name, report)| (name, read(report))).collect()
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
        Some((name.clone(), command.deadline(DEADLINE)))
    });
    let reports = run(commands.collect::<Vec<_>>(), fleet).await;
    let read = |report: Result<Report, Unseen>| report.map(|it| WalDigests::read(&it)).unwrap_or_default();
    reports.into_iter().map(|(name, report)| (name, read(report))).collect()
}

async fn run(commands: impl IntoIterator<Item = (NodeName, RemoteCommand)>, fleet: &Fleet) -> Reports {
    let mut tasks = JoinSet::new();
    let mut reports = Reports::new();
    for (name, command) in commands {
        match (fleet.host_of(&name), fleet.why_unreachable(&name)) {
            (Some(host), _) => drop(tasks.spawn(async move { (name, report(&host, command).await) })),
            (None, Some(why)) => drop(reports.insert(name, Err(unseen(why)))),
            (None, None) => drop(reports.insert(name, Err("it is not connected".into()))),
        }
    }
    reports.extend(tasks.join_all().await);
    reports
}

async fn report(host: &Arc<Host>, command: RemoteCommand) -> Result<Report, Unseen> {
    let text = host.succeed(command).await.map_err(|error| unseen(&error))?;
    Report::parse(&text).map_err(|error| error.to_string().into())
}

fn unseen(error: &TransportError) -> Unseen {
    match error {
        TransportError::NotRoot { .. } => Unseen::NotRoot(error.to_string()),
        _ => Unseen::Other(error.to_string()),
    }
}

fn seen<Facts>(
    reports: &Reports,
    understand: impl Fn(&Report) -> Result<Facts, Malformed>,
) -> BTreeMap<NodeName, Seen<Facts>> {
    let see = |report: &Result<Report, Unseen>| {
        let facts = report.as_ref().map_err(Clone::clone);
        let facts = facts.and_then(|report| understand(report).map_err(|error| error.to_string().into()));
        facts.map_or_else(Seen::Unreachable, |facts| Seen::Facts(Box::new(facts)))
    };
    reports.iter().map(|(name, report)| (name.clone(), see(report))).collect()
}
