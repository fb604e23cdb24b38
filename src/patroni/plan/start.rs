//! What was stopped starts again, by the verdict of a recovery, and never where that gives up anybody's data.

use super::begin::begin;
use super::led::{Led, led};
use super::no_plan::refuse;
use super::recover::store::{self, Store};
use super::rolling::{in_service, synchronous_among};
use super::stages::{PATIENCE_SECONDS, software, verify_among};
use super::{Choice, Command, NoPlan, PatroniAction, Plan, Step, preparation, recover};
use crate::kernel::judge::{Finding, Remedy};
use crate::kernel::model::NodeName;
use crate::kernel::plan::Width;
use crate::patroni::facts::HostFacts;
use crate::patroni::inventory::Node;
use crate::patroni::judge::{Basis, codes, nodes as judge, reach, whole};
use crate::patroni::model::Software;
use crate::patroni::recovery::{Evidence, Fate, Standing, gather, sentence, standings};

/// Plans the start of these nodes in a cluster that is led; of no node named, of all that are stopped. Where the whole
/// cluster is stopped, it begins with the node that has all that the others have.
///
/// Errors: those of a recovery; and whatever only `recover` may decide.
pub fn start(basis: &Basis<'_>, nodes: &[NodeName]) -> Result<Plan, NoPlan> {
    match led(basis) {
        Ok(led) => beside(basis, &led, nodes),
        Err(NoPlan::Refused(refusals)) if refusals.iter().all(|it| it.code == codes::NO_PRIMARY) => {
            all(basis, nodes)
        }
        Err(why) => Err(why),
    }
}

/// Nodes come back to a primary that leads.
fn beside(basis: &Basis<'_>, led: &Led<'_>, nodes: &[NodeName]) -> Result<Plan, NoPlan> {
    let is_named = |finding: &Finding| finding.node.as_ref().is_none_or(|node| nodes.contains(node));
    let (unseen, left_out): (Vec<_>, Vec<_>) = reach::unseen(basis).into_iter().partition(is_named);
    refuse(unseen)?;
    let Led { leader, .. } = *led;
    let stopped = |(node, facts): &(&Node, &HostFacts)| {
        !facts.patroni_runs() && (nodes.is_empty() || nodes.contains(&node.name))
    };
    let stopped: Vec<_> = basis.nodes().filter(stopped).collect();
    refuse(astray(basis, led, nodes))?;
    let mut plan = begin(basis, Command::Start { nodes: nodes.to_vec() });
    plan.warnings.extend(left_out.iter().map(|finding| format!("{finding}: it is left out")));
    if stopped.is_empty() {
        return Ok(plan);
    }
    if basis.observation.recovered.is_none() {
        return Err(NoPlan::PositionsWanted);
    }
    let evidence = gather(basis);
    let standings = standings(&evidence, leader);
    let (mut joiners, mut refusals) = (Vec::new(), Vec::new());
    for (node, facts) in stopped {
        let Some(standing) = standings.iter().find(|it| it.node == node.name) else { continue };
        match &standing.fate {
            Fate::Source => refusals.push(judge::primary_without_patroni(basis, leader)),
            Fate::Copies if nodes.is_empty() => plan.warnings.push(format!(
                "{}: it has no data, and is left out; galactl bootstrap lets it copy the primary's",
                node.name
            )),
            Fate::Copies => refusals.push(no_data(&node.name)),
            fate if fate.may_lose() => refusals.push(apart(&evidence, standing)),
            _ if facts.server_runs() => refusals.push(alone(leader, &node.name)),
            _ => joiners.push((node, facts, sentence(&evidence, standing))),
        }
    }
    refuse(refusals)?;
    let software = software(basis)?;
    stores(basis, &mut plan, software)?;
    join(basis, &mut plan, software, leader, &joiners);
    if !plan.is_empty() {
        let among = in_service(basis, led).chain(joiners.iter().map(|(node, ..)| &node.name));
        let among: Vec<_> = among.cloned().collect();
        let synchronous = synchronous_among(basis, &among);
        verify_among(basis, &mut plan, among, synchronous);
    }
    Ok(plan)
}

