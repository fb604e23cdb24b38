//! Whether every node reads from every other one.

use super::{Basis, codes, held_up};
use crate::kernel::judge::{Finding, Remedy};
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
///
/// A node that was removed while it was out of reach has none.
pub fn directions<'a>(basis: &Basis<'a>) -> Vec<Direction<'a>> {
    let mut members = basis.members();
    members.retain(|(node, _)| !basis.is_forgotten(node));
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
        if let Some(finding) = held_up::finding(basis, &it) {
            return Some(finding);
        }
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
                let log = "the server's log says why (/var/log/postgresql); then ";
                (evidence, Remedy::from(log).and(Remedy::on_host(again(method, &own.name, it.database))))
            }
        };
        let kept = it.behind.map(|behind| format!("; {} behind", bytes(behind))).unwrap_or_default();
        Some(Finding::new(codes::LINK, evidence + &kept, next).on(&it.reader.name))
    });
    broken.collect()
}

/// How a subscription is made to try again at once.
pub fn again(method: Method, name: &str, database: &DatabaseName) -> String {
    match method {
        Method::Native => {
            format!(
                "sudo -u postgres psql -d {database} -c 'ALTER SUBSCRIPTION \"{name}\" DISABLE' -c 'ALTER SUBSCRIPTION \"{name}\" ENABLE'"
            )
        }
        Method::Pglogical | Method::Spock | Method::Bdr => format!(
            "sudo -u postgres psql -d {database} -c \"SELECT pglogical.alter_subscription_disable('{name}', true)\" -c \"SELECT pglogical.alter_subscription_enable('{name}', true)\""
        ),
    }
}
