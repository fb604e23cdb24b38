//! `galactl check`

use std::path::PathBuf;

use anyhow::Context as _;

use super::inputs::Inputs;
use crate::exit::{CommandError, Kind};
use crate::galera::check;
use crate::galera::check::{Level, Report};
use crate::galera::judge::Basis;
use crate::galera::observe;
use crate::galera::secrets;
use crate::kernel::model::Secrets;
use crate::kernel::transport::Fleet;
use crate::ui::{Format, JsonEvents, Printer, preflight_text};

/// Check the inventory's hosts without changing them
///
/// Looks at every host, and lets each connect to every other one at the ports of the cluster:
/// for a few seconds something listens there. What would stop or trouble a bootstrap or add-node
/// is told, with what to do about it.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The inventory; `-` reads standard input
    inventory: PathBuf,
    /// How to show the result
    #[arg(long, value_enum, default_value = "text")]
    output: Format,
    /// Take the templates from this directory
    #[arg(long)]
    templates: Option<PathBuf>,
}

pub fn run(args: &Args) -> Result<(), CommandError> {
    let inputs = Inputs::read(&args.inventory, args.templates.as_deref())?;
    let secrets = secrets::resolve(&inputs.inventory, &inputs.base)
        .map_err(|error| CommandError::error(error.to_string()))?;
    let runtime = tokio::runtime::Runtime::new().context("the asynchronous runtime")?;
    let report = runtime.block_on(async {
        let fleet = Fleet::connect(inputs.inventory.hosts(), &inputs.base).await;
        let fleet = fleet.context("the run's private directory")?;
        let report = look(&inputs, secrets, &fleet).await;
        fleet.close().await;
        Ok::<_, anyhow::Error>(report)
    })?;
    let report = report.settled(&inputs.invocation());
    match args.output {
        Format::Json => JsonEvents::line(&report),
        Format::Text => Printer::data(&preflight_text(&report)),
    }
    outcome(&report)
}

async fn look(inputs: &Inputs, mut secrets: Secrets, fleet: &Fleet) -> Report {
    let Inputs { inventory, renderer, .. } = inputs;
    let reports = observe::ask(inventory, fleet).await;
    reports.complete(inventory, &mut secrets);
    let mut observation = reports.observation(&secrets);
    observation.ports = observe::ports::probe(inventory, fleet, &observation, false).await;
    check::check(&Basis { inventory, observation: &observation, renderer })
}

fn outcome(report: &Report) -> Result<(), CommandError> {
    match report.verdict {
        _ if report.unreachable => {
            Err(CommandError::new(Kind::Unreachable, "not every host could be checked"))
        }
        Level::Fail => Err(CommandError::new(Kind::Refused, "the hosts are not ready")),
        Level::Warn | Level::Pass => Ok(()),
    }
}
