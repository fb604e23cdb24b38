//! Making the component of one node Primary again.

use crate::kernel::run::step_error::StepError;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::time::sleep;

use super::{Context, Outcome, record};
use super::{restart_cluster, stop};
use crate::galera::facts::{ClusterStatus, Live};
use crate::galera::model::{Gtid, StateUuid};
use crate::galera::sql::DbError;
use crate::kernel::model::NodeName;
use crate::kernel::transport::RemoteCommand;

/// Nothing has moved for this long.
const PATIENCE: Duration = Duration::from_secs(15);
const POLL: Duration = Duration::from_millis(200);
/// Where the provider's options are variables of their own, the old form is refused, with one error
/// or another (1238 and 1210 were seen on MariaDB 11.8).
const FORMS: [&str; 2] =
    ["SET GLOBAL wsrep_provider_options = 'pc.bootstrap=YES'", "SET GLOBAL wsrep_provider_pc_bootstrap = ON"];

/// Prints `runs` while this host's server gives its data to a joiner.
const TRANSFER: &str = "pgrep -f 'wsrep_ss[t]_.*donor' >/dev/null && echo runs; true";

/// `nodes`: other running servers, which become members by that.
pub async fn apply(
    context: &Arc<Context>,
    node: &NodeName,
    state: &StateUuid,
    nodes: &[NodeName],
) -> Outcome {
    context.still_ours(node).await?;
    let database = context.database(node)?;
    let before = database.live().await?;
    let position = Gtid { uuid: state.clone(), seqno: before.last_committed };
    if before.is_primary() || before.state_uuid.as_ref() != Some(state) {
        let message =
            format!("it is {:?} at {position} now, and was to be made Primary", before.cluster_status);
        return Err(StepError::surprise(message).left("nothing was restored"));
    }
    record::restart(context, node, &position).await?;
    // What those hold is behind this node's, so that they have gone through it from the start.
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
    let live = until_ready(context, node, state, Word::of(&before)).await?;
    if live.ready {
        return Ok(Some(format!("Primary again, size {}", live.cluster_size)));
    }
    let position = Gtid { uuid: state.clone(), seqno: live.last_committed };
    start_again(context, node, &position).await
}

/// Waits until it is ready, or is the one donor that nothing but a restart makes ready.
async fn until_ready(
    context: &Context,
    node: &NodeName,
    state: &StateUuid,
    mut last: Word,
) -> Result<Live, StepError> {
    let database = context.database(node)?;
    let mut moved = Instant::now();
    loop {
        let live = database.live().await?;
        // A joiner that was waiting for it may make it a donor at once.
        let ours = live.is_primary() && live.state_uuid.as_ref() == Some(state);
        if ours && live.ready {
            return Ok(live);
        }
        let word = Word::of(&live);
        if word != last || (word.gives() && transfer_runs(context, node).await?) {
            (last, moved) = (word, Instant::now());
        } else if moved.elapsed() > PATIENCE {
            if ours && word.gives() && live.cluster_size == 1 {
                return Ok(live);
            }
            let (status, local, seconds) = (live.cluster_status, live.local_state, PATIENCE.as_secs());
            let message =
                format!("it is {status:?}, {local}, and not ready; nothing has moved for {seconds} s");
            return Err(StepError::surprise(message).left("no other node was started"));
        }
        sleep(POLL).await;
    }
}

async fn transfer_runs(context: &Context, node: &NodeName) -> Result<bool, StepError> {
    let command = RemoteCommand::new(TRANSFER, [] as [&str; 0]);
    Ok(context.host(node)?.succeed(command).await?.contains("runs"))
}

/// A donor whose transfer ended while it had no Primary component is a donor for ever: Galera restores that
/// state together with the component, and nobody is left to end it (seen on 11.8). It is alone and answers no
/// client, so it is started again.
async fn start_again(context: &Arc<Context>, node: &NodeName, position: &Gtid) -> Outcome {
    let unit = &context.inventory.host.unit;
    stop::apply(context, node, unit).await?;
    restart_cluster::apply(context, node, unit, position, &[]).await?;
    Ok(Some("Primary again, after a restart: its last state transfer had ended while it was not".into()))
}

/// What changes as the node gets somewhere.
#[derive(Debug, PartialEq, Eq)]
struct Word {
    status: ClusterStatus,
    local_state: String,
    conf_id: u64,
    size: u64,
}

impl Word {
    fn of(live: &Live) -> Self {
        let (status, local_state) = (live.cluster_status.clone(), live.local_state.clone());
        Self { status, local_state, conf_id: live.conf_id, size: live.cluster_size }
    }

    /// It gives its data to a joiner. That ends by itself, and takes what the data and the machine make it take.
    fn gives(&self) -> bool {
        self.local_state.starts_with("Donor")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_donor_is_waited_for_whatever_its_transfer_takes() {
        let word = |local: &str| {
            let (status, local_state) = (ClusterStatus::Primary, local.to_owned());
            Word { status, local_state, conf_id: 3, size: 2 }
        };
        assert!(word("Donor/Desynced").gives());
        assert!(!word("Joined").gives() && !word("Initialized").gives());
    }
}
