//! `galactl bootstrap`

use super::change::{self, ChangeArgs};
use crate::exit::CommandError;
use crate::plan;

/// Turn the inventory's hosts into a running, verified cluster
///
/// Looks at every host first, and refuses where a cluster or its data exists already. A
/// bootstrap that stopped halfway is continued; a cluster that stands as the inventory says is
/// left alone.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    change: ChangeArgs,
}

pub fn run(args: &Args) -> Result<(), CommandError> {
    change::run(&args.change, |_| Ok(()), plan::bootstrap)
}
