//! Plans for clusters with an arbitrator.

use std::collections::BTreeMap;

use galactl::cli::status_text;
use galactl::galera::config::Renderer;
use galactl::galera::garbd::action::GarbdAction;
use galactl::galera::judge::codes;
use galactl::galera::observation::Observation;
use galactl::galera::plan;
use galactl::galera::plan::{Action, NoPlan, Plan, ServerAction};
use galactl::galera::status::{Health, Status, status};
use galactl::kernel::facts::Seen;
use galactl::kernel::model::NodeName;
use galactl::kernel::plan::text;

use crate::support::{
    Changes, Running, Shape, World, arbitrator_host, bare_arbitrator_host, fresh, guards_of, name, refusals,
    uuid,
};

fn arb1() -> NodeName {
    "arb1".parse().unwrap()
}

fn shape() -> Shape {
    Shape { arbitrator: true, rsync: true, ..Shape::of(2) }
}

fn fresh_world() -> World {
    World::new(&shape(), vec![fresh(); 2])
}

fn ids(plan: &Plan) -> Vec<&str> {
    plan.steps().map(|step| step.id.as_str()).collect()
}

fn judged(world: &World) -> Status {
    let renderer = Renderer::new(None).unwrap();
    status(&world.inventory, &world.observation, &renderer, &BTreeMap::new()).unwrap()
}

fn lose(world: &mut World) {
    world.observation.arbitrators.insert(arb1(), Seen::Unreachable("connection timed out".into()));
}

fn again_of(plan: &Plan) -> Option<bool> {
    plan.steps().find_map(|step| match step.action {
        Action::Garbd(GarbdAction::Start { again, .. }) => Some(again),
        _ => None,
    })
}

#[test]
fn a_bootstrap_installs_and_starts_it_last() {
    let mut world = World::new(&shape().installing(), vec![fresh(); 2]);
    world.set_arbitrator(&arb1(), bare_arbitrator_host());
    let plan = world.bootstrap().unwrap();
    insta::assert_snapshot!(text(&plan));
    world.carry_out(&plan);
    assert!(world.bootstrap().unwrap().is_empty());
    assert_eq!(judged(&world).health, Health::Healthy);
}

#[test]
fn one_that_does_not_run_is_started() {
    let mut world = World::with_arbitrator(2);
    let host = world.arbitrator_mut(&arb1());
    (host.unit.active, host.processes) = ("inactive".into(), Vec::new());
    world.new_view();
    assert_eq!(judged(&world).health, Health::Degraded);
    insta::assert_snapshot!(status_text(&judged(&world)));
    let plan = world.needed().unwrap();
    assert_eq!(ids(&plan), ["arb1/garbd/vote", "db1/galera/verify-views", "db1/galera/verify-writes"]);
    assert_eq!(again_of(&plan), Some(false));
    world.carry_out(&plan);
    assert!(world.needed().unwrap().is_empty());
}

#[test]
fn one_that_was_left_alone_is_restarted() {
    let mut world = World::with_arbitrator(2);
    for index in 0..2 {
        let component = crate::support::Component { seqno: 500, ..crate::support::Component::of(2) };
        let node = name(index);
        let host = world.facts(&node).clone().member(node.as_str(), &component);
        world.set(&node, host);
    }
    assert!(judged(&world).findings.iter().any(|it| it.evidence.contains("outside the nodes' view")));
    assert_eq!(again_of(&world.needed().unwrap()), Some(true));
}

#[test]
fn it_restarts_for_its_options_and_not_for_the_list_of_nodes() {
    let mut world = World::with_arbitrator(2);
    world.arbitrator_mut(&arb1()).config.as_mut().unwrap().text.push_str("# by hand\n");
    assert_eq!(ids(&world.needed().unwrap())[0], "arb1/garbd/config");
    assert_eq!(again_of(&world.needed().unwrap()), None, "what runs is what is wanted");
    let options = world.wanted_garbd();
    world.arbitrator_mut(&arb1()).become_running(&options);
    world.arbitrator_mut(&arb1()).arguments.extend(["-o", "gmcast.segment=1"].map(str::to_owned));
    world.arbitrator_mut(&arb1()).arguments.remove(3);
    world.arbitrator_mut(&arb1()).arguments.remove(3);
    assert_eq!(again_of(&world.needed().unwrap()), Some(true));
}

