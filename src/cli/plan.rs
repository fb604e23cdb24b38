//! `galactl plan`

use super::args::PlanArgs;
use super::course::Course;
use super::engine::{Engine as _, Galera, Mesh, Name, Patroni};
use super::inputs::Inputs;
use super::local_files;
use super::on_hosts::{on_hosts, whoami};
use crate::exit::{CommandError, End};
use crate::galera::plan;
use crate::{mesh, patroni};

/// Show what the cluster needs now, and change nothing
///
/// Scans all hosts and plans whatever brings the cluster nearer to its inventory: a bootstrap,
/// the rest of one, a change of configuration, the joining of nodes, or nothing.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galactl plan shop.yaml                       what the cluster needs now
  galactl plan shop.yaml --out plan.json       then, after a review: galactl apply plan.json
  galactl plan shop.yaml --detailed-exitcode   exit with 2 when there is something to do")]
pub struct Args {
    #[command(flatten)]
    plan: PlanArgs,
    /// Ask no host: plan the bootstrap of hosts that are assumed to be fresh
    #[arg(long)]
    offline: bool,
}

pub fn run(args: &Args) -> Result<End, CommandError> {
    let from = &args.plan.source;
    let (source, course) = (from.source()?, Course::from(&args.plan));
    match source.engine()? {
        Name::Galera if args.offline => offline(&course, &mut from.inputs(&source)?),
        name @ (Name::Patroni | Name::Mesh) if args.offline => Err(offline_is_missing(name)),
        Name::Galera => on_hosts::<Galera>(course, from.inputs(&source)?, None, plan::needed),
        Name::Patroni => on_hosts::<Patroni>(course, from.inputs(&source)?, None, patroni::plan::needed),
        Name::Mesh => on_hosts::<Mesh>(course, from.inputs(&source)?, None, mesh::plan::needed),
    }
}

/// What PostgreSQL's files are depends on the versions of the hosts' software, and a mesh on the seed's tables.
pub fn offline_is_missing(engine: Name) -> CommandError {
    CommandError::error(format!("--offline is not there for engine {engine}"))
        .hint("galactl render shows the files")
}

/// The plan of a bootstrap that no host was asked for.
pub fn offline(course: &Course<'_>, inputs: &mut Inputs) -> Result<End, CommandError> {
    local_files::find_package(&mut inputs.inventory, &inputs.base);
    let plan = plan::bootstrap_offline(&inputs.inventory, &inputs.renderer);
    let invocation = inputs.invocation();
    let plan = plan.map_err(|why| course.no_plan(Galera::unplanned(why, &invocation), &invocation))?;
    let saved = inputs.close(plan, &whoami());
    course.show(&saved)?;
    Ok(course.end(&saved.plan))
}
