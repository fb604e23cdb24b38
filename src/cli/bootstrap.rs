//! `galactl bootstrap`

use super::args::ChangeArgs;
use super::change;
use super::course::Course;
use super::plan::offline;
use crate::exit::{CommandError, End};
use crate::galera::plan;

/// Turn the inventory's hosts into a running, verified cluster
///
/// Scans every host first, and refuses where a cluster or its data exists already. A
/// bootstrap that stopped halfway is continued; a cluster that stands as the inventory says is
/// left alone.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galactl bootstrap shop.yaml --dry-run       show the plan
  galactl bootstrap shop.yaml                 show it, ask, and carry it out
  galactl bootstrap shop.yaml --yes --quiet   from a script")]
pub struct Args {
    #[command(flatten)]
    change: ChangeArgs,
    /// Ask no host: show the plan for hosts that are assumed to be fresh
    #[arg(long, conflicts_with = "yes")]
    offline: bool,
}

pub fn run(args: &Args) -> Result<End, CommandError> {
    if args.offline {
        let plan = &args.change.plan;
        return offline(&Course::from(plan), &mut plan.source.read()?);
    }
    change::run(&args.change, plan::bootstrap)
}
