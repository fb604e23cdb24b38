//! All tables, one after the other.

use std::collections::BTreeMap;

use super::asked::{Asked, Progress, Trouble};
use super::chunks::{Chunks, Failure, Limits, differ};
use super::columns::{Common, common};
use super::looks::{look_again, whole};
use super::report::{Difference, LeftOut, Outcome, Report, TableReport};
use super::side_by_side::side_by_side;
use super::table::{Table, TableName};
use crate::kernel::model::NodeName;

/// Compares the tables that `wanted` wants. `wanted` says `None` of a table that nobody means, `Some(true)` of one that is
/// meant though it stands apart, and `Some(false)` of all others. Values of rows are read only where `show` says of how
/// many of a table.
///
/// Nodes that do not tell their tables, at the beginning or once they have failed, are left out. Where fewer than two are
/// left, the rest is not compared.
pub async fn compare<A: Asked>(
    asked: &A,
    nodes: &[NodeName],
    wanted: &(dyn Fn(&Table) -> Option<bool> + Sync),
    (limits, show): (&Limits, usize),
    tell: &(dyn Fn(&Progress) + Sync),
) -> Report {
    let told = side_by_side(nodes.iter().map(|node| asked.tables(node))).await;
    let mut report =
        Report { nodes: Vec::new(), left_out: Vec::new(), tables: Vec::new(), apart: BTreeMap::new() };
    let mut tables: BTreeMap<TableName, BTreeMap<NodeName, Table>> = BTreeMap::new();
    for (answer, node) in told.into_iter().zip(nodes) {
        match answer {
            Ok(told) => {
                report.nodes.push(node.clone());
                for table in told {
                    tables.entry(table.name.clone()).or_default().insert(node.clone(), table);
                }
            }
            Err(trouble) => report.left_out.push(LeftOut { node: node.clone(), why: why(trouble) }),
        }
    }
    let wanted = |on: &BTreeMap<NodeName, Table>| on.values().next().and_then(wanted);
    tables.retain(|name, on| match (wanted(on), on.values().find_map(|table| table.apart.clone())) {
        (Some(false), Some(why)) => {
            report.apart.insert(name.clone(), why);
            false
        }
        (wanted, _) => wanted.is_some(),
    });
    let of = tables.len();
    for (number, (name, mut on)) in tables.into_iter().enumerate() {
        let at = Progress { table: name, number: number + 1, of, rows: 0, estimate: 0, suspected: 0 };
        on.retain(|node, _| report.nodes.contains(node));
        loop {
            let compared = one(asked, &report.nodes, &on, (limits, show), (at.clone(), tell)).await;
            let lost = lost(asked, compared.as_ref()).await;
            let Some(lost) = lost else {
                report.tables.extend(compared);
                break;
            };
            on.remove(&lost.node);
            report.nodes.retain(|node| *node != lost.node);
            report.left_out.push(lost);
            if report.nodes.len() < 2 {
                return report;
            }
        }
    }
    report
}

/// The node that has failed, where it does not answer any more: each further question would cost a wait.
async fn lost<A: Asked>(asked: &A, compared: Option<&TableReport>) -> Option<LeftOut> {
    let Outcome::Failed { node, .. } = &compared?.outcome else { return None };
    let trouble = asked.tables(node).await.err()?;
    Some(LeftOut { node: node.clone(), why: why(trouble) })
}

fn why(trouble: Trouble) -> String {
    match trouble {
        Trouble::TooLong => "it took too long to tell its tables".into(),
        Trouble::Failed(why) => why,
    }
}

