//! A change of a table by pt-online-schema-change.

use std::time::{Duration, Instant};

use super::alter_table::{again, changed, definition};
use super::no_pt_osc::{nothing_of_it, writes_come_from};
use super::{Context, Outcome};
use crate::galera::alter::pt_osc::{self, Ended, Log, program};
use crate::galera::alter::{Change, Table, Way, seconds};
use crate::galera::endpoint::inventory::Writes;
use crate::galera::plan::Step;
use crate::kernel::facts::{END, HEAD, Report};
use crate::kernel::run::event::FailureKind;
use crate::kernel::run::poll::{Awaited, Look, Sign, Wait, Waited};
use crate::kernel::run::step_error::StepError;
use crate::kernel::transport::{Host, RemoteCommand};

const POLL: Duration = Duration::from_secs(1);
/// It pauses for as long as flow control is high, and copies for as long as the table is large.
const PATIENCE: Duration = Duration::from_secs(7 * 86_400);
/// systemd kills the unit after 90 s at the latest.
const STOPS: Duration = Duration::from_secs(120);

pub struct Work<'a> {
    pub table: &'a Table,
    pub change: &'a Change,
    pub before: &'a str,
    pub after: &'a str,
}

/// Looks first: that of a run which was cut off may still be at work, or may be done.
///
/// Errors: the table is not the one that the plan was made for; pt-online-schema-change fails, or is killed.
pub async fn apply(context: &Context, step: &Step, work: &Work<'_>) -> Outcome {
    let (host, started) = (context.host(&step.node)?, Instant::now());
    let wanted = pt_osc::Work { table: work.table.clone(), change: work.change.clone() };
    match look(&host).await? {
        State { at_work: true, work: Some(other), .. } if other != wanted => {
            let message = format!(
                "galactl's pt-online-schema-change is at work there on {}: {}",
                other.table, other.change
            );
            return Err(StepError::surprise(message).left("wait for its end, then run this again"));
        }
        State { at_work: true, .. } => {}
        _ => {
            let there = definition(&context.database(&step.node)?, work.table).await?;
            if there.whole != work.before {
                return match there.as_copied == work.after {
                    true => Ok(Some("the table is like that already".into())),
                    false => Err(changed(work.table, &work.again())),
                };
            }
            nothing_of_it(context, &step.node, work.table).await?;
            if context.inventory.endpoint.is_none_or(|it| it.writes != Writes::Single) {
                writes_come_from(context, &step.node).await?;
            }
            let socket = &context.place(&step.node)?.socket;
            let command = RemoteCommand::act(program::START, [program::RUN, program::PLUGIN]);
            host.succeed(command.input(program::input(&wanted, socket))).await?;
        }
    }
    let wait = Wait::new(POLL, PATIENCE)
        .told(context.reporter.as_ref(), &step.id)
        .interrupted_by(&context.interrupt);
    let log = match wait.until(Copying { host: &host }).await {
        Ok(Waited::Found(log)) => log,
        Ok(Waited::Idle(word)) => return Err(StepError::new(format!("nothing moves any more: {word}"))),
        Err(error) if error.kind == FailureKind::Interrupted => {
            return Err(stop(&host, error, &work.again()).await);
        }
        Err(error) => return Err(error),
    };
    let took = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    match Log(&log).ended() {
        Ended::Well => Ok(Some(format!("the copy took the table's place after {}", seconds(took)))),
        ended => Err(failed(step, ended, &log, &work.again())),
    }
}

fn failed(step: &Step, ended: Ended, log: &str, again: &str) -> StepError {
    let why = match (ended, Log(log).why()) {
        (Ended::Cut | Ended::Failed(137 | 143), _) => "it was killed".to_owned(),
        (_, Some(why)) => why,
        (Ended::Failed(code), None) => format!("it was ended from outside (status {code})"),
        (Ended::Well, None) => "it ended".to_owned(),
    };
    let error = StepError::new(format!("pt-online-schema-change on {}: {why}", step.node))
        .left("the table is whole, with its old definition or with the new one")
        .left(format!("all that it said is in /run/galactl-pt-osc/log on {}", step.node));
    error.left(if why.contains("Copying rows caused") {
        format!("correct the rows that do not fit, or the change; then: {again}")
    } else if why.contains("Deadlock") {
        format!("writes of other nodes to the same rows were faster, 50 times in a row; in a quieter moment: {again}")
    } else {
        format!("to remove what it left, and to go on: {again}")
    })
}

/// The user does not wait any longer.
async fn stop(host: &Host, error: StepError, again: &str) -> StepError {
    let stopped = host.succeed(RemoteCommand::act(program::STOP, [""; 0]).deadline(STOPS)).await;
    match stopped {
        Ok(_) => error
            .left("pt-online-schema-change was stopped, and has left its triggers and its copy")
            .left(format!("to remove them, and to begin again: {again}")),
        Err(why) => error.left(format!(
            "pt-online-schema-change is still at work ({why}); on {}: systemctl stop {}",
            host.name,
            program::UNIT
        )),
    }
}

impl Work<'_> {
    fn again(&self) -> String {
        again(self.table, self.change, Way::PtOsc)
    }
}

/// Waits until it has ended; its log is what is found.
struct Copying<'a> {
    host: &'a Host,
}

impl Awaited for Copying<'_> {
    type Found = String;

    async fn look(&mut self) -> Result<Look<String>, StepError> {
        let state = look(self.host).await?;
        if !state.at_work {
            return Ok(Look::Found(state.log));
        }
        let (word, fraction) = Log(&state.log).progress();
        Ok(Look::NotYet(Sign { fraction, ..Sign::word(word) }))
    }
}

struct State {
    at_work: bool,
    work: Option<pt_osc::Work>,
    log: String,
}

async fn look(host: &Host) -> Result<State, StepError> {
    let said = host.succeed(RemoteCommand::of_pieces(&[HEAD, program::FOLLOW, END], [""; 0])).await?;
    let report = Report::parse(&said).map_err(|error| StepError::new(error.to_string()))?;
    let at_work = ["active", "activating", "deactivating"].contains(&report.text("state").trim());
    let work = report.section("work").and_then(pt_osc::Work::parse);
    Ok(State { at_work, work, log: report.text("log").to_owned() })
}
