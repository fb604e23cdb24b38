//! `galactl bootstrap`

use super::args::ChangeArgs;
use super::change;
use super::course::Course;
use super::engine::{Galera, Mesh, Name, Patroni};
use super::plan::{offline, offline_is_missing};
use crate::exit::{CommandError, End};
use crate::{galera, mesh, patroni};

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
    let from = &args.change.plan.source;
    let source = from.source()?;
    match source.engine()? {
        Name::Galera if args.offline => offline(&Course::from(&args.change.plan), &mut from.inputs(&source)?),
        name @ (Name::Patroni | Name::Mesh) if args.offline => Err(offline_is_missing(name)),
        Name::Galera => change::run_as::<Galera>(&args.change, &source, galera::plan::bootstrap),
        Name::Patroni => change::run_as::<Patroni>(&args.change, &source, patroni::plan::bootstrap),
        Name::Mesh => change::run_as::<Mesh>(&args.change, &source, mesh::plan::bootstrap),
    }
}
