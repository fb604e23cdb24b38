//! A mesh of three, made of reports of real hosts: PostgreSQL 17.12 with pglogical 2.4.5 on Debian 13, after a birth and a join.

use std::fs;

use galactl::kernel::facts::{Answer, Report, Seen};
use galactl::kernel::judge::{Code, Finding};
use galactl::kernel::model::{NodeName, Secrets};
use galactl::mesh::doctor::examine;
use galactl::mesh::facts::{
    ApplyError, Database, Failing, HeldUp, HostFacts, Live, Subscription, SubscriptionState, Table,
    Transaction, Which,
};
use galactl::mesh::inventory::{Inventory, parse};
use galactl::mesh::judge::Basis;
use galactl::mesh::observation::Observation;
use galactl::mesh::plan::{NoPlan, Plan};
use galactl::mesh::status::{Status, status};

const INVENTORY: &str = "version: 1
engine: postgresql-mesh
cluster: {name: shop, install: true}
clients: [10.77.3.0/24]
databases: [{name: app}]
nodes:
  - {name: pg1, address: 10.77.3.11}
  - {name: pg2, address: 10.77.3.12}
  - {name: pg3, address: 10.77.3.13}
";

#[derive(Clone)]
pub struct World {
    pub inventory: Inventory,
    pub observation: Observation,
}

pub fn name(text: &str) -> NodeName {
    text.parse().unwrap()
}

pub fn names(all: &[&str]) -> Vec<NodeName> {
    all.iter().map(|text| name(text)).collect()
}

fn facts(node: &str) -> HostFacts {
    let path = format!("{}/tests/fixtures/mesh-hosts/{node}.txt", env!("CARGO_MANIFEST_DIR"));
    let text = fs::read_to_string(&path).unwrap_or_else(|why| panic!("{path}: {why}"));
    HostFacts::read(&Report::parse(&text).unwrap(), &Secrets::default()).unwrap()
}

impl World {
    pub fn whole() -> Self {
        let (inventory, _) = parse(INVENTORY.as_bytes()).unwrap_or_else(|notes| panic!("{notes:#?}"));
        let mut world = Self { inventory, observation: Observation::default() };
        for node in ["pg1", "pg2", "pg3"] {
            let mut facts = facts(node);
            // The reports are not of one moment.
            facts.machine.clock = 1_795_955_600.0;
            world.observation.nodes.insert(name(node), Seen::Facts(Box::new(facts)));
        }
        world
    }

    pub fn basis(&self) -> Basis<'_> {
        Basis { inventory: &self.inventory, observation: &self.observation }
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
        match self.node(node).databases.values_mut().next() {
            Some(Answer::Told(database)) => database,
            other => panic!("{node}: {other:?}"),
        }
    }

    pub fn table(&mut self, node: &str, table: &str) -> &mut Table {
        let mut tables = self.database(node).tables.iter_mut();
        tables.find(|it| it.name == table).unwrap_or_else(|| panic!("{node} has no {table}"))
    }

    pub fn subscription(&mut self, node: &str, from: &str) -> &mut Subscription {
        let wanted = format!("{node}_from_{from}");
        self.database(node).subscriptions.iter_mut().find(|it| it.name == wanted).unwrap()
    }

    pub fn unreachable(&mut self, node: &str) {
        self.observation.nodes.insert(name(node), Seen::Unreachable("connection timed out".into()));
    }

    pub fn stop(&mut self, node: &str) {
        let facts = self.node(node);
        facts.unit.active = "inactive".into();
        facts.server = Answer::Nobody("there is no socket".into());
        facts.databases.clear();
    }

    /// What the others have of a node goes, as after its removal.
    pub fn forget(&mut self, at: &str, node: &str) {
        let (own, slot) = (format!("{at}_from_{node}"), format!("pgl_app_{at}_{node}_from_{at}"));
        let database = self.database(at);
        database.members.as_mut().unwrap().retain(|member| member.name != node);
        database.subscriptions.retain(|it| it.name != own);
        self.live(at).slots.retain(|it| it.name != slot);
    }

    /// pg2 cannot apply a transaction of pg1.
    pub fn hold_up(&mut self) -> Which {
        let failing = Failing { xid: 772, commit: "0/704EF30".parse().unwrap() };
        let own = self.subscription("pg2", "pg1");
        (own.state, own.applied) = (SubscriptionState::Down, Some("0/704EF00".parse().unwrap()));
        let (worker, slot) = (own.worker.clone(), own.slot.clone().unwrap());
        self.node("pg2").apply_errors = vec![ApplyError {
            worker,
            at: "2026-11-30 00:32:07.655 UTC".into(),
            message: r#"duplicate key value violates unique constraint "t_u_key""#.into(),
            detail: Some("Key (u)=(600) already exists.".into()),
            doing: Some("UPDATE of public.t".into()),
            transaction: Some(failing),
        }];
        Which { reader: name("pg2"), provider: name("pg1"), database: "app".parse().unwrap(), slot, failing }
    }

    pub fn status(&self) -> Status {
        status(&self.inventory, &self.observation)
    }

    pub fn doctor(&self) -> Vec<Finding> {
        examine(&self.inventory, &self.observation, None, None).findings
    }

    #[track_caller]
    pub fn found(&self, code: Code) -> Finding {
        let found = self.doctor();
        found.iter().find(|it| it.code == code).unwrap_or_else(|| panic!("{found:#?}")).clone()
    }
}

/// What the provider tells of the transaction.
pub fn transaction(which: Which) -> HeldUp {
    let told = Transaction {
        before: None,
        end: "0/704EF60".parse().unwrap(),
        committed: "COMMIT 772 (at 2026-11-30 00:32:07.654536+00)".into(),
        count: 2,
        changes: vec![
            "table public.t: INSERT: id[integer]:4 u[integer]:4 v[text]:'innocent'".into(),
            "table public.t: UPDATE: id[integer]:1 u[integer]:600 v[text]:'a'".into(),
        ],
        kinds: [("public.t: INSERT".into(), 1), ("public.t: UPDATE".into(), 1)].into(),
        digest: "d41d8".into(),
    };
    HeldUp { which, told: Answer::Told(told) }
}

#[track_caller]
pub fn refused(planned: Result<Plan, NoPlan>, code: Code) -> Finding {
    match planned {
        Err(NoPlan::Refused(refusals)) => match refusals.iter().find(|it| it.code == code) {
            Some(found) => found.clone(),
            None => panic!("{refusals:#?}"),
        },
        other => panic!("{other:#?}"),
    }
}

pub fn ids(plan: &Plan) -> Vec<&str> {
    plan.steps().map(|step| step.id.as_str()).collect()
}
