//! `galactl watch` at several sizes of terminal, on clusters made of words.

use std::collections::BTreeMap;

use galactl::galera::config::Renderer;
use galactl::galera::facts::Rates;
use galactl::galera::status::watch::{Histories, Line, Scene, Tone, aged, frame, unsettled};
use galactl::galera::status::{Health, Status, status};
use galactl::kernel::model::NodeName;
use galactl::kernel::watch::View;

use crate::support::{Changes, Component, Shape, World, fresh, name, uuid};

fn whole(count: usize) -> World {
    let component = Component::of(count);
    let hosts = (0..count).map(|index| fresh().member(name(index).as_str(), &component));
    let mut world = World::new(&Shape::of(count), hosts);
    world.configure(0..count);
    world
}

/// A wave of writes; the second node is held up at its top.
fn rates(index: usize, moment: u32) -> Rates {
    let wave = (f64::from(moment) / 5.0).sin() + 1.0;
    let slow = index == 1 && wave > 1.7;
    Rates {
        write_sets: 120.0 * wave,
        receive_queue: if slow { 31 } else { 0 },
        flow_control: if slow { 0.25 } else { 0.0 },
        ..Rates::default()
    }
}

fn histories(world: &World) -> Histories {
    let mut histories = Histories::default();
    for moment in 0..100 {
        for (index, node) in world.inventory.nodes.iter().enumerate() {
            let seen = world.observation.facts(&node.name).is_some_and(|facts| facts.live().is_some());
            histories.push(&node.name, (seen || moment < 90).then(|| rates(index, moment)));
        }
    }
    histories
}

fn judged(world: &World) -> Status {
    let live =
        |index: &usize| world.observation.facts(&name(*index)).is_some_and(|facts| facts.live().is_some());
    let nodes = (0..world.inventory.nodes.len()).filter(live);
    let rates: BTreeMap<NodeName, Rates> = nodes.map(|index| (name(index), rates(index, 99))).collect();
    status(&world.inventory, &world.observation, &Renderer::new(None).unwrap(), &rates).unwrap()
}

fn lines(world: &World, status: &Status, (width, height): (usize, usize), ascii: bool) -> Vec<Line> {
    let lines = frame(&Scene {
        status,
        histories: &histories(world),
        thresholds: &world.inventory.thresholds,
        view: View { clock: "12:00:05 UTC", every: 2, age: 1, width, height, ascii },
    });
    assert!(lines.len() <= height);
    assert!(lines.iter().all(|line| line.text.chars().count() <= width));
    lines
}

fn text(lines: &[Line]) -> String {
    lines.iter().flat_map(|line| [line.text.as_str(), "\n"]).collect()
}

fn picture(world: &World, size: (usize, usize)) -> String {
    text(&lines(world, &judged(world), size, false))
}

/// Of thirty nodes one is down, one is not seen, and one has another configuration.
fn ailing() -> World {
    let mut world = whole(30);
    world.set(&name(11), fresh().saved(uuid(1), 90).failed());
    world.lose(&name(20));
    let drift = world.facts(&name(27)).clone().configured("[mysqld]\n");
    world.set(&name(27), drift);
    world
}

#[test]
fn three_nodes_fit_a_small_terminal_and_use_a_large_one() {
    insta::assert_snapshot!(picture(&whole(3), (80, 24)));
    insta::assert_snapshot!(picture(&whole(3), (200, 50)));
}

#[test]
fn of_thirty_nodes_a_small_terminal_shows_the_worst() {
    insta::assert_snapshot!(picture(&whole(30), (80, 24)));
    insta::assert_snapshot!(picture(&ailing(), (80, 24)));
    insta::assert_snapshot!(picture(&ailing(), (200, 50)));
}

#[test]
fn a_split_is_told_once_the_view_is_settled() {
    let mut world = whole(3);
    let apart = Component { size: 1, conf_id: 9, members: Vec::new(), ..Component::of(1) };
    world.set(&name(2), fresh().member("db3", &apart));
    world.configure([2]);
    insta::assert_snapshot!(picture(&world, (80, 24)));
    let calm = unsettled(judged(&world));
    assert_eq!(calm.health, Health::Degraded, "{:?}", calm.findings);
}

#[test]
fn a_node_that_hangs_is_shown_as_it_was() {
    let before = judged(&whole(3));
    let mut world = whole(3);
    world.lose(&name(2));
    let status = aged(judged(&world), &before, &BTreeMap::from([(name(2), 14)]));
    assert_eq!(status.health, Health::Degraded);
    insta::assert_snapshot!(text(&lines(&world, &status, (80, 24), false)));
}

#[test]
fn without_utf8_all_is_ascii() {
    let world = ailing();
    let lines = lines(&world, &judged(&world), (80, 10), true);
    assert!(lines.iter().all(|line| line.text.is_ascii()));
    insta::assert_snapshot!(text(&lines));
}

#[test]
fn no_size_is_too_small() {
    for width in [0, 1, 10, 40, 60] {
        for height in 0..12 {
            picture(&ailing(), (width, height));
        }
    }
}

#[test]
fn what_is_not_well_stands_out() {
    let world = ailing();
    let lines = lines(&world, &judged(&world), (80, 24), false);
    let tone = |word: &str| lines.iter().find(|line| line.text.starts_with(word)).map(|line| line.tone);
    assert_eq!(tone("`shop`"), Some(Tone::Warn));
    assert_eq!(tone("db12"), Some(Tone::Warn));
    assert_eq!(tone("db1 "), Some(Tone::Plain));
}
