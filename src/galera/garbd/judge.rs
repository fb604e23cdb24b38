//! What is right and wrong with the arbitrators.

use super::facts::ArbitratorFacts;
use super::settings::GARBD_PACKAGE;
use super::{Arbitrator, UNIT};
use crate::galera::facts::HostFacts;
use crate::galera::inventory::Node;
use crate::galera::judge::Basis;
use crate::galera::judge::codes;
use crate::galera::judge::component::{Member, members};
use crate::galera::judge::guards;
use crate::galera::judge::links::{LinkEnd, with};
use crate::kernel::facts::Seen;
use crate::kernel::judge::{Code, Finding, Invocation, Remedy, programs};
use crate::kernel::model::ServerVersion;

/// The arbitrators whose hosts were seen, with what was seen there.
pub fn seen<'a>(basis: &Basis<'a>) -> impl Iterator<Item = (&'a Arbitrator, &'a ArbitratorFacts)> + use<'a> {
    let observation = basis.observation;
    let facts =
        move |arbitrator: &'a Arbitrator| Some((arbitrator, observation.arbitrator(&arbitrator.name)?));
    basis.inventory.arbitrators().iter().filter_map(facts)
}

pub fn is_hindered(obstacles: &[Finding], arbitrator: &Arbitrator) -> bool {
    obstacles.iter().any(|obstacle| obstacle.node.as_ref() == Some(&arbitrator.name))
}

pub fn left_as_it_is(obstacle: &Finding) -> String {
    let node = obstacle.node.as_ref().map_or_else(String::new, |node| format!("{node}: "));
    let next = obstacle.remedy.text(&Invocation::later());
    format!("{node}left as it is, {}; next: {next}", obstacle.evidence)
}

/// The arbitrators that certainly belong to this cluster: nothing is done on the host of another cluster's.
pub fn own<'a>(basis: &Basis<'a>) -> impl Iterator<Item = (&'a Arbitrator, &'a ArbitratorFacts)> + use<'a> {
    let others = anothers(basis);
    seen(basis).filter(move |(it, _)| others.iter().all(|other| other.node.as_ref() != Some(&it.name)))
}

/// Why arbitrators do not belong to this cluster: their hosts are not those that the inventory means.
pub fn anothers(basis: &Basis<'_>) -> Vec<Finding> {
    let mut others = obstacles(basis);
    others.retain(|it| is_anothers(it.code));
    others
}

/// The code says that the host is not the one that the inventory means.
pub fn is_anothers(code: Code) -> bool {
    matches!(code, codes::PRIMARY_ALIVE | codes::WRONG_ADDRESS | codes::SAME_MACHINE)
}

/// [`counted`], where the nodes that are Primary now are the component.
pub fn counted_now(basis: &Basis<'_>, facts: &ArbitratorFacts) -> Option<bool> {
    counted(basis, &members(basis), facts)
}

/// True where its daemon is a member of the Primary component `standing`; `None` where that cannot be told.
pub fn counted(basis: &Basis<'_>, standing: &[Member<'_>], facts: &ArbitratorFacts) -> Option<bool> {
    if !facts.runs() {
        return Some(false);
    }
    let first = standing.first()?;
    let by_name = first.facts.datadir.gvwstate.view().and_then(|view| facts.is_in(view));
    let others = usize::try_from(first.live.cluster_size).ok()?.saturating_sub(standing.len());
    let by_size = match others {
        0 => Some(false),
        others if others >= basis.inventory.arbitrators().len() => Some(true),
        _ => None,
    };
    by_name.or(by_size)
}

/// The arbitrators that are counted now. The data nodes tell whether they are connected to them.
pub fn link_ends(basis: &Basis<'_>) -> Vec<LinkEnd> {
    let counted = seen(basis).filter(|(_, facts)| counted_now(basis, facts) == Some(true));
    let end = |(arbitrator, facts): (&Arbitrator, &ArbitratorFacts)| {
        let addresses = with(&arbitrator.address, &facts.machine.addresses);
        LinkEnd::new(&arbitrator.name, addresses, None)
    };
    counted.map(end).collect()
}

