//! `galactl stop`

use clap_complete::ArgValueCompleter;

use super::args::ChangeArgs;
use super::change;
use super::complete::members;
use crate::exit::{CommandError, End};
use crate::galera::plan;
use crate::kernel::model::NodeName;
use crate::patroni;

/// Stop the whole cluster in order, or some of its nodes
///
/// The whole cluster stops one node after the other, last the one that has everything: Galera's seed,
/// PostgreSQL's primary. `galactl start` begins with it.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galactl stop shop.yaml       the whole cluster, in order
  galactl stop shop.yaml db2   one node
  galactl stop db2             one node of the inventory by default")]
pub struct Args {
    #[command(flatten)]
    change: ChangeArgs,
    /// The nodes to stop. Default: all
    #[arg(add = ArgValueCompleter::new(members))]
    nodes: Vec<NodeName>,
}

pub fn run(args: &Args) -> Result<End, CommandError> {
    change::run_nodes(&args.change, &args.nodes, plan::stop, patroni::plan::stop)
}
