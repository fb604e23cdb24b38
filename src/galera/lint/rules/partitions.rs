//! Partitions, and directories of their own.

use crate::galera::lint::codes::{DATA_DIRECTORY, PARTITION_END};
use crate::galera::lint::place::Place;
use crate::galera::lint::schema::{Schema, Table};
use crate::kernel::lint::Finding;

pub fn check(schema: &Schema, _place: Place) -> Vec<Finding> {
    let of_innodb = || schema.tables.iter().filter(|table| table.is("InnoDB"));
    of_innodb().filter_map(directory).chain(of_innodb().filter_map(end)).collect()
}

fn directory(table: &Table) -> Option<Finding> {
    let path = table.directory.as_deref()?;
    let evidence = format!("has rows in {path}, outside of the data directory");
    let fix = format!(
        "make it on each node, before the table is there and before a node joins: install -d -o mysql -g mysql {}; or create the table without DATA DIRECTORY",
        shlex::try_quote(path).unwrap_or_default()
    );
    Some(Finding::new(DATA_DIRECTORY, &table.name, evidence, fix))
}

/// LIST has its values by intention, and HASH takes them all.
fn end(table: &Table) -> Option<Finding> {
    let partitions = table.partitions.as_deref()?.trim_start();
    let mut words = partitions.split(' ');
    if words.next() != Some("RANGE") || words.any(|word| word == "MAXVALUE") {
        return None;
    }
    let fix = format!(
        "ALTER TABLE {} ADD PARTITION (PARTITION {} VALUES LESS THAN {}); and divide that one while it is empty: REORGANIZE PARTITION",
        table.name.quoted(),
        if partitions.contains("P_REST") { "galera_rest" } else { "p_rest" },
        most(partitions)
    );
    let evidence = "is partitioned by RANGE, and has no partition for values above the last one";
    Some(Finding::new(PARTITION_END, &table.name, evidence, fix))
}

/// `RANGE COLUMNS (a, b)` has a value for each column.
fn most(partitions: &str) -> String {
    let columns = partitions.strip_prefix("RANGE COLUMNS").and_then(|rest| rest.split_once(')'));
    match columns {
        Some((columns, _)) => format!("({})", vec!["MAXVALUE"; columns.split(',').count()].join(", ")),
        None => "MAXVALUE".to_owned(),
    }
}
