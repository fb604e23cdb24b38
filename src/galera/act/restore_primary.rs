//! Making the component of one node Primary again.

use crate::kernel::run::step_error::StepError;
use std::time::{Duration, Instant};

use tokio::time::sleep;

use super::{Context, Outcome, record};
use crate::galera::model::{Gtid, StateUuid};
use crate::galera::sql::DbError;
use crate::kernel::model::NodeName;

const DEADLINE: Duration = Duration::from_secs(15);
const POLL: Duration = Duration::from_millis(200);
/// Where the provider's options are variables of their own, the old form is refused, with one error
/// or another (1238 and 1210 were seen on MariaDB 11.8).
const FORMS: [&str; 2] =
    ["SET GLOBAL wsrep_provider_options = 'pc.bootstrap=YES'", "SET GLOBAL wsrep_provider_pc_bootstrap = ON"];

/// `nodes`: other running servers, which become members by that.
pub async fn apply(context: &Context, node: &NodeName, state: &StateUuid, nodes: &[NodeName]) -> Outcome {
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
    let started = Instant::now();
    loop {
        let live = database.live().await?;
        // A joiner that was waiting for it may make it a donor at once.
        if live.is_primary() && live.ready && live.state_uuid.as_ref() == Some(state) {
            return Ok(Some(format!("Primary again, size {}", live.cluster_size)));
        }
        if started.elapsed() > DEADLINE {
            let message = format!("it is {:?}, {}, and not ready", live.cluster_status, live.local_state);
            return Err(StepError::surprise(message).left("no other node was started"));
        }
        sleep(POLL).await;
    }
}
