//! Certificates of members that are renewed, without a restart of a server.
use galactl::galera::plan::{Action, Plan, ServerAction};
use galactl::galera::tls::judge::findings;
use galactl::galera::tls::served::arbitrators_without_openssl;
use galactl::kernel::certificates::Certificate;
use galactl::kernel::judge::Invocation;

use super::{assert_encrypted, change, cut_off_anywhere, ids, shape, told, whole, with_arbitrator};
use crate::support::certified::NOW;
use crate::support::{Changes, Shape, World, name, uuid};

/// The certificate of the second node ends in so many days.
fn ending(mut world: World, days: i64) -> World {
    let pem = world.authority().issue(&world.inventory, &name(1), days);
    world.has_certificate(&name(1), &pem);
    world
}

fn is_no_restart(plan: &Plan) -> bool {
    plan.steps().all(|step| {
        !matches!(&step.action, Action::Server(ServerAction::Leave { .. } | ServerAction::Join { .. }))
    })
}

#[test]
fn one_that_ends_soon_is_renewed_without_a_restart() {
    let world = ending(whole(&shape()), 29);
    let plan = world.apply_config().unwrap();
    assert!(is_no_restart(&plan), "{:?}", ids(&plan));
    insta::assert_snapshot!(told(&plan));
    assert_eq!(world.needed().unwrap(), plan);
    assert_eq!(findings(&world.basis()).len(), 1);
    for end in cut_off_anywhere(&world, World::apply_config) {
        assert_encrypted(&end);
    }
}

#[test]
fn one_that_lasts_is_left_alone() {
    let world = ending(whole(&shape()), 31);
    assert!(change(&world).unwrap().is_empty());
    assert!(findings(&world.basis()).is_empty());
}

#[test]
fn one_that_has_expired_is_renewed_while_the_server_still_runs() {
    let world = ending(whole(&shape()), -2);
    let plan = world.apply_config().unwrap();
    assert!(is_no_restart(&plan), "{:?}", ids(&plan));
    for end in cut_off_anywhere(&world, World::apply_config) {
        assert_encrypted(&end);
    }
}

#[test]
fn an_arbitrator_restarts_for_its_own() {
    let mut world = whole(&with_arbitrator());
    let arbitrator = world.inventory.arbitrators()[0].name.clone();
    let pem = world.authority().issue(&world.inventory, &arbitrator, 3);
    world.has_certificate(&arbitrator, &pem);
    insta::assert_snapshot!(told(&world.apply_config().unwrap()));
    for end in cut_off_anywhere(&world, World::apply_config) {
        assert_encrypted(&end);
    }
}

/// A proxy's name or an address that is new in the inventory.
#[test]
fn another_name_is_a_reason_for_another_certificate() {
    let mut world = whole(&shape());
    let node = world.inventory.nodes[1].clone();
    world.inventory.nodes[1].name = "other".parse().unwrap();
    let pem = {
        let mut inventory = world.inventory.clone();
        inventory.nodes[1].address = "10.9.9.9".parse().unwrap();
        world.authority().issue(&inventory, &"other".parse().unwrap(), 300)
    };
    world.inventory.nodes[1] = node;
    world.has_certificate(&name(1), &pem);
    let said: Vec<_> = findings(&world.basis()).iter().map(|it| it.evidence.clone()).collect();
    assert_eq!(said, ["its certificate is not valid for db2 and 10.0.0.12"]);
    for end in cut_off_anywhere(&world, World::apply_config) {
        assert_encrypted(&end);
    }
}

#[test]
fn a_file_that_others_may_read_is_written_again() {
    let mut world = whole(&shape());
    world.certificates_mut(&name(0)).pair.as_mut().unwrap().mode = "644".into();
    world.certificates_mut(&name(1)).pair.as_mut().unwrap().owner = "mysql".into();
    world.certificates_mut(&name(2)).ca.as_mut().unwrap().mode = "600".into();
    for end in cut_off_anywhere(&world, World::apply_config) {
        assert_encrypted(&end);
        assert_eq!(end.observation.certificates_of(&name(2)).unwrap().ca.as_ref().unwrap().mode, "644");
    }
}

#[test]
fn a_key_of_another_certificate_is_replaced_with_it() {
    let mut world = whole(&shape());
    world.certificates_mut(&name(0)).key = Some("00".repeat(32));
    for end in cut_off_anywhere(&world, World::apply_config) {
        assert_encrypted(&end);
    }
}

