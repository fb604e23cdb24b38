//! Servers restart one after the other. Everybody else takes writes meanwhile, and what was written comes once it is back.

use super::{NodeAction, Plan, Step};
use crate::kernel::model::NodeName;
use crate::kernel::plan::Width;
use crate::mesh::inventory::Node;
use crate::mesh::judge::Basis;
use crate::postgresql::Major;

/// One stage for each node: the next one goes only once every direction works again, in both ways.
pub fn restart(basis: &Basis<'_>, plan: &mut Plan, version: Major, nodes: &[&Node], why: &str) {
    let all: Vec<NodeName> = basis.members().iter().map(|(node, _)| node.name.clone()).collect();
    for node in nodes {
        let mut steps = vec![Step::new(*node, NodeAction::Serve { version, restart: true }, why)];
        if all.len() > 1 {
            let others = all.iter().filter(|name| **name != node.name).cloned().collect();
            steps.push(Step::new(
                *node,
                NodeAction::Resume { others },
                "pglogical waits up to three minutes before it tries again",
            ));
            let action = NodeAction::VerifyLinks { nodes: all.clone() };
            steps.push(Step::new(*node, action, "the next one restarts only while all others are read"));
        }
        let action = NodeAction::VerifyRows { nodes: all.clone() };
        steps.push(Step::new(*node, action, "nobody is behind when the next one goes"));
        plan.stage(&format!("Restart {}", node.name), Width::Serial, steps);
    }
}
