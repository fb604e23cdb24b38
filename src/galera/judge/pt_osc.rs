//! pt-online-schema-change beside a table: what one has left, whether one is at work, and why none can be used.

use super::codes;
use super::{Basis, programs};
use crate::galera::alter::pt_osc::{Left, PACKAGE, Work, left, program, unfit};
use crate::galera::alter::{Study, TableSeen};
use crate::kernel::judge::{Finding, Remedy};
use crate::kernel::model::NodeName;

/// What was found beside a table.
#[derive(Debug, Default)]
pub struct Found {
    /// To be removed.
    pub left: Left,
    /// Where galactl's own is at work on this very change, which is waited for.
    pub attached: Option<NodeName>,
}

/// Errors: one is at work, so that nothing of it may be removed.
pub fn found(study: &Study) -> Result<Found, Vec<Finding>> {
    let all = study.told().map(|(_, seen)| left(&study.table, &seen.osc).0);
    let left = all.reduce(|one, other| if one.is_empty() { other } else { one }).unwrap_or_default();
    let wanted = Work { table: study.table.clone(), change: study.change.clone() };
    if let Some((node, _)) = study.told().find(|(_, seen)| seen.osc.work.as_ref() == Some(&wanted)) {
        return Ok(Found { left: Left::default(), attached: Some(node.clone()) });
    }
    if left.is_empty() {
        return Ok(Found::default());
    }
    match study.told().find(|(_, seen)| seen.osc.is_at_work()) {
        None => Ok(Found { left, attached: None }),
        Some((node, seen)) => Err(vec![at_work(study, &left, node, seen)]),
    }
}

fn at_work(study: &Study, left: &Left, node: &NodeName, seen: &TableSeen) -> Finding {
    let what = seen.osc.sessions.first().cloned();
    let what = what.or_else(|| seen.osc.processes.first().map(|pid| format!("process {pid}")));
    let what = what.unwrap_or_else(|| format!("{}.service", program::UNIT));
    let evidence = format!(
        "a pt-online-schema-change is at work here ({what}), and beside {} there are {}",
        study.table,
        left.words()
    );
    let why = "its copy would lack the change, or the table would be replaced by the copy";
    let next = "wait for its end, or end it; then run this again: what it leaves is removed then";
    Finding::new(codes::TABLE_CHANGE, evidence, next).on(node).because(why)
}

/// Why it cannot be used, one sentence each. `after`: the definition that an empty copy had.
pub fn obstacles(basis: &Basis<'_>, study: &Study, at: &NodeName, after: &str) -> Vec<String> {
    let Some((_, seen)) = study.told().find(|(node, _)| *node == at) else { return Vec::new() };
    let mut why = unfit(&study.table, seen, after);
    if let Some(work) =
        seen.osc.work.as_ref().filter(|it| it.table != study.table || it.change != study.change)
    {
        why.push(format!("galactl's own is at work on {at} already, on {}: {}", work.table, work.change));
    }
    let machine = basis.observation.facts(at).map(|facts| &facts.machine);
    let missing = machine.and_then(|it| {
        programs::not_installed(basis.inventory, it, (PACKAGE, seen.osc.installed.as_ref()), "the last node")
    });
    why.extend(missing.map(|it| format!("on {at}, {}: {}", it.evidence, it.remedy)));
    why
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
