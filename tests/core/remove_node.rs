//! Taking nodes out of a cluster: what is planned, what is refused, and what comes after it.

use std::collections::BTreeMap;

use galactl::galera::facts::{Removal, ServerAnswer};
use galactl::galera::judge::codes;
use galactl::galera::model::Seqno;
use galactl::galera::plan::{Choice, NoPlan, Plan, again};
use galactl::galera::status::{Health, status};
use galactl::kernel::facts::ConfigFile;
use galactl::kernel::judge::preflight::Level;
use galactl::kernel::model::NodeName;
use galactl::kernel::plan::{other_work, refusals_text, text};

use crate::support::simulation::{Cut, Ending};
use crate::support::{Changes, Component, Shape, World, fresh, guards_of, name, refusals, uuid};

fn whole(shape: &Shape) -> World {
    let mut world = World::new(shape, vec![fresh().standalone(); shape.nodes]);
    world.carry_out(&world.bootstrap().unwrap());
    world
}

fn four() -> World {
    whole(&Shape::of(4))
}

fn told(outcome: &Result<Plan, NoPlan>) -> String {
    match outcome {
        Ok(plan) => text(plan),
        Err(_) => refusals_text(&refusals(outcome)),
    }
}

fn ids(plan: &Plan) -> Vec<&str> {
    plan.steps().map(|step| step.id.as_str()).collect()
}

/// The world once its inventory was edited.
fn edited(world: &World, removed: &[NodeName]) -> World {
    let mut world = world.clone();
    world.inventory = world.inventory.without(removed);
    world.observation.nodes.retain(|node, _| !removed.contains(node));
    world
}

/// The node is stopped, and the others have noticed.
fn stopped(world: &mut World, index: usize, seqno: i64) {
    let config = world.wanted(&name(index));
    let rest = Component { uuid: uuid(101), conf_id: 40, ..Component::of(4) };
    let members: Vec<_> = (0..4).filter(|it| *it != index).map(crate::support::cluster::address).collect();
    let rest = Component { size: 3, members, ..rest };
    for other in (0..4).filter(|other| *other != index) {
        world.facts_mut(&name(other)).become_member(name(other).as_str(), &rest);
    }
    world.set(&name(index), fresh().saved(uuid(101), seqno).configured(&config));
}

#[test]
fn a_member_is_drained_stopped_masked_and_forgotten() {
    let mut world = four();
    let outcome = world.remove(&[name(3)], &[]);
    insta::assert_snapshot!(told(&outcome));
    world.carry_out(&outcome.unwrap());
    let done = world.remove(&[name(3)], &[]).unwrap();
    assert!(done.is_empty(), "{}", text(&done));
    insta::assert_snapshot!(text(&done));
    assert!(edited(&world, &[name(3)]).needed().unwrap().is_empty());
}

#[test]
fn the_seed_and_another_one_are_removed_as_any() {
    let mut world = whole(&Shape::of(5));
    let removed = [name(0), name(4)];
    let outcome = world.remove(&removed, &[]);
    insta::assert_snapshot!(told(&outcome));
    world.carry_out(&outcome.unwrap());
    assert!(edited(&world, &removed).needed().unwrap().is_empty());
}

#[test]
fn an_arbitrator_forgets_the_node_as_well() {
    let mut world = World::with_arbitrator(3);
    let plan = world.remove(&[name(2)], &[]).unwrap();
    assert!(ids(&plan).contains(&"arb1/garbd/config"), "{}", text(&plan));
    world.carry_out(&plan);
    let needed = edited(&world, &[name(2)]).needed().unwrap();
    assert!(needed.is_empty(), "{}", text(&needed));
}

#[test]
fn a_removal_that_was_cut_off_goes_on_from_anywhere() {
    let plan = four().remove(&[name(3)], &[]).unwrap();
    for (stage, steps) in plan.stages.iter().map(|stage| stage.steps.len()).enumerate() {
        for count in 0..=steps {
            let mut world = four();
            world.carry_out_until(&plan, &Cut { stage, lanes: vec![count], ending: Ending::Clean });
            let rest = world.remove(&[name(3)], &[]).unwrap_or_else(|_| panic!("stage {stage}, {count}"));
            world.carry_out(&rest);
            assert!(world.facts(&name(3)).removed().is_some());
            assert!(edited(&world, &[name(3)]).needed().unwrap().is_empty(), "stage {stage}, {count}");
        }
    }
}

#[test]
fn a_stopped_node_is_removed_with_what_it_holds() {
    let data = |seqno: i64, state: u8| {
        let mut world = four();
        stopped(&mut world, 3, seqno);
        let host = world.facts(&name(3)).clone().saved(uuid(state), seqno);
        world.set(&name(3), host);
        let plan = world.remove(&[name(3)], &[]).unwrap();
        assert_eq!(ids(&plan)[..2], ["db4/galera/mask", "db1/galera/config"]);
        plan.consequences[0].clone()
    };
    insta::assert_snapshot!([data(90, 101), data(700, 101), data(-1, 101), data(4711, 9)].join("\n"));
}

