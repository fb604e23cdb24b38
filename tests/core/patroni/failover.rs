//! The plans of forced failovers: who may be promoted, what is lost by it, and what is refused.

use galactl::kernel::judge::Code;
use galactl::kernel::plan::{Command as _, text};
use galactl::patroni::facts::{Answer, History, Lsn, SyncKey, Timeline, WalFile};
use galactl::patroni::judge::codes;
use galactl::patroni::plan::{NoPlan, Plan, failover};

use super::world::{World, name};

/// Bytes that the last leader had written, and no node that is seen has.
const LACKS: u64 = 2048;

/// The primary and its synchronous standby are lost, and their key in etcd has expired.
fn lost() -> World {
    let mut world = World::whole();
    let end = world.live("pg2").received.unwrap().bytes();
    world.keys(|keys| {
        keys.leader = None;
        keys.members.retain(|name, _| name == "pg2");
        keys.optime = Some(Lsn::new(end + LACKS));
        keys.sync = sync("pg1", &["pg3"], 0);
    });
    world.unreachable("pg1");
    world.unreachable("pg3");
    world.observation.recovered = Some(std::collections::BTreeMap::new());
    world
}

fn sync(leader: &str, standbys: &[&str], quorum: u16) -> Option<SyncKey> {
    let standbys = standbys.iter().map(|it| (*it).to_owned()).collect();
    Some(SyncKey { leader: Some(leader.into()), standbys, quorum })
}

fn to(world: &World, node: &str) -> Result<Plan, NoPlan> {
    failover(&world.basis(), &name(node))
}

#[track_caller]
fn refused(world: &World, node: &str) -> Vec<(Code, String)> {
    match to(world, node) {
        Err(NoPlan::Refused(refusals)) => refusals
            .into_iter()
            .map(|it| (it.code, it.node.map_or_else(String::new, |node| node.to_string())))
            .collect(),
        other => panic!("{other:?}"),
    }
}

fn on(code: Code, node: &str) -> Vec<(Code, String)> {
    vec![(code, node.to_owned())]
}

#[test]
fn what_is_lost_is_said_in_bytes_and_the_name_has_to_be_typed() {
    let plan = to(&lost(), "pg2").unwrap();
    assert!(plan.command.is_forced());
    let steps: Vec<_> = plan.steps().map(|step| step.id.clone()).collect();
    assert_eq!(steps[..2], ["pg2/patroni/no-rewind", "pg2/patroni/failover"], "nobody is rewound by it");
    insta::assert_snapshot!(text(&plan));
}

#[test]
fn whoever_had_every_commit_is_promoted_without_more_ado() {
    let mut world = lost();
    world.keys(|keys| keys.sync = sync("pg1", &["pg2"], 0));
    let plan = to(&world, "pg2").unwrap();
    assert!(!plan.command.is_forced());
    assert!(text(&plan).contains("nothing acknowledged is lost"), "{}", text(&plan));
    assert!(plan.steps().all(|step| !step.id.ends_with("no-rewind")));
    // With quorum commit one of two is not enough.
    world.keys(|keys| keys.sync = sync("pg1", &["pg2", "pg3"], 1));
    assert!(to(&world, "pg2").unwrap().command.is_forced());
}

#[test]
fn what_nobody_knows_is_not_said_to_be_nothing() {
    let mut world = lost();
    world.keys(|keys| (keys.optime, keys.sync) = (None, sync("pg1", &[], 0)));
    world.keys(|keys| keys.members.clear());
    let told = text(&to(&world, "pg2").unwrap());
    assert!(told.contains("DISCARDED: nobody knows how much"), "{told}");
    assert!(told.contains("pg1 had no synchronous standby at the end"), "{told}");
}

#[test]
fn nobody_is_promoted_beside_a_primary_that_may_live() {
    assert_eq!(refused(&World::whole(), "pg3"), on(codes::LED, "pg1"));
    assert!(to(&World::whole(), "pg1").unwrap().is_empty(), "it leads already");
    let tried = |change: fn(&mut World)| {
        let mut world = lost();
        world.observation.awaited = true;
        change(&mut world);
        refused(&world, "pg2")
    };
    assert_eq!(tried(|it| it.keys(|keys| keys.leader = Some("pg1".into()))), on(codes::PRIMARY_UNKNOWN, ""));
    let consents = |it: &mut World| {
        let Answer::Told(told) = &mut it.node("pg2").patroni.node else { panic!("Patroni") };
        told.failsafe_active = true;
    };
    assert_eq!(tried(consents), on(codes::PRIMARY_UNKNOWN, "pg2"));
    let paused = |it: &mut World| {
        let Answer::Told(cluster) = &mut it.node("pg2").patroni.cluster else { panic!("a cluster") };
        cluster.paused = true;
    };
    assert_eq!(tried(paused), on(codes::PAUSED, "pg2"));
    let quorum = |it: &mut World| it.etcd("pg2").healthy = Answer::Told(false);
    assert_eq!(tried(quorum)[0].0, codes::ETCD_QUORUM);
}

