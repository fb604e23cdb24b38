//! `galactl restart`

use clap_complete::ArgValueCompleter;

use super::args::ChangeArgs;
use super::change;
use super::complete::members;
use crate::exit::{CommandError, End};
use crate::galera::inventory::Inventory;
use crate::galera::plan;
use crate::kernel::model::NodeName;

/// Restart members, one after the other, the rest in service
///
/// Each leaves only while the whole cluster is Synced and another member can bring it back by IST,
/// and is Synced again before the next one. The members that clients write to come last.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galactl restart shop.yaml db2         one node
  galactl restart shop.yaml --rolling   all of them, one after the other")]
pub struct Args {
    #[command(flatten)]
    change: ChangeArgs,
    /// The nodes to restart
    #[arg(add = ArgValueCompleter::new(members))]
    nodes: Vec<NodeName>,
    /// Restart all nodes
    #[arg(long)]
    rolling: bool,
    /// Also where a node would need the whole data to come back
    #[arg(long)]
    allow_sst: bool,
}

pub fn run(args: &Args) -> Result<End, CommandError> {
    let check = |inventory: &Inventory, nodes: &[NodeName]| match (args.rolling, nodes) {
        (false, []) => {
            change::named(nodes).map_err(|error| error.hint("name it, or --rolling for all of them"))
        }
        (true, [node, ..]) => {
            let message = format!("--rolling restarts all nodes, and {node} is one");
            Err(CommandError::error(message).hint("leave one of the two out"))
        }
        _ => change::known(inventory, nodes),
    };
    change::run_checked(&args.change, &args.nodes, check, |basis, nodes| {
        plan::restart(basis, nodes, args.allow_sst)
    })
}
