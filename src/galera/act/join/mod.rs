//! Starting a joiner, and waiting for as long as it gets anywhere.

mod joiner;
mod membership;
mod received;
mod turn;
mod unit;

pub use turn::Entrance;

use std::sync::Arc;
use std::time::Duration;

use joiner::Joiner;

use super::logs;
use super::{Context, Outcome, record};
use crate::galera::facts::Live;
use crate::galera::health;
use crate::galera::model::Gtid;
use crate::galera::plan::Step;
use crate::kernel::model::{NodeName, UnitName};
use crate::kernel::run::event::{Event, Explanation, FailureKind};
use crate::kernel::run::poll::{Wait, Waited};
use crate::kernel::run::step_error::StepError;
use crate::kernel::transport::{Host, RemoteCommand};

const POLL: Duration = Duration::from_millis(200);
/// How often a joiner may misunderstand the others while TLS is switched.
const MOST_MISTAKES: usize = 8;
/// How the last run of the unit's server ended that has ended: `mistaken`, where it ended before it was in the group's
/// view. systemd may have begun another run since.
const LAST_RUN: &str = r#"
journalctl --quiet --output=cat --unit="$1.service" --since=-120s | awk '
    /Loading provider/ { if (run) last = run; run = "begun" }
    /STATE EXCHANGE/ { run = "entered" }
    /same UUID already exists|got signal/ { if (run == "begun") run = "mistaken" }
    END { print run == "begun" ? last : run }
'
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
    /// TLS is being switched on or off between the nodes.
    pub switching: bool,
}

pub async fn apply(context: &Arc<Context>, step: &Step, unit: &UnitName, expected: Expected<'_>) -> Outcome {
    let host = context.host(&step.node)?;
    // A run that was cut off may have left it drained.
    health::act::lift(context, &step.node).await?;
    let mut joiner = Joiner::start(context, &step.node, &host, unit, expected.source).await?;
    let mut outcome = until_synced(context, step, &mut joiner, expected.patience_seconds).await;
    for _ in 0..if expected.switching { MOST_MISTAKES } else { 0 } {
        joiner.turn.pass_on();
        let failed = outcome.as_ref().is_err_and(|error| error.kind == FailureKind::Failed && !error.lost);
        if !failed || !is_mistaken(&host, unit).await? {
            break;
        }
        let message =
            "it did not understand the others while TLS is switched, and is started again".to_owned();
        context.report(&Event::StepProgress { id: step.id.clone(), message, fraction: None });
        host.succeed(RemoteCommand::act(STOP, [unit.as_str()]).deadline(STOP_DEADLINE)).await?;
        joiner = Joiner::start(context, &step.node, &host, unit, expected.source).await?;
        outcome = until_synced(context, step, &mut joiner, expected.patience_seconds).await;
    }
    joiner.turn.pass_on();
    match outcome {
        Ok(live) => joined(context, &step.node, &expected, &live).await,
        // The joiner goes on by itself, whoever watches.
        Err(error) if error.lost => Err(error),
        Err(error) => {
            let error = about_the_source(context, expected.source, error).await;
            let error = match error.kind != FailureKind::Surprise && joiner.is_of_the_cluster().await {
                true => error.left(format!(
                    "{unit}.service on {} was left running: it is a member of the cluster",
                    step.node
                )),
                false => {
                    let never_entered = joiner.never_entered().await;
                    stop(&host, unit, error, never_entered).await
                }
            };
            Err(logs::explained(context, error, &step.node, joiner.started.elapsed()).await)
        }
    }
}

/// Its provider ended before it was in the group's view. A node that takes clear text and TLS waits half a second for
/// either, and one that connects to several at once, or to one that is busy, may read TLS for clear text, or be sent
/// it. Seen with galera 26.4.23: it takes the bytes for a node of its own UUID, or crashes. The group is as it was.
async fn is_mistaken(host: &Host, unit: &UnitName) -> Result<bool, StepError> {
    Ok(host.succeed(RemoteCommand::new(LAST_RUN, [unit.as_str()])).await?.trim() == "mistaken")
}

async fn until_synced(
    context: &Context,
    step: &Step,
    joiner: &mut Joiner<'_>,
    patience_seconds: u64,
) -> Result<Live, StepError> {
    let wait =
        Wait::new(POLL, Duration::from_secs(patience_seconds)).told(context.reporter.as_ref(), &step.id);
    match wait.until(joiner).await? {
        Waited::Found(live) => Ok(live),
        Waited::Idle(last) => {
            Err(StepError::new(format!("nothing has moved for {patience_seconds} s; last seen: {last}")))
        }
    }
}

/// Writes down what the node has gone through with its cluster.
async fn joined(context: &Context, node: &NodeName, expected: &Expected<'_>, live: &Live) -> Outcome {
    let mut passed = expected.after.to_vec();
    if let Some(state) = &live.state_uuid {
        // A restart of the cluster that this run has made itself is in no plan.
        passed.extend(record::restarts(context, expected.source, state).await?);
        record::joined(context, node, state).await?;
    }
    record::passed(context, node, &passed).await?;
    Ok(Some(format!("Synced, {} members", live.cluster_size)))
}

/// A joiner fails also because there is nothing to join any more, which its own log does not tell.
async fn about_the_source(context: &Context, source: &NodeName, error: StepError) -> StepError {
    let live = match context.database(source) {
        Ok(database) => database.live().await.map_err(|error| error.to_string()),
        Err(error) => Err(error.message),
    };
    let cause = match live {
        Ok(live) if live.is_primary() => return error,
        Ok(live) => format!("{source} is in no Primary component any more: {}", live.cluster_status),
        Err(why) => format!("{source}, whose cluster it was to join, gives no answer: {why}"),
    };
    let next = "bring it back first; a member that lost its majority returns when the others do";
    let explanation = Explanation { slug: "nothing-to-join".into(), cause, next: next.into() };
    StepError { explanation: Some(explanation), ..error }
}

/// `never_entered`: the cluster is as it was. Once the joiner is stopped, others can join it as well as before.
async fn stop(host: &Host, unit: &UnitName, error: StepError, never_entered: bool) -> StepError {
    let command = RemoteCommand::act(STOP, [unit.as_str()]).deadline(STOP_DEADLINE);
    match host.succeed(command).await {
        Ok(_) => StepError { contained: never_entered && error.kind == FailureKind::Failed, ..error }
            .left(format!("{unit}.service on {} is stopped, so that it does not try for ever", host.name)),
        Err(stop) => error.left(format!("{unit}.service on {} could not be stopped: {stop}", host.name)),
    }
}
