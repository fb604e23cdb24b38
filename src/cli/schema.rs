//! `galactl schema`

use super::engine::Name;
use crate::exit::CommandError;
use crate::ui::Printer;
use crate::{galera, mesh, patroni};

/// Print a JSON Schema: of the inventory, for editors, or of plan files, for programs
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galactl schema inventory > galactl.schema.json   for an editor that completes and checks
  galactl schema plan --engine patroni             of the plans for PostgreSQL")]
pub struct Args {
    #[arg(value_enum, default_value = "inventory")]
    of: Of,
    /// The engine that the inventory names
    #[arg(long, value_enum, default_value = "galera")]
    engine: Name,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Of {
    Inventory,
    Plan,
}

pub fn run(args: &Args) -> Result<(), CommandError> {
    let schema = match (args.engine, args.of) {
        (Name::Galera, Of::Inventory) => galera::inventory::schema(),
        (Name::Galera, Of::Plan) => galera::plan::schema(),
        (Name::Patroni, Of::Inventory) => patroni::inventory::schema(),
        (Name::Patroni, Of::Plan) => patroni::plan::schema(),
        (Name::Mesh, Of::Inventory) => mesh::inventory::schema(),
        (Name::Mesh, Of::Plan) => mesh::plan::schema(),
    };
    Printer::data(&serde_json::to_string_pretty(&schema).map_err(anyhow::Error::from)?);
    Ok(())
}
