//! Other commands, where certificates are to change.

use std::collections::{BTreeMap, BTreeSet};

use galactl::galera::plan::{Action, Choice, Plan, ServerAction, is_preliminary};
use galactl::galera::status::status;
use galactl::galera::tls::inventory::Files;
use galactl::kernel::model::SecretRef;
use galactl::kernel::plan::refusals_text;

use super::{assert_encrypted, carry_on, cut_off_anywhere, ids, shape, told, whole, with_arbitrator};
use crate::support::{Authority, Changes, Component, Shape, World, fresh, name, refusals, uuid};

/// The third node has stopped, and is known.
fn without_the_third(mut world: World) -> World {
    let mut host = world.facts(&name(2)).clone().saved(uuid(101), 2);
    host.become_stopped();
    world.set(&name(2), host);
    world.loaded.remove(&name(2));
    for index in 0..2 {
        let two = Component { uuid: uuid(101), conf_id: 9, ..Component::of(2) };
        let spoken = world.facts(&name(index)).live().unwrap().spoken;
        world.facts_mut(&name(index)).become_member(name(index).as_str(), &two);
        world.speaks(&name(index), spoken);
    }
    world
}

fn changed(mut world: World) -> World {
    world.change_authority(&Authority::new("galactl shop 2"));
    world
}

/// It would get a certificate that the members do not trust yet.
#[test]
fn a_node_comes_back_while_the_authority_is_changed() {
    let world = changed(without_the_third(whole(&shape())));
    for plans in [World::apply_config, World::bootstrap, World::needed] {
        for end in cut_off_anywhere(&world, plans) {
            assert_encrypted(&end);
        }
    }
}

#[test]
fn a_node_is_added_while_the_authority_is_changed() {
    let mut world = whole(&Shape { nodes: 2, ..shape() });
    let authority = world.authority().clone();
    world.with_inventory(&shape());
    world.change_authority(&authority);
    world.set(&name(2), fresh());
    let world = changed(world);
    for end in cut_off_anywhere(&world, |world| world.add(&[name(2)], &[])) {
        assert_encrypted(&end);
    }
}

/// Halfway through the change of an authority, at each step, a node stops and comes back.
#[test]
fn a_node_comes_back_in_the_middle_of_a_change() {
    let mut world = changed(whole(&shape()));
    let plan = world.apply_config().unwrap();
    for step in plan.steps() {
        world.apply(step);
        let mut without = without_the_third(world.clone());
        carry_on(&mut without, World::needed);
        assert_encrypted(&without);
    }
}

/// It would not come back with it.
#[test]
fn no_node_leaves_with_a_certificate_that_locks_it_out() {
    let mut world = whole(&shape());
    let pem = world.authority().issue(&world.inventory, &name(1), -3);
    world.has_certificate(&name(1), &pem);
    let plan = world.plan_restart(&[name(1)]).unwrap();
    let put = ids(&plan).iter().position(|id| id == "db2/tls/certificate");
    let starts =
        plan.steps().position(|step| matches!(&step.action, Action::Server(ServerAction::Join { .. })));
    assert!(put.is_some() && put < starts, "{:?}", ids(&plan));
    world.carry_out(&plan);
    assert_encrypted(&world);
}

/// Each member brings a certificate along; then they are others, of another authority.
fn with_own(world: &mut World, authority: &Authority) {
    let members: Vec<_> = (0..world.inventory.nodes.len()).map(name).collect();
    world.change_authority(authority);
    for member in members {
        let pem = authority.issue(&world.inventory, &member, 300);
        let tls = world.inventory.tls.as_mut().unwrap();
        tls.material.own.insert(member.clone(), pem);
        let files = Files {
            certificate: format!("{member}.pem"),
            key: SecretRef::File(format!("{member}.key")),
            place: "nodes[0].tls".into(),
        };
        tls.own.insert(member, files);
    }
}

