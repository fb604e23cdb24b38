//! `galactl init`

use std::fs::OpenOptions;
use std::io::Write;
use std::path::PathBuf;

use anyhow::Context;

use crate::exit::CommandError;
use crate::ui::Printer;

const STARTING_INVENTORY: &str = include_str!("../../templates/inventory.yaml");

/// Write a commented inventory to start from
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The file to write; must not exist yet. Default: standard output
    file: Option<PathBuf>,
}

pub fn run(args: &Args) -> Result<(), CommandError> {
    let Some(path) = &args.file else {
        Printer::data(STARTING_INVENTORY);
        return Ok(());
    };
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path)
        .with_context(|| format!("{} was not written", path.display()))?;
    file.write_all(STARTING_INVENTORY.as_bytes()).with_context(|| path.display().to_string())?;
    Printer::narrate(&format!("Wrote {0}. Edit it, then: galactl validate {0}", path.display()));
    Ok(())
}
