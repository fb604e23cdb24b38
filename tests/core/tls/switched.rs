//! TLS is switched on while the cluster runs.

use galactl::galera::facts::{LaterOption, ServerAnswer, Spoken};
use galactl::galera::plan::Command;
use galactl::galera::tls::judge::findings;
use galactl::kernel::judge::Invocation;

use super::{assert_encrypted, carry_on, change, cut_off_anywhere, shape, told, whole, with_arbitrator};
use crate::support::{Changes, Component, Shape, World, fresh, name, refusals, uuid};

/// A cluster in clear text, with an inventory that has the section.
fn in_clear(wanted: &Shape) -> World {
    let mut world = whole(&Shape { more: String::new(), ..wanted.clone() });
    world.with_inventory(wanted);
    world
}

#[test]
fn a_running_cluster_is_switched_on_in_two_rounds() {
    let world = in_clear(&shape());
    let plan = world.apply_config();
    insta::assert_snapshot!(told(plan.as_ref().unwrap()));
    assert_eq!(world.needed().unwrap(), plan.unwrap());
    for end in cut_off_anywhere(&world, change) {
        assert_encrypted(&end);
    }
}

#[test]
fn an_arbitrator_is_switched_with_the_nodes() {
    for end in cut_off_anywhere(&in_clear(&with_arbitrator()), change) {
        assert_encrypted(&end);
        let arbitrator = end.inventory.arbitrators()[0].name.clone();
        assert_eq!(end.observation.arbitrator(&arbitrator).unwrap().spoken(), Spoken::Tls);
    }
}

#[test]
fn rsync_is_switched_too() {
    for end in cut_off_anywhere(&in_clear(&Shape { rsync: true, ..shape() }), change) {
        assert_encrypted(&end);
    }
}

/// Who is missing joins in the first round.
#[test]
fn with_a_node_missing_the_first_round_comes_alone() {
    let mut world = in_clear(&shape());
    let stopped = fresh().saved(uuid(101), 2).configured(&world.facts(&name(2)).config.clone().unwrap().text);
    world.set(&name(2), stopped);
    for index in 0..2 {
        let two = Component { uuid: uuid(101), conf_id: 4, ..Component::of(2) };
        world.facts_mut(&name(index)).become_member(name(index).as_str(), &two);
    }
    let plan = change(&world).unwrap();
    assert!(matches!(plan.command, Command::ApplyConfig { first_round: true, .. }), "{:?}", plan.command);
    insta::assert_snapshot!(told(&plan));
    for end in cut_off_anywhere(&world, change) {
        assert_encrypted(&end);
    }
}

/// Whoever leaves first, and whoever the next one is after a cut: see `World::assert_enters`.
#[test]
fn a_running_cluster_is_switched_off_in_two_rounds() {
    let off = "tls: {ca: {generate: true}, clients: required, replication: false}\n";
    for first in 0..3 {
        let mut world = whole(&shape());
        for busy in (0..3).filter(|index| *index != first) {
            let ServerAnswer::Live(live) = &mut world.facts_mut(&name(busy)).server_answer else {
                panic!("no member")
            };
            live.replicated = 90_000;
        }
        world.with_inventory(&Shape::of(3).more(off));
        let leaves = format!("{}/galera/leave-both", name(first));
        let plan = super::ids(&change(&world).unwrap());
        assert_eq!(plan.iter().find(|id| id.ends_with("/leave-both")), Some(&leaves), "{plan:?}");
        for end in cut_off_anywhere(&world, change) {
            for index in 0..3 {
                assert_eq!(end.facts(&name(index)).live().unwrap().spoken, Some(Spoken::Clear));
            }
        }
    }
}

/// Without the links between the nodes, one restart is enough.
#[test]
fn transfers_and_clients_alone_need_one_round() {
    let wanted = Shape::of(3).more("tls: {ca: {generate: true}, replication: false}\n");
    let world = in_clear(&wanted);
    let joins =
        |world: &World| super::ids(&change(world).unwrap()).iter().filter(|id| id.ends_with("/join")).count();
    assert_eq!(joins(&world), 3);
    for end in cut_off_anywhere(&world, change) {
        assert!(change(&end).unwrap().is_empty());
    }
}

#[test]
fn one_node_alone_cannot_restart_by_itself() {
    let wanted = Shape { nodes: 2, ..shape() };
    let mut world = in_clear(&wanted);
    carry_on(&mut world, change);
    assert_encrypted(&world);
}

/// The second node has a file of somebody's with these options of the provider, which is read after galactl's.
fn overruled(mut world: World, value: &str, spoken: Spoken) -> World {
    let facts = world.facts_mut(&name(1));
    let (file, option) = ("/etc/mysql/mariadb.conf.d/zz-hand.cnf", "wsrep_provider_options");
    facts.later_options = vec![LaterOption { file: file.into(), name: option.into(), value: value.into() }];
    facts.options.insert(option.into(), value.into());
    let ServerAnswer::Live(live) = &mut facts.server_answer else { panic!("no member") };
    live.spoken = Some(spoken);
    world
}

#[test]
fn no_node_restarts_for_what_a_file_of_somebodys_overrules() {
    let both = "socket.dynamic=true; socket.ssl_cert=/a.pem; socket.ssl_key=/a.pem";
    let world = overruled(whole(&shape()), both, Spoken::Both);
    let found = findings(&world.basis());
    assert_eq!(found.len(), 1, "{found:?}");
    let next = found[0].remedy.text(&Invocation::later());
    assert!(next.contains("on db2: sudo sed -i -E ") && next.contains("zz-hand.cnf"), "{next}");
    let refused = refusals(&change(&world));
    assert_eq!(refused.iter().map(|it| it.remedy.text(&Invocation::later())).collect::<Vec<_>>(), [next]);
}

#[test]
fn no_node_leaves_whose_files_would_keep_it_out() {
    let world = overruled(whole(&shape()), "gcache.size=1G", Spoken::Tls);
    let refused = refusals(&world.plan_restart(&[name(1)]));
    assert_eq!(refused.len(), 1, "{refused:?}");
    assert!(refused[0].evidence.ends_with("with that, it speaks clear text"), "{refused:?}");
    assert!(world.plan_restart(&[name(0)]).is_ok());
}
