//! `galactl man`

use std::path::PathBuf;

use anyhow::Context;

use crate::exit::CommandError;
use crate::ui::Printer;

/// Print the manual page, or write the pages of all commands
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galactl man --out /usr/local/share/man/man1   the pages of all commands")]
pub struct Args {
    /// Write galactl.1, galactl-bootstrap.1 and so on into this directory
    #[arg(long)]
    out: Option<PathBuf>,
}

pub fn run(args: &Args) -> Result<(), CommandError> {
    match &args.out {
        Some(directory) => {
            std::fs::create_dir_all(directory).with_context(|| directory.display().to_string())?;
            clap_mangen::generate_to(super::command(), directory)
                .with_context(|| directory.display().to_string())?;
        }
        None => {
            let mut page = Vec::new();
            clap_mangen::Man::new(super::command()).render(&mut page).context("the manual page")?;
            Printer::data(&String::from_utf8_lossy(&page));
        }
    }
    Ok(())
}
