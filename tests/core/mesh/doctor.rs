//! What a doctor tells of a mesh: each rule fires on one that is ill in that way, and is silent on one that is well.

use galactl::kernel::judge::{Code, Finding, Severity};
use galactl::mesh::doctor::examine;
use galactl::mesh::judge::codes;
use galactl::postgresql::Lsn;

use super::reports::{World, name};

/// With disks that have room.
fn well() -> World {
    let mut world = World::whole();
    for node in ["pg1", "pg2", "pg3"] {
        let datadir = &mut world.node(node).datadir;
        (datadir.size, datadir.free) = (Some(100 << 30), 60 << 30);
    }
    world
}

#[track_caller]
fn found(code: Code, make_ill: impl Fn(&mut World)) -> Finding {
    let mut world = well();
    make_ill(&mut world);
    world.found(code)
}

#[test]
fn of_a_mesh_that_is_well_there_are_notes_only() {
    let mut found = well().doctor();
    found.retain(|it| it.severity != Severity::Note);
    assert!(found.is_empty(), "{found:#?}");
    let notes: Vec<_> = well().doctor().iter().map(|it| it.code).collect();
    assert!(notes.contains(&codes::SECOND_KEY) && notes.contains(&codes::FOREIGN_KEY), "{notes:?}");
}

fn keeps(bytes: i64, active: bool) -> impl Fn(&mut World) {
    move |world| {
        let slots = &mut world.live("pg1").slots;
        let slot = slots.iter_mut().find(|it| it.name.contains("pg2_from_pg1")).unwrap();
        (slot.kept, slot.active) = (Some(bytes), active);
    }
}

#[test]
fn a_slot_that_fills_the_disk_is_noticed_before_it_does() {
    let quiet = |make: &dyn Fn(&mut World)| {
        let mut world = well();
        make(&mut world);
        world.doctor().iter().all(|it| it.code != codes::SLOT)
    };
    assert!(quiet(&keeps(1 << 30, false)), "it is little for this disk");
    let finding = found(codes::SLOT, keeps(16 << 30, false));
    assert_eq!((finding.severity, finding.node.clone()), (Severity::Degraded, Some(name("pg1"))));
    assert!(
        finding.evidence.contains("keeps 16.0 GiB of WAL for its reader, and its disk has 60.0 GiB left"),
        "{}",
        finding.evidence
    );
    assert!(finding.remedy.to_string().contains("pg2 --unseen pg2"), "{}", finding.remedy);
    assert_eq!(found(codes::SLOT, keeps(80 << 30, false)).severity, Severity::Critical);
    // The same by `status`.
    let mut world = well();
    keeps(16 << 30, false)(&mut world);
    assert!(world.status().findings.iter().any(|it| it.code == codes::SLOT));
}

#[test]
fn how_long_the_disk_lasts_is_told_by_two_looks() {
    let mut world = well();
    keeps(1 << 30, false)(&mut world);
    let before = world.observation.clone();
    let now = world.live("pg1").current.unwrap();
    world.live("pg1").current = Some(Lsn::new(now.bytes() + (200 << 20)));
    world.node("pg1").machine.clock += 10.0;
    let findings = examine(&world.inventory, &world.observation, Some(&before), None).findings;
    let finding = findings.iter().find(|it| it.code == codes::SLOT).expect("a finding");
    assert!(finding.evidence.contains("which lasts 51 min as it is written now"), "{}", finding.evidence);
    assert_eq!(finding.severity, Severity::Critical);
}

#[test]
fn a_slot_with_a_limit_is_lost_before_the_disk_is_full() {
    let state = |word: &'static str| {
        move |world: &mut World| {
            let slots = &mut world.live("pg1").slots;
            let slot = slots.iter_mut().find(|it| it.name.contains("pg3_from_pg1")).unwrap();
            (slot.wal_status, slot.active) = (Some(word.into()), false);
        }
    };
    let lost = found(codes::SLOT, state("lost"));
    assert_eq!(lost.severity, Severity::Critical);
    assert!(lost.remedy.to_string().contains("pg3"), "{}", lost.remedy);
    assert!(found(codes::SLOT, state("unreserved")).evidence.contains("max_slot_wal_keep_size"));
    let nobodys = found(codes::SLOT, |world| {
        let slot = &mut world.live("pg1").slots[0];
        (slot.name, slot.active) = ("pgl_app_pg1_left_over".into(), false);
    });
    assert!(
        nobodys.remedy.to_string().contains("pg_drop_replication_slot('pgl_app_pg1_left_over')"),
        "{}",
        nobodys.remedy
    );
}

