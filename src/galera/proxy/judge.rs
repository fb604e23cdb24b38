//! What is right and wrong with the proxies.

use super::facts::ProxyFacts;
use super::wanted::lacking;
use super::{Kind, Proxy, proxysql};
use crate::galera::facts::HostFacts;
use crate::galera::health::answer::Answer;
use crate::galera::inventory::Node;
use crate::galera::judge::{Basis, codes, guards};
use crate::kernel::facts::{Seen, UnitFacts};
use crate::kernel::judge::{Finding, Remedy, programs};

/// The proxies whose hosts were seen, with what was seen there.
pub fn seen<'a>(basis: &Basis<'a>) -> impl Iterator<Item = (&'a Proxy, &'a ProxyFacts)> + use<'a> {
    let observation = basis.observation;
    let proxies = basis.inventory.proxies().iter();
    proxies.filter_map(move |proxy| Some((proxy, observation.proxy(&proxy.name)?)))
}

/// Why proxies cannot be set up as things are: for each, the first reason.
pub fn obstacles(basis: &Basis<'_>) -> Vec<Finding> {
    let obstacle = |proxy: &Proxy| {
        let refusal = match basis.observation.proxies.get(&proxy.name) {
            Some(Seen::Facts(facts)) => {
                on_host(basis, proxy, facts).or_else(|| proxysql::steps::no_password(basis, proxy))?
            }
            Some(Seen::Unreachable(why)) => guards::not_seen(basis.inventory, why, &proxy.ssh),
            None => guards::not_seen(basis.inventory, &guards::NOT_LOOKED_AT.into(), &proxy.ssh),
        };
        Some(refusal.on(&proxy.name))
    };
    basis.inventory.proxies().iter().filter_map(obstacle).collect()
}

fn on_host(basis: &Basis<'_>, proxy: &Proxy, facts: &ProxyFacts) -> Option<Finding> {
    if let Some(refusal) = guards::wrong_address(&proxy.address, &proxy.ssh, &facts.program.machine.addresses)
    {
        return Some(refusal);
    }
    let program = proxy.kind.name();
    if let Some(refusal) = programs::masked(&facts.program.unit, program) {
        return Some(refusal);
    }
    if let Some(path) = facts.program.anothers().and_then(|artefact| proxy.kind.path(artefact)) {
        return Some(programs::foreign_file(path, "name another host under `proxies`"));
    }
    if let Some(path) = &facts.foreign {
        return Some(foreign_database(path, program));
    }
    if let Some(taken) = facts.program.taken.first() {
        let refusal = programs::port_taken(taken, "endpoint.write_port` or `endpoint.read_port");
        let before = taken.split_once(' ').and_then(|(_, program)| Kind::of_role(program));
        return Some(match before {
            Some(kind) => Finding::new(refusal.code, refusal.evidence, Remedy::on_host(kind.program().end)),
            None => refusal,
        });
    }
    if let Some(refusal) = no_package(basis, proxy, facts) {
        return Some(refusal);
    }
    let packages = proxy.kind.program().packages.join(" ");
    programs::not_installed(
        basis.inventory.install,
        &facts.program.machine,
        (&packages, facts.program.package.as_ref()),
        "the proxy",
    )
}

/// It keeps settings in a database, and somebody else has made them.
fn foreign_database(path: &str, name: &str) -> Finding {
    let evidence = format!("{path} holds settings that galactl did not make, and would replace");
    let next = Remedy::from("name another host under `proxies`; or, if they are not needed, ")
        .and(Remedy::on_host(format!("sudo systemctl stop {name} && sudo mv {path} {path}.before-galactl")));
    Finding::new(codes::FOREIGN_FILE, evidence, next)
}

