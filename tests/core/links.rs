//! Members that hear of each other only through others: who tells it, and what is not done then.

use std::collections::BTreeMap;

use galactl::galera::facts::{PortMatrix, Reach};
use galactl::galera::garbd::settings::Garbd;
use galactl::galera::judge::codes;
use galactl::galera::model::Service;
use galactl::galera::plan::{NoPlan, Plan, remove_arbitrators};
use galactl::galera::status::{Health, Status, status};

use crate::support::{Ports, Running, Shape, World, guards_of, name};

/// A whole cluster in which db1 and db2 have no link.
fn cut(shape: &Shape) -> World {
    let mut world = linked(shape);
    world.cut(0, 1);
    world
}

fn linked(shape: &Shape) -> World {
    let mut world = World::whole(shape);
    world.link_all();
    world
}

fn judged(world: &World) -> Status {
    status(&world.inventory, &world.observation, world.basis().renderer, &BTreeMap::new()).unwrap()
}

/// The nodes that the plan's steps of this kind stand on, in their order.
fn order(plan: &Plan, what: &str) -> Vec<String> {
    let steps = plan.steps().filter(|step| step.id.ends_with(what));
    steps.map(|step| step.node.to_string()).collect()
}

#[test]
fn every_command_that_takes_a_member_out_is_refused() {
    let world = cut(&Shape::of(4));
    let refused = [codes::MISSING_LINK];
    assert_eq!(guards_of(&world.plan_restart(&[])), refused);
    assert_eq!(guards_of(&world.plan_restart(&[name(3)])), refused);
    assert_eq!(guards_of(&world.plan_stop(&[name(2)])), refused);
    assert_eq!(guards_of(&world.remove(&[name(2)], &[])), refused);
    assert_eq!(guards_of(&world.apply_config()), refused);
}

#[test]
fn a_member_that_lacks_the_link_may_go_for_good() {
    let world = cut(&Shape::of(4));
    assert_eq!(order(&world.plan_stop(&[name(1)]).unwrap(), "/leave"), ["db2"]);
    assert_eq!(order(&world.remove(&[name(1)], &[]).unwrap(), "/leave"), ["db2"]);
}

/// Of the last two each must reach the other.
#[test]
fn the_whole_cluster_stops_from_its_loose_ends() {
    let mut world = cut(&Shape::of(4));
    let plan = world.plan_stop(&[]).unwrap();
    assert_eq!(order(&plan, "/leave"), ["db2", "db4", "db3", "db1"]);
    let plan = linked(&Shape::of(4)).plan_stop(&[]).unwrap();
    assert_eq!(order(&plan, "/leave"), ["db4", "db3", "db2", "db1"]);
    world.cut(0, 2);
    assert_eq!(order(&world.plan_stop(&[]).unwrap(), "/leave"), ["db3", "db2", "db4", "db1"]);
}

#[test]
fn status_and_check_tell_it() {
    let whole = linked(&Shape::of(3));
    assert_eq!(judged(&whole).health, Health::Healthy);
    let world = cut(&Shape::of(3));
    let told = judged(&world);
    let finding = told.findings.iter().find(|finding| finding.code == codes::MISSING_LINK).unwrap();
    assert_eq!((told.health, &finding.node), (Health::Degraded, &Some(name(0))));
    assert!(finding.evidence.contains("no connection with db2"), "{}", finding.evidence);
    assert!(world.check().rows.iter().any(|row| row.check == "ports" && row.node() == Some(&name(0))));
}

/// The probe says more of the same pair; of another pair it says nothing.
#[test]
fn what_the_probe_says_is_not_said_twice() {
    let mut world = cut(&Shape::of(3));
    let mut ports: PortMatrix = world.open_ports();
    ports.close(1, 0, &[Service::GroupCommunication], &Reach::Refused);
    world.observation.ports = ports;
    assert_eq!(guards_of(&world.plan_restart(&[])), [codes::PORTS]);
    world.cut(0, 2);
    assert_eq!(guards_of(&world.plan_restart(&[])), [codes::PORTS, codes::MISSING_LINK]);
}

/// A port that is closed at a node that leaves for good is no reason to keep it.
#[test]
fn ports_of_whoever_leaves_do_not_count() {
    let mut world = linked(&Shape::of(4));
    let mut ports = world.open_ports();
    ports.close(0, 3, &Service::ALL, &Reach::Refused);
    world.observation.ports = ports;
    assert!(world.remove(&[name(3)], &[]).is_ok() && world.plan_stop(&[name(3)]).is_ok());
    assert_eq!(guards_of(&world.plan_stop(&[name(2)])), [codes::PORTS]);
    assert_eq!(guards_of(&world.plan_restart(&[name(2)])), [codes::PORTS]);
}

/// A host without `ss`, or whose `ss` does not see the server's network, proves nothing.
#[test]
fn what_cannot_be_told_is_no_missing_link() {
    let mut world = cut(&Shape::of(3));
    for index in [0, 1] {
        world.facts_mut(&name(index)).group_peers = None;
    }
    assert!(world.plan_restart(&[]).is_ok());
    for index in [0, 1] {
        world.facts_mut(&name(index)).group_peers = Some([].into());
    }
    assert!(world.plan_restart(&[]).is_ok());
}

#[test]
fn an_arbitrator_is_at_the_end_of_a_link_too() {
    let shape = Shape { arbitrator: true, ..Shape::of(2) };
    let mut world = World::standalone(&shape);
    let arbitrator = world.inventory.arbitrators()[0].clone();
    let settings = Garbd::of(&world.inventory, &arbitrator);
    world.carry_out(&world.bootstrap().unwrap());
    world.arbitrator_mut(&arbitrator.name).become_running(&settings);
    world.new_view();
    world.link_all();
    let removed = |world: &World| -> Result<Plan, NoPlan> {
        remove_arbitrators(&world.basis(), std::slice::from_ref(&arbitrator.name))
    };
    assert_eq!((guards_of(&world.plan_restart(&[])), removed(&world).is_ok()), (vec![], true));
    let peers = world.facts_mut(&name(1)).group_peers.as_mut().unwrap();
    peers.remove(&"10.0.0.20".parse().unwrap());
    assert_eq!(guards_of(&world.plan_restart(&[])), [codes::MISSING_LINK]);
    world.link_all();
    world.cut(0, 1);
    assert_eq!(guards_of(&removed(&world)), [codes::MISSING_LINK]);
}
