//! What a node's next start would do.

use super::Case;
use crate::galera::facts::{Grastate, HostFacts, Intent};
use crate::galera::inventory::Node;
use crate::galera::judge::codes;
use crate::galera::status::remedies;
use crate::kernel::judge::{Finding, Remedy};

pub fn findings(case: &Case<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (node, facts) in case.nodes() {
        let of_node = armed(case, node, facts)
            .chain(flagged(case, node, facts))
            .chain(older_than_installed(facts, node));
        findings.extend(of_node.map(|finding| finding.on(&node.name)));
    }
    findings
}

/// Intents in option files are a guard's.
fn armed(case: &Case<'_>, node: &Node, facts: &HostFacts) -> impl Iterator<Item = Finding> {
    let next = remedies::disarm(&case.basis, case.stands(), &node.name);
    let intents = facts.intents.iter().filter(|intent| !matches!(intent, Intent::Option(_)));
    intents.map(move |intent| {
        Finding::new(codes::ARMED_INTENT, format!("a bootstrap intent is set: {intent}"), next.clone())
    })
}

/// `safe_to_bootstrap: 1` where it is not the last one of its cluster.
fn flagged(case: &Case<'_>, node: &Node, facts: &HostFacts) -> Option<Finding> {
    if !has_flag(facts) {
        return None;
    }
    // Galera keeps the file open while it runs, and writes it anew when it leaves.
    let clear = Remedy::galactl("restart", &[node.name.as_str()]);
    let flags = case.nodes().filter(|(_, facts)| has_flag(facts)).count();
    let (what, next) = match facts.live() {
        Some(live) if live.is_primary() && live.cluster_size > 1 => {
            ("it runs in a cluster of several, and", clear)
        }
        None if case.stands() => ("a cluster is alive without it, and", case.start(&node.name)),
        None if flags > 1 => ("it is not the only one:", Remedy::galactl("recover", &[])),
        _ => return None,
    };
    let evidence = format!("{what} its grastate.dat says safe_to_bootstrap: 1");
    Some(Finding::new(codes::SAFE_TO_BOOTSTRAP, evidence, next))
}

fn has_flag(facts: &HostFacts) -> bool {
    matches!(&facts.datadir.grastate, Grastate::Saved(saved) if saved.safe_to_bootstrap == Some(true))
}

fn older_than_installed(facts: &HostFacts, node: &Node) -> Option<Finding> {
    let (runs, installed) = (facts.live()?.version?, facts.server?);
    (runs < installed).then(|| {
        let evidence = format!("it runs MariaDB {runs}, and {installed} is installed");
        Finding::new(codes::OLD_PROCESS, evidence, Remedy::galactl("restart", &[node.name.as_str()]))
    })
}
