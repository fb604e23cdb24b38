//! Taking one member out of a cluster that must be whole when it goes.

use std::sync::Arc;

use super::{Context, Outcome, stop, verify_views};
use crate::model::{NodeName, UnitName};

pub async fn apply(
    context: &Arc<Context>,
    node: &NodeName,
    unit: &UnitName,
    nodes: &[NodeName],
    most_members: usize,
) -> Outcome {
    verify_views::apply(context, nodes, most_members)
        .await
        .map_err(|error| error.left(format!("{node} was not stopped")))?;
    stop::apply(context, node, unit).await
}
