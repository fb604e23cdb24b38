//! `galactl load`.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;

use super::args::{ResultArgs, SourceArgs};
use super::inputs::Inputs;
use super::{files, look};
use crate::exit::{CommandError, End, Kind};
use crate::galera::facts::ServerAnswer;
use crate::galera::guest::act::Way;
use crate::galera::inventory::Inventory;
use crate::galera::judge::room::LEAST_DATA;
use crate::galera::load::Report;
use crate::galera::load::act::{Order, carry_out, sysbench};
use crate::galera::load::layout::Layout;
use crate::galera::load::own::Own;
use crate::galera::load::report::Asked;
use crate::galera::load::sysbench::{QUEUE, Test};
use crate::galera::load::workload::Workload;
use crate::galera::observation::Observation;
use crate::galera::observe;
use crate::kernel::inventory::text::LONGEST_TEXT;
use crate::kernel::judge::PLACE;
use crate::kernel::model::words::{bytes, names};
use crate::kernel::model::{NodeName, Secrets};
use crate::kernel::random;
use crate::kernel::run::event::{Event, FailureKind, Reporter};
use crate::kernel::run::interrupt::Interrupt;
use crate::kernel::run::step_error::StepError;
use crate::ui::load::{Bar, html, text};
use crate::ui::{Format, JsonEvents, Printer};

/// Bytes that each second of a run may add to a data directory, for each transaction: row, undo, redo, write-set.
const BYTES_OF_A_TRANSACTION: u64 = 4 << 10;
/// The same of a row that is made.
const BYTES_OF_A_ROW: u64 = 1 << 10;
/// Transactions a second, where nobody says how many.
const USUAL_RATE: u32 = 1000;
/// So many sysbench may make at most, for the room that they need.
const OF_SYSBENCH: u32 = 5000;

/// Put a load on the cluster, and tell what it takes, where transactions conflict, and how many writers pay
///
/// galactl's own clients change rows in a database of their own, with an account of their own, for so many seconds and
/// at most at the given rate. They repeat what error 1213 rolls back. The report has throughput and latency by node,
/// certification failures, aborts, flow control and stalls, and from the servers' logs the tables and rows at which
/// transactions met. Ctrl-C ends it early. All that was made is removed at the end, or, where galactl was killed, by
/// the next load test.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galactl load shop.yaml --workload hot            all nodes write, few rows are hot
  galactl load shop.yaml --compare                 one writer, two, three, and regions
  galactl load shop.yaml --statements orders.sql   your own transactions
  galactl load shop.yaml --workload oltp_read_write --compare   sysbench's, which must be installed on this machine
  galactl load shop.yaml --check                   count stale reads and lost updates, too
  galactl load shop.yaml --compare --report load.html")]
pub struct Args {
    /// Which rows which nodes change
    #[arg(long, value_enum, default_value = "any")]
    workload: Kinds,
    /// Take the transactions from this file; the how-to says how it is written
    #[arg(long, value_name = "FILE")]
    statements: Option<PathBuf>,
    /// Nodes that take writes. Default: one for `single`, else all
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=64))]
    writers: Option<u32>,
    /// Clients, all together
    #[arg(long, default_value_t = 6, value_parser = clap::value_parser!(u32).range(1..=100))]
    clients: u32,
    /// Seconds of each run
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=3600))]
    seconds: u64,
    /// Most transactions a second, of all clients together. Default: 1000; with sysbench as many as there are
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    rate: Option<u32>,
    /// Rows of the table that is changed all over
    #[arg(long, default_value_t = 1000, value_parser = clap::value_parser!(u64).range(10..=1_000_000))]
    rows: u64,
    /// Where clients connect to
    #[arg(long, value_enum, default_value = "nodes", conflicts_with_all = ["writers", "compare"])]
    through: Through,
    /// Begins the sequence of random numbers: the same seed, the same transactions. Default: another one each time
    #[arg(long)]
    seed: Option<u64>,
    /// Run layouts one after the other: one writer, two and so on, then each node its own rows
    #[arg(long)]
    compare: bool,
    /// Count stale reads and lost updates as well
    #[arg(long)]
    check: bool,
    /// Also where a node of the inventory is missing
    #[arg(long)]
    degraded: bool,
    /// Write the report to this file, as HTML that needs nothing else
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    #[command(flatten)]
    result: ResultArgs,
    #[command(flatten)]
    source: SourceArgs,
}