/// `None`: no node has it.
async fn one<A: Asked>(
    asked: &A,
    nodes: &[NodeName],
    on: &BTreeMap<NodeName, Table>,
    (limits, show): (&Limits, usize),
    (at, tell): (Progress, &(dyn Fn(&Progress) + Sync)),
) -> Option<TableReport> {
    let Common { table, differences: columns } = common(on)?;
    let having: Vec<_> = nodes.iter().filter(|node| on.contains_key(*node)).cloned().collect();
    let mut report = TableReport {
        table: at.table.clone(),
        part_of: on.values().find_map(|table| table.part_of.clone()),
        key: table.as_ref().map(|table| table.key.clone()).unwrap_or_default(),
        rows: having.iter().map(|node| (node.clone(), 0)).collect(),
        hashes: BTreeMap::new(),
        missing_on: nodes.iter().filter(|node| !on.contains_key(*node)).cloned().collect(),
        columns,
        chunks: 0,
        outcome: Outcome::Equal,
        differences: Vec::new(),
        busy: Vec::new(),
        unopened: 0,
    };
    let Some(table) = table else {
        report.outcome = Outcome::NotCompared("its key is not the same on all nodes".into());
        return Some(report);
    };
    let cutter = on.iter().max_by_key(|(_, table)| table.estimate).map(|(node, _)| node)?;
    let chunks = Chunks { asked, table: &table, nodes: &having, limits, cutter };
    let at = Progress { estimate: table.estimate, ..at };
    let looked = match table.key.is_empty() {
        true => without_key(&chunks, &mut report, (at, tell)).await,
        false => by_key(&chunks, &mut report, (at, tell)).await,
    };
    match looked {
        Ok(()) => read_values(&chunks, &mut report, show).await,
        Err(Failure { node, why }) => report.outcome = Outcome::Failed { node, why },
    }
    Some(report)
}

async fn without_key<A: Asked>(
    chunks: &Chunks<'_, A>,
    report: &mut TableReport,
    (at, tell): (Progress, &(dyn Fn(&Progress) + Sync)),
) -> Result<(), Failure> {
    tell(&at);
    let whole = whole(chunks).await?;
    report.rows = chunks.nodes.iter().cloned().zip(whole.digests.iter().map(|it| it.rows)).collect();
    report.chunks = 1;
    report.outcome = match (differ(&whole.digests), whole.busy) {
        (false, _) => Outcome::Equal,
        (true, true) => Outcome::Busy,
        (true, false) => Outcome::Differs,
    };
    if report.outcome == Outcome::Differs {
        let hashes = whole.digests.iter().map(|it| format!("{}:{}", it.rows, it.hash));
        report.hashes = chunks.nodes.iter().cloned().zip(hashes).collect();
    }
    Ok(())
}

async fn by_key<A: Asked>(
    chunks: &Chunks<'_, A>,
    report: &mut TableReport,
    (at, tell): (Progress, &(dyn Fn(&Progress) + Sync)),
) -> Result<(), Failure> {
    tell(&at);
    let walked = chunks
        .walk(&mut |walked| {
            let rows = walked.rows.iter().copied().max().unwrap_or(0);
            tell(&Progress { rows, suspected: walked.suspects(), ..at.clone() });
        })
        .await?;
    report.rows = chunks.nodes.iter().cloned().zip(walked.rows).collect();
    report.chunks = walked.chunks;
    report.unopened = walked.unopened;
    let looked = look_again(chunks, walked.leaves).await?;
    let difference = |(key, seen): (_, Vec<_>)| Difference {
        key,
        nodes: chunks.nodes.iter().cloned().zip(seen).collect(),
        values: BTreeMap::new(),
    };
    report.differences = looked.differences.into_iter().map(difference).collect();
    report.busy = looked.busy;
    report.outcome = match (report.differences.is_empty(), report.busy.is_empty() && report.unopened == 0) {
        (false, _) => Outcome::Differs,
        (true, false) => Outcome::Busy,
        (true, true) => Outcome::Equal,
    };
    Ok(())
}

/// The values of the first rows that differ, where the nodes tell them.
async fn read_values<A: Asked>(chunks: &Chunks<'_, A>, report: &mut TableReport, show: usize) {
    for difference in report.differences.iter_mut().take(show) {
        let key = &difference.key;
        let asked = chunks.nodes.iter().map(|node| chunks.asked.values(node, chunks.table, key));
        for (answer, node) in side_by_side(asked).await.into_iter().zip(chunks.nodes) {
            let Ok(Some(row)) = answer else { continue };
            let columns = chunks.table.columns.iter().map(|column| column.name.clone());
            difference.values.insert(node.clone(), columns.zip(row).collect());
        }
    }
}