/// It runs, and nobody takes it into the group since its certificate has expired.
#[test]
fn a_node_that_is_turned_away_gets_another_and_stays_up() {
    let mut world = without_the_third(whole(&shape()));
    let two = Component { uuid: uuid(101), ..Component::of(1) };
    let host = world.facts(&name(2)).clone().non_primary("db3", &two);
    world.set(&name(2), host);
    world.started(&name(2));
    let pem = world.authority().issue(&world.inventory, &name(2), -3);
    world.has_certificate(&name(2), &pem);
    let recover = |world: &World| world.recover(&[]);
    let plans = [World::apply_config, World::needed, World::bootstrap];
    for plan in plans.iter().map(|plan| plan(&world)).chain([recover(&world), world.start_again()]) {
        let ids = ids(&plan.unwrap());
        assert_eq!(ids[..2], ["db3/tls/certificate", "db3/tls/load"], "{ids:?}");
        let all: BTreeSet<_> = ids.iter().collect();
        assert_eq!(all.len(), ids.len(), "{ids:?}");
    }
    // What status says of the node leads to the same command as what it says of its certificate.
    let seen =
        status(&world.inventory, &world.observation, world.basis().renderer, &BTreeMap::new()).unwrap();
    let next: Vec<_> =
        seen.findings.iter().filter(|it| it.node == Some(name(2))).map(|it| it.remedy.to_string()).collect();
    assert!(next.len() >= 2, "{next:?}");
    assert!(next.iter().all(|it| it.contains("galactl apply-config") && !it.contains("recover")), "{next:?}");
    // It comes back by itself once it has loaded it: nobody stops it.
    let ids = ids(&recover(&world).unwrap());
    assert!(ids[2..].iter().all(|id| id.contains("/verify-")), "{ids:?}");
}

#[test]
fn certificates_of_ones_own_are_put_in_place_and_replaced() {
    let mut world = World::new(&shape(), vec![fresh(); 3]);
    let first = Authority::new("PKI 1");
    with_own(&mut world, &first);
    world.inventory.tls.as_mut().unwrap().material.cannot_issue = Some("there is no key".into());
    carry_on(&mut world, World::bootstrap);
    assert_encrypted(&world);
    // Others of the same authority.
    let mut renewed = world.clone();
    with_own(&mut renewed, &first);
    let plan = renewed.apply_config().unwrap();
    assert!(plan.steps().all(|step| !matches!(step.action, Action::Server(ServerAction::Leave { .. }))));
    for end in cut_off_anywhere(&renewed, World::apply_config) {
        assert_encrypted(&end);
    }
    // Others of another one.
    with_own(&mut world, &Authority::new("PKI 2"));
    for end in cut_off_anywhere(&world, World::apply_config) {
        assert_encrypted(&end);
    }
}

/// Only what its issuer alone can mend is left to them.
#[test]
fn what_is_wrong_with_a_certificate_of_ones_own_leads_to_who_can_mend_it() {
    let mut world = whole(&shape());
    let authority = Authority::new("PKI");
    with_own(&mut world, &authority);
    carry_on(&mut world, World::apply_config);
    let told = |world: &World| {
        let findings = galactl::galera::tls::judge::findings(&world.basis());
        findings.iter().map(|it| format!("{}; next: {}", it.evidence, it.remedy)).collect::<Vec<_>>()
    };
    // It ends soon, and its key is readable: that is told first, and mended at once.
    let ends_soon = authority.issue(&world.inventory, &name(1), 20);
    world.inventory.tls.as_mut().unwrap().material.own.insert(name(1), ends_soon.clone());
    world.has_certificate(&name(1), &ends_soon);
    world.certificates_mut(&name(1)).pair.as_mut().unwrap().mode = "644".into();
    let readable = told(&world);
    assert!(
        readable[0].contains("644") && readable[0].contains("next: galactl apply-config"),
        "{readable:?}"
    );
    carry_on(&mut world, World::apply_config);
    let due = told(&world);
    assert!(due[0].contains("next: have a new one issued, and put it into db2.pem"), "{due:?}");
    // It was put here, and is not there yet.
    let new = authority.issue(&world.inventory, &name(1), 300);
    world.inventory.tls.as_mut().unwrap().material.own.insert(name(1), new);
    let replaced = told(&world);
    assert!(replaced[0].contains("next: galactl apply-config"), "{replaced:?}");
}

