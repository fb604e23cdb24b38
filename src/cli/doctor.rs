//! `galactl doctor`

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::Context as _;

use super::inputs::Inputs;
use super::on_hosts::cut_off_text;
use super::status::look;
use crate::exit::{CommandError, End};
use crate::galera::doctor::{Case, Diagnosis, examine};
use crate::galera::facts::Rates;
use crate::galera::judge::Basis;
use crate::galera::observation::Observation;
use crate::galera::status::status;
use crate::kernel::model::NodeName;
use crate::kernel::run::journal;
use crate::ui::{Format, JsonEvents, Printer, diagnosis_text};

/// Milliseconds. The rate of writes is told from it, by which a cache is called too small.
const SAMPLE: u32 = 3000;

/// Tell everything that is wrong with the cluster or will be, with the command that fixes it
///
/// Looks at all nodes at once and changes nothing: a server or unit that would not come back, a node that
/// would found a cluster of its own, hosts that are not as the inventory says, what is too small for the
/// next failure, what earlier runs have left. Exits with 0 where there is nothing worse than a note, 5 where
/// something is or will be out of line, and 6 where the cluster is down or may lose data.
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

pub fn run(args: &Args) -> Result<End, CommandError> {
    let inputs = Inputs::read(&args.inventory, args.templates.as_deref())?;
    let runtime = tokio::runtime::Runtime::new().context("the asynchronous runtime")?;
    let (observation, rates) = runtime.block_on(look(&inputs, SAMPLE))?;
    let diagnosis = judge(&inputs, &observation, &rates)?.settled(&inputs.invocation());
    match args.output {
        Format::Text => Printer::data(&diagnosis_text(&diagnosis)),
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
        .map_err(|error| CommandError::error(error.to_string()))
}
