//! What a doctor tells: each rule fires on a cluster that is ill in that way, and is silent on one that is well.

use galactl::kernel::judge::{Code, Finding, Severity};
use galactl::patroni::doctor::examine;
use galactl::patroni::facts::{Answer, DebianCluster, Lsn, ServerProcess, Slot};
use galactl::patroni::judge::codes;

use super::world::{World, name};

fn findings(world: &World) -> Vec<Finding> {
    examine(&world.inventory, &world.observation, None).findings
}

/// Made ill in this way, and only then, the cluster has the finding.
#[track_caller]
fn found(code: Code, make_ill: impl Fn(&mut World)) -> Finding {
    let mut world = well();
    make_ill(&mut world);
    let found = findings(&world);
    match found.iter().find(|it| it.code == code) {
        Some(found) => found.clone(),
        None => panic!("{found:?}"),
    }
}

/// A cluster of the lab, with disks that have room.
fn well() -> World {
    let mut world = World::whole();
    for node in ["pg1", "pg2", "pg3"] {
        let datadir = &mut world.node(node).datadir;
        (datadir.size, datadir.free) = (Some(100 << 30), 60 << 30);
        datadir.kept.clear();
        world.node(node).stale = false;
        world.node(node).etcd.unit.file = "enabled".into();
    }
    world
}

#[test]
fn nothing_is_wrong_with_a_cluster_that_is_well() {
    let found = findings(&well());
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn a_disk_that_is_nearly_full() {
    let with = |free: u64| move |world: &mut World| world.node("pg2").datadir.free = free;
    let finding = found(codes::DISK, with(8 << 30));
    assert_eq!((finding.severity, finding.node), (Severity::Degraded, Some(name("pg2"))));
    assert_eq!(found(codes::DISK, with(1 << 30)).severity, Severity::Critical);
    // A tenth of a large disk is a lot of room.
    let mut world = well();
    (world.node("pg1").datadir.size, world.node("pg1").datadir.free) = (Some(1 << 40), 60 << 30);
    assert!(findings(&world).is_empty());
}

#[test]
fn a_standby_that_is_far_behind() {
    let replay = |world: &mut World| {
        let end = world.live("pg1").current.unwrap();
        world.live("pg1").current = Some(Lsn::new(end.bytes() + (100 << 20)));
        for row in &mut world.live("pg1").standbys {
            row.flushed = Some(Lsn::new(end.bytes() + (100 << 20)));
            row.replayed = if row.application_name == "pg2" { Some(end) } else { row.flushed };
        }
    };
    let finding = found(codes::LAG, replay);
    assert!(finding.evidence.contains("has yet to replay 100.0 MiB"), "{}", finding.evidence);
    let network = |world: &mut World| {
        replay(world);
        let end = world.live("pg2").received;
        world.live("pg1").standbys.iter_mut().for_each(|row| row.flushed = end);
    };
    assert!(found(codes::LAG, network).evidence.contains("has received 100.0 MiB of WAL less"));
}

#[test]
fn a_slot_that_keeps_more_than_the_disk_has_left() {
    let slot = |world: &mut World| {
        let end = world.live("pg1").current.unwrap();
        world.live("pg1").current = Some(Lsn::new(end.bytes() + (4 << 30)));
        for row in &mut world.live("pg1").standbys {
            (row.flushed, row.replayed) = (None, None);
        }
        world.live("pg1").slots.push(Slot {
            name: "forgotten".into(),
            kind: "physical".into(),
            active: false,
            restart: Some(end),
            wal_status: Some("extended".into()),
            safe_wal_size: None,
        });
    };
    let finding = found(codes::SLOT, slot);
    assert_eq!(finding.severity, Severity::Degraded);
    assert!(finding.evidence.ends_with("its disk has 60.0 GiB left"), "{}", finding.evidence);
    let full = |world: &mut World| {
        slot(world);
        (world.node("pg1").datadir.size, world.node("pg1").datadir.free) = (Some(20 << 30), 3 << 30);
    };
    assert_eq!(found(codes::SLOT, full).severity, Severity::Critical);
}

#[test]
fn an_alarm_of_etcd_is_not_taken_for_a_lost_quorum() {
    let alarm = |world: &mut World| {
        for node in ["pg1", "pg2", "pg3"] {
            let endpoint = world.etcd(node);
            endpoint.alarms = Answer::Told(vec!["NOSPACE".into()]);
            (endpoint.healthy, endpoint.db_size) = (Answer::Told(false), Some(2 << 30));
        }
    };
    let finding = found(codes::ETCD_ALARM, alarm);
    assert_eq!(finding.severity, Severity::Critical);
    assert!(finding.remedy.to_string().contains("alarm disarm"), "{}", finding.remedy);
    let mut world = well();
    alarm(&mut world);
    let other =
        findings(&world).into_iter().find(|it| [codes::ETCD_QUORUM, codes::ETCD_MEMBER].contains(&it.code));
    assert!(other.is_none(), "{other:?}");
    found(codes::ETCD_SIZE, |world| world.etcd("pg2").db_size = Some(1900 << 20));
}

#[test]
fn settings_units_and_what_is_left() {
    found(codes::CHECKSUMS, |world| {
        let Answer::Told(control) = &mut world.node("pg3").datadir.control else { panic!("control") };
        control.checksums = false;
    });
    found(codes::ONE_LEADER, |world| {
        world.inventory.nodes[1].tags.failover = false;
        world.inventory.nodes[2].tags.failover = false;
    });
    for unit in ["patroni", "etcd"] {
        let finding = found(codes::NOT_AT_BOOT, |world| {
            let facts = world.node("pg2");
            match unit {
                "etcd" => facts.etcd.unit.file = "disabled".into(),
                unit => facts.units.get_mut(unit).unwrap().file = "disabled".into(),
            }
        });
        assert_eq!(finding.remedy.to_string(), format!("on pg2: sudo systemctl enable {unit}"));
    }
    found(codes::FILE_UNREAD, |world| world.node("pg1").stale = true);
    found(codes::KEPT_ASIDE, |world| {
        world.node("pg1").datadir.kept.push("/var/lib/postgresql/15/main.kept-1".into());
    });
    let mut world = well();
    let path = "/var/lib/postgresql/15/main";
    world.node("pg1").datadir.kept = vec![format!("{path}.kept-a b"), format!("{path}.failed")];
    let kept = findings(&world).into_iter().find(|it| it.code == codes::KEPT_ASIDE).unwrap();
    assert_eq!(
        kept.remedy.to_string(),
        format!("on pg1: if nobody needs it: sudo rm -r '{path}.kept-a b' {path}.failed")
    );
    // What is in use is nobody's remains.
    world.node("pg1").servers.push(ServerProcess { pid: 7, datadir: format!("{path}.failed") });
    world.node("pg1").debian_clusters.push(DebianCluster {
        version: "15".into(),
        name: "other".into(),
        port: 5433,
        status: "down".into(),
        owner: "postgres".into(),
        datadir: format!("{path}.kept-a b"),
    });
    assert!(findings(&world).iter().all(|it| it.code != codes::KEPT_ASIDE));
    let world = well();
    let told = examine(&world.inventory, &world.observation, Some("the last run was cut off"));
    assert_eq!(told.findings.iter().map(|it| it.code).collect::<Vec<_>>(), [codes::CUT_OFF]);
}
