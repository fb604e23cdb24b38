//! A mesh of hosts with Debian 13, made of facts: what a look at each of them would tell.

use std::collections::{BTreeMap, BTreeSet};

use galactl::kernel::facts::{Answer, ConfigFile, Machine, Seen, UnitFacts};
use galactl::kernel::judge::{Code, Finding};
use galactl::kernel::model::NodeName;
use galactl::kernel::plan::PutFile;
use galactl::mesh::config::{Values, lines, password_file, server_file};
use galactl::mesh::facts::{
    Boot, Database, Datadir, HostFacts, Live, Member, Owner, Sequence, Slot, Subscription, SubscriptionState,
    Table,
};
use galactl::mesh::inventory::Inventory;
use galactl::mesh::judge::Basis;
use galactl::mesh::model::{DatabaseName, Method, subscription};
use galactl::mesh::observation::Observation;
use galactl::mesh::plan::{NoPlan, Plan, add_node, bootstrap};
use galactl::mesh::status::{Status, status};
use galactl::postgresql::Major;
use galactl::postgresql::packages::Package;

use super::inventory_of;

#[derive(Clone)]
pub struct World {
    pub inventory: Inventory,
    pub observation: Observation,
}

/// One moment of all hosts.
const NOW: f64 = 1_795_955_600.0;

pub fn name(text: &str) -> NodeName {
    text.parse().unwrap()
}

pub fn database(text: &str) -> DatabaseName {
    text.parse().unwrap()
}

/// An inventory of these nodes with these sections.
pub fn inventory(sections: &str, nodes: &[&str]) -> Inventory {
    let databases = if sections.contains("databases:") { "" } else { "databases: [{name: shop}]\n" };
    let row = |(at, node): (usize, &&str)| {
        let (node, more) =
            node.split_once(' ').map_or((*node, String::new()), |(node, more)| (node, format!(", {more}")));
        format!("  - {{name: {node}, address: 10.77.0.1{}{more}}}\n", at + 1)
    };
    let nodes: String = nodes.iter().enumerate().map(row).collect();
    let cluster = if sections.contains("cluster:") { "" } else { "cluster: {name: shop, install: true}\n" };
    inventory_of(&format!(
        "version: 1\nengine: postgresql-mesh\n{cluster}{databases}{sections}\nnodes:\n{nodes}"
    ))
}

pub fn table(name: &str) -> Table {
    Table {
        schema: "public".into(),
        name: name.into(),
        key: vec!["id".into()],
        columns: vec!["id bigint NOT NULL".into(), "v text".into()],
        unique: Vec::new(),
        references: Vec::new(),
        triggers: Vec::new(),
        merge: None,
        sent: false,
        unlogged: false,
        identity: "key".into(),
        root: None,
    }
}

fn on_host(file: &PutFile) -> ConfigFile {
    ConfigFile {
        mode: file.mode.clone(),
        owner: file.owner.clone(),
        group: file.group.clone(),
        text: file.text.clone(),
    }
}

fn nobody<T>() -> Answer<T> {
    Answer::Nobody("there is no socket".into())
}

fn host(inventory: &Inventory, at: usize, installed: bool) -> HostFacts {
    let node = &inventory.nodes[at];
    let package = |version: &str| Package {
        installed: installed.then(|| version.to_owned()),
        candidate: Some(version.to_owned()),
    };
    HostFacts {
        machine: Machine {
            os: "debian 13".into(),
            debian_family: true,
            arch: "x86_64".into(),
            machine_id: format!("{at:032x}"),
            addresses: node.address.ip().into_iter().collect(),
            clock: NOW,
            ..Machine::default()
        },
        packages: BTreeMap::from([
            ("postgresql-17".to_owned(), package("17.12-0+deb13u1")),
            ("postgresql-17-pglogical".to_owned(), package("2.4.5-1")),
        ]),
        unit: UnitFacts {
            load: if installed { "loaded" } else { "not-found" }.into(),
            active: "inactive".into(),
            ..UnitFacts::default()
        },
        clusters: if installed {
            vec!["17 main 5432 down postgres /var/lib/postgresql/17/main /var/log/postgresql/postgresql-17-main.log".into()]
        } else {
            Vec::new()
        },
        datadir: Datadir { exists: installed, free: 50 << 30, ..Datadir::default() },
        server: nobody(),
        databases: BTreeMap::new(),
        settings: None,
        included: false,
        access: Vec::new(),
        password: None,
        boot: Boot::default(),
        apply_errors: Vec::new(),
        stale: false,
    }
}