/// Why galactl cannot set up arbitrators as things are: for each, the first reason.
pub fn obstacles(basis: &Basis<'_>) -> Vec<Finding> {
    let obstacle = |arbitrator: &Arbitrator| {
        let refusal = match basis.observation.arbitrators.get(&arbitrator.name) {
            Some(Seen::Facts(facts)) => on_host(basis, arbitrator, facts)?,
            Some(Seen::Unreachable(why)) => guards::not_seen(basis.inventory, why, &arbitrator.ssh),
            None => guards::not_seen(basis.inventory, &guards::NOT_LOOKED_AT.into(), &arbitrator.ssh),
        };
        Some(refusal.on(&arbitrator.name))
    };
    basis.inventory.arbitrators().iter().filter_map(obstacle).collect()
}

fn on_host(basis: &Basis<'_>, arbitrator: &Arbitrator, facts: &ArbitratorFacts) -> Option<Finding> {
    let unit = UNIT;
    if let Some(group) = facts.group().filter(|group| **group != basis.inventory.cluster.as_str()) {
        let evidence = format!("its garbd has a vote in another cluster, `{group}`");
        let next = "name another host under `arbitrators`, or take this one out of that cluster first";
        return Some(Finding::new(codes::PRIMARY_ALIVE, evidence, next));
    }
    if let Some(refusal) =
        guards::wrong_address(&arbitrator.address, &arbitrator.ssh, &facts.machine.addresses)
    {
        return Some(refusal);
    }
    if let Some(refusal) = programs::masked(&facts.unit, unit) {
        return Some(refusal);
    }
    if !facts.processes.is_empty() && !facts.unit.is_up() {
        let evidence = format!("garbd runs, but {unit}.service is {}", facts.unit.active);
        let next = Remedy::on_host("pgrep -a garbd; then stop what started it");
        return Some(Finding::new(codes::STRAY_SERVER, evidence, next));
    }
    on_a_node(basis, facts).or_else(|| {
        let package = (GARBD_PACKAGE, facts.package.as_ref());
        programs::not_installed(basis.inventory.install, &facts.machine, package, "the arbitrator")
    })
}

/// An arbitrator on a data node's host: both need the same port, and both fail when the host fails.
fn on_a_node(basis: &Basis<'_>, facts: &ArbitratorFacts) -> Option<Finding> {
    let mut nodes = basis.nodes();
    let twin = nodes.find(|(_, node)| node.machine.is_same_as(&facts.machine));
    twin.map(|(node, _)| {
        let evidence = format!("it is the same machine as {}", node.name);
        Finding::new(codes::SAME_MACHINE, evidence, "give the arbitrator a machine of its own")
    })
}

/// Daemons that run although no running cluster is known: one is running, or was until just now.
pub fn alive(basis: &Basis<'_>) -> Vec<Finding> {
    let unit = UNIT;
    let evidence = "garbd runs there: some cluster may be alive that has its vote";
    let next = Remedy::on_host(format!(
        "journalctl -u {unit} tells which one; if it is none, sudo systemctl stop {unit}"
    ));
    let running = seen(basis).filter(|(_, facts)| facts.runs());
    let refusal = |(arbitrator, _): (&Arbitrator, _)| {
        Finding::new(codes::PRIMARY_ALIVE, evidence, next.clone()).on(&arbitrator.name)
    };
    running.map(refusal).collect()
}

/// An arbitrator's host in one line.
pub fn describe(facts: &ArbitratorFacts) -> String {
    let version = facts.package.as_ref().map_or_else(String::new, |version| format!("garbd {version}, "));
    format!("{}, {version}{}, arbitrator", facts.machine.os, facts.state())
}

/// A group speaks the newest protocol that its first members know, and turns an older garbd away (seen:
/// bullseye's 26.4.18 in a group of 26.4.23).
pub fn warnings<'a>(basis: &Basis<'a>) -> impl Iterator<Item = Finding> + use<'a> {
    let upstream = |version: &str| version.split('-').next().and_then(|it| it.parse::<ServerVersion>().ok());
    let galera = |(node, facts): (&'a Node, &'a HostFacts)| {
        Some((upstream(facts.packages.get("galera-4")?)?, &node.name))
    };
    let newest = basis.nodes().filter_map(galera).max();
    seen(basis).filter_map(move |(arbitrator, facts)| {
        let (newest, node) = newest?;
        let own = upstream(facts.package.as_ref()?).filter(|own| *own < newest)?;
        let said =
            format!("its garbd {own} is older than the galera {newest} of {node}, which may turn it away");
        let next = "give it the release of Debian that the nodes have";
        Some(Finding::new(codes::VERSIONS, said, next).on(&arbitrator.name))
    })
}
