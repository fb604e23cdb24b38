//! `galactl add-node`

use clap_complete::ArgValueCompleter;

use super::args::ChangeArgs;
use super::change;
use super::complete::members;
use super::engine::{Galera, Mesh, Name, Patroni};
use crate::exit::{CommandError, End};
use crate::galera::inventory::Inventory;
use crate::kernel::model::NodeName;
use crate::{galera, mesh, patroni};

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
    let (source, nodes) = args.change.plan.source.source_with(&args.nodes)?;
    match source.engine()? {
        Name::Galera => {
            let known = |inventory: &Inventory, nodes: &[NodeName]| {
                change::named(nodes)?;
                let nodes = nodes.iter().filter(|name| inventory.arbitrator(name).is_none());
                change::known(inventory, &nodes.chain(&args.discard).cloned().collect::<Vec<_>>())
            };
            change::run_on_as::<Galera>(&args.change, &source, &nodes, known, |basis, nodes| {
                galera::plan::add_node(basis, nodes, &args.discard)
            })
        }
        Name::Patroni => {
            let known = |inventory: &patroni::inventory::Inventory, nodes: &[NodeName]| {
                change::named(nodes)?;
                nothing_to_discard(&args.discard)?;
                change::data_nodes(inventory, nodes, change::ADD_FIRST)
            };
            change::run_on_as::<Patroni>(&args.change, &source, &nodes, known, patroni::plan::add_node)
        }
        Name::Mesh => {
            let known = |inventory: &mesh::inventory::Inventory, nodes: &[NodeName]| {
                change::named(nodes)?;
                nothing_to_discard(&args.discard)?;
                change::known_to_mesh(inventory, nodes, change::ADD_FIRST)
            };
            change::run_on_as::<Mesh>(&args.change, &source, &nodes, known, mesh::plan::add_node)
        }
    }
}

/// Errors: engine patroni adds no node that has data of its own.
fn nothing_to_discard(discard: &[NodeName]) -> Result<(), CommandError> {
    match discard.first() {
        None => Ok(()),
        Some(name) => Err(CommandError::error(format!("--discard {name} is not there for engine patroni")).hint(
            "leave it out; where the node has data that nobody needs, move its data directory away by hand",
        )),
    }
}
