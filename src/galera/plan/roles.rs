//! The members of a cluster that hold no data, as every planner meets them. Each role has a folder; here is
//! the list of them.

use std::collections::BTreeSet;

use super::{Action, NoPlan, Plan, ServerAction, Step, endpoint};
use crate::galera::garbd::{self, judge, offline, removal, settings, steps};
use crate::galera::inventory::{Arbitrator, Inventory, Proxy};
use crate::galera::judge::component::Member;
use crate::galera::judge::links::LinkEnd;
use crate::galera::judge::{Basis, warnings};
use crate::galera::monitoring::action::MonitoringAction;
use crate::galera::monitoring::program::Service;
use crate::galera::monitoring::{self, program, texts};
use crate::galera::observation::Observation;
use crate::galera::plan::no_plan::refuse;
use crate::galera::proxy::{self, Kind};
use crate::galera::tls;
use crate::kernel::facts::Seen;
use crate::kernel::judge::Finding;
use crate::kernel::keepalived;
use crate::kernel::model::NodeName;
use crate::kernel::plan::{Situation, Width};

pub use crate::galera::garbd::state::ArbitratorState;
pub use judge::{counted_now, warnings as warnings_of_arbitrators};
pub use removal::{unseen, votes_left};

const TITLE: &str = "Arbitrators";

/// The files of all roles: whose each is, its path and its text.
pub fn files(inventory: &Inventory) -> Vec<(&NodeName, &'static str, String)> {
    let watched = program::places(inventory).into_iter();
    let of_monitoring = watched.flat_map(|place| texts::all(inventory, place));
    settings::files(inventory).chain(endpoint::files(inventory)).chain(of_monitoring).collect()
}

/// What was seen of them, one line each.
pub fn situations(basis: &Basis<'_>) -> Vec<Situation> {
    let arbitrators = judge::seen(basis)
        .map(|(it, facts)| Situation::new(it, it.address.to_string(), judge::describe(facts)));
    let proxies = proxy::judge::seen(basis)
        .map(|(it, facts)| Situation::new(it, it.address.to_string(), proxy::judge::describe(it, facts)));
    arbitrators.chain(proxies).collect()
}

/// Why members cannot be helped as things are: of each, the first reason.
pub fn obstacles(basis: &Basis<'_>) -> Vec<Finding> {
    judge::obstacles(basis).into_iter().chain(endpoint::obstacles(basis)).collect()
}

/// The same of those that vote.
pub fn obstacles_to_votes(basis: &Basis<'_>) -> Vec<Finding> {
    judge::obstacles(basis)
}

/// Adds what they lack that can be helped, once these nodes are the cluster. Why others are left as they are
/// stands in the plan's warnings.
pub fn enlist(basis: &Basis<'_>, plan: &mut Plan, nodes: &[NodeName], standing: &[Member<'_>]) {
    add(plan, steps::enlist(basis, nodes, standing));
    endpoint::bring_up(basis, plan, nodes);
    plan.warnings.extend(endpoint::obstacles(basis).iter().map(judge::left_as_it_is));
}

/// Adds what monitoring lacks, last of all: nothing of the cluster's waits for it.
pub fn watch(basis: &Basis<'_>, plan: &mut Plan, nodes: &[NodeName]) {
    if let Some(first) = nodes.first() {
        let (exporters, watchers) = monitoring::steps::set_up(basis, first);
        plan.stage("Exporters", Width::NodesInParallel, exporters);
        plan.stage("Prometheus", Width::Serial, watchers);
    }
    plan.warnings.extend(monitoring::judge::obstacles(basis).iter().map(judge::left_as_it_is));
}

/// Lets nobody get up for what the plan itself causes. The last thing that a planner does, and the first that is done.
pub fn quiet(basis: &Basis<'_>, plan: &mut Plan) {
    let is_work = |step: &&Step| Service::ALL.iter().all(|service| service.role() != step.role());
    let worked_on: BTreeSet<_> = plan.steps().filter(is_work).map(|step| step.node.clone()).collect();
    if worked_on.is_empty() {
        return;
    }
    // Whoever joins has a donor, and any node may be the one.
    let joins = |step: &Step| matches!(step.action, Action::Server(ServerAction::Join { .. }));
    let donors = basis.inventory.nodes.iter().filter(|_| plan.steps().any(joins));
    let nodes: BTreeSet<_> = donors.map(|node| node.name.clone()).chain(worked_on).collect();
    let steps: Vec<_> = monitoring::steps::silence(basis, nodes.into_iter().collect()).into_iter().collect();
    plan.stage_before("Silence what this causes", steps);
}

/// The plan as it is where nobody has to be kept silent: an Alertmanager comes and goes, and changes no work.
pub fn without_silence(plan: &Plan) -> Plan {
    let mut rest = plan.clone();
    let is_silence =
        |step: &Step| matches!(step.action, Action::Monitoring(MonitoringAction::Silence { .. }));
    rest.stages.retain(|stage| !stage.steps.iter().all(is_silence));
    rest
}