/// Workloads that are built in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Kinds {
    /// One node writes, two rows a transaction
    Single,
    /// All nodes write any row, two rows a transaction
    Any,
    /// Each node writes rows of its own
    Region,
    /// All nodes write, and most transactions change one of few rows
    Hot,
    /// sysbench's own, on all nodes, as the following ones: deletes rows
    #[value(name = "oltp_delete")]
    OltpDelete,
    /// Inserts rows
    #[value(name = "oltp_insert")]
    OltpInsert,
    /// Reads one row
    #[value(name = "oltp_point_select")]
    OltpPointSelect,
    /// Reads rows and ranges
    #[value(name = "oltp_read_only")]
    OltpReadOnly,
    /// Reads, and changes four rows a transaction
    #[value(name = "oltp_read_write")]
    OltpReadWrite,
    /// Changes an indexed column
    #[value(name = "oltp_update_index")]
    OltpUpdateIndex,
    /// Changes a column without an index
    #[value(name = "oltp_update_non_index")]
    OltpUpdateNonIndex,
    /// Changes four rows a transaction
    #[value(name = "oltp_write_only")]
    OltpWriteOnly,
}

impl Kinds {
    /// What sysbench calls it.
    fn test(self) -> Option<Test> {
        Some(Test(match self {
            Self::Single | Self::Any | Self::Region | Self::Hot => return None,
            Self::OltpDelete => "oltp_delete",
            Self::OltpInsert => "oltp_insert",
            Self::OltpPointSelect => "oltp_point_select",
            Self::OltpReadOnly => "oltp_read_only",
            Self::OltpReadWrite => "oltp_read_write",
            Self::OltpUpdateIndex => "oltp_update_index",
            Self::OltpUpdateNonIndex => "oltp_update_non_index",
            Self::OltpWriteOnly => "oltp_write_only",
        }))
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Through {
    /// The nodes themselves
    Nodes,
    /// The proxies' port for writes
    Endpoint,
}

pub fn run(args: &Args) -> Result<End, CommandError> {
    let inputs = args.source.read()?;
    let order = order(args, &inputs.inventory)?;
    args.report.as_deref().map_or(Ok(()), has_a_folder)?;
    let report =
        look::run(measured(args, &inputs, &order)).map_err(|error| error.settled(&inputs.invocation()))?;
    match args.result.output {
        Format::Text => Printer::data(&text(&report, Printer::width_of_data())),
        Format::Json => JsonEvents::line(&report),
    }
    if let Some(file) = &args.report {
        std::fs::write(file, html(&report)).with_context(|| file.display().to_string())?;
        Printer::remark(&format!("the report is in {}", file.display()));
    }
    if !report.left.is_empty() {
        return Err(left(&report.left).settled(&inputs.invocation()));
    }
    match report.runs.iter().any(|run| run.commits > 0) {
        true => Ok(End::Done),
        false => Err(CommandError::error("no transaction was committed, so nothing was measured")),
    }
}

async fn measured(args: &Args, inputs: &Inputs, order: &Order) -> Result<Report, CommandError> {
    let inventory = &inputs.inventory;
    let fleet = look::connect(inventory.hosts(), &inputs.base).await?;
    let observation = observe::ask(inventory, &fleet).await.observation(&Secrets::default());
    let outcome = match fit(args, inventory, &observation) {
        Ok(()) => {
            let sockets =
                observation.seen().map(|(node, facts)| (node.clone(), facts.socket.clone())).collect();
            let way = Way { inventory, fleet: &fleet, sockets };
            let reporter: Arc<dyn Reporter> = Arc::new(EndsEarly);
            let interrupt = Interrupt::listen(&reporter).context("signals")?;
            let bar = Bar::default();
            let told = carry_out(&way, order, &interrupt, &|progress| bar.show(&progress)).await;
            told.map_err(failed)
        }
        Err(error) => Err(error),
    };
    fleet.close().await;
    outcome
}

/// The load test has told all, and could not clean up.
fn left(left: &[String]) -> CommandError {
    CommandError::error(format!("the load test has left something on the cluster:\n{}", left.join("\n")))
        .hint(format!("galactl load {PLACE} --seconds 1 removes it as soon as all nodes answer"))
}

/// A statement that the server refused says all by itself; for the rest, the cluster is to be looked at.
fn failed(error: StepError) -> CommandError {
    if !error.left.is_empty() {
        let all = left(&error.left);
        return CommandError { message: format!("{}\n{}", error.message, all.message), ..all };
    }
    let whole = CommandError::error(error.message);
    match error.kind {
        FailureKind::Surprise => whole,
        _ => whole.hint(format!("galactl status {PLACE} tells how the cluster is")),
    }
}

/// Says that Ctrl-C was understood.
struct EndsEarly;

impl Reporter for EndsEarly {
    fn event(&self, event: &Event) {
        if matches!(event, Event::InterruptRequested) {
            Printer::narrate("ending early: what was made is removed. Ctrl-C again ends galactl at once");
        }
    }
}

/// Errors: the statements cannot be read, or the inventory has no endpoint.
fn order(args: &Args, inventory: &Inventory) -> Result<Order, CommandError> {
    let through_endpoint = args.through == Through::Endpoint;
    if through_endpoint && inventory.endpoint.is_none() {
        return Err(CommandError::error("the inventory has no endpoint")
            .hint("leave --through out: clients connect to the nodes"));
    }
    if through_endpoint && args.workload == Kinds::Region {
        return Err(CommandError::error(
            "a proxy sends clients to whichever node takes writes, so no node has rows of its own",
        )
        .hint("--workload any --through endpoint, or --workload region without the endpoint"));
    }
    if args.compare && [Kinds::Single, Kinds::Region].contains(&args.workload) {
        return Err(CommandError::error(
            "--compare runs one writer, several, and regions by itself, so --workload single or region says nothing",
        )
        .hint("--compare, or --compare --workload hot"));
    }
    if let Some(test) = args.workload.test().filter(|_| args.statements.is_none()) {
        with_sysbench(args, test)?;
    }
    let all = inventory.nodes.len();
    let writers = args.writers.map_or(all, |writers| (writers as usize).min(all));
    let layouts = match (args.compare, args.workload) {
        // sysbench knows no regions.
        (true, kind) if kind.test().is_some() => {
            Layout::compared(writers).into_iter().filter(|layout| !layout.regions).collect()
        }
        (true, _) => Layout::compared(writers),
        (false, Kinds::Single) => {
            vec![Layout { writers: args.writers.map_or(1, |_| writers), regions: false }]
        }
        (false, kind) => vec![Layout { writers, regions: kind == Kinds::Region }],
    };
    let (name, workload) = match (&args.statements, args.workload) {
        (Some(file), _) => (file.display().to_string(), Workload::Own(own(file)?)),
        (None, Kinds::Hot) => ("hot".into(), Workload::Hot),
        (None, kind) => match kind.test() {
            Some(test) => (format!("{} of sysbench", test.0), Workload::Sysbench(test)),
            None => (format!("{kind:?}").to_lowercase(), Workload::Spread),
        },
    };
    let usual = (!matches!(workload, Workload::Sysbench(_))).then_some(USUAL_RATE);
    let asked = Asked {
        workload: name,
        clients: args.clients as usize,
        seconds: args.seconds,
        rate: args.rate.or(usual),
        rows: args.rows,
        seed: args.seed.unwrap_or_else(some_seed),
    };
    Ok(Order { asked, workload, layouts, through_endpoint, check: args.check })
}

/// Errors: sysbench is missing, or it would end before its time.
fn with_sysbench(args: &Args, test: Test) -> Result<(), CommandError> {
    sysbench::is_installed().map_err(|why| {
        CommandError::error(format!("{}: {why}", test.0))
            .hint("apt install sysbench; the other workloads need nothing")
    })?;
    let queued = args.rate.map_or(0, |rate| u64::from(rate).saturating_mul(args.seconds));
    match queued > QUEUE {
        true => Err(CommandError::error(format!(
            "sysbench ends where {QUEUE} transactions wait for their turn, and {} s at this rate are {queued}",
            args.seconds
        ))
        .hint("leave --rate out: sysbench then makes as many as there are; or take fewer --seconds")),
        false => Ok(()),
    }
}

/// A path that cannot be written is told before the load, and not after it.
fn has_a_folder(file: &Path) -> Result<(), CommandError> {
    let folder = std::path::absolute(file).context("the path of --report")?;
    match folder.parent().is_some_and(Path::is_dir) {
        true => Ok(()),
        false => Err(CommandError::error(format!("{}: there is no such folder", file.display()))),
    }
}

/// Short enough to be typed again.
fn some_seed() -> u64 {
    let mut bytes = [0; 2];
    random::fill(&mut bytes);
    u64::from(u16::from_le_bytes(bytes))
}

fn own(file: &Path) -> Result<Own, CommandError> {
    let text = files::read_text(file, LONGEST_TEXT as u64).with_context(|| file.display().to_string())?;
    Own::parse(&text).map_err(|why| {
        CommandError::error(format!("{}: {why}", file.display()))
            .hint("a line `-- setup` begins what is run once, a line `-- transaction` a transaction; each statement ends with `;`")
    })
}

/// Refuses where the cluster takes no writes, where it is not whole, and where a disk has no room.
fn fit(args: &Args, inventory: &Inventory, observation: &Observation) -> Result<(), CommandError> {
    let synced = |node: &NodeName| {
        observation.facts(node).is_some_and(|facts| {
            matches!(&facts.server_answer, ServerAnswer::Live(live) if live.is_primary() && live.is_synced())
        })
    };
    let missing: Vec<_> =
        inventory.nodes.iter().map(|node| &node.name).filter(|node| !synced(node)).collect();
    let refused = |message: String| CommandError::new(Kind::Refused, message);
    if missing.len() == inventory.nodes.len() {
        return Err(refused("no member is Synced, so the cluster takes no writes".into()).hint(format!(
            "galactl status {PLACE} tells how it is; galactl recover {PLACE} starts a cluster that is down"
        )));
    }
    if !missing.is_empty() && !args.degraded {
        let message = format!("the cluster is degraded: {} no Synced member", are(&missing));
        return Err(
            refused(message).hint("with --degraded, the load is put on the others; nothing was changed")
        );
    }
    let layouts = if args.compare { inventory.nodes.len() as u64 + 1 } else { 1 };
    let usual = if args.workload.test().is_some() { OF_SYSBENCH } else { USUAL_RATE };
    let transactions =
        u64::from(args.rate.unwrap_or(usual)).saturating_mul(args.seconds).saturating_mul(layouts);
    let needed =
        LEAST_DATA + transactions.saturating_mul(BYTES_OF_A_TRANSACTION) + args.rows * BYTES_OF_A_ROW;
    for (node, facts) in observation.seen() {
        let room = &facts.datadir;
        if room.free < needed {
            let message = format!(
                "{node} has {} free in {}, and the load may take {}",
                bytes(room.free),
                room.path,
                bytes(needed)
            );
            return Err(refused(message)
                .hint("make room there, or take fewer --seconds, a lower --rate, or fewer --rows"));
        }
    }
    Ok(())
}

fn are(nodes: &[&NodeName]) -> String {
    format!("{} {}", names(nodes, "and"), if nodes.len() == 1 { "is" } else { "are" })
}
