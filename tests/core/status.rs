//! `galactl status` on clusters made of words.

use std::collections::BTreeMap;

use galactl::cli::status_text;
use galactl::galera::config::Renderer;
use galactl::galera::facts::{Rates, ServerAnswer};
use galactl::galera::garbd::settings::Garbd;
use galactl::galera::model::Seqno;
use galactl::galera::status::{Health, Status, prometheus, status};
use galactl::kernel::model::NodeName;

use crate::support::{Changes, Component, Running, Shape, World, fresh, name, uuid};

fn whole(shape: &Shape) -> World {
    let component = Component::of(3);
    let hosts = (0..3).map(|index| fresh().member(name(index).as_str(), &component));
    let mut world = World::new(shape, hosts);
    world.configure(0..3);
    world
}

fn judged(world: &World, rates: &BTreeMap<NodeName, Rates>) -> Status {
    status(&world.inventory, &world.observation, &Renderer::new(None).unwrap(), rates).unwrap()
}

fn busy() -> BTreeMap<NodeName, Rates> {
    let rates =
        Rates { write_sets: 10.0, own_writes: 4.0, bytes: 8000.0, connections: 12, ..Rates::default() };
    (0..3).map(|index| (name(index), rates.clone())).collect()
}

#[test]
fn a_whole_cluster_is_healthy() {
    let status = judged(&whole(&Shape::of(3)), &busy());
    assert_eq!(status.health, Health::Healthy);
    assert_eq!(status.nodes[0].ist_window, Some(10), "100 write-sets at 10 a second");
    insta::assert_snapshot!(status_text(&status));
    insta::assert_snapshot!(prometheus(&status));
    insta::assert_snapshot!(serde_json::to_string_pretty(&status).unwrap());
}

#[test]
fn what_is_missing_or_slow_is_degraded() {
    let mut world = whole(&Shape::of(3));
    world.set(&name(1), fresh().saved(uuid(1), 90).failed());
    let drift = world.facts(&name(2)).clone().configured("[mysqld]\n");
    world.set(&name(2), drift);
    let mut rates = busy();
    rates.remove(&name(1));
    let slow = rates.get_mut(&name(0)).unwrap();
    (slow.flow_control, slow.receive_queue, slow.cert_failures) = (0.25, 31, 1.5);
    let status = judged(&world, &rates);
    assert_eq!(status.health, Health::Degraded);
    insta::assert_snapshot!(status_text(&status));
}

#[test]
fn limits_of_the_inventory_count() {
    let limits = "thresholds:\n  flow_control:\n    warn: 0.01\n    critical: 0.2\n";
    let mut rates = busy();
    rates.get_mut(&name(0)).unwrap().flow_control = 0.25;
    assert_eq!(judged(&whole(&Shape::of(3)), &rates).health, Health::Degraded);
    assert_eq!(judged(&whole(&Shape::of(3).more(limits)), &rates).health, Health::Critical);
}

#[test]
fn two_primaries_of_one_state_are_a_split() {
    let mut world = whole(&Shape::of(3));
    let apart = Component { size: 1, conf_id: 9, members: Vec::new(), ..Component::of(1) };
    let host = fresh().member("db3", &apart);
    world.set(&name(2), host);
    world.configure([2]);
    let status = judged(&world, &busy());
    assert_eq!(status.health, Health::Critical);
    insta::assert_snapshot!(status_text(&status));
}

/// Each half was made Primary by itself: the same state UUID, number and size.
#[test]
fn two_equal_halves_are_a_split() {
    let halves = [["10.0.0.1", "10.0.0.2"], ["10.0.0.3", "10.0.0.4"]];
    let host = |index: usize, members: &[&str]| {
        let members = members.iter().map(|member| (*member).to_owned()).collect();
        fresh().member(name(index).as_str(), &Component { members, ..Component::of(2) })
    };
    for told in [true, false] {
        let hosts = (0..4).map(|index| host(index, if told { &halves[index / 2] } else { &[] }));
        let mut world = World::new(&Shape::of(4), hosts);
        world.configure(0..4);
        let status = judged(&world, &BTreeMap::new());
        let split: Vec<_> = status.findings.iter().filter(|finding| finding.code.name == "split").collect();
        assert_eq!((status.health, split.len()), (Health::Critical, 1), "{told}: {:?}", status.findings);
    }
}

#[test]
fn without_a_primary_component_it_is_critical() {
    let mut world = whole(&Shape::of(3));
    world.set(&name(0), fresh().non_primary("db1", &Component::of(1)));
    world.set(&name(1), fresh().saved(uuid(1), -1).failed());
    world.lose(&name(2));
    let status = judged(&world, &BTreeMap::new());
    assert_eq!(status.health, Health::Critical);
    insta::assert_snapshot!(status_text(&status));
}

#[test]
fn arbitrators_are_counted() {
    let arbitrator = "arbitrators:\n  - name: arb\n    address: 10.0.0.99\n";
    let mut world = whole(&Shape::of(3).more(arbitrator));
    assert_eq!(judged(&world, &busy()).health, Health::Degraded, "it is missing");
    for index in 0..3 {
        let ServerAnswer::Live(live) = &mut world.facts_mut(&name(index)).server_answer else {
            panic!("no member")
        };
        (live.cluster_size, live.last_committed) = (4, Seqno::At(100));
    }
    let arbitrator = world.inventory.arbitrators()[0].clone();
    let settings = Garbd::of(&world.inventory, &arbitrator);
    world.arbitrator_mut(&arbitrator.name).become_running(&settings);
    let status = judged(&world, &busy());
    assert_eq!(status.health, Health::Healthy);
    assert_eq!(status.arbitrators[0].counted, Some(true));
}

#[test]
fn a_server_that_no_client_reaches_is_not_well() {
    let mut world = whole(&Shape::of(3));
    let mut closed = world.facts(&name(1)).clone();
    let ServerAnswer::Live(live) = &mut closed.server_answer else { unreachable!("it is a member") };
    live.skip_networking = true;
    world.set(&name(1), closed);
    let status = judged(&world, &busy());
    assert_eq!(status.health, Health::Degraded);
    assert_eq!(status.findings.len(), 1, "{:?}", status.findings);
    let told = status_text(&status);
    assert!(told.contains("degraded: db2: it takes no connections over the network"), "{told}");
    assert!(told.contains("; then galactl restart INVENTORY db2"), "{told}");
}
