//! `galactl stop`

use super::args::ChangeArgs;
use super::change;
use crate::exit::{CommandError, End};
use crate::galera::plan;
use crate::kernel::model::NodeName;

/// Stop the whole cluster in order, or some of its nodes
///
/// The whole cluster stops one node after the other, the seed last, so that it alone is safe to
/// bootstrap; `galactl start` begins with it.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    change: ChangeArgs,
    /// The nodes to stop. Default: all
    nodes: Vec<NodeName>,
}

pub fn run(args: &Args) -> Result<End, CommandError> {
    change::run(&args.change, &args.nodes, |basis| plan::stop(basis, &args.nodes))
}
