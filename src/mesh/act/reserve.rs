//! From when on nothing is missed: every member keeps its changes for a node that is about to join.

use std::sync::Arc;
use std::time::Duration;

use super::Context;
use super::again::again;
use super::psql::{ask, run, run_for};
use crate::kernel::model::NodeName;
use crate::kernel::random;
use crate::kernel::run::Outcome;
use crate::kernel::run::poll::{Awaited, Look, Sign, Wait, Waited};
use crate::kernel::run::step_error::StepError;
use crate::kernel::transport::RemoteCommand;
use crate::mesh::model::{DatabaseName, Method};
use crate::mesh::plan::Step;
use crate::mesh::statements::{Native, Pglogical, forget, show_token, token};
use crate::postgresql::Major;

const POLL: Duration = Duration::from_millis(300);
/// A slot is made once all transactions are over that are open at its beginning.
const PATIENCE: Duration = Duration::from_secs(600);

/// $1 version, $2 the node.
const QUIETEN: &str = concat!(
    include_str!("../observe/of_users.sh"),
    include_str!("free.sh"),
    r#"
set -eu
only_if_free "/var/lib/postgresql/$1/main" "$2"
systemctl stop "postgresql@$1-main.service"
systemctl stop galactl-mesh-isolated.service 2>/dev/null || :
"#
);

/// Makes a slot for the node at every member, and waits until the source has all that the others had sent before: the copy of
/// the source holds what is older than a slot, and the slot what is newer.
pub async fn apply(
    context: &Arc<Context>,
    step: &Step,
    version: Major,
    source: &NodeName,
    members: &[NodeName],
) -> Outcome {
    quieten(context, &step.node, version).await?;
    for database in databases(context) {
        for member in members {
            reserve(context, &step.node, member, &database).await?;
            // A server that was away is not read at once, and what it wrote is waited for.
            again(context, member, &database).await?;
        }
        // An idle member has nothing that could show how far it is read: a row of its own does.
        for member in members.iter().filter(|member| *member != source) {
            let mark = random::id();
            run(context, member, database.as_str(), &token(member.as_str(), &mark)).await?;
            let arrived = Arrived { context, at: source, from: member, database: &database, mark: &mark };
            arrived.wait(step).await?;
        }
    }
    Ok(None)
}

/// A node whose join was cut off may read from the members already, and hold the slots that are to go.
async fn quieten(context: &Context, joiner: &NodeName, version: Major) -> Result<(), StepError> {
    let command = RemoteCommand::act(QUIETEN, [version.to_string(), joiner.to_string()]);
    context.host(joiner)?.succeed(command.deadline(PATIENCE)).await?;
    Ok(())
}

pub fn databases(context: &Context) -> Vec<DatabaseName> {
    context.inventory.databases.iter().map(|database| database.name.clone()).collect()
}

/// At one member, in one database. What an earlier join has left goes first.
async fn reserve(
    context: &Context,
    joiner: &NodeName,
    member: &NodeName,
    database: &DatabaseName,
) -> Result<(), StepError> {
    let (own, other) = (context.node(member)?, context.node(joiner)?);
    let inventory = &context.inventory;
    let (cleaning, slot, plugin) = match inventory.method {
        Method::Native => {
            let native = Native { inventory, database };
            (native.unsubscribe(own, other), native.slot(other, own), "pgoutput")
        }
        Method::Pglogical | Method::Spock | Method::Bdr => {
            let pglogical = Pglogical { inventory, database };
            (pglogical.unsubscribe(own, other), pglogical.slot(other, own), "pglogical_output")
        }
    };
    // Each is a transaction of its own: a slot begins where nobody's transaction is open, not even this one's.
    let statements = format!(
        "{cleaning}{}SELECT pg_terminate_backend(active_pid, 10000) FROM pg_replication_slots WHERE slot_name = {slot} AND database = current_database() AND active;
SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = {slot} AND database = current_database();
SELECT pg_create_logical_replication_slot({slot}, '{plugin}');\n",
        forget(joiner.as_str())
    );
    run_for(context, member, database.as_str(), &statements, PATIENCE).await?;
    Ok(())
}

/// A node has a row that another one has written.
pub struct Arrived<'a> {
    pub context: &'a Context,
    pub at: &'a NodeName,
    pub from: &'a NodeName,
    pub database: &'a DatabaseName,
    pub mark: &'a str,
}

impl Arrived<'_> {
    /// Errors: it does not come, and nothing moves.
    pub async fn wait(self, step: &Step) -> Result<(), StepError> {
        let Self { context, at, from, database, .. } = self;
        let wait =
            Wait::new(POLL, PATIENCE).interrupted_by(&context.interrupt).told(&*context.reporter, &step.id);
        match wait.until(self).await? {
            Waited::Found(()) => Ok(()),
            Waited::Idle(_) => Err(StepError::new(format!(
                "{at} does not get what {from} writes in database {database}: galactl status shows which direction stands still"
            ))),
        }
    }
}

impl Awaited for Arrived<'_> {
    type Found = ();

    async fn look(&mut self) -> Result<Look<()>, StepError> {
        let Self { context, at, from, database, mark } = *self;
        let said = ask(context, at, database.as_str(), &show_token(from.as_str(), mark)).await?;
        Ok(match said.trim() {
            "t" => Look::Found(()),
            _ => Look::NotYet(Sign::word(format!("{at} has not got the last row of {from} yet"))),
        })
    }
}