#[test]
fn tables_that_are_not_the_same_everywhere() {
    let missing =
        found(codes::TABLE_MISSING, |world| world.database("pg2").tables.retain(|it| it.name != "t"));
    assert!(missing.evidence.contains("is on pg1 and pg3, and not on pg2"), "{}", missing.evidence);
    let differ =
        found(codes::COLUMNS_DIFFER, |world| world.table("pg3", "t").columns.push("extra text".into()));
    assert!(differ.evidence.ends_with("differs between pg1 and pg3: `extra text`"), "{}", differ.evidence);
    let mut world = well();
    world.table("pg3", "t").columns.reverse();
    assert!(world.doctor().iter().all(|it| it.code != codes::COLUMNS_DIFFER), "in any order");
    let silent = found(codes::NOT_SENT, |world| world.table("pg2", "t").sent = false);
    assert!(silent.evidence.ends_with("is not sent by pg2"), "{}", silent.evidence);
    assert!(
        silent.remedy.to_string().contains("replication_set_add_table('default', 'public.t')"),
        "{}",
        silent.remedy
    );
    found(codes::NO_KEY, |world| world.table("pg1", "t").key.clear());
    found(codes::UNLOGGED, |world| world.table("pg1", "t").unlogged = true);
    let trigger = found(codes::TRIGGER, |world| world.table("pg1", "t").triggers = vec!["audit".into()]);
    assert!(trigger.evidence.contains("public.t has the trigger audit"), "{}", trigger.evidence);
}

#[test]
fn sequences_that_end_or_that_give_numbers_of_others() {
    let at = |next: i64| move |world: &mut World| world.database("pg2").sequences[0].next = next;
    let last = well().database("pg2").sequences[0].last;
    assert_eq!(found(codes::SEQUENCE_ENDS, at(last / 100 * 85 / 16 * 16 + 2)).severity, Severity::Degraded);
    assert_eq!(found(codes::SEQUENCE_ENDS, at(last / 100 * 99 / 16 * 16 + 2)).severity, Severity::Critical);
    let alone = found(codes::SEQUENCE_STEP, |world| world.database("pg2").sequences[0].increment = 1);
    assert!(alone.remedy.to_string().contains("INCREMENT BY 16 RESTART WITH"), "{}", alone.remedy);
    // Numbers that another member has given are taken here, too.
    let behind = found(codes::SEQUENCE_STEP, |world| {
        let it = &mut world.database("pg2").sequences[0];
        (it.increment, it.next) = (1, 1);
        world.database("pg1").sequences[0].next = 160_001;
    });
    assert!(behind.remedy.to_string().contains("RESTART WITH 160002"), "{}", behind.remedy);
    let other = found(codes::SEQUENCE_STEP, |world| world.database("pg2").sequences[0].next += 1);
    assert_eq!(other.node, Some(name("pg2")));
}

#[test]
fn servers_that_would_not_come_back_or_do_not_do_what_is_set() {
    let boot = found(codes::NOT_AT_BOOT, |world| world.node("pg1").boot.cluster = Some("manual".into()));
    assert!(boot.remedy.to_string().contains("echo auto"), "{}", boot.remedy);
    found(codes::NOT_AT_BOOT, |world| world.node("pg1").boot.unit = Some("disabled".into()));
    found(codes::FILE_UNREAD, |world| world.node("pg1").stale = true);
    let workers = found(codes::PENDING_RESTART, |world| {
        let oldest = world.live("pg1").oldest_worker.unwrap();
        world.node("pg1").boot.settings_written = Some(oldest + 1.0);
    });
    assert!(workers.evidence.contains("they keep the settings of their start"), "{}", workers.evidence);
    found(codes::TIME_SOURCE, |world| world.node("pg1").boot.time = Some("no".into()));
    found(codes::CLOCK, |world| world.node("pg1").machine.clock += 20.0);
    let disk = found(codes::DISK, |world| world.node("pg1").datadir.free = 1 << 30);
    assert_eq!(disk.severity, Severity::Critical);
    let world = well();
    let findings = examine(&world.inventory, &world.observation, None, Some("a run was cut off")).findings;
    assert!(findings.iter().any(|it| it.code == codes::CUT_OFF));
}

/// Who drops the slot of a node that is only away gives up what it has not got.
#[test]
fn the_slot_of_a_member_that_was_not_seen_is_its_own() {
    let mut world = well();
    keeps(1 << 30, false)(&mut world);
    world.unreachable("pg2");
    let found = world.doctor();
    assert!(found.iter().all(|it| it.code != codes::SLOT), "{found:#?}");
    keeps(16 << 30, false)(&mut world);
    let next = world.found(codes::SLOT).remedy.to_string();
    assert!(next.contains("pg2 --unseen pg2") && !next.contains("pg_drop_replication_slot"), "{next}");
}
