//! `galactl doctor`

use std::collections::BTreeMap;

use super::args::{ResultArgs, SourceArgs};
use super::inputs::Inputs;
use super::look;
use super::on_hosts::cut_off_text;
use crate::exit::{CommandError, End};
use crate::galera::doctor::{Case, Diagnosis, examine};
use crate::galera::facts::Rates;
use crate::galera::judge::Basis;
use crate::galera::observation::Observation;
use crate::galera::status::status;
use crate::kernel::model::NodeName;
use crate::kernel::run::journal;
use crate::ui::{Format, JsonEvents, Printer, diagnosis_text, fold};

/// Milliseconds. The rate of writes is told from it, by which a cache is called too small.
const SAMPLE: u32 = 3000;

/// Tell everything that is wrong with the cluster or will be, with the command that fixes it
///
/// Looks at all nodes at once and changes nothing: a server or unit that would not come back, a node that
/// would found a cluster of its own, hosts that are not as the inventory says, what is too small for the
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
    let inputs = args.source.read()?;
    let (observation, rates) = look::at_all(&inputs, SAMPLE)?;
    let diagnosis = judge(&inputs, &observation, &rates)?.settled(&inputs.invocation());
    match args.result.output {
        Format::Text => Printer::data(&fold(&diagnosis_text(&diagnosis), Printer::width_of_data())),
        Format::Json => JsonEvents::line(&diagnosis),
    }
    Ok(diagnosis.health.into())
}

fn judge(
    inputs: &Inputs,
    observation: &Observation,
    rates: &BTreeMap<NodeName, Rates>,
) -> Result<Diagnosis, CommandError> {
    let Inputs { inventory, renderer, .. } = inputs;
    let basis = Basis { inventory, observation, renderer };
    let cut_off = journal::cut_off(&inventory.cluster).as_ref().map(cut_off_text);
    status(inventory, observation, renderer, rates)
        .and_then(|status| examine(&Case { basis, status: &status, cut_off: cut_off.as_deref() }))
        .map_err(CommandError::of)
}
