//! Changing a table of a running cluster.

mod case;
mod choice;
mod rsu;

use case::Case;
use choice::choose;

use super::{Command, NoPlan, Plan, Step, ending};
use crate::galera::alter::{
    Algorithm, Change, Definition, Forecast, Study, Table, TableSeen, Way, forecast, moved_names, rsu_rest,
    seconds,
};
use crate::galera::inventory::Node;
use crate::galera::judge::component::{members, one_component, starting};
use crate::galera::judge::identity::other_clusters;
use crate::galera::judge::table::{algorithm, unfit};
use crate::galera::judge::{Basis, codes, guards, pt_osc};
use crate::galera::plan::begin::begin;
use crate::galera::plan::no_plan::{refuse, refuse_or_wait};
use crate::galera::plan::{ServerAction, roles, rolling};
use crate::kernel::judge::Finding;
use crate::kernel::model::NodeName;
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
    let whole = study(basis, wanted)?;
    let rest = rsu_rest(whole);
    // Nodes that an earlier run has changed stand against every other way.
    let study = if wanted.by == Some(Way::Rsu) { &rest } else { whole };
    refuse(rsu::half_done(wanted, whole, &rest).into_iter().collect())?;
    refuse(pt_osc::refusals(study))?;
    let Some(at) = acting(basis, study) else { return Err(NoPlan::Refused(vec![unmeasured(study)])) };
    refuse(unfit(study))?;
    let (Some(seen), Some(forecast)) =
        (seen(study, &at.name), algorithm(study).and_then(|it| forecast(study, it)))
    else {
        return Err(NoPlan::Refused(vec![unmeasured(study)]));
    };
    let after = seen.accepted().map(|it| it.after.as_str()).unwrap_or_default();
    let stays = Definition::of(&seen.definition).as_copied == Definition::of(after).as_copied;
    // After some changes the same names stand for other values, which no definition shows.
    let is_done = forecast.algorithm == Algorithm::Metadata && stays && moved_names(wanted.change).is_none();
    let case = Case { basis: *basis, wanted, whole, study, forecast: &forecast, at, after };
    let way = choose(&case, seen)?;
    refuse(no_room(basis, study, &forecast, way))?;
    if way == Way::Toi {
        refuse(dearer(wanted, &forecast).into_iter().collect())?;
    }
    let agreed = wanted.agreed.unwrap_or(&forecast).clone();
    let mut plan = begin(basis, command(wanted, agreed));
    if !is_done {
        change(&case, seen, way, &mut plan);
        plan.consequences.extend(stays.then(|| unseen_later(study)));
    }
    if !plan.is_empty() {
        verify(&case, &mut plan);
        roles::quiet(basis, &mut plan);
    }
    Ok(plan)
}

/// By TOI, no node is better than another one, and the same plan comes out whoever writes most.
fn acting<'a>(basis: &Basis<'a>, study: &Study) -> Option<&'a Node> {
    basis.inventory.start_order().filter(|node| study.nodes.contains_key(&node.name)).last()
}

fn unseen_later(study: &Study) -> String {
    format!(
        "the definition of {} stays the same, so nobody can see later that this was done: where the run is cut off, the same command does it once more",
        study.table
    )
}

/// The step that changes the table, and what comes of it.
fn change(case: &Case<'_>, seen: &TableSeen, way: Way, plan: &mut Plan) {
    let Case { study, forecast, at, after, .. } = *case;
    let (table, change) = (study.table.clone(), study.change.clone());
    let before = Definition::of(&seen.definition).whole;
    let after = Definition::of(after).as_copied;
    let (action, why) = match way {
        Way::Rsu => return rsu::steps(case, seen, plan),
        Way::Toi => {
            plan.consequences = consequences(study, seen, forecast);
            let Altering { by, longest_stall_ms, .. } = *case.wanted;
            let algorithm = forecast.algorithm;
            let action =
                ServerAction::AlterTable { table, change, algorithm, before, after, by, longest_stall_ms };
            (action, "what one node says by TOI, all nodes do")
        }
    };
    plan.stage("Change the table", Width::Serial, vec![Step::new(at, action, why)]);
}

fn verify(case: &Case<'_>, plan: &mut Plan) {
    let (nodes, most_members) = (ending::all(&case.basis), case.basis.inventory.size());
    let (table, after) = (case.study.table.clone(), Definition::of(case.after).as_copied);
    let table = ServerAction::VerifyTable { table, after, nodes: nodes.clone() };
    let views = ServerAction::VerifyViews { nodes, most_members };
    let steps = vec![
        Step::new(case.at, table, "a node on which it failed would leave the cluster"),
        Step::new(case.at, views, "a size of N on one node proves nothing about the others"),
    ];
    plan.stage("Verify", Width::Serial, steps);
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

/// The table as the node tells of it that acts; the definitions of all are the same by now.
fn seen<'a>(study: &'a Study, at: &NodeName) -> Option<&'a TableSeen> {
    study.told().find(|(node, _)| *node == at).map(|(_, seen)| seen)
}

fn unmeasured(study: &Study) -> Finding {
    let evidence = format!("no node told how long a change of {} takes", study.table);
    Finding::new(codes::TABLE_CHANGE, evidence, "run this again")
}

/// What was agreed to has become much dearer since.
fn dearer(wanted: &Altering<'_>, forecast: &Forecast) -> Option<Finding> {
    let agreed = wanted.agreed.filter(|agreed| grown(agreed, forecast))?;
    let said = agreed.stall_ms.map_or("nothing".into(), seconds);
    let evidence = format!("{}; the plan says {said}", words_of_stall(forecast));
    Some(Finding::new(codes::STALE, evidence, "run the command again for a new plan"))
}

pub(super) fn words_of_stall(forecast: &Forecast) -> String {
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

/// On the disk of the data, and where a new index is sorted.
fn no_room(basis: &Basis<'_>, study: &Study, forecast: &Forecast, way: Way) -> Vec<Finding> {
    let sorted = forecast.sorted();
    let on_disk = basis.nodes().filter_map(|it| {
        let seen = seen(study, &it.0.name)?;
        // The room of NOCOPY has it already.
        let beside = seen.tmpdir.beside_data && forecast.algorithm == Algorithm::Inplace;
        let sorted = if beside { sorted } else { 0 };
        let queued = if way == Way::Rsu { rsu::queued(seen, forecast).unwrap_or(0) } else { 0 };
        guards::disk_for_copy(it, forecast.room.saturating_add(sorted).saturating_add(queued))
    });
    let elsewhere = study.told().filter_map(|(node, seen)| guards::disk_for_sort(node, &seen.tmpdir, sorted));
    on_disk.chain(elsewhere).collect()
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
