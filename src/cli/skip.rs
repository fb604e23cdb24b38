//! `galactl skip`

use clap_complete::ArgValueCompleter;

use super::args::ChangeArgs;
use super::change;
use super::complete::members;
use super::course::Course;
use super::engine::{Mesh, Name};
use crate::exit::{CommandError, End};
use crate::kernel::model::NodeName;
use crate::mesh::inventory::Inventory;
use crate::mesh::model::DatabaseName;
use crate::mesh::plan;

/// Let a node of a mesh leave out a transaction of another node that it cannot apply
///
/// One that cannot be applied stops all that come after it. The plan lists everything that the transaction
/// holds, and the cluster's name has to be typed, because all of it is lost on that node. Nothing is left out
/// where another transaction is in the way by then. `galactl doctor` says what is in the way of it: where that
/// can be taken away, nothing has to be lost.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galactl skip shop.yaml pg2 --from pg1 --dry-run        what the transaction holds
  galactl skip shop.yaml pg2 --from pg1                  the same, and leave it out on pg2
  galactl skip shop.yaml pg2 --from pg1 --confirm shop   without a terminal")]
pub struct Args {
    #[command(flatten)]
    change: ChangeArgs,
    /// The node that stands still
    #[arg(add = ArgValueCompleter::new(members))]
    node: Vec<NodeName>,
    /// The node whose transaction it is
    #[arg(long, value_name = "NODE", add = ArgValueCompleter::new(members))]
    from: NodeName,
    /// The database. Default: the one in which the node stands still
    #[arg(long)]
    database: Option<DatabaseName>,
    /// The cluster's name, in place of typing it when asked
    #[arg(long, value_name = "CLUSTER")]
    confirm: Option<String>,
}

pub fn run(args: &Args) -> Result<End, CommandError> {
    let (source, nodes) = args.change.plan.source.source_with(&args.node)?;
    if source.engine()? != Name::Mesh {
        return Err(CommandError::error("skip is for engine postgresql-mesh: in other clusters, nodes apply the same transactions or none")
            .hint("galactl doctor says what is wrong with a cluster"));
    }
    let check =
        |inventory: &Inventory, nodes: &[NodeName]| {
            change::named(nodes)?;
            let both: Vec<_> = nodes.iter().chain([&args.from]).cloned().collect();
            change::known_to_mesh(inventory, &both, "name one that stands under `nodes`")?;
            match nodes {
                [node] if *node != args.from => known_database(inventory, args.database.as_ref()),
                [_] => Err(CommandError::error("a node has no subscription to itself")
                    .hint("name another one after --from")),
                _ => Err(CommandError::error("one node at a time")
                    .hint("each plan shows what is lost on its node")),
            }
        };
    let course = Course { confirm: args.confirm.as_deref(), ..Course::from(&args.change) };
    change::run_on_course::<Mesh>(course, &args.change, &source, &nodes, check, |basis, nodes| {
        plan::skip(
            basis,
            &plan::Skipping { node: &nodes[0], from: &args.from, database: args.database.as_ref() },
        )
    })
}

/// Errors: a database that the inventory does not have.
fn known_database(inventory: &Inventory, name: Option<&DatabaseName>) -> Result<(), CommandError> {
    let known = |name: &&DatabaseName| inventory.databases.iter().all(|it| it.name != **name);
    match name.filter(known) {
        None => Ok(()),
        Some(name) => Err(CommandError::error(format!("`{name}` is no database of this inventory"))
            .hint("name one that stands under `databases`, or leave --database out")),
    }
}
