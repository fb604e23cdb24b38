//! `galactl status`

use super::args::SourceArgs;
use super::engine::{Galera, Mesh, Name, Patroni};
use super::inputs::Inputs;
use super::look;
use super::status_text::{of_galera, of_mesh, of_patroni};
use crate::exit::{CommandError, End};
use crate::galera::status::{prometheus, status};
use crate::kernel::judge::Health;
use crate::ui::{JsonEvents, Printer};
use crate::{mesh, patroni};

/// Milliseconds: long enough for a rate, short enough for a table that is waited for.
const SAMPLE: u32 = 500;

/// How to show the status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum StatusFormat {
    Text,
    Json,
    Prometheus,
}

/// Show how the whole cluster is, and whether that is well
///
/// Scans all nodes at once and changes nothing. Exits with 0 when the cluster is healthy, 5 when it
/// is degraded, and 6 when it is critical; `thresholds` in the inventory say where that begins.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galactl status shop.yaml                       exit with 5 or 6 when the cluster is not well
  galactl status shop.yaml --output prometheus   for a textfile collector")]
pub struct Args {
    /// How to show the result
    #[arg(long, value_enum, default_value = "text")]
    output: StatusFormat,
    #[command(flatten)]
    source: SourceArgs,
}

pub fn run(args: &Args) -> Result<End, CommandError> {
    let source = args.source.source()?;
    match source.engine()? {
        Name::Galera => galera(args.output, &args.source.inputs(&source)?),
        Name::Patroni => patroni(args.output, &args.source.inputs(&source)?),
        Name::Mesh => mesh(args.output, &args.source.inputs(&source)?),
    }
}

fn galera(output: StatusFormat, inputs: &Inputs<Galera>) -> Result<End, CommandError> {
    let (observation, rates) = look::at_all(inputs, SAMPLE)?;
    let status = status(&inputs.inventory, &observation, &inputs.renderer, &rates);
    let status = status.map_err(CommandError::of)?.settled(&inputs.invocation());
    match output {
        StatusFormat::Text => Printer::data(&of_galera(&status, Printer::width_of_data())),
        StatusFormat::Json => JsonEvents::line(&status),
        StatusFormat::Prometheus => Printer::data(&prometheus(&status)),
    }
    Ok(status.health.into())
}

fn patroni(output: StatusFormat, inputs: &Inputs<Patroni>) -> Result<End, CommandError> {
    not_prometheus(output, Name::Patroni)?;
    let observation = look::at_all_of_patroni(inputs)?;
    let status = patroni::status::status(&inputs.inventory, &observation).settled(&inputs.invocation());
    match output {
        StatusFormat::Json => JsonEvents::line(&status),
        StatusFormat::Text | StatusFormat::Prometheus => {
            Printer::data(&of_patroni(&status, Printer::width_of_data()));
        }
    }
    Ok(status.health.into())
}

fn mesh(output: StatusFormat, inputs: &Inputs<Mesh>) -> Result<End, CommandError> {
    not_prometheus(output, Name::Mesh)?;
    let observation = look::at_all_of_mesh(inputs)?;
    let status = mesh::status::status(&inputs.inventory, &observation).settled(&inputs.invocation());
    match output {
        StatusFormat::Json => JsonEvents::line(&status),
        StatusFormat::Text | StatusFormat::Prometheus => {
            Printer::data(&of_mesh(&status, Printer::width_of_data()));
        }
    }
    Ok(status.health.into())
}

/// Errors: the form that this engine does not have.
fn not_prometheus(output: StatusFormat, engine: Name) -> Result<(), CommandError> {
    if output != StatusFormat::Prometheus {
        return Ok(());
    }
    let error = CommandError::error(format!("--output prometheus is not there yet for engine {engine}"));
    Err(error.hint("--output json tells the same, and the exit code whether the cluster is well"))
}

impl From<Health> for End {
    fn from(health: Health) -> Self {
        match health {
            Health::Healthy => Self::Done,
            Health::Degraded => Self::Degraded,
            Health::Critical => Self::Critical,
        }
    }
}
