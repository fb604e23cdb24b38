//! `galactl start`

use super::args::ChangeArgs;
use super::change;
use crate::exit::{CommandError, End};
use crate::galera::plan;
use crate::galera::plan::Choice;
use crate::kernel::model::NodeName;

/// Start a cluster that was stopped, or nodes of a running one
///
/// Decides as `galactl recover` does, from what each node holds: after `galactl stop` that is the
/// node that stopped last. Where the evidence does not suffice, nothing is started.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    change: ChangeArgs,
    /// The nodes to start, in a cluster that runs. Default: all
    nodes: Vec<NodeName>,
}

pub fn run(args: &Args) -> Result<End, CommandError> {
    let choice = Choice { only: args.nodes.clone(), start: true, ..Choice::default() };
    change::run(&args.change, &args.nodes, |basis| plan::recover(basis, &choice))
}
