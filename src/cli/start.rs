//! `galactl start`

use clap_complete::ArgValueCompleter;

use super::args::ChangeArgs;
use super::change;
use super::complete::members;
use crate::exit::{CommandError, End};
use crate::galera::judge::Basis;
use crate::galera::plan;
use crate::galera::plan::Choice;
use crate::kernel::model::NodeName;
use crate::patroni;

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
    let of_galera = |basis: &Basis<'_>, nodes: &[NodeName]| {
        let choice = Choice { only: nodes.to_vec(), start: true, ..Choice::default() };
        plan::recover(basis, &choice)
    };
    change::run_nodes(&args.change, &args.nodes, of_galera, patroni::plan::start)
}
