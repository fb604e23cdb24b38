//! Replication slots that keep WAL for somebody who does not fetch it.

use super::{Basis, codes};
use crate::kernel::judge::{Finding, Remedy, Severity};
use crate::kernel::model::NodeName;
use crate::kernel::model::words::bytes;
use crate::patroni::facts::{Live, Slot};

/// The slots of the primary that keep more WAL than an orderly standby needs. Slots on standbys are copies, which
/// nobody uses before a failover.
pub fn findings(basis: &Basis<'_>, leader: &NodeName, primary: &Live) -> Vec<Finding> {
    let free = basis.observation.facts(leader).map(|facts| facts.datadir.free).filter(|free| *free > 0);
    let found = |slot| {
        let finding = of(basis, primary, slot)?;
        let room = free.map_or_else(String::new, |free| format!("; its disk has {} left", bytes(free)));
        let full = free.is_some_and(|free| kept(primary, slot).is_some_and(|kept| kept > free));
        let evidence = format!("{}{room}", finding.evidence);
        let finding = Finding { evidence, ..finding }.on(leader);
        Some(if full { finding.severity(Severity::Critical) } else { finding })
    };
    primary.slots.iter().filter_map(found).collect()
}

/// `extended`: it keeps more than `max_wal_size`. `unreserved` and `lost`: more than `max_slot_wal_keep_size` allows
/// (PostgreSQL's documentation of `pg_replication_slots`).
fn of(basis: &Basis<'_>, primary: &Live, slot: &Slot) -> Option<Finding> {
    let name = &slot.name;
    let kept = kept(primary, slot).map(bytes);
    let status = slot.wal_status.as_deref().unwrap_or("reserved");
    let (evidence, severity) = match (status, kept) {
        ("lost", _) => (format!("the WAL that slot {name} needs is gone"), Severity::Degraded),
        ("unreserved", Some(kept)) => {
            (format!("slot {name} is about to lose WAL: it is {kept} behind"), Severity::Degraded)
        }
        ("extended", Some(kept)) => {
            (format!("slot {name} keeps {kept} of WAL, more than max_wal_size"), Severity::Degraded)
        }
        (_, Some(kept)) if !slot.active => {
            (format!("slot {name} is not in use, and keeps {kept} of WAL"), Severity::Note)
        }
        _ => return None,
    };
    let owner = basis.inventory.nodes.iter().find(|node| slot_of(node.name.as_str()) == *name);
    let next = match owner {
        Some(owner) if status == "lost" => Remedy::OnHost {
            node: Some(owner.name.clone()),
            command: format!(
                "copy its data anew: sudo -u postgres patronictl -c /etc/patroni/config.yml reinit {} {}",
                basis.inventory.cluster, owner.name
            ),
        },
        Some(owner) => format!("bring {} back, as said of it", owner.name).into(),
        None => Remedy::from("start whoever reads it; if nobody needs it, ").and(Remedy::on_host(format!(
            "{} -c \"SELECT pg_drop_replication_slot('{name}')\"",
            basis.psql()
        ))),
    };
    Some(Finding::new(codes::SLOT, evidence, next).severity(severity))
}

/// Bytes of WAL that the slot keeps.
fn kept(primary: &Live, slot: &Slot) -> Option<u64> {
    primary.current.zip(slot.restart).map(|(end, restart)| end.since(restart)).filter(|it| *it > 0)
}

/// The slot that Patroni makes for a member: `slot_name_from_member_name` in its `dcs` module.
fn slot_of(member: &str) -> String {
    let one = |letter: char| match letter {
        'a'..='z' | '0'..='9' | '_' => letter.to_string(),
        '-' | '.' => "_".to_owned(),
        other => format!("u{:04}", u32::from(other)),
    };
    member.to_lowercase().chars().map(one).collect::<String>().chars().take(63).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_slot_has_the_name_that_patroni_gives_it() {
        assert_eq!(super::slot_of("pg1"), "pg1");
        assert_eq!(super::slot_of("DB-east.1"), "db_east_1");
    }
}
