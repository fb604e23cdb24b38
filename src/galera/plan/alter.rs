//! Changing a table of a running cluster.

use super::{Command, NoPlan, Plan, Step, ending};
use crate::galera::alter::{
    Algorithm, Change, Definition, Forecast, Study, Table, TableSeen, Way, forecast, seconds,
};
use crate::galera::judge::component::{members, one_component, starting};
use crate::galera::judge::identity::other_clusters;
use crate::galera::judge::table::{algorithm, unfit};
use crate::galera::judge::{Basis, codes, guards};
use crate::galera::plan::begin::begin;
use crate::galera::plan::no_plan::{refuse, refuse_or_wait};
use crate::galera::plan::{ServerAction, roles, rolling};
use crate::kernel::judge::{Finding, Remedy};
use crate::kernel::model::words::names;
use crate::kernel::plan::Width;

/// A forecast that has become longer than this many times what the user agreed to, and a second, is another one.
const GROWN: u64 = 3;

/// What is to be changed, and what it may cost.
pub struct Altering<'a> {
    pub table: &'a Table,
    pub change: &'a Change,
    /// Where the user named the way.
    pub by: Option<Way>,
    /// The longest time, in milliseconds, for which all writes may wait where the user named no way.
    pub longest_stall_ms: u64,
    /// The forecast in a plan that was saved.
    pub agreed: Option<&'a Forecast>,
}

/// Plans one change of one table.
///
/// Errors: the cluster is not whole, a server refuses the change, or all writes would wait for too long.
/// [`NoPlan::StudyWanted`]: the members were not asked what they make of it.
pub fn alter(basis: &Basis<'_>, wanted: &Altering<'_>) -> Result<Plan, NoPlan> {
    whole(basis)?;
    let study = study(basis, wanted)?;
    refuse(unfit(study))?;
    let (Some(first), Some(forecast)) = (seen(study), algorithm(study).and_then(|it| forecast(study, it)))
    else {
        return Err(NoPlan::Refused(vec![unmeasured(study)]));
    };
    refuse(too_long(wanted, &forecast))?;
    refuse(no_room(basis, &forecast))?;
    let agreed = wanted.agreed.unwrap_or(&forecast).clone();
    let mut plan = begin(basis, command(wanted, agreed));
    let before = Definition::of(&first.definition);
    let after = first.accepted().map(|it| Definition::of(&it.after).as_copied).unwrap_or_default();
    if forecast.algorithm == Algorithm::Metadata && before.as_copied == after {
        return Ok(plan);
    }
    plan.consequences = consequences(study, first, &forecast);
    if before.as_copied == after {
        plan.consequences.push(format!(
            "the definition of {} stays the same, so nobody can see later that this was done: where the run is cut off, the same command does it once more",
            wanted.table
        ));
    }
    let digests = (before.whole, after);
    steps(basis, &mut plan, wanted, forecast.algorithm, digests);
    roles::quiet(basis, &mut plan);
    Ok(plan)
}

/// A member that is away would change the table while it catches up, at a moment of its own.
fn whole(basis: &Basis<'_>) -> Result<(), NoPlan> {
    refuse(guards::reachable(basis))?;
    refuse(other_clusters(basis))?;
    let standing = members(basis);
    if standing.is_empty() {
        return Err(NoPlan::Refused(guards::no_cluster(basis)));
    }
    refuse(one_component(basis, &standing, starting(basis)?))?;
    let missing = rolling::not_members(basis).chain(standing.iter().filter_map(rolling::not_synced));
    refuse_or_wait(basis, missing.collect())
}

/// Errors: nobody was asked of this table and this change.
fn study<'a>(basis: &Basis<'a>, wanted: &Altering<'_>) -> Result<&'a Study, NoPlan> {
    let (table, change) = (wanted.table, wanted.change);
    let of_this = |study: &&Study| study.table == *table && study.change == *change;
    let study = basis.observation.study.as_ref().filter(of_this);
    study.ok_or_else(|| NoPlan::StudyWanted(table.clone(), change.clone()))
}

/// The table as the first member tells of it; the definitions of all are the same by now.
fn seen(study: &Study) -> Option<&TableSeen> {
    study.told().map(|(_, seen)| seen).next()
}

fn unmeasured(study: &Study) -> Finding {
    let evidence = format!("no node told how long a change of {} takes", study.table);
    Finding::new(codes::TABLE_CHANGE, evidence, "run this again")
}

