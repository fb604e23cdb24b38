//! Whether all hosts were seen.

use super::{Basis, codes};
use crate::kernel::facts::{Seen, Unseen};
use crate::kernel::inventory::{Entry, SshTarget};
use crate::kernel::judge::{Finding, Remedy, login};
use crate::kernel::model::NodeName;
use crate::patroni::facts::HostFacts;
use crate::patroni::inventory::{Inventory, Node};
use crate::patroni::observation::Store;

/// A refusal for each host that was not seen: anything may run there.
pub fn unseen(basis: &Basis<'_>) -> Vec<Finding> {
    let observation = basis.observation;
    let nodes = basis.inventory.nodes.iter().filter_map(|node| {
        let why = reason(observation.nodes.get(&node.name))?;
        let mut finding = not_seen(basis.inventory, &why, node.ssh());
        if let Some(gone) = gone_for_good(basis, &node.name) {
            finding.remedy = finding.remedy.clone().and(". If its host is gone for good: ").and(gone);
        }
        Some(finding.on(&node.name))
    });
    let stores = basis.inventory.etcd_hosts.iter().filter_map(|member| {
        let why = reason(observation.etcd_hosts.get(&member.name))?;
        Some(not_seen(basis.inventory, &why, member.ssh()).on(&member.name))
    });
    nodes.chain(stores).collect()
}

/// How a cluster goes on without this node; `None`: there is no cluster yet.
fn gone_for_good(basis: &Basis<'_>, node: &NodeName) -> Option<Remedy> {
    let leads = basis.observation.primaries().next().is_some();
    let has_data = basis.nodes().any(|(_, facts)| facts.datadir.holds_cluster());
    match (leads, has_data) {
        (true, _) => Some(Remedy::galactl("remove-node", &[node.as_str(), "--unseen", node.as_str()])),
        (false, true) => Some(without_the_lost(basis).unwrap_or_else(|| {
            Remedy::galactl("recover", &["--seed", "NODE"])
                .and(", with the name of the node that it is to go on from")
        })),
        (false, false) => None,
    }
}

/// How a cluster that nobody leads goes on without the nodes that were not seen: the standby is promoted that has most.
/// `None`: all were seen, or none that runs may lead, or etcd has no quorum for it.
pub fn without_the_lost(basis: &Basis<'_>) -> Option<Remedy> {
    let all = basis.nodes().count() == basis.inventory.nodes.len();
    let told = [Store::V2, Store::V3].into_iter().any(|store| basis.observation.agreed(store).is_some());
    if all || !told {
        return None;
    }
    let waits = |(node, facts): &(&Node, &HostFacts)| {
        node.tags.failover
            && facts.patroni.node.told().is_some()
            && facts.live().is_some_and(|it| it.in_recovery)
    };
    let place = |facts: &HostFacts| facts.live().map(|live| (facts.timeline(live), live.end()));
    let (node, _) = basis.nodes().filter(waits).max_by_key(|(_, facts)| place(facts))?;
    Some(Remedy::galactl("failover", &["--to", node.name.as_str()]).and(", which says first what is lost"))
}

fn reason<Facts>(seen: Option<&Seen<Facts>>) -> Option<Unseen> {
    match seen {
        Some(Seen::Facts(_)) => None,
        Some(Seen::Unreachable(why)) => Some(why.clone()),
        None => Some("it was not scanned".into()),
    }
}

/// The refusal of a host that was not seen.
pub fn not_seen(inventory: &Inventory, why: &Unseen, ssh: &SshTarget) -> Finding {
    let next = Remedy::from("make `").and(login(&inventory.ssh, ssh)).and(match why {
        Unseen::NotRoot(_) => format!(" sudo -n true` work for {}, then run this again", ssh.user),
        Unseen::Other(_) => " true` work from here, then run this again".to_owned(),
    });
    Finding::new(codes::UNREACHABLE, why.to_string(), next)
}
