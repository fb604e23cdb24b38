//! Between two waves: the donors of the last one catch up with what was written meanwhile.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::views::views;
use super::{Context, Outcome};
use crate::galera::facts::Live;
use crate::galera::plan::Step;
use crate::kernel::model::NodeName;
use crate::kernel::run::poll::{Awaited, Look, Sign, Wait, Waited};
use crate::kernel::run::step_error::StepError;

const POLL: Duration = Duration::from_millis(200);
/// A view change, or a connection that is made again, takes its time.
const OUT_OF_VIEW: Duration = Duration::from_secs(30);

pub async fn apply(
    context: &Arc<Context>,
    step: &Step,
    nodes: &[NodeName],
    patience_seconds: u64,
) -> Outcome {
    let not_started = |error: StepError| error.left("no joiner of this wave was started");
    let wait = Wait::new(POLL, Duration::from_secs(patience_seconds))
        .told(context.reporter.as_ref(), &step.id)
        .interrupted_by(&context.interrupt);
    let donors = Donors { context, nodes, whole: Instant::now() };
    match wait.until(donors).await.map_err(not_started)? {
        Waited::Found(()) => Ok(None),
        Waited::Idle(last) => {
            Err(not_started(StepError::new(format!("nothing has moved for {patience_seconds} s: {last}"))))
        }
    }
}

/// The members that are to give their data to the next wave.
struct Donors<'a> {
    context: &'a Arc<Context>,
    nodes: &'a [NodeName],
    /// When all of them were last in the Primary component.
    whole: Instant,
}

impl Awaited for Donors<'_> {
    type Found = ();

    async fn look(&mut self) -> Result<Look<()>, StepError> {
        let views = views(self.context, self.nodes).await;
        let busy: Vec<_> = self.nodes.iter().filter_map(|node| busy(node, views.get(node))).collect();
        if busy.is_empty() {
            return Ok(Look::Found(()));
        }
        if self.nodes.iter().all(|node| views.get(node).is_some_and(Live::is_primary)) {
            self.whole = Instant::now();
        }
        let busy = busy.join("; ");
        if self.whole.elapsed() > OUT_OF_VIEW {
            return Err(StepError::surprise(format!("a member of the cluster is gone: {busy}")));
        }
        Ok(Look::NotYet(Sign::word(busy)))
    }
}

/// Why a member cannot give now.
fn busy(node: &NodeName, live: Option<&Live>) -> Option<String> {
    match live {
        Some(live) if live.is_primary() && live.is_synced() => None,
        Some(live) if live.is_primary() => {
            Some(format!("{node} is {}, queue {}", live.local_state, live.receive_queue))
        }
        Some(live) => Some(format!("{node} is in no Primary component: {}", live.cluster_status)),
        None => Some(format!("{node} gives no answer")),
    }
}
