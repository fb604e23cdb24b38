//! A server that was started to join: what each look at it finds.

use std::time::Instant;

use super::membership::{Membership, answered};
use super::received::Received;
use super::turn::{Entrance, Turn};
use super::unit::UnitState;
use crate::galera::act::Context;
use crate::galera::act::start_member::start_member;
use crate::galera::facts::Live;
use crate::galera::sql::Database;
use crate::kernel::model::{NodeName, UnitName};
use crate::kernel::run::event::FailureKind;
use crate::kernel::run::poll::{Awaited, Look, Sign};
use crate::kernel::run::step_error::StepError;
use crate::kernel::transport::Host;

const WAITS: &str = "in the view, waiting for a donor";

/// What is asked again and again until it is Synced.
pub struct Joiner<'a> {
    host: &'a Host,
    unit: &'a UnitName,
    database: Database,
    membership: Membership<'a>,
    received: Received<'a>,
    entrance: &'a Entrance,
    /// How much other joiners had moved at the last measure.
    others: u64,
    pub turn: Turn<'a>,
    pub started: Instant,
}

impl<'a> Joiner<'a> {
    /// Starts the server when nobody else is about to enter the cluster.
    pub async fn start(
        context: &'a Context,
        node: &'a NodeName,
        host: &'a Host,
        unit: &'a UnitName,
        source: &'a NodeName,
    ) -> Result<Self, StepError> {
        let turn = Turn::take(&context.entrance).await;
        if context.interrupt.requested() {
            let stopped = StepError::new("stopped before it was started, as asked");
            return Err(StepError { kind: FailureKind::Interrupted, ..stopped });
        }
        let membership = Membership::before_the_start(context, node, source).await?;
        let (database, place) = (context.database(node)?, context.place(node)?);
        let expected_bytes = context.place(source)?.data_bytes;
        let started = Instant::now();
        start_member(context, node, unit).await?;
        let received = Received::nothing(host, &place.datadir, unit, expected_bytes);
        let entrance = &context.entrance;
        Ok(Self { host, unit, database, membership, received, entrance, others: 0, turn, started })
    }

    /// The unit is up; the server may still catch up with the cluster.
    async fn server(&self) -> Result<Look<Live>, StepError> {
        let Some(live) = answered(self.database.live().await)? else {
            return Ok(Look::NotYet(Sign::word("its server gives no answer")));
        };
        let word = format!("{}, queue {}", live.local_state, live.receive_queue);
        if live.is_synced() {
            return Ok(match self.membership.is_same_cluster(&live).await? {
                true => Look::Found(live),
                false => Look::NotYet(Sign::word(word)),
            });
        }
        if !live.wsrep_on || live.local_state.is_inconsistent() {
            let message =
                format!("it runs outside the cluster: wsrep_on {}, {}", live.wsrep_on, live.local_state);
            return Err(StepError::surprise(message));
        }
        Ok(Look::NotYet(Sign::word(word)))
    }

    /// Whether data comes, to this joiner or, while it waits for a donor, to others that need one as well.
    async fn measure(&mut self) -> Result<bool, StepError> {
        let gets_data = self.received.measure().await?;
        if !self.received.waits_for_donor() {
            if gets_data {
                self.entrance.moves();
            }
            return Ok(gets_data);
        }
        let before = std::mem::replace(&mut self.others, self.entrance.movements());
        Ok(before != self.others)
    }

    /// The cluster is as if the joiner had never been started.
    pub async fn never_entered(&self) -> bool {
        self.membership.never_changed().await
    }

    /// The cluster counts it, so that it must not be stopped.
    pub async fn is_of_the_cluster(&self) -> bool {
        match UnitState::ask(self.host, self.unit).await {
            Ok(unit) => self.membership.counts(&unit).await,
            Err(_) => false,
        }
    }
}

impl Awaited for Joiner<'_> {
    type Found = Live;

    /// Errors: the server did not come up, is in no cluster or in another one, or a connection is lost.
    async fn look(&mut self) -> Result<Look<Live>, StepError> {
        let state = match UnitState::ask(self.host, self.unit).await? {
            UnitState::Up => match self.server().await? {
                Look::Found(live) => return Ok(Look::Found(live)),
                Look::NotYet(sign) => sign.word,
            },
            UnitState::Starting if self.received.waits_for_donor() => WAITS.into(),
            UnitState::Starting => "activating".into(),
            UnitState::Queued => "its start is queued".into(),
            UnitState::Failed(how) => {
                return Err(StepError::new(format!("the server did not come up: {how}")));
            }
        };
        if self.turn.is_held() && (self.membership.has_entered().await || self.turn.is_due()) {
            self.turn.pass_on();
        }
        let mut moves = false;
        if self.received.is_due() {
            self.membership.lasts().await?;
            moves = self.measure().await?;
        }
        let word = self.received.beside(&state);
        Ok(Look::NotYet(Sign { word, moves, fraction: self.received.fraction() }))
    }
}
