//! `galactl init`

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::init_from;
use super::init_from::FromArgs;
use crate::exit::CommandError;
use crate::ui::Printer;

const STARTING_INVENTORY: &str = include_str!("../../templates/inventory.yaml");

/// Write an inventory: a commented one to start from, or that of a running cluster
///
/// With --from it scans a cluster that was set up by hand or by other tools, and describes it so
/// that `galactl plan` has nothing to do. It changes nothing on the hosts.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galactl init galactl.yaml                       one to start from, with comments
  galactl init shop.yaml --from db1.example.org   describe the cluster that runs on that host")]
pub struct Args {
    /// The file to write; must not exist yet. Default: standard output
    file: Option<PathBuf>,
    #[command(flatten)]
    from: FromArgs,
}

pub fn run(args: &Args) -> Result<(), CommandError> {
    if args.from.hosts.is_empty() {
        return starting(args.file.as_deref());
    }
    // Checked before the scan, so that many hosts are not scanned in vain.
    if let Some(path) = args.file.as_ref().filter(|path| path.exists()) {
        return Err(CommandError::error(format!("{} exists already", path.display()))
            .hint("name another file, or move that one away"));
    }
    let found = init_from::describe(&args.from, args.file.as_deref())?;
    match &args.file {
        Some(file) => found.put_beside(file.parent().unwrap_or(Path::new("")))?,
        None => found.beside.iter().for_each(|(name, _)| {
            Printer::narrate(&format!(
                "note: {name} is written only beside an inventory: galactl init FILE --from …"
            ));
        }),
    }
    put(args.file.as_deref(), &found.text)?;
    found.narrate();
    Ok(())
}

fn starting(path: Option<&Path>) -> Result<(), CommandError> {
    put(path, STARTING_INVENTORY)?;
    if let Some(path) = path {
        Printer::remark(&format!("Wrote {0}. Edit it, then: galactl validate {0}", path.display()));
    }
    Ok(())
}

fn put(path: Option<&Path>, text: &str) -> Result<(), CommandError> {
    let Some(path) = path else {
        Printer::data(text);
        return Ok(());
    };
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path)
        .with_context(|| format!("{} was not written", path.display()))?;
    file.write_all(text.as_bytes()).with_context(|| path.display().to_string())?;
    Ok(())
}
