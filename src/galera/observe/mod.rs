//! Hosts → [`Observation`]: one round trip a member, all hosts at once, nothing changed.

pub mod adopt;
pub mod examine;
pub mod glance;
pub mod peers;
pub mod ports;
mod pt_osc;
pub mod recover;
pub mod sample;
pub mod schema;
mod statements;
pub mod table;
mod tmpdir;
pub mod tries;
pub mod watch;
pub mod written;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use super::config::sst_password_in;
use super::endpoint::Endpoint;
use super::facts::{HostFacts, sst_password_of};
use super::garbd::facts::ArbitratorFacts;
use super::health::facts::HealthFacts;
use super::inventory::options::canonical;
use super::inventory::{Inventory, ROLE};
use super::model::{Distribution, SST_PASSWORD};
use super::monitoring::Watching;
use super::monitoring::program::{self, Service};
use super::observation::Observation;
use super::proxy::facts::ProxyFacts;
use super::proxy::proxysql;
use super::proxy::{Kind, Proxy};
use super::tls::facts::TlsFacts;
use super::{garbd, health, monitoring, proxy, tls};
use crate::kernel::facts::{HEAD, MACHINE, Malformed, ProgramFacts, Report, Seen, Unseen};
use crate::kernel::keepalived::facts::SharingFacts;
use crate::kernel::keepalived::{self, VirtualAddress};
use crate::kernel::model::{NodeName, SecretRef, Secrets};
use crate::kernel::transport::{Fleet, Host, RemoteCommand};

const SERVER: &str =
    concat!(include_str!("next_start.sh"), include_str!("peers.sh"), include_str!("observe.sh"));
/// The beginning of a script that asks a server what it would do at its next start.
pub const NEXT_START: &str = include_str!("next_start.sh");
const DEADLINE: Duration = Duration::from_secs(40);
/// Looking up every peer of a large cluster on every node would cost more than it tells.
const MOST_LOOKUPS: usize = 8;

/// A member in one of its roles.
type Scanned = (&'static str, NodeName);
/// What each scan printed, or why it did not.
type Told = BTreeMap<Scanned, Result<Report, Unseen>>;

/// The raw reports of all hosts. They hold secrets in clear text and never leave this module's
/// callers in that form.
pub struct Reports(Told);

/// A look at one member: the script of its role, and its arguments.
#[derive(Clone)]
struct Look {
    role: &'static str,
    member: NodeName,
    script: Vec<&'static str>,
    arguments: Vec<String>,
}

/// Asks every host.
pub async fn ask(inventory: &Inventory, fleet: &Fleet) -> Reports {
    ask_all(looks_at(inventory, Depth::Usual), fleet).await
}

/// Asks every host, and looks at the certificates that its ports serve as well: servers log a warning for each such
/// look.
pub async fn ask_deeply(inventory: &Inventory, fleet: &Fleet) -> Reports {
    ask_all(looks_at(inventory, Depth::Ports), fleet).await
}

/// How far a look goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Depth {
    Usual,
    /// What is served at ports is looked at, too.
    Ports,
}

async fn ask_all(all: Vec<Look>, fleet: &Fleet) -> Reports {
    let mut tasks = JoinSet::new();
    let mut told = Told::new();
    let mut looks: BTreeMap<_, Vec<Look>> = BTreeMap::new();
    for look in all {
        match (fleet.host_of(&look.member), fleet.why_unreachable(&look.member)) {
            (Some(host), _) => looks.entry(host.name.clone()).or_default().push(look),
            (None, Some(why)) => drop(told.insert((look.role, look.member), Err(why.unseen()))),
            (None, None) => {}
        }
    }
    for (name, looks) in looks {
        let Some(host) = fleet.host(&name) else { continue };
        tasks.spawn(async move { ask_host(&host, looks).await });
    }
    told.extend(tasks.join_all().await.into_iter().flatten());
    Reports(told)
}