/// A cluster with certificates of the members' own, whose inventory names another authority now.
fn with_own_of_another(before: &Authority) -> World {
    let mut world = World::new(&shape(), vec![fresh(); 3]);
    with_own(&mut world, before);
    world.inventory.tls.as_mut().unwrap().material.cannot_issue = Some("there is no key".into());
    carry_on(&mut world, World::bootstrap);
    world.change_authority(&Authority::new("PKI 2"));
    world
}

/// All would trust the new one alone, and nobody would have a certificate of it.
#[test]
fn no_authority_is_dropped_that_has_issued_a_certificate_of_ones_own() {
    let before = Authority::new("PKI 1");
    let mut world = with_own_of_another(&before);
    let tls = world.inventory.tls.as_mut().unwrap();
    tls.material.no_key = (0..3).map(|index| (name(index), "DB_KEY is not set".into())).collect();
    for plan in [world.apply_config(), world.needed(), world.bootstrap(), world.plan_restart(&[name(0)])] {
        let told = refusals_text(&refusals(&plan));
        for node in ["db1", "db2", "db3"] {
            let evidence = format!(
                "refused[certificate] {node}: it brings {node}.pem along, which was issued by `PKI 1`, and galactl-ca.pem does not hold that"
            );
            assert!(told.contains(&evidence), "{told}");
        }
        assert!(told.contains("put the certificate of `PKI 1` into galactl-ca.pem as well"), "{told}");
    }
    // What the refusal names leads on: nobody is dropped.
    let material = &mut world.inventory.tls.as_mut().unwrap().material;
    material.ca = material.ca.take().map(|new| new + before.pem());
    for end in cut_off_anywhere(&world, World::apply_config) {
        assert_encrypted(&end);
    }
}

#[test]
fn no_authority_is_dropped_while_one_certificate_of_ones_own_is_missing() {
    let mut world = with_own_of_another(&Authority::new("PKI 1"));
    with_own(&mut world, &Authority::new("PKI 3"));
    world.inventory.tls.as_mut().unwrap().material.own.remove(&name(2));
    let told = refusals_text(&refusals(&world.apply_config()));
    assert!(
        told.contains("db3: it needs the certificate that it brings along: db3.pem is not here"),
        "{told}"
    );
    assert!(!told.contains("refused[certificate] db1"), "{told}");
}

/// No step of a recovery may fail for an arbitrator that cannot have its certificate.
#[test]
fn a_recovery_leaves_an_arbitrator_alone_that_can_have_no_certificate() {
    let mut world = whole(&with_arbitrator());
    let arbitrator = world.inventory.arbitrators()[0].name.clone();
    let pem = world.authority().issue(&world.inventory, &arbitrator, -3);
    world.has_certificate(&arbitrator, &pem);
    stop_all(&mut world);
    world.inventory.tls.as_mut().unwrap().material.cannot_issue = Some("galactl-ca.key: no such file".into());
    let plan = world.start_again().unwrap();
    assert!(plan.steps().all(|step| step.node != arbitrator || step.role() != "tls"), "{:?}", ids(&plan));
    let told = plan.warnings.join("\n");
    assert!(told.contains("left as it is, it needs a certificate, and none can be issued"), "{told}");
}

fn stop_all(world: &mut World) {
    for index in 0..world.inventory.nodes.len() {
        let mut host = world.facts(&name(index)).clone().saved(uuid(101), 40);
        host.become_stopped();
        world.set(&name(index), host);
    }
}

/// All run, and nobody takes anybody into the group: no node may be made Primary alone.
fn without_a_primary(mut world: World) -> World {
    for index in 0..world.inventory.nodes.len() {
        let one = Component { uuid: uuid(101), ..Component::of(1) };
        let host = world.facts(&name(index)).clone().non_primary(name(index).as_str(), &one);
        world.set(&name(index), host);
        world.started(&name(index));
    }
    world
}

fn expired(mut world: World) -> World {
    for index in 0..world.inventory.nodes.len() {
        let pem = world.authority().issue(&world.inventory, &name(index), -3);
        world.has_certificate(&name(index), &pem);
    }
    world
}

