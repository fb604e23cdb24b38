//! Judging the answers of the nodes' health units.

use super::facts::HealthFacts;
use super::steps::{lacking, seen};
use crate::galera::facts::Live;
use crate::galera::inventory::Node;
use crate::galera::judge::{Basis, codes, room};
use crate::kernel::judge::{Finding, Remedy, programs};

/// Why health units cannot be set up as things are.
pub fn obstacles(basis: &Basis<'_>) -> Vec<Finding> {
    let taken = |(node, facts): (&Node, &HealthFacts)| {
        let finding = programs::port_taken(facts.taken.as_ref()?, "endpoint.health_port");
        Some(finding.on(&node.name))
    };
    seen(basis).filter_map(taken).collect()
}

/// A finding for each node that gives no answer, or one that contradicts what galactl sees.
pub fn findings(basis: &Basis<'_>) -> Vec<Finding> {
    seen(basis).filter_map(|(node, facts)| Some(finding(basis, node, facts)?.on(&node.name))).collect()
}

fn finding(basis: &Basis<'_>, node: &Node, facts: &HealthFacts) -> Option<Finding> {
    let equip = || Remedy::galactl("apply-config", &[]);
    let serves = basis.observation.facts(&node.name)?.live().is_some_and(Live::is_synced);
    if facts.draining {
        let evidence = "it is drained: proxies send no new client to it";
        return Some(Finding::new(codes::DRAINED, evidence, equip().and(" lets clients in again")));
    }
    if facts.stale || !facts.listens() {
        let evidence = "what tells proxies whether it serves does not run as it is set up";
        return Some(Finding::new(codes::HEALTH_UNIT, evidence, equip().and(" sets that up")));
    }
    if let Some(file) = lacking(basis, node, facts).first() {
        let evidence = format!("{} is not what the inventory says", file.path);
        return Some(Finding::new(codes::HEALTH_UNIT, evidence, equip().and(" puts it right")));
    }
    let answer = facts.answer.as_ref()?;
    // A disk that is full is a finding of its own.
    let told = || basis.observation.facts(&node.name).is_some_and(|facts| room::full(facts).next().is_some());
    if !serves || answer.serves() || answer.drains() || answer.lacks_room() && told() {
        return None;
    }
    let next = match answer {
        it if it.lacks_account() => equip().and(" creates its account"),
        it if it.lacks_room() => Remedy::on_host("df -h").and("; then make room there"),
        _ => Remedy::on_host(
            "mariadb -e \"SHOW VARIABLES WHERE Variable_name IN ('read_only', 'wsrep_reject_queries', 'wsrep_desync')\"",
        ),
    };
    let evidence = format!("it is Synced, and tells proxies: {answer}");
    Some(Finding::new(codes::HEALTH_UNIT, evidence, next))
}
