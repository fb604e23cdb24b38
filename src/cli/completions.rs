//! `galactl completions`

use crate::exit::CommandError;
use crate::ui::Printer;

/// Print a completion script for a shell
#[derive(Debug, clap::Args)]
pub struct Args {
    shell: clap_complete::Shell,
}

pub fn run(args: &Args) -> Result<(), CommandError> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut super::command(), "galactl", &mut script);
    Printer::data(&String::from_utf8_lossy(&script));
    Ok(())
}
