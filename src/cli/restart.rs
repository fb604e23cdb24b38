//! `galactl restart`

use clap_complete::ArgValueCompleter;

use super::args::ChangeArgs;
use super::change;
use super::complete::members;
use super::course::Course;
use super::engine::{Galera, Mesh, Name, Patroni};
use crate::exit::{CommandError, End};
use crate::galera::inventory::Inventory;
use crate::galera::plan;
use crate::kernel::model::NodeName;
use crate::{mesh, patroni};

/// Restart members, one after the other, the rest in service
///
/// Each leaves only while the whole cluster is well, and is back before the next one. Galera: Synced,
/// and another member can bring it back by IST; the members that clients write to come last.
/// PostgreSQL: the standbys first, the primary last, by a switchover.
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
    /// Also where a node would need the whole data to come back (Galera)
    #[arg(long)]
    allow_sst: bool,
}

pub fn run(args: &Args) -> Result<End, CommandError> {
    Course::from(&args.change).somebody_can_agree()?;
    let (source, nodes) = args.change.plan.source.source_with(&args.nodes)?;
    match source.engine()? {
        Name::Galera => {
            let check = |inventory: &Inventory, nodes: &[NodeName]| {
                args.named(nodes).and_then(|()| change::known(inventory, nodes))
            };
            change::run_on_as::<Galera>(&args.change, &source, &nodes, check, |basis, nodes| {
                plan::restart(basis, nodes, args.allow_sst)
            })
        }
        name @ (Name::Patroni | Name::Mesh) if args.allow_sst => {
            let message = format!("--allow-sst does not apply to engine {name}");
            Err(CommandError::error(message).hint("leave it out"))
        }
        Name::Mesh => {
            let check = |inventory: &mesh::inventory::Inventory, nodes: &[NodeName]| {
                args.named(nodes).and_then(|()| {
                    change::known_to_mesh(
                        inventory,
                        nodes,
                        "name one that stands under `nodes`, or --rolling",
                    )
                })
            };
            change::run_on_as::<Mesh>(&args.change, &source, &nodes, check, mesh::plan::restart)
        }
        Name::Patroni => {
            let check = |inventory: &patroni::inventory::Inventory, nodes: &[NodeName]| {
                args.named(nodes).and_then(|()| change::known_to_patroni(inventory, nodes))
            };
            let planner = patroni::plan::restart;
            change::run_on_as::<Patroni>(&args.change, &source, &nodes, check, planner)
        }
    }
}

impl Args {
    /// Errors: it is not said which nodes, or it is said twice.
    fn named(&self, nodes: &[NodeName]) -> Result<(), CommandError> {
        match (self.rolling, nodes) {
            (false, []) => {
                change::named(nodes).map_err(|error| error.hint("name it, or --rolling for all of them"))
            }
            (true, [node, ..]) => {
                let message = format!("--rolling restarts all nodes, and {node} is one");
                Err(CommandError::error(message).hint("leave one of the two out"))
            }
            _ => Ok(()),
        }
    }
}
