//! `galactl schema`

use crate::exit::CommandError;
use crate::inventory;
use crate::ui::Printer;

/// Print the JSON Schema of the inventory, for editors
#[derive(Debug, clap::Args)]
pub struct Args {}

pub fn run(_args: &Args) -> Result<(), CommandError> {
    let schema = serde_json::to_string_pretty(&inventory::schema()).map_err(anyhow::Error::from)?;
    Printer::data(&schema);
    Ok(())
}
