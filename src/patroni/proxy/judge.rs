//! What is right and wrong with the proxies.

use std::collections::BTreeSet;

use super::facts::{ProxyFacts, Routes};
use super::settings::wanted;
use super::{Proxy, ROLE, SET_UP, sharing};
use crate::kernel::facts::{Seen, Unseen};
use crate::kernel::haproxy;
use crate::kernel::judge::{Finding, Remedy, programs};
use crate::kernel::keepalived::{self, Sharing};
use crate::kernel::model::NodeName;
use crate::kernel::model::words::names;
use crate::patroni::facts::{HostFacts, Live};
use crate::patroni::inventory::Node;
use crate::patroni::judge::hosts::SERVICES;
use crate::patroni::judge::{Basis, codes, reach, whole};
use crate::postgresql::hosts::wrong_address;

/// The proxies whose hosts were seen, with what was seen there.
pub fn seen<'a>(basis: &Basis<'a>) -> impl Iterator<Item = (&'a Proxy, &'a ProxyFacts)> + use<'a> {
    let observation = basis.observation;
    let proxies = basis.inventory.proxies.iter();
    proxies.filter_map(move |proxy| Some((proxy, observation.proxy(&proxy.name)?)))
}

/// The address that proxies share, with what was seen of each; `None`: they share none.
pub fn shared<'a>(basis: &Basis<'a>) -> Option<Sharing<'a>> {
    let observation = basis.observation;
    sharing::with(basis.inventory, |proxy| observation.sharing_of(&proxy.name))
}

/// What was seen of a proxy, or why nothing was.
fn look<'a>(basis: &Basis<'a>, proxy: &Proxy) -> Result<&'a ProxyFacts, Unseen> {
    match basis.observation.proxies.get(&proxy.name) {
        Some(Seen::Facts(facts)) => Ok(facts),
        Some(Seen::Unreachable(why)) => Err(why.clone()),
        None => Err("it was not scanned".into()),
    }
}

/// Why proxies cannot be set up as things are: for each, the first reason.
pub fn obstacles(basis: &Basis<'_>) -> Vec<Finding> {
    let first = |proxy: &Proxy| of_proxy(basis, proxy).into_iter().next();
    basis.inventory.proxies.iter().filter_map(first).collect()
}

/// The same with all reasons.
pub fn all_obstacles(basis: &Basis<'_>) -> Vec<Finding> {
    basis.inventory.proxies.iter().flat_map(|proxy| of_proxy(basis, proxy)).collect()
}

fn of_proxy(basis: &Basis<'_>, proxy: &Proxy) -> Vec<Finding> {
    let mut refusals = match look(basis, proxy) {
        Ok(facts) => on_host(basis, proxy, facts),
        Err(why) => vec![reach::not_seen(basis.inventory, &why, &proxy.ssh)],
    };
    let own = shared(basis).map(|it| keepalived::judge::obstacles(&it)).unwrap_or_default();
    let own = own.into_iter().find(|it| it.node.as_ref() == Some(&proxy.name));
    // A host without the proxy's address has no interface for the shared one either.
    refusals.extend(
        own.filter(|own| refusals.iter().all(|it| it.code != own.code || it.code != codes::WRONG_ADDRESS)),
    );
    refusals.into_iter().map(|refusal| refusal.on(&proxy.name)).collect()
}

fn on_host(basis: &Basis<'_>, proxy: &Proxy, facts: &ProxyFacts) -> Vec<Finding> {
    let program = &facts.program;
    let foreign = |_| programs::foreign_file(haproxy::FILE, "name another host under `proxies`");
    let taken = |taken: &String| programs::port_taken(taken, "endpoint.write_port` or `endpoint.read_port");
    let package = (ROLE, program.package.as_ref());
    let found = [
        wrong_address(&proxy.address, &proxy.ssh, &program.machine, SERVICES),
        programs::masked(&program.unit, ROLE),
        program.anothers().map(foreign),
        program.taken.first().map(taken),
        programs::not_installed(basis.inventory.install, &program.machine, package, "the proxy"),
    ];
    found.into_iter().flatten().collect()
}

/// What is wrong with proxies of a cluster that stands: not seen, not as the inventory says, or sending clients
/// elsewhere than they belong. `primary`: who leads, and its server.
pub fn findings(basis: &Basis<'_>, primary: Option<(&NodeName, &Live)>) -> Vec<Finding> {
    let of_proxy = |proxy: &Proxy| {
        let finding = match look(basis, proxy) {
            Ok(facts) => {
                let ailing = ailing(basis, primary, proxy, facts)?;
                programs::hindered(ailing, on_host(basis, proxy, facts).into_iter().next(), SET_UP)
            }
            Err(why) => {
                let next = "bring its host back; clients use another proxy meanwhile";
                Finding::new(codes::PROXY, format!("the proxy was not seen: {why}"), next)
            }
        };
        Some(finding.on(&proxy.name))
    };
    let own = basis.inventory.proxies.iter().filter_map(of_proxy);
    own.chain(shared(basis).iter().flat_map(keepalived::judge::findings)).collect()
}

