//! The steps of a change of one node after the other, each out of its clients' reach meanwhile (RSU).

use super::Altering;
use super::case::Case;
use crate::galera::alter::{
    Definition, Forecast, Study, TableSeen, Way, lines_that_differ, moved_names, rsu_done, seconds,
};
use crate::galera::health;
use crate::galera::health::action::HealthAction;
use crate::galera::inventory::Proxy;
use crate::galera::judge::component::members;
use crate::galera::judge::{Basis, codes};
use crate::galera::plan::{Plan, ServerAction, Step, ending, endpoint, rolling};
use crate::kernel::judge::{Finding, Remedy};
use crate::kernel::model::NodeName;
use crate::kernel::model::words::{bytes, count, names};
use crate::kernel::plan::Width;

/// How many lines of a definition stand in a refusal.
const LINES: usize = 6;

/// Why a change cannot be made so; empty: it can.
pub fn refusals(case: &Case<'_>, seen: &TableSeen) -> Vec<Finding> {
    let moved = moved(case).or_else(|| misfit(case, seen));
    let refusals: Vec<_> = moved.into_iter().chain(unreached(&case.basis)).collect();
    if !refusals.is_empty() {
        return refusals;
    }
    let all = ending::all(&case.basis);
    endpoint::refusals(&case.basis, &all, &all)
}

/// A refusal where some nodes have what the change makes, and others have not, and another way would change it there
/// again.
pub fn half_done(wanted: &Altering<'_>, whole: &Study, rest: &Study) -> Option<Finding> {
    let done = rsu_done(whole);
    let (_, before) = rest.told().next()?;
    let fits = lines_that_differ(&before.definition, &before.accepted()?.after).is_empty();
    if wanted.by == Some(Way::Rsu) || done.is_empty() || !fits || moved_names(&whole.change).is_some() {
        return None;
    }
    let evidence = format!(
        "{} has what `{}` makes of {} already, and {} has not: a change of one node after the other (RSU) was cut off",
        names(&done, "and"),
        whole.change,
        whole.table,
        names(&rest.nodes.keys().collect::<Vec<_>>(), "and")
    );
    let table = whole.table.to_string();
    let next = Remedy::galactl("alter", &["--table", &table, whole.change.as_str(), "--by", Way::Rsu.word()]);
    Some(Finding::new(codes::TABLE_DIFFERS, evidence, next.and(" goes on with the others")))
}

/// The definitions may be the same, and rows go by the place of their columns.
fn moved(case: &Case<'_>) -> Option<Finding> {
    let words = moved_names(&case.study.change)?;
    let evidence = format!(
        "the change has {words}: node by node (RSU), rows would come into other columns on the nodes that are not done"
    );
    let why = "the nodes would have different rows";
    Some(Finding::new(codes::TABLE_CHANGE, evidence, other_ways(case)).because(why))
}

/// Rows come from nodes of the other definition meanwhile.
fn misfit(case: &Case<'_>, seen: &TableSeen) -> Option<Finding> {
    let mut differ = lines_that_differ(&seen.definition, case.after);
    if differ.is_empty() {
        return None;
    }
    let more = differ.len().saturating_sub(LINES);
    differ.truncate(LINES);
    let lines = differ.iter().map(|line| format!("`{line}`")).collect::<Vec<_>>().join(", ");
    let more = if more == 0 { String::new() } else { format!(" and {}", count(more, "other line")) };
    let evidence = format!(
        "node by node (RSU), rows go from old tables to new ones and back, so that only indexes that are not unique, and comments, may differ; here differ {lines}{more}"
    );
    let why = "a node that cannot apply a row leaves the cluster";
    Some(Finding::new(codes::TABLE_CHANGE, evidence, other_ways(case)).because(why))
}

fn other_ways(case: &Case<'_>) -> Remedy {
    let table = case.study.table.to_string();
    Remedy::galactl("alter", &["--table", &table, case.study.change.as_str()])
        .and(" lets galactl choose another way")
}

