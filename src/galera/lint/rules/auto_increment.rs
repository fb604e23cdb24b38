//! Whether there is room for the values of AUTO_INCREMENT.

use crate::galera::lint::codes::AUTO_INCREMENT_ROOM;
use crate::galera::lint::place::Place;
use crate::galera::lint::schema::{Column, Schema, Table};
use crate::kernel::lint::Finding;

/// It comes to its end within a quarter of the time that it has lasted so far, at the same rate.
const PART: u64 = 4;

pub fn check(schema: &Schema, place: Place) -> Vec<Finding> {
    schema.tables.iter().filter_map(|table| finding(table, place)).collect()
}

fn finding(table: &Table, place: Place) -> Option<Finding> {
    let column = table.columns.iter().find(|column| column.auto_increment)?;
    let (next, last) = (table.auto_increment?, last_value(column)?);
    // A member has had the step of the cluster so far.
    let step = if place.member { 1 } else { place.step() };
    let values = last.saturating_sub(next.saturating_sub(1));
    if values / step >= next / PART {
        return None;
    }
    let left = values / place.step();
    let evidence = format!(
        "has the next value {next} of {} {} in {}; with a step of {}, room for {left} rows more",
        last,
        column.kind,
        column.name,
        place.step()
    );
    let kind = if column.kind == "bigint" { "another kind of key" } else { "BIGINT UNSIGNED" };
    let fix = match column.kind.as_str() {
        "bigint" => format!("the largest type there is, so {kind}"),
        _ => format!(
            "ALTER TABLE {} MODIFY {} {kind} NOT NULL AUTO_INCREMENT, and likewise the columns that refer to it; it copies the table while all nodes wait",
            table.name.quoted(),
            crate::galera::lint::name::quoted(&column.name)
        ),
    };
    Some(Finding::new(AUTO_INCREMENT_ROOM, &table.name, evidence, fix))
}

/// The largest value of a column's type (MariaDB documentation, Numeric Data Type Overview).
fn last_value(column: &Column) -> Option<u64> {
    let bits = match column.kind.as_str() {
        "tinyint" | "int1" => 8,
        "smallint" | "int2" => 16,
        "mediumint" | "int3" | "middleint" => 24,
        "int" | "integer" | "int4" => 32,
        "bigint" | "int8" => 64,
        _ => return None,
    };
    let bits = if column.unsigned { bits } else { bits - 1 };
    Some(u64::MAX >> (64 - bits))
}
