//! `galactl check`

use super::args::{ResultArgs, SourceArgs};
use super::inputs::Inputs;
use super::look;
use crate::exit::{CommandError, Kind};
use crate::galera::check;
use crate::galera::check::Report;
use crate::galera::judge::Basis;
use crate::galera::observe;
use crate::galera::secrets;
use crate::kernel::judge::preflight::Level;
use crate::kernel::model::Secrets;
use crate::kernel::transport::Fleet;
use crate::ui::{Format, JsonEvents, Printer, preflight_text_within};

/// Check the inventory's hosts without changing them
///
/// Scans every host, and lets each connect to every other one at the ports of the cluster:
/// for a few seconds something listens there. What would stop or trouble a bootstrap or add-node
/// is told, with what to do about it.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galactl check shop.yaml   before a bootstrap or add-node")]
pub struct Args {
    #[command(flatten)]
    result: ResultArgs,
    #[command(flatten)]
    source: SourceArgs,
}

pub fn run(args: &Args) -> Result<(), CommandError> {
    let mut inputs = args.source.read()?;
    let secrets = secrets::resolve(&inputs.inventory, &inputs.base).map_err(CommandError::of)?;
    let report = look::run(async {
        let fleet = look::connect(inputs.inventory.hosts(), &inputs.base).await?;
        let report = look_at(&mut inputs, secrets, &fleet).await;
        fleet.close().await;
        Ok(report)
    })?;
    let report = report.settled(&inputs.invocation());
    match args.result.output {
        Format::Json => JsonEvents::line(&report),
        Format::Text => Printer::data(&preflight_text_within(&report, Printer::width_of_data())),
    }
    outcome(&report)
}

async fn look_at(inputs: &mut Inputs, mut secrets: Secrets, fleet: &Fleet) -> Report {
    let reports = observe::ask(&inputs.inventory, fleet).await;
    reports.complete(&inputs.inventory, &mut secrets);
    let mut observation = reports.observation(&secrets);
    inputs.read_local_files(&observation);
    let Inputs { inventory, renderer, .. } = &*inputs;
    let basis = Basis { inventory, observation: &observation, renderer };
    let (ports, tried) = tokio::join!(
        observe::ports::probe(inventory, fleet, &observation, false),
        observe::tries::ask(&basis, fleet, &secrets)
    );
    (observation.ports, observation.tried) = (ports, tried);
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
