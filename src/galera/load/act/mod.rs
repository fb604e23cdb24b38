//! The load test at work.

mod check;
mod client;
mod connection;
mod logs;
mod looks;
mod reach;
mod room;
mod run;
mod settings;
mod stay;
mod sweep;
pub mod sysbench;

use std::time::Duration;

use super::layout::Layout;
use super::report::{Asked, Report};
use super::workload::{Rows, Workload};
use crate::galera::guest::act::Way;
use crate::kernel::run::interrupt::Interrupt;
use crate::kernel::run::step_error::StepError;
use reach::Target;
use run::Running;
use stay::Stay;

/// What is to be measured.
pub struct Order {
    pub asked: Asked,
    pub workload: Workload,
    pub layouts: Vec<Layout>,
    /// Clients connect to the proxies.
    pub through_endpoint: bool,
    /// Stale reads and lost updates are counted, too.
    pub check: bool,
}

/// What is under way, for the display.
pub enum Progress<'a> {
    Note(&'a str),
    RunBegins { name: &'a str, span: Duration },
    Running { so_far: Duration, commits: u64 },
    RunEnds,
}

/// Who is told.
pub type Told<'a> = &'a (dyn Fn(Progress<'_>) + Send + Sync);

/// Carries an order out, and removes all that was made for it.
///
/// Errors: the cluster takes no writes, another load test is at work, or tables cannot be made.
pub async fn carry_out(
    way: &Way<'_>,
    order: &Order,
    interrupt: &Interrupt,
    told: Told<'_>,
) -> Result<Report, StepError> {
    let server = way.member().await.ok_or_else(|| {
        StepError::new("a load test needs a cluster that takes writes, and no member is Synced")
    })?;
    for note in sweep::sweep(way, &server).await? {
        told(Progress::Note(&note));
    }
    room::for_connections(way, order).await?;
    let regions = way.inventory.nodes.len() as u64;
    let rows = Rows { count: order.asked.rows, regions, region: None };
    let stay = Stay::begin(way, &order.workload, rows).await?;
    let measured = measure(way, order, &stay, rows, interrupt, told).await;
    let left = stay.end(way).await;
    match measured {
        Ok(report) => Ok(Report { left, ..report }),
        Err(error) => Err(left.into_iter().fold(error, StepError::left)),
    }
}

async fn measure(
    way: &Way<'_>,
    order: &Order,
    stay: &Stay,
    rows: Rows,
    interrupt: &Interrupt,
    told: Told<'_>,
) -> Result<Report, StepError> {
    let targets = match order.through_endpoint {
        true => {
            let tls = !matches!(order.workload, Workload::Sysbench(_));
            reach::proxies(way, &stay.guest, tls).await?
        }
        false => reach::nodes(way, &stay.guest).await,
    };
    if targets.is_empty() {
        return Err(StepError::new("no client can log in on a node, so nothing can be measured"));
    }
    if let (Workload::Sysbench(test), Some(target)) = (&order.workload, targets.first()) {
        told(Progress::Note(&format!("{} makes its table of {} rows", test.0, order.asked.rows)));
        sysbench::prepare(*test, &order.asked, &target.route, &stay.guest, interrupt).await?;
        way.applied().await;
    }
    logs::have_room(way, &order.asked).await?;
    for node in &way.inventory.nodes {
        if let Some(server) = way.serving(&node.name).await {
            settings::switch_on(&server, &node.name, &stay.guest.name).await?;
        }
    }
    let mut runs = Vec::new();
    for layout in possible(&order.layouts, targets.len()) {
        if interrupt.requested() {
            break;
        }
        let running = Running { way, order, guest: &stay.guest, rows, layout };
        runs.push(running.run(&targets, interrupt, told).await);
    }
    let checked = match order.check {
        // Not through a proxy: a check is one of nodes.
        true if order.through_endpoint => {
            Some(check::count(&stay.guest, &reach::nodes(way, &stay.guest).await, interrupt).await)
        }
        true => Some(check::count(&stay.guest, &targets, interrupt).await),
        false => None,
    };
    let (checked, not_checked) = match checked {
        Some(Ok(checked)) => (Some(checked), None),
        Some(Err(why)) => (None, Some(why)),
        None => (None, None),
    };
    let mut report = Report {
        cluster: way.inventory.cluster.to_string(),
        asked: order.asked.clone(),
        reached: targets.iter().map(Target::reached).collect(),
        runs,
        checked,
        not_checked,
        advice: Vec::new(),
        interrupted: interrupt.requested(),
        left: Vec::new(),
    };
    report.advice = super::advice::of(&report, way.inventory);
    Ok(report)
}

/// The layouts with no more writers than there are, each once.
fn possible(layouts: &[Layout], writers: usize) -> Vec<Layout> {
    let fewer = |layout: &Layout| Layout { writers: layout.writers.min(writers), ..*layout };
    let mut layouts: Vec<_> = layouts.iter().map(fewer).collect();
    layouts.dedup();
    layouts
}
