//! `galactl doctor`

use std::collections::BTreeMap;

use super::args::{ResultArgs, SourceArgs};
use super::engine::{Galera, Mesh, Name, Patroni};
use super::inputs::Inputs;
use super::look;
use super::on_hosts::cut_off_text;
use crate::exit::{CommandError, End};
use crate::galera::doctor::{Case, examine};
use crate::galera::facts::{Examined, Rates, Tables};
use crate::galera::judge::Basis;
use crate::galera::observation::Observation;
use crate::galera::observe;
use crate::galera::status::status;
use crate::kernel::judge::Diagnosis;
use crate::kernel::model::{NodeName, Secrets};
use crate::kernel::run::journal;
use crate::kernel::transport::Fleet;
use crate::ui::{Format, JsonEvents, Printer, diagnosis_text, fold};
use crate::{mesh, patroni};

/// Milliseconds. The rate of writes is told from it, by which a cache is called too small.
const SAMPLE: u32 = 3000;

/// Tell everything that is wrong with the cluster or will be, with the command that fixes it
///
/// Scans all nodes at once and changes nothing: a server or unit that would not come back, a node that
/// would bootstrap a cluster of its own, hosts that are not as the inventory says, what is too small for the
/// next failure, what earlier runs have left. Exits with 0 where there is nothing worse than a note, 5 where
/// something is or will be out of line, and 6 where the cluster is down or may lose data.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galactl doctor shop.yaml   what is wrong or will be, with what to type")]
pub struct Args {
    #[command(flatten)]
    result: ResultArgs,
    #[command(flatten)]
    source: SourceArgs,
}

pub fn run(args: &Args) -> Result<End, CommandError> {
    let source = args.source.source()?;
    let diagnosis = match source.engine()? {
        Name::Galera => of_galera(args.source.inputs(&source)?)?,
        Name::Patroni => of_patroni(&args.source.inputs(&source)?)?,
        Name::Mesh => of_mesh(&args.source.inputs(&source)?)?,
    };
    match args.result.output {
        Format::Text => Printer::data(&fold(&diagnosis_text(&diagnosis), Printer::width_of_data())),
        Format::Json => JsonEvents::line(&diagnosis),
    }
    Ok(diagnosis.health.into())
}

fn of_galera(mut inputs: Inputs<Galera>) -> Result<Diagnosis, CommandError> {
    let seen = look::run(look_at(&inputs))?;
    inputs.read_local_files(&seen.observation);
    Ok(judge(&inputs, &seen)?.settled(&inputs.invocation()))
}

fn of_patroni(inputs: &Inputs<Patroni>) -> Result<Diagnosis, CommandError> {
    let observation = look::at_all_of_patroni(inputs)?;
    let cut_off = journal::cut_off(&inputs.inventory.cluster).as_ref().map(cut_off_text);
    let diagnosis = patroni::doctor::examine(&inputs.inventory, &observation, cut_off.as_deref());
    Ok(diagnosis.settled(&inputs.invocation()))
}

fn of_mesh(inputs: &Inputs<Mesh>) -> Result<Diagnosis, CommandError> {
    let (before, observation) = look::twice_at_all_of_mesh(inputs)?;
    let cut_off = journal::cut_off(&inputs.inventory.cluster).as_ref().map(cut_off_text);
    let diagnosis = mesh::doctor::examine(&inputs.inventory, &observation, Some(&before), cut_off.as_deref());
    Ok(diagnosis.settled(&inputs.invocation()))
}

struct Looked {
    observation: Observation,
    rates: BTreeMap<NodeName, Rates>,
    examined: BTreeMap<NodeName, Examined>,
}

/// Scans as every command does, and asks what only a doctor wants to know.
async fn look_at(inputs: &Inputs) -> Result<Looked, CommandError> {
    let Inputs { inventory, renderer, base, .. } = inputs;
    let fleet = look::connect(inventory.hosts(), base).await?;
    let sample = observe::sample::ask(inventory, &fleet, SAMPLE);
    let more = async {
        let reports = observe::ask_deeply(inventory, &fleet).await;
        let mut secrets = Secrets::default();
        reports.take_over(inventory, &mut secrets);
        let mut observation = reports.observation(&secrets);
        let basis = Basis { inventory, observation: &observation, renderer };
        let (tried, mut examined, tables) = tokio::join!(
            observe::tries::ask_own(&basis, &fleet, &secrets),
            observe::examine::ask(&basis, &fleet),
            tables(&basis, &fleet)
        );
        if let Some((node, tables)) = tables {
            examined.entry(node).or_default().tables = Some(tables);
        }
        observation.tried = tried;
        (observation, examined)
    };
    let (rates, (observation, examined)) = tokio::join!(sample, more);
    fleet.close().await;
    Ok(Looked { observation, rates, examined })
}

/// A schema is the same everywhere, and is looked through on one member.
async fn tables(basis: &Basis<'_>, fleet: &Fleet) -> Option<(NodeName, Result<Tables, String>)> {
    let (node, facts) = basis.nodes().find(|(_, facts)| facts.is_primary())?;
    let tables = observe::schema::tables(basis, fleet, &node.name, facts).await;
    Some((node.name.clone(), tables))
}

fn judge(inputs: &Inputs, seen: &Looked) -> Result<Diagnosis, CommandError> {
    let Inputs { inventory, renderer, .. } = inputs;
    let Looked { observation, rates, examined } = seen;
    let basis = Basis { inventory, observation, renderer };
    let cut_off = journal::cut_off(&inventory.cluster).as_ref().map(cut_off_text);
    status(inventory, observation, renderer, rates)
        .and_then(|status| examine(&Case { basis, status: &status, examined, cut_off: cut_off.as_deref() }))
        .map_err(CommandError::of)
}
