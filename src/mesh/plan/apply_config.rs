//! The members of a mesh become what the inventory says: files, who may connect, merge functions.

use super::begin::begin;
use super::merging::tried;
use super::no_plan::refuse;
use super::stages::{needs_restart, prepare, verify};
use super::whole::{Member, members_that_run};
use super::{Command, NoPlan, NodeAction, Plan, Step, rolling};
use crate::kernel::model::words::names;
use crate::kernel::plan::Width;
use crate::mesh::judge::{Basis, links, merges};

/// Plans what brings all members to the inventory. What a running server takes is only read again; for all else the servers
/// restart one after the other.
///
/// Errors: a node is not seen, or does not run; a direction does not work, and servers have to restart.
pub fn apply_config(basis: &Basis<'_>) -> Result<Plan, NoPlan> {
    let (version, members) = members_that_run(basis)?;
    let (first, facts) = members[0];
    let merging = merging(basis, &members);
    if !merging.is_empty() {
        tried(basis, first, facts)?;
    }
    let (mut prepared, mut restarts) = (Vec::new(), Vec::new());
    for (node, facts) in &members {
        let steps = prepare(basis, node, facts, version, true);
        if needs_restart(basis, facts, &steps) {
            restarts.push(*node);
        }
        prepared.extend(steps);
    }
    if !restarts.is_empty() && members.len() > 1 {
        refuse(links::findings(basis))?;
    }
    let mut plan = begin(basis, Command::ApplyConfig);
    plan.stage("Files", Width::NodesInParallel, prepared);
    plan.stage("Merge functions", Width::Serial, merging);
    if restarts.is_empty() {
        if !plan.is_empty() {
            verify(&mut plan, first, &members.iter().map(|(node, _)| node.name.clone()).collect::<Vec<_>>());
        }
        return Ok(plan);
    }
    let named: Vec<_> = restarts.iter().map(|node| node.name.as_str()).collect();
    plan.consequences = vec![format!(
        "the servers of {} restart, one after the other, which ends the sessions of their clients",
        names(&named, "and")
    )];
    rolling::restart(basis, &mut plan, version, &restarts, "its settings take effect at a restart");
    Ok(plan)
}

fn merging(basis: &Basis<'_>, members: &[Member<'_>]) -> Vec<Step> {
    let mut steps = Vec::new();
    for database in &basis.inventory.databases {
        for (node, facts) in members {
            let missing: Vec<_> = merges::missing(database, facts).into_iter().cloned().collect();
            if !missing.is_empty() {
                let action = NodeAction::Merge { database: database.name.clone(), merges: missing };
                steps.push(Step::new(
                    *node,
                    action,
                    "until all have it, rows that two nodes change may part",
                ));
            }
        }
    }
    steps
}
