//! Clients leave a node that is to leave.

use std::sync::Arc;
use std::time::Duration;

use super::Context;
use super::configure::configure;
use super::psql::{POSTGRES, ask, run};
use crate::kernel::model::NodeName;
use crate::kernel::run::Outcome;
use crate::kernel::run::poll::{Awaited, Look, Sign, Wait, Waited};
use crate::kernel::run::step_error::StepError;
use crate::mesh::model::{Cluster, DatabaseName};
use crate::mesh::plan::Step;
use crate::mesh::statements::{READ_AGAIN, READ_AT, end_sessions};
use crate::postgresql::Major;

const POLL: Duration = Duration::from_millis(200);
const PATIENCE: Duration = Duration::from_secs(60);

/// The server reads the new lines before sessions are ended: whoever comes back then is refused.
pub async fn apply(
    context: &Arc<Context>,
    step: &Step,
    version: Major,
    access: &[String],
    databases: &[DatabaseName],
) -> Outcome {
    let before = ask(context, &step.node, POSTGRES, READ_AT).await?;
    configure(context, &step.node, version, access).await?;
    // systemd reloads no unit that it is still starting, though the server answers by then.
    run(context, &step.node, POSTGRES, READ_AGAIN).await?;
    let wait = Wait::new(POLL, PATIENCE).told(&*context.reporter, &step.id);
    match wait.until(Read { context, step, before }).await? {
        Waited::Found(()) => {}
        Waited::Idle(word) => {
            return Err(StepError::new(format!(
                "{word}; on {}: sudo systemctl reload {}, then run this again",
                step.node,
                Cluster(version).unit()
            )));
        }
    }
    for database in databases {
        end(context, &step.node, database).await?;
    }
    Ok(None)
}

/// Ends the sessions of clients in a database; says how many there were.
///
/// Errors: also where one does not end.
pub async fn end(context: &Context, node: &NodeName, database: &DatabaseName) -> Result<u64, StepError> {
    let said = run(context, node, POSTGRES, &end_sessions(database)).await?;
    let mut counts = said.split_whitespace();
    let (all, left) = (counts.next().and_then(|it| it.parse().ok()), counts.next());
    match (all, left) {
        (Some(all), Some("0")) => Ok(all),
        (_, left) => Err(StepError::new(format!(
            "{} sessions in database {database} do not end; {}, then run this again",
            left.unwrap_or("some"),
            who_is_there(node, database)
        ))),
    }
}

/// How to see which sessions there are.
pub fn who_is_there(node: &NodeName, database: &DatabaseName) -> String {
    format!(
        "on {node}: sudo -u postgres psql -c \"SELECT pid, usename, application_name, query FROM pg_stat_activity WHERE datname = '{database}'\""
    )
}

/// The server has read its files again.
struct Read<'a> {
    context: &'a Context,
    step: &'a Step,
    before: String,
}

impl Awaited for Read<'_> {
    type Found = ();

    async fn look(&mut self) -> Result<Look<()>, StepError> {
        let now = ask(self.context, &self.step.node, POSTGRES, READ_AT).await?;
        Ok(match now != self.before {
            true => Look::Found(()),
            false => {
                Look::NotYet(Sign::word(format!("{} has not read pg_hba.conf again yet", self.step.node)))
            }
        })
    }
}