/// A node that takes writes hangs: ALTER waits for the lock of a client that waits for the node. (Measured with 10.11:
/// for 8 minutes, until the client was killed.)
fn unreached(basis: &Basis<'_>) -> Option<Finding> {
    let refused = |evidence: String, next: Remedy| {
        let why =
            "on a node that takes writes, the ALTER waits for a client that waits for the node, for ever";
        Some(Finding::new(codes::TABLE_CHANGE, evidence, next).because(why))
    };
    if basis.inventory.endpoint.is_none() || basis.inventory.proxies().is_empty() {
        let evidence = "node by node (RSU), each node must be out of its clients' reach, and the inventory has no endpoint";
        return refused(
            evidence.into(),
            "name `endpoint` and `proxies` in the inventory, or choose another way".into(),
        );
    }
    if let Some(Proxy { name, kind, .. }) = basis.inventory.proxies().iter().find(|it| !it.heeds_health()) {
        let evidence = format!(
            "{name} ({}) does not ask nodes whether they are drained, and sends reads to a node until its server stops",
            kind.name()
        );
        return refused(evidence, "choose another way".into());
    }
    let mute = basis.nodes().find(|(node, _)| {
        !basis.observation.health_of(&node.name).is_some_and(health::facts::HealthFacts::listens)
    });
    let (node, _) = mute?;
    let evidence =
        format!("{} does not tell proxies how it is, so that they cannot be sent elsewhere", node.name);
    refused(evidence, Remedy::galactl("apply-config", &[]).and(" sets that up"))
}

/// Node by node, last the one to which a proxy sends the writes.
pub fn steps(case: &Case<'_>, seen: &TableSeen, plan: &mut Plan) {
    let basis = &case.basis;
    let (all, standing, done) = (ending::all(basis), members(basis), rsu_done(case.whole));
    let to_do = standing.iter().filter(|member| !done.contains(&member.node.name));
    let order = rolling::order(basis, to_do);
    plan.consequences =
        consequences(case, &order.iter().map(|it| it.node.name.clone()).collect::<Vec<_>>(), &done);
    endpoint::let_in(basis, plan, &all);
    let action = ServerAction::AlterAlone {
        table: case.study.table.clone(),
        change: case.study.change.clone(),
        algorithm: case.forecast.algorithm,
        before: Definition::of(&seen.definition).whole,
        after: Definition::of(case.after).as_copied,
    };
    let mut steps = Vec::new();
    for (place, member) in order.iter().enumerate() {
        let (node, later) = (member.node, order[place + 1..].iter().map(|member| &member.node.name));
        steps.extend(endpoint::drain(basis, &node.name, &all, later));
        steps.push(Step::new(node, action.clone(), "the others take the writes meanwhile"));
        let place = health::steps::place(basis, &node.name);
        steps.push(Step::new(&place, HealthAction::Serve, "it is Synced again"));
    }
    plan.stage("Change the table, one node after the other", Width::Serial, steps);
}

/// Bytes that the other nodes write in the time of the change, which a node that does not apply keeps; `None` where the time
/// cannot be told.
pub fn queued(seen: &TableSeen, forecast: &Forecast) -> Option<u64> {
    Some(seen.received.saturating_mul(forecast.stall_ms?.div_ceil(1000)))
}

/// What a node that is not applying costs, and what its own binary log has then.
fn beside(case: &Case<'_>) -> Vec<String> {
    let rate = case.study.told().map(|(_, seen)| seen.received).max().unwrap_or(0);
    let most = case.study.told().filter_map(|(_, seen)| queued(seen, case.forecast)).max();
    let upto = most.map_or(String::new(), |most| format!(", so about {}", bytes(most)));
    let mut sentences = vec![format!(
        "meanwhile that node keeps what the others write in files of its gcache beside its data, without a limit: {} a second on the average since its server was started{upto}; a full disk there ends the server",
        bytes(rate)
    )];
    if case.study.told().any(|(_, seen)| seen.binlog) {
        sentences.push(
            "each node writes the ALTER into its binary log by itself, with a GTID of its own: a replica that goes to another node of the cluster later gets it a second time, or asks for what that node does not have; so leave each replica at its node".into(),
        );
    }
    sentences
}

fn consequences(case: &Case<'_>, order: &[NodeName], done: &[NodeName]) -> Vec<String> {
    let [what, _] = case.forecast.sentences();
    let each = case
        .forecast
        .stall_ms
        .map_or("a time that cannot be told".into(), |stall| format!("about {}", seconds(stall)));
    let mut sentences = vec![
        what,
        format!(
            "the nodes change {} by themselves, one after the other ({}), each out of its clients' reach for {each} and the time in which it catches up; no write of another node waits for it",
            case.study.table,
            names(order, "then")
        ),
        "until the last one is done, the nodes have two definitions of the table; rows fit both".into(),
        "a client that is connected to a node after its drain, past the proxies too, stops the run before that node's ALTER".into(),
    ];
    if !done.is_empty() {
        sentences.push(format!(
            "{} has the new definition already, from a run that was cut off",
            names(done, "and")
        ));
    }
    sentences.extend(beside(case));
    sentences.extend(endpoint::clients(&case.basis));
    sentences
}
