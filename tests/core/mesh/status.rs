//! `galactl status` of a mesh. Each finding is seen to be told, and not to be told in a case that is close to it.

use std::collections::BTreeMap;

use galactl::cli::mesh_status_text;
use galactl::kernel::judge::{Code, Finding, Health, Severity};
use galactl::mesh::facts::{Commits, SubscriptionState};
use galactl::mesh::judge::codes;
use galactl::mesh::status::Status;

use super::world::{World, slot_of};

/// The text as it is without a terminal. Only commands, which stay whole, go beyond 80 columns.
fn text(status: &Status) -> String {
    let text = mesh_status_text(status, None);
    let wide = |line: &&str| line.chars().count() > 80 && !line.contains("sudo ") && !line.contains("ssh ");
    assert_eq!(text.lines().filter(wide).collect::<Vec<_>>(), [""; 0]);
    text
}

fn found(world: &World, code: Code) -> Option<Finding> {
    world.status().findings.into_iter().find(|finding| finding.code == code)
}

/// The finding of this code in a mesh that is whole but for this change.
#[track_caller]
fn told(code: Code, change: impl FnOnce(&mut World)) -> Finding {
    let mut world = World::whole();
    change(&mut world);
    found(&world, code).unwrap_or_else(|| panic!("{code} was not found: {:#?}", world.status().findings))
}

#[track_caller]
fn silent(code: Code, change: impl FnOnce(&mut World)) {
    let mut world = World::whole();
    change(&mut world);
    assert_eq!(found(&world, code), None);
}

#[test]
fn a_mesh_that_is_whole() {
    let status = World::whole().status();
    assert_eq!(status.findings, []);
    assert_eq!(status.health, Health::Healthy);
    insta::assert_snapshot!(text(&status));
    insta::assert_snapshot!(serde_json::to_string_pretty(&status).unwrap());
}

#[test]
fn hosts_that_are_no_mesh_yet() {
    let status = World::seed().status();
    assert_eq!(status.health, Health::Critical);
    insta::assert_snapshot!(text(&status));
}

#[test]
fn a_mesh_with_much_that_is_not_well() {
    let nodes = ["pg1", "pg2", "pg3", "pg4", "pg5"];
    let mut world = World::members_with("clients: [10.9.0.0/16]", &nodes, &nodes[..4]);
    world.database("pg2").subscriptions[0].state = SubscriptionState::Down;
    world.live("pg1").slots[0].active = false;
    world.live("pg1").slots[0].confirmed = Some("0/1000000".parse().unwrap());
    world.stop("pg3");
    world.unreachable("pg4");
    world.node("pg1").machine.clock += 7.4;
    world.live("pg2").pending_restart = vec!["max_connections".into()];
    let status = world.status();
    assert_eq!(status.health, Health::Critical);
    insta::assert_snapshot!(text(&status));
}

#[test]
fn a_subscription_that_does_not_read_is_critical() {
    for (state, says) in [
        (SubscriptionState::Down, "is down"),
        (SubscriptionState::Disabled, "is switched off"),
        (SubscriptionState::Initializing, "still copies"),
    ] {
        let finding = told(codes::LINK, |world| world.database("pg2").subscriptions[0].state = state);
        assert!(finding.evidence.contains(says), "{}", finding.evidence);
        assert!(finding.evidence.contains("the changes of pg1"), "{}", finding.evidence);
        assert_eq!(finding.severity, Severity::Critical);
    }
    let finding = told(codes::LINK, |world| drop(world.database("pg2").subscriptions.remove(0)));
    assert!(finding.evidence.contains("no subscription to pg1"), "{}", finding.evidence);
    silent(codes::LINK, |_| ());
}

/// After a cut, the worker waits for TCP and says that it replicates; the provider knows better.
#[test]
fn a_worker_that_has_lost_its_connection_does_not_replicate() {
    let mut world = World::whole();
    let mut slots = world.live("pg1").slots.iter_mut();
    slots.find(|slot| slot.name.contains("pg2_from_pg1")).unwrap().active = false;
    let finding = found(&world, codes::LINK).unwrap();
    assert!(finding.evidence.contains("pg2_from_pg1 has lost its connection"), "{}", finding.evidence);
    assert!(finding.remedy.to_string().contains("alter_subscription_enable"), "{}", finding.remedy);
    let status = world.status();
    assert!(status.verdict.contains("5 of 6 directions replicate"), "{}", status.verdict);
}

/// Its worker tries again for ever, and that mends nothing.
#[test]
fn a_reader_whose_slot_has_lost_wal_comes_anew() {
    let finding = told(codes::LINK, |world| {
        world.database("pg2").subscriptions[0].state = SubscriptionState::Down;
        let mut slots = world.live("pg1").slots.iter_mut();
        slots.find(|slot| slot.name.contains("pg2_from_pg1")).unwrap().wal_status = Some("lost".into());
    });
    assert!(finding.evidence.contains("cannot read the changes of pg1"), "{}", finding.evidence);
    let remedy = finding.remedy.to_string();
    assert!(remedy.contains("remove-node") && remedy.contains("add-node"), "{remedy}");
}

