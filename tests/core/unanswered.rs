//! Servers that run and cannot be asked, and members that somebody has desynced: nothing is concluded that was
//! not seen, and what to do is said.

use std::collections::BTreeMap;

use galactl::cli::status_text;
use galactl::galera::doctor::{Case, examine};
use galactl::galera::judge::codes;
use galactl::galera::plan::{Choice, ConfigChoice, NoPlan, Plan, apply_config, remove_arbitrators};
use galactl::galera::status::{Health, Status, prometheus, status};
use galactl::kernel::judge::Diagnosis;
use galactl::kernel::judge::preflight::Level;

use crate::support::{Changes, Shape, World, fresh, guards_of, name, refusals};

const DENIED: &str = "ERROR 1698 (28000): Access denied for user 'root'@'localhost'";

fn whole(nodes: usize) -> World {
    World::whole(&Shape::of(nodes))
}

/// A whole cluster of which these servers do not answer.
fn mute(nodes: usize, silent: impl IntoIterator<Item = usize>, why: &str) -> World {
    let mut world = whole(nodes);
    for index in silent {
        world.set(&name(index), world.facts(&name(index)).clone().mute(why));
    }
    world
}

fn judged(world: &World) -> Status {
    status(&world.inventory, &world.observation, world.basis().renderer, &BTreeMap::new()).unwrap()
}

fn diagnosis(world: &World) -> Diagnosis {
    examine(&Case { basis: world.basis(), status: &judged(world), examined: &BTreeMap::new(), cut_off: None })
        .unwrap()
}

/// Every command, with its answer in this world.
fn answers(world: &World) -> Vec<(&'static str, Result<Plan, NoPlan>)> {
    let start = Choice { start: true, ..Choice::default() };
    vec![
        ("restart", world.plan_restart(&[])),
        (
            "apply-config",
            apply_config(&world.basis(), ConfigChoice { restart: true, ..ConfigChoice::default() }),
        ),
        ("stop", world.plan_stop(&[])),
        ("stop one", world.plan_stop(&[name(0)])),
        ("remove-node", world.remove(&[name(2)], &[])),
        ("remove-node another", world.remove(&[name(0)], &[])),
        ("remove-node arb1", remove_arbitrators(&world.basis(), &[name(9)])),
        ("add-node", world.add(&[name(2)], &[])),
        ("bootstrap", world.bootstrap()),
        ("recover", world.recover(&[])),
        ("start", world.recover_as(&[], &start)),
    ]
}

/// A healthy cluster is called neither down nor stopped because root cannot log in.
#[test]
fn a_cluster_that_root_cannot_ask_is_unknown() {
    let world = mute(3, 0..3, DENIED);
    let told = judged(&world);
    assert_eq!(told.health, Health::Degraded);
    assert!(told.findings.iter().all(|finding| finding.code != codes::NO_PRIMARY));
    insta::assert_snapshot!(status_text(&told));
    let text = prometheus(&told);
    assert!(text.contains("galactl_node_up{cluster=\"shop\",node=\"db1\"} 1"), "{text}");
    assert!(!text.contains("galactl_node_primary{"), "{text}");

    let told = diagnosis(&world);
    for finding in &told.findings {
        let next = finding.remedy.to_string();
        assert!(!next.contains("recover") && !next.contains("systemctl stop"), "{finding}: {next}");
    }
    assert_eq!(told.findings.iter().filter(|it| it.evidence.contains("Access denied")).count(), 3);
    assert_eq!(world.check().of(Level::Fail).filter(|row| row.check == "server").count(), 3);
}

#[test]
fn every_command_says_what_lets_root_in() {
    for silent in [vec![0, 1, 2], vec![2]] {
        let world = mute(3, silent, DENIED);
        for (command, answer) in answers(&world) {
            let refused = refusals(&answer);
            assert!(!refused.is_empty(), "{command}: {answer:?}");
            for refusal in refused {
                let next = refusal.remedy.to_string();
                assert!(refusal.evidence.contains(DENIED), "{command}: {refusal}");
                assert!(next.contains("ALTER USER root@localhost"), "{command}: {next}");
            }
        }
    }
}

/// One that hangs may be a member as well: no command takes it for one that is to join.
#[test]
fn a_server_that_hangs_is_neither_a_joiner_nor_stopped() {
    let world = mute(3, [2], "no answer within 5 s");
    for (command, answer) in answers(&world) {
        let refused = refusals(&answer);
        assert!(
            refused.iter().any(|it| it.evidence.contains("no answer within 5 s")),
            "{command}: {refused:?}"
        );
    }
    let told = judged(&world);
    assert!(told.findings.iter().any(|it| it.evidence.contains("no answer within 5 s")), "{told:?}");
}

/// Two of three are known to be down, and the third one alone is no majority.
#[test]
fn where_most_are_known_to_be_down_the_cluster_is() {
    let mut world = mute(3, [2], DENIED);
    for index in [0, 1] {
        world.set(&name(index), fresh().saved(crate::support::uuid(101), 90).failed());
    }
    let told = judged(&world);
    assert_eq!(told.health, Health::Critical);
    insta::assert_snapshot!(status_text(&told));
}

#[test]
fn hosts_that_are_all_out_of_reach_say_nothing_of_the_cluster() {
    let mut world = whole(3);
    for index in 0..3 {
        world.lose(&name(index));
    }
    let told = judged(&world);
    assert_eq!(told.health, Health::Degraded);
    assert!(told.findings.iter().any(|finding| finding.code == codes::UNKNOWN), "{:?}", told.findings);
}

#[test]
fn a_member_that_was_desynced_by_hand_has_its_cure() {
    let mut world = whole(3);
    world.set(&name(1), world.facts(&name(1)).clone().local_state("Desynced by hand"));
    let told = judged(&world);
    let finding = told.findings.iter().find(|finding| finding.node == Some(name(1))).unwrap();
    assert_eq!(finding.evidence, "its server is desynced by hand: wsrep_desync is ON");
    assert!(finding.remedy.to_string().contains("SET GLOBAL wsrep_desync=OFF"), "{}", finding.remedy);
    assert_eq!(told.nodes[1].state.to_string(), "Desynced by hand");
    for answer in [world.plan_restart(&[]), world.plan_stop(&[]), world.remove(&[name(2)], &[])] {
        assert_eq!(guards_of(&answer), [codes::UNHEALTHY]);
        let next = refusals(&answer)[0].remedy.to_string();
        assert!(next.contains("SET GLOBAL wsrep_desync=OFF"), "{next}");
    }
}
