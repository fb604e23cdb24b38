//! Slots of the mesh: whether one has no reader, has lost what its reader needs, or keeps so much that the disk fills.

use super::again::anew;
use super::{Basis, codes};
use crate::kernel::judge::{Finding, Remedy, Severity};
use crate::kernel::model::NodeName;
use crate::kernel::model::words::{bytes, span};
use crate::mesh::facts::{HostFacts, Slot};
use crate::mesh::inventory::Node;
use crate::mesh::model::{DatabaseName, Link, slots_of, subscription};

/// Less than this is what a moment's burst of writes, or a restart of a reader, leaves.
const MUCH: u64 = 64 << 20;
/// A slot that keeps a fifth of what it can, before the disk is full, is worth a word; at a half it is time.
const WORTH_A_WORD: u64 = 5;
const TIME: u64 = 2;
/// Seconds. Sooner than this nobody may be there to act.
const SOON: u64 = 6 * 3600;

/// How fast the WAL of nodes grows, in bytes a second.
pub type Growth = std::collections::BTreeMap<NodeName, f64>;

/// Of all members. `growth`: where it was measured.
pub fn findings(basis: &Basis<'_>, growth: &Growth) -> Vec<Finding> {
    let mut found = Vec::new();
    let members = basis.members().into_iter();
    for (node, facts) in members.filter(|(node, _)| !basis.is_forgotten(node)) {
        for slot in facts.live().into_iter().flat_map(|live| &live.slots) {
            let mut databases = basis.databases().into_iter();
            let own = databases.find(|name| slot.database.as_deref() == Some(name.as_str()));
            let Some(database) = own else { continue };
            // Somebody else's slots are their owner's.
            if !slot.name.starts_with(&slots_of(basis.inventory.method, database, &node.name)) {
                continue;
            }
            let readers = readers(basis, (node, facts), database, slot);
            let reader = readers.first().filter(|_| readers.len() == 1);
            let finding = lost(slot, reader)
                .or_else(|| unclaimed(slot, !readers.is_empty()))
                .or_else(|| fills(slot, facts, growth.get(&node.name).copied(), reader));
            found.extend(finding.map(|it| it.on(&node.name)));
        }
    }
    found
}

/// The members for which a slot can be, whether they were seen or not, and whether the inventory lists them or not: one, where a
/// member's own subscription names it. pglogical shortens names, so it can fit several.
fn readers(
    basis: &Basis<'_>,
    (node, facts): (&Node, &HostFacts),
    database: &DatabaseName,
    slot: &Slot,
) -> Vec<NodeName> {
    let own = |reader: &NodeName| {
        let database = basis.observation.facts(reader)?.database(database)?;
        database.subscription(&subscription(reader, &node.name))?.slot.as_deref()
    };
    let members = facts.database(database).into_iter().flat_map(|it| it.members.iter().flatten());
    let members = members.filter_map(|member| member.name.parse::<NodeName>().ok());
    let mut others: Vec<_> = members.filter(|name| *name != node.name).collect();
    if let Some(reader) = others.iter().find(|it| own(it) == Some(slot.name.as_str())) {
        return vec![reader.clone()];
    }
    others.retain(|reader| {
        let link = Link { subscriber: reader, provider: &node.name, database };
        own(reader).is_none() && link.may_have_slot(basis.inventory.method, &slot.name)
    });
    others
}

/// The node that reads from a slot has to come anew.
fn lost(slot: &Slot, reader: Option<&NodeName>) -> Option<Finding> {
    let name = reader.map_or("READER", NodeName::as_str);
    match slot.wal_status.as_deref() {
        Some("lost") => {
            let evidence = format!("slot {} has lost WAL that its reader needs", slot.name);
            Some(Finding::new(codes::SLOT, evidence, anew(name)).severity(Severity::Critical))
        }
        Some("unreserved") => {
            let evidence = format!(
                "slot {} keeps more than `max_slot_wal_keep_size` allows, and loses it at the next checkpoint",
                slot.name
            );
            let next = Remedy::on_host(
                "sudo -u postgres psql -c \"ALTER SYSTEM SET max_slot_wal_keep_size = '-1'\" -c 'SELECT pg_reload_conf()', as long as the disk has room",
            );
            Some(Finding::new(codes::SLOT, evidence, next).severity(Severity::Critical))
        }
        _ => None,
    }
}

/// Nobody of the mesh reads from it.
fn unclaimed(slot: &Slot, has_reader: bool) -> Option<Finding> {
    if has_reader || slot.active {
        return None;
    }
    let kept = kept(slot).map_or_else(|| "WAL".into(), bytes);
    let evidence = format!("slot {} keeps {kept}, and no node of the mesh reads it", slot.name);
    let next = Remedy::on_host(format!(
        "if no join is under way: sudo -u postgres psql -c \"SELECT pg_drop_replication_slot('{}')\"",
        slot.name
    ));
    Some(Finding::new(codes::SLOT, evidence, next))
}

/// It keeps what its reader has not got, and the disk has an end.
fn fills(slot: &Slot, facts: &HostFacts, growth: Option<f64>, reader: Option<&NodeName>) -> Option<Finding> {
    let kept = kept(slot).filter(|kept| *kept > MUCH)?;
    let free = facts.datadir.free;
    let room = free.saturating_add(kept);
    let left = lasts(free, growth);
    let is_soon = !slot.active && left.is_some_and(|left| left < SOON);
    if kept < room / WORTH_A_WORD && !is_soon {
        return None;
    }
    let lasts =
        left.map(|left| format!(", which lasts {} as it is written now", span(left))).unwrap_or_default();
    let limit = slot
        .safe_wal_size
        .and_then(|left| u64::try_from(left).ok())
        .map(|left| format!("; it loses all of it after {} more (`max_slot_wal_keep_size`)", bytes(left)));
    let evidence = format!(
        "slot {} keeps {} of WAL for its reader, and its disk has {} left{lasts}{}",
        slot.name,
        bytes(kept),
        bytes(free),
        limit.unwrap_or_default()
    );
    let next = match reader {
        Some(reader) => Remedy::from(format!("bring {reader} back: "))
            .and(Remedy::galactl("status", &[]))
            .and(" says what it lacks; or give it up before the disk is full: ")
            .and(Remedy::galactl("remove-node", &[reader.as_str(), "--unseen", reader.as_str()])),
        None => Remedy::galactl("status", &[]).and(" says who reads"),
    };
    let severity = if kept >= room / TIME || is_soon { Severity::Critical } else { Severity::Degraded };
    Some(Finding::new(codes::SLOT, evidence, next).severity(severity))
}

fn kept(slot: &Slot) -> Option<u64> {
    u64::try_from(slot.kept?).ok()
}

/// Seconds until the disk is full.
fn lasts(free: u64, growth: Option<f64>) -> Option<u64> {
    let growth = growth.filter(|it| *it > 1.0)?;
    #[allow(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a span that is shown roughly"
    )]
    Some((free as f64 / growth) as u64)
}
