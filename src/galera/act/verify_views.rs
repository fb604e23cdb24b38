//! Every node's view against the expectation.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::views::views;
use super::{Context, Outcome, record};
use crate::galera::facts::Live;
use crate::galera::judge::whole::{Expectation, judge};
use crate::galera::model::Gtid;
use crate::kernel::judge::Finding;
use crate::kernel::model::{HostName, NodeName};
use crate::kernel::run::poll::{Awaited, Look, Sign, Wait, Waited};
use crate::kernel::run::step_error::StepError;

/// A view change takes a moment to reach every node's status. Counted from the last time that the cluster came
/// nearer to being whole.
const SETTLING: Duration = Duration::from_secs(15);
const POLL: Duration = Duration::from_millis(200);

pub async fn apply(context: &Arc<Context>, nodes: &[NodeName], most_members: usize) -> Outcome {
    let cluster = context.inventory.cluster.to_string();
    let expected = Expectation { cluster, nodes: nodes.to_vec(), most_members };
    let mut cluster = Cluster { context, expected, findings: Vec::new(), nearest: (usize::MAX, u64::MAX) };
    match Wait::new(POLL, SETTLING).until(&mut cluster).await? {
        Waited::Found(views) => whole(context, nodes, &views).await,
        Waited::Idle(_) => {
            let list: Vec<_> = cluster.findings.iter().map(ToString::to_string).collect();
            Err(StepError::new(format!("the cluster is not whole\n{}", list.join("\n"))))
        }
    }
}

/// A cluster that is to become whole.
struct Cluster<'a> {
    context: &'a Arc<Context>,
    expected: Expectation,
    /// What is wrong with it.
    findings: Vec<Finding>,
    nearest: Distance,
}

impl Awaited for Cluster<'_> {
    type Found = BTreeMap<NodeName, Live>;

    /// Two findings that take turns are no progress, so the word does not hold the findings.
    async fn look(&mut self) -> Result<Look<Self::Found>, StepError> {
        let views = views(self.context, &self.expected.nodes).await;
        self.findings = judge(&self.expected, &views);
        if self.findings.is_empty() {
            return Ok(Look::Found(views));
        }
        // A node that gives no answer over a connection that is gone may be well.
        if let Some(host) = self.context.fleet.lost_lock(|host| self.is_on(host)) {
            let error = StepError::new(format!("the connection to {host} was lost"));
            return Err(StepError { lost: true, ..error });
        }
        let distance = distance(&self.findings, &views);
        let moves = distance < self.nearest;
        self.nearest = self.nearest.min(distance);
        Ok(Look::NotYet(Sign { moves, ..Sign::default() }))
    }
}

impl Cluster<'_> {
    fn is_on(&self, host: &HostName) -> bool {
        let inventory = &self.context.inventory;
        self.expected.nodes.iter().any(|node| inventory.placement(node).host == *host)
    }
}

/// How far a cluster is from being whole: how much is wrong, and how many write-sets the members that are not
/// Synced still have to apply. A shorter one is progress, and it cannot get shorter for ever.
type Distance = (usize, u64);

fn distance(findings: &[Finding], views: &BTreeMap<NodeName, Live>) -> Distance {
    let behind = views.values().filter(|live| !live.is_synced()).map(|live| live.receive_queue);
    (findings.len(), behind.fold(0, u64::saturating_add))
}

async fn whole(context: &Context, nodes: &[NodeName], views: &BTreeMap<NodeName, Live>) -> Outcome {
    let state = views.values().find_map(|live| live.state_uuid.clone());
    let other = nodes.iter().find(|node| **node != context.inventory.seed);
    if let (Some(other), Some(state)) = (other, state) {
        record::joined(context, other, &state).await?;
    }
    remember(context, nodes, views.values().next()).await?;
    Ok(views.values().next().map(summary))
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
