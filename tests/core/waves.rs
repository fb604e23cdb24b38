//! Plans in which nodes join in waves.

use std::fmt::Write;

use galactl::galera::config::Renderer;
use galactl::galera::facts::ServerAnswer;
use galactl::galera::inventory;
use galactl::galera::inventory::Inventory;
use galactl::galera::plan::{Action, Plan, ServerAction, bootstrap_offline};
use galactl::kernel::plan::{Action as _, Width, text};

use crate::support::{Changes, Shape, World, fresh, name};

const WAVES: &str = "join: waves\n";

fn shape(nodes: usize) -> Shape {
    Shape::of(nodes).more(WAVES)
}

/// A cluster of `old` nodes that galactl has bootstrapped and finished, and an inventory that knows more.
fn grown(old: usize, all: usize) -> World {
    let mut cluster = World::new(&shape(old), vec![fresh().standalone(); old]);
    cluster.carry_out(&cluster.bootstrap().unwrap());
    let members: Vec<_> = (0..old).map(|index| cluster.facts(&name(index)).clone()).collect();
    World::new(&shape(all), members.into_iter().chain(vec![fresh().standalone(); all - old]))
}

/// The joiners of each stage that has any.
fn waves(plan: &Plan) -> Vec<(Width, Vec<String>)> {
    let joins = plan.stages.iter().map(|stage| {
        let joins = stage
            .steps
            .iter()
            .filter(|step| matches!(step.action, Action::Server(ServerAction::Join { .. })));
        (stage.width, joins.map(|step| step.node.to_string()).collect::<Vec<_>>())
    });
    joins.filter(|(_, joins)| !joins.is_empty()).collect()
}

fn offline(text: &str) -> Plan {
    let inventory: Inventory = inventory::parse(text.as_bytes()).unwrap().0;
    bootstrap_offline(&inventory, &Renderer::new(None).unwrap()).unwrap()
}

fn many(nodes: usize, join: &str) -> Plan {
    let mut text = format!("version: 1\ncluster:\n  name: shop\n{join}nodes:\n");
    for index in 1..=nodes {
        let _ = writeln!(text, "  - {{name: db{index}, address: 10.0.0.{index}}}");
    }
    offline(&text)
}

#[test]
fn a_hundred_nodes_are_seven_waves_or_ninety_nine_joins() {
    let waves_of = waves(&many(100, WAVES));
    let sizes: Vec<_> = waves_of.iter().map(|(_, joiners)| joiners.len()).collect();
    assert_eq!(sizes, [1, 2, 4, 8, 16, 32, 36]);
    assert!(waves_of.iter().all(|(width, _)| *width == Width::NodesInParallel));
    let in_order: Vec<_> = (2..=100).map(|index| format!("db{index}")).collect();
    assert_eq!(waves_of.into_iter().flat_map(|(_, joiners)| joiners).collect::<Vec<_>>(), in_order);

    for serial in ["", "join: serial\n"] {
        assert_eq!(waves(&many(100, serial)), [(Width::OneByOne, in_order.clone())]);
    }
}

#[test]
fn plan_two_sites_in_waves() {
    let mut text = format!("version: 1\ncluster:\n  name: shop\nsst:\n  method: rsync\n{WAVES}nodes:\n");
    for (index, segment) in [0, 0, 0, 1, 1, 1].into_iter().enumerate() {
        let _ = writeln!(
            text,
            "  - {{name: {}, address: 10.0.0.{}, segment: {segment}}}",
            name(index),
            index + 11
        );
    }
    let plan = offline(&text);
    let mut shown = self::text(&plan);
    shown.truncate(shown.find("\n--- ").unwrap_or(shown.len()));
    insta::assert_snapshot!(shown);
}

#[test]
fn a_member_stays_free_where_there_may_be_clients() {
    let new: Vec<_> = (3..9).map(name).collect();
    let world = grown(3, 9);
    let plan = world.add(&new, &[]).unwrap();
    let sizes: Vec<_> = waves(&plan).iter().map(|(_, joiners)| joiners.len()).collect();
    assert_eq!(sizes, [2, 4]);
    let gate = plan
        .steps()
        .find(|step| matches!(step.action, Action::Server(ServerAction::AwaitDonors { .. })))
        .unwrap();
    assert_eq!(
        (gate.id.as_str(), gate.action.summary().as_str(), gate.why.as_str()),
        (
            "db4/galera/await-donors",
            "wait until 3 members are Synced",
            "each of the 2 joiners finds a donor of its own, and another member stays free for clients"
        )
    );
    // The other commands that let nodes in plan the same.
    for other in [world.needed(), world.bootstrap()] {
        assert_eq!(waves(&other.unwrap()), waves(&plan));
    }
}

#[test]
fn a_member_that_gives_already_is_not_counted_on() {
    let mut world = grown(3, 6);
    let mut live = world.facts(&name(1)).live().unwrap().clone();
    live.local_state = "Donor/Desynced".into();
    world.facts_mut(&name(1)).server_answer = ServerAnswer::Live(Box::new(live));
    let plan = world.bootstrap().unwrap();
    let sizes: Vec<_> = waves(&plan).iter().map(|(_, joiners)| joiners.len()).collect();
    assert_eq!(sizes, [1, 2]);
    for step in plan.steps() {
        if let Action::Server(ServerAction::AwaitDonors { nodes, .. }) = &step.action {
            assert!(!nodes.contains(&name(1)), "{} waits for it", step.id);
        }
    }
}
