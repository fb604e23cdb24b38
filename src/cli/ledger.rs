//! `galactl ledger`, and the ledger beside a changing command.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;

use super::args::{ResultArgs, SourceArgs};
use super::look;
use crate::exit::{CommandError, End};
use crate::galera::act::Context;
use crate::galera::ledger::Report;
use crate::galera::ledger::act::{Ledger, Recorder, Way};
use crate::galera::ledger::timeline::Timeline;
use crate::galera::observation::Observation;
use crate::galera::observe;
use crate::kernel::model::{NodeName, Secrets};
use crate::kernel::run::event::Reporter;
use crate::ui::{Format, JsonEvents, Printer};

/// Rows a second: enough to see a stall, and nothing beside an application's own writes.
const RATE: u32 = 10;

/// Write beside the cluster's clients for a while, and tell what came of each write
///
/// Writes rows through the proxies, or where there are none on the nodes, into a database of its own with an account
/// of its own. Each write is confirmed, failed, or unknown (cut off before the answer). At the end, the rows are read
/// on every node: a confirmed row that is missing is lost, and the command ends with 1. Changing commands do the same
/// with --ledger, and tell during which step something happened. Ctrl-C ends it early.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galactl ledger shop.yaml                       write for a minute
  galactl ledger shop.yaml --for 600             beside maintenance that is not galactl's
  galactl restart shop.yaml --rolling --ledger   beside maintenance that is")]
pub struct Args {
    /// Seconds to write for
    #[arg(long = "for", value_name = "SECONDS", default_value_t = 60)]
    seconds: u64,
    /// Rows to write a second
    #[arg(long, default_value_t = RATE, value_parser = clap::value_parser!(u32).range(1..=1000))]
    rate: u32,
    #[command(flatten)]
    result: ResultArgs,
    #[command(flatten)]
    source: SourceArgs,
}

pub fn run(args: &Args) -> Result<End, CommandError> {
    let inputs = args.source.read()?;
    let inventory = &inputs.inventory;
    let report = look::run(async {
        let fleet = look::connect(inventory, &inputs.base).await?;
        let observation = observe::ask(inventory, &fleet).await.observation(&Secrets::default());
        let way = Way { inventory, fleet: &fleet, sockets: sockets(&observation) };
        let report = write(&way, args).await;
        fleet.close().await;
        report
    })?;
    show(&report, args.result.output);
    proved(&report)
}

async fn write(way: &Way<'_>, args: &Args) -> Result<Report, CommandError> {
    let hint = "galactl status tells how the cluster is";
    let began = Instant::now();
    let ledger = Ledger::open(way, args.rate, began).await;
    let ledger = ledger.map_err(|error| CommandError::error(error.message).hint(hint))?;
    Printer::remark(&format!("writing for {} s; Ctrl-C ends it early", args.seconds));
    let until = tokio::time::sleep(Duration::from_secs(args.seconds));
    tokio::select! {
        () = until => {}
        _ = tokio::signal::ctrl_c() => {}
    }
    let report = ledger.close(way, &Timeline::default()).await;
    report.map_err(|error| CommandError::error(error.message))
}

fn sockets(observation: &Observation) -> BTreeMap<NodeName, String> {
    observation.seen().map(|(node, facts)| (node.clone(), facts.socket.clone())).collect()
}

fn show(report: &Report, format: Format) {
    match format {
        Format::Text => Printer::data(&report.text()),
        Format::Json => JsonEvents::line(&Told { ledger: report }),
    }
}

#[derive(Serialize)]
struct Told<'a> {
    ledger: &'a Report,
}

/// Errors: a confirmed row is missing.
fn proved(report: &Report) -> Result<End, CommandError> {
    if !report.lost_any() {
        return Ok(End::Done);
    }
    let lost: Vec<_> =
        report.lost.iter().map(|lost| format!("{} lacks {}", lost.node, lost.rows.len())).collect();
    Err(CommandError::error(format!("confirmed rows are lost: {}", lost.join(", ")))
        .hint("galactl doctor tells what is wrong with the nodes; change nothing more before that is clear"))
}

/// A ledger beside a plan that is carried out.
pub struct Beside {
    recorder: Arc<Recorder>,
    ledger: Option<Ledger>,
}

impl Beside {
    /// Notes what the run tells.
    pub fn new(next: Arc<dyn Reporter>) -> Self {
        Self { recorder: Arc::new(Recorder::new(next)), ledger: None }
    }

    pub fn reporter(&self) -> Arc<dyn Reporter> {
        Arc::clone(&self.recorder) as Arc<dyn Reporter>
    }

    /// Begins to write. Nothing else has been done yet.
    ///
    /// Errors: there is nowhere to write to.
    pub async fn begin(&mut self, context: &Context) -> Result<(), CommandError> {
        let ledger = Ledger::open(&way(context), RATE, self.recorder.began).await;
        let hint = "nothing was changed; without --ledger, the command goes on without this proof";
        self.ledger = Some(ledger.map_err(|error| CommandError::error(error.message).hint(hint))?);
        Ok(())
    }

    /// Ends the ledger and shows its account.
    ///
    /// Errors: a confirmed row is missing.
    pub async fn end(self, context: &Context, format: Format) -> Result<(), CommandError> {
        let Some(ledger) = self.ledger else { return Ok(()) };
        let report = ledger.close(&way(context), &self.recorder.timeline()).await;
        let report = report.map_err(|error| CommandError::error(error.message))?;
        show(&report, format);
        proved(&report).map(drop)
    }
}

fn way(context: &Context) -> Way<'_> {
    let sockets = context.places.iter().map(|(node, place)| (node.clone(), place.socket.clone()));
    Way { inventory: &context.inventory, fleet: &context.fleet, sockets: sockets.collect() }
}
