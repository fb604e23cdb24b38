//! Rows that differ become those of one node.

use std::collections::BTreeMap;

use super::begin::begin;
use super::no_plan::refuse;
use super::rows::{RowChange, RowColumn, Rows, Was};
use super::{Command, NoPlan, NodeAction, Plan, Step, Wanted};
use crate::kernel::compare::{Difference, Outcome, Table, TableReport};
use crate::kernel::inventory::text::visible;
use crate::kernel::judge::{Finding, Remedy};
use crate::kernel::model::NodeName;
use crate::kernel::model::words::{count, names};
use crate::kernel::plan::Width;
use crate::mesh::judge::{Basis, codes, reach};
use crate::mesh::model::Strategy;
use crate::mesh::observation::Compared;
use crate::mesh::statements::rows::parts;

/// The most rows of a plan: nobody reads more.
pub const MOST: usize = 1000;
/// Rows of one transaction.
const AT_ONCE: usize = 200;
/// Characters of a value that the plan's text shows; its file has all of them.
const SHOWN: usize = 200;

/// Plans that rows which differ become those of one node on all others.
///
/// Errors: the rows were not compared yet; or every reason not to go on.
pub fn repair(basis: &Basis<'_>, wanted: &Wanted) -> Result<Plan, NoPlan> {
    refuse(reach::unseen(basis))?;
    refuse(not_ready(basis))?;
    let Some(compared) = &basis.observation.compared else { return Err(NoPlan::Rows(wanted.clone())) };
    refuse(refusals(compared, wanted))?;
    let work = Work { compared, from: &wanted.from };
    let deletes = work.changes().any(|(_, _, change)| change.becomes.is_none());
    let command = Command::Repair { wanted: wanted.clone(), deletes };
    let mut plan = begin(basis, command);
    plan.warnings = work.warnings();
    let steps: Vec<_> = basis.inventory.others(&wanted.from).flat_map(|node| work.steps(node)).collect();
    if steps.is_empty() {
        return Ok(plan);
    }
    plan.consequences = work.told();
    plan.stage("Write the rows", Width::Serial, steps);
    if let Some(node) = basis.inventory.node(&wanted.from) {
        let tables = work.tables().map(|(report, _)| report.table.to_string()).collect();
        let proof = NodeAction::CompareTables { tables };
        plan.stage("Verify", Width::Serial, vec![Step::new(node, proof, "only a comparison shows it")]);
    }
    Ok(plan)
}

fn not_ready(basis: &Basis<'_>) -> Vec<Finding> {
    if basis.inventory.conflicts.strategy == Strategy::Custom {
        let next = "change the rows on one node: the function makes one row of both everywhere";
        return vec![finding("the merge function decides what becomes of a row that is written", next)];
    }
    let apart = basis.nodes().filter(|(node, facts)| !basis.is_member(node, facts) || facts.live().is_none());
    apart
        .map(|(node, _)| {
            let next = Remedy::galactl("status", &[]).and(" shows how it is");
            Finding::new(codes::NOT_MEMBER, "it is no member that answers", next).on(&node.name)
        })
        .collect()
}

fn finding(evidence: impl Into<String>, next: impl Into<Remedy>) -> Finding {
    Finding::new(codes::NOT_REPAIRABLE, evidence, next)
}

fn refusals(compared: &Compared, wanted: &Wanted) -> Vec<Finding> {
    let from = wanted.from.as_str();
    let report = &compared.report;
    let mut found: Vec<_> = report
        .left_out
        .iter()
        .map(|it| {
            let next = Remedy::galactl("doctor", &[]).and(" tells what is wrong with it");
            finding(format!("it was not compared: {}", it.why), next).on(&it.node)
        })
        .collect();
    found.extend(report.tables.iter().filter_map(|table| one(table, from)));
    let rows: usize = report.tables.iter().map(|table| table.differences.len()).sum();
    if found.is_empty() && rows > MOST {
        let next = Remedy::from("name fewer tables: ")
            .and(Remedy::galactl("compare", &["--repair", from, "--table", "SCHEMA.NAME"]))
            .and("; a node that has parted this far gets a copy of the whole server: ")
            .and(Remedy::galactl("remove-node", &["NODE"]))
            .and(", then ")
            .and(Remedy::galactl("add-node", &["NODE"]));
        found.push(finding(format!("{rows} rows differ, and a plan has at most {MOST}"), next));
    }
    found
}

