//! An inventory with what is seen of its hosts.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::LazyLock;

use galactl::galera::check;
use galactl::galera::check::Report;
use galactl::galera::config::Renderer;
use galactl::galera::facts::{Grastate, HostFacts, Position, Recovered};
use galactl::galera::garbd::facts::ArbitratorFacts;
use galactl::galera::inventory::Inventory;
use galactl::galera::judge::Basis;
use galactl::galera::model::{Gtid, Seqno, StateUuid};
use galactl::galera::observation::Observation;
use galactl::galera::plan;
use galactl::galera::plan::{Choice, ConfigChoice, NoPlan, Plan, Removing};
use galactl::kernel::facts::Seen;
use galactl::kernel::judge::{Code, Finding};
use galactl::kernel::keepalived::facts::SharingFacts;
use galactl::kernel::model::NodeName;

use super::arbitrator::arbitrator_host;
use super::certified::{Authority, Loaded};
use super::cluster::{Shape, inventory, name};
use super::endpoint::bare_proxy;
use super::host::{Changes, PROVIDER, fresh};

/// Compiled once: properties plan many thousand times.
static RENDERER: LazyLock<Renderer> = LazyLock::new(|| Renderer::new(None).unwrap());

#[derive(Clone)]
pub struct World {
    pub inventory: Inventory,
    pub observation: Observation,
    /// How many clusters were bootstrapped here.
    pub births: usize,
    /// The cluster has the account with which nodes find out whether they serve.
    pub has_account: bool,
    /// And the one with which proxies do that ask the servers themselves.
    pub has_monitor: bool,
    /// The account of the exporters is there.
    pub has_exporter: bool,
    /// Who issues the certificates of the section `tls`.
    pub authority: Option<Authority>,
    /// What the running members have read of their certificates.
    pub loaded: BTreeMap<NodeName, Loaded>,
}

/// A failing property shows its world: a line a host instead of pages.
impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inventory { seed, install, .. } = &self.inventory;
        let arbitrators = self.inventory.arbitrators();
        writeln!(f, "seed {seed}, install {install}, {} arbitrators", arbitrators.len())?;
        for (name, seen) in &self.observation.nodes {
            match seen {
                Seen::Facts(facts) => writeln!(f, "  {name}: {}", brief(facts, &self.wanted(name)))?,
                Seen::Unreachable(why) => writeln!(f, "  {name}: unreachable, {why}")?,
            }
        }
        Ok(())
    }
}

fn brief(facts: &HostFacts, wanted: &str) -> String {
    let config = match &facts.config {
        None => "no config",
        Some(config) if config.text == wanted => "config as wanted",
        Some(_) => "another config",
    };
    let datadir = &facts.datadir;
    let schemas: Vec<_> = datadir.schemas.iter().map(|schema| schema.name.as_str()).collect();
    let live =
        facts.live().map(|live| (live.cluster_size, live.conf_id, live.last_committed, &live.local_state));
    format!(
        "{:?} {:?}, live {live:?}, unit {} {}, saved {:?}, leftovers {:?}, databases {schemas:?}, {config}, intents {:?}",
        facts.server.map(|version| version.to_string()),
        facts.state(),
        facts.unit.active,
        facts.unit.file,
        datadir.grastate,
        datadir.sst_leftovers,
        facts.intents
    )
}

