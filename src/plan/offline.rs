//! The plan of a bootstrap for hosts that cannot be asked, for review where they cannot be reached.

use std::collections::{BTreeMap, BTreeSet};

use super::preparation::provider_candidates;
use super::{Basis, NoPlan, Plan, bootstrap};
use crate::config::Renderer;
use crate::facts::{Datadir, Grastate, HostFacts, Observation, Seen, ServerAnswer, UnitFacts};
use crate::inventory::Inventory;
use crate::model::ServerVersion;

/// Debian 12's. It decides nothing but which options are known and what a privilege is called.
const ASSUMED_SERIES: &str = "10.11.0";
const ASSUMED: &str = "assumed: fresh, MariaDB installed and stopped, no data, no cluster";
const ASSUMED_BARE: &str = "assumed: fresh, nothing installed, no data, no cluster";

/// Plans the bootstrap of hosts that are assumed to be fresh. The plan says so, rests on no fact,
/// and cannot be applied.
///
/// Errors: what is wrong with the inventory alone, or a template that does not render.
pub fn bootstrap_offline(inventory: &Inventory, renderer: &Renderer) -> Result<Plan, NoPlan> {
    let nodes =
        inventory.nodes.iter().map(|node| (node.name.clone(), Seen::Facts(Box::new(fresh(inventory)))));
    let observation = Observation { nodes: nodes.collect() };
    let mut plan = bootstrap(&Basis { inventory, observation: &observation, renderer })?;
    let assumed = if inventory.install { ASSUMED_BARE } else { ASSUMED };
    for situation in &mut plan.situation {
        assumed.clone_into(&mut situation.seen);
    }
    plan.consequences.clear();
    plan.warnings
        .insert(0, "made offline: no host was asked, so nothing is known of data that is there".into());
    plan.rests_on.clear();
    plan.offline = true;
    Ok(plan)
}

fn fresh(inventory: &Inventory) -> HostFacts {
    let version: Option<ServerVersion> = ASSUMED_SERIES.parse().ok();
    let installed = !inventory.install;
    HostFacts {
        os: String::new(),
        debian_family: true,
        arch: String::new(),
        machine_id: String::new(),
        host_keys: BTreeSet::new(),
        addresses: BTreeSet::new(),
        clock: 0.0,
        packages: BTreeMap::new(),
        candidate: version,
        server: version.filter(|_| installed),
        unit: UnitFacts {
            load: "loaded".into(),
            active: "inactive".into(),
            file: "enabled".into(),
            ..UnitFacts::default()
        },
        processes: Vec::new(),
        intents: Vec::new(),
        tools: ["mariabackup", "mbstream", "socat", "rsync"].map(str::to_owned).into(),
        providers: provider_candidates(inventory).into_iter().take(1).map(str::to_owned).collect(),
        socket: inventory.host.socket.clone().unwrap_or_default(),
        datadir: Datadir {
            path: inventory.host.datadir.clone().unwrap_or_default(),
            exists: installed,
            initialised: installed,
            bytes: 0,
            cache: 0,
            free: u64::MAX,
            schemas: Vec::new(),
            write_tests: Vec::new(),
            grastate: Grastate::Absent,
            gvwstate: false,
            sst_leftovers: Vec::new(),
        },
        config: None,
        server_answer: ServerAnswer::NoSocket,
        sst_grants: Vec::new(),
        slow_lookups: BTreeMap::new(),
        founding: None,
    }
}
