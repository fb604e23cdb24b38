//! What is refused, and why.
use galactl::galera::tls::inventory::Material;
use galactl::galera::tls::judge::findings;
use galactl::galera::tls::steps;
use galactl::kernel::facts::Seen;
use galactl::kernel::judge::Finding;
use galactl::kernel::plan::refusals_text;

use super::{change, ids, shape, whole, with_arbitrator};
use crate::support::certified::{DAY, NOW};
use crate::support::{Changes as _, World, fresh, name, refusals, uuid};

/// A world in which no certificate can be put in place.
pub fn refused() -> Vec<Finding> {
    let mut world = World::new(&shape(), vec![fresh(); 3]);
    lose_key(&mut world);
    world.certificates_mut(&name(2)).machine.clock -= 7200.0;
    refusals(&world.bootstrap())
}

fn lose_key(world: &mut World) {
    let tls = world.inventory.tls.as_mut().unwrap();
    tls.material.cannot_issue = Some("galactl-ca.key: No such file or directory".into());
}

/// As it is where neither the authority's certificate nor its key is.
fn lose_ca(world: &mut World) {
    let tls = world.inventory.tls.as_mut().unwrap();
    tls.material = Material {
        cannot_issue: Some("galactl-ca.pem is not here".into()),
        read_at: NOW,
        ..Material::default()
    };
}

#[test]
fn no_second_authority_is_made_where_hosts_trust_one() {
    let mut world = whole(&shape());
    lose_ca(&mut world);
    let refused = refusals(&change(&world));
    assert_eq!(refused.len(), 1);
    let told = refusals_text(&refused);
    assert!(told.contains("it trusts galactl shop, issued by galactl shop"), "{told}");
    assert!(told.contains("and galactl-ca.pem is not here"), "{told}");
    assert!(told.contains("galactl tls INVENTORY --new-ca"), "{told}");
}

/// A host that was not seen may trust one: none is made, and the refusal says how to go on.
#[test]
fn a_host_that_was_not_seen_may_trust_one() {
    let mut world = World::new(&with_arbitrator(), vec![fresh(); 3]);
    lose_ca(&mut world);
    let arbitrator = world.inventory.arbitrators()[0].name.clone();
    world.observation.certificates.insert(arbitrator.clone(), Seen::Unreachable("no route to host".into()));
    let refused = steps::refusals(&world.basis(), |_| true);
    assert_eq!(refused.len(), 1, "{refused:#?}");
    assert_eq!(refused[0].node, Some(arbitrator));
    let told = refusals_text(&refused);
    assert!(
        told.contains("no route to host; it may trust an authority, and galactl-ca.pem is not here"),
        "{told}"
    );
    assert!(
        told.contains(" true` work from here, then run this again; or bring galactl-ca.pem and its key here"),
        "{told}"
    );
    assert!(told.contains("galactl tls INVENTORY --new-ca"), "{told}");
    // Of those that nobody starts, nothing is asked.
    assert!(steps::refusals(&world.basis(), |_| false).is_empty());
}

/// The remedy leads on: with a new authority, the plan is the change of one.
#[test]
fn a_new_authority_leads_on() {
    let mut world = whole(&shape());
    lose_ca(&mut world);
    world.change_authority(&crate::support::Authority::new("galactl shop"));
    world.inventory.tls.as_mut().unwrap().material.cannot_issue = None;
    for end in super::cut_off_anywhere(&world, World::apply_config) {
        super::assert_encrypted(&end);
    }
}

