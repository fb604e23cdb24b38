//! With merge functions of users: whether each table has one, and rows that it can make one of.

use crate::kernel::lint::Finding;
use crate::mesh::lint::subject::{Subject, quoted};
use crate::mesh::model::Strategy;
use crate::mesh::rules::MERGE;
use crate::postgresql::sql::identifier;

pub fn check(it: Subject<'_>) -> Vec<Finding> {
    if it.place.strategy != Strategy::Custom {
        return Vec::new();
    }
    [bare(it), lost(it), computed(it), second(it)].concat()
}

fn bare(it: Subject<'_>) -> Vec<Finding> {
    let has_none = |schema: &str, name: &str| {
        !it.database.merges.iter().any(|own| own.schema == schema && own.table == name)
    };
    let tables = it.tables().filter(|table| has_none(&table.schema, &table.name));
    let finding = |table: &crate::mesh::facts::Table| {
        let name = table.full_name();
        let fix = format!(
            "write one under `databases.merges` in the inventory; or leave the table out: `except: [{name}]` there"
        );
        it.finding(
            MERGE,
            &name,
            "has no merge function, and the other nodes' rows would take the place of its own",
            fix,
        )
    };
    tables.map(finding).collect()
}

fn lost(it: Subject<'_>) -> Vec<Finding> {
    let none = |name: &String| it.tables().all(|table| &table.full_name() != name);
    let names = it.database.merges.iter().map(crate::mesh::model::Merge::full_name).filter(none);
    let fix = "create the table on this node, or correct `databases.merges` in the inventory";
    let finding =
        |name: String| it.finding(MERGE, &name, "has a merge function, and is not there or not sent", fix);
    names.map(finding).collect()
}

fn computed(it: Subject<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for table in it.tables() {
        let columns: Vec<_> = table.generated().collect();
        if columns.is_empty() {
            continue;
        }
        let names: Vec<_> = columns.iter().map(|column| format!("{}.{column}", table.name)).collect();
        let evidence = format!(
            "has the generated columns {}, which pglogical does not compute for a merged row",
            names.join(", ")
        );
        let drops: Vec<_> =
            columns.iter().map(|it| format!("ALTER COLUMN {} DROP EXPRESSION", identifier(it))).collect();
        let fix = it.or_except(format!("ALTER TABLE {} {}", quoted(table), drops.join(", ")), table);
        found.push(it.finding(MERGE, &table.full_name(), evidence, fix));
    }
    found
}

fn second(it: Subject<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for table in it.tables() {
        let keys: Vec<_> =
            table.unique.iter().filter(|key| !key.exclusion).map(|key| key.name.as_str()).collect();
        if keys.is_empty() {
            continue;
        }
        let evidence = format!(
            "has the unique keys {} beside its primary key, by which pglogical takes two rows for one",
            keys.join(", ")
        );
        let fix = it.or_except("drop them; a plain index may stay", table);
        found.push(it.finding(MERGE, &table.full_name(), evidence, fix));
    }
    found
}
