//! A change of a table by TOI.

use std::time::{Duration, Instant};

use tokio::time::sleep;

use super::no_pt_osc::nothing_of_it;
use super::{Context, Outcome};
use crate::galera::alter::server_error::{
    is_of_the_moment, tells_no_end, wants_another_algorithm, without_values,
};
use crate::galera::alter::{
    Algorithm, Change, Definition, LONGEST_STALL, Reading, Table, TableSeen, Way, script, seconds,
};
use crate::galera::plan::Step;
use crate::galera::sql::{Database, DbError, literal};
use crate::kernel::judge::{PLACE, shell_word};
use crate::kernel::run::event::Event;
use crate::kernel::run::step_error::StepError;

/// A large table may take days. The server goes on by itself whatever becomes of the connection.
const DEADLINE: Duration = Duration::from_secs(7 * 86_400);
/// For a look at the table, which waits while the server changes it.
const LOOK: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_secs(1);

pub struct Work<'a> {
    pub table: &'a Table,
    pub change: &'a Change,
    pub algorithm: Algorithm,
    pub before: &'a str,
    pub after: &'a str,
    /// The command to type for it once more.
    pub again: String,
}

impl Work<'_> {
    /// The server does not take a dearer algorithm than the plan has.
    pub fn statement(&self) -> String {
        format!("ALTER TABLE {} ALGORITHM={}, {}", self.table.quoted(), self.algorithm, self.change)
    }

    /// What to type after a server has refused the statement.
    pub fn refused(&self, error: DbError) -> StepError {
        let DbError::Server(words) = error else { return error.into() };
        let told = StepError::new(format!("the server says: {}", without_values(&words)));
        if tells_no_end(&words) {
            return told
                .left(format!(
                    "nobody knows whether {} was changed: this server did not end the statement by itself, and other nodes may have changed the table, or still do",
                    self.table
                ))
                .left(format!("first look whether all nodes are members still: galactl doctor {PLACE}"))
                .left(format!(
                    "then this waits for the statement where it still runs, and looks at the table before anything else: {}",
                    self.again
                ));
        }
        let told = told
            .left(format!("the server has undone it, so {} is as it was before", self.table))
            .left(format!("galactl status {PLACE} tells whether all nodes are members still"));
        let again = &self.again;
        told.left(match (wants_another_algorithm(&words), is_of_the_moment(&words)) {
            (true, _) => format!("the table is no longer as it was for the plan; a new plan: {again}"),
            (_, true) => format!("the rows are not at fault; when the server is at rest: {again}"),
            _ => format!("correct the rows that do not fit, or the change; then: {again}"),
        })
    }
}

/// The command for a change by this way, ready to paste.
pub fn again(table: &Table, change: &Change, by: Way) -> String {
    as_typed(table, change, Some(by), u64::from(LONGEST_STALL) * 1000)
}

/// The command with what the user gave to it.
pub fn as_typed(table: &Table, change: &Change, by: Option<Way>, longest_stall_ms: u64) -> String {
    let [table, change] = [table.to_string(), change.to_string()].map(|word| shell_word(&word));
    let seconds = longest_stall_ms / 1000;
    let options = match by {
        Some(way) => format!(" --by {}", way.word()),
        None if seconds != u64::from(LONGEST_STALL) => format!(" --longest-stall {seconds}"),
        None => String::new(),
    };
    format!("galactl alter {PLACE} --table {table} {change}{options}")
}

/// Looks first: the statement of a connection that was lost may still run, or may be done.
///
/// Errors: the table is not the one that the plan was made for; the server refuses the change.
pub async fn apply(context: &Context, step: &Step, work: &Work<'_>) -> Outcome {
    let database = context.database(&step.node)?;
    let (statement, started) = (work.statement(), Instant::now());
    while let Some(progress) = progress(&database, &statement).await? {
        tell(context, step, progress);
        sleep(POLL).await;
    }
    let there = definition(&database, work.table).await?;
    if there.whole != work.before {
        return match there.as_copied == work.after {
            true => Ok(Some("the table is like that already".into())),
            false => Err(changed(work.table, &work.again)),
        };
    }
    nothing_of_it(context, &step.node, work.table).await?;
    // The global value may be RSU, and then the other nodes would not do it.
    let strict = script::strict();
    let statements = ["SET SESSION wsrep_OSU_method = 'TOI', max_statement_time = 0", &strict, &statement];
    told(context, step, &database, &statements).await.map_err(|error| work.refused(error))?;
    let took = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    // The other nodes may need longer; the proof waits for them.
    Ok(Some(format!("{} took {}", step.node, seconds(took))))
}

/// The table's definition on a node, asked in the same way as for the plan: another way might show it otherwise.
///
/// Errors: the node gives no answer, or there is no such table.
pub async fn definition(database: &Database, table: &Table) -> Result<Definition, StepError> {
    let printed = database.apart(&script::definition(table), LOOK).await?;
    match Reading::table(&printed) {
        TableSeen { definition, .. } if !definition.is_empty() => Ok(Definition::of(&definition)),
        TableSeen { error, .. } => {
            Err(StepError::new(error.unwrap_or_else(|| format!("{table} is no table"))))
        }
    }
}

