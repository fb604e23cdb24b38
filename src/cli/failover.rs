//! `galactl failover`

use clap_complete::ArgValueCompleter;

use super::args::ChangeArgs;
use super::change;
use super::complete::members;
use super::course::Course;
use super::engine::{Name, Patroni};
use super::on_hosts::on_hosts;
use crate::exit::{CommandError, End};
use crate::kernel::inventory::note::Note;
use crate::kernel::model::NodeName;
use crate::patroni::plan;

/// Promote a standby that may lack something, where nobody leads and nobody can take over without a loss
///
/// For PostgreSQL with Patroni. What may be lost is stated first, in bytes; where it may be anything, the
/// cluster's name has to be typed. While a primary leads, `switchover` loses nothing, and is named.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galactl failover shop.yaml --to pg3 --dry-run        what would be lost
  galactl failover shop.yaml --to pg3                  the same, and carry it out
  galactl failover shop.yaml --to pg3 --confirm shop   without a terminal")]
pub struct Args {
    #[command(flatten)]
    change: ChangeArgs,
    /// The node that is to lead
    #[arg(long, value_name = "NODE", add = ArgValueCompleter::new(members))]
    to: NodeName,
    /// The cluster's name, in place of typing it when asked
    #[arg(long, value_name = "CLUSTER")]
    confirm: Option<String>,
}

pub fn run(args: &Args) -> Result<End, CommandError> {
    let course = Course { confirm: args.confirm.as_deref(), ..Course::from(&args.change) };
    course.somebody_can_agree()?;
    let from = &args.change.plan.source;
    let source = from.source()?;
    if source.engine()? == Name::Mesh {
        return Err(Name::Mesh.not_there());
    }
    if source.engine()? == Name::Galera {
        let message = "an inventory of Galera: it has no primary that another node could follow";
        let hint = "after an outage, galactl recover starts the cluster from the node that loses nothing";
        return Err(source.not_for(Note::error("engine", "engine", message).at_key().hint(hint)));
    }
    let inputs = from.inputs::<Patroni>(&source)?;
    let to = std::slice::from_ref(&args.to);
    change::data_nodes(&inputs.inventory, to, "name one that stands under `nodes`")
        .map_err(|error| error.settled(&inputs.invocation()))?;
    on_hosts::<Patroni>(course, inputs, None, |basis| plan::failover(basis, &args.to))
}