/// A reader has one name in all databases, and a connection for each.
#[test]
fn each_database_has_its_own_lag() {
    let nodes = ["pg1", "pg2"];
    let mut world = World::members_with("databases: [{name: shop}, {name: stock}]", &nodes, &nodes);
    for (slot, seconds) in &mut world.live("pg1").confirmed_after {
        *seconds = if slot.contains("_shop_") { 0.3 } else { 0.7 };
    }
    let links = world.status().links;
    let lag = |database: &str| {
        let mut own = links.iter().filter(|it| it.database == database && it.from.as_str() == "pg1");
        own.next().unwrap().lag
    };
    assert_eq!((lag("shop"), lag("stock")), (Some(0.3), Some(0.7)));
}

/// Of a reader that takes long, the age of the oldest commit counts that it lacks, and not that of the newest one that it has: the
/// provider may have written nothing for hours between the two.
#[test]
fn a_lag_is_the_age_of_the_oldest_commit_that_the_reader_lacks() {
    let slot = "pgl_shop_pg1_pg2_from_pg1";
    // pg1 wrote at 100 and 101, paused until 5000, and wrote without a pause until 5050. It is 5060 now.
    let lag = |applied: Option<f64>, confirmed: Option<f64>| {
        let nodes = ["pg1", "pg2"];
        let mut world = World::members_with("databases: [{name: shop}]", &nodes, &nodes);
        let provider = world.live("pg1");
        assert!(provider.confirmed_after.remove(slot).is_some());
        provider.commits = Some(Commits {
            now: 5060.0,
            newest: Some(5050.0),
            pauses: vec![(101.0, 5000.0)],
            applied: BTreeMap::new(),
            confirmed: confirmed.map(|it| (slot.to_owned(), it)).into_iter().collect(),
        });
        let applied = applied.map(|it| (slot.to_owned(), it)).into_iter().collect();
        world.live("pg2").commits = Some(Commits { applied, ..Commits::default() });
        let links = world.status().links;
        links.iter().find(|it| it.from.as_str() == "pg1").unwrap().lag
    };
    assert_eq!(lag(Some(5050.0), None), Some(0.0), "it lacks nothing");
    assert_eq!(lag(Some(5010.0), None), Some(50.0));
    assert_eq!(lag(Some(101.0), None), Some(60.0), "since the end of the pause");
    assert_eq!(lag(Some(100.0), None), Some(4960.0));
    // What is never sent, such as a VACUUM, is confirmed and not applied.
    assert_eq!(lag(Some(100.0), Some(101.0)), Some(60.0));
    assert_eq!(lag(None, Some(5020.0)), Some(40.0));
    assert_eq!(lag(None, None), None, "it is not known");
}

/// A slot keeps what its reader has not got: nobody is told to drop one from which a member goes on reading, seen or not.
#[test]
fn a_slot_of_a_member_is_never_said_to_be_unread() {
    let unread = |world: &mut World| {
        world.live("pg1").slots.push(slot_of("pgl_shop_pg1_gone_from_pg1", "shop", false));
    };
    let finding = told(codes::SLOT, unread);
    assert!(finding.remedy.to_string().contains("pg_drop_replication_slot"), "{}", finding.remedy);
    for database in ["other", "shop"] {
        silent(codes::SLOT, |world| world.live("pg1").slots.push(slot_of("debezium", database, false)));
    }
    silent(codes::SLOT, |world| {
        world.live("pg1").slots.push(slot_of("pgl_shop_pg1_x_from_pg1", "shop", true));
    });
    let change: [fn(&mut World); 3] = [
        |world| world.stop("pg3"),
        |world| world.unreachable("pg3"),
        |world| {
            for node in ["pg1", "pg2", "pg3"] {
                world.knows(node, "pg4", 4);
            }
            world.live("pg1").slots.push(slot_of("pgl_shop_pg1_pg4_from_pg1", "shop", false));
        },
    ];
    for change in change {
        silent(codes::SLOT, |world| {
            change(world);
            for slot in &mut world.live("pg1").slots {
                slot.active = false;
            }
        });
    }
    let finding = told(codes::SLOT, |world| {
        world.stop("pg3");
        world.live("pg1").slots[1].wal_status = Some("lost".into());
    });
    assert_eq!(finding.severity, Severity::Critical);
}

