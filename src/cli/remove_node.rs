//! `galactl remove-node`

use std::collections::BTreeSet;

use clap_complete::ArgValueCompleter;

use super::args::ChangeArgs;
use super::change;
use super::complete::members;
use super::course::Course;
use super::engine::{Galera, Mesh, Name, Patroni};
use crate::exit::{CommandError, End};
use crate::galera::inventory::Inventory;
use crate::galera::plan;
use crate::galera::plan::Removing;
use crate::kernel::judge::PLACE;
use crate::kernel::model::NodeName;
use crate::{mesh, patroni};

const DRAIN_SECONDS: u64 = 30;

/// Take nodes out of the running cluster for good, and leave their data in place
///
/// The others must form a healthy cluster, and go on with a majority. Each node is drained, stopped, and
/// masked, so that no reboot brings it back; the others' configuration forgets it without a restart. The
/// inventory still lists it meanwhile, and is yours to change then. `galactl add-node` brings it back.
/// Names of arbitrators alone take these out: their garbd is stopped, and does not start any more.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galactl remove-node shop.yaml db4                drain, stop and mask it
  galactl remove-node shop.yaml db4 --unseen db4   its host is gone")]
pub struct Args {
    #[command(flatten)]
    change: ChangeArgs,
    /// The nodes or arbitrators to remove, as the inventory names them
    #[arg(add = ArgValueCompleter::new(members))]
    nodes: Vec<NodeName>,
    /// Agree to remove this node out of reach; the plan says what is to be done there by hand
    #[arg(long, value_name = "NODE")]
    unseen: Vec<NodeName>,
    /// How long to wait until clients are done with a node of Galera. Default: 30; 0: not at all
    #[arg(long, value_name = "SECONDS")]
    drain: Option<u64>,
    /// The cluster's name, in place of typing it, where the last writes of a node of a mesh are given up
    #[arg(long, value_name = "CLUSTER")]
    confirm: Option<String>,
}

pub fn run(args: &Args) -> Result<End, CommandError> {
    let (source, nodes) = args.change.plan.source.source_with(&args.nodes)?;
    // Each once, in the order of their names.
    let nodes: Vec<NodeName> = nodes.into_iter().collect::<BTreeSet<_>>().into_iter().collect();
    match source.engine()? {
        Name::Galera => {
            let check = |inventory: &Inventory, nodes: &[NodeName]| {
                change::named(nodes)?;
                known(inventory, &args.removing(nodes))
            };
            change::run_on_as::<Galera>(&args.change, &source, &nodes, check, |basis, nodes| {
                let is_arbitrator = |name: &NodeName| basis.inventory.arbitrator(name).is_some();
                match nodes.iter().any(is_arbitrator) {
                    true => plan::remove_arbitrators(basis, nodes),
                    false => plan::remove_node(basis, &args.removing(nodes)),
                }
            })
        }
        Name::Mesh => {
            let check = |inventory: &mesh::inventory::Inventory, nodes: &[NodeName]| {
                change::named(nodes)?;
                to_be_removed(nodes, &args.unseen)?;
                args.not_drained(Name::Mesh)?;
                change::known_to_mesh(inventory, nodes, change::STILL_LISTED)
            };
            let course = Course { confirm: args.confirm.as_deref(), ..Course::from(&args.change) };
            change::run_on_course::<Mesh>(course, &args.change, &source, &nodes, check, |basis, nodes| {
                mesh::plan::remove_node(basis, &mesh::plan::Removing { nodes, unseen: &args.unseen })
            })
        }
        Name::Patroni => {
            let check = |inventory: &patroni::inventory::Inventory, nodes: &[NodeName]| {
                change::named(nodes)?;
                to_be_removed(nodes, &args.unseen)?;
                args.not_drained(Name::Patroni)?;
                change::data_nodes(inventory, nodes, change::STILL_LISTED)
            };
            change::run_on_as::<Patroni>(&args.change, &source, &nodes, check, |basis, nodes| {
                let removing = patroni::plan::Removing { nodes, unseen: &args.unseen };
                patroni::plan::remove_node(basis, &removing)
            })
        }
    }
}

impl Args {
    fn removing<'a>(&'a self, nodes: &'a [NodeName]) -> Removing<'a> {
        Removing { nodes, unseen: &self.unseen, drain_seconds: self.drain.unwrap_or(DRAIN_SECONDS) }
    }

    /// Errors: a wait that this engine does not know.
    fn not_drained(&self, engine: Name) -> Result<(), CommandError> {
        match self.drain {
            None => Ok(()),
            Some(_) => Err(CommandError::error(format!("--drain does not apply to engine {engine}"))
                .hint("leave it out; sessions at a node that leaves are ended")),
        }
    }
}

/// Errors: a node that is given up and not removed.
fn to_be_removed(nodes: &[NodeName], unseen: &[NodeName]) -> Result<(), CommandError> {
    match unseen.iter().find(|name| !nodes.contains(name)) {
        None => Ok(()),
        Some(name) => Err(CommandError::error(format!("--unseen {name}: it is not to be removed"))
            .hint("name it among the nodes to remove, too")),
    }
}

/// Errors: a name that the inventory does not have, nodes and arbitrators in one, or a node that is given
/// up and not removed.
fn known(inventory: &Inventory, removing: &Removing<'_>) -> Result<(), CommandError> {
    to_be_removed(removing.nodes, removing.unseen)?;
    if let Some(name) = removing.unseen.iter().find(|name| inventory.arbitrator(name).is_some()) {
        return Err(CommandError::error(format!("--unseen {name}: it is an arbitrator"))
            .hint("if its host is gone for good, delete it from `arbitrators` in the inventory"));
    }
    if let Some(name) = removing.nodes.iter().find(|name| inventory.proxy(name).is_some()) {
        return Err(CommandError::error(format!("`{name}` is a proxy")).hint(format!(
            "delete it from `proxies` in the inventory, then galactl apply-config {PLACE} tells the others; stop its program on its host",
        )));
    }
    let is_arbitrator = |name: &&NodeName| inventory.arbitrator(name).is_some();
    let (arbitrators, nodes): (Vec<_>, Vec<_>) = removing.nodes.iter().partition(is_arbitrator);
    if let Some(name) = nodes.iter().find(|name| inventory.node(name).is_none()) {
        return Err(change::no_node(name).hint(change::STILL_LISTED));
    }
    match (arbitrators.first(), nodes.is_empty()) {
        (Some(name), false) => {
            Err(CommandError::error(format!("`{name}` is an arbitrator, and others are nodes"))
                .hint("remove them one after the other, so that the votes are counted in between"))
        }
        _ => Ok(()),
    }
}