/// Asks one node.
pub async fn ask_one(inventory: &Inventory, node: &NodeName, host: &Arc<Host>) -> Reports {
    let looks = looks_at(inventory, Depth::Usual).into_iter().filter(|look| look.member == *node).collect();
    Reports(ask_host(host, looks).await)
}

/// Asks one arbitrator's host.
pub async fn ask_arbitrator(node: &NodeName, host: &Arc<Host>) -> Seen<ArbitratorFacts> {
    ask_beside(arbitrator(node), host, ArbitratorFacts::read).await
}

/// Asks one proxy's host.
pub async fn ask_proxy(
    node: &NodeName,
    kind: Kind,
    endpoint: Endpoint,
    host: &Arc<Host>,
) -> Seen<ProxyFacts> {
    let understand = |report: &Report| {
        let (mut secrets, files) =
            (Secrets::default(), proxysql::files::in_report(report).collect::<Vec<_>>());
        proxysql::secrets::take_over(&files, |_| true, &mut secrets);
        ProxyFacts::read(kind, report, &secrets)
    };
    ask_beside(proxy(node, kind, endpoint), host, understand).await
}

async fn ask_beside<Facts>(
    look: Look,
    host: &Arc<Host>,
    understand: impl Fn(&Report) -> Result<Facts, Malformed>,
) -> Seen<Facts> {
    let told = ask_host(host, vec![look]).await.into_values().next();
    told.map_or_else(|| Seen::Unreachable("it was not scanned".into()), |report| see(&report, understand))
}

/// All members of one host; the machine is looked at together with the first of them.
async fn ask_host(host: &Arc<Host>, looks: Vec<Look>) -> Told {
    let mut tasks = JoinSet::new();
    for (place, Look { role, member, script, arguments }) in looks.into_iter().enumerate() {
        let host = Arc::clone(host);
        let machine = if place == 0 { MACHINE } else { "" };
        let pieces: Vec<_> = [HEAD, machine].into_iter().chain(script).collect();
        let command = RemoteCommand::of_pieces(&pieces, arguments).deadline(DEADLINE);
        tasks.spawn(async move { (place, (role, member), report(&host, command).await) });
    }
    let mut told = tasks.join_all().await;
    told.sort_by_key(|(place, ..)| *place);
    let mut told = told.into_iter().map(|(_, member, report)| (member, report));
    let Some((first, report)) = told.next() else { return Told::new() };
    let others: Vec<_> = told
        .map(|(member, other)| match (&report, other) {
            (Ok(first), Ok(other)) => (member, Ok(other.with_machine_of(first))),
            (Err(why), Ok(_)) => (member, Err(why.clone())),
            (_, Err(why)) => (member, Err(why)),
        })
        .collect();
    others.into_iter().chain([(first, report)]).collect()
}

async fn report(host: &Arc<Host>, command: RemoteCommand) -> Result<Report, Unseen> {
    let text = host.succeed(command).await.map_err(|error| error.unseen())?;
    Report::parse(&text).map_err(|error| error.to_string().into())
}

fn looks_at(inventory: &Inventory, depth: Depth) -> Vec<Look> {
    let arguments = server_arguments(inventory);
    let node = |name: &NodeName| Look {
        role: ROLE,
        member: name.clone(),
        script: vec![SERVER],
        arguments: arguments.clone(),
    };
    let nodes = inventory.nodes.iter().map(|it| node(&it.name));
    let endpoint = inventory.endpoint;
    let told = inventory.nodes.iter().filter_map(|it| Some(told(&it.name, endpoint?)));
    let certificates = certificates(inventory, depth == Depth::Ports);
    let arbitrators = inventory.arbitrators().iter().map(|it| arbitrator(&it.name));
    let proxies = inventory.proxies().iter().filter_map(|it| Some(proxy(&it.name, it.kind, endpoint?)));
    let shared = inventory.shared_address();
    let sharing = inventory.proxies().iter().filter_map(|it| Some(sharing(it, shared?)));
    let watched = program::places(inventory).into_iter().map(|it| service(&it));
    nodes
        .chain(told)
        .chain(certificates)
        .chain(arbitrators)
        .chain(proxies)
        .chain(sharing)
        .chain(watched)
        .collect()
}