/// The package is missing: the file that the inventory names cannot be read, or no apt source has the package.
fn no_package(basis: &Basis<'_>, proxy: &Proxy, facts: &ProxyFacts) -> Option<Finding> {
    let section = basis.inventory.proxysql.as_ref().filter(|_| proxy.kind == Kind::Proxysql)?;
    if facts.program.package.is_some() || !basis.inventory.install || !facts.program.machine.debian_family {
        return None;
    }
    let finding = |evidence: String, next: Remedy| Some(Finding::new(codes::NOT_INSTALLED, evidence, next));
    match &section.package {
        Some(package) if package.local.is_none() => finding(
            format!(
                "{} cannot be read on this machine, and ProxySQL is to be installed from it",
                package.file
            ),
            "correct `proxysql.package` in the inventory: its path is relative to that file".into(),
        ),
        None if facts.candidate.is_none() => finding(
            "apt on this host offers no package `proxysql`: Debian has none".into(),
            Remedy::from("name the file of one under `proxysql.package`, or add a source that has it and ")
                .and(Remedy::on_host("sudo apt-get update")),
        ),
        _ => None,
    }
}

/// What is wrong with proxies that are to be set up already: not seen, not as the inventory says, or of another
/// opinion than galactl.
pub fn findings(basis: &Basis<'_>) -> Vec<Finding> {
    let of_proxy = |proxy: &Proxy| {
        let finding = match basis.observation.proxies.get(&proxy.name) {
            Some(Seen::Facts(facts)) => {
                programs::hindered(ailing(basis, proxy, facts)?, on_host(basis, proxy, facts), "apply-config")
            }
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
    let finding = |evidence, next| Some(Finding::new(codes::PROXY, evidence, next));
    let program = proxy.kind.name();
    if !facts.program.unit.works() {
        let evidence =
            format!("{program}.service is {}: no client gets through this proxy", facts.program.unit.active);
        let why = Remedy::on_host(format!("journalctl -u {program}"));
        return finding(evidence, set_up().and(" starts it; why it ended: ").and(why));
    }
    let asked_by = proxy.kind.program().asked_by;
    if !facts.runs() {
        let works = facts.follower.as_ref().is_some_and(UnitFacts::works);
        let what = if works { "does not come back after a boot" } else { "does not run" };
        let evidence = format!("{asked_by}.service {what}: the proxy does not learn which nodes serve");
        return finding(evidence, set_up().and(" starts it"));
    }
    if let Some(file) = lacking(basis.inventory, basis.inventory.endpoint?, proxy, facts).first() {
        let evidence = format!("{} is not what the inventory says", file.path);
        return finding(evidence, set_up().and(" puts it right"));
    }
    if facts.program.stale {
        let evidence = format!("{program}.service runs with an older file than the one that is there");
        return finding(evidence, set_up().and(" reloads it"));
    }
    let next = Remedy::on_host(format!("journalctl -u {asked_by}")).and(" tells what its checks found");
    finding(disagreement(basis, facts)?, next)
}

/// A node to which the proxy sends clients although it is not Synced, or none although it is.
fn disagreement(basis: &Basis<'_>, facts: &ProxyFacts) -> Option<String> {
    let opinion = |(node, seen): (&Node, &HostFacts)| {
        let synced = seen.live().is_some_and(|live| live.is_primary() && live.is_synced());
        let told = basis.observation.health_of(&node.name)?;
        // A node that says itself that it does not serve has a finding of its own.
        let says = told.answer.as_ref().is_some_and(Answer::serves);
        match (synced && says, facts.takes(&node.name)) {
            (true, false) => {
                Some(format!("it sends no client to {}, which is Synced and says that it serves", node.name))
            }
            (false, true) if !synced && !says => {
                Some(format!("it sends clients to {}, which is {}", node.name, seen.state()))
            }
            _ => None,
        }
    };
    basis.nodes().find_map(opinion)
}

/// A proxy's host in one line.
pub fn describe(proxy: &Proxy, facts: &ProxyFacts) -> String {
    let version = facts.program.package.as_ref().map(|version| format!("{} {version}, ", proxy.kind.name()));
    format!("{}, {}{}", facts.program.machine.os, version.unwrap_or_default(), state(facts))
}

/// What it does, in words: `proxy, writes go to db1`.
pub fn state(facts: &ProxyFacts) -> String {
    if facts.program.package.is_none() {
        return "proxy, not installed".into();
    }
    if !facts.program.unit.works() {
        return format!("proxy, {}", facts.program.unit.active);
    }
    match facts.opinion.as_ref().and_then(|opinion| opinion.writer.as_ref()) {
        Some(node) => format!("proxy, writes go to {node}"),
        None => "proxy, running".into(),
    }
}