#[test]
fn a_server_that_runs_outside_the_cluster_is_only_stopped() {
    let mut world = four();
    stopped(&mut world, 3, 90);
    let outside = world.facts(&name(3)).clone().non_primary("db4", &Component::of(1));
    world.set(&name(3), outside);
    assert_eq!(ids(&world.remove(&[name(3)], &[]).unwrap())[..2], ["db4/galera/stop", "db4/galera/mask"]);
}

#[test]
fn a_host_that_never_was_in_the_cluster_is_left_alone() {
    let mut world = four();
    stopped(&mut world, 3, 90);
    world.set(&name(3), fresh().standalone());
    let plan = world.remove(&[name(3)], &[]).unwrap();
    assert!(plan.steps().all(|step| step.node != name(3)), "{}", text(&plan));
}

#[test]
fn what_somebody_else_has_masked_stays_theirs() {
    let mut world = four();
    stopped(&mut world, 3, 90);
    world.set(&name(3), world.facts(&name(3)).clone().masked());
    let plan = world.remove(&[name(3)], &[]).unwrap();
    assert!(plan.steps().all(|step| step.node != name(3)), "{}", text(&plan));
    assert_eq!(guards_of(&world.add(&[name(3)], &[])), [codes::UNIT_MASKED]);
}

/// The host went down between the two, or somebody has unmasked it.
#[test]
fn a_record_without_a_mask_removes_nothing() {
    let mut world = four();
    stopped(&mut world, 3, 90);
    world.facts_mut(&name(3)).removal = Some(Removal { cluster: "shop".into(), ..Removal::default() });
    assert_eq!(ids(&world.remove(&[name(3)], &[]).unwrap())[..2], ["db4/galera/mask", "db1/galera/config"]);
    assert_eq!(ids(&world.needed().unwrap())[..2], ["db4/galera/unmask", "db4/galera/join"]);
}

#[test]
fn a_node_out_of_reach_is_removed_only_by_word() {
    let mut world = four();
    world.lose(&name(3));
    let member = told(&world.remove(&[name(3)], &[name(3)]));
    stopped(&mut world, 3, 90);
    world.lose(&name(3));
    let all = [told(&world.remove(&[name(3)], &[])), member, told(&world.remove(&[name(3)], &[name(3)]))];
    insta::assert_snapshot!(all.join("\n---\n"));
    // The word is for the nodes that go.
    world.lose(&name(2));
    assert_eq!(guards_of(&world.remove(&[name(3)], &[name(3)])), [codes::UNREACHABLE]);
}

#[test]
fn what_would_remain_is_counted() {
    let weighty = Shape { more: "provider_options:\n  pc.weight: 2\n".into(), ..Shape::of(3) };
    let two = Shape { arbitrator: true, ..Shape::of(2) };
    let with_arbitrator = |counted: u64| {
        let mut world = whole(&two);
        for index in 0..2 {
            let ServerAnswer::Live(live) = &mut world.facts_mut(&name(index)).server_answer else { panic!() };
            live.cluster_size = 2 + counted;
        }
        world
    };
    let all = |shape: &Shape| (0..shape.nodes).map(name).collect::<Vec<_>>();
    let cases = [
        whole(&Shape::of(3)).remove(&[name(0)], &[]),
        whole(&Shape::of(5)).remove(&[name(3), name(4)], &[]),
        whole(&weighty).remove(&[name(0)], &[]),
        with_arbitrator(1).remove(&[name(1)], &[]),
    ];
    let sentences: Vec<_> = cases
        .iter()
        .map(|outcome| outcome.as_ref().unwrap())
        .map(|plan| {
            let votes = plan.consequences.iter().find(|line| line.contains("vote")).unwrap();
            format!("{votes}\n  {}", plan.warnings.join("\n  "))
        })
        .collect();
    insta::assert_snapshot!(sentences.join("\n"));
    // One of two leaves by itself, as the refusal says.
    let mut stopped = whole(&Shape::of(2));
    stopped.carry_out(&stopped.plan_stop(&[name(1)]).unwrap());
    assert!(stopped.remove(&[name(1)], &[]).is_ok());
    let refused = [
        with_arbitrator(0).remove(&[name(1)], &[]),
        whole(&Shape::of(3)).remove(&[name(1), name(2)], &[]),
        whole(&Shape::of(2)).remove(&all(&Shape::of(2)), &[]),
    ];
    assert!(refused.iter().all(|outcome| guards_of(outcome) == [codes::QUORUM]));
    insta::assert_snapshot!(refused.iter().map(told).collect::<Vec<_>>().join("\n"));
}