/// A certificate that somebody has put there, and that was not loaded.
#[test]
fn what_lies_there_is_loaded() {
    let mut world = whole(&shape());
    world.certificates_mut(&name(2)).stale = true;
    let plan = world.apply_config().unwrap();
    assert!(ids(&plan).contains(&"db3/tls/load".to_owned()), "{:?}", ids(&plan));
    for end in cut_off_anywhere(&world, World::apply_config) {
        assert_encrypted(&end);
    }
}

/// The whole cluster is down, and its certificates have expired meanwhile.
fn stop_with_expired_ones(world: &mut World) {
    for index in 0..3 {
        let mut host = world.facts(&name(index)).clone().saved(uuid(101), 40);
        host.become_stopped();
        world.set(&name(index), host);
        let pem = world.authority().issue(&world.inventory, &name(index), -3);
        world.has_certificate(&name(index), &pem);
    }
}

#[test]
fn stopped_nodes_have_new_ones_before_they_start() {
    let mut world = whole(&shape());
    stop_with_expired_ones(&mut world);
    let plan = world.start_again().unwrap();
    insta::assert_snapshot!(told(&plan));
    let at = |id: &str| {
        ids(&plan).iter().position(|it| it == id).unwrap_or_else(|| panic!("{id}: {:?}", ids(&plan)))
    };
    for node in ["db1", "db2", "db3"] {
        let starts = plan.steps().position(|step| {
            step.node.as_str() == node
                && matches!(
                    &step.action,
                    Action::Server(ServerAction::Join { .. } | ServerAction::Reform { .. })
                )
        });
        let put = at(&format!("{node}/tls/certificate"));
        assert!(starts.is_none_or(|start| put < start), "{node}: {:?}", ids(&plan));
    }
}

/// What only the scripts for state transfers read is loaded by no server: it is never stale, and is renewed before a start.
#[test]
fn certificates_for_transfers_alone_are_renewed_and_never_loaded() {
    let mut world =
        whole(&Shape::of(3).more("tls: {ca: {generate: true}, replication: false, clients: off}\n"));
    for index in 0..3 {
        let file = galactl::galera::tls::settings::NODE.pair;
        world.facts_mut(&name(index)).sst_options.insert("tcert".into(), file.into());
        world.certificates_mut(&name(index)).stale = true;
    }
    assert!(findings(&world.basis()).is_empty(), "{:?}", findings(&world.basis()));
    assert!(change(&world).unwrap().is_empty());
    stop_with_expired_ones(&mut world);
    let ids = ids(&world.start_again().unwrap());
    for node in ["db1", "db2", "db3"] {
        assert!(ids.contains(&format!("{node}/tls/certificate")), "{ids:?}");
    }
}

#[test]
fn a_new_certificate_is_valid_for_the_days_of_the_inventory() {
    let world = whole(&shape().clone());
    let facts = world.observation.certificates_of(&name(0)).unwrap();
    let own = Certificate::all_in(&facts.pair.as_ref().unwrap().text).unwrap().remove(0);
    assert_eq!(own.days_left(NOW), 397);
}

/// What is typed next, of each finding.
fn next(world: &World) -> Vec<String> {
    let invocation = Invocation::later();
    findings(&world.basis()).iter().map(|it| it.remedy.text(&invocation)).collect()
}

/// A new certificate would be no better by that clock, and none is issued.
#[test]
fn a_clock_that_is_wrong_is_set_right_first() {
    let mut world = whole(&shape());
    world.certificates_mut(&name(1)).machine.clock -= 2.0 * 86_400.0;
    let said = next(&world);
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].starts_with("on db2: sudo timedatectl set-ntp true"), "{said:?}");
    assert!(said[0].ends_with("sudo date --set='2023-11-14 22:13 UTC'"), "{said:?}");
}

#[test]
fn what_renews_the_certificate_of_an_arbitrator_restarts_it() {
    let mut world = whole(&with_arbitrator());
    let arbitrator = world.inventory.arbitrators()[0].name.clone();
    world.certificates_mut(&arbitrator).pair.as_mut().unwrap().mode = "444".into();
    let of_key = &findings(&world.basis())[0];
    assert_eq!(of_key.why, "whoever can read the key can pass for this member");
    assert!(next(&world)[0].ends_with("and restarts garbd, which reads it only then"), "{:?}", next(&world));
}

/// A data node without it lacks a program that state transfers need as well.
#[test]
fn an_arbitrators_host_without_openssl_is_told() {
    let mut world = whole(&with_arbitrator());
    let arbitrator = world.inventory.arbitrators()[0].name.clone();
    for name in [&name(0), &arbitrator] {
        world.certificates_mut(name).openssl = false;
    }
    let said = arbitrators_without_openssl(&world.basis());
    let whom: Vec<_> = said.iter().map(|it| it.node.clone().unwrap()).collect();
    assert_eq!(whom, [arbitrator]);
}
