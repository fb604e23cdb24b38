//! `galactl ledger`, and the ledger beside a changing command.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Serialize;

use super::args::{ResultArgs, SourceArgs};
use super::look;
use crate::exit::{CommandError, End};
use crate::galera::act::Context;
use crate::galera::guest::act::Way;
use crate::galera::inventory::Inventory;
use crate::galera::ledger::Report;
use crate::galera::ledger::act::{Ledger, Recorder};
use crate::galera::ledger::report::Lost;
use crate::galera::ledger::timeline::Timeline;
use crate::galera::observation::Observation;
use crate::galera::observe;
use crate::kernel::judge::PLACE;
use crate::kernel::model::{NodeName, Secrets};
use crate::kernel::run::event::Reporter;
use crate::kernel::transport::Fleet;
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
        let fleet = look::connect(inventory.hosts(), &inputs.base).await?;
        let observation = observe::ask(inventory, &fleet).await.observation(&Secrets::default());
        let way = Way { inventory, fleet: &fleet, sockets: sockets(&observation) };
        let report = match write(&way, args).await {
            Ok(ledger) => {
                // Hosts may have been rebooted meanwhile, or cut off: they are asked over new connections. Where there
                // are none, the old ones still end the writer and remove what it has made.
                let again = look::connect(inventory.hosts(), &inputs.base).await;
                let again = again.ok().filter(|again| !again.hosts().is_empty());
                let report = closed(ledger, &Way { fleet: again.as_ref().unwrap_or(&fleet), ..way }).await;
                if let Some(again) = again {
                    again.close().await;
                }
                report
            }
            Err(error) => Err(error.settled(&inputs.invocation())),
        };
        fleet.close().await;
        report
    })?;
    show(&report, args.result.output);
    proved(&report).map_err(|error| error.settled(&inputs.invocation()))
}

/// Writes for as long as the arguments say.
async fn write(way: &Way<'_>, args: &Args) -> Result<Ledger, CommandError> {
    let hint = format!("galactl status {PLACE} tells how the cluster is");
    let began = Instant::now();
    let ledger = Ledger::open(way, args.rate, began).await;
    let ledger = ledger.map_err(|error| CommandError::error(error.message).hint(hint))?;
    Printer::remark(&format!("writing for {} s; Ctrl-C ends it early", args.seconds));
    let until = tokio::time::sleep(Duration::from_secs(args.seconds));
    tokio::select! {
        () = until => {}
        _ = tokio::signal::ctrl_c() => {}
    }
    Ok(ledger)
}

async fn closed(ledger: Ledger, way: &Way<'_>) -> Result<Report, CommandError> {
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

/// Errors: a confirmed row is missing, or nothing is proved.
fn proved(report: &Report) -> Result<End, CommandError> {
    if report.lost_any() {
        let lack = |lost: &Lost| format!("{} lacks {}", lost.node, lost.rows.len());
        let lost: Vec<_> = report.lost.iter().map(lack).collect();
        let error = CommandError::error(format!("confirmed rows are lost: {}", lost.join(", ")));
        return Err(error.hint(format!(
            "galactl doctor {PLACE} tells what is wrong with the nodes; change nothing more before that is clear"
        )));
    }
    if report.proves() {
        return Ok(End::Done);
    }
    let why = if report.confirmed == 0 { "no write was confirmed" } else { "no node could be read" };
    Err(CommandError::error(format!("the ledger proves nothing: {why}")).hint(format!(
        "galactl status {PLACE} tells how the cluster is; the errors above tell what the writer was told"
    )))
}

/// A ledger beside a plan that is carried out.
pub struct Beside {
    ledger: Ledger,
    began: Instant,
    recorder: Option<Arc<Recorder>>,
}

impl Beside {
    /// Begins to write, before the plan's first step.
    ///
    /// Errors: there is nowhere to write to.
    pub async fn begin(
        inventory: &Inventory,
        fleet: &Fleet,
        observation: &Observation,
    ) -> Result<Self, CommandError> {
        let began = Instant::now();
        let way = Way { inventory, fleet, sockets: sockets(observation) };
        let hint = "nothing of the plan was done; without --ledger, the command goes on without this proof";
        let ledger = Ledger::open(&way, RATE, began).await;
        let ledger = ledger.map_err(|error| CommandError::error(error.message).hint(hint))?;
        Ok(Self { ledger, began, recorder: None })
    }

    /// Notes which steps are under way, and hands every event on.
    pub fn recorder(&mut self, next: Arc<dyn Reporter>) -> Arc<dyn Reporter> {
        let recorder = Arc::new(Recorder::new(self.began, next));
        self.recorder = Some(Arc::clone(&recorder));
        recorder
    }

    /// Ends the ledger and shows its report.
    ///
    /// Errors: a confirmed row is missing, or nothing is proved.
    pub async fn end(self, context: &Context, format: Format) -> Result<(), CommandError> {
        let sockets = context.places.iter().map(|(node, place)| (node.clone(), place.socket.clone()));
        let way = Way { inventory: &context.inventory, fleet: &context.fleet, sockets: sockets.collect() };
        let timeline = self.recorder.map(|recorder| recorder.timeline()).unwrap_or_default();
        let report = self.ledger.close(&way, &timeline).await;
        let report = report.map_err(|error| CommandError::error(error.message))?;
        show(&report, format);
        proved(&report).map(drop)
    }
}
