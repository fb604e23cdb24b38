//! A copy becomes a node: it reads the changes of every member from where the copy ends.
//!
//! The source's own server knows how far it has applied the changes of each other member, and a copy of it knows the same, for
//! exactly the place where the copy ends. So each stream goes on there, and no change is missed or comes twice. Copying tables
//! would lose updates beside writers: each copied row would count as new as the copy itself.

use std::sync::Arc;
use std::time::Duration;

use super::Context;
use super::open::sending;
use super::psql::{POSTGRES, ask, ask_json, run, run_for};
use super::reserve::databases;
use super::{isolated, serve};
use crate::kernel::model::NodeName;
use crate::kernel::run::Outcome;
use crate::kernel::run::poll::{Awaited, Look, Sign, Wait, Waited};
use crate::kernel::run::step_error::StepError;
use crate::mesh::inventory::Node;
use crate::mesh::model::{DatabaseName, Method, subscription};
use crate::mesh::plan::Step;
use crate::mesh::statements::{
    Beyond, DATABASES, Native, Pglogical, TableName, is_read, only, reading, sent, sequences,
};
use crate::postgresql::{Lsn, Major};

const POLL: Duration = Duration::from_millis(300);
const PATIENCE: Duration = Duration::from_secs(300);
const READING_TABLES: Duration = Duration::from_secs(3600);

/// Where the copy ended its recovery, from the history of the timeline that it has begun.
const END_OF_COPY: &str = "
SELECT split_part(regexp_replace(rtrim(pg_read_file('pg_wal/' || left(pg_walfile_name(pg_current_wal_lsn()), 8) || '.history'), E'\\n'),
    '.*\\n', ''), E'\\t', 2) WHERE NOT pg_is_in_recovery();
";

/// Which node reads from which members.
struct Following<'a> {
    context: &'a Context,
    joiner: &'a Node,
    source: &'a Node,
    /// The members without the source.
    others: Vec<&'a Node>,
}

pub async fn apply(
    context: &Arc<Context>,
    step: &Step,
    (version, number): (Major, u16),
    source: &NodeName,
    members: &[NodeName],
) -> Outcome {
    let joiner = context.node(&step.node)?;
    let others = members.iter().filter(|name| *name != source).cloned().collect::<Vec<_>>();
    let following =
        Following { context, joiner, source: context.node(source)?, others: context.nodes(&others)? };
    isolated::start(context, &step.node, version).await?;
    let end = following.end_of_copy().await?;
    following.leave_others_alone().await?;
    let mut sets = Vec::new();
    for database in databases(context) {
        sets.push((database.clone(), following.part(&database, end, number).await?));
    }
    isolated::stop(context, &step.node, version).await?;
    serve::serve(context, &step.node, version, false).await?;
    for (database, tables) in &sets {
        following.read(database, tables).await?;
    }
    let members = following.members();
    for (database, _) in &sets {
        let links = members.iter().map(|provider| (joiner, *provider)).collect();
        await_reading(context, step, database, links).await?;
    }
    Ok(Some(format!("from {end} of {source}")))
}

