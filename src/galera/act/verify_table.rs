//! One definition of a table on all nodes.

use std::time::Duration;

use super::alter_table::definition;
use super::{Context, Outcome};
use crate::galera::alter::Table;
use crate::galera::plan::Step;
use crate::kernel::model::NodeName;
use crate::kernel::model::words::names;
use crate::kernel::run::poll::{Awaited, Look, Sign, Wait, Waited};
use crate::kernel::run::step_error::StepError;

const POLL: Duration = Duration::from_millis(500);
/// The slowest node may need several times as long as the one that has said it, and shows nothing meanwhile.
const PATIENCE: Duration = Duration::from_secs(3600);

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
        Waited::Idle(word) => Err(StepError::new(word)),
    }
}

struct Proof<'a> {
    context: &'a Context,
    table: &'a Table,
    after: &'a str,
    nodes: &'a [NodeName],
}

impl Awaited for Proof<'_> {
    type Found = String;

    async fn look(&mut self) -> Result<Look<String>, StepError> {
        let (mut whole, mut others) = (None, Vec::new());
        for node in self.nodes {
            // A node that still changes the table keeps everybody waiting who asks for it.
            let found = match definition(&self.context.database(node)?, self.table).await {
                Err(error) if error.lost => return Err(error),
                found => found.ok().filter(|it| it.as_copied == self.after),
            };
            match found {
                Some(found) if whole.get_or_insert_with(|| found.whole.clone()) == &found.whole => {}
                _ => others.push(node.clone()),
            }
        }
        match (whole, others.as_slice()) {
            (Some(whole), []) => Ok(Look::Found(whole)),
            _ => Ok(Look::NotYet(Sign::word(format!(
                "{} does not show the new definition of {} yet",
                names(&others, "and"),
                self.table
            )))),
        }
    }
}