#[test]
fn whoever_needs_no_certificate_needs_no_key() {
    let mut world = whole(&shape());
    lose_key(&mut world);
    assert!(change(&world).unwrap().is_empty());
    assert!(world.plan_restart(&[]).is_ok());
    // It can wait for somebody who has the key.
    let pem = world.authority().issue(&world.inventory, &name(1), 5);
    world.has_certificate(&name(1), &pem);
    assert!(change(&world).unwrap().is_empty());
    assert_eq!(findings(&world.basis()).len(), 1);
    // It cannot.
    let pem = world.authority().issue(&world.inventory, &name(1), -5);
    world.has_certificate(&name(1), &pem);
    let told = refusals_text(&refusals(&change(&world)));
    assert!(told.contains("refused[certificate] db2"), "{told}");
    assert!(told.contains("bring the key of the authority here, as INVENTORY names it"), "{told}");
}

#[test]
fn a_clock_that_is_far_off_is_set_first() {
    for (off, way) in [(-7200.0, "behind"), (7200.0, "ahead")] {
        let mut world = World::new(&shape(), vec![fresh(); 3]);
        world.certificates_mut(&name(1)).machine.clock += off;
        let told = refusals_text(&refusals(&world.bootstrap()));
        assert!(told.contains(&format!("db2: its clock is 7200 s {way}")), "{told}");
    }
    let mut world = World::new(&shape(), vec![fresh(); 3]);
    world.certificates_mut(&name(1)).machine.clock += 600.0;
    assert!(world.bootstrap().is_ok());
}

/// By the clock of its host a certificate is not valid yet.
#[test]
fn one_that_is_not_valid_yet_is_told() {
    let mut world = whole(&shape());
    #[allow(clippy::cast_precision_loss, reason = "seconds since 1970 are exact")]
    let before = (NOW - DAY) as f64;
    world.certificates_mut(&name(1)).machine.clock = before;
    let said: Vec<_> = findings(&world.basis()).iter().map(|it| it.evidence.clone()).collect();
    assert_eq!(said, ["by its clock its certificate is not valid before 2023-11-14 21:13 UTC"]);
}

/// An authority may be bound to names that the inventory does not have.
#[test]
fn what_others_would_turn_away_is_refused_where_it_is_needed() {
    let mut world = World::new(&shape(), vec![fresh(); 3]);
    turn_away(&mut world, 1);
    let refused = refusals(&world.bootstrap());
    assert_eq!(refused.len(), 1, "{refused:#?}");
    let told = refusals_text(&refused);
    assert!(told.contains("db2: it needs a certificate, and none that others take can be issued"), "{told}");
    assert!(
        told.contains("put an authority into galactl-ca.pem that may issue certificates for db2"),
        "{told}"
    );
    let mut world = whole(&shape());
    turn_away(&mut world, 1);
    assert!(change(&world).unwrap().is_empty());
    assert!(world.plan_restart(&[]).is_ok());
}

/// A recovery starts a node with the certificate that it has, as long as the others take it.
#[test]
fn a_recovery_does_not_wait_for_names() {
    let mut world = whole(&shape());
    let other = world.inventory.clone();
    for index in 0..3 {
        let mut host = world.facts(&name(index)).clone().saved(uuid(101), 40);
        host.become_stopped();
        world.set(&name(index), host);
        let mut inventory = other.clone();
        inventory.nodes.iter_mut().for_each(|node| node.address = "10.9.9.9".parse().unwrap());
        let pem = world.authority().issue(&inventory, &name(index), 300);
        world.has_certificate(&name(index), &pem);
        turn_away(&mut world, index);
    }
    let plan = world.start_again().unwrap();
    assert!(ids(&plan).iter().all(|id| !id.contains("/tls/certificate")), "{:?}", ids(&plan));
    let pem = world.authority().issue(&world.inventory, &name(1), -3);
    world.has_certificate(&name(1), &pem);
    let told = refusals_text(&refusals(&world.start_again()));
    assert!(told.contains("db2: it needs a certificate, and none that others take can be issued"), "{told}");
}

fn turn_away(world: &mut World, index: usize) {
    let material = &mut world.inventory.tls.as_mut().unwrap().material;
    material.refused.insert(name(index), "a name constraint of its CA forbids one of its names".into());
}
