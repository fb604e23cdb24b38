//! A node leaves a transaction of another node out, which it cannot apply.

use super::begin::begin;
use super::no_plan::refuse;
use super::{Command, NoPlan, NodeAction, Plan, Step};
use crate::kernel::facts::Answer;
use crate::kernel::inventory::text::visible;
use crate::kernel::judge::{Finding, PLACE, Remedy};
use crate::kernel::model::NodeName;
use crate::kernel::model::words::{count, names};
use crate::kernel::plan::Width;
use crate::mesh::facts::{ApplyError, HostFacts, SubscriptionState, Transaction, Which};
use crate::mesh::judge::again::again;
use crate::mesh::judge::{Basis, codes, held_up, reach};
use crate::mesh::model::{DatabaseName, subscription};
use crate::postgresql::Lsn;

/// What the user names.
#[derive(Debug, Clone, Copy)]
pub struct Skipping<'a> {
    pub node: &'a NodeName,
    pub from: &'a NodeName,
    /// `None`: the one in which something is held up.
    pub database: Option<&'a DatabaseName>,
}

/// Plans that the node goes on behind the transaction that it cannot apply.
///
/// Errors: every reason not to go on, or the question what the transaction holds.
pub fn skip(basis: &Basis<'_>, skipping: &Skipping<'_>) -> Result<Plan, NoPlan> {
    refuse(reachable(basis, skipping))?;
    refuse(members(basis, skipping))?;
    let Some((which, error, applied)) = which(basis, skipping)? else {
        return Ok(begin(basis, command(skipping, None)));
    };
    let held_up = basis.observation.held_up.as_ref().filter(|it| it.which == which);
    let Some(held_up) = held_up else { return Err(NoPlan::Ask(Box::new(which))) };
    let transaction = match &held_up.told {
        Answer::Told(transaction) => transaction,
        Answer::Nobody(why) | Answer::Unseen(why) => {
            let evidence = format!(
                "what transaction {} of {} holds cannot be seen: {why}",
                which.failing.xid, which.provider
            );
            let next =
                Remedy::galactl("doctor", &[]).and(" tells whether it still is the one that is in the way");
            return Err(NoPlan::Refused(vec![
                Finding::new(codes::APPLY_ERROR, evidence, next).on(skipping.node),
            ]));
        }
    };
    if !transaction.is_next(applied) {
        return Err(NoPlan::Refused(vec![not_next(&which)]));
    }
    let node = basis.inventory.node(skipping.node).expect("a member");
    let mut plan = begin(basis, command(skipping, Some(&which)));
    plan.consequences = consequences(&which, error, transaction);
    let action = NodeAction::Skip {
        database: which.database.clone(),
        provider: which.provider.clone(),
        slot: which.slot.clone(),
        xid: which.failing.xid,
        commit: which.failing.commit,
        end: transaction.end,
        digest: transaction.digest.clone(),
    };
    let step = Step::new(node, action, "it cannot be applied, and nothing that comes after it is");
    plan.stage("Leave it out", Width::Serial, vec![step]);
    Ok(plan)
}

/// The log names a transaction that is not the first one that the reader lacks, such as one of an earlier time.
fn not_next(which: &Which) -> Finding {
    let Which { reader, provider, database, failing, .. } = which;
    let evidence = format!(
        "others come before transaction {} of {provider} in database {database} that are not applied either, and they would be lost with it",
        failing.xid
    );
    let next = Remedy::from(
        "wait 3 minutes, in which it tries again, and its log names the one that is in the way: ",
    )
    .and(Remedy::galactl("status", &[]));
    Finding::new(codes::APPLY_ERROR, evidence, next).on(reader)
}

fn command(skipping: &Skipping<'_>, which: Option<&Which>) -> Command {
    let database = which.map(|it| &it.database).or(skipping.database).cloned();
    Command::Skip { node: skipping.node.clone(), from: skipping.from.clone(), database }
}

/// The two nodes that it is about.
fn reachable(basis: &Basis<'_>, skipping: &Skipping<'_>) -> Vec<Finding> {
    let mut refusals = reach::unseen(basis);
    refusals.retain(|it| it.node.as_ref().is_none_or(|node| node == skipping.node || node == skipping.from));
    refusals
}

fn members(basis: &Basis<'_>, skipping: &Skipping<'_>) -> Vec<Finding> {
    let asked = basis.nodes().filter(|(node, _)| [skipping.node, skipping.from].contains(&&node.name));
    let other = asked.filter(|(node, facts)| !basis.is_member(node, facts) || facts.live().is_none());
    other
        .map(|(node, _)| {
            let next = Remedy::galactl("status", &[]).and(" shows how it is");
            Finding::new(codes::NOT_MEMBER, "it is no member of the mesh that answers", next).on(&node.name)
        })
        .collect()
}