#[test]
fn only_a_standby_that_runs_and_may_lead_is_promoted() {
    let tried = |node: &str, change: fn(&mut World)| {
        let mut world = lost();
        world.observation.awaited = true;
        change(&mut world);
        refused(&world, node)
    };
    assert_eq!(tried("pg3", |_| {}), on(codes::UNREACHABLE, "pg3"));
    assert_eq!(tried("pg2", |it| it.stop_patroni("pg2")), on(codes::PATRONI_DOWN, "pg2"));
    assert_eq!(tried("pg2", |it| it.live("pg2").replay_paused = true), on(codes::REPLAY_PAUSED, "pg2"));
    assert_eq!(
        tried("pg2", |it| it.inventory.nodes[1].tags.failover = false),
        on(codes::MAY_NOT_LEAD, "pg2")
    );
}

#[test]
fn the_one_that_has_more_is_named() {
    // The synchronous standby is there, and a little ahead.
    let mut world = World::whole();
    let end = world.live("pg2").received.unwrap().bytes();
    world.live("pg3").received = Some(Lsn::new(end + LACKS));
    world.keys(|keys| (keys.leader, keys.sync) = (None, sync("pg1", &["pg3"], 0)));
    world.unreachable("pg1");
    // Patroni is to promote it by itself.
    assert!(matches!(to(&world, "pg2"), Err(NoPlan::Electing)));
    world.observation.awaited = true;
    assert!(matches!(to(&world, "pg2"), Err(NoPlan::PositionsWanted)));
    world.observation.recovered = Some(std::collections::BTreeMap::new());
    assert_eq!(refused(&world, "pg2"), on(codes::MORE_ADVANCED, "pg3"));
    assert!(!to(&world, "pg3").unwrap().command.is_forced());
}

#[test]
fn data_that_has_left_the_history_of_the_cluster_is_not_promoted() {
    let mut world = lost();
    let own = world.live("pg2").timeline;
    let switch =
        galactl::patroni::facts::Switch { timeline: own, at: Lsn::new(1 << 20), reason: String::new() };
    let mut switches = world.node("pg2").datadir.history(own).unwrap_or_default().0;
    switches.retain(|it| it.at < switch.at);
    switches.push(switch);
    world.node("pg2").patroni.history = Answer::Told(switches);
    assert_eq!(refused(&world, "pg2"), on(codes::FORKED, "pg2"));
}

#[test]
fn strict_commits_wait_for_a_standby_and_nobody_proves_them() {
    let mut world = lost();
    world.inventory.synchronous.mode = galactl::patroni::inventory::SyncMode::Strict;
    let plan = to(&world, "pg2").unwrap();
    assert!(text(&plan).contains("NO COMMIT IS ACKNOWLEDGED until a standby follows pg2"), "{}", text(&plan));
    assert!(plan.steps().all(|step| !step.id.contains("/verify-")));
}

#[test]
fn a_standby_without_a_receiver_is_on_the_timeline_of_its_files() {
    let mut world = lost();
    let own = world.live("pg2").timeline;
    let next = Timeline::new(own.number() + 1).unwrap();
    let switch =
        galactl::patroni::facts::Switch { timeline: own, at: Lsn::new(1 << 20), reason: String::new() };
    let mut switches = world.node("pg2").datadir.history(own).unwrap_or_default().0;
    switches.retain(|it| it.at < switch.at);
    switches.push(switch);
    world.node("pg2").patroni.history = Answer::Told(switches.clone());
    world.node("pg2").datadir.histories.insert(next, Answer::Told(History(switches)));
    // Its control file has the old timeline until the next restart point.
    world.live("pg2").receiver = None;
    assert_eq!(refused(&world, "pg2"), on(codes::FORKED, "pg2"));
    world.node("pg2").datadir.newest_wal =
        Some(WalFile { timeline: next, name: format!("{:08X}0000000000000003", next.number()) });
    assert!(to(&world, "pg2").unwrap().command.is_forced());
    world.node("pg2").datadir.newest_wal = None;
    let Answer::Told(told) = &mut world.node("pg2").patroni.node else { panic!("Patroni") };
    told.timeline = Some(next);
    assert!(to(&world, "pg2").unwrap().command.is_forced());
}

/// The primary is lost, and pg3 is seen.
fn primary_lost() -> World {
    let mut world = World::whole();
    world.keys(|keys| (keys.leader, keys.sync) = (None, sync("pg1", &["pg3"], 0)));
    world.unreachable("pg1");
    world.observation.awaited = true;
    world.observation.recovered = Some(std::collections::BTreeMap::new());
    world
}