/// The table is not the one for which the plan was made.
pub fn changed(table: &Table, again: &str) -> StepError {
    StepError::surprise(format!("{table} has another definition than when the plan was made"))
        .left("the table is as somebody else made it")
        .left(format!("for a new plan: {again}"))
}

/// Runs statements, and tells meanwhile how far the last of them is.
pub async fn told(
    context: &Context,
    step: &Step,
    database: &Database,
    statements: &[&str],
) -> Result<(), DbError> {
    let statement = statements.last().copied().unwrap_or_default();
    let watch = async {
        loop {
            sleep(POLL).await;
            // The server may be too busy to tell; the statement itself says how it ends.
            if let Ok(Some(progress)) = progress(database, statement).await {
                tell(context, step, progress);
            }
        }
    };
    tokio::select! {
        done = database.act(statements, DEADLINE) => done,
        () = watch => Ok(()),
    }
}

/// How far the statement is, where it runs: a share between 0 and 1, and the server's word.
pub async fn progress(database: &Database, statement: &str) -> Result<Option<(f64, String)>, StepError> {
    let ask = format!(
        "SELECT STAGE, MAX_STAGE, PROGRESS, IFNULL(STATE, '') FROM information_schema.PROCESSLIST WHERE INFO = {}",
        literal(statement)
    );
    let rows = database.run(&[&ask]).await?;
    let row = rows.into_iter().next();
    Ok(row.and_then(|row| <[String; 4]>::try_from(row).ok()).map(|[stage, stages, progress, state]| {
        let number = |text: &str| text.parse::<f64>().unwrap_or_default();
        let stages = number(&stages).max(1.0);
        let done = (number(&stage) - 1.0).max(0.0) + number(&progress) / 100.0;
        ((done / stages).clamp(0.0, 0.99), state)
    }))
}

pub fn tell(context: &Context, step: &Step, (fraction, state): (f64, String)) {
    let message = format!("{state}, {:.0} %", fraction * 100.0);
    context.report(&Event::StepProgress { id: step.id.clone(), message, fraction: Some(fraction) });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_the_next_command_and_no_value() {
        let (table, change) =
            ("shop.orders".parse().expect("a table"), "ADD UNIQUE mail (mail)".parse().expect("a change"));
        let (before, after) = ("", "");
        let again = again(&table, &change, Way::Toi);
        let algorithm = Algorithm::Nocopy;
        let work = Work { table: &table, change: &change, algorithm, before, after, again };
        assert!(work.statement().ends_with("ALGORITHM=NOCOPY, ADD UNIQUE mail (mail)"));
        let refused = |words: &str| work.refused(DbError::Server(words.into()));
        let again = "galactl alter {inventory} --table shop.orders 'ADD UNIQUE mail (mail)' --by toi";
        let of_rows = refused("ERROR 1062 (23000) at line 3: Duplicate entry 'ann@x' for key 'mail'");
        assert_eq!(
            of_rows.message,
            "the server says: ERROR 1062: Duplicate entry (value not shown) for key 'mail'"
        );
        for (error, word) in [
            (of_rows, "correct the rows"),
            (refused("ERROR 1846 (0A000) at line 3: ALGORITHM=NOCOPY is not supported"), "new plan"),
            (refused("ERROR 1205 (HY000) at line 3: Lock wait timeout exceeded"), "at rest"),
        ] {
            let last = error.left.last().expect("what to type");
            assert!(last.contains(word) && last.ends_with(again), "{last}");
        }
        // Words of the client, and of a server that was told to end the statement.
        for words in [
            "ERROR 2013 (HY000) at line 3: Lost connection to server during query",
            "ERROR 2006 (HY000) at line 3: Server has gone away",
            "ERROR 1317 (70100) at line 3: Query execution was interrupted",
            "ERROR 1053 (08S01) at line 3: Server shutdown in progress",
            "ERROR 1927 (70100) at line 3: Connection was killed",
            "Killed",
        ] {
            let left = refused(words).left;
            assert!(left[0].starts_with("nobody knows whether shop.orders was changed"), "{left:?}");
            assert!(left[1].contains("galactl doctor") && left[2].ends_with(again), "{left:?}");
        }
    }

    #[test]
    fn what_the_user_gave_is_typed_again() {
        let (table, change) = ("shop.orders".parse().expect("a table"), "FORCE".parse().expect("a change"));
        let of = |by, longest| as_typed(&table, &change, by, longest);
        let begin = "galactl alter {inventory} --table shop.orders FORCE";
        assert_eq!(of(None, 1000), begin);
        assert_eq!(of(None, 30_000), format!("{begin} --longest-stall 30"));
        assert_eq!(of(None, 0), format!("{begin} --longest-stall 0"));
        assert_eq!(of(Some(Way::Toi), 30_000), format!("{begin} --by toi"));
    }
}
