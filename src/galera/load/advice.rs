//! What the figures say, in sentences.

use super::check::Checked;
use super::conflicts::Met;
use super::report::{Node, Report, Run};
use crate::galera::doctor::gcache::enough;
use crate::galera::inventory::Inventory;
use crate::kernel::model::words::{bytes, count, names, span};

/// Layouts that are closer than this commit equally fast: two runs of one layout differ as much.
const NOTHING: f64 = 1.1;
/// A run that comes so near to the rate that was asked for was held there.
const HELD: f64 = 0.95;
/// A row is hot at which one conflict of so many happens.
const HOT: u64 = 5;

/// The sentences about a report whose own are not written yet.
pub fn of(report: &Report, inventory: &Inventory) -> Vec<String> {
    let mut told = Vec::new();
    told.extend(gone(report));
    told.extend(held(report));
    told.extend(writers(report));
    told.extend(regions(report));
    told.extend(tables(&report.runs));
    told.extend(retries(&report.runs));
    told.extend(flow_control(report, inventory));
    told.extend(gcache(report, inventory));
    told.extend(report.checked.iter().flat_map(checked));
    told.extend(report.not_checked.clone());
    told
}

/// Nodes that gave no answer or were no Synced members for a part of a run.
fn gone(report: &Report) -> Vec<String> {
    let mut told = Vec::new();
    for run in &report.runs {
        for Node { node, counters } in &run.nodes {
            let Some(at) = counters.gone_at else { continue };
            let began = match at < 1.0 {
                true => "when the run began".to_owned(),
                false => format!("from second {at:.0} on"),
            };
            let end = match counters.back {
                true => "and was Synced again at the end",
                false => "and so it was at the end",
            };
            told.push(format!(
                "{}: {node} gave no answer or was not Synced {began}, {end}. The figures of this run are those of a fault.",
                run.name
            ));
        }
    }
    told
}

/// Clients have waited for their turn, and so the figure is that of `--rate`.
fn is_held(report: &Report, run: &Run) -> bool {
    run.rate >= HELD * f64::from(report.asked.rate)
}

fn held(report: &Report) -> Option<String> {
    let held: Vec<_> = report.runs.iter().filter(|run| is_held(report, run)).map(|run| &run.name).collect();
    (!held.is_empty()).then(|| {
        format!(
            "Clients were held at {} transactions a second (--rate): {}. A higher rate shows what the cluster can do.",
            report.asked.rate,
            names(&held, "and")
        )
    })
}

/// Why these runs say nothing about each other: one was held at the rate, was cut short or saw a fault.
#[allow(clippy::cast_precision_loss, reason = "at most an hour in seconds")]
fn not_compared(report: &Report, runs: &[&Run]) -> Option<String> {
    let those = |is: &dyn Fn(&Run) -> bool| {
        let found: Vec<_> = runs.iter().filter(|run| is(run)).map(|run| &run.name).collect();
        (!found.is_empty()).then(|| names(&found, "and"))
    };
    let whole = HELD * report.asked.seconds as f64;
    if let Some(held) = those(&|run| is_held(report, run)) {
        return Some(format!("clients were held at the rate ({held}). Raise --rate and run it again"));
    }
    if let Some(short) = those(&|run| run.seconds < whole) {
        return Some(format!("it was ended early ({short})"));
    }
    let gone = those(&|run| run.nodes.iter().any(|node| node.counters.gone_at.is_some()))?;
    Some(format!("a node was away ({gone})"))
}

fn writers(report: &Report) -> Option<String> {
    let any: Vec<_> = report.runs.iter().filter(|run| !run.layout.regions).collect();
    let one = any.iter().find(|run| run.layout.writers == 1)?;
    let best = any.iter().filter(|run| run.layout.writers > 1).max_by(|a, b| a.rate.total_cmp(&b.rate))?;
    if let Some(why) = not_compared(report, &any) {
        return Some(format!("Whether more writers pay cannot be told: {why}."));
    }
    let figures =
        format!("{} commits {:.0} a second, {} commit {:.0}", one.name, one.rate, best.name, best.rate);
    Some(match best.rate > one.rate * NOTHING {
        true => format!("More writers pay: {figures}. Each of them must repeat what error 1213 rolls back."),
        false => format!("More writers do not pay: {figures}. Let one node take the writes."),
    })
}

fn regions(report: &Report) -> Option<String> {
    let split = report.runs.iter().find(|run| run.layout.regions)?;
    let same = |run: &&Run| !run.layout.regions && run.layout.writers == split.layout.writers;
    let any = report.runs.iter().find(same)?;
    if let Some(why) = not_compared(report, &[any, split]) {
        return Some(format!(
            "Whether rows that belong to one node each bring something cannot be told: {why}."
        ));
    }
    let figures = format!(
        "{:.0} commits a second and {}, where any node writes any row {:.0} and {}",
        split.rate,
        count(usize::try_from(split.cert_failures).unwrap_or(usize::MAX), "certification failure"),
        any.rate,
        any.cert_failures
    );
    Some(match split.rate > any.rate * NOTHING {
        true => format!("Rows that belong to one node each bring something: {figures}."),
        false => format!("Rows that belong to one node each bring no throughput here: {figures}."),
    })
}

