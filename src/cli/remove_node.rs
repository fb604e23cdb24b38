//! `galactl remove-node`

use super::change::{self, ChangeArgs};
use crate::exit::{CommandError, End};
use crate::inventory::Inventory;
use crate::model::NodeName;
use crate::plan::{self, Removing};

/// Take nodes out of the running cluster for good, and leave their data in place
///
/// The others must form a healthy cluster, and go on with a majority. Each node is drained, stopped, and
/// masked, so that no reboot brings it back; the others' configuration forgets it without a restart. The
/// inventory still lists it meanwhile, and is yours to change then. `galactl add-node` brings it back.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    change: ChangeArgs,
    /// The nodes to remove, as the inventory names them
    #[arg(required = true)]
    nodes: Vec<NodeName>,
    /// Agree to remove this node out of reach; the plan says what is to be done there by hand
    #[arg(long, value_name = "NODE")]
    unseen: Vec<NodeName>,
    /// How long to wait until clients are done with a node; 0: not at all
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    drain: u64,
}

pub fn run(args: &Args) -> Result<End, CommandError> {
    let removing = Removing { nodes: &args.nodes, unseen: &args.unseen, drain_seconds: args.drain };
    let known = |inventory: &Inventory| known(inventory, &removing);
    change::run(&args.change, known, |basis| plan::remove_node(basis, &removing))
}

/// Errors: a name of something else than a data node, or one that is given up and not removed.
fn known(inventory: &Inventory, removing: &Removing<'_>) -> Result<(), CommandError> {
    if let Some(name) = removing.unseen.iter().find(|name| !removing.nodes.contains(name)) {
        return Err(CommandError::error(format!("--unseen {name}: it is not to be removed"))
            .hint("name it among the nodes to remove, too"));
    }
    let Some(name) = removing.nodes.iter().find(|name| inventory.node(name).is_none()) else {
        return Ok(());
    };
    if inventory.arbitrators.iter().any(|arbitrator| &arbitrator.name == name) {
        return Err(CommandError::error(format!(
            "`{name}` is an arbitrator, and remove-node takes data nodes"
        ))
        .hint("on its host: sudo systemctl disable --now garb; then delete it from `arbitrators`"));
    }
    Err(CommandError::error(format!("`{name}` is no node of this inventory"))
        .hint("a node is removed while the inventory still lists it: it has to be reached"))
}
