//! What stands against a change of a table, whatever way it takes.

use super::codes;
use crate::galera::alter::{Algorithm, Asked, Definition, Study, TableSeen, Try};
use crate::kernel::judge::Finding;
use crate::kernel::model::NodeName;
use crate::kernel::model::words::names;

/// Every member that told.
pub fn told(study: &Study) -> impl Iterator<Item = (&NodeName, &TableSeen)> {
    study.nodes.iter().filter_map(|(node, asked)| match asked {
        Asked::Told(seen) => Some((node, &**seen)),
        Asked::Silent(_) => None,
    })
}

/// Refusals of a member that does not tell, a table that is not there, is no InnoDB table, or differs among the nodes,
/// and of a change that a server does not take.
pub fn unfit(study: &Study) -> Vec<Finding> {
    let silent = study.nodes.iter().filter_map(|(node, asked)| match asked {
        Asked::Silent(why) => Some(silent(study, why).on(node)),
        Asked::Told(_) => None,
    });
    let mut unfit: Vec<Finding> =
        silent.chain(told(study).filter_map(|(node, seen)| of_member(study, node, seen))).collect();
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
    let Some(Try { after, .. }) = seen.accepted() else {
        let words = seen.tries.last().and_then(|last| last.error.clone()).or_else(|| seen.error.clone());
        let words = words.unwrap_or_else(|| "no answer".into());
        let evidence = format!("the server refuses `{}` on an empty copy of {table}: {words}", study.change);
        return refused(evidence, hint(&words).into());
    };
    if after.is_empty() {
        let evidence = format!("`{}` gives {table} another name", study.change);
        return refused(evidence, "rename a table by hand: that touches no row".into());
    }
    let words = seen.sample.as_ref()?.error.as_ref()?;
    let evidence = format!("the server refuses `{}` on the first rows of {table}: {words}", study.change);
    refused(evidence, "change the rows that do not fit first, then run this again".into())
}

fn hint(words: &str) -> &'static str {
    match words.contains("errno: 150") || words.contains("foreign key") {
        true => {
            "write the other table as schema.table behind REFERENCES; the empty copy stands in a database of its own, and has no foreign keys"
        }
        false => "correct the change, then run this again",
    }
}

/// Refuses where the nodes have different definitions of the table: one change makes different tables of them.
fn same_definition(study: &Study) -> Vec<Finding> {
    let mut kinds: Vec<(String, Vec<&NodeName>)> = Vec::new();
    for (node, seen) in told(study) {
        let whole = Definition::of(&seen.definition).whole;
        match kinds.iter_mut().find(|(kind, _)| *kind == whole) {
            Some((_, nodes)) => nodes.push(node),
            None => kinds.push((whole, vec![node])),
        }
    }
    let [(_, most), (_, others), ..] = kinds.as_slice() else { return Vec::new() };
    let (table, most, others) = (&study.table, names(most, "and"), names(others, "and"));
    let evidence = format!("{table} is defined in another way on {others} than on {most}");
    let next = format!(
        "compare SHOW CREATE TABLE {table} on both, and make them the same on one node with wsrep_on=OFF"
    );
    vec![Finding::new(codes::TABLE_DIFFERS, evidence, next)]
}

/// What the cluster will do: the dearest that any member needs.
pub fn algorithm(study: &Study) -> Option<Algorithm> {
    told(study)
        .map(|(_, seen)| seen.accepted().map(|it| it.algorithm))
        .collect::<Option<Vec<_>>>()?
        .into_iter()
        .max()
}
