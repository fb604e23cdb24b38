//! What stands against a change of a table, whatever way it takes.

use super::codes;
use crate::galera::alter::server_error::code;
use crate::galera::alter::{
    Algorithm, Asked, Definition, Study, TableSeen, differs_among_nodes, engine, fills_nulls,
    has_primary_key, lost_in_copy, takes_local_time,
};
use crate::kernel::judge::Finding;
use crate::kernel::model::NodeName;
use crate::kernel::model::words::names;

/// Refusals of a member that does not tell, a table that is not there, is no InnoDB table, or differs among the nodes,
/// and of a change that a server does not take.
pub fn unfit(study: &Study) -> Vec<Finding> {
    let silent = study.nodes.iter().filter_map(|(node, asked)| match asked {
        Asked::Silent(why) => Some(silent(study, why).on(node)),
        Asked::Told(_) => None,
    });
    let mut unfit: Vec<Finding> =
        silent.chain(study.told().filter_map(|(node, seen)| of_member(study, node, seen))).collect();
    // What all members say in the same words is said once.
    unfit.dedup_by(|one, other| one.evidence == other.evidence);
    if unfit.is_empty() { same_definition(study) } else { unfit }
}

fn silent(study: &Study, why: &str) -> Finding {
    let evidence = format!("it does not tell what {} is like: {why}", study.table);
    Finding::new(codes::UNREACHABLE, evidence, "wait until it answers, then run this again")
}

fn of_member(study: &Study, node: &NodeName, seen: &TableSeen) -> Option<Finding> {
    let table = &study.table;
    let refused =
        |evidence: String, next: String| Some(Finding::new(codes::TABLE_CHANGE, evidence, next).on(node));
    if seen.definition.is_empty() || seen.kind != "BASE TABLE" {
        let words =
            seen.error.clone().unwrap_or_else(|| format!("{table} is no table that rows are stored in"));
        return refused(words, "name a table as schema.table".into());
    }
    if seen.engine != "InnoDB" {
        let evidence = format!("{table} is a table of {}, which Galera does not replicate", seen.engine);
        return refused(
            evidence,
            format!("make it an InnoDB table first: ALTER TABLE {table} ENGINE=InnoDB"),
        );
    }
    if let Some(words) = &seen.error {
        let evidence = format!("the server makes no empty copy of {table}: {words}");
        return refused(evidence, "mend what these words say, then run this again".into());
    }
    let lost = lost_in_copy(&seen.definition, &seen.copy);
    if !lost.is_empty() {
        let lost: Vec<_> = lost.iter().map(|line| line.trim()).collect();
        let evidence =
            format!("a copy of {table} lacks {}, so it tells nothing of the table", names(&lost, "and"));
        return refused(
            evidence,
            "say the change by a client on one node, in a quiet moment; all writes of all nodes wait for as long as it takes".into(),
        );
    }
    let Some(tried) = seen.accepted() else {
        let words = seen.answer().or(seen.tries.last()).and_then(|it| it.error.clone());
        let words = words.unwrap_or_else(|| "no answer".into());
        let evidence = format!("the server refuses `{}` on an empty copy of {table}: {words}", study.change);
        return refused(evidence, hint(&words, seen).into());
    };
    if let Some((evidence, next)) = unfit_afterwards(study, seen, &tried.after) {
        return refused(evidence, next);
    }
    let words = seen.sample.as_ref()?.error.as_ref()?;
    let evidence = format!("the server refuses `{}` on the first rows of {table}: {words}", study.change);
    refused(evidence, "change the rows that do not fit first, then run this again".into())
}

