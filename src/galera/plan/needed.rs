//! What the cluster needs now, whichever command that is.

use super::continuing::running_differently;
use super::{Action, Choice, ConfigChoice, NoPlan, Plan, add_node, apply_config, bootstrap, recover};
use crate::galera::judge::Basis;
use crate::galera::judge::codes;
use crate::galera::judge::component::members;
use crate::galera::judge::guards;
use crate::galera::plan::no_plan::refuse;
use crate::galera::tls;
use crate::kernel::model::NodeName;

/// Plans the one command that brings the cluster nearer to its inventory: a bootstrap where there
/// is none, a recovery where it is down, a change of configuration, the joining of nodes. Empty:
/// nothing.
///
/// Errors: as those of that command.
pub fn needed(basis: &Basis<'_>) -> Result<Plan, NoPlan> {
    refuse(guards::reachable(basis))?;
    refuse(guards::removed(basis))?;
    let standing = members(basis);
    if standing.is_empty() {
        return bootstrap_or_recover(basis);
    }
    if !running_differently(basis, &standing)?.is_empty() {
        return apply_config(basis, ConfigChoice::default());
    }
    let missing = basis.nodes().filter(|(_, facts)| !facts.is_primary());
    let missing: Vec<NodeName> = missing.map(|(node, _)| node.name.clone()).collect();
    let healthy = standing.iter().all(|member| member.live.is_synced());
    if healthy && !missing.is_empty() {
        return add_node(basis, &missing, &[]);
    }
    let running: Vec<NodeName> = standing.iter().map(|member| member.node.name.clone()).collect();
    match tls::steps::renewal::<Action>(basis, &running).is_empty() {
        true => bootstrap(basis),
        false => apply_config(basis, ConfigChoice::default()),
    }
}

/// A cluster that is down is refused by a bootstrap, because something is left of it.
fn bootstrap_or_recover(basis: &Basis<'_>) -> Result<Plan, NoPlan> {
    match bootstrap(basis) {
        Err(NoPlan::Refused(refusals))
            if refusals.iter().any(|it| matches!(it.code, codes::CLUSTER_STATE | codes::NON_PRIMARY)) =>
        {
            recover(basis, &Choice::default())
        }
        planned => planned,
    }
}
