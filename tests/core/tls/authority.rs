//! Another authority issues the certificates from now on: three stages, without a restart of a server.
use std::collections::BTreeSet;

use galactl::galera::tls::judge::digests;

use super::{assert_encrypted, cut_off_anywhere, ids, shape, told, whole, with_arbitrator};
use crate::support::{Authority, Shape, World, name};

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