fn too_long(wanted: &Altering<'_>, forecast: &Forecast) -> Vec<Finding> {
    let Altering { table, change, by, longest_stall_ms, agreed } = wanted;
    let words = words_of_stall(forecast);
    if let Some(agreed) = agreed.filter(|agreed| grown(agreed, forecast)) {
        let evidence =
            format!("{words}; the plan says {}", agreed.stall_ms.map_or("nothing".into(), seconds));
        return vec![Finding::new(codes::STALE, evidence, "run the command again for a new plan")];
    }
    if by.is_some() || forecast.stall_ms.is_some_and(|stall| stall <= *longest_stall_ms) {
        return Vec::new();
    }
    let evidence = match forecast.stall_ms {
        Some(_) => format!("{words}, and no more than {} is allowed", seconds(*longest_stall_ms)),
        None => words,
    };
    let table = table.to_string();
    let next = Remedy::galactl("alter", &["--table", &table, change.as_str(), "--by", Way::Toi.word()])
        .and(" changes it all the same, in a quiet moment; --longest-stall SECONDS allows more");
    vec![Finding::new(codes::WRITE_STALL, evidence, next)]
}

fn words_of_stall(forecast: &Forecast) -> String {
    match (forecast.stall_ms, &forecast.untold) {
        (Some(stall), _) => {
            format!("by TOI, all writes of all nodes would wait for about {}", seconds(stall))
        }
        (None, why) => format!(
            "nobody can tell for how long all writes of all nodes would wait by TOI: {}",
            why.as_deref().unwrap_or("no node has measured it")
        ),
    }
}

/// The cost is another one than what the user agreed to.
fn grown(agreed: &Forecast, now: &Forecast) -> bool {
    match (agreed.stall_ms, now.stall_ms) {
        (Some(agreed), Some(now)) => now > agreed.saturating_mul(GROWN).saturating_add(1000),
        (Some(_), None) => true,
        (None, _) => false,
    }
}

fn no_room(basis: &Basis<'_>, forecast: &Forecast) -> Vec<Finding> {
    basis.nodes().filter_map(|it| guards::disk_for_copy(it, forecast.room)).collect()
}

fn command(wanted: &Altering<'_>, forecast: Forecast) -> Command {
    Command::Alter {
        table: wanted.table.clone(),
        change: wanted.change.clone(),
        by: wanted.by,
        longest_stall_ms: wanted.longest_stall_ms,
        forecast,
    }
}

fn consequences(study: &Study, seen: &TableSeen, forecast: &Forecast) -> Vec<String> {
    let mut sentences = forecast.sentences().to_vec();
    sentences.push(format!(
        "all nodes change {} at the same place among the writes (TOI): a transaction that has used the table and is still open then is aborted (error 1213), and reads go on",
        study.table
    ));
    let keys: Vec<_> =
        seen.parents.iter().chain(&seen.children).map(|name| name.replacen('/', ".", 1)).collect();
    if !keys.is_empty() {
        sentences.push(format!(
            "foreign keys tie the table to {}: the empty copy that was tried has none, so what they forbid shows only when the table itself is changed",
            names(&keys, "and")
        ));
    }
    sentences
}

/// One node says it, and all do it.
fn steps(
    basis: &Basis<'_>,
    plan: &mut Plan,
    wanted: &Altering<'_>,
    algorithm: Algorithm,
    (before, after): (String, String),
) {
    let nodes = ending::all(basis);
    let Some(at) = basis.inventory.start_order().last() else { return };
    let (table, change) = (wanted.table.clone(), wanted.change.clone());
    let step = |action: ServerAction, why: &str| Step::new(at, action, why);
    let act =
        ServerAction::AlterTable { table: table.clone(), change, algorithm, before, after: after.clone() };
    plan.stage("Change the table", Width::Serial, vec![step(act, "what one node says by TOI, all nodes do")]);
    let most_members = basis.inventory.size();
    let table = ServerAction::VerifyTable { table, after, nodes: nodes.clone() };
    let views = ServerAction::VerifyViews { nodes, most_members };
    let steps = vec![
        step(table, "a node on which it failed would leave the cluster"),
        step(views, "a size of N on one node proves nothing about the others"),
    ];
    plan.stage("Verify", Width::Serial, steps);
}