#[test]
fn its_segment_and_what_the_group_has_in_common_are_its_options() {
    let more = "provider_options:\n  evs.suspect_timeout: PT6S\n  gcache.size: 1G\n  pc.weight: 2\n  socket.ssl_ca: /etc/ssl/it's.pem\n";
    let world = World::new(&shape().more(more), vec![fresh(); 2]);
    assert_eq!(
        world.wanted_garbd().text(),
        "# Written by galactl from the inventory: change it there, not here.\n\
         GALERA_NODES='10.0.0.11:4567,10.0.0.12:4567'\nGALERA_GROUP='shop'\n\
         GALERA_OPTIONS='evs.suspect_timeout=PT6S; socket.ssl_ca=/etc/ssl/it'\\''\\'\\'''\\''s.pem'\n"
    );
}

#[test]
fn nothing_is_founded_where_it_runs_or_is_not_seen() {
    let mut world = fresh_world();
    let settings = world.wanted_garbd();
    world.arbitrator_mut(&arb1()).become_running(&settings);
    assert_eq!(guards_of(&world.bootstrap()), [codes::PRIMARY_ALIVE]);
    assert_eq!(world.seed_guards().iter().map(|it| it.code).collect::<Vec<_>>(), [codes::PRIMARY_ALIVE]);
    lose(&mut world);
    assert_eq!(guards_of(&world.bootstrap()), [codes::UNREACHABLE]);
    world.set_arbitrator(&arb1(), bare_arbitrator_host());
    assert_eq!(guards_of(&world.bootstrap()), [codes::NOT_INSTALLED]);
}

#[test]
fn a_running_cluster_goes_on_without_it() {
    let mut world = World::with_arbitrator(2);
    lose(&mut world);
    assert_eq!(guards_of(&world.needed()), [codes::UNREACHABLE], "not: nothing to do");
    world.plan_restart(&[name(1)]).unwrap();
    world.plan_stop(&[name(1)]).unwrap();
    let stopped = fresh().saved(uuid(101), 3);
    let text = world.wanted(&name(1));
    world.set(&name(1), stopped.configured(&text));
    world.new_view();
    let plan = world.needed().unwrap();
    assert!(ids(&plan).contains(&"db2/galera/join"), "{:?}", ids(&plan));
    assert!(plan.warnings.iter().any(|it| it.starts_with("arb1: left as it is, connection timed out")));
    assert_eq!(judged(&world).arbitrators[0].state.to_string(), "not seen");
}

#[test]
fn it_leaves_before_the_last_node() {
    let mut world = World::with_arbitrator(2);
    let plan = world.plan_stop(&[]).unwrap();
    assert_eq!(
        ids(&plan),
        ["db2/galera/leave", "arb1/garbd/stop", "db1/galera/leave", "db1/galera/verify-stopped"]
    );
    let most: Vec<_> = plan
        .steps()
        .filter_map(|step| match step.action {
            Action::Server(ServerAction::Leave { most_members, .. }) => Some(most_members),
            _ => None,
        })
        .collect();
    assert_eq!(most, [3, 1], "the last node sees that it is alone");
    assert_eq!(ids(&world.plan_stop(&[name(1)]).unwrap()), ["db2/galera/leave"]);
    lose(&mut world);
    assert_eq!(guards_of(&world.plan_stop(&[])), [codes::UNREACHABLE], "it may be in the view");
}

#[test]
fn a_recovery_stops_it_and_calls_it_back() {
    let mut world = World::with_arbitrator(2);
    let text = [world.wanted(&name(0)), world.wanted(&name(1))];
    for (index, text) in text.iter().enumerate() {
        world.set(&name(index), fresh().saved(uuid(1), -1).failed().configured(text));
    }
    let plan = world.recover(&[(0, uuid(1), 20), (1, uuid(1), 19)]).unwrap();
    let expected = [
        "arb1/garbd/stop",
        "db1/galera/mark-safe",
        "db1/galera/restart-cluster",
        "db2/galera/join",
        "arb1/garbd/vote",
        "db1/galera/verify-views",
        "db1/galera/verify-writes",
    ];
    assert_eq!(ids(&plan), expected);
    assert_eq!(again_of(&plan), Some(false));
    lose(&mut world);
    let plan = world.recover(&[(0, uuid(1), 20), (1, uuid(1), 19)]).unwrap();
    assert_eq!(ids(&plan)[0], "db1/galera/mark-safe", "without it the data comes back all the same");
    world.set_arbitrator(&arb1(), arbitrator_host());
    let plan = world.recover(&[(0, uuid(1), 20), (1, uuid(1), 19)]).unwrap();
    assert!(!ids(&plan).contains(&"arb1/garbd/config"), "a recovery changes no configuration");
    assert!(plan.warnings[0].starts_with("arb1: left as it is, /etc/default/garb"), "{:?}", plan.warnings);
}

