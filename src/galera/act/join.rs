//! Starting a joiner, and waiting for as long as it gets anywhere.

use crate::kernel::run::step_error::StepError;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::MutexGuard;
use tokio::time::sleep;

use super::logs;
use super::start_member::start_member;
use super::{Context, Outcome, record};
use crate::galera::facts::Live;
use crate::galera::model::Gtid;
use crate::galera::plan::Step;
use crate::galera::sql::DbError;
use crate::kernel::model::{Address, NodeName, UnitName};
use crate::kernel::run::event::Explanation;
use crate::kernel::run::event::{Event, FailureKind};
use crate::kernel::transport::{Host, RemoteCommand, TransportError};

const POLL: Duration = Duration::from_millis(200);
/// How long a start may stand in systemd's queue.
const QUEUED: Duration = Duration::from_secs(5);
const LAST_MOMENT: Duration = Duration::from_secs(2);
/// Sizes are measured less often: it costs the host a walk over its data directory.
const MEASURE: Duration = Duration::from_secs(2);

/// Twice what Galera itself gives a silent node (evs.inactive_timeout).
const OUT_OF_VIEW: Duration = Duration::from_secs(30);

/// How long a joiner may keep others from starting. One that recovers its data first takes longer, and
/// then enters beside another one, which only costs time.
const AT_THE_DOOR: Duration = Duration::from_secs(15);

const STATE: &str = r#"systemctl show "$1.service" --property=ActiveState,Result,NRestarts"#;
/// Prints the bytes received so far, where they can be told (mariabackup receives into .sst and
/// moves the files at the end; rsync writes over what is there), and `active` while the data
/// directory is written to: a transfer, recovery or IST that goes on is never given up.
const SIZE: &str = r#"
if [ -d "$1/.sst" ]; then du -sb "$1/.sst" 2>/dev/null | cut -f 1; else echo unknown; fi
[ -z "$(find "$1/." -newermt '-30 seconds' -print -quit 2>/dev/null)" ] || echo active
"#;
/// Ends a unit that systemd would start again and again, each time with another state transfer.
const STOP: &str = r#"systemctl stop "$1.service""#;
const STOP_DEADLINE: Duration = Duration::from_secs(300);

/// What the plan says of the join.
pub struct Expected<'a> {
    /// A member of the cluster that the node is to join.
    pub source: &'a NodeName,
    /// A join that shows no sign of life for this long has failed.
    pub patience_seconds: u64,
    /// Restarts of the cluster's history that the node has then gone through.
    pub after: &'a [Gtid],
}

pub async fn apply(context: &Arc<Context>, step: &Step, unit: &UnitName, expected: Expected<'_>) -> Outcome {
    let host = context.host(&step.node)?;
    let (expected_source, after) = (expected.source, expected.after);
    let mut wait = Wait::begin(context, step, &host, unit, expected).await?;
    let started = wait.started;
    let outcome = wait.until_synced().await;
    wait.door = None;
    match outcome {
        Ok(live) => {
            let mut passed = after.to_vec();
            if let Some(state) = &live.state_uuid {
                // One that this run has made itself is in no plan.
                passed.extend(record::restarts(context, expected_source, state).await?);
                record::joined(context, &step.node, state).await?;
            }
            record::passed(context, &step.node, &passed).await?;
            Ok(Some(format!("Synced, {} members", live.cluster_size)))
        }
        // The joiner goes on by itself, whoever watches.
        Err(error) if error.lost => Err(error),
        Err(error) => {
            let error = about_the_source(context, expected_source, error).await;
            let error = match error.kind != FailureKind::Surprise && wait.is_of_the_cluster().await {
                true => error.left(format!("{unit}.service on {} goes on: the cluster counts it", step.node)),
                false => stop(&host, unit, error).await,
            };
            Err(logs::explained(context, error, &step.node, started.elapsed()).await)
        }
    }
}

/// A joiner fails also because there is nothing to join any more, which its own log does not tell.
async fn about_the_source(context: &Context, source: &NodeName, error: StepError) -> StepError {
    let live = match context.database(source) {
        Ok(database) => database.live().await.map_err(|error| error.to_string()),
        Err(error) => Err(error.message),
    };
    let cause = match live {
        Ok(live) if live.is_primary() => return error,
        Ok(live) => format!("{source} is in no Primary component any more: {:?}", live.cluster_status),
        Err(why) => format!("{source}, whose cluster it was to join, gives no answer: {why}"),
    };
    let next = "bring it back first; a member that lost its majority returns when the others do";
    let explanation = Explanation { slug: "nothing-to-join".into(), cause, next: next.into() };
    StepError { explanation: Some(explanation), ..error }
}

