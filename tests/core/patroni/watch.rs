//! `galactl watch` of a PostgreSQL cluster: the picture, and what has happened between two looks.

use std::collections::BTreeMap;

use galactl::kernel::watch::View;
use galactl::patroni::facts::{Answer, Timeline};
use galactl::patroni::status::Status;
use galactl::patroni::status::watch::{Histories, Sample, Scene, aged, events, frame, unsettled};

use super::world::{World, name};

fn picture(status: &Status, events: &[String], (width, height): (usize, usize)) -> String {
    let mut histories = Histories::default();
    let sample = |node: &str, moment: u32| Sample {
        wal: 20_000.0 * ((f64::from(moment) / 5.0).sin() + 1.0),
        behind: if node == "pg2" { f64::from(moment % 7) * 4096.0 } else { 0.0 },
        slots: [2, 3],
    };
    for moment in 0..60 {
        for node in ["pg1", "pg2", "pg3"] {
            histories.push(&name(node), Some(sample(node, moment)));
        }
    }
    let samples: BTreeMap<_, _> = ["pg1", "pg2", "pg3"].map(|node| (name(node), sample(node, 59))).into();
    let lines = frame(&Scene {
        status,
        samples: &samples,
        histories: &histories,
        events,
        view: View { clock: "12:00:05 UTC", every: 2, age: 1, width, height, ascii: false },
    });
    assert!(lines.len() <= height && lines.iter().all(|line| line.text.chars().count() <= width));
    lines.iter().flat_map(|line| [line.text.as_str(), "\n"]).collect()
}

#[test]
fn three_nodes_with_their_past_and_what_has_happened() {
    let events = ["11:58:00 UTC  pg1 leads in place of pg3".to_owned()];
    insta::assert_snapshot!(picture(&World::whole().status(), &events, (80, 24)));
    insta::assert_snapshot!(picture(&World::whole().status(), &events, (160, 40)));
    let mut world = World::whole();
    world.unreachable("pg3");
    insta::assert_snapshot!(picture(&world.status(), &events, (100, 16)));
    for width in [0, 1, 10, 40] {
        for height in 0..12 {
            picture(&world.status(), &events, (width, height));
        }
    }
}

/// pg3 leads in place of pg1, which follows.
fn switched() -> World {
    let mut world = World::whole();
    let (mut leads, mut follows) = (world.live("pg1").clone(), world.live("pg3").clone());
    let timeline = Timeline::new(leads.timeline.number() + 1).unwrap();
    (leads.timeline, follows.timeline) = (timeline, timeline);
    for row in &mut leads.standbys {
        if row.application_name == "pg3" {
            row.application_name = "pg1".into();
        }
    }
    world.node("pg1").server = Answer::Told(Box::new(follows));
    world.node("pg3").server = Answer::Told(Box::new(leads));
    world.keys(|keys| keys.leader = Some("pg3".into()));
    world
}

#[test]
fn what_has_happened_is_told_once() {
    let whole = World::whole().status();
    assert!(events(&whole, &whole).is_empty());
    assert_eq!(
        events(&whole, &switched().status()),
        ["pg3 leads in place of pg1, on timeline 2", "commits wait for pg1"]
    );
    let mut world = World::whole();
    world.unreachable("pg3");
    let lost = world.status();
    assert_eq!(
        events(&whole, &lost)[0],
        "pg3 is not seen any more: connection timed out",
        "{:?}",
        events(&whole, &lost)
    );
    assert_eq!(events(&lost, &whole)[0], "pg3 is seen again: sync standby");
    let mut world = World::whole();
    world.stop_etcd("pg2");
    let ill = world.status();
    assert_eq!(events(&whole, &ill), ["etcd on pg2: stopped"]);
    assert_eq!(events(&ill, &whole), ["etcd on pg2 works again"]);
    let mut world = World::whole();
    world.unreachable("pg1");
    world.keys(|keys| keys.leader = None);
    let led_by_nobody = world.status();
    assert_eq!(events(&whole, &led_by_nobody)[0], "the primary pg1 is not seen");
    let hangs = aged(led_by_nobody.clone(), &whole, &BTreeMap::from([(name("pg1"), 14)]));
    assert_eq!(events(&whole, &hangs)[0], "the primary pg1 is not seen");
    world = World::whole();
    world.node("pg1").server = Answer::Nobody("no socket".into());
    world.node("pg1").servers.clear();
    assert_eq!(events(&whole, &world.status())[0], "nobody leads; pg1 was the primary");
    assert_eq!(events(&led_by_nobody, &whole)[0], "pg1 leads, on timeline 1");
}

#[test]
fn commits_that_nobody_acknowledges_are_not_said_to_wait_for_nobody() {
    let whole = World::whole().status();
    let mut world = World::whole();
    world.live("pg1").standbys.retain(|row| row.application_name != "pg3");
    world.live("pg1").synchronous_standby_names = "*".into();
    let blocked = world.status();
    assert_eq!(events(&whole, &blocked), ["commits wait, and no synchronous standby is there"]);
    world.live("pg1").synchronous_standby_names.clear();
    assert_eq!(events(&blocked, &world.status()), ["commits wait for nobody"]);
}

#[test]
fn two_primaries_of_two_moments_are_no_split() {
    let mut world = switched();
    let before = World::whole().node("pg1").server.clone();
    world.node("pg1").server = before;
    let status = world.status();
    let has = |status: &Status| status.findings.iter().any(|finding| finding.code.name == "split-brain");
    assert!(has(&status), "{:?}", status.findings);
    assert!(!has(&unsettled(status)));
}

#[test]
fn a_node_that_hangs_is_shown_as_it_was() {
    let before = World::whole().status();
    let mut world = World::whole();
    world.unreachable("pg2");
    let status = aged(world.status(), &before, &BTreeMap::from([(name("pg2"), 14)]));
    let node = status.nodes.iter().find(|node| node.node == name("pg2")).unwrap();
    assert_eq!((node.patroni.as_str(), node.follows), ("14 s ago", false));
    assert_eq!(node.position, before.nodes[1].position);
}
