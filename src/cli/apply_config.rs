//! `galactl apply-config`

use super::args::ChangeArgs;
use super::change;
use super::course::Course;
use super::engine::{Galera, Mesh, Name, Patroni};
use crate::exit::{CommandError, End};
use crate::galera::plan;
use crate::galera::plan::ConfigChoice;
use crate::{mesh, patroni};

/// Bring a running cluster to the inventory's configuration
///
/// One node after the other. What a running server takes is set without a restart; for all else the
/// node restarts, only while the whole cluster is well, and is back before the next one. A node that
/// does not come back stops everything.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galactl apply-config shop.yaml   after changing settings in the inventory")]
pub struct Args {
    #[command(flatten)]
    change: ChangeArgs,
    /// Also where a node would need the whole data to come back (Galera)
    #[arg(long)]
    allow_sst: bool,
    /// Restart nodes also for settings that a running server takes (Galera)
    #[arg(long)]
    restart: bool,
}

pub fn run(args: &Args) -> Result<End, CommandError> {
    Course::from(&args.change).somebody_can_agree()?;
    let source = args.change.plan.source.source()?;
    match source.engine()? {
        Name::Galera => {
            let choice = ConfigChoice { allow_sst: args.allow_sst, restart: args.restart };
            change::run_as::<Galera>(&args.change, &source, |basis| plan::apply_config(basis, choice))
        }
        name @ (Name::Patroni | Name::Mesh) if args.allow_sst || args.restart => {
            let message = format!("--allow-sst and --restart do not apply to engine {name}");
            Err(CommandError::error(message)
                .hint("leave them out; servers restart where a setting needs it, and galactl restart restarts them anyway"))
        }
        Name::Mesh => change::run_as::<Mesh>(&args.change, &source, mesh::plan::apply_config),
        Name::Patroni => change::run_as::<Patroni>(&args.change, &source, patroni::plan::apply_config),
    }
}
