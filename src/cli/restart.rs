//! `galactl restart`

use super::args::ChangeArgs;
use super::change;
use crate::exit::{CommandError, End};
use crate::galera::plan;
use crate::kernel::model::NodeName;

/// Restart members, one after the other, the rest in service
///
/// Each leaves only while the whole cluster is Synced and another member can bring it back by IST,
/// and is Synced again before the next one. The members that clients write to come last.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    change: ChangeArgs,
    /// The nodes to restart
    #[arg(required_unless_present = "rolling", conflicts_with = "rolling")]
    nodes: Vec<NodeName>,
    /// Restart all nodes
    #[arg(long)]
    rolling: bool,
    /// Also where a node would need the whole data to come back
    #[arg(long)]
    allow_sst: bool,
}

pub fn run(args: &Args) -> Result<End, CommandError> {
    change::run(&args.change, &args.nodes, |basis| plan::restart(basis, &args.nodes, args.allow_sst))
}
