//! The joiner as the cluster sees it: asked is the member whose cluster it is to join.

use std::time::{Duration, Instant};

use super::unit::UnitState;
use crate::galera::act::Context;
use crate::galera::facts::Live;
use crate::galera::sql::{Database, DbError};
use crate::kernel::model::{Address, NodeName};
use crate::kernel::run::step_error::StepError;
use crate::kernel::transport::TransportError;

/// Twice what Galera itself gives a silent node (evs.inactive_timeout).
const OUT_OF_VIEW: Duration = Duration::from_secs(30);
/// Members of a view in which a joiner stands: itself, and the one that is asked.
const LEAST: u64 = 2;

/// Where the joiner stands in the cluster's view.
pub struct Membership<'a> {
    context: &'a Context,
    joiner: &'a NodeName,
    source: &'a NodeName,
    asked: Database,
    /// Of the cluster, before the joiner was started.
    size_before: u64,
    /// The number of the view in which the member was then, Primary.
    view_before: Option<u64>,
    /// Whether the joiner was in the cluster's view, and since when it is not in it any more.
    seen: bool,
    missed: Option<Instant>,
}

impl<'a> Membership<'a> {
    pub async fn before_the_start(
        context: &'a Context,
        joiner: &'a NodeName,
        source: &'a NodeName,
    ) -> Result<Self, StepError> {
        let asked = context.database(source)?;
        let before = asked.live().await.ok();
        let size_before = before.as_ref().map_or(0, |live| live.cluster_size);
        let view_before = before.filter(Live::is_primary).map(|live| live.conf_id);
        Ok(Self { context, joiner, source, asked, size_before, view_before, seen: false, missed: None })
    }

    /// The member is in the same Primary view as before the joiner was started. So nobody has entered or left: the
    /// joiner was never a member, and got no data.
    pub async fn never_changed(&self) -> bool {
        let Some(view) = self.view_before else { return false };
        self.asked.live().await.is_ok_and(|live| live.is_primary() && live.conf_id == view)
    }

    /// The joiner has entered the view.
    pub async fn has_entered(&self) -> bool {
        self.asked.live().await.is_ok_and(|live| self.is_member(&live, self.size_before + 1))
    }

    /// A joiner is in the cluster's view before its state transfer begins. One that falls out of it
    /// receives in vain, and its script would wait minutes for a donor that has given it up.
    ///
    /// Errors: it fell out of the view, or the connection to the other member is lost.
    pub async fn lasts(&mut self) -> Result<(), StepError> {
        let is_in = match self.asked.live().await {
            Ok(live) => live.is_primary() && self.is_member(&live, LEAST),
            Err(error @ DbError::Transport(TransportError::Lost(_))) => return Err(error.into()),
            // That host is busy, and says nothing of the view.
            Err(DbError::Transport(_)) => return Ok(()),
            Err(_) => false,
        };
        self.seen |= is_in;
        self.missed = self.missed.filter(|_| !is_in).or((self.seen && !is_in).then(Instant::now));
        match self.missed.map(|since| since.elapsed()) {
            Some(missed) if missed > OUT_OF_VIEW => Err(StepError::new(format!(
                "it fell out of the cluster of {} while it was joining, {} s ago",
                self.source,
                missed.as_secs()
            ))),
            _ => Ok(()),
        }
    }

    /// A node can be Synced in a cluster of its own. False: the other one gives no answer now.
    pub async fn is_same_cluster(&self, joined: &Live) -> Result<bool, StepError> {
        let Some(source) = answered(self.asked.live().await)? else { return Ok(false) };
        if joined.cluster_size >= LEAST && joined.state_uuid == source.state_uuid {
            return Ok(true);
        }
        let message = format!(
            "it is Synced, but not in the cluster of {}: size {}, another state UUID or alone",
            self.source, joined.cluster_size
        );
        Err(StepError::surprise(message))
    }

    /// It is up, and in the cluster's view; or it is on its way, and its stop would take the majority along:
    /// a joiner has a vote before it has the data, and its stop is no leave.
    pub async fn counts(&self, unit: &UnitState) -> bool {
        if !matches!(unit, UnitState::Up | UnitState::Starting) {
            return false;
        }
        self.asked.live().await.is_ok_and(|live| {
            let counts = live.is_primary() && self.is_member(&live, LEAST);
            counts && (*unit == UnitState::Up || live.cluster_size == LEAST)
        })
    }

    /// The view's addresses tell whether the joiner is in it. Where the inventory has names, or a member does not say its
    /// address, the view's size has to do.
    fn is_member(&self, live: &Live, least: u64) -> bool {
        let address = self.context.inventory.node(self.joiner).map(|node| &node.address);
        match address {
            Some(Address::Ip(address)) if !live.members.is_empty() && live.unnamed == 0 => {
                live.members.contains(&address.to_string())
            }
            _ => live.cluster_size >= least,
        }
    }
}

/// What a server answers, if it does: a busy one may take too long once.
///
/// Errors: the connection is lost.
pub fn answered(answer: Result<Live, DbError>) -> Result<Option<Live>, StepError> {
    match answer {
        Ok(live) => Ok(Some(live)),
        Err(error @ DbError::Transport(TransportError::Lost(_))) => Err(error.into()),
        Err(_) => Ok(None),
    }
}
