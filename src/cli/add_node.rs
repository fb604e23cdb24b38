//! `galactl add-node`

use super::args::ChangeArgs;
use super::change;
use crate::exit::{CommandError, End};
use crate::galera::inventory::Inventory;
use crate::galera::plan;
use crate::kernel::model::NodeName;

/// Add nodes of the inventory to the running cluster
///
/// The other nodes of the inventory must form a healthy cluster. Their configuration learns the
/// new addresses without a restart.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    change: ChangeArgs,
    /// The nodes and arbitrators to add, as the inventory names them
    #[arg(required = true)]
    nodes: Vec<NodeName>,
    /// Agree to lose what this new node holds now; the plan says how much that is
    #[arg(long, value_name = "NODE")]
    discard: Vec<NodeName>,
}

pub fn run(args: &Args) -> Result<End, CommandError> {
    let known = |inventory: &Inventory| {
        let nodes = args.nodes.iter().filter(|name| inventory.arbitrator(name).is_none());
        change::known(inventory, &nodes.chain(&args.discard).cloned().collect::<Vec<_>>())
    };
    change::run_checked(&args.change, known, |basis| plan::add_node(basis, &args.nodes, &args.discard))
}