async fn stop(host: &Host, unit: &UnitName, error: StepError) -> StepError {
    let command = RemoteCommand::act(STOP, [unit.as_str()]).deadline(STOP_DEADLINE);
    match host.succeed(command).await {
        Ok(_) => error
            .left(format!("{unit}.service on {} is stopped, so that it does not try for ever", host.name)),
        Err(stop) => error.left(format!("{unit}.service on {} could not be stopped: {stop}", host.name)),
    }
}

/// A property's value in what [`STATE`] prints.
fn field<'s>(state: &'s str, name: &str) -> &'s str {
    state.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default()
}

/// What a server answers, if it does: a busy one may take too long once. A connection that is lost is an error.
fn answered(answer: Result<Live, DbError>) -> Result<Option<Live>, StepError> {
    match answer {
        Ok(live) => Ok(Some(live)),
        Err(error @ DbError::Transport(TransportError::Lost(_))) => Err(error.into()),
        Err(_) => Ok(None),
    }
}

struct Wait<'a> {
    context: &'a Context,
    step: &'a Step,
    host: &'a Host,
    unit: &'a UnitName,
    expected: Expected<'a>,
    started: Instant,
    patience: Duration,
    /// About how much a full state transfer brings.
    data_bytes: u64,
    last_size: u64,
    last_state: String,
    /// Nobody else starts to join.
    door: Option<MutexGuard<'a, ()>>,
    /// Of the cluster, before this start.
    size_before: u64,
    /// It was in the cluster's view, and since when it is not any more.
    seen: bool,
    missed: Option<Instant>,
    /// When something was last seen to change.
    moved: Instant,
    measured: Instant,
}

impl<'a> Wait<'a> {
    /// Starts the server when nobody else is about to enter the cluster. One that comes while a view forms
    /// with another one is left out of it, and forgotten for `gmcast.time_wait` (5 s).
    async fn begin(
        context: &'a Context,
        step: &'a Step,
        host: &'a Host,
        unit: &'a UnitName,
        expected: Expected<'a>,
    ) -> Result<Self, StepError> {
        let door = context.door.lock().await;
        if context.interrupt.requested() {
            let stopped = StepError::new("stopped before it was started, as asked");
            return Err(StepError { kind: FailureKind::Interrupted, ..stopped });
        }
        let size_before = context.database(expected.source)?.live().await.map_or(0, |live| live.cluster_size);
        let started = Instant::now();
        start_member(host, unit).await?;
        Ok(Self {
            context,
            step,
            host,
            unit,
            patience: Duration::from_secs(expected.patience_seconds),
            data_bytes: context.place(expected.source)?.data_bytes,
            expected,
            started,
            last_size: 0,
            last_state: String::new(),
            door: Some(door),
            size_before,
            seen: false,
            missed: None,
            moved: started,
            measured: started,
        })
    }

    async fn until_synced(&mut self) -> Result<Live, StepError> {
        loop {
            let state = self.state().await?;
            match (field(&state, "ActiveState="), field(&state, "NRestarts=")) {
                ("active", _) => {
                    if let Some(live) = self.synced().await? {
                        return Ok(live);
                    }
                }
                ("activating", "0") => self.notice("activating".into()),
                // The start is queued, and systemd has not come to it yet.
                ("inactive", "0") if self.started.elapsed() < QUEUED => {}
                (active, restarts) => {
                    let result = field(&state, "Result=");
                    return Err(StepError::new(format!(
                        "the server did not come up: it is {active} ({result}) after {restarts} restarts"
                    )));
                }
            }
            if self.door.is_some() {
                self.enter().await;
            }
            self.measure().await?;
            if self.moved.elapsed() > self.patience {
                let message = format!(
                    "nothing has moved for {} s; last seen: {}",
                    self.patience.as_secs(),
                    self.last_state
                );
                return Err(StepError::new(message));
            }
            sleep(POLL).await;
        }
    }

    /// A host that loses its power may answer wrongly in its last moment, and not at all in the next.
    async fn state(&self) -> Result<String, TransportError> {
        let ask = || self.host.succeed(RemoteCommand::new(STATE, [self.unit.as_str()]));
        match ask().await {
            Err(error) if !matches!(error, TransportError::Lost(_)) => {
                sleep(LAST_MOMENT).await;
                ask().await
            }
            answer => answer,
        }
    }

    /// The unit is up; it may still catch up with the cluster.
    async fn synced(&mut self) -> Result<Option<Live>, StepError> {
        let Some(live) = answered(self.context.database(&self.step.node)?.live().await)? else {
            self.notice("its server gives no answer".into());
            return Ok(None);
        };
        if live.is_synced() {
            return Ok(self.same_cluster(&live).await?.then_some(live));
        }
        if !live.wsrep_on || live.local_state == "Inconsistent" {
            let message =
                format!("it runs outside the cluster: wsrep_on {}, {}", live.wsrep_on, live.local_state);
            return Err(StepError::surprise(message));
        }
        self.notice(format!("{}, queue {}", live.local_state, live.receive_queue));
        Ok(None)
    }

