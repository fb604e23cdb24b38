//! `galactl status`

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::Context as _;

use super::inputs::Inputs;
use crate::exit::{CommandError, End};
use crate::galera::facts::Rates;
use crate::galera::observation::Observation;
use crate::galera::observe;
use crate::galera::status;
use crate::galera::status::{HEADINGS, Health, Status, prometheus, rows};
use crate::kernel::model::{NodeName, Secrets};
use crate::kernel::transport::Fleet;
use crate::ui::{JsonEvents, Printer, table};

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
/// Looks at all nodes at once and changes nothing. Exits with 0 when the cluster is healthy, 5 when it
/// is degraded, and 6 when it is critical; `thresholds` in the inventory say where that begins.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The inventory; `-` reads standard input
    inventory: PathBuf,
    /// How to show the result
    #[arg(long, value_enum, default_value = "text")]
    output: StatusFormat,
    /// Take the templates from this directory
    #[arg(long)]
    templates: Option<PathBuf>,
}

pub fn run(args: &Args) -> Result<End, CommandError> {
    let inputs = Inputs::read(&args.inventory, args.templates.as_deref())?;
    let runtime = tokio::runtime::Runtime::new().context("the asynchronous runtime")?;
    let status = runtime.block_on(ask(&inputs))?.settled(&inputs.invocation());
    match args.output {
        StatusFormat::Text => Printer::data(&text(&status)),
        StatusFormat::Json => JsonEvents::line(&status),
        StatusFormat::Prometheus => Printer::data(&prometheus(&status)),
    }
    Ok(status.health.into())
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

async fn ask(inputs: &Inputs) -> Result<Status, CommandError> {
    let (observation, rates) = look(inputs, SAMPLE).await?;
    status::status(&inputs.inventory, &observation, &inputs.renderer, &rates)
        .map_err(|error| CommandError::error(error.to_string()))
}

/// One look at all hosts, with what the servers' counters did in so many milliseconds.
pub(super) async fn look(
    inputs: &Inputs,
    milliseconds: u32,
) -> Result<(Observation, BTreeMap<NodeName, Rates>), CommandError> {
    let Inputs { inventory, base, .. } = inputs;
    let fleet = Fleet::connect(inventory.hosts(), base).await.context("the run's private directory")?;
    let (reports, rates) =
        tokio::join!(observe::ask(inventory, &fleet), observe::sample::ask(inventory, &fleet, milliseconds));
    fleet.close().await;
    let mut secrets = Secrets::default();
    reports.complete(inventory, &mut secrets);
    Ok((reports.observation(&secrets), rates))
}

/// The verdict first, then the table, then what is not as it should be.
pub fn text(status: &Status) -> String {
    let table = table(&HEADINGS, &rows(status));
    let mut out = format!("`{}` is {}\n\n{table}", status.cluster, status.verdict);
    if !status.findings.is_empty() {
        out.push('\n');
    }
    for finding in &status.findings {
        out += &format!("{}\n  next: {}\n", status::line(finding), finding.remedy);
    }
    out
}
