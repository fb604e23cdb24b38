//! `galactl check`

use serde::Serialize;

use super::args::{ResultArgs, SourceArgs};
use super::engine::{Engine as _, Galera, Name, Patroni};
use super::inputs::Inputs;
use super::look;
use crate::exit::{CommandError, Kind};
use crate::galera::check;
use crate::galera::check::Report;
use crate::galera::judge::Basis;
use crate::galera::observe;
use crate::galera::secrets;
use crate::kernel::judge::preflight;
use crate::kernel::judge::preflight::Level;
use crate::kernel::model::Secrets;
use crate::kernel::transport::Fleet;
use crate::patroni;
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
    let source = args.source.source()?;
    match source.engine()? {
        Name::Galera => of_galera(args.result.output, args.source.inputs(&source)?),
        Name::Patroni => of_patroni(args.result.output, &args.source.inputs(&source)?),
        Name::Mesh => Err(Name::Mesh.not_there()),
    }
}

fn of_galera(output: Format, mut inputs: Inputs<Galera>) -> Result<(), CommandError> {
    let secrets = secrets::resolve(&inputs.inventory, &inputs.base).map_err(CommandError::of)?;
    let report = look::run(async {
        let fleet = look::connect(inputs.inventory.hosts(), &inputs.base).await?;
        let report = look_at(&mut inputs, secrets, &fleet).await;
        fleet.close().await;
        Ok(report)
    })?;
    told(output, &report.settled(&inputs.invocation()))
}

fn of_patroni(output: Format, inputs: &Inputs<Patroni>) -> Result<(), CommandError> {
    let Inputs { inventory, base, .. } = inputs;
    let mut secrets = Patroni::secrets(inventory, base)?;
    let report = look::run(async {
        let fleet = look::connect(inventory.hosts(), base).await?;
        let mut observation = Patroni::first_look(inventory, &fleet, &mut secrets).await;
        observation.ports = patroni::observe::ports::probe(inventory, &fleet, &observation).await;
        fleet.close().await;
        Ok(patroni::check::check(&patroni::judge::Basis { inventory, observation: &observation }))
    })?;
    told(output, &report.settled(&inputs.invocation()))
}

fn told<Ports: Serialize>(output: Format, report: &preflight::Report<Ports>) -> Result<(), CommandError> {
    match output {
        Format::Json => JsonEvents::line(report),
        Format::Text => Printer::data(&preflight_text_within(report, Printer::width_of_data())),
    }
    outcome(report)
}

async fn look_at(inputs: &mut Inputs, mut secrets: Secrets, fleet: &Fleet) -> Report {
    let reports = observe::ask_deeply(&inputs.inventory, fleet).await;
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

fn outcome<Ports>(report: &preflight::Report<Ports>) -> Result<(), CommandError> {
    match report.verdict {
        _ if report.unreachable => {
            Err(CommandError::new(Kind::Unreachable, "not every host could be checked"))
        }
        Level::Fail => Err(CommandError::new(Kind::Refused, "the hosts are not ready")),
        Level::Warn | Level::Pass => Ok(()),
    }
}