/// The place where most transactions met; or the table, where no row of it stands out.
fn tables(runs: &[Run]) -> Option<String> {
    let of = |met: &Met| met.between_nodes + met.on_a_node;
    let all = |run: &Run| run.conflicts.iter().map(of).sum::<u64>();
    let run = runs.iter().filter(|run| all(run) > 0).max_by_key(|run| all(run))?;
    let first = run.conflicts.first()?;
    let table = &first.place.table;
    let key = first.place.key.as_ref().map_or_else(String::new, |key| format!(", row {key}"));
    if of(first) * HOT >= all(run) {
        let at = match of(first) * 2 > all(run) {
            true => format!("Most transactions met at table {table}{key}"),
            false => format!("More transactions met at table {table}{key} than at any other row"),
        };
        let (figures, advice) = (format!("{} of {}", of(first), all(run)), remedy(first));
        return Some(format!("{at}: {figures} conflicts that the logs name ({}). {advice}", run.name));
    }
    let there: u64 = run.conflicts.iter().filter(|met| met.place.table == *table).map(of).sum();
    Some(format!(
        "Transactions met at many rows of table {table}: {there} of {} conflicts that the logs name ({}), and no row stands out.",
        all(run),
        run.name
    ))
}

fn remedy(met: &Met) -> &'static str {
    match met.between_nodes {
        0 => {
            "They met on one node, as deadlocks: let transactions change rows in one order, and keep them short, or divide \
             the row into several."
        }
        _ => "Write such a row on one node only, or divide it into several.",
    }
}

fn retries(runs: &[Run]) -> Option<String> {
    let worst = runs.iter().max_by(|a, b| a.rolled_back_percent().total_cmp(&b.rolled_back_percent()))?;
    (worst.rolled_back > 0).then(|| {
        format!(
            "A client that does not repeat error 1213 would have lost {:.1} % of its transactions ({}). After all repeats, {} \
             were given up.",
            worst.rolled_back_percent(),
            worst.name,
            worst.given_up
        )
    })
}

fn flow_control(report: &Report, inventory: &Inventory) -> Option<String> {
    let all = report.runs.iter().flat_map(|run| run.nodes.iter().map(move |node| (run, node)));
    let (run, worst) =
        all.max_by(|(_, a), (_, b)| a.counters.flow_control.total_cmp(&b.counters.flow_control))?;
    let percent = 100.0 * worst.counters.flow_control;
    let figures = format!("{percent:.0} % of the time at most ({}, {})", worst.node, run.name);
    Some(match worst.counters.flow_control >= inventory.thresholds.flow_control.warn {
        true => format!(
            "Flow control stopped writes for {figures}. The slowest node sets the pace{}: look at its disk, and at \
             wsrep_slave_threads.",
            slowest(run)
        ),
        false => format!("Flow control is no limit at this rate: it stopped writes for {figures}."),
    })
}

/// The node that asked the others to pause. All nodes count the time of a pause, whoever asked for it.
fn slowest(run: &Run) -> String {
    let by = |node: &&Node| (node.counters.flow_control_sent, node.counters.receive_queue);
    let Some(node) = run.nodes.iter().max_by_key(by).filter(|node| by(node) > (0, 0)) else {
        return String::new();
    };
    let (sent, queue) = by(&node);
    format!(
        ", {}, which asked for {} and had up to {queue} write-sets to apply",
        node.node,
        count(usize::try_from(sent).unwrap_or(usize::MAX), "pause")
    )
}

/// How far back the smallest write-set cache reaches at the highest rate that was measured.
fn gcache(report: &Report, inventory: &Inventory) -> Option<String> {
    let rates = report.runs.iter().flat_map(|run| &run.nodes).map(|node| node.counters.bytes);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bytes a second")]
    let rate = rates.fold(0.0, f64::max) as u64;
    let smallest = inventory
        .nodes
        .iter()
        .filter(|node| node.gcache_bytes() > 0)
        .min_by_key(|node| node.gcache_bytes())?;
    let (size, wanted) = (smallest.gcache_bytes(), inventory.thresholds.ist_window);
    let holds = size.checked_div(rate)?;
    let figures = format!(
        "at {} of write-sets a second, the gcache of {} on {} holds {}",
        bytes(rate),
        bytes(size),
        smallest.name,
        span(holds)
    );
    Some(match holds < wanted {
        true => format!(
            "The gcache is too small for this load: {figures}; a node may be away for {} (thresholds.ist_window). \
             gcache.size: {} would do.",
            span(wanted),
            enough(rate.saturating_mul(wanted))
        ),
        false => format!("The gcache is large enough: {figures}."),
    })
}

fn checked(checked: &Checked) -> Vec<String> {
    let reads = format!(
        "Stale reads: {} of {} reads on another node right after a commit gave the old value; with wsrep_sync_wait=1, {} of {}.",
        checked.reads.stale, checked.reads.made, checked.reads_with_wait.stale, checked.reads_with_wait.made
    );
    let lost = format!(
        "Lost updates: {} of {} confirmed increments by read and write are missing; with SELECT ... FOR UPDATE {} of {}, in one \
         statement {} of {}.",
        checked.read_then_write.lost(),
        checked.read_then_write.confirmed,
        checked.read_for_update.lost(),
        checked.read_for_update.confirmed,
        checked.in_one_statement.lost(),
        checked.in_one_statement.confirmed
    );
    vec![reads, lost]
}
