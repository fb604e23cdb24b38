//! `galactl start`

use clap_complete::ArgValueCompleter;

use super::args::ChangeArgs;
use super::change;
use super::complete::members;
use crate::exit::{CommandError, End};
use crate::galera::plan;
use crate::galera::plan::Choice;
use crate::kernel::model::NodeName;

/// Start a cluster that was stopped, or nodes of a running one
///
/// Decides as `galactl recover` does, from what each node holds: after `galactl stop` that is the
/// node that stopped last. Where the evidence does not suffice, nothing is started.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galactl start shop.yaml       a cluster that galactl stopped
  galactl start shop.yaml db2   one node of a running cluster")]
pub struct Args {
    #[command(flatten)]
    change: ChangeArgs,
    /// The nodes to start, in a cluster that runs. Default: all
    #[arg(add = ArgValueCompleter::new(members))]
    nodes: Vec<NodeName>,
}

pub fn run(args: &Args) -> Result<End, CommandError> {
    change::run_on(&args.change, &args.nodes, |basis, nodes| {
        let choice = Choice { only: nodes.to_vec(), start: true, ..Choice::default() };
        plan::recover(basis, &choice)
    })
}
