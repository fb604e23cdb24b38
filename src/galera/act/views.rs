//! What every node says of the cluster, asked at once.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::task::JoinSet;

use super::context::Context;
use crate::galera::facts::Live;
use crate::kernel::model::NodeName;

/// The views of the nodes that answer; a node without an answer is missing in the map.
pub async fn views(context: &Arc<Context>, nodes: &[NodeName]) -> BTreeMap<NodeName, Live> {
    let mut tasks = JoinSet::new();
    for node in nodes.iter().cloned() {
        let context = Arc::clone(context);
        tasks.spawn(async move {
            let live = context.database(&node).ok()?.live().await.ok()?;
            Some((node, live))
        });
    }
    tasks.join_all().await.into_iter().flatten().collect()
}
