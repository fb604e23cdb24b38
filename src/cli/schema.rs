//! `galactl schema`

use crate::exit::CommandError;
use crate::galera::{inventory, plan};
use crate::ui::Printer;

/// Print a JSON Schema: of the inventory, for editors, or of plan files, for programs
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galactl schema inventory > galactl.schema.json   for an editor that completes and checks")]
pub struct Args {
    #[arg(value_enum, default_value = "inventory")]
    of: Of,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Of {
    Inventory,
    Plan,
}

pub fn run(args: &Args) -> Result<(), CommandError> {
    let schema = match args.of {
        Of::Inventory => inventory::schema(),
        Of::Plan => plan::schema(),
    };
    Printer::data(&serde_json::to_string_pretty(&schema).map_err(anyhow::Error::from)?);
    Ok(())
}
