//! Sequences, of whose numbers each node gives every so many-th.

use crate::kernel::judge::Severity;
use crate::kernel::lint::Finding;
use crate::mesh::facts::Sequence;
use crate::mesh::lint::subject::Subject;
use crate::mesh::rules::{SEQUENCE_ALONE, SEQUENCE_CYCLE, SEQUENCE_ENDS, SEQUENCE_INCREMENT};
use crate::postgresql::sql::identifier;

/// Parts of a hundred of a member's sequence that are used.
const MUCH: i128 = 80;
const NEARLY_ALL: i128 = 95;
/// It comes to its end within a quarter of the time that it has lasted so far, if one node gives all numbers.
const PART: i128 = 4;

pub fn check(it: Subject<'_>) -> Vec<Finding> {
    let of = |own| [increment(it, own), room(it, own), alone(it, own)];
    it.told.sequences.iter().flat_map(of).flatten().collect()
}

/// Those that come round, which are left as they are.
pub fn cycling(it: Subject<'_>) -> Vec<Finding> {
    let finding = |name: &String| {
        let quoted =
            name.split_once('.').map_or_else(|| identifier(name), |(schema, name)| in_sql(schema, name));
        let fix = format!(
            "{}; on a member, restart it as `galactl doctor` says then",
            it.statement(format!("ALTER SEQUENCE {quoted} NO CYCLE"))
        );
        it.finding(SEQUENCE_CYCLE, name, "comes round (CYCLE)", fix)
    };
    it.more.into_iter().flat_map(|more| more.cycling.iter().map(finding)).collect()
}

fn increment(it: Subject<'_>, own: &Sequence) -> Option<Finding> {
    let step = it.place.step;
    if own.increment == 1 || own.increment == i64::from(step) {
        return None;
    }
    let evidence = format!(
        "counts by {}, and `sequences.step` is {step}: nodes would give the same numbers",
        own.increment
    );
    let by_one = it.statement(format!("ALTER SEQUENCE {} INCREMENT BY 1", in_sql(&own.schema, &own.name)));
    let fix = match it.place.member {
        true => {
            format!("write the `sequences.step` with which the mesh was made in the inventory; or {by_one}")
        }
        false => by_one,
    };
    Some(it.finding(SEQUENCE_INCREMENT, &full_name(own), evidence, fix))
}

/// How much room it has. The type of its column may end before it does.
pub fn room(it: Subject<'_>, own: &Sequence) -> Option<Finding> {
    let (next, last) = (i128::from(own.next), i128::from(last(own)));
    let step = i128::from(it.place.step);
    let ends = match it.place.member {
        // It has had the step of the mesh so far.
        true => next >= last * MUCH / 100,
        false => (last - next) / step < next / PART,
    };
    if last <= 0 || !ends {
        return None;
    }
    let left = ((last - next) / step).max(0);
    let evidence =
        format!("is at {next}, and ends at {last}; with a step of {step}, a node has {left} numbers left");
    let fix = match &own.owner {
        Some(owner) => {
            let (table, column) = owner.column.rsplit_once('.').unwrap_or(("", &owner.column));
            let table = table
                .split_once('.')
                .map_or_else(|| identifier(table), |(schema, name)| in_sql(schema, name));
            format!(
                "ALTER TABLE {table} ALTER COLUMN {} TYPE bigint; ALTER SEQUENCE {} AS bigint; and likewise the columns that refer to it; it writes the table anew, and nobody uses it meanwhile",
                identifier(column),
                in_sql(&own.schema, &own.name)
            )
        }
        None => format!("ALTER SEQUENCE {} AS bigint", in_sql(&own.schema, &own.name)),
    };
    let severity = if next >= last * NEARLY_ALL / 100 { Severity::Critical } else { Severity::Degraded };
    Some(it.finding(SEQUENCE_ENDS, &full_name(own), evidence, it.statement(fix)).severity(severity))
}

fn last(own: &Sequence) -> i64 {
    let of_column = match own.owner.as_ref().map(|owner| owner.kind.as_str()) {
        Some("smallint") => i64::from(i16::MAX),
        Some("integer") => i64::from(i32::MAX),
        _ => i64::MAX,
    };
    own.last.min(of_column)
}

fn alone(it: Subject<'_>, own: &Sequence) -> Option<Finding> {
    let fix = format!(
        "let it belong to the column that has its numbers: {}; or accept this under `lint`",
        it.statement(format!(
            "ALTER SEQUENCE {} OWNED BY SCHEMA.TABLE.COLUMN",
            in_sql(&own.schema, &own.name)
        ))
    );
    let evidence = "belongs to no column, and is no column's default";
    own.owner.is_none().then(|| it.finding(SEQUENCE_ALONE, &full_name(own), evidence, fix))
}

fn full_name(own: &Sequence) -> String {
    format!("{}.{}", own.schema, own.name)
}

fn in_sql(schema: &str, name: &str) -> String {
    format!("{}.{}", identifier(schema), identifier(name))
}