fn live() -> Live {
    let settings = [
        ("wal_level", "logical"),
        ("track_commit_timestamp", "on"),
        ("shared_preload_libraries", "pglogical"),
        ("max_replication_slots", "32"),
    ];
    Live {
        version: "17.12".into(),
        in_recovery: false,
        system_id: "7300000000000000001".parse().unwrap(),
        current: Some("0/5000000".parse().unwrap()),
        settings: settings.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
        pending_restart: Vec::new(),
        databases: BTreeMap::new(),
        account: false,
        oldest_worker: None,
        at_restart: BTreeSet::new(),
        slots: Vec::new(),
        prepared: 0,
        confirmed_after: BTreeMap::new(),
        commits: None,
        own: BTreeMap::new(),
        standbys: Vec::new(),
    }
}

impl World {
    /// Hosts with packages and Debian's empty cluster, whose servers do not run.
    pub fn blank_with(sections: &str, nodes: &[&str]) -> Self {
        let inventory = inventory(sections, nodes);
        let mut observation = Observation::default();
        for (at, node) in inventory.nodes.iter().enumerate() {
            observation.nodes.insert(node.name.clone(), Seen::Facts(Box::new(host(&inventory, at, true))));
        }
        Self { inventory, observation }
    }

    pub fn blank() -> Self {
        Self::blank_with("", &["pg1", "pg2", "pg3"])
    }

    /// The same, with a first node that serves data.
    pub fn seed_with(sections: &str, nodes: &[&str]) -> Self {
        let mut world = Self::blank_with(sections, nodes);
        let first = world.inventory.nodes[0].name.to_string();
        world.serves(&first);
        world
    }

    pub fn seed() -> Self {
        Self::seed_with("", &["pg1", "pg2", "pg3"])
    }

    /// These nodes are members, and all others blank.
    pub fn members_with(sections: &str, nodes: &[&str], members: &[&str]) -> Self {
        let mut world = Self::blank_with(sections, nodes);
        for (at, node) in members.iter().enumerate() {
            world.serves(node);
            world.is_as_written(node);
            for other in members.iter().enumerate() {
                world.knows(node, other.1, u16::try_from(other.0 + 1).unwrap());
            }
            let _ = at;
        }
        world.links(members);
        world
    }

    pub fn members(members: &[&str]) -> Self {
        Self::members_with("", &["pg1", "pg2", "pg3"], members)
    }

