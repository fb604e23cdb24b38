//! What is right and wrong with the proxies.

use super::facts::ProxyFacts;
use super::settings::{self, FILE};
use super::{PACKAGE, Proxy, UNIT};
use crate::galera::inventory::Node;
use crate::galera::judge::{Basis, codes, guards, programs};
use crate::kernel::facts::Seen;
use crate::kernel::judge::{Finding, Remedy};

/// The proxies whose hosts were seen, with what was seen there.
pub fn seen<'a>(basis: &Basis<'a>) -> impl Iterator<Item = (&'a Proxy, &'a ProxyFacts)> + use<'a> {
    let observation = basis.observation;
    let proxies = basis.inventory.proxies().iter();
    proxies.filter_map(move |proxy| Some((proxy, observation.proxy(&proxy.name)?)))
}

/// Why proxies cannot be set up as things are: of each, the first reason.
pub fn obstacles(basis: &Basis<'_>) -> Vec<Finding> {
    let obstacle = |proxy: &Proxy| {
        let refusal = match basis.observation.proxies.get(&proxy.name) {
            Some(Seen::Facts(facts)) => on_host(basis, proxy, facts)?,
            Some(Seen::Unreachable(why)) => guards::not_seen(basis.inventory, why, &proxy.ssh),
            None => guards::not_seen(basis.inventory, &guards::NOT_LOOKED_AT.into(), &proxy.ssh),
        };
        Some(refusal.on(&proxy.name))
    };
    basis.inventory.proxies().iter().filter_map(obstacle).collect()
}

fn on_host(basis: &Basis<'_>, proxy: &Proxy, facts: &ProxyFacts) -> Option<Finding> {
    if let Some(refusal) = guards::wrong_address(&proxy.address, &proxy.ssh, &facts.machine.addresses) {
        return Some(refusal);
    }
    if let Some(refusal) = programs::masked(&facts.unit, UNIT) {
        return Some(refusal);
    }
    if facts.is_anothers() {
        return Some(programs::foreign_file(FILE, "name another host under `proxies`"));
    }
    if let Some(taken) = facts.taken.first() {
        return Some(guards::port_taken(taken, "endpoint.write_port` or `endpoint.read_port"));
    }
    programs::not_installed(basis.inventory, &facts.machine, (PACKAGE, facts.package.as_ref()), "the proxy")
}

/// What is wrong with proxies that are to be set up already: not seen, not as the inventory says, or of another
/// opinion than galactl.
pub fn findings(basis: &Basis<'_>) -> Vec<Finding> {
    let of_proxy = |proxy: &Proxy| {
        let finding = match basis.observation.proxies.get(&proxy.name) {
            Some(Seen::Facts(facts)) => ailing(basis, proxy, facts)?,
            Some(Seen::Unreachable(why)) => unseen(&why.to_string()),
            None => unseen(guards::NOT_LOOKED_AT),
        };
        Some(finding.on(&proxy.name))
    };
    basis.inventory.proxies().iter().filter_map(of_proxy).collect()
}

fn unseen(why: &str) -> Finding {
    let evidence = format!("the proxy was not seen: {why}");
    Finding::new(codes::PROXY, evidence, "bring its host back; clients use another proxy meanwhile")
}

fn ailing(basis: &Basis<'_>, proxy: &Proxy, facts: &ProxyFacts) -> Option<Finding> {
    let set_up = || Remedy::galactl("apply-config", &[]);
    if facts.unit.active != "active" {
        let evidence = format!("{UNIT}.service is {}: no client gets through this proxy", facts.unit.active);
        let next =
            set_up().and(" starts it; why it ended: ").and(Remedy::on_host(format!("journalctl -u {UNIT}")));
        return Some(Finding::new(codes::PROXY, evidence, next));
    }
    let endpoint = basis.inventory.endpoint?;
    let there = facts.config.as_ref();
    if !settings::wanted(basis.inventory, endpoint, proxy, there).is_there(there) {
        let evidence = format!("{FILE} is not what the inventory says");
        return Some(Finding::new(codes::PROXY, evidence, set_up().and(" puts it right")));
    }
    if facts.stale {
        let evidence = format!("{UNIT}.service runs with an older file than the one that is there");
        return Some(Finding::new(codes::PROXY, evidence, set_up().and(" reloads it")));
    }
    disagreement(basis, facts)
}

/// A node to which the proxy sends clients although it is not Synced, or none although it is.
fn disagreement(basis: &Basis<'_>, facts: &ProxyFacts) -> Option<Finding> {
    let opinion = |(node, seen): (&Node, &crate::galera::facts::HostFacts)| {
        let synced = seen.live().is_some_and(|live| live.is_primary() && live.is_synced());
        let takes = facts.opinions.iter().any(|it| it.takes(&node.name));
        let told = basis.observation.health_of(&node.name)?;
        // A node that says itself that it does not serve is found there.
        let says = told.answer.as_ref().is_some_and(super::super::health::answer::Answer::serves);
        match (synced && says, takes) {
            (true, false) => {
                Some(format!("it sends no client to {}, which is Synced and says that it serves", node.name))
            }
            (false, true) if !synced && !says => {
                Some(format!("it sends clients to {}, which is {}", node.name, seen.state()))
            }
            _ => None,
        }
    };
    let evidence = basis.nodes().find_map(opinion)?;
    let next = Remedy::on_host(format!("journalctl -u {UNIT} tells what its checks found"));
    Some(Finding::new(codes::PROXY, evidence, next))
}

/// A proxy's host in one line.
pub fn describe(basis: &Basis<'_>, facts: &ProxyFacts) -> String {
    let version = facts.package.as_ref().map_or_else(String::new, |version| format!("haproxy {version}, "));
    format!("{}, {version}{}", facts.machine.os, state(basis, facts))
}

/// What it does, in words: `proxy, writes go to db1`.
pub fn state(basis: &Basis<'_>, facts: &ProxyFacts) -> String {
    if facts.package.is_none() {
        return "proxy, not installed".into();
    }
    if facts.unit.active != "active" {
        return format!("proxy, {}", facts.unit.active);
    }
    let writer = facts
        .writer
        .and_then(|number| basis.inventory.nodes.iter().find(|node| settings::number(&node.name) == number));
    match writer {
        Some(node) => format!("proxy, writes go to {}", node.name),
        None => "proxy, running".into(),
    }
}
