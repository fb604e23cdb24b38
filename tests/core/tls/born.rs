//! Clusters that are encrypted from the first start, and nodes that join one.

use super::{SECTION, assert_encrypted, cut_off_anywhere, shape, told, whole, with_arbitrator};
use crate::support::{Shape, World, bare, fresh, inventory, name};

#[test]
fn a_cluster_is_born_encrypted() {
    let world = World::new(&shape(), vec![fresh(); 3]);
    insta::assert_snapshot!(told(&world.bootstrap().unwrap()));
    for end in cut_off_anywhere(&world, World::bootstrap) {
        assert_encrypted(&end);
        assert_eq!(end.births, 1);
    }
}

#[test]
fn an_arbitrator_has_its_certificate_before_it_starts() {
    let world = World::new(&with_arbitrator(), vec![fresh(); 3]);
    for end in cut_off_anywhere(&world, World::bootstrap) {
        assert_encrypted(&end);
    }
}

#[test]
fn packages_come_before_the_files_of_a_bare_host() {
    let shape = Shape { rsync: true, ..shape().installing() };
    let world = World::new(&shape, vec![bare(); 3]);
    for end in cut_off_anywhere(&world, World::bootstrap) {
        assert_encrypted(&end);
    }
}

#[test]
fn a_joiner_gets_its_certificate_first() {
    let two = Shape { nodes: 2, ..shape() };
    let mut world = whole(&two);
    world.with_inventory(&shape());
    world.set(&name(2), fresh().clone());
    insta::assert_snapshot!(told(&world.add(&[name(2)], &[]).unwrap()));
    for end in cut_off_anywhere(&world, |world| world.add(&[name(2)], &[])) {
        assert_encrypted(&end);
    }
}

#[test]
fn nothing_is_left_to_do_for_an_encrypted_cluster() {
    let mut world = whole(&with_arbitrator());
    for plan in [world.bootstrap(), world.apply_config(), world.needed()] {
        assert!(plan.unwrap().is_empty());
    }
    world.carry_out(&world.plan_restart(&[]).unwrap());
    assert_encrypted(&world);
}

/// Clients without TLS are errors of the connection to 11.8, and a server shuts a host out after a hundred.
#[test]
fn how_many_errors_shut_a_host_out_is_the_inventorys_word_first() {
    let value = |more: &str| inventory(&Shape::of(3).more(more)).nodes[0].mysqld.clone();
    let set = |more: &str| value(more).contains_key("max_connect_errors");
    assert_eq!(value(SECTION)["max_connect_errors"], "4294967295");
    assert!(!set("tls: {ca: {generate: true}, clients: off}\n"));
    let own = value(&format!("{SECTION}mysqld: {{max-connect-errors: 77}}\n"));
    assert!(own.values().any(|it| it == "77") && own.values().all(|it| it != "4294967295"), "{own:?}");
}
