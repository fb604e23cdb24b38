//! Histories that part under one state UUID: what tells them, and what explains them.

use galactl::galera::facts::{BootstrapRecord, HostFacts};
use galactl::galera::judge::codes;
use galactl::galera::model::{Gtid, Seqno};
use galactl::galera::plan::{NoPlan, Plan};

use crate::support::host::{uuid, zero};
use crate::support::{Changes, Component, Shape, World, fresh, guards_of, name};

/// Three stopped nodes at these seqnos; the first was the last of its component, Galera says.
fn outage(seqnos: [i64; 3]) -> World {
    let mut hosts = seqnos.map(|seqno| fresh().saved(uuid(1), seqno));
    hosts[0] = fresh().saved(uuid(1), seqnos[0]).safe_to_bootstrap();
    World::new(&Shape::of(3), hosts)
}

fn recover(world: &World, seqnos: [i64; 3]) -> Result<Plan, NoPlan> {
    let at: Vec<_> = seqnos.into_iter().enumerate().map(|(index, seqno)| (index, uuid(1), seqno)).collect();
    world.recover(&at)
}

/// The cluster was started again from this host, at this seqno.
fn started_again(host: HostFacts, seqno: u64) -> HostFacts {
    let recovered = Some(Gtid { uuid: uuid(1), seqno: Seqno::At(seqno) });
    let record =
        BootstrapRecord { recovered, joined: true, state_uuid: Some(uuid(1)), ..BootstrapRecord::default() };
    HostFacts { bootstrap_record: Some(record), ..host }
}

#[test]
fn the_flag_on_the_node_that_is_furthest_is_as_it_should_be() {
    assert!(recover(&outage([20, 14, 12]), [20, 14, 12]).is_ok());
}

#[test]
fn a_node_that_was_the_last_is_not_passed_by_others() {
    let passed = outage([20, 14, 40]);
    // The second one, which may have been with either, is in doubt as well.
    assert_eq!(guards_of(&recover(&passed, [20, 14, 40])), [codes::DIVERGED, codes::DIVERGED]);
    // As far as each other, and each was the last: that is no tie.
    let mut both = outage([20, 14, 20]);
    both.set(&name(2), fresh().saved(uuid(1), 20).safe_to_bootstrap());
    assert_eq!(guards_of(&recover(&both, [20, 14, 20])), [codes::DIVERGED; 3]);
}

#[test]
fn a_flag_that_was_edited_says_nothing() {
    let mut world = outage([20, 14, 40]);
    world.facts_mut(&name(0)).datadir.grastate_edited = true;
    assert!(recover(&world, [20, 14, 40]).is_ok());
}

#[test]
fn a_start_that_galactl_has_recorded_explains_the_flag() {
    let mut world = outage([20, 14, 40]);
    world.set(&name(2), started_again(fresh().saved(uuid(1), 40), 20));
    assert!(recover(&world, [20, 14, 40]).is_ok());
    // From before the node's own last commits, it explains nothing.
    world.set(&name(2), started_again(fresh().saved(uuid(1), 40), 15));
    assert_eq!(guards_of(&recover(&world, [20, 14, 40])), [codes::DIVERGED]);
}

#[test]
fn a_last_one_does_not_join_a_cluster_that_lives_without_it() {
    let mut world = outage([20, 100, 100]);
    for index in [1, 2] {
        world.set(&name(index), fresh().member(name(index).as_str(), &Component::of(2)));
    }
    assert_eq!(guards_of(&world.recover(&[(0, uuid(1), 20)])), [codes::AHEAD]);
    // A third node, which may have been with either.
    let mut third = world.clone();
    third.set(&name(1), fresh().saved(uuid(1), 14));
    assert_eq!(guards_of(&third.recover(&[(0, uuid(1), 20), (1, uuid(1), 14)])), [codes::AHEAD; 2]);
    // Galera voids the file of a node that it turns away for being ahead, and leaves the flag.
    world.set(&name(0), fresh().saved(zero(), -1).safe_to_bootstrap());
    assert_eq!(guards_of(&world.recover(&[(0, uuid(1), 20)])), [codes::AHEAD]);
}
