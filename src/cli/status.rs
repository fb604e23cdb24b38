//! `galactl status`

use super::args::SourceArgs;
use super::look;
use crate::exit::{CommandError, End};
use crate::galera::status;
use crate::galera::status::{HEADINGS, Health, Status, prometheus, rows};
use crate::ui::{JsonEvents, Printer, fold, table_within};

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
    let inputs = args.source.read()?;
    let (observation, rates) = look::at_all(&inputs, SAMPLE)?;
    let status = status::status(&inputs.inventory, &observation, &inputs.renderer, &rates);
    let status = status.map_err(CommandError::of)?.settled(&inputs.invocation());
    match args.output {
        StatusFormat::Text => Printer::data(&text_within(&status, Printer::width_of_data())),
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

/// The verdict first, then the table, then what is not as it should be.
pub fn text(status: &Status) -> String {
    text_within(status, None)
}

/// The same no wider than `width`, where that is known.
pub fn text_within(status: &Status, width: Option<usize>) -> String {
    let mut out = fold(&format!("`{}` is {}\n\n", status.cluster, status.verdict), width);
    out += &table_within(&HEADINGS, &rows(status), width);
    if !status.findings.is_empty() {
        out.push('\n');
    }
    for finding in &status.findings {
        out += &fold(&format!("{}\n  next: {}\n", status::line(finding), finding.remedy), width);
    }
    out
}