fn ailing(
    basis: &Basis<'_>,
    primary: Option<(&NodeName, &Live)>,
    proxy: &Proxy,
    facts: &ProxyFacts,
) -> Option<Finding> {
    let set_up = || Remedy::galactl(SET_UP, &[]);
    let finding = |evidence: String, next| Some(Finding::new(codes::PROXY, evidence, next));
    let file = wanted(basis.inventory, basis.inventory.endpoint?, proxy, facts.config());
    let is_right = file.is_there(facts.config());
    if !facts.program.unit.works() {
        let active = &facts.program.unit.active;
        let evidence = format!("{ROLE}.service is {active}: no client gets through this proxy");
        let start = match is_right {
            true => Remedy::on_host(format!("sudo systemctl start {ROLE}")),
            false => set_up().and(" starts it"),
        };
        let why = Remedy::on_host(format!("sudo journalctl -u {ROLE} -n 50"));
        return finding(evidence, start.and("; why it ended: ").and(why));
    }
    if !is_right {
        let evidence = format!("{} is not what the inventory says", file.path);
        return finding(evidence, set_up().and(" puts it right"));
    }
    if facts.program.stale {
        let evidence = format!("{ROLE}.service runs with an older file than the one that is there");
        return finding(evidence, Remedy::on_host(format!("sudo systemctl reload {ROLE}")));
    }
    let next = Remedy::from("right after a failover, wait for some seconds; otherwise ")
        .and(Remedy::on_host(format!("sudo journalctl -u {ROLE} -n 50")))
        .and(" tells what its checks found");
    let Some(routes) = &facts.routes else {
        return finding(format!("{ROLE}.service runs, and does not tell where it sends clients"), next);
    };
    let (leader, live) = primary?;
    if let Some(evidence) = writes(routes, leader) {
        return finding(evidence, next);
    }
    let (evidence, of_node) = reads(basis, routes, leader, live)?;
    finding(evidence, of_node.unwrap_or(next))
}

/// Writes that go to another node than the primary, or to none.
fn writes(routes: &Routes, primary: &NodeName) -> Option<String> {
    if routes.writes.iter().eq([primary]) {
        return None;
    }
    Some(format!("it sends writes to {}, and {primary} is the primary", in_words(&routes.writes)))
}

/// A standby that follows and gets no reads, or one that gets reads and does not follow: then with what lets it follow.
fn reads(
    basis: &Basis<'_>,
    routes: &Routes,
    leader: &NodeName,
    primary: &Live,
) -> Option<(String, Option<Remedy>)> {
    let wrong = |(node, facts): (&Node, &HostFacts)| {
        let name = &node.name;
        match (whole::not_following(basis, leader, primary, node, facts), routes.reads.contains(name)) {
            (None, false) => Some((format!("it sends no reads to {name}, which follows {leader}"), None)),
            (Some(why), true) => {
                let evidence = format!("it sends reads to {name}, which does not follow {leader}");
                Some((evidence, Some(why.on(name).remedy)))
            }
            _ => None,
        }
    };
    basis.nodes().filter(|(node, _)| &node.name != leader).find_map(wrong)
}

/// `pg1 and pg2`, or `no node`.
pub fn in_words(nodes: &BTreeSet<NodeName>) -> String {
    let nodes: Vec<_> = nodes.iter().collect();
    if nodes.is_empty() { "no node".into() } else { names(&nodes, "and") }
}

/// A proxy's host in one line.
pub fn describe(facts: &ProxyFacts) -> String {
    let version = facts.program.package.as_ref().map(|version| format!("{ROLE} {version}, "));
    format!("{}, {}{}", facts.program.machine.os, version.unwrap_or_default(), state(facts))
}

/// What it does, in words: `proxy, writes go to pg1`.
fn state(facts: &ProxyFacts) -> String {
    if facts.program.package.is_none() {
        return "proxy, not installed".into();
    }
    match &facts.routes {
        _ if !facts.program.unit.works() => format!("proxy, {}", facts.program.unit.active),
        Some(routes) => format!("proxy, writes go to {}", in_words(&routes.writes)),
        None => "proxy, running".into(),
    }
}
