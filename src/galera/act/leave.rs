//! Taking one member out of a cluster that must be whole when it goes.

use std::sync::Arc;

use super::disarm::disarmed;
use super::views::views;
use super::{Context, Outcome, links, stop, verify_views};
use crate::galera::health;
use crate::galera::plan::serves_ist;
use crate::kernel::model::{NodeName, UnitName};
use crate::kernel::run::step_error::StepError;

/// A node that was drained for this takes clients again as soon as it is Synced, also where it stays.
pub async fn apply(
    context: &Arc<Context>,
    node: &NodeName,
    unit: &UnitName,
    nodes: &[NodeName],
    most_members: usize,
    ist_only: bool,
) -> Outcome {
    let left = leave(context, node, unit, nodes, most_members, ist_only).await;
    if left.as_ref().is_err_and(|error| error.lost) {
        return left;
    }
    match (left, health::act::lift(context, node).await) {
        (Ok(_), Err(lift)) => Err(lift.left(format!("{node} stays drained"))),
        (left, _) => left,
    }
}

async fn leave(
    context: &Arc<Context>,
    node: &NodeName,
    unit: &UnitName,
    nodes: &[NodeName],
    most_members: usize,
    ist_only: bool,
) -> Outcome {
    let not_stopped = |error: StepError| error.left(format!("{node} was not stopped"));
    disarmed(&*context.host(node)?).await.map_err(not_stopped)?;
    verify_views::apply(context, nodes, most_members).await.map_err(not_stopped)?;
    let staying: Vec<_> = nodes.iter().filter(|other| *other != node).cloned().collect();
    links::hold(context, &staying).await.map_err(not_stopped)?;
    if ist_only {
        comes_back_by_ist(context, node, nodes).await.map_err(not_stopped)?;
    }
    stop::apply(context, node, unit).await
}

/// Every write moves the gcaches on, so they are asked directly before the node leaves.
async fn comes_back_by_ist(
    context: &Arc<Context>,
    node: &NodeName,
    nodes: &[NodeName],
) -> Result<(), StepError> {
    let views = views(context, nodes).await;
    let Some(leaving) = views.get(node) else {
        return Err(StepError::new(format!("{node} does not tell how far it is")));
    };
    if views.iter().any(|(other, live)| other != node && serves_ist(leaving, live)) {
        return Ok(());
    }
    let message = format!(
        "no other member's write-set cache reaches back to seqno {}: it would come back by SST of the whole data",
        leaving.last_committed
    );
    Err(StepError::surprise(message).left("allow that with --allow-sst, or make gcache.size larger first"))
}