/// What is in the way, why, and how far the reader has applied the provider's changes.
type Found<'a> = (Which, &'a ApplyError, Option<Lsn>);

/// The transaction that is in the way; `None`: none is.
fn which<'a>(basis: &Basis<'a>, skipping: &Skipping<'_>) -> Result<Option<Found<'a>>, NoPlan> {
    let Some(facts) = basis.observation.facts(skipping.node) else { return Ok(None) };
    let wanted = |name: &&DatabaseName| skipping.database.is_none_or(|it| it == *name);
    let databases: Vec<_> = basis.databases().into_iter().filter(wanted).collect();
    let found: Vec<_> =
        databases.iter().filter_map(|database| in_database(facts, skipping, database)).collect();
    match found.as_slice() {
        [found] => Ok(Some(found.clone())),
        [] => {
            refuse(still(basis, facts, skipping, &databases))?;
            Ok(None)
        }
        several => {
            let all: Vec<_> = several.iter().map(|(which, ..)| which.database.as_str()).collect();
            let evidence = format!("it cannot apply changes of {} in {}", skipping.from, names(&all, "and"));
            let args = [skipping.node.as_str(), "--from", skipping.from.as_str(), "--database", all[0]];
            let next = Remedy::from("name one of them: ").and(Remedy::galactl("skip", &args));
            Err(NoPlan::Refused(vec![Finding::new(codes::APPLY_ERROR, evidence, next).on(skipping.node)]))
        }
    }
}

fn in_database<'a>(
    facts: &'a HostFacts,
    skipping: &Skipping<'_>,
    database: &DatabaseName,
) -> Option<Found<'a>> {
    let name = subscription(skipping.node, skipping.from);
    let own = facts.database(database)?.subscription(&name)?;
    let error = held_up::error(facts, own)?;
    let which = Which {
        reader: skipping.node.clone(),
        provider: skipping.from.clone(),
        database: database.clone(),
        slot: own.slot.clone()?,
        failing: error.transaction?,
    };
    Some((which, error, own.applied))
}

/// Subscriptions that do not read, though the log names no transaction.
fn still(
    basis: &Basis<'_>,
    facts: &HostFacts,
    skipping: &Skipping<'_>,
    databases: &[&DatabaseName],
) -> Vec<Finding> {
    let name = subscription(skipping.node, skipping.from);
    let of = |database: &&DatabaseName| {
        let state = facts.database(database)?.subscription(&name).map(|it| it.state);
        let evidence = match state {
            Some(SubscriptionState::Replicating) => return None,
            Some(_) => format!(
                "{name} in database {database} does not read, and its log names no transaction that it could leave out"
            ),
            None => format!("it has no subscription to {} in database {database}", skipping.from),
        };
        let next = match state {
            Some(_) => Remedy::on_host(again(basis.inventory.method, &name, database)),
            None => Remedy::galactl("doctor", &[]),
        };
        Some(Finding::new(codes::LINK, evidence, next).on(skipping.node))
    };
    databases.iter().filter_map(of).collect()
}

fn consequences(which: &Which, error: &ApplyError, transaction: &Transaction) -> Vec<String> {
    let Which { reader, provider, database, .. } = which;
    let mut told = vec![
        format!("{reader} stopped at {}: {}", visible(&error.at), held_up::words(error)),
        format!(
            "the whole transaction {} of {provider} in database {database} is lost on {reader} ({}), {}:",
            which.failing.xid,
            visible(&transaction.committed),
            count(usize::try_from(transaction.count).unwrap_or(usize::MAX), "change")
        ),
    ];
    told.extend(transaction.changes.iter().map(|change| visible(change).into_owned()));
    if transaction.count > transaction.changes.len() as u64 {
        let kinds: Vec<_> =
            transaction.kinds.iter().map(|(kind, count)| format!("{} {count}", visible(kind))).collect();
        told.push(format!(
            "these are the first {}; all by their kinds: {}",
            transaction.changes.len(),
            names(&kinds, "and")
        ));
    }
    told.push(format!(
        "other nodes are not changed by this: each that stands still at it needs a skip of its own, and where it was applied it stays, so rows of {reader} differ afterwards"
    ));
    told.push(format!(
        "to lose nothing instead: change on {reader} what is in its way, so that both fit (UPDATE … SET column = another value), and it is applied within 3 minutes; a DELETE there deletes the row on every node. After a skip, galactl compare {PLACE} shows the rows that differ"
    ));
    told
}
