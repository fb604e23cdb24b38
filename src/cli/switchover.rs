//! `galactl switchover`

use clap_complete::ArgValueCompleter;

use super::args::ChangeArgs;
use super::change;
use super::complete::members;
use super::course::Course;
use super::engine::{Name, Patroni};
use crate::exit::{CommandError, End};
use crate::kernel::inventory::note::Note;
use crate::kernel::model::NodeName;
use crate::patroni::judge::Basis;
use crate::patroni::plan;

/// Let another node become the primary, without losing what was acknowledged
///
/// For PostgreSQL with Patroni. The node that takes over streams from the primary and is synchronous,
/// which is asked again in the moment before. Clients are disconnected, and connect again.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galactl switchover shop.yaml            to the synchronous standby
  galactl switchover shop.yaml --to pg2   to this one")]
pub struct Args {
    #[command(flatten)]
    change: ChangeArgs,
    /// The node that is to lead. Default: the synchronous standby, by priority and the inventory's order
    #[arg(long, value_name = "NODE", add = ArgValueCompleter::new(members))]
    to: Option<NodeName>,
}

pub fn run(args: &Args) -> Result<End, CommandError> {
    Course::from(&args.change).somebody_can_agree()?;
    let source = args.change.plan.source.source()?;
    if source.engine()? == Name::Mesh {
        return Err(Name::Mesh.not_there());
    }
    if source.engine()? == Name::Galera {
        let message = "an inventory of Galera: it has no primary to switch, every node takes writes";
        let hint = "galactl restart takes nodes out of service one after the other; `endpoint.writes` says whether one of them takes all writes";
        return Err(source.not_for(Note::error("engine", "engine", message).at_key().hint(hint)));
    }
    let named: Vec<_> = args.to.iter().cloned().collect();
    let planner = |basis: &Basis<'_>, nodes: &[NodeName]| plan::switchover(basis, nodes.first());
    change::run_on_as::<Patroni>(&args.change, &source, &named, change::known_to_patroni, planner)
}
