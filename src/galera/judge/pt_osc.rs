//! pt-online-schema-change beside a table: what one has left, whether one is at work, and why none can be used.

use super::codes;
use super::{Basis, programs};
use crate::galera::alter::pt_osc::{Left, PACKAGE, Work, left, unfit};
use crate::galera::alter::{Study, moved_names};
use crate::galera::endpoint::inventory::Writes;
use crate::galera::proxy::judge::takes_writes;
use crate::kernel::judge::{Finding, Remedy};
use crate::kernel::model::NodeName;

/// What was found beside a table.
#[derive(Debug, Default)]
pub struct Found {
    /// Of galactl's own, to be removed.
    pub left: Left,
    /// Tables of the tool's names, which are left alone.
    pub tables: Vec<String>,
    /// Where galactl's own is at work on this very change, which is waited for.
    pub attached: Option<NodeName>,
}

/// Errors: one is at work on the table, or may be. Then no way is right: its copy takes the table's place at the end.
pub fn found(study: &Study) -> Result<Found, Vec<Finding>> {
    let wanted = Work { table: study.table.clone(), change: study.change.clone() };
    if let Some((node, _)) = study.told().find(|(_, seen)| seen.osc.work.as_ref() == Some(&wanted)) {
        return Ok(Found { attached: Some(node.clone()), ..Found::default() });
    }
    let at_work = study.told().find_map(|(node, seen)| Some((node, seen.osc.at_work(&study.table)?)));
    if let Some((node, what)) = at_work {
        return Err(vec![at_work_on(study, node, &what)]);
    }
    let beside: Vec<_> = study.told().map(|(_, seen)| left(&study.table, &seen.osc)).collect();
    if let Some(others) = beside.iter().map(|it| &it.of_others).find(|it| !it.is_empty()) {
        return Err(vec![may_be_at_work(study, others)]);
    }
    // Triggers and tables replicate: whoever has applied most tells most.
    let most = beside.into_iter().max_by_key(|it| it.own.triggers.len() + it.own.tables.len());
    Ok(most.map(|it| Found { left: it.own, tables: it.tables, attached: None }).unwrap_or_default())
}

const LOST: &str =
    "its copy takes the table's place at the end, without the change and without what was written to it";

fn at_work_on(study: &Study, node: &NodeName, what: &str) -> Finding {
    let evidence = format!(
        "a pt-online-schema-change is at work here, on {} as far as galactl can tell: {what}",
        study.table
    );
    Finding::new(codes::TABLE_CHANGE, evidence, "wait for its end, or end it; then run this again")
        .on(node)
        .because(LOST)
}

/// It may run on any host, and shows itself only while a statement of it runs.
fn may_be_at_work(study: &Study, others: &Left) -> Finding {
    let evidence = format!(
        "a pt-online-schema-change that galactl did not start may be at work on {}: there are {}",
        study.table,
        others.words()
    );
    let next = Remedy::from("wait for its end, on whatever host it runs; where it was killed, on one node: ")
        .and(others.on_a_node(&study.table.schema))
        .and("; then run this again");
    Finding::new(codes::TABLE_CHANGE, evidence, next).because(LOST)
}

/// Why it cannot be used, one sentence each. `after`: the definition that an empty copy had.
pub fn obstacles(basis: &Basis<'_>, study: &Study, at: &NodeName, after: &str) -> Vec<String> {
    let Some((_, seen)) = study.told().find(|(node, _)| *node == at) else { return Vec::new() };
    let mut why = unfit(&study.table, seen, after);
    why.extend(moved_names(&study.change).map(|words| {
        format!("the change has {words}: it copies columns by their names, and values would be lost")
    }));
    why.extend(other_writers(basis, study, at));
    why.extend(replica(study));
    if let Some(work) = seen.osc.work.as_ref().filter(|it| it.table != study.table) {
        why.push(format!("galactl's own is at work on {at} already, on {}: {}", work.table, work.change));
    }
    let machine = basis.observation.facts(at).map(|facts| &facts.machine);
    let missing = machine.and_then(|it| {
        programs::not_installed(basis.inventory, it, (PACKAGE, seen.osc.installed.as_ref()), "the last node")
    });
    why.extend(missing.map(|it| format!("on {at}, {}: {}", it.evidence, it.remedy)));
    why
}

/// A row that one node copies while another one deletes it comes back: a DELETE that finds no row in the copy yet has
/// no key in common with the copying, so that both are certified.
fn other_writers(basis: &Basis<'_>, study: &Study, at: &NodeName) -> Option<String> {
    let single = basis.inventory.endpoint.is_some_and(|it| it.writes == Writes::Single);
    let others: Vec<_> = study.told().filter(|(node, _)| *node != at).collect();
    // Proxies may not agree.
    if single && takes_writes(basis, at) && !others.iter().any(|(node, _)| takes_writes(basis, node)) {
        return None;
    }
    let (node, writes) =
        others.into_iter().map(|(node, seen)| (node, seen.osc.writes)).find(|it| it.1 != Some(0))?;
    let what = match writes {
        Some(writes) => {
            format!("clients wrote at {node} too ({writes} write-sets during this look)")
        }
        None => format!("{node} does not tell whether clients write there too"),
    };
    Some(format!(
        "{what}: a row that they delete while {at} copies it would come back; let all clients write at {at} only (`endpoint` with `writes: single`, or without --ledger)"
    ))
}

/// Rows that come from another server fire no triggers. (MariaDB: `slave_run_triggers_for_rbr`)
fn replica(study: &Study) -> Option<String> {
    let (node, _) = study.told().find(|(_, seen)| seen.osc.replicas > 0)?;
    Some(format!(
        "{node} is a replica of another server, whose changes fire no triggers here, so they would be missing in the copy; STOP ALL SLAVES there first, or change the table on that server"
    ))
}

/// The refusal where its way was named.
pub fn refusal(study: &Study, why: &[String]) -> Option<Finding> {
    let evidence = format!("pt-online-schema-change cannot change {}: {}", study.table, why.join("; "));
    let table = study.table.to_string();
    let next = Remedy::from("mend that; or ")
        .and(Remedy::galactl("alter", &["--table", &table, study.change.as_str(), "--by", "toi"]))
        .and(" in a quiet moment");
    (!why.is_empty()).then(|| {
        Finding::new(codes::TABLE_CHANGE, evidence, next)
            .because("it would fail, or rows would be lost without a word")
    })
}
