//! Between two waves: the donors of the last one catch up with what was written meanwhile.

use crate::kernel::run::step_error::StepError;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::time::sleep;

use super::views::views;
use super::{Context, Outcome};
use crate::galera::facts::Live;
use crate::galera::plan::Step;
use crate::kernel::model::NodeName;
use crate::kernel::run::event::Event;

const POLL: Duration = Duration::from_millis(200);
/// A view change, or a connection that is made again, takes its time.
const OUT_OF_VIEW: Duration = Duration::from_secs(30);

pub async fn apply(
    context: &Arc<Context>,
    step: &Step,
    nodes: &[NodeName],
    patience_seconds: u64,
) -> Outcome {
    let patience = Duration::from_secs(patience_seconds);
    let (mut last, mut moved, mut whole) = (String::new(), Instant::now(), Instant::now());
    loop {
        let views = views(context, nodes).await;
        let busy: Vec<_> = nodes.iter().filter_map(|node| busy(node, views.get(node))).collect();
        if busy.is_empty() {
            return Ok(None);
        }
        if nodes.iter().all(|node| views.get(node).is_some_and(Live::is_primary)) {
            whole = Instant::now();
        }
        let busy = busy.join("; ");
        if busy != last {
            (last, moved) = (busy, Instant::now());
            let message = last.clone();
            context.report(&Event::StepProgress { id: step.id.clone(), message, fraction: None });
        }
        if whole.elapsed() > OUT_OF_VIEW {
            let error = StepError::surprise(format!("a member of the cluster is gone: {last}"));
            return Err(error.left("no joiner of this wave was started"));
        }
        if moved.elapsed() > patience {
            let message = format!("nothing has moved for {patience_seconds} s: {last}");
            return Err(StepError::new(message).left("no joiner of this wave was started"));
        }
        sleep(POLL).await;
    }
}

/// Why a member cannot give now.
fn busy(node: &NodeName, live: Option<&Live>) -> Option<String> {
    match live {
        Some(live) if live.is_primary() && live.is_synced() => None,
        Some(live) if live.is_primary() => {
            Some(format!("{node} is {}, queue {}", live.local_state, live.receive_queue))
        }
        Some(live) => Some(format!("{node} is in no Primary component: {:?}", live.cluster_status)),
        None => Some(format!("{node} gives no answer")),
    }
}
