//! Making the component of one node Primary again.

use crate::kernel::run::step_error::StepError;
use std::sync::Arc;
use std::time::Duration;

use super::{Context, Outcome, record};
use crate::galera::facts::Live;
use crate::galera::model::{Gtid, StateUuid};
use crate::galera::sql::{Database, DbError};
use crate::kernel::model::{NodeName, UnitName};
use crate::kernel::run::poll::{Awaited, Look, Sign, Wait, Waited};
use crate::kernel::transport::{Host, RemoteCommand};

/// Nothing has moved for this long.
const PATIENCE: Duration = Duration::from_secs(15);
const POLL: Duration = Duration::from_millis(200);
/// Lists the transfers that run: the server starts a script of this name for each method.
const TRANSFERS: &str = "pgrep -f '[w]srep_sst_.*--role' || true";
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
            format!("it is {} at {position} now, and was to be made Primary", before.cluster_status);
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
    let mut restored = Restored { database, host: context.host(node)?, state, is_donor: false };
    match Wait::new(POLL, PATIENCE).until(&mut restored).await? {
        Waited::Found(size) => Ok(Some(format!("Primary again, size {size}"))),
        Waited::Idle(last) => {
            let seconds = PATIENCE.as_secs();
            let message = format!("it is not ready: {last}; nothing has moved for {seconds} s");
            let error = StepError::surprise(message).left("no other node was started");
            Err(if restored.is_donor { error.left(stuck(node, &context.inventory.host.unit)) } else { error })
        }
    }
}

/// A donor whose transfer ended while it was in no Primary component is told so by no one, and stays a donor
/// that is not ready (seen on MariaDB 11.8: `sst sent called when not SST donor`).
fn stuck(node: &NodeName, unit: &UnitName) -> String {
    format!(
        "where no state transfer runs on {node} any more, only a new start ends its state as a donor; on that host: sudo systemctl stop {unit}; then galactl recover"
    )
}

/// The node whose component is to become Primary.
struct Restored<'a> {
    database: Database,
    host: Arc<Host>,
    state: &'a StateUuid,
    is_donor: bool,
}

impl Awaited for Restored<'_> {
    /// The size of the component.
    type Found = u64;

    async fn look(&mut self) -> Result<Look<u64>, StepError> {
        let live = self.database.live().await?;
        // A joiner that was waiting for it may make it a donor at once.
        if live.is_primary() && live.ready && live.state_uuid.as_ref() == Some(self.state) {
            return Ok(Look::Found(live.cluster_size));
        }
        self.is_donor = live.local_state.starts_with("Donor");
        let gives = self.is_donor && self.transfers().await?;
        Ok(Look::NotYet(Sign { moves: gives, ..Sign::word(word(&live)) }))
    }
}

impl Restored<'_> {
    /// A state transfer's script is at work. That ends by itself, and takes what the data and the machine make
    /// it take.
    async fn transfers(&self) -> Result<bool, StepError> {
        let said = self.host.succeed(RemoteCommand::new(TRANSFERS, [""; 0])).await?;
        Ok(!said.trim().is_empty())
    }
}

/// A new view is progress.
fn word(live: &Live) -> String {
    let view = format!("size {}, view {}", live.cluster_size, live.conf_id);
    format!("{}, {}, {view}", live.cluster_status, live.local_state)
}
