//! A running cluster becomes what its inventory says: files, Patroni's dynamic configuration, and restarts where a
//! setting needs one.

use std::collections::BTreeSet;

use serde_json::Value;

use super::begin::begin;
use super::led::{Led, led};
use super::no_plan::refuse;
use super::restarts::Restarts;
use super::rolling::{Rolling, synchronous_among};
use super::stages::{PATIENCE_SECONDS, software, verify_among};
use super::{Command, NoPlan, PatroniAction, Plan, Step, taking_over};
use crate::kernel::judge::{Finding, Remedy};
use crate::kernel::model::NodeName;
use crate::kernel::plan::{Follows, HostAction, PutFile, Width};
use crate::patroni::config::{
    Difference, DynamicConfig, FOREIGN_SECRET, PATRONI_CONFIG, in_effect, is_galactls, patroni_file, same,
    settings_in,
};
use crate::patroni::facts::HostFacts;
use crate::patroni::inventory::Node;
use crate::patroni::judge::{Basis, codes, drift, reach, whole};
use crate::patroni::model::Software;

/// Plans what brings the files of all nodes, and what etcd keeps for them, to the inventory.
///
/// Errors: a node is not seen, nobody leads, or a node is out of service for another reason than its settings.
pub fn apply_config(basis: &Basis<'_>) -> Result<Plan, NoPlan> {
    refuse(reach::unseen(basis))?;
    let led = led(basis)?;
    let software = software(basis)?;
    // Nodes that have no data yet get their files when they come.
    let nodes: Vec<_> = basis.nodes().filter(|(_, facts)| !facts.is_blank()).collect();
    let passwords = nodes.iter().filter_map(|(node, facts)| other_passwords(node, facts));
    refuse(passwords.chain(taking_over::refusals(basis, software, &nodes)).collect())?;
    let files: Vec<_> =
        nodes.iter().filter_map(|(node, facts)| changed(basis, node, facts, software)).collect();
    let found = configuration(basis, &led)?;
    let dynamic = DynamicConfig::of(basis.inventory);
    let change = dynamic.change(&found);
    let mends = |name: &NodeName| change.is_some() || files.iter().any(|file| file.node.name == *name);
    let ill = ill(basis, &led, &nodes, mends)?;

    let mut plan = begin(basis, Command::ApplyConfig);
    plan.warnings.extend(drift::members(basis, software).iter().map(ToString::to_string));
    let replaced = |node: &Node| files.iter().any(|file| file.node.name == node.name);
    taking_over::tell(basis, &mut plan, software, &nodes, replaced);
    put(&mut plan, &led, &files);
    read_again(&mut plan, &nodes, &files);
    if let Some(change) = &change {
        configure(basis, &mut plan, &led, change, &dynamic.differences(&found));
    }
    let joins = ill.iter().map(|node| {
        let action = PatroniAction::Join { leader: led.leader.clone(), patience_seconds: PATIENCE_SECONDS };
        Step::new(*node, action, "its server does not run yet, and Patroni tries again with the new settings")
    });
    plan.stage("Wait for servers that were down", Width::NodesInParallel, joins.collect());

    let among: Vec<_> = nodes.iter().map(|(node, _)| node.name.clone()).collect();
    let synchronous = synchronous_among(basis, &among);
    let joined: Vec<_> = ill.iter().map(|node| node.name.clone()).collect();
    let rolling = Rolling { basis, led: &led, nodes: among.clone(), synchronous, joined };
    let changes = nodes
        .iter()
        .map(|(node, facts)| (node.name.clone(), changed_settings(basis, (node, facts), software, &found)));
    let restarts = Restarts::of(basis, &led, &dynamic, &found, &changes.collect());
    restarts.plan(&mut plan, &rolling)?;
    if !plan.is_empty() {
        verify(basis, &mut plan, &led, among, synchronous);
    }
    Ok(plan)
}

/// A file that is to change.
struct Changed<'a> {
    node: &'a Node,
    file: PutFile,
}

fn changed<'a>(
    basis: &Basis<'_>,
    node: &'a Node,
    facts: &'a HostFacts,
    software: Software,
) -> Option<Changed<'a>> {
    let mut file = patroni_file(basis.inventory, node, software).put(&node.host, facts.config.as_ref());
    file.follows = Follows::Reload("patroni".parse().ok()?);
    (!file.is_there(facts.config.as_ref())).then_some(Changed { node, file })
}

/// Settings that are another one for this node's server afterwards, wherever they stand.
fn changed_settings(
    basis: &Basis<'_>,
    (node, facts): (&Node, &HostFacts),
    software: Software,
    found: &Value,
) -> BTreeSet<String> {
    let there = facts.config.as_ref().map(|it| it.text.as_str()).unwrap_or_default();
    let old = in_effect(found, there);
    let wanted = DynamicConfig::of(basis.inventory).to_json();
    let new = in_effect(&wanted, &patroni_file(basis.inventory, node, software).text);
    let alike = |name: &str| match (old.get(name), new.get(name)) {
        (Some(old), Some(new)) => same(old, new),
        (old, new) => old == new,
    };
    old.keys().chain(new.keys()).filter(|name| !alike(name)).cloned().collect()
}

