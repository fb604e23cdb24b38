//! A cluster of three, made of reports of real hosts. Their files are put into the form in which galactl writes them,
//! and their clocks are set to one time: the reports are not of one moment.

use std::fs;

use galactl::kernel::facts::{ConfigFile, Report, Seen};
use galactl::kernel::model::{NodeName, Secrets};
use galactl::patroni::config::{DynamicConfig, EtcdStart, File, etcd_file, patroni_file};
use galactl::patroni::facts::{Answer, EtcdEndpoint, HostFacts, Live, ScopeKeys};
use galactl::patroni::inventory::Inventory;
use galactl::patroni::model::Software;
use galactl::patroni::observation::Observation;
use galactl::patroni::software;
use galactl::patroni::status::{Status, status};

use super::inventory_of;

pub struct World {
    pub inventory: Inventory,
    pub observation: Observation,
}

/// One moment of all hosts.
pub const NOW: f64 = 1_795_955_600.0;

pub fn name(text: &str) -> NodeName {
    text.parse().unwrap()
}

/// What a host told, in `tests/fixtures/patroni`.
pub fn facts(report: &str) -> HostFacts {
    let path = format!("{}/tests/fixtures/patroni-hosts/{report}.txt", env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(&path).unwrap_or_else(|why| panic!("{path}: {why}"));
    HostFacts::read(&Report::parse(&text).unwrap(), "/service/core", &Secrets::default()).unwrap()
}

fn inventory(network: &str, sections: &str) -> Inventory {
    let node = |at: u8| format!("  - {{name: pg{at}, address: {network}.1{at}}}\n");
    inventory_of(&format!(
        "version: 1\nengine: patroni\ncluster: {{name: core}}\n{sections}\nnodes:\n{}",
        (1..=3).map(node).collect::<String>()
    ))
}

fn on_host(file: &File) -> ConfigFile {
    ConfigFile {
        mode: file.mode.into(),
        owner: file.owner.into(),
        group: file.group.into(),
        text: file.text.clone(),
    }
}

impl World {
    /// These reports are of pg1, pg2 and pg3.
    pub fn of(reports: [&str; 3]) -> Self {
        Self::with(reports, "")
    }

    /// The same with these sections of the inventory.
    pub fn with(reports: [&str; 3], sections: &str) -> Self {
        let network = if reports[0].starts_with("trixie") { "10.77.6" } else { "10.77.3" };
        let mut world = Self { inventory: inventory(network, sections), observation: Observation::default() };
        for (at, report) in reports.into_iter().enumerate() {
            let facts = world.as_galactl_writes(at, facts(report));
            let node = world.inventory.nodes[at].name.clone();
            world.observation.nodes.insert(node, Seen::Facts(Box::new(facts)));
        }
        world
    }

    fn as_galactl_writes(&self, at: usize, mut facts: HostFacts) -> HostFacts {
        let node = &self.inventory.nodes[at];
        let software: Software = software::of(&facts).unwrap();
        if facts.config.is_some() {
            facts.config = Some(on_host(&patroni_file(&self.inventory, node, software)));
        }
        if facts.etcd.settings.is_some() && facts.etcd.runs() {
            let member = self.inventory.etcd_member(&node.name).unwrap();
            let file = etcd_file(&self.inventory, member, software, EtcdStart::New);
            facts.etcd.settings = Some(on_host(&file));
        }
        if facts.patroni.config.told().is_some() {
            facts.patroni.config = Answer::Told(DynamicConfig::of(&self.inventory).to_json());
        }
        facts.machine.clock = NOW;
        facts.machine.machine_id = format!("{at:032x}");
        // Some of the reports are of one host at two times.
        facts.machine.addresses.insert(node.address.ip().unwrap());
        facts
    }

    /// A primary, a standby, and a synchronous standby, at the same position.
    pub fn whole() -> Self {
        Self::whole_with("")
    }

    /// The same with these sections of the inventory.
    pub fn whole_with(sections: &str) -> Self {
        let reports = ["bookworm-whole-primary", "bookworm-whole-async", "bookworm-whole-sync"];
        Self::with(reports, sections)
    }

    pub fn node(&mut self, node: &str) -> &mut HostFacts {
        match self.observation.nodes.get_mut(&name(node)) {
            Some(Seen::Facts(facts)) => facts,
            _ => panic!("{node} was not seen"),
        }
    }

    pub fn live(&mut self, node: &str) -> &mut Live {
        match &mut self.node(node).server {
            Answer::Told(live) => live,
            other => panic!("{node}: {other:?}"),
        }
    }

    /// What the node's own member of etcd told.
    pub fn etcd(&mut self, node: &str) -> &mut EtcdEndpoint {
        self.node(node).etcd.endpoints.values_mut().next().unwrap()
    }

    /// Changes what every member of etcd says of Patroni's keys.
    pub fn keys(&mut self, change: impl Fn(&mut ScopeKeys)) {
        for seen in self.observation.nodes.values_mut() {
            let Seen::Facts(facts) = seen else { continue };
            for endpoint in facts.etcd.endpoints.values_mut() {
                let all = [
                    &mut endpoint.v2.agreed,
                    &mut endpoint.v2.own,
                    &mut endpoint.v3.agreed,
                    &mut endpoint.v3.own,
                ];
                for keys in all {
                    if let Answer::Told(keys) = keys {
                        change(keys);
                    }
                }
            }
        }
    }

    pub fn unreachable(&mut self, node: &str) {
        self.observation.nodes.insert(name(node), Seen::Unreachable("connection timed out".into()));
    }

    /// etcd does not run there.
    pub fn stop_etcd(&mut self, node: &str) {
        let etcd = &mut self.node(node).etcd;
        (etcd.unit.active, etcd.processes) = ("inactive".into(), Vec::new());
        for endpoint in etcd.endpoints.values_mut() {
            *endpoint = EtcdEndpoint::default();
            endpoint.healthy = Answer::Nobody("nobody listens there".into());
        }
    }

    /// Patroni does not run there; its server does.
    pub fn stop_patroni(&mut self, node: &str) {
        let facts = self.node(node);
        facts.patroni_processes.clear();
        facts.units.get_mut("patroni").unwrap().active = "inactive".into();
        let nobody = || "nobody listens there".to_owned();
        facts.patroni.node = Answer::Nobody(nobody());
        facts.patroni.cluster = Answer::Nobody(nobody());
        facts.patroni.config = Answer::Nobody(nobody());
    }

    pub fn status(&self) -> Status {
        status(&self.inventory, &self.observation)
    }
}
