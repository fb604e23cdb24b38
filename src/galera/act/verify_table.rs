//! One definition of a table on all nodes.

use std::time::Duration;

use super::alter_table::definition;
use super::{Context, Outcome};
use crate::galera::alter::Table;
use crate::galera::plan::Step;
use crate::galera::sql::{Database, literal};
use crate::kernel::judge::PLACE;
use crate::kernel::model::NodeName;
use crate::kernel::model::words::names;
use crate::kernel::run::poll::{Awaited, Look, Sign, Wait, Waited};
use crate::kernel::run::step_error::StepError;

const POLL: Duration = Duration::from_millis(500);
/// For a node that does not change the table at the moment, has nothing left to apply, or gives no answer.
const PATIENCE: Duration = Duration::from_secs(60);

pub async fn apply(
    context: &Context,
    step: &Step,
    table: &Table,
    after: &str,
    nodes: &[NodeName],
) -> Outcome {
    let mut proof = Proof { context, table, after, nodes };
    let wait = Wait::new(POLL, PATIENCE)
        .told(context.reporter.as_ref(), &step.id)
        .interrupted_by(&context.interrupt);
    match wait.until(&mut proof).await? {
        Waited::Found(digest) => Ok(Some(format!("sha256 {} on {}", &digest[..16], names(nodes, "and")))),
        Waited::Idle(word) => Err(unproved(&word, &step.node)),
    }
}

/// `at`: where the statement ended before.
fn unproved(word: &str, at: &NodeName) -> StepError {
    StepError::new(word)
        .left(format!("the ALTER has ended on {at}"))
        .left(format!("what is wrong with the node, and what to do: galactl doctor {PLACE}"))
}

struct Proof<'a> {
    context: &'a Context,
    table: &'a Table,
    after: &'a str,
    nodes: &'a [NodeName],
}

/// What a look at one node found.
enum Found {
    /// The new definition, as a digest of all of it.
    New(String),
    /// It is at work on the table, or on what came before.
    AtWork,
    /// What it shows or says instead.
    Not(String),
}

impl Awaited for Proof<'_> {
    type Found = String;

    async fn look(&mut self) -> Result<Look<String>, StepError> {
        let (mut whole, mut moves, mut words) = (None, false, Vec::new());
        for node in self.nodes {
            match self.of(node).await? {
                Found::New(found) if *whole.get_or_insert_with(|| found.clone()) == found => {}
                Found::New(_) => words.push(format!("{node} shows another definition of {}", self.table)),
                Found::AtWork => {
                    moves = true;
                    words.push(format!("{node} still changes {}, or what came before it", self.table));
                }
                Found::Not(word) => words.push(word),
            }
        }
        match (whole, words.as_slice()) {
            (Some(whole), []) => Ok(Look::Found(whole)),
            _ => Ok(Look::NotYet(Sign { moves, ..Sign::word(words.join("; ")) })),
        }
    }
}

impl Proof<'_> {
    /// Errors: the connection to the host was lost.
    async fn of(&self, node: &NodeName) -> Result<Found, StepError> {
        let database = self.context.database(node)?;
        let live = match database.live().await.map_err(StepError::from) {
            Err(error) if error.lost => return Err(error),
            Err(error) => return Ok(Found::Not(format!("{node} does not answer: {}", error.message))),
            // A donor changes the table as all others do.
            Ok(live) if !live.is_primary() => {
                return Ok(Found::Not(format!("{node} has left the Primary component")));
            }
            Ok(live) => live,
        };
        match definition(&database, self.table).await {
            Err(error) if error.lost => Err(error),
            Ok(found) if found.as_copied == self.after => Ok(Found::New(found.whole)),
            // A node that is at work keeps everybody waiting who asks for the table.
            _ if live.receive_queue > 0 || self.is_at_work(&database).await => Ok(Found::AtWork),
            Ok(_) => Ok(Found::Not(format!("{node} shows an older definition of {}", self.table))),
            Err(error) => Ok(Found::Not(format!("{node} does not show {}: {}", self.table, error.message))),
        }
    }

    async fn is_at_work(&self, database: &Database) -> bool {
        let begin = format!("ALTER TABLE {} ", self.table.quoted());
        let ask = format!(
            "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE LEFT(INFO, {}) = {}",
            begin.chars().count(),
            literal(&begin)
        );
        let rows = database.run(&[&ask]).await.unwrap_or_default();
        rows.first().and_then(|row| row.first()).is_some_and(|count| count != "0")
    }
}