/// A file in which passwords are others than those of the inventory: the roles in the database would still have the old
/// ones, and nobody could follow.
fn other_passwords(node: &Node, facts: &HostFacts) -> Option<Finding> {
    let file = facts.config.as_ref().filter(|file| is_galactls(&file.text))?;
    let next = Remedy::from("bring the passwords in the inventory back to those that are in use; or change them by hand, first the role's in the database (ALTER ROLE … PASSWORD), then in ")
        .and(format!("{PATRONI_CONFIG} on all nodes"));
    let evidence = format!("its {PATRONI_CONFIG} has other passwords than the inventory");
    file.text
        .contains(FOREIGN_SECRET)
        .then(|| Finding::new(codes::CONFIG_DRIFT, evidence, next).on(&node.name))
}

/// Patroni's dynamic configuration, as the leader tells it.
fn configuration(basis: &Basis<'_>, led: &Led<'_>) -> Result<Value, NoPlan> {
    let told = basis.observation.facts(led.leader).map(|facts| &facts.patroni.config);
    told.and_then(|config| config.told()).cloned().ok_or_else(|| {
        let next = Remedy::on_host("sudo journalctl -u patroni -n 50");
        let evidence = "its Patroni does not tell the dynamic configuration";
        NoPlan::Refused(vec![Finding::new(codes::PATRONI_DOWN, evidence, next).on(led.leader)])
    })
}

/// Nodes whose Patroni is at work and whose server is down, where this plan changes what it starts with.
///
/// Errors: whatever else is not whole. How many standbys are synchronous is seen at each restart: it may be what changes.
fn ill<'a>(
    basis: &Basis<'_>,
    led: &Led<'_>,
    nodes: &[(&'a Node, &'a HostFacts)],
    mends: impl Fn(&NodeName) -> bool,
) -> Result<Vec<&'a Node>, NoPlan> {
    let in_cluster = |name: &NodeName| nodes.iter().any(|(node, _)| node.name == *name);
    let mut findings = whole::among(basis, led.leader, in_cluster, 0);
    // With pg_rewind on again, Patroni would remove what only a node has that does not follow.
    let apart = whole::rewinds_nobody(basis);
    let mut ill = Vec::new();
    findings.retain(|finding| {
        let named = |(node, _): &&(&Node, &HostFacts)| finding.node.as_ref() == Some(&node.name);
        let found = nodes.iter().find(named).filter(|(node, facts)| {
            finding.code == codes::NOT_FOLLOWING && facts.patroni_runs() && mends(&node.name) && !apart
        });
        ill.extend(found.map(|(node, _)| *node));
        found.is_none()
    });
    let runs = |name: &NodeName| basis.observation.facts(name).is_some_and(HostFacts::patroni_runs);
    let waits = |finding: &Finding| {
        finding.code == codes::NOT_FOLLOWING && apart && finding.node.as_ref().is_some_and(&runs)
    };
    let told = findings.into_iter().map(|it| if waits(&it) { it.remedy(whole::compare()) } else { it });
    refuse(told.collect())?;
    Ok(ill)
}

/// Standbys first: a file that cannot be read stops the run before the primary has it.
fn put(plan: &mut Plan, led: &Led<'_>, files: &[Changed<'_>]) {
    let (first, last): (Vec<_>, Vec<_>) = files.iter().partition(|file| file.node.name != *led.leader);
    let steps = first.into_iter().chain(last).flat_map(|Changed { node, file, .. }| {
        let settings = settings_in(&file.text).into_iter().collect();
        [
            Step::new(*node, HostAction::PutFile(file.clone()), "the file is not what the inventory says"),
            Step::new(*node, PatroniAction::Reload { settings }, "what needs no restart takes effect by it"),
        ]
    });
    plan.stage("Files", Width::Serial, steps.collect());
}

/// A run that was cut off has put files in place that no Patroni has read.
fn read_again(plan: &mut Plan, nodes: &[(&Node, &HostFacts)], files: &[Changed<'_>]) {
    let unread = nodes.iter().filter(|(node, facts)| {
        facts.stale && facts.patroni_runs() && files.iter().all(|file| file.node.name != node.name)
    });
    let steps = unread.filter_map(|(node, facts)| {
        let settings = settings_in(&facts.config.as_ref()?.text).into_iter().collect();
        let why = "Patroni was started before its file was written";
        Some(Step::new(*node, PatroniAction::Reload { settings }, why))
    });
    plan.stage("Let Patroni read its file", Width::Serial, steps.collect());
}

fn configure(basis: &Basis<'_>, plan: &mut Plan, led: &Led<'_>, change: &Value, differences: &[Difference]) {
    let Some(node) = basis.inventory.node(led.leader) else { return };
    let found = |it: &Difference| match &it.found {
        Some(found) => format!("{} is {found}", it.path),
        None => format!("{} is not set", it.path),
    };
    let why = differences.iter().map(found).collect::<Vec<_>>().join("; ");
    let step = Step::new(node, PatroniAction::Configure { change: change.clone() }, why);
    plan.stage("Patroni's dynamic configuration", Width::Serial, vec![step]);
}

fn verify(basis: &Basis<'_>, plan: &mut Plan, led: &Led<'_>, among: Vec<NodeName>, synchronous: usize) {
    if let Some(node) = basis.inventory.node(led.leader) {
        let action = PatroniAction::VerifySettings { nodes: among.clone() };
        let why = "Patroni leaves out what it does not take, without an error";
        plan.stage("Verify the settings", Width::Serial, vec![Step::new(node, action, why)]);
    }
    verify_among(basis, plan, among, synchronous);
}