/// Stops what tells how nodes are that left for good.
pub fn unwatch(basis: &Basis<'_>, plan: &mut Plan, nodes: &[NodeName]) {
    let steps = nodes.iter().flat_map(|node| monitoring::steps::retire(basis, node)).collect();
    plan.stage("Stop their exporters", Width::NodesInParallel, steps);
}

/// Adds the start of those that are configured as the inventory says, after a recovery.
pub fn call_back(basis: &Basis<'_>, plan: &mut Plan, nodes: &[NodeName], stopped: bool) {
    add(plan, steps::call_back(basis, nodes, stopped));
}

/// Gives members that run the certificates that they lack, without a restart of a server.
pub fn renew(basis: &Basis<'_>, plan: &mut Plan, standing: &[Member<'_>]) {
    let running: Vec<_> = standing.iter().map(|member| member.node.name.clone()).collect();
    for (title, steps) in tls::steps::renewal(basis, &running) {
        plan.stage(title, Width::Serial, steps);
    }
}

/// Restarts the arbitrators that run so that they take clear text and TLS, as this inventory wants it.
pub fn take_both(basis: &Basis<'_>, standing: &[Member<'_>]) -> Vec<Step> {
    let nodes: Vec<_> = standing.iter().map(|member| member.node.name.clone()).collect();
    steps::take_both(basis, &nodes)
}

/// Leaves out what the plan does already: certificates of arbitrators, and of nodes that run outside the cluster, are
/// renewed before these are restarted.
pub fn not_twice(plan: &Plan, steps: &mut Vec<Step>) {
    steps.retain(|step| plan.steps().all(|there| there.id != step.id));
}

fn add(plan: &mut Plan, mut added: steps::Added<Action>) {
    not_twice(plan, &mut added.steps);
    plan.stage(TITLE, Width::Serial, added.steps);
    plan.warnings.extend(added.warnings);
}

/// Stops all that run.
pub fn stops(basis: &Basis<'_>, why: &str) -> Vec<Step> {
    steps::stops(basis, why)
}

/// Stops these for good.
pub fn removals(basis: &Basis<'_>, names: &[NodeName]) -> Vec<Step> {
    steps::removals(basis, names)
}

/// Those of their files that name the data nodes.
pub fn lists(basis: &Basis<'_>) -> Vec<Step> {
    steps::lists(basis).collect()
}

/// As a plan's warnings say it.
pub fn left_as_they_are(basis: &Basis<'_>) -> Vec<String> {
    obstacles(basis).iter().map(judge::left_as_it_is).collect()
}

/// Adds them to an observation of hosts that are assumed to be fresh.
pub fn assume_fresh(inventory: &Inventory, observation: &mut Observation) {
    let fresh = |it: &Arbitrator| (it.name.clone(), offline::fresh(inventory.install));
    observation.arbitrators = inventory.arbitrators().iter().map(fresh).collect();
    let fresh = |it: &Proxy| (it.name.clone(), proxy::offline::fresh(inventory.install));
    observation.proxies = inventory.proxies().iter().map(fresh).collect();
    let sharing = inventory.proxies().iter().filter(|_| inventory.shared_address().is_some());
    observation.sharing =
        sharing.map(|it| (it.name.clone(), keepalived::steps::fresh(inventory.install))).collect();
    let nodes = inventory.nodes.iter().filter(|_| inventory.endpoint.is_some());
    for place in program::places(inventory) {
        let facts = Seen::Facts(Box::new(monitoring::steps::fresh(inventory.install)));
        let of_role = observation.services.entry(place.service.role().to_owned()).or_default();
        of_role.insert(place.member.clone(), facts);
    }
    observation.health = nodes.map(|it| (it.name.clone(), Seen::Facts(Box::default()))).collect();
}

/// What is assumed of a member of this role, in words; `None`: it is a data node.
pub fn assumed(role: &str, inventory: &Inventory) -> Option<&'static str> {
    match role {
        garbd::ROLE => Some(offline::assumed(inventory.install)),
        role if Kind::of_role(role).is_some() => Some(proxy::offline::assumed(inventory.install)),
        role if role == Service::Prometheus.role() => Some("assumed: a host for Prometheus, not set up"),
        _ => None,
    }
}

/// Those that are counted in the standing component, by their links.
pub fn link_ends(basis: &Basis<'_>) -> Vec<LinkEnd> {
    judge::link_ends(basis)
}

/// Daemons that run where no cluster is known.
pub fn alive(basis: &Basis<'_>) -> Vec<Finding> {
    judge::alive(basis)
}

/// A plan with nothing to do says that the cluster stands as the inventory says: not so where a member
/// was left as it is.
///
/// Errors: why it was.
pub fn not_silently(basis: &Basis<'_>, plan: Plan) -> Result<Plan, NoPlan> {
    if plan.is_empty() {
        refuse(obstacles(basis))?;
    }
    Ok(plan)
}

/// What is unwise about the hosts, one text each.
pub fn warnings(basis: &Basis<'_>) -> Vec<String> {
    let of_nodes = warnings::of_hosts(basis).into_iter();
    let all = of_nodes.chain(judge::warnings(basis)).chain(warnings::of_cluster(basis));
    all.map(|warning| warnings::text(&warning)).collect()
}
