//! What is in a database and is not sent.

use std::collections::BTreeMap;

use crate::kernel::lint::Finding;
use crate::kernel::model::words::count;
use crate::mesh::facts::Schema;
use crate::mesh::lint::subject::Subject;
use crate::mesh::rules::{EXTENSION, LARGE_OBJECT, MATERIALIZED_VIEW, NOT_LISTED, PARTITIONED};

pub fn check(it: Subject<'_>) -> Vec<Finding> {
    let asked =
        it.more.into_iter().flat_map(|more| [large_objects(it, more), views(it, more), extensions(it, more)]);
    asked.flatten().chain(not_listed(it)).chain(partitioned(it)).collect()
}

fn large_objects(it: Subject<'_>, more: &Schema) -> Vec<Finding> {
    let number = usize::try_from(more.large_objects).unwrap_or(usize::MAX);
    let fix = it.statement(
        "keep their bytes in a column of type bytea: UPDATE … SET BYTES = lo_get(OID); then SELECT lo_unlink(oid) FROM pg_largeobject_metadata",
    );
    let finding = || {
        let evidence = format!("has {}", count(number, "large object"));
        Finding::new(LARGE_OBJECT, it.database.name.as_str(), evidence, fix)
    };
    if number == 0 { Vec::new() } else { vec![finding()] }
}

fn views(it: Subject<'_>, more: &Schema) -> Vec<Finding> {
    let fix = "refresh it on every node; a finding that you can live with stands under `lint: {accept: …}`";
    let finding = |name: &String| it.finding(MATERIALIZED_VIEW, name, "is a materialized view", fix);
    more.views.iter().map(finding).collect()
}

fn extensions(it: Subject<'_>, more: &Schema) -> Vec<Finding> {
    let finding = |own: &crate::mesh::facts::Stateful| {
        let evidence = format!("is an extension with tables of its own: {}", own.tables.join(", "));
        let fix =
            "make what is in them on every node; jobs that are set on several nodes run on each of them";
        it.finding(EXTENSION, &own.name, evidence, fix)
    };
    more.extensions.iter().map(finding).collect()
}

/// Whoever names a table under `except` knows it.
fn not_listed(it: Subject<'_>) -> Vec<Finding> {
    let database = it.database;
    let excepted = |schema: &str, name: &str| database.excepts(schema, name);
    let mut found = BTreeMap::new();
    for table in it.told.tables.iter().filter(|table| !it.is_wanted(table)) {
        let name = table.root.clone().unwrap_or_else(|| table.full_name());
        let by_root = name.split_once('.').is_some_and(|(schema, name)| excepted(schema, name));
        if by_root || excepted(&table.schema, &table.name) {
            continue;
        }
        let fix = format!(
            "write it under `tables` for database {} in the inventory; or under `except`, which says that you know",
            database.name
        );
        found.entry(name.clone()).or_insert_with(|| {
            it.finding(NOT_LISTED, &name, "is not sent: the inventory does not list it", fix)
        });
    }
    found.into_values().collect()
}

fn partitioned(it: Subject<'_>) -> Vec<Finding> {
    let mut roots: BTreeMap<&str, usize> = BTreeMap::new();
    for root in it.tables().filter_map(|table| table.root.as_deref()) {
        *roots.entry(root).or_default() += 1;
    }
    let finding = |(root, partitions): (&str, usize)| {
        let evidence = format!("has {}", count(partitions, "partition"));
        let fix = "make a new partition on every node, and add it, before rows come for it: galactl doctor names it as `not-sent`, with the statement; accept this then";
        it.finding(PARTITIONED, root, evidence, fix)
    };
    roots.into_iter().map(finding).collect()
}
