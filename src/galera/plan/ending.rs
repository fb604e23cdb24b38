//! How every plan that grows a cluster ends: join, enable, verify.

use std::collections::{BTreeMap, BTreeSet};

use super::waves::{Segment, waves};
use super::{Plan, Step, endpoint, preparation};
use crate::galera::facts::{HostFacts, NodeState};
use crate::galera::inventory::{JoinOrder, Node};
use crate::galera::judge::Basis;
use crate::galera::judge::whole::{Expectation, judge};
use crate::galera::plan::ServerAction;
use crate::kernel::model::NodeName;
use crate::kernel::plan::Width;

/// Starts the joiners in the inventory's way. `source` holds the data that they get.
pub fn join(
    basis: &Basis<'_>,
    plan: &mut Plan,
    source: (&Node, &HostFacts),
    joiners: &[(&Node, &HostFacts)],
) {
    let uuid = source.1.live().and_then(|live| live.state_uuid.as_ref());
    let joins = joiners.iter().map(|&(node, facts)| {
        let why = match facts.state() {
            NodeState::Member { position } if Some(&position.uuid) == uuid => {
                "it rejoins, by IST where the donor's gcache reaches back far enough"
            }
            NodeState::Mute { .. } if facts.unit.is_activating() => "it is starting already",
            _ => "it gets the cluster's data by SST",
        };
        (node, preparation::join_step(basis, node, &source.0.name, why))
    });
    match basis.inventory.join {
        JoinOrder::Serial => {
            let steps = joins.map(|(_, step)| step).collect();
            plan.stage("Join, one after the other", Width::OneByOne, steps);
        }
        JoinOrder::Waves => join_in_waves(basis, plan, joins.collect()),
    }
    let enable = basis.nodes().filter_map(|(node, facts)| preparation::enable_step(basis, node, facts));
    plan.stage("Enable", Width::NodesInParallel, enable.collect());
}

/// As many at once as certainly find a donor. Where the cluster stands already it may have clients,
/// and one of its members gives no data.
fn join_in_waves(basis: &Basis<'_>, plan: &mut Plan, joins: Vec<(&Node, Step)>) {
    let kept = usize::from(basis.nodes().any(|(_, facts)| facts.is_primary()));
    let joining: BTreeSet<_> = joins.iter().map(|(node, _)| &node.name).collect();
    let (mut donors, mut synced) = (Vec::new(), BTreeMap::<Segment, usize>::new());
    for (node, facts) in basis.nodes().filter(|(node, _)| !joining.contains(&node.name)) {
        let busy = facts.live().is_some_and(|live| live.is_primary() && !live.is_synced());
        *synced.entry(node.segment()).or_default() += usize::from(!busy);
        donors.extend((!busy).then(|| node.name.clone()));
    }
    let waves = waves(synced, kept, joins.into_iter().map(|(node, step)| (node.segment(), step)));
    let all = waves.len();
    for (number, steps) in waves.into_iter().enumerate() {
        let (number, joined) = (number + 1, steps.iter().map(|step| step.node.clone()).collect::<Vec<_>>());
        let gate = preparation::await_donors(basis, &joined, &donors, kept);
        plan.stage(&format!("Wave {number} of {all}, its donors"), Width::Serial, gate.into_iter().collect());
        plan.stage(&format!("Join, wave {number} of {all}"), Width::NodesInParallel, steps);
        donors.extend(joined);
    }
}

/// Every data node, in start order.
pub fn all(basis: &Basis<'_>) -> Vec<NodeName> {
    basis.inventory.start_order().map(|node| node.name.clone()).collect()
}

/// Proves the result. There is nothing to prove only where nothing is done, every node's view is as
/// it should be already, and no earlier proof was cut off.
pub fn verify(basis: &Basis<'_>, plan: &mut Plan, first: &Node) {
    let inventory = basis.inventory;
    let nodes = all(basis);
    let expected = Expectation {
        cluster: inventory.cluster.to_string(),
        nodes: nodes.clone(),
        most_members: inventory.size(),
    };
    let views: BTreeMap<_, _> =
        basis.nodes().filter_map(|(node, facts)| Some((node.name.clone(), facts.live()?.clone()))).collect();
    let tested = basis.nodes().all(|(_, facts)| facts.datadir.write_tests.is_empty());
    if plan.is_empty() && tested && judge(&expected, &views).is_empty() {
        return;
    }
    verify_steps(basis, plan, &first.name, nodes);
}

/// Proves that these nodes are one cluster.
pub fn verify_steps(basis: &Basis<'_>, plan: &mut Plan, first: &NodeName, nodes: Vec<NodeName>) {
    let first = basis.inventory.placement(first);
    let most_members = basis.inventory.size();
    let views = ServerAction::VerifyViews { nodes: nodes.clone(), most_members };
    let through_proxies = endpoint::verify(basis, plan, &nodes);
    let mut steps = vec![
        Step::new(&first, views, "a size of N on one node proves nothing about the others"),
        Step::new(&first, ServerAction::VerifyWrites { nodes }, "replication is proved by a row"),
    ];
    steps.extend(through_proxies);
    plan.stage("Verify", Width::Serial, steps);
}
