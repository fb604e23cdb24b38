//! Hosts → [`Observation`]: one round trip a node, all nodes at once, nothing changed.

pub mod adopt;
pub mod glance;
pub mod ports;
pub mod recover;
pub mod sample;
pub mod watch;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use crate::config::{GARBD_FILE, GARBD_PACKAGE, sst_password_in};
use crate::facts::{ArbitratorFacts, Malformed, Observation, Report, Seen};
use crate::inventory::Inventory;
use crate::inventory::options::canonical;
use crate::model::{Distribution, NodeName, SecretName, SecretRef, Secrets, UnitName};
use crate::transport::{Fleet, Host, RemoteCommand};

const SCRIPT: &str = concat!(include_str!("head.sh"), include_str!("observe.sh"));
const ARBITRATOR: &str = concat!(include_str!("head.sh"), include_str!("arbitrator.sh"));
const DEADLINE: Duration = Duration::from_secs(40);
/// Looking up every peer of a large cluster on every node would cost more than it tells.
const MOST_LOOKUPS: usize = 8;

/// The raw reports of all hosts. They hold secrets in clear text and never leave this module's
/// callers in that form.
pub struct Reports {
    nodes: Vec<Told>,
    arbitrators: Vec<Told>,
}

type Told = (NodeName, Result<Report, String>);

/// Asks every host.
pub async fn ask(inventory: &Inventory, fleet: &Fleet) -> Reports {
    let (node, arbitrator) = (command(inventory), arbitrator_command());
    let mut tasks = JoinSet::new();
    for host in fleet.hosts() {
        let command = if inventory.node(&host.name).is_some() { &node } else { &arbitrator }.clone();
        tasks.spawn(async move { (host.name.clone(), report(&host, command).await) });
    }
    let mut reports: Vec<_> =
        fleet.unreachable.iter().map(|(name, error)| (name.clone(), Err(error.to_string()))).collect();
    while let Some(result) = tasks.join_next().await {
        reports.extend(result.ok());
    }
    let (nodes, arbitrators) = reports.into_iter().partition(|(name, _)| inventory.node(name).is_some());
    Reports { nodes, arbitrators }
}

/// Asks one node.
pub async fn ask_one(inventory: &Inventory, host: &Arc<Host>) -> Reports {
    let nodes = vec![(host.name.clone(), report(host, command(inventory)).await)];
    Reports { nodes, arbitrators: Vec::new() }
}

/// Asks one arbitrator's host.
pub async fn ask_arbitrator(host: &Arc<Host>) -> Seen<ArbitratorFacts> {
    see(&report(host, arbitrator_command()).await, Report::arbitrator)
}

async fn report(host: &Arc<Host>, command: RemoteCommand) -> Result<Report, String> {
    let text = host.succeed(command).await.map_err(|error| error.to_string())?;
    Report::parse(&text).map_err(|error| error.to_string())
}

fn command(inventory: &Inventory) -> RemoteCommand {
    let layout = &inventory.host;
    let distribution = Distribution::of(inventory.flavour);
    let providers = layout.provider.clone().unwrap_or_else(|| distribution.providers.join(" "));
    let fixed = [
        layout.unit.to_string(),
        layout.config_file.clone(),
        inventory.sst.user.to_string(),
        providers,
        own_options(inventory),
    ];
    let peers = inventory.nodes.iter().take(MOST_LOOKUPS).map(|node| node.address.to_string());
    RemoteCommand::new(SCRIPT, fixed.into_iter().chain(peers)).deadline(DEADLINE)
}

/// The names of the server options that the inventory sets, as SQL literals; names that no server
/// variable has are left out.
fn own_options(inventory: &Inventory) -> String {
    let names = inventory.nodes.iter().flat_map(|node| node.mysqld.keys().map(|name| canonical(name)));
    let is_plain = |name: &String| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let names: BTreeSet<String> = names.filter(is_plain).map(|name| format!("'{name}'")).collect();
    names.into_iter().collect::<Vec<_>>().join(",")
}

fn arbitrator_command() -> RemoteCommand {
    let unit = UnitName::garbd();
    RemoteCommand::new(ARBITRATOR, [unit.as_str(), GARBD_PACKAGE, GARBD_FILE]).deadline(DEADLINE)
}

impl Reports {
    /// Adds a generated SST password to the secrets: the one that the nodes have already, or a
    /// new one. Other secrets were resolved before any host was asked.
    pub fn complete(&self, inventory: &Inventory, secrets: &mut Secrets) {
        if inventory.sst.password != SecretRef::Generated || secrets.get(SecretName::SstPassword).is_some() {
            return;
        }
        let reports = || self.nodes.iter().filter_map(|(_, report)| report.as_ref().ok());
        let known = reports().filter_map(Report::config_text).find_map(sst_password_in);
        // A cluster that others have set up has it in their files.
        let user = inventory.sst.user.as_str();
        let known = known.or_else(|| reports().find_map(|report| report.sst_password_of(user)));
        secrets.insert(SecretName::SstPassword, known.unwrap_or_else(crate::secrets::generate));
    }

    /// Understands the reports; secrets in them are replaced.
    pub fn observation(&self, secrets: &Secrets) -> Observation {
        let node = |(name, report): &Told| (name.clone(), see(report, |report| report.facts(secrets)));
        let arbitrator = |(name, report): &Told| (name.clone(), see(report, Report::arbitrator));
        Observation {
            nodes: self.nodes.iter().map(node).collect(),
            arbitrators: self.arbitrators.iter().map(arbitrator).collect(),
            ..Observation::default()
        }
    }
}

fn see<Facts>(
    report: &Result<Report, String>,
    understand: impl Fn(&Report) -> Result<Facts, Malformed>,
) -> Seen<Facts> {
    let facts = report.as_ref().map_err(Clone::clone);
    let facts = facts.and_then(|report| understand(report).map_err(|error| error.to_string()));
    facts.map_or_else(Seen::Unreachable, |facts| Seen::Facts(Box::new(facts)))
}
