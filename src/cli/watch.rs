//! `galactl watch`

mod looked;
mod of_galera;
mod of_mesh;
mod of_patroni;

use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::args::SourceArgs;
use super::engine::{Mesh, Name, Patroni};
use crate::exit::{CommandError, End, Kind};
use crate::kernel::transport::Fleet;
use crate::kernel::watch::{Line, Tone};
use crate::ui::{Printer, Screen};

/// How long to wait until connections are closed: those to hosts that hang are left.
const CLOSED_WITHIN: Duration = Duration::from_secs(2);

/// Watch the whole cluster in the terminal, with its last minutes
///
/// Shows what `galactl status` shows, again and again, and changes nothing. A node that hangs is shown as
/// it was, with its age. `q`, Esc or Ctrl-C leaves, and the terminal is as it was. Without a terminal a
/// status with its time is printed at every interval, until it is interrupted.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galactl watch shop.yaml                 q leaves
  galactl watch shop.yaml --interval 10   scan every 10 s")]
pub struct Args {
    /// Seconds between two scans of a node
    #[arg(long, value_name = "SECONDS", default_value_t = 2, value_parser = clap::value_parser!(u64).range(1..=3600))]
    interval: u64,
    /// Draw with ASCII only; the default where the locale is not UTF-8
    #[arg(long)]
    ascii: bool,
    #[command(flatten)]
    source: SourceArgs,
}

/// How it is watched.
#[derive(Clone, Copy)]
struct Options {
    /// Seconds.
    every: u64,
    ascii: bool,
}

pub fn run(args: &Args) -> Result<End, CommandError> {
    let options = Options { every: args.interval, ascii: args.ascii || !Printer::shows_utf8() };
    let source = args.source.source()?;
    match source.engine()? {
        Name::Galera => of_galera::run(args.source.inputs(&source)?, options),
        Name::Patroni => of_patroni::run(args.source.inputs::<Patroni>(&source)?, options),
        Name::Mesh => of_mesh::run(args.source.inputs::<Mesh>(&source)?, options),
    }
}

/// Columns and lines.
struct Size {
    width: usize,
    height: usize,
}

/// A cluster that is watched: everything that was seen until now.
trait Watched {
    /// What one host told.
    type News;

    fn take(&mut self, news: Self::News);
    /// There is enough for a first picture.
    fn is_ready(&self) -> bool;
    /// Nodes that were heard, and all.
    fn heard(&self) -> [usize; 2];
    /// Seconds between two samples.
    fn every(&self) -> u64;
    /// One more sample of every node for the histories.
    fn sample(&mut self) -> Result<(), CommandError>;
    /// The whole terminal.
    fn lines(&self, size: Size, clock: &str) -> Result<Vec<Line>, CommandError>;
    /// A block of text for a log.
    fn block(&mut self) -> Result<String, CommandError>;
}

/// Shows the cluster, and ends what asks its hosts.
async fn follow<W: Watched>(
    watched: W,
    (mut tasks, news): (JoinSet<()>, UnboundedReceiver<W::News>),
    fleet: Arc<Fleet>,
) -> Result<End, CommandError> {
    let outcome = show(watched, news).await;
    tasks.shutdown().await;
    if let Some(fleet) = Arc::into_inner(fleet) {
        let _ = timeout(CLOSED_WITHIN, fleet.close()).await;
    }
    outcome
}

/// Shows the cluster until the user leaves or a signal comes.
async fn show<W: Watched>(mut watched: W, mut news: UnboundedReceiver<W::News>) -> Result<End, CommandError> {
    let mut signals = Signals::listen().context("signals")?;
    let (screen, mut keys) = match Printer::shows_on_terminal() {
        true => Screen::take().map(|(screen, keys)| (Some(screen), Some(keys))).context("the terminal")?,
        false => (None, None),
    };
    let mut seconds = interval(Duration::from_secs(1));
    seconds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // Seconds since the last sample; the first one is due at once.
    let mut waited = watched.every();
    loop {
        tokio::select! {
            Some(news) = news.recv() => {
                watched.take(news);
                continue;
            }
            _ = seconds.tick() => waited += 1,
            _ = signals.resized.recv() => {}
            Some(()) = key(keys.as_mut()) => return Ok(End::Done),
            _ = signals.interrupt.recv() => return Ok(End::Done),
            _ = signals.terminate.recv() => return Err(ended()),
            _ = signals.hangup.recv() => return Err(ended()),
        }
        let due = waited >= watched.every() && watched.is_ready();
        if due {
            waited = 0;
            watched.sample()?;
        }
        match &screen {
            Some(screen) => draw(&watched, screen)?,
            None if due && !print(&mut watched)? => return Ok(End::Done),
            None => {}
        }
    }
}

fn draw(watched: &impl Watched, screen: &Screen) -> Result<(), CommandError> {
    let (width, height) = screen.size();
    let clock = jiff::Timestamp::now().strftime("%H:%M:%S UTC").to_string();
    let lines = if watched.is_ready() {
        watched.lines(Size { width, height }, &clock)?
    } else {
        let [heard, nodes] = watched.heard();
        let text = format!("{clock}, {heard} of {nodes} nodes scanned; q leaves");
        vec![Line { text, tone: Tone::Faint }]
    };
    Ok(screen.draw(&lines, height).context("the terminal")?)
}

/// A block of text for a log. False: its reader went away.
fn print(watched: &mut impl Watched) -> Result<bool, CommandError> {
    let now = jiff::Timestamp::now().strftime("%Y-%m-%d %H:%M:%S UTC");
    let block = format!("{now}\n{}\n", watched.block()?);
    match Printer::draw(&block) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
        drawn => Ok(drawn.map(|()| true).context("standard output")?),
    }
}

async fn key(keys: Option<&mut UnboundedReceiver<()>>) -> Option<()> {
    match keys {
        Some(keys) => keys.recv().await,
        None => std::future::pending().await,
    }
}

fn ended() -> CommandError {
    CommandError::new(Kind::Interrupted, "ended by a signal")
}

struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hangup: Signal,
    resized: Signal,
}

impl Signals {
    fn listen() -> std::io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
            resized: signal(SignalKind::window_change())?,
        })
    }
}