#[test]
fn an_ailing_cluster_is_not_shrunk() {
    let mut down = four();
    stopped(&mut down, 2, 90);
    let mut donor = four();
    donor.set(&name(1), donor.facts(&name(1)).clone().local_state("Donor/Desynced"));
    let mut leaving_donor = four();
    leaving_donor.set(&name(3), leaving_donor.facts(&name(3)).clone().local_state("Donor/Desynced"));
    let mut mute = four();
    mute.set(&name(3), mute.facts(&name(3)).clone().mute("ERROR 1040 (08004): Too many connections"));
    for world in [down, donor, leaving_donor, mute] {
        assert_eq!(guards_of(&world.remove(&[name(3)], &[])), [codes::UNHEALTHY]);
    }
    let mut drift = four();
    drift.set(&name(1), drift.facts(&name(1)).clone().configured("[mysqld]\n"));
    assert_eq!(guards_of(&drift.remove(&[name(3)], &[])), [codes::CONFIG_DRIFT]);
    // A node that goes need not be fit to run.
    let mut unfit = four();
    unfit.set(&name(3), unfit.facts(&name(3)).clone().without_tools().configured("[mysqld]\n"));
    assert!(unfit.remove(&[name(3)], &[]).is_ok());
    let none = World::new(&Shape::of(3), vec![fresh(); 3]);
    assert_eq!(guards_of(&none.remove(&[name(2)], &[])), [codes::UNHEALTHY]);
}

#[test]
fn a_donor_that_is_named_and_goes_is_told() {
    let world = whole(&Shape::of(4).more("mysqld:\n  wsrep_sst_donor: \"db1,db4\"\n"));
    let plan = world.remove(&[name(3)], &[]).unwrap();
    assert_eq!(plan.warnings.len(), 3, "{:?}", plan.warnings);
    assert!(plan.warnings[0].contains("wsrep_sst_donor names db4"), "{:?}", plan.warnings);
}

/// The inventory was not edited.
fn removed() -> World {
    let mut world = four();
    world.carry_out(&world.remove(&[name(3)], &[]).unwrap());
    world
}

#[test]
fn no_other_command_starts_a_removed_node() {
    let world = removed();
    let refused = [
        world.bootstrap(),
        world.needed(),
        world.apply_config(),
        world.plan_restart(&[]),
        world.recover(&[(3, uuid(101), 4)]),
        world.recover(&[(3, uuid(101), 5)]),
        world.recover_as(&[(3, uuid(101), 4)], &Choice { start: true, ..Choice::default() }),
    ];
    for outcome in &refused {
        assert_eq!(guards_of(outcome), [codes::REMOVED], "{}", told(outcome));
    }
    insta::assert_snapshot!(told(&refused[0]));
    let failed = world.check();
    let mut failed = failed.findings(Level::Fail);
    assert!(failed.any(|(_, finding)| finding.evidence.contains("galactl removed it")));
}

#[test]
fn a_removed_node_takes_no_part_in_a_recovery() {
    let mut world = removed();
    for index in 0..3 {
        let config = world.facts(&name(index)).config.clone();
        let host = galactl::galera::facts::HostFacts { config, ..fresh().saved(uuid(101), 30) };
        world.set(&name(index), host);
    }
    let at = |seqno| [(0, uuid(101), 30), (1, uuid(101), 30), (2, uuid(101), 30), (3, uuid(101), seqno)];
    let plan = world.recover(&at(4)).unwrap();
    assert!(plan.steps().all(|step| step.node != name(3)), "{}", text(&plan));
    assert!(plan.warnings[0].starts_with("not started: db4: galactl removed it"), "{:?}", plan.warnings);
    // What it holds counts as long as the inventory lists it.
    world.set(&name(3), world.facts(&name(3)).clone().saved(uuid(101), 40));
    assert_eq!(guards_of(&world.recover(&at(40))), [codes::REMOVED]);
}

#[test]
fn status_says_that_a_node_was_removed() {
    let world = removed();
    let renderer = galactl::galera::config::Renderer::new(None).unwrap();
    let status = status(&world.inventory, &world.observation, &renderer, &BTreeMap::new()).unwrap();
    assert_eq!((status.health, status.nodes[3].state.to_string().as_str()), (Health::Degraded, "removed"));
    insta::assert_snapshot!(galactl::cli::status_text(&status));
}

#[test]
fn add_node_brings_a_removed_node_back() {
    let mut world = removed();
    let outcome = world.add(&[name(3)], &[]);
    insta::assert_snapshot!(told(&outcome));
    world.carry_out(&outcome.unwrap());
    assert!(world.needed().unwrap().is_empty());
}

#[test]
fn a_saved_removal_is_what_would_be_planned_again() {
    let mut world = four();
    let plan = world.remove(&[name(3)], &[]).unwrap();
    assert_eq!(other_work(&plan, &again(&plan, &world.basis()).unwrap()), []);
    // What is written is what the edited inventory wants, to the byte.
    world.carry_out(&plan);
    let ConfigFile { text, .. } = world.facts(&name(0)).config.clone().unwrap();
    assert_eq!(text, edited(&world, &[name(3)]).wanted(&name(0)));
    assert!(matches!(world.facts(&name(0)).live().unwrap().last_committed, Seqno::At(_)));
}
