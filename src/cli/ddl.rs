//! `galactl ddl`

use std::path::PathBuf;

use super::args::ChangeArgs;
use super::course::Course;
use super::engine::{Mesh, Name};
use super::files;
use super::inputs::Inputs;
use super::on_hosts::on_hosts;
use crate::exit::CommandError;
use crate::exit::End;
use crate::kernel::inventory::note::Note;
use crate::kernel::model::words::names;
use crate::mesh::model::DatabaseName;
use crate::mesh::plan;

/// A file of statements is read by people.
const LARGEST: u64 = 1 << 20;

/// Carry out a file of statements on all nodes, so that replication never stops
///
/// For a mesh of PostgreSQL servers, where definitions are not replicated. The plan shows each step on each node. A statement
/// for which there is no such order is refused, with what to do instead.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galactl ddl shop.yaml --file add_column.sql --dry-run         what would be done, on which node, in which order
  galactl ddl shop.yaml --file drop.sql --confirm shop          where a table is dropped, without a terminal")]
pub struct Args {
    #[command(flatten)]
    change: ChangeArgs,
    /// The statements, as for psql
    #[arg(long, value_name = "FILE")]
    file: PathBuf,
    /// The database. Default: the only one of the inventory
    #[arg(long, value_name = "NAME")]
    database: Option<String>,
    /// The cluster's name, in place of typing it when asked, where a table is dropped
    #[arg(long, value_name = "CLUSTER")]
    confirm: Option<String>,
}

pub fn run(args: &Args) -> Result<End, CommandError> {
    let course = Course { confirm: args.confirm.as_deref(), ..Course::from(&args.change) };
    course.somebody_can_agree()?;
    let from = &args.change.plan.source;
    let source = from.source()?;
    if source.engine()? != Name::Mesh {
        let message = "this command is for a mesh of PostgreSQL servers";
        let hint = "this engine replicates statements that change tables; for Galera, galactl alter says what one costs";
        return Err(source.not_for(Note::error("engine", "engine", message).at_key().hint(hint)));
    }
    let text = files::read_text(&args.file, LARGEST)
        .map_err(|why| CommandError::error(format!("{}: {why:#}", args.file.display())))?;
    let inputs = from.inputs::<Mesh>(&source)?;
    let database = database(&inputs, args.database.as_deref())?;
    on_hosts::<Mesh>(course, inputs, None, |basis| plan::ddl(basis, &database, &text))
}

/// Errors: it has to be named, or the inventory has none of this name.
fn database(inputs: &Inputs<Mesh>, named: Option<&str>) -> Result<DatabaseName, CommandError> {
    let all: Vec<_> = inputs.inventory.databases.iter().map(|it| it.name.clone()).collect();
    let found = match (named, all.as_slice()) {
        (None, [only]) => Some(only),
        (None, _) => None,
        (Some(name), _) => all.iter().find(|it| it.as_str() == name),
    };
    let listed = || names(&all.iter().map(DatabaseName::as_str).collect::<Vec<_>>(), "or");
    found.cloned().ok_or_else(|| {
        CommandError::error("which database?")
            .hint(format!("name one of the inventory: --database {}", listed()))
    })
}
