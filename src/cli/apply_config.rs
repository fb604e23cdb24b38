//! `galactl apply-config`

use super::args::ChangeArgs;
use super::change;
use crate::exit::{CommandError, End};
use crate::galera::plan;
use crate::galera::plan::ConfigChoice;

/// Bring a running cluster to the inventory's configuration
///
/// One node after the other. What a running server takes is set without a restart; for all else the
/// node restarts, only while the whole cluster is Synced, and is Synced again before the next one. A
/// node that does not come back stops everything.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galactl apply-config shop.yaml   after changing settings in the inventory")]
pub struct Args {
    #[command(flatten)]
    change: ChangeArgs,
    /// Also where a node would need the whole data to come back
    #[arg(long)]
    allow_sst: bool,
    /// Restart nodes also for settings that a running server takes
    #[arg(long)]
    restart: bool,
}

pub fn run(args: &Args) -> Result<End, CommandError> {
    let choice = ConfigChoice { allow_sst: args.allow_sst, restart: args.restart };
    change::run(&args.change, |basis| plan::apply_config(basis, choice))
}