impl World {
    /// The hosts in order of the inventory; hosts that are not given are not seen at all.
    pub fn new(shape: &Shape, hosts: impl IntoIterator<Item = HostFacts>) -> Self {
        let mut world = Self {
            inventory: inventory(shape),
            observation: Observation::default(),
            births: 0,
            has_account: false,
            has_monitor: false,
            has_exporter: false,
            authority: None,
            loaded: BTreeMap::new(),
        };
        world.certified();
        world.unwatched();
        for arbitrator in world.inventory.arbitrators().to_vec() {
            world.set_arbitrator(&arbitrator.name, arbitrator_host());
        }
        for proxy in world.inventory.proxies() {
            world.observation.proxies.insert(proxy.name.clone(), Seen::Facts(Box::new(bare_proxy())));
            if world.inventory.shared_address().is_some() {
                let program = bare_proxy().program;
                let bare =
                    SharingFacts { program, interface: Some("eth0".into()), ..SharingFacts::default() };
                world.observation.sharing.insert(proxy.name.clone(), Seen::Facts(Box::new(bare)));
            }
        }
        for (index, host) in hosts.into_iter().enumerate() {
            world.set(&name(index), host);
            if world.inventory.endpoint.is_some() {
                world.observation.health.insert(name(index), Seen::Facts(Box::default()));
            }
        }
        world
    }

    /// Hosts as Debian leaves them.
    pub fn standalone(shape: &Shape) -> Self {
        Self::new(shape, vec![fresh().standalone(); shape.nodes])
    }

    /// The cluster that galactl makes of them.
    pub fn whole(shape: &Shape) -> Self {
        let mut world = Self::standalone(shape);
        world.carry_out(&world.bootstrap().unwrap());
        world
    }

    pub fn set(&mut self, node: &NodeName, host: HostFacts) {
        self.observation.nodes.insert(node.clone(), Seen::Facts(Box::new(host)));
    }

    pub fn set_arbitrator(&mut self, name: &NodeName, host: ArbitratorFacts) {
        self.observation.arbitrators.insert(name.clone(), Seen::Facts(Box::new(host)));
    }

    pub fn arbitrator_mut(&mut self, name: &NodeName) -> &mut ArbitratorFacts {
        match self.observation.arbitrators.get_mut(name) {
            Some(Seen::Facts(facts)) => facts,
            _ => panic!("{name} is not seen"),
        }
    }

    pub fn lose(&mut self, node: &NodeName) {
        self.observation.nodes.insert(node.clone(), Seen::Unreachable("connection timed out".into()));
        if let Some(seen) = self.observation.certificates.get_mut(node) {
            *seen = Seen::Unreachable("connection timed out".into());
        }
    }

    pub fn facts(&self, node: &NodeName) -> &HostFacts {
        self.observation.facts(node).unwrap_or_else(|| panic!("{node} is not seen"))
    }

    pub fn facts_mut(&mut self, node: &NodeName) -> &mut HostFacts {
        match self.observation.nodes.get_mut(node) {
            Some(Seen::Facts(facts)) => facts,
            _ => panic!("{node} is not seen"),
        }
    }

    /// The option file as the inventory wants it on a host with the usual provider.
    pub fn wanted(&self, node: &NodeName) -> String {
        let inventory = &self.inventory;
        let list = inventory.cluster_address();
        RENDERER.render(inventory, inventory.node(node).unwrap(), PROVIDER, &list).unwrap()
    }

    /// The inventory wants this option file on the node, if only for the first round in which TLS is switched.
    pub fn is_wanted(&self, node: &NodeName, text: &str) -> bool {
        let of = |inventory: &Inventory| {
            let list = inventory.cluster_address_of(node);
            RENDERER.render(inventory, inventory.node(node).unwrap(), PROVIDER, &list).unwrap()
        };
        let mut doors = self.inventory.nodes.iter().map(|node| of(&self.both(&node.name)));
        text == of(&self.inventory) || doors.any(|both| text == both)
    }

    /// Gives every host in the list the option file that the inventory wants.
    pub fn configure(&mut self, indices: impl IntoIterator<Item = usize>) {
        for index in indices {
            let text = self.wanted(&name(index));
            let host = self.facts(&name(index)).clone().configured(&text);
            self.set(&name(index), host);
        }
    }

