//! Who reads from whom.

use super::Basis;
use crate::mesh::facts::{HostFacts, Live, Slot, Subscription, SubscriptionState};
use crate::mesh::inventory::Node;
use crate::mesh::model::{DatabaseName, subscription};

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
    /// Bytes of WAL that the reader has not confirmed.
    pub behind: Option<u64>,
    /// The age, in seconds by the provider's clock, of the oldest commit that the reader lacks; `None`: it is not known.
    pub lag: Option<f64>,
}

impl Direction<'_> {
    /// As the reader says, but for a worker whose connection is gone. After a cut, it notices that as late as TCP does, which can
    /// be minutes after the link is back.
    pub fn state(&self) -> Option<SubscriptionState> {
        let own = self.subscription?.state;
        let is_read = self.slot.is_none_or(|slot| slot.active);
        Some(if own == SubscriptionState::Replicating && !is_read { SubscriptionState::Down } else { own })
    }
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
    let current = live.and_then(|live| live.current);
    let behind = slot.and_then(|slot| Some(current?.since(slot.confirmed?)));
    let lag = own.zip(live).and_then(|(own, live)| lag(own, facts.live()?, live));
    Direction { reader, provider, database, subscription: own, slot, behind, lag }
}

/// As measured, where the reader has all within the look. Otherwise by the newest commit of the provider that it is known to have.
fn lag(own: &Subscription, reader: &Live, provider: &Live) -> Option<f64> {
    let slot = own.slot.as_deref()?;
    if let Some(seconds) = provider.confirmed_after.get(slot) {
        return Some(*seconds);
    }
    let commits = provider.commits.as_ref()?;
    // pglogical calls the origin as it calls the slot.
    let applied = reader.commits.as_ref().map(|it| &it.applied);
    let applied = applied.and_then(|all| all.get(slot).or_else(|| all.get(&own.worker)));
    let last = [applied, commits.confirmed.get(slot)].into_iter().flatten().copied().reduce(f64::max)?;
    Some(commits.age_after(last))
}
