//! `galactl add-node`

use clap_complete::ArgValueCompleter;

use super::args::ChangeArgs;
use super::change;
use super::complete::members;
use crate::exit::{CommandError, End};
use crate::galera::inventory::Inventory;
use crate::galera::plan;
use crate::kernel::model::NodeName;

/// Add nodes of the inventory to the running cluster
///
/// The other nodes of the inventory must form a healthy cluster. Their configuration learns the
/// new addresses without a restart.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galactl add-node shop.yaml db4   after adding db4 to the inventory
  galactl add-node db4 arb1        with the inventory by default")]
pub struct Args {
    #[command(flatten)]
    change: ChangeArgs,
    /// The nodes and arbitrators to add, as the inventory names them
    #[arg(add = ArgValueCompleter::new(members))]
    nodes: Vec<NodeName>,
    /// Agree to lose what this new node holds now; the plan says how much that is
    #[arg(long, value_name = "NODE")]
    discard: Vec<NodeName>,
}

pub fn run(args: &Args) -> Result<End, CommandError> {
    let known = |inventory: &Inventory, nodes: &[NodeName]| {
        change::named(nodes)?;
        let nodes = nodes.iter().filter(|name| inventory.arbitrator(name).is_none());
        change::known(inventory, &nodes.chain(&args.discard).cloned().collect::<Vec<_>>())
    };
    change::run_checked(&args.change, &args.nodes, known, |basis, nodes| {
        plan::add_node(basis, nodes, &args.discard)
    })
}