/// The certificates of every member that has some.
fn certificates(inventory: &Inventory, ask: bool) -> Vec<Look> {
    let Some(section) = &inventory.tls else { return Vec::new() };
    let look = |member: &NodeName, arguments| Look {
        role: tls::ROLE,
        member: member.clone(),
        script: vec![tls::look::SCRIPT],
        arguments,
    };
    let nodes =
        inventory.nodes.iter().map(|it| look(&it.name, tls::look::of_node(inventory, section, it, ask)));
    let arbitrators = inventory.arbitrators().iter().filter(|_| section.replication);
    nodes.chain(arbitrators.map(|it| look(&it.name, tls::look::of_arbitrator(it, ask)))).collect()
}

fn arbitrator(name: &NodeName) -> Look {
    let arguments = garbd::look::ARGUMENTS.map(str::to_owned).to_vec();
    Look { role: garbd::ROLE, member: name.clone(), script: vec![garbd::look::SCRIPT], arguments }
}

fn proxy(name: &NodeName, kind: Kind, endpoint: Endpoint) -> Look {
    let arguments = proxy::look::arguments(kind, endpoint);
    Look { role: kind.name(), member: name.clone(), script: proxy::look::script(kind), arguments }
}

fn sharing(proxy: &Proxy, shared: VirtualAddress) -> Look {
    let arguments = keepalived::look::arguments(&proxy.address, shared);
    Look {
        role: keepalived::ROLE,
        member: proxy.name.clone(),
        script: keepalived::look::SCRIPT.to_vec(),
        arguments,
    }
}

fn service(place: &program::Place<'_>) -> Look {
    Look {
        role: place.service.role(),
        member: place.member.clone(),
        script: monitoring::look::script(place.service),
        arguments: place.service.program().arguments(),
    }
}

/// What a data node tells of itself.
fn told(name: &NodeName, endpoint: Endpoint) -> Look {
    let arguments = health::look::arguments(endpoint);
    Look { role: health::ROLE, member: name.clone(), script: vec![health::look::SCRIPT], arguments }
}

fn server_arguments(inventory: &Inventory) -> Vec<String> {
    let layout = &inventory.host;
    let distribution = Distribution::of(inventory.flavour);
    let providers = layout.provider.clone().unwrap_or_else(|| distribution.providers.join(" "));
    let fixed = [
        layout.unit.to_string(),
        layout.config_file.clone(),
        inventory.sst.user.to_string(),
        providers,
        own_options(inventory),
        peers::group_ports(inventory),
    ];
    let peers = inventory.nodes.iter().take(MOST_LOOKUPS).map(|node| node.address.to_string());
    fixed.into_iter().chain(peers).collect()
}

/// The names of the server options that the inventory sets, as SQL literals; names that no server
/// variable has are left out.
fn own_options(inventory: &Inventory) -> String {
    let names = inventory.nodes.iter().flat_map(|node| node.mysqld.keys().map(|name| canonical(name)));
    let is_plain = |name: &String| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let names: BTreeSet<String> = names.filter(is_plain).map(|name| format!("'{name}'")).collect();
    names.into_iter().collect::<Vec<_>>().join(",")
}

impl Reports {
    /// Adds generated passwords to the secrets: those that the hosts have already, or new ones. Other secrets were
    /// resolved before any host was asked.
    pub fn complete(&self, inventory: &Inventory, secrets: &mut Secrets) {
        if inventory.sst.password == SecretRef::Generated {
            self.take_over_sst(inventory, secrets);
        }
        if let Some(section) = &inventory.proxysql {
            proxysql::secrets::complete(section, &self.of_proxysql(), secrets);
        }
    }

    /// As [`Reports::complete`], for a command that only shows something and resolves no secret: whatever the
    /// inventory says of it, the password is taken to be the one that the nodes have.
    pub fn take_over(&self, inventory: &Inventory, secrets: &mut Secrets) {
        proxysql::secrets::take_over(&self.of_proxysql(), |_| true, secrets);
        self.take_over_sst(inventory, secrets);
    }