/// A change that makes a table which Galera does not replicate, or replicates badly, or which differs among the nodes;
/// and what to do instead.
fn unfit_afterwards(study: &Study, seen: &TableSeen, after: &str) -> Option<(String, String)> {
    let Study { table, change, .. } = study;
    let engine = engine(after).unwrap_or("an unknown engine");
    if engine != "InnoDB" {
        let evidence =
            format!("`{change}` makes {table} a table of {engine}, which Galera does not replicate");
        return Some((evidence, "leave it an InnoDB table".into()));
    }
    if let Some(column) = differs_among_nodes(&seen.definition, after) {
        let evidence = format!(
            "each node would fill the new column {column} of {table} with values of its own, and the nodes would differ"
        );
        let next = match has_primary_key(&seen.definition) {
            true => format!(
                "add {column} without that default; fill it by UPDATE on one node; then: ALTER COLUMN {column} SET DEFAULT (...)"
            ),
            false => format!(
                "make a new table that has {column}, and INSERT the rows on one node: without a primary key, each node numbers the rows in an order of its own"
            ),
        };
        return Some((evidence, next));
    }
    if let Some(column) = fills_nulls(&seen.definition, after) {
        let evidence = format!(
            "`{change}` lets no row of {table} have NULL in {column} any more: the server would put the time of the change in its place, without an error, and the nodes would differ in the digits of the second"
        );
        let next = format!(
            "add another column with the new type and a DEFAULT that is no time, fill it from {column} by UPDATE on one node, then DROP COLUMN {column}, and RENAME COLUMN"
        );
        return Some((evidence, next));
    }
    if let Some(column) = takes_local_time(&seen.definition, after)
        && let Some(zones) = zones(study)
    {
        let evidence = format!(
            "each node would take the values of {column} of {table} from its own time zone, and the nodes have different ones: {zones}"
        );
        let next = "give all nodes the same zone, for example SET GLOBAL time_zone = '+00:00' on each, and default_time_zone in the inventory; then run this again";
        return Some((evidence, next.into()));
    }
    if has_primary_key(after) {
        return None;
    }
    let evidence = format!("after `{change}`, {table} has no primary key: Galera cannot name its rows");
    let next = match has_primary_key(&seen.definition) {
        true => "name the new primary key in the same change: DROP PRIMARY KEY, ADD PRIMARY KEY (...)",
        false => "first give it a primary key of columns that it has: ADD PRIMARY KEY (...)",
    };
    Some((evidence, next.into()))
}

/// Minutes before UTC, where the members differ in them.
fn zones(study: &Study) -> Option<String> {
    let zones: Vec<_> = study.told().map(|(node, seen)| (node, &seen.zone)).collect();
    let differ = zones.iter().any(|(_, zone)| *zone != zones[0].1);
    differ.then(|| {
        let each: Vec<_> = zones.iter().map(|(node, zone)| format!("{node} is {zone}")).collect();
        format!("{} minutes before UTC (in January, July, and July of 1978)", each.join(", "))
    })
}

fn hint(words: &str, seen: &TableSeen) -> &'static str {
    let keys = !seen.parents.is_empty() || !seen.children.is_empty();
    match code(words) {
        Some(1091) if keys => {
            "the empty copy has no foreign keys: drop one by a client on one node; else correct the change, then run this again"
        }
        _ => "correct the change, then run this again",
    }
}

/// Refuses where the nodes have different definitions of the table, or would have: one change makes different tables of
/// them.
fn same_definition(study: &Study) -> Vec<Finding> {
    let mut kinds: Vec<(_, Vec<&NodeName>)> = Vec::new();
    for (node, seen) in study.told() {
        let after = seen.accepted().map(|it| Definition::of(&it.after).as_copied);
        let whole = (Definition::of(&seen.definition).whole, after);
        match kinds.iter_mut().find(|(kind, _)| *kind == whole) {
            Some((_, nodes)) => nodes.push(node),
            None => kinds.push((whole, vec![node])),
        }
    }
    let [((one, _), most), ((other, _), others), ..] = kinds.as_slice() else { return Vec::new() };
    let (table, most, others) = (&study.table, names(most, "and"), names(others, "and"));
    if one == other {
        let evidence =
            format!("`{}` makes another table of {table} on {others} than on {most}", study.change);
        let next =
            "compare sql_mode, the character set and the release of both, and write the change out in full";
        return vec![Finding::new(codes::TABLE_DIFFERS, evidence, next)];
    }
    let evidence = format!("{table} is defined in another way on {others} than on {most}");
    let next = format!(
        "compare SHOW CREATE TABLE {table} on both; if a change with `--by rsu` was cut off, the same command with the same words and `--by rsu` goes on; else, on the node that is wrong, correct it alone: SET SESSION wsrep_on=OFF, sql_log_bin=0; ALTER TABLE {table} ..."
    );
    vec![Finding::new(codes::TABLE_DIFFERS, evidence, next)]
}

/// What the cluster will do: the dearest that any member needs.
pub fn algorithm(study: &Study) -> Option<Algorithm> {
    study
        .told()
        .map(|(_, seen)| seen.accepted().map(|it| it.algorithm))
        .collect::<Option<Vec<_>>>()?
        .into_iter()
        .max()
}
