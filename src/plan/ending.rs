//! How every plan that grows a cluster ends: join, enable, verify.

use std::collections::BTreeMap;

use super::action::Action;
use super::{Basis, Plan, Step, Width, preparation};
use crate::facts::{HostFacts, NodeState};
use crate::inventory::Node;
use crate::model::NodeName;
use crate::verify::{Expectation, judge};

/// Starts the joiners one after the other. `source` holds the data that they get.
pub fn join(
    basis: &Basis<'_>,
    plan: &mut Plan,
    source: (&Node, &HostFacts),
    joiners: &[(&Node, &HostFacts)],
) {
    let uuid = source.1.live().and_then(|live| live.state_uuid.as_ref());
    let joins = joiners.iter().map(|(node, facts)| {
        let why = match facts.state() {
            NodeState::Member { position } if Some(&position.uuid) == uuid => {
                "it rejoins, by IST where the donor's gcache reaches back far enough"
            }
            NodeState::Mute { .. } if facts.unit.active == "activating" => "it is starting already",
            _ => "it gets the cluster's data by SST",
        };
        preparation::join_step(basis, node, &source.0.name, why)
    });
    plan.stage("Join, one after the other", Width::Serial, joins.collect());
    let enable = basis.nodes().filter_map(|(node, facts)| preparation::enable_step(basis, node, facts));
    plan.stage("Enable", Width::NodesInParallel, enable.collect());
}

/// Proves the result. There is nothing to prove only where nothing is done, every node's view is as
/// it should be already, and no earlier proof was cut off.
pub fn verify(basis: &Basis<'_>, plan: &mut Plan, first: &Node) {
    let inventory = basis.inventory;
    let nodes: Vec<_> = inventory.start_order().map(|node| node.name.clone()).collect();
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
    let most_members = basis.inventory.size();
    let views = Action::VerifyViews { nodes: nodes.clone(), most_members };
    let steps = vec![
        Step::new(first, views, "a size of N on one node proves nothing about the others"),
        Step::new(first, Action::VerifyWrites { nodes }, "replication is proved by a row"),
    ];
    plan.stage("Verify", Width::Serial, steps);
}
