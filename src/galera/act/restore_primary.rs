//! Making the component of one node Primary again.

use std::sync::Arc;
use std::time::Duration;

use super::{Context, Outcome, record, restart_cluster, stop};
use crate::galera::facts::Live;
use crate::galera::model::{Gtid, StateUuid};
use crate::galera::plan::Step;
use crate::galera::sql::{Database, DbError};
use crate::kernel::judge::PLACE;
use crate::kernel::model::NodeName;
use crate::kernel::run::poll::{Awaited, Look, Sign, Wait, Waited};
use crate::kernel::run::step_error::StepError;
use crate::kernel::transport::RemoteCommand;

/// Nothing has moved for this long.
const PATIENCE: Duration = Duration::from_secs(15);
const POLL: Duration = Duration::from_millis(200);
/// Where the provider's options are variables of their own, the old form is refused, with one error
/// or another (1238 and 1210 were seen on MariaDB 11.8).
const FORMS: [&str; 2] =
    ["SET GLOBAL wsrep_provider_options = 'pc.bootstrap=YES'", "SET GLOBAL wsrep_provider_pc_bootstrap = ON"];

/// Prints `runs` while this host's server gives its data to a joiner.
const TRANSFER: &str = "pgrep -f '^(/[^ ]*/)?(ba|da)?sh .*wsrep_ss[t]_.*donor' >/dev/null && echo runs; true";

/// `nodes`: other running servers, which become members by that.
pub async fn apply(context: &Arc<Context>, step: &Step, state: &StateUuid, nodes: &[NodeName]) -> Outcome {
    let node = &step.node;
    context.still_ours(node).await?;
    let database = context.database(node)?;
    let before = database.live().await?;
    let position = Gtid { uuid: state.clone(), seqno: before.last_committed };
    if before.is_primary() && before.state_uuid.as_ref() == Some(state) && begun(context, node).await {
        // The step was cut off after that; what is left of it is to wait.
        return until_ready(context, step, state, before).await;
    }
    if before.is_primary() || before.state_uuid.as_ref() != Some(state) {
        let message =
            format!("it is {} at {position} now, and was to be made Primary", before.cluster_status);
        return Err(StepError::surprise(message).left("nothing was restored"));
    }
    record::restart(context, node, &position).await?;
    // Those servers hold a part of this node's history, so they count as having gone through this restart, too.
    for member in nodes.iter().chain([node]) {
        record::passed(context, member, std::slice::from_ref(&position)).await?;
    }
    if let Err(old) = database.run(&[FORMS[0]]).await {
        // Where the new form is unknown, the old one's error tells more.
        let refused = matches!(old, DbError::Server(_));
        if !refused || database.run(&[FORMS[1]]).await.is_err() {
            return Err(old.into());
        }
    }
    until_ready(context, step, state, before).await
}

/// This very plan has made it Primary: its record is on the node.
async fn begun(context: &Context, node: &NodeName) -> bool {
    let observation = context.observe().await;
    let record = observation.facts(node).and_then(|facts| facts.bootstrap_record.as_ref());
    record.is_some_and(|record| record.plan == context.plan)
}

async fn until_ready(context: &Arc<Context>, step: &Step, state: &StateUuid, before: Live) -> Outcome {
    let node = &step.node;
    let database = context.database(node)?;
    let mut restored = Restored { context, node, database, state, last: before };
    let wait = Wait::new(POLL, PATIENCE)
        .told(context.reporter.as_ref(), &step.id)
        .interrupted_by(&context.interrupt);
    match wait.until(&mut restored).await? {
        Waited::Found(size) => Ok(Some(format!("Primary again, size {size}"))),
        Waited::Idle(_) if restored.is_donor_for_ever() => {
            let position = Gtid { uuid: state.clone(), seqno: restored.last.last_committed };
            start_again(context, node, &position).await
        }
        Waited::Idle(last) => {
            let seconds = PATIENCE.as_secs();
            let message = format!("it is not ready: {last}; nothing has moved for {seconds} s");
            Err(StepError::surprise(message).left("no other node was started"))
        }
    }
}

/// The node whose component is to become Primary.
struct Restored<'a> {
    context: &'a Arc<Context>,
    node: &'a NodeName,
    database: Database,
    state: &'a StateUuid,
    /// As it was at the last look.
    last: Live,
}

impl Awaited for Restored<'_> {
    /// The size of the component.
    type Found = u64;

    async fn look(&mut self) -> Result<Look<u64>, StepError> {
        self.last = self.database.live().await?;
        // A joiner that was waiting for it may make it a donor at once.
        if self.is_ours() && self.last.ready {
            return Ok(Look::Found(self.last.cluster_size));
        }
        // A transfer ends by itself, and takes what the data and the machine make it take.
        let moves = gives(&self.last) && transfer_runs(self.context, self.node).await?;
        Ok(Look::NotYet(Sign { moves, ..Sign::word(word(&self.last)) }))
    }
}

impl Restored<'_> {
    fn is_ours(&self) -> bool {
        self.last.is_primary() && self.last.state_uuid.as_ref() == Some(self.state)
    }

    /// A donor whose transfer ended while it had no Primary component stays a donor: Galera restores that state
    /// together with the component, and nobody is left to end it (seen on 11.8).
    fn is_donor_for_ever(&self) -> bool {
        self.is_ours() && gives(&self.last) && self.last.cluster_size == 1
    }
}

fn word(live: &Live) -> String {
    let view = format!("size {}, view {}", live.cluster_size, live.conf_id);
    format!("{}, {}, {view}", live.cluster_status, live.local_state)
}

fn gives(live: &Live) -> bool {
    live.local_state.is_donor()
}

async fn transfer_runs(context: &Context, node: &NodeName) -> Result<bool, StepError> {
    let command = RemoteCommand::new(TRANSFER, [] as [&str; 0]);
    Ok(context.host(node)?.succeed(command).await?.contains("runs"))
}

/// It is alone and answers no client, so that nobody loses anything by a restart. What would keep it from
/// being started is found out before it is stopped.
async fn start_again(context: &Arc<Context>, node: &NodeName, position: &Gtid) -> Outcome {
    let unit = &context.inventory.host.unit;
    let mut others = context.observe().await;
    others.nodes.remove(node);
    restart_cluster::nobody_in_the_way(&others, &[]).map_err(|error| {
        let by_hand = format!("only a restart makes {node} ready; on {node}: sudo systemctl stop {unit}; then galactl recover {PLACE}");
        StepError { lost: false, ..error }.left(by_hand)
    })?;
    stop::donor_to_nobody(context, node, unit).await?;
    let stopped = format!("the server of {node} is stopped; galactl recover {PLACE} starts it");
    let started = restart_cluster::apply(context, node, unit, position, &[]).await;
    started.map_err(|error| StepError { lost: false, ..error }.left(stopped))?;
    Ok(Some("Primary again, after a restart: its last state transfer had ended while it was not".into()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn only_a_donor_gives() {
        let live = |local: &str| {
            let rows = [("wsrep_cluster_status", "Primary"), ("wsrep_local_state_comment", local)];
            let rows = rows.map(|(name, value)| (name.to_owned(), value.to_owned()));
            Live::from_rows(&BTreeMap::from(rows), &BTreeMap::new())
        };
        assert!(gives(&live("Donor/Desynced")));
        assert!(!gives(&live("Joined")) && !gives(&live("Initialized")));
        assert_eq!(word(&live("Joined")), "Primary, Joined, size 0, view 0");
    }
}