/// pglogical shortens `pgserver2_from_pgserver1`, and the beginning fits several members.
#[test]
fn a_slot_with_a_shortened_name_is_never_said_to_be_unread() {
    let nodes = ["pgserver1", "pgserver2", "pgserver3"];
    let mut world = World::members_with("", &nodes, &nodes);
    let slot = "pgl_shop_pgserver1_pgservere55bf37";
    for it in &mut world.live("pgserver1").slots {
        it.active = false;
        it.kept = Some(400 << 30);
        if it.name.contains("pgserver2_from") {
            it.name = slot.into();
        }
    }
    let reads = |world: &World| {
        let found = world.status().findings.into_iter().filter(|it| it.code == codes::SLOT);
        found.map(|it| it.evidence + &it.remedy.to_string()).find(|it| it.contains(slot)).unwrap()
    };
    world.database("pgserver2").subscriptions[0].slot = Some(slot.into());
    assert!(reads(&world).contains("bring pgserver2 back"), "{}", reads(&world));
    world.stop("pgserver2");
    assert!(reads(&world).contains("bring pgserver2 back"), "{}", reads(&world));
    // Eight letters are of two members.
    for node in ["pgserver1", "pgserver3"] {
        world.knows(node, "pgserver4", 4);
    }
    let several = reads(&world);
    assert!(!several.contains("bring") && !several.contains("pg_drop_replication_slot"), "{several}");
}

#[test]
fn a_member_that_does_not_run_is_told_and_how_it_is_started() {
    let finding = told(codes::NOT_RUNNING, |world| world.stop("pg3"));
    assert!(finding.remedy.to_string().contains("systemctl start postgresql@17-main"), "{}", finding.remedy);
    silent(codes::NOT_MEMBER, |world| world.stop("pg3"));
}

#[test]
fn a_node_outside_is_added_or_the_mesh_is_made() {
    let world = World::members(&["pg1", "pg2"]);
    let finding = found(&world, codes::NOT_MEMBER).unwrap();
    assert!(finding.remedy.to_string().contains("add-node"), "{}", finding.remedy);
    assert_eq!(finding.severity, Severity::Degraded);
    let finding = found(&World::blank(), codes::NOT_MEMBER).unwrap();
    assert!(finding.remedy.to_string().contains("bootstrap"), "{}", finding.remedy);
}

#[test]
fn who_is_lost_or_not_listed_is_told() {
    let blank = World::blank().node("pg3").clone();
    let lost = |world: &mut World| *world.node("pg3") = blank.clone();
    told(codes::MEMBER_LOST, lost);
    silent(codes::NOT_MEMBER, lost);
    told(codes::STRANGER, |world| world.knows("pg1", "pg4", 4));
    told(codes::NUMBER, |world| {
        for node in ["pg1", "pg2", "pg3"] {
            world.database(node).members.as_mut().unwrap()[1].number = 1;
        }
    });
    let finding = told(codes::OTHER_MESH, |world| {
        world.database("pg3").members.as_mut().unwrap()[0].mesh = "other".into();
    });
    assert_eq!(finding.severity, Severity::Critical);
}

#[test]
fn what_differs_from_the_inventory_is_told_with_a_command_that_is_there() {
    let finding = told(codes::CONFIG_DRIFT, |world| world.node("pg2").access.clear());
    assert!(finding.evidence.contains("pg_hba.conf"), "{}", finding.evidence);
    assert!(finding.remedy.to_string().contains("apply-config"), "{}", finding.remedy);
    told(codes::CONFIG_DRIFT, |world| world.node("pg2").included = false);
    told(codes::CONFIG_DRIFT, |world| world.node("pg2").settings = None);
    told(codes::PENDING_RESTART, |world| world.live("pg2").pending_restart = vec!["wal_level".into()]);
}

#[test]
fn clocks_that_differ_decide_which_update_is_lost() {
    let finding = told(codes::CLOCK, |world| world.node("pg2").machine.clock += 6.0);
    assert!(finding.evidence.contains("pg2 is about 6 s ahead"), "{}", finding.evidence);
    silent(codes::CLOCK, |world| world.node("pg2").machine.clock += 4.0);
    // A host that does not tell its time.
    silent(codes::CLOCK, |world| world.node("pg2").machine.clock = 0.0);
}

#[test]
fn tables_that_cannot_be_sent_are_told() {
    told(codes::NO_KEY, |world| world.database("pg1").tables[0].key.clear());
    told(codes::UNLOGGED, |world| world.database("pg1").tables[0].unlogged = true);
}

#[test]
fn every_finding_of_a_mesh_is_in_the_reference() {
    let listed: Vec<_> =
        galactl::mesh::judge::listed::FINDINGS.iter().flat_map(|(_, codes)| codes.iter().copied()).collect();
    let mut world = World::whole();
    world.node("pg1").machine.clock += 9.0;
    world.database("pg1").subscriptions.clear();
    world.live("pg1").slots.push(slot_of("pgl_shop_pg1_a", "shop", false));
    world.node("pg2").included = false;
    world.live("pg2").pending_restart = vec!["wal_level".into()];
    world.database("pg1").tables[0].key.clear();
    world.database("pg1").tables[1].unlogged = true;
    world.database("pg1").publications.push("other".into());
    for finding in world.status().findings {
        assert!(listed.contains(&finding.code), "{} is not listed", finding.code);
    }
}
