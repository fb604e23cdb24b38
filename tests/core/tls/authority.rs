//! Another authority issues the certificates from now on: three stages, without a restart of a server.
use std::collections::BTreeSet;

use galactl::galera::tls::judge::digests;
use galactl::kernel::facts::Seen;
use galactl::kernel::judge::Invocation;
use galactl::kernel::model::NodeName;

use super::{assert_encrypted, cut_off_anywhere, ids, shape, told, whole, with_arbitrator};
use crate::support::{Authority, Shape, World, name, refusals};

fn changed(mut world: World) -> World {
    world.change_authority(&Authority::new("galactl shop 2"));
    world
}

#[test]
fn an_authority_changes_in_three_stages() {
    let world = changed(whole(&shape()));
    let plan = world.apply_config().unwrap();
    let titles: Vec<_> = plan.stages.iter().map(|stage| stage.title.as_str()).collect();
    assert_eq!(
        titles,
        [
            "Trust both authorities",
            "Renew certificates, one after the other",
            "Trust the inventory's authority only",
            "Verify"
        ]
    );
    insta::assert_snapshot!(told(&plan));
    for end in cut_off_anywhere(&world, World::apply_config) {
        assert_encrypted(&end);
        assert_trusted_alone(&end);
    }
}

#[test]
fn an_arbitrator_goes_through_the_stages_as_well() {
    for end in cut_off_anywhere(&changed(whole(&with_arbitrator())), World::apply_config) {
        assert_encrypted(&end);
        assert_trusted_alone(&end);
    }
}

/// Cut off twice: the second plan is cut off after every step as well.
#[test]
fn a_change_that_is_cut_off_twice_comes_to_its_end() {
    let world = changed(whole(&Shape { nodes: 2, ..with_arbitrator() }));
    let plan = world.apply_config().unwrap();
    let steps: Vec<_> = plan.steps().collect();
    for cut in (0..steps.len()).step_by(3) {
        let mut world = world.clone();
        steps[..cut].iter().for_each(|step| world.apply(step));
        for end in cut_off_anywhere(&world, World::apply_config) {
            assert_encrypted(&end);
            assert_trusted_alone(&end);
        }
    }
}

/// The authority changes again while it is being changed.
#[test]
fn another_authority_in_the_middle_of_a_change() {
    let world = changed(whole(&Shape { nodes: 2, ..shape() }));
    let plan = world.apply_config().unwrap();
    let steps: Vec<_> = plan.steps().collect();
    for cut in 0..steps.len() {
        let mut world = world.clone();
        steps[..cut].iter().for_each(|step| world.apply(step));
        world.change_authority(&Authority::new("galactl shop 3"));
        for end in cut_off_anywhere(&world, World::apply_config) {
            assert_encrypted(&end);
            assert_trusted_alone(&end);
        }
    }
}

/// A node that joins in the middle of the change finds a donor that trusts it.
#[test]
fn the_stages_end_with_one_that_is_trusted() {
    let plan = changed(whole(&shape())).apply_config().unwrap();
    let files: BTreeSet<_> = ids(&plan).into_iter().filter(|id| id.contains("/tls/")).collect();
    assert_eq!(files.len(), plan.steps().filter(|step| step.role() == "tls").count(), "{files:?}");
}

fn assert_trusted_alone(world: &World) {
    let wanted = digests(world.authority().pem());
    for index in 0..world.inventory.nodes.len() {
        let facts = world.observation.certificates_of(&name(index)).unwrap();
        assert_eq!(digests(&facts.ca.as_ref().unwrap().text), wanted, "{}", name(index));
    }
}

/// Its host does not answer. Whether its daemon votes, the others tell.
fn lose_arbitrator(world: &mut World) -> NodeName {
    let arbitrator = world.inventory.arbitrators()[0].name.clone();
    let why = "connection timed out";
    world.observation.arbitrators.insert(arbitrator.clone(), Seen::Unreachable(why.into()));
    world.observation.certificates.insert(arbitrator.clone(), Seen::Unreachable(why.into()));
    arbitrator
}

/// It would keep its old certificate, and trust the old authority alone.
#[test]
fn an_authority_does_not_change_without_a_member_that_was_not_seen() {
    let mut world = changed(whole(&with_arbitrator()));
    let arbitrator = lose_arbitrator(&mut world);
    for plan in [world.apply_config(), world.needed(), world.recover(&[])] {
        let refused = refusals(&plan);
        assert_eq!(refused.len(), 1, "{refused:?}");
        assert_eq!(refused[0].node, Some(arbitrator.clone()));
        let next = refused[0].remedy.text(&Invocation::later());
        assert!(next.contains("ssh ") && next.ends_with("then run this again"), "{next}");
        assert!(refused[0].why.starts_with("an authority changes only with all members"), "{refused:?}");
    }
    // Half of the way as well.
    let mut world = changed(whole(&with_arbitrator()));
    let plan = world.apply_config().unwrap();
    let last = plan.steps().position(|step| step.id.ends_with("/tls/ca")).unwrap();
    plan.steps().take(last).for_each(|step| world.apply(step));
    lose_arbitrator(&mut world);
    assert_eq!(refusals(&world.apply_config()).len(), 1);
}

#[test]
fn an_authority_does_not_change_where_the_certificates_of_a_running_server_were_not_seen() {
    let mut world = changed(whole(&shape()));
    let why = "the report broke off";
    world.observation.certificates.insert(name(1), Seen::Unreachable(why.into()));
    let refused = refusals(&world.apply_config());
    assert_eq!(
        refused.iter().map(|it| (it.node.clone(), it.evidence.as_str())).collect::<Vec<_>>(),
        [(Some(name(1)), why)]
    );
}

/// It gets its files before it starts again. What it has does not matter until then.
#[test]
fn an_authority_changes_without_an_arbitrator_that_does_not_vote() {
    let mut world = changed(whole(&with_arbitrator()));
    let arbitrator = world.inventory.arbitrators()[0].name.clone();
    world.arbitrator_mut(&arbitrator).unit.active = "failed".into();
    world.arbitrator_mut(&arbitrator).processes.clear();
    world.new_view();
    lose_arbitrator(&mut world);
    assert!(ids(&world.apply_config().unwrap()).contains(&"db1/tls/load-ca".to_owned()));
}

/// A renewal changes nobody's trust.
#[test]
fn certificates_are_renewed_without_a_member_that_was_not_seen() {
    let mut world = whole(&with_arbitrator());
    let pem = world.authority().issue(&world.inventory, &name(1), 3);
    world.has_certificate(&name(1), &pem);
    lose_arbitrator(&mut world);
    assert!(ids(&world.apply_config().unwrap()).contains(&"db2/tls/load".to_owned()));
}