#[test]
fn servers_without_a_primary_get_certificates_before_one_of_them_is_made_primary() {
    let mut world = expired(without_a_primary(whole(&with_arbitrator())));
    for plan in [world.recover(&[]), world.start_again()] {
        let plan = plan.unwrap();
        let nodes = ["db1", "db2", "db3"];
        let wanted: Vec<_> = nodes
            .iter()
            .flat_map(|node| ["certificate", "load"].map(|what| format!("{node}/tls/{what}")))
            .collect();
        assert_eq!(ids(&plan), wanted);
        assert!(is_preliminary(&plan));
    }
    let plan = world.recover(&[]).unwrap();
    insta::assert_snapshot!(told(&plan));
    world.carry_out(&plan);
    let plan = world.recover(&[]).unwrap();
    assert!(!is_preliminary(&plan) && is_restored(&plan), "{:?}", ids(&plan));
}

fn is_restored(plan: &Plan) -> bool {
    plan.steps().any(|step| matches!(&step.action, Action::Server(ServerAction::RestorePrimary { .. })))
}

#[test]
fn servers_without_a_primary_whose_certificates_last_need_none() {
    assert!(is_restored(&without_a_primary(whole(&shape())).recover(&[]).unwrap()));
}

/// Without the key, nobody is made Primary alone, but where the operator names a node.
#[test]
fn servers_without_a_primary_that_can_have_no_certificates_wait_for_the_key() {
    let mut world = expired(without_a_primary(whole(&shape())));
    world.inventory.tls.as_mut().unwrap().material.cannot_issue = Some("galactl-ca.key: no such file".into());
    let told = refusals_text(&refusals(&world.recover(&[])));
    assert!(told.contains("bring the key of the authority here, as INVENTORY names it"), "{told}");
    let named = Choice { seed: Some(name(0)), ..Choice::default() };
    assert!(is_restored(&world.recover_as(&[], &named).unwrap()));
}

/// From an authority of galactl's to certificates of one's own, and back.
#[test]
fn who_issues_certificates_may_change() {
    let mut world = whole(&shape());
    let before = world.inventory.clone();
    let authority = world.authority().clone();
    with_own(&mut world, &Authority::new("PKI 1"));
    for end in cut_off_anywhere(&world, World::apply_config) {
        assert_encrypted(&end);
        let mut back = end;
        back.inventory = before.clone();
        back.change_authority(&authority);
        carry_on(&mut back, World::apply_config);
        assert_encrypted(&back);
    }
}

/// Whoever types `galactl plan` after a run that broke off is led on as well.
#[test]
fn what_is_needed_goes_on_with_a_switch() {
    let mut world = whole(&Shape { more: String::new(), ..with_arbitrator() });
    world.with_inventory(&with_arbitrator());
    for end in cut_off_anywhere(&world, World::needed) {
        assert_encrypted(&end);
    }
}

/// Nothing is done on the host of an arbitrator that votes elsewhere, whichever certificates lie there.
#[test]
fn the_arbitrator_of_another_cluster_keeps_its_certificates() {
    let mut world = whole(&with_arbitrator());
    let arbitrator = world.inventory.arbitrators()[0].name.clone();
    world.arbitrator_mut(&arbitrator).unit.active = "inactive".into();
    world.arbitrator_mut(&arbitrator).processes.clear();
    world.new_view();
    let theirs = world.arbitrator_mut(&arbitrator);
    theirs.unit.active = "active".into();
    theirs.processes = vec![120];
    let group = theirs.arguments.iter_mut().skip_while(|word| *word != "-g").nth(1).unwrap();
    "elsewhere".clone_into(group);
    let pem = world.authority().issue(&world.inventory, &arbitrator, -3);
    world.has_certificate(&arbitrator, &pem);
    let found = galactl::galera::tls::judge::findings(&world.basis());
    assert!(found.is_empty(), "{found:#?}");
    let plan = changed(world).apply_config().unwrap();
    assert!(!plan.is_empty() && plan.steps().all(|step| step.node != arbitrator), "{:?}", ids(&plan));
}