#[test]
fn removing_it_leaves_two_votes() {
    let mut world = World::with_arbitrator(2);
    let plan = plan::remove_arbitrators(&world.basis(), &[arb1()]).unwrap();
    insta::assert_snapshot!(text(&plan));
    world.carry_out(&plan);
    assert!(plan::remove_arbitrators(&world.basis(), &[arb1()]).unwrap().is_empty());
    world.set(&name(1), fresh().saved(uuid(101), 5));
    let refused = plan::remove_arbitrators(&world.basis(), &[arb1()]);
    assert_eq!(guards_of(&refused), [codes::UNHEALTHY]);
}

#[test]
fn a_saved_plan_rests_on_it() {
    let world = World::with_arbitrator(2);
    let plan = world.plan_stop(&[]).unwrap();
    assert_eq!(world.stale(&plan), []);
    let mut changed = world.clone();
    changed.set_arbitrator(&arb1(), arbitrator_host());
    let refusals = changed.stale(&plan);
    assert!(refusals.iter().all(|it| it.code == codes::STALE && it.node == Some(arb1())), "{refusals:?}");
    assert!(refusals.iter().any(|it| it.evidence == "state: was running, is failed"), "{refusals:?}");
}

#[test]
fn a_machine_or_release_that_does_not_do_is_told() {
    let mut world = fresh_world();
    let twin: std::net::IpAddr = "10.0.0.11".parse().unwrap();
    let machine = world.facts(&name(0)).machine.machine_id.clone();
    world.facts_mut(&name(0)).machine.addresses.insert(twin);
    let host = world.arbitrator_mut(&arb1());
    host.machine.addresses.insert(twin);
    assert_eq!(guards_of(&world.bootstrap()), [codes::WRONG_ADDRESS]);
    let own: std::net::IpAddr = "10.0.0.20".parse().unwrap();
    world.facts_mut(&name(0)).machine.addresses.insert(own);
    let host = world.arbitrator_mut(&arb1());
    host.machine.addresses.insert(own);
    host.machine.machine_id = machine;
    assert_eq!(refusals(&world.bootstrap())[0].evidence, "it is the same machine as db1");

    let mut world = fresh_world();
    world.facts_mut(&name(0)).packages.insert("galera-4".into(), "26.4.23-0+deb12u1".into());
    world.arbitrator_mut(&arb1()).package = Some("26.4.18-0+deb11u1".into());
    let warnings = world.bootstrap().unwrap().warnings;
    assert!(
        warnings.iter().any(|it| it.contains("its garbd 26.4.18 is older than the galera 26.4.23 of db1"))
    );
}

#[test]
fn an_arbitrator_that_is_named_is_not_left_out() {
    let mut world = World::with_arbitrator(2);
    world.set(&name(1), fresh());
    world.set_arbitrator(&arb1(), bare_arbitrator_host());
    world.new_view();
    let without = world.add(&[name(1)], &[]).unwrap();
    assert!(without.warnings.iter().any(|it| it.starts_with("arb1: left as it is")), "it was not asked for");
    assert_eq!(guards_of(&world.add(&[name(1), arb1()], &[])), [codes::NOT_INSTALLED]);
    lose(&mut world);
    assert_eq!(guards_of(&world.add(&[name(1), arb1()], &[])), [codes::UNREACHABLE]);
}

#[test]
fn a_cluster_that_stands_is_not_bootstrapped() {
    let mut world = World::with_arbitrator(2);
    let headline = |world: &World| world.needed().unwrap().headline();
    assert_eq!(headline(&world), "Cluster `shop`: 2 nodes, seed db1");
    world.set_arbitrator(&arb1(), arbitrator_host());
    assert_eq!(headline(&world), "Completing cluster `shop`: 2 nodes, seed db1");
    assert_eq!(headline(&fresh_world()), "Bootstrap of cluster `shop`: 2 nodes, seed db1");
}

#[test]
fn add_node_takes_its_name() {
    let mut world = World::with_arbitrator(2);
    world.set_arbitrator(&arb1(), arbitrator_host());
    world.new_view();
    let plan = world.add(&[arb1()], &[]).unwrap();
    assert_eq!(ids(&plan)[..2], ["arb1/garbd/config", "arb1/garbd/vote"]);
}

#[test]
fn evidence_of_before_arbitrators_were_looked_at_is_read() {
    let observation: Observation = serde_json::from_str(r#"{"nodes":{}}"#).unwrap();
    assert!(observation.arbitrators.is_empty());
}

#[test]
fn no_plan_without_a_cluster_to_remove_it_from() {
    let outcome: Result<Plan, NoPlan> = plan::remove_arbitrators(&fresh_world().basis(), &[arb1()]);
    assert_eq!(guards_of(&outcome), [codes::UNHEALTHY]);
}