impl Following<'_> {
    fn members(&self) -> Vec<&Node> {
        std::iter::once(self.source).chain(self.others.iter().copied()).collect()
    }

    async fn end_of_copy(&self) -> Result<Lsn, StepError> {
        let node = &self.joiner.name;
        let wait = Wait::new(POLL, PATIENCE).interrupted_by(&self.context.interrupt);
        match wait.until(Promoted { context: self.context, node }).await? {
            Waited::Found(end) => Ok(end),
            Waited::Idle(word) => {
                Err(StepError::new(format!("the copy on {node} does not end its recovery: {word}")))
            }
        }
    }

    /// Whatever else the source reads from others, or has prepared, is the source's alone: the copy would read from the same
    /// slots, and a transaction that is prepared comes again with its commit.
    async fn leave_others_alone(&self) -> Result<(), StepError> {
        let (context, node) = (self.context, &self.joiner.name);
        let all = ask(context, node, POSTGRES, DATABASES).await?;
        for database in all.lines().filter(|line| !line.is_empty()) {
            let listed = context.inventory.databases.iter().any(|it| it.name.as_str() == database);
            let links: Vec<_> = match (listed, context.inventory.method) {
                (true, Method::Native) => {
                    self.others.iter().map(|other| subscription(&self.source.name, &other.name)).collect()
                }
                _ => Vec::new(),
            };
            run(context, node, database, &only(&links, listed)).await?;
        }
        Ok(())
    }

    /// Takes the source's own replication out of the copy, and keeps how far each other member was applied.
    ///
    /// Returns: the tables that the source sends.
    async fn part(
        &self,
        database: &DatabaseName,
        end: Lsn,
        number: u16,
    ) -> Result<Vec<TableName>, StepError> {
        let (context, node) = (self.context, &self.joiner.name);
        let inventory = &context.inventory;
        let tables: Vec<TableName> =
            ask_json(context, node, database.as_str(), sent(inventory.method)).await?;
        let step = inventory.sequence_step;
        let numbers = sequences(number, step, Beyond::ItsColumn);
        let statements = match inventory.method {
            Method::Native => {
                let native = Native { inventory, database };
                native.part(self.joiner, self.source, &self.others, end) + &native.open(self.joiner, &tables)
            }
            Method::Pglogical | Method::Spock | Method::Bdr => self.parted_pglogical(database, end).await?,
        };
        // Nobody waits for it, and a large table is read for its largest number.
        run_for(context, node, database.as_str(), &(statements + &numbers), READING_TABLES).await?;
        Ok(tables)
    }

    /// pglogical's names of slots and origins are made at the source, where it is loaded.
    async fn parted_pglogical(&self, database: &DatabaseName, end: Lsn) -> Result<String, StepError> {
        let pglogical = Pglogical { inventory: &self.context.inventory, database };
        let mut names = vec![pglogical.slot(self.joiner, self.source)];
        for other in &self.others {
            names.push(pglogical.slot(self.source, other));
            names.push(pglogical.slot(self.joiner, other));
        }
        let question = format!("SELECT jsonb_build_array({});\n", names.join(", "));
        let names: Vec<String> =
            ask_json(self.context, &self.source.name, database.as_str(), &question).await?;
        let [own, pairs @ ..] = names.as_slice() else {
            return Err(StepError::new(format!("{} does not tell the names of slots", self.source.name)));
        };
        let renames: Vec<_> = pairs.chunks_exact(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect();
        Ok(pglogical.part(&renames, (own, end)))
    }

    /// Begins to read, on the node's own server.
    async fn read(&self, database: &DatabaseName, tables: &[TableName]) -> Result<(), StepError> {
        let inventory = &self.context.inventory;
        let statements = match inventory.method {
            Method::Native => Native { inventory, database }.enable(self.joiner, &self.members()),
            Method::Pglogical | Method::Spock | Method::Bdr => {
                let pglogical = Pglogical { inventory, database };
                let mut out =
                    format!("BEGIN;\n{}COMMIT;\n", sending(self.context, self.joiner, database, tables));
                for provider in self.members() {
                    out += &pglogical.subscribe(self.joiner, provider, true);
                }
                out
            }
        };
        run(self.context, &self.joiner.name, database.as_str(), &statements).await?;
        Ok(())
    }
}

/// The copy has begun a timeline of its own.
struct Promoted<'a> {
    context: &'a Context,
    node: &'a NodeName,
}

impl Awaited for Promoted<'_> {
    type Found = Lsn;

    async fn look(&mut self) -> Result<Look<Lsn>, StepError> {
        // Nobody comes in while it recovers.
        let said = match ask(self.context, self.node, POSTGRES, END_OF_COPY).await {
            Ok(said) => said,
            Err(why) => return Ok(Look::NotYet(Sign::word(why.message))),
        };
        let end = said.trim().parse();
        Ok(end.map_or_else(|_| Look::NotYet(Sign::word(format!("`{}`", said.trim()))), Look::Found))
    }
}

/// Waits until each subscriber reads from its provider.
///
/// Errors: one does not, both are named; or the server of one gives no answer.
pub async fn await_reading(
    context: &Context,
    step: &Step,
    database: &DatabaseName,
    links: Vec<(&Node, &Node)>,
) -> Result<(), StepError> {
    let wait =
        Wait::new(POLL, PATIENCE).interrupted_by(&context.interrupt).told(&*context.reporter, &step.id);
    match wait.until(Reading { context, database, links }).await? {
        Waited::Found(()) => Ok(()),
        Waited::Idle(word) => Err(StepError::new(format!(
            "database {database}: {word}; the server's log on the reading node says why (galactl doctor names it)"
        ))),
    }
}

struct Reading<'a> {
    context: &'a Context,
    database: &'a DatabaseName,
    /// Subscriber and provider.
    links: Vec<(&'a Node, &'a Node)>,
}

impl Awaited for Reading<'_> {
    type Found = ();

    async fn look(&mut self) -> Result<Look<()>, StepError> {
        let question = reading(self.context.inventory.method);
        for (subscriber, provider) in &self.links {
            let said = ask(self.context, &subscriber.name, self.database.as_str(), question).await?;
            let wanted = subscription(&subscriber.name, &provider.name);
            // A worker that only tries to connect says that it reads.
            let read = ask(self.context, &provider.name, self.database.as_str(), &is_read(&wanted)).await?;
            if read.trim() != "t" || said.lines().all(|line| line.trim() != wanted) {
                return Ok(Look::NotYet(Sign::word(format!(
                    "{} does not read from {}",
                    subscriber.name, provider.name
                ))));
            }
        }
        Ok(Look::Found(()))
    }
}