/// Those named that are started already, and do not follow: another start would change nothing.
fn astray(basis: &Basis<'_>, led: &Led<'_>, nodes: &[NodeName]) -> Vec<Finding> {
    let runs = |(node, facts): &(&Node, &HostFacts)| {
        facts.patroni_runs() && node.name != *led.leader && nodes.contains(&node.name)
    };
    let astray = basis.nodes().filter(runs).filter_map(|(node, facts)| {
        let finding = whole::not_following(basis, led.leader, led.primary, node, facts)?;
        Some(finding.on(&node.name))
    });
    astray.collect()
}

/// Their files first: what was changed in the inventory meanwhile is right from the start.
fn join(
    basis: &Basis<'_>,
    plan: &mut Plan,
    software: Software,
    leader: &NodeName,
    joiners: &[(&Node, &HostFacts, String)],
) {
    plan.consequences.extend(joiners.iter().map(|(.., text)| text.clone()));
    let files =
        joiners.iter().flat_map(|(node, facts, _)| preparation::of_node(basis, node, facts, software));
    plan.stage("Files", Width::NodesInParallel, files.collect());
    let step = |(node, ..): &(&Node, &HostFacts, String)| {
        let action = PatroniAction::Join { leader: leader.clone(), patience_seconds: PATIENCE_SECONDS };
        Step::new(*node, action, "the primary holds all that it has")
    };
    plan.stage("Start", Width::NodesInParallel, joiners.iter().map(step).collect());
}

/// Members of etcd that do not run.
fn stores(basis: &Basis<'_>, plan: &mut Plan, software: Software) -> Result<(), NoPlan> {
    match store::of(basis)? {
        Store::Answers { stopped } => store::complete(basis, plan, software, &stopped),
        Store::Start(_) | Store::New { .. } => Err(NoPlan::Refused(vec![etcd_is_for_recover()])),
    }
}

/// Nobody leads: the verdict of a recovery, as far as it gives up nothing.
fn all(basis: &Basis<'_>, nodes: &[NodeName]) -> Result<Plan, NoPlan> {
    let mut plan = recover(basis, &Choice::default())?;
    if matches!(plan.command, Command::Recover { preliminary: true, .. }) || !plan.discards.is_empty() {
        let next = Remedy::galactl("recover", &[]).and(" tells what each has, and what comes first");
        let evidence = "something runs without a primary, or was cut off";
        return Err(NoPlan::Refused(vec![Finding::new(codes::NO_PRIMARY, evidence, next)]));
    }
    let every = basis.inventory.nodes.iter().all(|node| nodes.contains(&node.name));
    if !nodes.is_empty() && !every {
        let next = Remedy::galactl("start", &[]).and(", without a node, begins with the one that has all");
        let evidence = "no primary runs that it could follow: the whole cluster is stopped";
        let refusal = |name| Finding::new(codes::NO_PRIMARY, evidence, next.clone()).on(name);
        return Err(NoPlan::Refused(nodes.iter().map(refusal).collect()));
    }
    plan.command = Command::Start { nodes: nodes.to_vec() };
    Ok(plan)
}

fn etcd_is_for_recover() -> Finding {
    let next = Remedy::galactl("recover", &[]).and(" starts etcd first, and then the cluster");
    Finding::new(
        codes::STORE_UNKNOWN,
        "etcd does not tell what it has: it is stopped, or has lost its data",
        next,
    )
}

/// What it has can be compared only once it is stopped, and Patroni would rewind it without that.
fn alone(leader: &NodeName, node: &NodeName) -> Finding {
    let next = Remedy::galactl("recover", &[]).and(" tells how to stop it, and compares then");
    let evidence = format!("its server runs without Patroni, and may have what {leader} lacks");
    Finding::new(codes::NOT_FOLLOWING, evidence, next).on(node)
}

fn no_data(node: &NodeName) -> Finding {
    let next = Remedy::galactl("bootstrap", &[]).and(", which lets it copy the primary's data");
    Finding::new(codes::NOT_FOLLOWING, "it has no data to start with", next).on(node)
}

/// It has, or may have, what the primary lacks. Patroni would rewind it without a word.
fn apart(evidence: &Evidence, standing: &Standing) -> Finding {
    let text = sentence(evidence, standing);
    let node = format!("{}: ", standing.node);
    let told = text.strip_prefix(&node).unwrap_or(&text).to_owned();
    let next = Remedy::galactl("recover", &["--dry-run"])
        .and(" shows what each has, and how to go on without what only it has");
    Finding::new(codes::FORKED, told, next).on(&standing.node)
}
