//! `galactl apply-config`

use super::change::{self, ChangeArgs};
use crate::exit::{CommandError, End};
use crate::plan;

/// Bring a running cluster to the inventory's configuration
///
/// Changed nodes restart one after the other, each only while the whole cluster is Synced, and
/// each is Synced again before the next one. A node that does not come back stops everything.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    change: ChangeArgs,
    /// Also where a node would need the whole data to come back
    #[arg(long)]
    allow_sst: bool,
}

pub fn run(args: &Args) -> Result<End, CommandError> {
    change::run(&args.change, |_| Ok(()), |basis| plan::apply_config(basis, args.allow_sst))
}
