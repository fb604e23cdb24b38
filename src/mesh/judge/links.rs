//! Whether every node reads from every other one, and whether a slot has no reader.

use std::collections::BTreeSet;

use super::{Basis, codes};
use crate::kernel::judge::{Finding, Remedy, Severity};
use crate::kernel::model::NodeName;
use crate::kernel::model::words::bytes;
use crate::mesh::facts::{HostFacts, Sender, Slot, Subscription, SubscriptionState};
use crate::mesh::inventory::Node;
use crate::mesh::model::{DatabaseName, Method, subscription};

/// One direction between two members, in one database.
#[derive(Debug, Clone, Copy)]
pub struct Direction<'a> {
    pub reader: &'a Node,
    pub provider: &'a Node,
    pub database: &'a DatabaseName,
    /// At the reader; `None`: there is none.
    pub subscription: Option<&'a Subscription>,
    /// At the provider; `None`: there is none, or it was not seen.
    pub slot: Option<&'a Slot>,
    /// At the provider.
    pub sender: Option<&'a Sender>,
    /// Bytes of WAL that the reader has not confirmed.
    pub behind: Option<u64>,
}

/// Every direction between members whose reader answers.
pub fn directions<'a>(basis: &Basis<'a>) -> Vec<Direction<'a>> {
    let members = basis.members();
    let mut all = Vec::new();
    for (reader, facts) in members.iter().filter(|(_, facts)| facts.live().is_some()) {
        for (provider, other) in members.iter().filter(|(it, _)| it.name != reader.name) {
            for database in basis.databases() {
                all.push(direction((reader, facts), (provider, other), database));
            }
        }
    }
    all
}

fn direction<'a>(
    (reader, facts): (&'a Node, &'a HostFacts),
    (provider, other): (&'a Node, &'a HostFacts),
    database: &'a DatabaseName,
) -> Direction<'a> {
    let name = subscription(&reader.name, &provider.name);
    let own = facts.database(database).and_then(|it| it.subscription(&name));
    let live = other.live();
    let slot_name = own.and_then(|it| it.slot.as_deref());
    let slot = live.and_then(|live| live.slots.iter().find(|slot| Some(slot.name.as_str()) == slot_name));
    let sender = live.and_then(|live| live.senders.iter().find(|it| it.application_name == name));
    let current = live.and_then(|live| live.current);
    let behind = slot.and_then(|slot| Some(current?.since(slot.confirmed?)));
    Direction { reader, provider, database, subscription: own, slot, sender, behind }
}

/// Directions that do not work.
pub fn findings(basis: &Basis<'_>) -> Vec<Finding> {
    let broken = directions(basis).into_iter().filter_map(|it| {
        let method = basis.inventory.method;
        let (evidence, next) = match it.subscription {
            None => (
                format!("it has no subscription to {} in database {}", it.provider.name, it.database),
                Remedy::galactl("remove-node", &[it.reader.name.as_str()])
                    .and(", then ")
                    .and(Remedy::galactl("add-node", &[it.reader.name.as_str()]))
                    .and(", which gives it everything again"),
            ),
            Some(own) => {
                let does = match own.state {
                    SubscriptionState::Replicating => return None,
                    SubscriptionState::Initializing => "still copies tables for",
                    SubscriptionState::Down => "is down:",
                    SubscriptionState::Disabled => "is switched off:",
                };
                let evidence = format!(
                    "{} {does} the changes of {} in database {}",
                    own.name, it.provider.name, it.database
                );
                (evidence, Remedy::on_host(again(method, &own.name, it.database)))
            }
        };
        let kept = it.behind.map(|behind| format!("; {} behind", bytes(behind))).unwrap_or_default();
        Some(Finding::new(codes::LINK, evidence + &kept, next).on(&it.reader.name))
    });
    broken.chain(slots(basis)).collect()
}

/// How a subscription is made to try again at once.
fn again(method: Method, name: &str, database: &DatabaseName) -> String {
    let log = "the server's log says why (/var/log/postgresql)";
    match method {
        Method::Native => {
            format!(
                "{log}; then sudo -u postgres psql -d {database} -c 'ALTER SUBSCRIPTION \"{name}\" DISABLE' -c 'ALTER SUBSCRIPTION \"{name}\" ENABLE'"
            )
        }
        Method::Pglogical | Method::Spock | Method::Bdr => format!(
            "{log}; then sudo -u postgres psql -d {database} -c \"SELECT pglogical.alter_subscription_disable('{name}', true)\" -c \"SELECT pglogical.alter_subscription_enable('{name}', true)\""
        ),
    }
}

/// Slots of the mesh that nobody reads, or that have lost what is needed.
fn slots(basis: &Basis<'_>) -> Vec<Finding> {
    let known: BTreeSet<(&NodeName, &str)> =
        directions(basis).iter().filter_map(|it| Some((&it.provider.name, it.slot?.name.as_str()))).collect();
    let mut found = Vec::new();
    for (node, facts) in basis.members() {
        let databases = basis.databases();
        let live = facts.live().into_iter();
        let own = live.flat_map(|live| &live.slots).filter(|slot| {
            slot.database.as_deref().is_some_and(|name| databases.iter().any(|it| it.as_str() == name))
        });
        for slot in own {
            found.extend(
                judged(slot, known.contains(&(&node.name, slot.name.as_str()))).map(|it| it.on(&node.name)),
            );
        }
    }
    found
}

fn judged(slot: &Slot, has_subscription: bool) -> Option<Finding> {
    let kept = slot.kept.and_then(|kept| u64::try_from(kept).ok()).map(bytes).unwrap_or_else(|| "WAL".into());
    if slot.wal_status.as_deref() == Some("lost") {
        let evidence = format!("slot {} has lost WAL that its reader needs", slot.name);
        let next = Remedy::from("the reader has to come anew: ")
            .and(Remedy::galactl("remove-node", &["READER"]))
            .and(", then ")
            .and(Remedy::galactl("add-node", &["READER"]));
        return Some(Finding::new(codes::SLOT, evidence, next).severity(Severity::Critical));
    }
    if has_subscription || slot.active {
        return None;
    }
    let evidence = format!("slot {} keeps {kept}, and no node of the mesh reads it", slot.name);
    let next = Remedy::on_host(format!(
        "if no join is under way: sudo -u postgres psql -c \"SELECT pg_drop_replication_slot('{}')\"",
        slot.name
    ));
    Some(Finding::new(codes::SLOT, evidence, next))
}
