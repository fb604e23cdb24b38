//! What is not as it should be.

use super::{ArbitratorStatus, Finding, Health, NodeStatus};
use crate::galera::inventory::{Inventory, Threshold};
use crate::galera::observation::Observation;

/// Two clusters where one should be.
pub(super) const SPLIT: &str = "split";

pub(super) fn findings(
    inventory: &Inventory,
    observation: &Observation,
    (nodes, arbitrators): (&[NodeStatus], &[ArbitratorStatus]),
    size: u64,
) -> Vec<Finding> {
    let mut findings: Vec<_> = split(nodes, observation).into_iter().collect();
    if nodes.iter().all(|node| !node.primary) {
        findings.push(whole(
            "no-primary",
            Health::Critical,
            "no node is in a Primary component: nothing can be written",
        ));
    } else if usize::try_from(size).is_ok_and(|size| size != inventory.size()) {
        findings.push(whole(
            "size",
            Health::Degraded,
            format!("the view has {size} members, and the inventory {}", inventory.size()),
        ));
    }
    for node in nodes {
        findings.extend(of_node(inventory, node));
    }
    findings.extend(arbitrators.iter().filter_map(of_arbitrator));
    for (name, _) in observation.seen().filter(|(_, facts)| !facts.intents.is_empty()) {
        let what = "its next start would found a cluster of its own: a bootstrap intent is armed";
        let node = Some(name.clone());
        findings.push(Finding { slug: "armed-intent", health: Health::Critical, node, what: what.into() });
    }
    findings
}

fn whole(slug: &'static str, health: Health, what: impl Into<String>) -> Finding {
    Finding { slug, health, node: None, what: what.into() }
}

/// One cluster has one view, and no more members than that view. Two Primary views are two clusters that
/// write apart.
fn split(nodes: &[NodeStatus], observation: &Observation) -> Option<Finding> {
    let live = |node: &&NodeStatus| observation.facts(&node.node)?.live().filter(|live| live.is_primary());
    let views: Vec<_> = nodes.iter().filter_map(|node| live(&node)).collect();
    let first = views.first()?;
    if views.iter().all(|view| view.shares_view(first)) && views.len() as u64 <= first.cluster_size {
        return None;
    }
    let members: Vec<_> = nodes
        .iter()
        .filter(|node| node.primary)
        .map(|node| format!("{} view {} of {}", node.node, node.view, node.size))
        .collect();
    let apart = match views.iter().all(|view| view.state_uuid == first.state_uuid) {
        true => "Primary views that differ, with one state UUID",
        false => "Primary components of two histories",
    };
    Some(whole(SPLIT, Health::Critical, format!("SPLIT: {apart}: {}", members.join(", "))))
}

/// A vote that is missing costs nothing yet: the next node that is lost may take the majority with it.
fn of_arbitrator(arbitrator: &ArbitratorStatus) -> Option<Finding> {
    let node = Some(arbitrator.node.clone());
    let what = match (&arbitrator.unseen, arbitrator.state.as_str(), arbitrator.counted) {
        (Some(why), ..) => format!("the arbitrator was not seen: {why}"),
        (None, "running", Some(true) | None) => return None,
        (None, "running", Some(false)) => "its garbd runs outside the nodes' view: galactl bootstrap".into(),
        (None, "runs outside its unit", _) => "its garbd runs outside its unit".into(),
        (None, state, _) => format!("its garbd is {state}: galactl bootstrap"),
    };
    Some(Finding { slug: "arbitrator", health: Health::Degraded, node, what })
}

fn of_node(inventory: &Inventory, node: &NodeStatus) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut add = |slug: &'static str, health: Health, what: String| {
        findings.push(Finding { slug, health, node: Some(node.node.clone()), what });
    };
    match (&node.unseen, node.state.as_str()) {
        (Some(why), _) => add("not-seen", Health::Degraded, format!("not seen: {why}")),
        (None, "Synced") => {}
        (None, "removed") => add(
            "removed",
            Health::Degraded,
            format!(
                "galactl removed it: delete it from the inventory, or bring it back: galactl add-node inventory.yaml {}",
                node.node
            ),
        ),
        (None, "Inconsistent" | "NonPrimary" | "Disconnected") => {
            add("server-state", Health::Critical, format!("its server is {}", node.state));
        }
        (None, state) => add("server-state", Health::Degraded, format!("its server is {state}")),
    }
    if node.config_in_force == Some(false) && node.primary {
        add(
            "config-drift",
            Health::Degraded,
            "runs with another configuration than the inventory's: galactl apply-config".into(),
        );
    }
    if let Some(rates) = &node.rates {
        let limits = &inventory.thresholds;
        let mut judge = |slug: &'static str, value: f64, limit: Threshold, what: String| {
            if value >= limit.critical {
                add(slug, Health::Critical, what);
            } else if value >= limit.warn {
                add(slug, Health::Degraded, what);
            }
        };
        let percent = rates.flow_control * 100.0;
        judge(
            "flow-control",
            rates.flow_control,
            limits.flow_control,
            format!("flow control holds it up {percent:.0} % of the time"),
        );
        #[allow(clippy::cast_precision_loss, reason = "queues are far below 2^52")]
        let (receive, send) = (rates.receive_queue as f64, rates.send_queue as f64);
        judge(
            "receive-queue",
            receive,
            limits.receive_queue,
            format!("{receive} write-sets wait to be applied"),
        );
        judge("send-queue", send, limits.send_queue, format!("{send} write-sets wait to be sent"));
    }
    findings
}
