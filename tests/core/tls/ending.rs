//! The authority itself ends: no certificate of it is valid for longer.

use galactl::galera::tls::judge::findings;
use galactl::kernel::judge::{Invocation, Severity};

use super::{assert_encrypted, carry_on, change, cut_off_anywhere, shape, whole, with_arbitrator};
use crate::support::{Authority, Changes as _, Shape, World, name, uuid};

const NEXT: &str = "galactl tls INVENTORY --new-ca; then galactl apply-config INVENTORY";

/// All members have certificates of an authority that ends in so many days, and that end in so many themselves.
fn of_one_that_ends(shape: &Shape, ca: i64, leaves: i64) -> World {
    let mut world = whole(shape);
    let authority = Authority::ending("galactl shop, of old", ca);
    world.change_authority(&authority);
    let arbitrators = world.inventory.arbitrators().iter().map(|it| it.name.clone());
    let members: Vec<_> = world.inventory.nodes.iter().map(|it| it.name.clone()).chain(arbitrators).collect();
    for member in members {
        let pem = authority.issue(&world.inventory, &member, leaves);
        world.has_certificate(&member, &pem);
        world.trusts(&member, &authority);
    }
    world
}

/// What is told, how bad it is, and what to type next.
fn told(world: &World) -> Vec<(String, Severity, String)> {
    let invocation = Invocation::later();
    let all = findings(&world.basis()).into_iter();
    all.map(|it| (it.evidence.clone(), it.severity, it.remedy.text(&invocation))).collect()
}

#[test]
fn certificates_that_end_with_their_authority_are_not_renewed_again_and_again() {
    let mut world = of_one_that_ends(&shape(), 20, 5);
    assert_eq!(told(&world).len(), 4, "{:#?}", told(&world));
    carry_on(&mut world, change);
    assert!(change(&world).unwrap().is_empty() && world.needed().unwrap().is_empty());
    let told = told(&world);
    let [(evidence, severity, next)] = told.as_slice() else { panic!("{told:#?}") };
    assert!(evidence.contains("`galactl shop, of old`, expires on 2023-12-04"), "{evidence}");
    assert_eq!((*severity, next.replace("{inventory}", "INVENTORY").as_str()), (Severity::Note, NEXT));
}

/// More days than any authority of galactl's has.
#[test]
fn many_days_are_no_reason_for_a_renewal_at_each_run() {
    let section =
        "tls: {ca: {generate: true}, clients: required, valid_days: 10000, renew_before_days: 3650}\n";
    let world = whole(&Shape::of(3).more(section));
    assert!(change(&world).unwrap().is_empty());
    assert_eq!(told(&world), []);
}

#[test]
fn of_somebody_elses_authority_the_place_is_named() {
    let mut world = of_one_that_ends(&shape(), 20, 20);
    world.inventory.tls.as_mut().unwrap().ca.generate = false;
    let told = told(&world);
    assert_eq!(told.len(), 1, "{told:#?}");
    assert!(
        told[0].2.starts_with("put one that is valid for longer into galactl-ca.pem, and its key"),
        "{told:?}"
    );
}

/// All that has been issued has expired with it.
#[test]
fn another_one_takes_the_place_of_one_that_has_expired() {
    let mut world = of_one_that_ends(&Shape { nodes: 2, ..with_arbitrator() }, -2, -2);
    let told = told(&world);
    assert!(told.len() == 4 && told.iter().all(|it| it.1 == Severity::Critical), "{told:#?}");
    assert!(told.iter().all(|it| it.2.contains("--new-ca")), "{told:#?}");
    world.change_authority(&Authority::new("galactl shop 2"));
    for end in cut_off_anywhere(&world, change) {
        assert_encrypted(&end);
    }
}

#[test]
fn stopped_nodes_get_those_of_another_one_before_they_start() {
    let mut world = of_one_that_ends(&shape(), -2, -2);
    for index in 0..3 {
        let mut host = world.facts(&name(index)).clone().saved(uuid(101), 40);
        host.become_stopped();
        world.set(&name(index), host);
    }
    world.change_authority(&Authority::new("galactl shop 2"));
    let plan = world.start_again().unwrap();
    for node in ["db1", "db2", "db3"] {
        let at = |id: String| plan.steps().position(|step| step.id == id).unwrap_or_else(|| panic!("{id}"));
        let starts = plan.steps().position(|step| step.node.as_str() == node && step.role() == "galera");
        let put = at(format!("{node}/tls/ca")).max(at(format!("{node}/tls/certificate")));
        assert!(starts.is_none_or(|start| put < start), "{node}");
    }
}
