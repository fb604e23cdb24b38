//! `galactl alter`

use super::args::ChangeArgs;
use super::course::Course;
use super::inputs::Inputs;
use super::on_hosts::on_hosts;
use super::which;
use crate::exit::{CommandError, End};
use crate::galera::alter::{Change, LONGEST_STALL, Table, Way};
use crate::galera::plan::{self, Altering};

/// Change a table, and know beforehand what that costs
///
/// Each node tries the change on an empty copy of the table, and measures it on a copy of some rows; the copies are not
/// replicated and are removed at once, also with --dry-run. The plan says how long all writes will wait. Where that is
/// longer than --longest-stall, the change is refused unless its way is named.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galactl alter shop.yaml --table shop.orders 'ADD COLUMN note TEXT'             show the plan, ask, and change it
  galactl alter shop.yaml --table shop.orders 'ADD KEY by_day (day)' --dry-run   only tell what it costs
  galactl alter shop.yaml --table shop.orders 'FORCE' --by toi --yes --ledger    whatever it costs, and prove the writes
  galactl alter shop.yaml --table shop.orders 'ADD KEY by_day (day)' --by rsu    an index, one node after the other")]
pub struct Args {
    #[command(flatten)]
    change: ChangeArgs,
    /// What follows ALTER TABLE and the name, without ALGORITHM and LOCK; each new key and check has a name
    #[arg(value_name = "CHANGE")]
    words: Option<String>,
    /// The table
    #[arg(long, value_name = "SCHEMA.TABLE", value_parser = table)]
    table: Table,
    /// toi: all nodes at once; rsu: one drained node after the other. Default: toi where all writes wait for no longer
    /// than --longest-stall
    #[arg(long, value_name = "WAY", value_parser = way)]
    by: Option<Way>,
    /// For how long all writes may wait by TOI where no way is named
    #[arg(long, value_name = "SECONDS", default_value_t = LONGEST_STALL)]
    longest_stall: u32,
}

fn table(text: &str) -> Result<Table, String> {
    text.parse().map_err(|why| format!("`{text}` {why}"))
}

fn way(text: &str) -> Result<Way, String> {
    text.parse().map_err(|why| format!("`{text}` {why}"))
}

pub fn run(args: &Args) -> Result<End, CommandError> {
    let course = Course::from(&args.change);
    course.somebody_can_agree()?;
    let (inputs, words) = inputs(args)?;
    let change: Change = words.parse().map_err(|why| {
        CommandError::error(format!("the change `{words}` {why}"))
            .hint("for example: --table shop.orders 'ADD COLUMN note TEXT'")
    })?;
    let longest_stall_ms = u64::from(args.longest_stall) * 1000;
    on_hosts(course, inputs, None, |basis| {
        let Args { table, by, .. } = args;
        plan::alter(basis, &Altering { table, change: &change, by: *by, longest_stall_ms, agreed: None })
    })
}

/// One word alone is the change, for the inventory by default.
fn inputs(args: &Args) -> Result<(Inputs, String), CommandError> {
    let source = &args.change.plan.source;
    let alone = source.inventory.as_ref().filter(|word| args.words.is_none() && !which::is_path(word));
    match (alone, &args.words) {
        (Some(word), _) if !word.exists() => {
            let inventory = which::inventory(None)?;
            Ok((Inputs::read(&inventory, source.templates.as_deref())?, word.display().to_string()))
        }
        (_, Some(words)) => Ok((source.read()?, words.clone())),
        (_, None) => Err(CommandError::error("what change?")
            .hint("name it behind the inventory, for example 'ADD COLUMN note TEXT'")),
    }
}
