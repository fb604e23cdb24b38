//! Every node's view against the expectation.

use crate::kernel::run::step_error::StepError;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::time::sleep;

use super::views::views;
use super::{Context, Outcome, record};
use crate::galera::facts::Live;
use crate::galera::judge::whole::{Expectation, judge};
use crate::galera::model::Gtid;
use crate::kernel::model::NodeName;

/// A view change takes a moment to reach every node's status: nothing has moved for this long.
const SETTLING: Duration = Duration::from_secs(15);
const POLL: Duration = Duration::from_millis(200);

pub async fn apply(context: &Arc<Context>, nodes: &[NodeName], most_members: usize) -> Outcome {
    let cluster = context.inventory.cluster.to_string();
    let expected = Expectation { cluster, nodes: nodes.to_vec(), most_members };
    let on: Vec<_> = nodes.iter().map(|node| context.inventory.placement(node).host).collect();
    let (mut told, mut moved) = (Vec::new(), Instant::now());
    loop {
        let views = views(context, nodes).await;
        let findings = judge(&expected, &views);
        if findings.is_empty() {
            let state = views.values().find_map(|live| live.state_uuid.clone());
            let other = nodes.iter().find(|node| **node != context.inventory.seed);
            if let (Some(other), Some(state)) = (other, state) {
                record::joined(context, other, &state).await?;
            }
            remember(context, nodes, views.values().next()).await?;
            return Ok(views.values().next().map(summary));
        }
        // A node that gives no answer over a connection that is gone may be well.
        if let Some(host) = context.fleet.lost_lock(|host| on.contains(host)) {
            let error = StepError::new(format!("the connection to {host} was lost"));
            return Err(StepError { lost: true, ..error });
        }
        let list: Vec<_> = findings.iter().map(ToString::to_string).collect();
        if list != told {
            (told, moved) = (list, Instant::now());
        } else if moved.elapsed() > SETTLING {
            return Err(StepError::new(format!("the cluster is not whole\n{}", list.join("\n"))));
        }
        sleep(POLL).await;
    }
}

/// Members that came in by themselves, or behind a run that was cut off, have gone through the
/// restarts of their cluster, too.
async fn remember(context: &Context, nodes: &[NodeName], live: Option<&Live>) -> Result<(), StepError> {
    let Some(state) = live.and_then(|live| live.state_uuid.as_ref()) else { return Ok(()) };
    let mut passed: Vec<Gtid> = Vec::new();
    for node in nodes {
        passed.extend(record::restarts(context, node, state).await?);
    }
    for node in nodes {
        record::passed(context, node, &passed).await?;
    }
    Ok(())
}

fn summary(live: &Live) -> String {
    let uuid = live.state_uuid.as_ref().map_or("", |uuid| uuid.as_str());
    format!(
        "size {}, view {}, state UUID {uuid}, members {}",
        live.cluster_size,
        live.conf_id,
        live.members.join(", ")
    )
}
