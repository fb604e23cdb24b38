//! Making the component of one node Primary again.

use crate::kernel::run::step_error::StepError;
use std::time::Duration;

use super::{Context, Outcome, record};
use crate::galera::facts::Live;
use crate::galera::model::{Gtid, StateUuid};
use crate::galera::sql::{Database, DbError};
use crate::kernel::model::NodeName;
use crate::kernel::run::poll::{Awaited, Look, Sign, Wait, Waited};

/// Nothing has moved for this long.
const PATIENCE: Duration = Duration::from_secs(15);
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
    match Wait::new(POLL, PATIENCE).until(Restored { database, state }).await? {
        Waited::Found(size) => Ok(Some(format!("Primary again, size {size}"))),
        Waited::Idle(last) => {
            let seconds = PATIENCE.as_secs();
            let message = format!("it is not ready: {last}; nothing has moved for {seconds} s");
            Err(StepError::surprise(message).left("no other node was started"))
        }
    }
}

/// The node whose component is to become Primary.
struct Restored<'a> {
    database: Database,
    state: &'a StateUuid,
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
        Ok(Look::NotYet(sign(&live)))
    }
}

/// A new view is progress. So is the transfer that a donor gives to a joiner: it ends by itself, and takes
/// what the data and the machine make it take.
fn sign(live: &Live) -> Sign {
    let view = format!("size {}, view {}", live.cluster_size, live.conf_id);
    let word = format!("{}, {}, {view}", live.cluster_status, live.local_state);
    Sign { word, moves: live.local_state.starts_with("Donor"), fraction: None }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn a_donor_is_waited_for_whatever_its_transfer_takes() {
        let sign = |local: &str| {
            let rows = [("wsrep_cluster_status", "Primary"), ("wsrep_local_state_comment", local)];
            let rows = rows.map(|(name, value)| (name.to_owned(), value.to_owned()));
            sign(&Live::from_rows(&BTreeMap::from(rows), &BTreeMap::new()))
        };
        assert!(sign("Donor/Desynced").moves);
        assert!(!sign("Joined").moves && !sign("Initialized").moves);
        assert_eq!(sign("Joined").word, "Primary, Joined, size 0, view 0");
    }
}