#[test]
fn a_node_that_has_come_back_stops_the_order() {
    let overtaken = |world: &World| {
        galactl::patroni::recovery::overtaken(
            &world.basis(),
            &galactl::patroni::recovery::gather(&world.basis()),
            &name("pg2"),
        )
    };
    let mut world = primary_lost();
    assert!(overtaken(&world).is_empty(), "{:?}", overtaken(&world));
    world.node("pg3").server = Answer::Nobody("no socket".into());
    world.node("pg3").servers.clear();
    assert!(overtaken(&world)[0].contains("whether pg3 has more cannot be told"), "{:?}", overtaken(&world));
    // What is stopped was compared before.
    world.stop_patroni("pg3");
    assert!(overtaken(&world).is_empty(), "{:?}", overtaken(&world));
}

#[test]
fn who_was_restarted_is_compared_once_it_has_replayed_all() {
    let restarted = |world: &mut World, node: &str, waits: &str| {
        let live = world.live(node);
        (live.receiver, live.received) = (None, None);
        live.replay_waits = Some(waits.into());
    };
    for node in ["pg2", "pg3"] {
        let mut world = primary_lost();
        restarted(&mut world, node, "");
        assert_eq!(refused(&world, "pg2"), on(codes::UNCLEAR, node));
        // It has tried in vain to receive: what it tells is the beginning of a segment.
        world.live(node).received = Some(Lsn::new(1 << 24));
        assert_eq!(refused(&world, "pg2"), on(codes::UNCLEAR, node));
        for waits in ["RecoveryRetrieveRetryInterval", "RecoveryWalStream"] {
            restarted(&mut world, node, waits);
            assert!(to(&world, "pg2").unwrap().command.is_forced());
        }
    }
}

#[test]
fn where_a_node_is_not_seen_the_way_on_does_not_lead_back_here() {
    let remedy = |world: &World| match to(world, "pg2") {
        Err(NoPlan::Refused(refusals)) => {
            let invocation =
                galactl::kernel::judge::Invocation::new(std::path::Path::new("c.yaml"), None, Vec::new());
            refusals[0].remedy.text(&invocation)
        }
        other => panic!("{other:?}"),
    };
    let mut world = primary_lost();
    world.node("pg3").server = Answer::Nobody("no socket".into());
    world.node("pg3").servers.clear();
    let told = remedy(&world);
    assert!(told.contains("poweroff") && told.contains("galactl recover c.yaml --seed pg2"), "{told}");
}

#[test]
fn a_tag_says_in_every_spelling_that_a_node_may_not_lead() {
    use serde_json::json;
    let tagged = |tag: &str, value: serde_json::Value| {
        let mut world = primary_lost();
        let Answer::Told(told) = &mut world.node("pg2").patroni.node else { panic!("Patroni") };
        told.tags.insert(tag.to_owned(), value);
        world
    };
    for (tag, value) in [
        ("nofailover", json!(true)),
        ("nofailover", json!("True")),
        ("failover_priority", json!(0)),
        ("failover_priority", json!("-1")),
    ] {
        assert_eq!(refused(&tagged(tag, value.clone()), "pg2"), on(codes::MAY_NOT_LEAD, "pg2"), "{value}");
    }
    for (tag, value) in [("nofailover", json!(false)), ("failover_priority", json!(1))] {
        assert!(to(&tagged(tag, value), "pg2").is_ok());
    }
    let mut world = tagged("nofailover", json!("yes"));
    let mut file = world.node("pg2").config.clone().unwrap();
    file.text = format!("# by hand\n{}", file.text);
    world.node("pg2").config = Some(file);
    let told = format!("{:?}", to(&world, "pg2"));
    assert!(told.contains("take the tags") && !told.contains("sudo sed"), "{told}");
}

#[test]
fn nothing_is_promised_of_lost_nodes_where_files_are_not_galactls() {
    let mut world = lost();
    assert!(text(&to(&world, "pg2").unwrap()).contains("waits apart with it"));
    let mut file = world.node("pg2").config.clone().unwrap();
    file.text = format!("# by hand\n{}", file.text);
    world.node("pg2").config = Some(file.clone());
    let told = text(&to(&world, "pg2").unwrap());
    assert!(!told.contains("waits apart with it") && told.contains("is not galactl's"), "{told}");
    file.text = file.text.replace("\npostgresql:\n", "\npostgresql:\n  use_pg_rewind: true\n");
    world.node("pg2").config = Some(file);
    let told = text(&to(&world, "pg2").unwrap());
    assert!(told.contains("of pg2 sets use_pg_rewind"), "{told}");
}

#[test]
fn what_was_replayed_is_not_said_to_be_all_that_it_has() {
    let mut world = lost();
    let Answer::Told(told) = &mut world.node("pg2").patroni.node else { panic!("Patroni") };
    told.replayed_at = Some("2026-11-29 19:50:14+00:00".into());
    world.live("pg2").replayed = world.live("pg2").received;
    assert!(text(&to(&world, "pg2").unwrap()).contains("later ones are lost"));
    world.live("pg2").replayed = Some(Lsn::new(1 << 20));
    let told = text(&to(&world, "pg2").unwrap());
    assert!(!told.contains("later ones are lost") && told.contains("it has received more"), "{told}");
}