    fn take_over_sst(&self, inventory: &Inventory, secrets: &mut Secrets) {
        if secrets.get(SST_PASSWORD).is_some() {
            return;
        }
        let reports = || self.of(ROLE).filter_map(|(_, report)| report.as_ref().ok());
        let known = reports().find_map(|report| report.section("config").and_then(sst_password_in));
        // A cluster that others have set up has it in their files.
        let user = inventory.sst.user.as_str();
        let known = known.or_else(|| reports().find_map(|report| sst_password_of(report, user)));
        secrets.insert(SST_PASSWORD, known.unwrap_or_else(crate::kernel::secrets::generate));
    }

    /// Understands the reports; secrets in them are replaced.
    pub fn observation(&self, secrets: &Secrets) -> Observation {
        Observation {
            nodes: self.seen(ROLE, |report| HostFacts::read(report, secrets)),
            health: self.seen(health::ROLE, HealthFacts::read),
            certificates: self.seen(tls::ROLE, TlsFacts::read),
            arbitrators: self.seen(garbd::ROLE, ArbitratorFacts::read),
            proxies: Kind::ALL.into_iter().flat_map(|kind| self.proxies(kind, secrets)).collect(),
            sharing: self.seen(keepalived::ROLE, SharingFacts::read),
            watching: self
                .of(Service::Prometheus.role())
                .find_map(|(_, report)| Watching::read(report.as_ref().ok()?)),
            logs_in: self.logs_in(),
            has_webhook: secrets.get(monitoring::WEBHOOK).is_some(),
            services: Service::ALL.into_iter().map(|it| self.services(it, secrets)).collect(),
            ..Observation::default()
        }
    }
}

impl Reports {
    /// The files of ProxySQL on all hosts. They hold secrets.
    fn of_proxysql(&self) -> Vec<&str> {
        let reports = self.of(Kind::Proxysql.name()).filter_map(|(_, report)| report.as_ref().ok());
        reports.flat_map(proxysql::files::in_report).collect()
    }

    fn proxies(&self, kind: Kind, secrets: &Secrets) -> BTreeMap<NodeName, Seen<ProxyFacts>> {
        self.seen(kind.name(), |report| ProxyFacts::read(kind, report, secrets))
    }

    fn logs_in(&self) -> BTreeSet<NodeName> {
        let logs_in = |report: &Result<Report, Unseen>| report.as_ref().is_ok_and(|it| it.has("logs_in"));
        let reports = self.of(Service::MysqldExporter.role()).filter(|(_, report)| logs_in(report));
        reports.map(|(name, _)| name.clone()).collect()
    }

    fn services(
        &self,
        service: Service,
        secrets: &Secrets,
    ) -> (String, BTreeMap<NodeName, Seen<ProgramFacts>>) {
        let read = |report: &Report| monitoring::look::read(service, report, secrets);
        (service.role().to_owned(), self.seen(service.role(), read))
    }

    /// What the scans of one role printed.
    fn of(&self, role: &'static str) -> impl Iterator<Item = (&NodeName, &Result<Report, Unseen>)> {
        self.0.iter().filter(move |((it, _), _)| *it == role).map(|((_, name), report)| (name, report))
    }

    fn seen<Facts>(
        &self,
        role: &'static str,
        understand: impl Fn(&Report) -> Result<Facts, Malformed>,
    ) -> BTreeMap<NodeName, Seen<Facts>> {
        self.of(role).map(|(name, report)| (name.clone(), see(report, &understand))).collect()
    }
}

fn see<Facts>(
    report: &Result<Report, Unseen>,
    understand: impl Fn(&Report) -> Result<Facts, Malformed>,
) -> Seen<Facts> {
    let facts = report.as_ref().map_err(Clone::clone);
    let facts = facts.and_then(|report| understand(report).map_err(|error| error.to_string().into()));
    facts.map_or_else(Seen::Unreachable, |facts| Seen::Facts(Box::new(facts)))
}
