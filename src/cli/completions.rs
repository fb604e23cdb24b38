//! `galactl completions`

use std::ffi::OsString;

use clap_complete::env::{CompleteEnv, Shells};

use crate::exit::CommandError;
use crate::ui::Printer;

/// The script of a shell calls galactl with this variable set, for every word that is to be completed.
const VARIABLE: &str = "GALACTL_COMPLETE";

/// Print a completion script for a shell
///
/// The shell then also offers the names of nodes, from the inventory that stands on the line.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  source <(galactl completions bash)                                     in ~/.bashrc
  galactl completions fish > ~/.config/fish/completions/galactl.fish     once")]
pub struct Args {
    shell: clap_complete::Shell,
}

pub fn run(args: &Args) -> Result<(), CommandError> {
    let mut script = Vec::new();
    let name = args.shell.to_string();
    let shells = Shells::builtins();
    let shell =
        shells.completer(&name).ok_or_else(|| CommandError::error(format!("unknown shell {name}")))?;
    shell
        .write_registration(VARIABLE, "galactl", "galactl", "galactl", &mut script)
        .map_err(CommandError::of)?;
    Printer::data(&String::from_utf8_lossy(&script));
    Ok(())
}

/// Answers a shell that asks for completions. `false`: nobody has asked.
///
/// Errors: the shell is unknown, or went away.
pub fn offer(words: &[OsString]) -> Result<bool, clap::Error> {
    let here = std::env::current_dir().ok();
    CompleteEnv::with_factory(super::command)
        .var(VARIABLE)
        .try_complete(words.iter().cloned(), here.as_deref())
}