/// Why a table cannot be repaired row by row.
fn one(table: &TableReport, from: &str) -> Option<Finding> {
    let name = &table.table;
    let copy = || {
        Remedy::from("a copy of the whole server gives a node everything: ")
            .and(Remedy::galactl("remove-node", &["NODE"]))
            .and(", then ")
            .and(Remedy::galactl("add-node", &["NODE"]))
    };
    let again = || Remedy::from("run this again: ").and(Remedy::galactl("compare", &["--repair", from]));
    if !table.missing_on.is_empty() {
        let on = names(&table.missing_on, "and");
        return Some(finding(format!("table {name} is not there on {on}"), copy()));
    }
    if let Some(column) = table.columns.first() {
        return Some(finding(
            format!("table {name} is not the same on all nodes: {:?}", column.what),
            copy(),
        ));
    }
    if table.unopened > 0 {
        return Some(finding(format!("table {name}: too many rows differ to name them"), copy()));
    }
    match &table.outcome {
        Outcome::NotCompared(why) => Some(finding(format!("table {name}: {why}"), copy())),
        Outcome::Failed { node, why } => {
            Some(finding(format!("table {name} was not compared: {why}"), again()).on(node))
        }
        Outcome::Differs if table.key.is_empty() => Some(finding(
            format!("table {name} has no primary key, so that its rows cannot be told apart"),
            copy(),
        )),
        _ => {
            let unread = |it: &Difference| {
                it.nodes.iter().any(|(node, hash)| hash.is_some() && !it.values.contains_key(node))
            };
            let unread = table.differences.len() <= MOST && table.differences.iter().any(unread);
            unread.then(|| finding(format!("table {name}: a row was changed while it was read"), again()))
        }
    }
}

struct Work<'a> {
    compared: &'a Compared,
    from: &'a NodeName,
}

impl<'a> Work<'a> {
    /// Tables with rows that differ.
    fn tables(&self) -> impl Iterator<Item = (&'a TableReport, &'a Table)> {
        let Compared { report, tables, .. } = self.compared;
        let of =
            |report: &'a TableReport| Some((report, tables.iter().find(|table| table.name == report.table)?));
        report.tables.iter().filter(|table| !table.differences.is_empty()).filter_map(of)
    }

    /// What each row becomes on each node that has another one.
    fn changes(&self) -> impl Iterator<Item = (&'a TableReport, &'a NodeName, RowChange)> {
        let from = self.from;
        self.tables().flat_map(move |(report, table)| {
            report.differences.iter().flat_map(move |row| {
                let others = row.nodes.iter().filter(|(_, hash)| **hash != row.nodes[from]);
                others.map(move |(node, hash)| (report, node, change(table, row, from, (node, hash))))
            })
        })
    }

    fn steps(&self, node: &crate::mesh::inventory::Node) -> Vec<Step> {
        let mut steps = Vec::new();
        let mut number = 1;
        for (report, table) in self.tables() {
            let mut rows: Vec<_> = self
                .changes()
                .filter(|(of, on, _)| of.table == report.table && **on == node.name)
                .map(|(_, _, change)| change)
                .collect();
            rows.sort_by_key(RowChange::order);
            for rows in rows.chunks(AT_ONCE) {
                let (database, (schema, name)) = parts(&report.table);
                let rows = Rows {
                    database: database.to_owned(),
                    schema,
                    table: name,
                    key: table.key.clone(),
                    columns: columns(table),
                    as_of: self.compared.as_of.clone(),
                    rows: rows.to_vec(),
                };
                let action = NodeAction::Repair { number, rows };
                steps.push(Step::new(node, action, format!("{} has other rows", self.from)));
                number += 1;
            }
        }
        steps
    }