    pub fn basis(&self) -> Basis<'_> {
        Basis { inventory: &self.inventory, observation: &self.observation, renderer: &RENDERER }
    }

    pub fn bootstrap(&self) -> Result<Plan, NoPlan> {
        plan::bootstrap(&self.basis())
    }

    pub fn add(&self, new: &[NodeName], discard: &[NodeName]) -> Result<Plan, NoPlan> {
        plan::add_node(&self.basis(), new, discard)
    }

    pub fn apply_config(&self) -> Result<Plan, NoPlan> {
        plan::apply_config(&self.basis(), ConfigChoice::default())
    }

    /// `galactl start`, with what the stopped nodes say of themselves.
    pub fn start_again(&self) -> Result<Plan, NoPlan> {
        let saved = |index: usize| match &self.facts(&name(index)).datadir.grastate {
            Grastate::Saved(saved) => Some((index, saved.position.uuid.clone(), saved.position.seqno.into())),
            _ => None,
        };
        let positions: Vec<_> = (0..self.inventory.nodes.len()).filter_map(saved).collect();
        self.recover_as(&positions, &Choice { start: true, ..Choice::default() })
    }

    pub fn plan_restart(&self, nodes: &[NodeName]) -> Result<Plan, NoPlan> {
        plan::restart(&self.basis(), nodes, false)
    }

    /// A removal that waits for clients as long as it does by default.
    pub fn remove(&self, nodes: &[NodeName], unseen: &[NodeName]) -> Result<Plan, NoPlan> {
        plan::remove_node(&self.basis(), &Removing { nodes, unseen, drain_seconds: 30 })
    }

    pub fn plan_stop(&self, nodes: &[NodeName]) -> Result<Plan, NoPlan> {
        plan::stop(&self.basis(), nodes)
    }

    pub fn needed(&self) -> Result<Plan, NoPlan> {
        plan::needed(&self.basis())
    }

    /// A recovery by the rules, of hosts whose data is at these positions; the data of other stopped
    /// hosts has none.
    pub fn recover(&self, positions: &[(usize, StateUuid, i64)]) -> Result<Plan, NoPlan> {
        self.recover_as(positions, &plan::Choice::default())
    }

    pub fn recover_as(
        &self,
        positions: &[(usize, StateUuid, i64)],
        choice: &plan::Choice,
    ) -> Result<Plan, NoPlan> {
        let mut world = self.clone();
        let stopped = self.observation.seen().filter(|(_, facts)| !facts.server_runs());
        let none = |why: &str| Recovered { position: Position::None(why.into()), last_write: Some(60) };
        let mut recovered: BTreeMap<_, _> =
            stopped.map(|(node, _)| (node.clone(), none("its data holds no position"))).collect();
        for (index, uuid, seqno) in positions {
            let position = Gtid { uuid: uuid.clone(), seqno: Seqno::from(*seqno) };
            let told = Recovered { position: Position::At(position), last_write: Some(60) };
            recovered.insert(name(*index), told);
        }
        world.observation.recovered = Some(recovered);
        plan::recover(&world.basis(), choice)
    }

    /// What a plan rests on that is not so any more.
    pub fn stale(&self, plan: &Plan) -> Vec<Finding> {
        let hosts = self.inventory.hosts();
        galactl::kernel::plan::stale(plan, |host| self.observation.fingerprint(&hosts, host))
    }

    pub fn check(&self) -> Report {
        check::check(&self.basis())
    }

    /// The refusals in the moment before the bootstrap.
    pub fn seed_guards(&self) -> Vec<Finding> {
        plan::seed_guards(&self.basis())
    }
}

/// Why there is no plan; empty where there is one.
pub fn refusals(outcome: &Result<Plan, NoPlan>) -> Vec<Finding> {
    match outcome {
        Ok(_) => Vec::new(),
        Err(NoPlan::Refused(refusals)) => refusals.clone(),
        Err(other) => panic!("{other}"),
    }
}

pub fn guards_of(outcome: &Result<Plan, NoPlan>) -> Vec<Code> {
    refusals(outcome).iter().map(|refusal| refusal.code).collect()
}