    /// A node can be Synced in a cluster of its own. False: the other one gives no answer now.
    async fn same_cluster(&self, joined: &Live) -> Result<bool, StepError> {
        let source = self.context.database(self.expected.source)?.live().await;
        let Some(source) = answered(source)? else { return Ok(false) };
        if joined.cluster_size >= 2 && joined.state_uuid == source.state_uuid {
            return Ok(true);
        }
        let message = format!(
            "it is Synced, but not in the cluster of {}: size {}, another state UUID or alone",
            self.expected.source, joined.cluster_size
        );
        Err(StepError::surprise(message))
    }

    /// Lets the next one start as soon as this one is in the view.
    async fn enter(&mut self) {
        let view = match self.context.database(self.expected.source) {
            Ok(source) => source.live().await.ok(),
            Err(_) => None,
        };
        let is_in = view.is_some_and(|live| self.is_member(&live, self.size_before + 1));
        if is_in || self.started.elapsed() > AT_THE_DOOR {
            self.door = None;
        }
    }

    async fn measure(&mut self) -> Result<(), StepError> {
        if self.measured.elapsed() < MEASURE {
            return Ok(());
        }
        self.measured = Instant::now();
        self.still_in_view().await?;
        let place = self.context.place(&self.step.node)?;
        // A busy disk makes the walk slow, and is no reason to end the transfer that keeps it busy.
        let text = match self.host.succeed(RemoteCommand::new(SIZE, [&place.datadir])).await {
            Ok(text) => text,
            Err(error @ TransportError::Lost(_)) => return Err(error.into()),
            Err(_) => return Ok(()),
        };
        if text.contains("active") {
            self.moved = Instant::now();
        }
        let Some(Ok(size)) = text.lines().next().map(str::parse) else { return Ok(()) };
        if size != self.last_size {
            self.last_size = size;
            self.progress();
        }
        Ok(())
    }

    /// A joiner is in the cluster's view before its state transfer begins. One that falls out of it
    /// receives in vain, and its script would wait minutes for a donor that has given it up.
    async fn still_in_view(&mut self) -> Result<(), StepError> {
        let view = self.context.database(self.expected.source)?.live().await;
        let is_in = match view {
            Ok(live) => live.is_primary() && self.is_member(&live, 2),
            Err(DbError::Server(_)) => false,
            Err(error @ DbError::Transport(TransportError::Lost(_))) => return Err(error.into()),
            // That host is busy, and says nothing of the view.
            Err(DbError::Transport(_)) => return Ok(()),
        };
        self.seen |= is_in;
        self.missed = self.missed.filter(|_| !is_in).or((self.seen && !is_in).then(Instant::now));
        match self.missed.map(|since| since.elapsed()) {
            Some(missed) if missed > OUT_OF_VIEW => Err(StepError::new(format!(
                "it fell out of the cluster of {} while it was joining, {} s ago",
                self.expected.source,
                missed.as_secs()
            ))),
            _ => Ok(()),
        }
    }

    /// It is up, and in the cluster's view; or it is on its way, and its stop would take the majority along:
    /// a joiner has a vote before it has the data, and its stop is no leave.
    async fn is_of_the_cluster(&self) -> bool {
        let Ok(state) = self.state().await else { return false };
        let (is_up, joins) = match (field(&state, "ActiveState="), field(&state, "NRestarts=")) {
            ("active", _) => (true, false),
            ("activating", "0") => (false, true),
            _ => return false,
        };
        let Ok(source) = self.context.database(self.expected.source) else { return false };
        source.live().await.is_ok_and(|live| {
            let counts = live.is_primary() && self.is_member(&live, 2);
            counts && (is_up || joins && live.cluster_size == 2)
        })
    }

    /// Where the inventory gives names, the view's addresses do not tell; its size has to do.
    fn is_member(&self, live: &Live, least: u64) -> bool {
        let address = self.context.inventory.node(&self.step.node).map(|node| &node.address);
        match address {
            Some(Address::Ip(address)) if !live.members.is_empty() => {
                live.members.contains(&address.to_string())
            }
            _ => live.cluster_size >= least,
        }
    }

    fn notice(&mut self, state: String) {
        if state != self.last_state {
            self.last_state = state;
            self.moved = Instant::now();
            self.progress();
        }
    }

    fn progress(&self) {
        #[allow(clippy::cast_precision_loss, reason = "a fraction for a progress bar")]
        let fraction = (self.data_bytes > 0 && self.last_size > 0)
            .then(|| (self.last_size as f64 / self.data_bytes as f64).min(0.99));
        let size = if self.last_size > 0 {
            format!(", {} MiB received", self.last_size >> 20)
        } else {
            String::new()
        };
        let message = format!("{}{size}", self.last_state);
        self.context.report(&Event::StepProgress { id: self.step.id.clone(), message, fraction });
    }
}