    /// A sentence for each row; nodes that have the same there stand together.
    fn told(&self) -> Vec<String> {
        let mut rows: BTreeMap<(String, bool), Vec<NodeName>> = BTreeMap::new();
        for (report, node, change) in self.changes() {
            let (_, table) = self.tables().find(|(it, _)| it.table == report.table).expect("it differs");
            let loss = change.becomes.is_none();
            rows.entry((sentence(report, &columns(table), &change), loss)).or_default().push(node.clone());
        }
        let mut told: Vec<_> = rows
            .into_iter()
            .map(|((what, loss), nodes)| {
                let on = names(&nodes, "and");
                if loss { format!("DISCARDED on {on}: {what}") } else { format!("on {on}: {what}") }
            })
            .collect();
        told.push(
            "these values may be personal data: they stand in this plan, and in its file, which only its owner may read".into(),
        );
        told.push("no trigger of the application fires, and no other node gets these changes".into());
        told
    }

    fn warnings(&self) -> Vec<String> {
        let busy = self.compared.report.tables.iter().filter(|table| !table.busy.is_empty());
        busy.map(|table| {
            let rows = count(table.busy.len(), "row");
            format!("{}: {rows} were written to at each look, and stay as they are", table.table)
        })
        .collect()
    }
}

fn columns(table: &Table) -> Vec<RowColumn> {
    let columns = table.columns.iter().filter(|column| !column.computed);
    columns.map(|column| RowColumn { name: column.name.clone(), kind: column.kind.clone() }).collect()
}

fn change(
    table: &Table,
    row: &Difference,
    from: &NodeName,
    (node, hash): (&NodeName, &Option<String>),
) -> RowChange {
    let values = |node: &NodeName| {
        let values = row.values.get(node)?;
        let columns = columns(table);
        Some(columns.iter().map(|column| values.get(&column.name).cloned().flatten()).collect::<Vec<_>>())
    };
    let was = hash.as_ref().and_then(|hash| Some(Was { hash: hash.clone(), values: values(node)? }));
    let becomes = if row.nodes[from].is_some() { values(from) } else { None };
    RowChange { key: row.key.0.clone(), was, becomes }
}

fn sentence(report: &TableReport, columns: &[RowColumn], change: &RowChange) -> String {
    let key: Vec<_> =
        report.key.iter().zip(&change.key).map(|(name, it)| format!("{name} {}", visible(it))).collect();
    let row = format!("{} ({})", report.table, key.join(", "));
    match (&change.was, &change.becomes) {
        (Some(was), Some(becomes)) => {
            let pairs = columns.iter().zip(was.values.iter().zip(becomes));
            let changed: Vec<_> = pairs
                .filter(|(_, (was, becomes))| was != becomes)
                .map(|(column, (was, becomes))| {
                    format!(
                        "{} = {} becomes {}",
                        visible(&column.name),
                        shown(was.as_ref()),
                        shown(becomes.as_ref())
                    )
                })
                .collect();
            format!("{row}: {}", changed.join(", "))
        }
        (None, Some(becomes)) => format!("{row} is inserted: {}", all(columns, becomes)),
        (Some(was), None) => format!("{row} is deleted: {}", all(columns, &was.values)),
        (None, None) => row,
    }
}

fn all(columns: &[RowColumn], values: &[Option<String>]) -> String {
    let pairs = columns.iter().zip(values);
    let texts: Vec<_> = pairs
        .map(|(column, value)| format!("{} = {}", visible(&column.name), shown(value.as_ref())))
        .collect();
    texts.join(", ")
}

fn shown(value: Option<&String>) -> String {
    let Some(value) = value else { return "NULL".into() };
    match value.char_indices().nth(SHOWN) {
        None => format!("'{}'", visible(value)),
        Some((end, _)) => format!("'{}…' ({} characters)", visible(&value[..end]), value.chars().count()),
    }
}
