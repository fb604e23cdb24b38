//! Tables that are not the same on all members, or whose changes are not sent.

use std::collections::{BTreeMap, BTreeSet};

use crate::kernel::lint::Finding;
use crate::kernel::model::NodeName;
use crate::kernel::model::words::names;
use crate::mesh::facts::Table;
use crate::mesh::lint::subject::{Subject, quoted};
use crate::mesh::model::Method;
use crate::mesh::rules::{COLUMNS_DIFFER, NOT_SENT, TABLE_MISSING};
use crate::postgresql::sql::literal;

/// One database on each member that tells of it.
pub type Places<'a> = [(&'a NodeName, Subject<'a>)];

/// Where one table is.
type Copies<'a> = Vec<(&'a NodeName, &'a Table)>;

/// Holds what the members tell of one database against each other.
pub fn members(places: &Places<'_>) -> Vec<Finding> {
    let Some((_, it)) = places.first() else { return Vec::new() };
    let mut all: BTreeMap<String, Copies<'_>> = BTreeMap::new();
    for (node, subject) in places {
        for table in subject.tables() {
            all.entry(table.full_name()).or_default().push((*node, table));
        }
    }
    let mut found = Vec::new();
    for (name, copies) in &all {
        if copies.len() < places.len() {
            found.push(missing(*it, name, copies, places));
            continue;
        }
        found.extend(differing(*it, name, copies));
        found.extend(not_sent(*it, name, copies));
    }
    found
}

fn missing(it: Subject<'_>, name: &str, copies: &Copies<'_>, places: &Places<'_>) -> Finding {
    let there: Vec<_> = copies.iter().map(|(node, _)| node.as_str()).collect();
    let absent: Vec<_> =
        places.iter().map(|(node, _)| node.as_str()).filter(|node| !there.contains(node)).collect();
    let evidence = format!("is on {}, and not on {}", names(&there, "and"), names(&absent, "and"));
    let fix =
        format!("make it on {} as well, before anybody writes to it, or drop it", names(&absent, "and"));
    it.finding(TABLE_MISSING, name, evidence, fix)
}

/// Columns, and the primary key.
fn differing(it: Subject<'_>, name: &str, copies: &Copies<'_>) -> Option<Finding> {
    let (first, known) = copies.first()?;
    let (other, table) = copies.iter().find(|(_, table)| !same(known, table))?;
    let own: BTreeSet<_> = known.columns.iter().collect();
    let theirs: BTreeSet<_> = table.columns.iter().collect();
    let differ: Vec<_> = own.symmetric_difference(&theirs).map(|column| format!("`{column}`")).collect();
    let differ = if differ.is_empty() { "the primary key".into() } else { names(&differ, "and") };
    let evidence = format!("differs between {first} and {other}: {differ}");
    let fix = "make them the same; a column that one node sends and another one has not stops that one";
    Some(it.finding(COLUMNS_DIFFER, name, evidence, fix))
}

/// In any order.
fn same(one: &Table, other: &Table) -> bool {
    let columns = |table: &Table| table.columns.iter().cloned().collect::<BTreeSet<_>>();
    columns(one) == columns(other) && one.key == other.key
}

/// It can be sent, and is not.
fn not_sent(it: Subject<'_>, name: &str, copies: &Copies<'_>) -> Option<Finding> {
    let is_silent = |table: &Table| !table.sent && !table.key.is_empty() && !table.unlogged;
    let silent: Vec<_> = copies.iter().filter(|(_, table)| is_silent(table)).collect();
    let (_, table) = silent.first()?;
    let nodes: Vec<_> = silent.iter().map(|(node, _)| node.as_str()).collect();
    let evidence = format!("is not sent by {}", names(&nodes, "and"));
    let fix = format!(
        "on each of {}, before anybody writes to it: {}; or name it under `databases.except` in the inventory",
        names(&nodes, "and"),
        send(it, table)
    );
    Some(it.finding(NOT_SENT, name, evidence, fix))
}

/// Statements with quotes of both kinds cannot be pasted into a shell's quotes.
fn send(it: Subject<'_>, table: &Table) -> String {
    let database = &it.database.name;
    match it.place.method {
        Method::Native => format!(
            "sudo -u postgres psql -d {database} -c 'ALTER PUBLICATION galactl ADD TABLE {}', and afterwards for each subscription there: ALTER SUBSCRIPTION … REFRESH PUBLICATION WITH (copy_data = false)",
            quoted(table)
        ),
        Method::Pglogical | Method::Spock | Method::Bdr => {
            let name = if is_plain(table) {
                format!("'{}'", table.full_name())
            } else {
                literal(&quoted(table)).replace('"', "\\\"")
            };
            format!(
                "sudo -u postgres psql -d {database} -c \"SELECT pglogical.replication_set_add_table('default', {name})\""
            )
        }
    }
}

fn is_plain(table: &Table) -> bool {
    let plain =
        |name: &str| name.bytes().all(|it| it.is_ascii_lowercase() || it.is_ascii_digit() || it == b'_');
    plain(&table.schema) && plain(&table.name)
}
