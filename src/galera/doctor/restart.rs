//! What a node's next start would do.

use super::{Ailment, Case, Severity};
use crate::galera::facts::{Grastate, HostFacts, Intent};
use crate::galera::inventory::Node;

pub fn ailments(case: &Case<'_>) -> Vec<Ailment> {
    let mut ailments = Vec::new();
    for (node, facts) in case.nodes() {
        let of_node = armed(case, node, facts)
            .chain(flagged(case, node, facts))
            .chain(older_than_installed(facts, node));
        ailments.extend(of_node.map(|ailment| ailment.on(&node.name)));
    }
    ailments
}

/// Intents in option files are a guard's.
fn armed(case: &Case<'_>, node: &Node, facts: &HostFacts) -> impl Iterator<Item = Ailment> {
    let mend = match facts.is_primary() {
        true => "galactl apply-config inventory.yaml".to_owned(),
        false => case.start(&node.name),
    };
    let intents = facts.intents.iter().filter(|intent| !matches!(intent, Intent::Option(_)));
    intents.map(move |intent| {
        Ailment::new(Severity::Critical, "armed-intent", format!("a bootstrap intent is armed: {intent}"))
            .because("its next start founds a cluster of its own")
            .mend(mend.clone())
    })
}

/// `safe_to_bootstrap: 1` where it is not the last one of its cluster.
fn flagged(case: &Case<'_>, node: &Node, facts: &HostFacts) -> Option<Ailment> {
    if !has_flag(facts) {
        return None;
    }
    // Galera keeps the file open while it runs, and writes it anew when it leaves.
    let clear = format!("galactl restart inventory.yaml {}", node.name);
    let flags = case.nodes().filter(|(_, facts)| has_flag(facts)).count();
    let (what, mend) = match facts.live() {
        Some(live) if live.is_primary() && live.cluster_size > 1 => {
            ("it runs in a cluster of several, and", clear)
        }
        None if case.stands() => ("a cluster is alive without it, and", case.start(&node.name)),
        None if flags > 1 => ("it is not the only one:", "galactl recover inventory.yaml".to_owned()),
        _ => return None,
    };
    let ailment =
        Ailment::degraded("safe-to-bootstrap", format!("{what} its grastate.dat says safe_to_bootstrap: 1"));
    Some(ailment.because("who bootstraps by that flag may lose what the others hold").mend(mend))
}

fn has_flag(facts: &HostFacts) -> bool {
    matches!(&facts.datadir.grastate, Grastate::Saved(saved) if saved.safe_to_bootstrap == Some(true))
}

fn older_than_installed(facts: &HostFacts, node: &Node) -> Option<Ailment> {
    let (runs, installed) = (facts.live()?.version?, facts.server?);
    (runs < installed).then(|| {
        Ailment::degraded("old-process", format!("it runs MariaDB {runs}, and {installed} is installed"))
            .because("what the update mends is not mended, and an unplanned restart changes the version")
            .mend(format!("galactl restart inventory.yaml {}", node.name))
    })
}