    pub fn whole() -> Self {
        Self::members(&["pg1", "pg2", "pg3"])
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

    pub fn database(&mut self, node: &str) -> &mut Database {
        let first = self.inventory.databases[0].name.clone();
        match self.node(node).databases.get_mut(&first) {
            Some(Answer::Told(database)) => database,
            other => panic!("{node}: {other:?}"),
        }
    }

    /// A server with the inventory's databases, which clients use.
    pub fn serves(&mut self, node: &str) {
        let names: Vec<_> = self.inventory.databases.iter().map(|it| it.name.clone()).collect();
        let facts = self.node(node);
        facts.unit.active = "active".into();
        facts.datadir.of_users = 20;
        let mut live = live();
        live.databases = names.iter().map(|name| (name.to_string(), 300 << 20)).collect();
        facts.server = Answer::Told(Box::new(live));
        let sequence = Sequence {
            schema: "public".into(),
            name: "orders_id_seq".into(),
            increment: 1,
            next: 1000,
            last: i64::MAX,
            owner: Some(Owner { column: "public.orders.id".into(), kind: "bigint".into() }),
        };
        let told = || Database {
            locale: "UTF8 C.UTF-8 C.UTF-8".into(),
            tables: vec![table("customers"), table("orders")],
            sequences: vec![sequence.clone()],
            ..Database::default()
        };
        facts.databases = names.into_iter().map(|name| (name, Answer::Told(told()))).collect();
    }

    /// Its files are as galactl writes them.
    fn is_as_written(&mut self, node: &str) {
        let own = self.inventory.node(&name(node)).unwrap().clone();
        let settings = on_host(&server_file(&self.inventory, &own, Major::Seventeen, None, &Values::new()));
        let password = on_host(&password_file(&own.host, None));
        let access = lines(&self.inventory);
        let step = i64::from(self.inventory.sequence_step);
        let facts = self.node(node);
        (facts.settings, facts.password) = (Some(settings), Some(password));
        (facts.access, facts.included) = (access, true);
        for database in facts.databases.values_mut() {
            let Answer::Told(database) = database else { continue };
            database.sequences.iter_mut().for_each(|it| it.increment = step);
            database.tables.iter_mut().for_each(|it| it.sent = true);
        }
        self.live(node).account = true;
    }

    /// galactl's own table at this node, in each database, has a row of that one.
    pub fn knows(&mut self, node: &str, other: &str, number: u16) {
        let mesh = self.inventory.cluster.to_string();
        let region = self.inventory.node(&name(other)).and_then(|it| it.region.clone());
        for database in self.node(node).databases.values_mut() {
            let Answer::Told(database) = database else { continue };
            let row = Member { name: other.into(), mesh: mesh.clone(), number, region: region.clone() };
            database.members.get_or_insert_default().push(row);
        }
    }

    /// Each of these reads from every other one.
    fn links(&mut self, members: &[&str]) {
        let names: Vec<_> = self.inventory.databases.iter().map(|it| it.name.clone()).collect();
        let native = self.inventory.method == Method::Native;
        for reader in members {
            for provider in members.iter().filter(|it| *it != reader) {
                let own = subscription(&name(reader), &name(provider));
                for database in &names {
                    let slot = if native {
                        format!("m_{database}_{own}")
                    } else {
                        format!("pgl_{database}_{provider}_{own}")
                    };
                    if let Some(Answer::Told(told)) = self.node(reader).databases.get_mut(database) {
                        told.subscriptions.push(Subscription {
                            name: own.clone(),
                            slot: Some(slot.clone()),
                            state: SubscriptionState::Replicating,
                            unsettled: 0,
                            errors: None,
                            connection: "host='10.77.0.11'".into(),
                            worker: String::new(),
                            applied: None,
                        });
                    }
                    let live = self.live(provider);
                    live.slots.push(slot_of(&slot, database.as_str(), true));
                    live.confirmed_after.insert(slot.clone(), 0.2);
                }
            }
        }
    }

    /// Its server does not run, and nothing of it is told.
    pub fn stop(&mut self, node: &str) {
        let facts = self.node(node);
        facts.unit.active = "inactive".into();
        facts.server = nobody();
        facts.databases.clear();
    }

    pub fn unreachable(&mut self, node: &str) {
        self.observation.nodes.insert(name(node), Seen::Unreachable("connection timed out".into()));
    }

    /// A join of this node was cut off: it has a copy, whose server does not run.
    pub fn joins(&mut self, node: &str) {
        let facts = self.node(node);
        facts.datadir.joining = Some(node.into());
        facts.datadir.of_users = 12;
    }

    pub fn basis(&self) -> Basis<'_> {
        Basis { inventory: &self.inventory, observation: &self.observation }
    }

    pub fn status(&self) -> Status {
        status(&self.inventory, &self.observation)
    }

    #[track_caller]
    pub fn bootstrap(&self) -> Plan {
        bootstrap(&self.basis()).unwrap_or_else(|why| panic!("{why:?}"))
    }

    #[track_caller]
    pub fn add(&self, nodes: &[&str]) -> Plan {
        let nodes: Vec<_> = nodes.iter().map(|it| name(it)).collect();
        add_node(&self.basis(), &nodes).unwrap_or_else(|why| panic!("{why:?}"))
    }

    /// Why there is no plan: exactly these findings.
    #[track_caller]
    pub fn refusals(&self, add: &[&str]) -> Vec<Finding> {
        let nodes: Vec<_> = add.iter().map(|it| name(it)).collect();
        let plan = if nodes.is_empty() { bootstrap(&self.basis()) } else { add_node(&self.basis(), &nodes) };
        match plan {
            Err(NoPlan::Refused(refusals)) => refusals,
            Err(why) => panic!("{why}"),
            Ok(plan) => panic!("{}", galactl::kernel::plan::text(&plan)),
        }
    }

    /// A bootstrap is refused for this alone.
    #[track_caller]
    pub fn refused(&self, code: Code) -> Finding {
        one(self.refusals(&[]), code)
    }
}

/// The finding of this code, where there is no other one.
#[track_caller]
pub fn one(refusals: Vec<Finding>, code: Code) -> Finding {
    match <[Finding; 1]>::try_from(refusals) {
        Ok([finding]) if finding.code == code => finding,
        Ok([finding]) => panic!("{finding:#?}"),
        Err(all) => panic!("{all:#?}"),
    }
}

pub fn slot_of(name: &str, database: &str, active: bool) -> Slot {
    Slot {
        name: name.into(),
        plugin: Some("pglogical_output".into()),
        database: Some(database.into()),
        active,
        confirmed: Some("0/4FFF000".parse().unwrap()),
        wal_status: Some("reserved".into()),
        safe_wal_size: None,
        kept: Some(16 << 20),
    }
}
