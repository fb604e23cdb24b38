//! Whether a table can be sent, and rows of it be found on the other nodes.

use crate::kernel::judge::Severity;
use crate::kernel::lint::Finding;
use crate::mesh::facts::Table;
use crate::mesh::lint::subject::{Subject, list, quoted};
use crate::mesh::model::Method;
use crate::mesh::rules::{NO_KEY, REGION_KEY, REPLICA_IDENTITY, UNLOGGED};
use crate::postgresql::sql::identifier;

pub fn check(it: Subject<'_>) -> Vec<Finding> {
    it.tables()
        .flat_map(|table| [keyless(it, table), unlogged(it, table), alien(it, table), identity(it, table)])
        .flatten()
        .collect()
}

fn keyless(it: Subject<'_>, table: &Table) -> Option<Finding> {
    let own = || {
        let name = (0..).map(|at| if at == 0 { "id".to_owned() } else { format!("id{at}") });
        let mut free = name.filter(|name| !has_column(table, name));
        let name = identifier(&free.next().unwrap_or_default());
        let key = match it.place.column {
            Some(column) => format!("{}, {name}", identifier(column)),
            None => name.clone(),
        };
        format!("ADD COLUMN {name} bigint GENERATED ALWAYS AS IDENTITY, ADD PRIMARY KEY ({key})")
    };
    let candidate =
        it.details(table).and_then(|it| it.candidate.as_ref()).filter(|_| it.place.column.is_none());
    let how = match candidate {
        Some(it) if !it.constraint => format!("ADD PRIMARY KEY USING INDEX {}", identifier(&it.index)),
        Some(candidate) => {
            // What other tables point to cannot be dropped.
            let is_pointed_to = it.details(table).is_some_and(|more| more.referenced);
            let key = format!("ADD PRIMARY KEY ({})", list(candidate.columns.iter().map(String::as_str)));
            match is_pointed_to {
                true => key,
                false => format!("DROP CONSTRAINT {}, {key}", identifier(&candidate.index)),
            }
        }
        None => own(),
    };
    let statement = format!("ALTER TABLE {} {how}", quoted(table));
    let fix = match candidate {
        Some(_) => it.or_except(statement, table),
        None => format!("give it a key of its own columns, or: {}", it.or_except(statement, table)),
    };
    table.key.is_empty().then(|| it.finding(NO_KEY, &table.full_name(), "has no primary key", fix))
}

fn unlogged(it: Subject<'_>, table: &Table) -> Option<Finding> {
    let fix = || it.or_except(format!("ALTER TABLE {} SET LOGGED", quoted(table)), table);
    table.unlogged.then(|| it.finding(UNLOGGED, &table.full_name(), "is UNLOGGED", fix()))
}

/// Rows that belong to no region.
fn alien(it: Subject<'_>, table: &Table) -> Option<Finding> {
    let column = it.place.column?;
    if table.key.is_empty() || table.key.iter().any(|name| name == column) {
        return None;
    }
    let is_there = has_column(table, column);
    let add = match is_there {
        true => format!("ALTER COLUMN {} SET NOT NULL, ", identifier(column)),
        false => format!(
            "ADD COLUMN {} text NOT NULL DEFAULT coalesce(current_setting('galactl.region', true), 'NAME OF ITS REGION'), ",
            identifier(column)
        ),
    };
    let (constraint, after) = match it.details(table) {
        Some(more) => (more.constraint.clone(), more.referenced),
        None => (None, false),
    };
    let constraint = constraint.unwrap_or_else(|| format!("{}_pkey", table.name));
    let key = list([column].into_iter().chain(table.key.iter().map(String::as_str)));
    let statement = format!(
        "ALTER TABLE {} {add}DROP CONSTRAINT {}, ADD PRIMARY KEY ({key})",
        quoted(table),
        identifier(&constraint)
    );
    let before = if after {
        "drop the foreign keys that point to it, and make them again with the column; then "
    } else {
        ""
    };
    let evidence = format!(
        "has no column `{column}` in its primary key ({}){}",
        table.key.join(", "),
        if is_there { "" } else { ", and no such column" }
    );
    Some(it.finding(
        REGION_KEY,
        &table.full_name(),
        evidence,
        format!("{before}{}", it.or_except(statement, table)),
    ))
}

fn identity(it: Subject<'_>, table: &Table) -> Option<Finding> {
    let is_native = it.place.method == Method::Native;
    let (evidence, severity) = match table.identity.as_str() {
        "key" => return None,
        // Native replication sends whole rows then.
        "full" if is_native => ("has REPLICA IDENTITY FULL".to_owned(), Severity::Note),
        "full" => ("has REPLICA IDENTITY FULL".to_owned(), Severity::Degraded),
        "nothing" => ("has REPLICA IDENTITY NOTHING".to_owned(), Severity::Degraded),
        // Where the index lacks the region's column, a client's update is refused.
        index if is_native => (format!("has the index {index} as its replica identity"), Severity::Degraded),
        index => {
            (format!("has the index {index} as its replica identity, not its primary key"), Severity::Note)
        }
    };
    // Whoever has no key cannot have it as its identity either.
    if table.key.is_empty() {
        return None;
    }
    let fix = it.statement(format!("ALTER TABLE {} REPLICA IDENTITY DEFAULT", quoted(table)));
    Some(it.finding(REPLICA_IDENTITY, &table.full_name(), evidence, fix).severity(severity))
}

/// A column is told as `name type …`.
fn has_column(table: &Table, name: &str) -> bool {
    table.columns.iter().any(|column| column.strip_prefix(name).is_some_and(|rest| rest.starts_with(' ')))
}
