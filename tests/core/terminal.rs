//! What a person sees on a terminal of 80 columns: whole words, whole commands, nothing left out.

use std::collections::{BTreeMap, BTreeSet};

use galactl::cli::{status_text, status_text_within};
use galactl::galera::config::Renderer;
use galactl::galera::plan::Plan;
use galactl::galera::recovery::{Evidence, HEADINGS, decide, table, verdict_text};
use galactl::galera::status::{Status, status};
use galactl::kernel::plan::{lines, text};
use galactl::ui::{fold, plan_text, preflight_text, preflight_text_within, table_within};

use crate::support::{Changes, Shape, World, fresh, name, outage, uuid};

const WIDTH: usize = 80;

fn three() -> World {
    World::new(&Shape::of(3), vec![fresh().standalone(); 3])
}

/// Two servers run, with little in common with the third host, which crashed.
fn ailing() -> World {
    let mut world = three();
    world.carry_out(&world.bootstrap().unwrap());
    world.set(&name(1), fresh().saved(uuid(1), 90).failed());
    let drift = world.facts(&name(2)).clone().configured("[mysqld]\n");
    world.set(&name(2), drift);
    world
}

fn judged(world: &World) -> Status {
    status(&world.inventory, &world.observation, &Renderer::new(None).unwrap(), &BTreeMap::new()).unwrap()
}

fn words(text: &str) -> Vec<&str> {
    text.split_whitespace().collect()
}

/// Lines are no wider than the terminal. Only a command may be, which is to be pasted.
#[track_caller]
fn assert_fits(shown: &str) {
    for line in shown.lines().filter(|line| line.chars().count() > WIDTH) {
        let command = ["galactl ", "sudo "].iter().any(|program| line.trim().starts_with(program));
        assert!(command || !line.trim().contains(' '), "too wide: {line}\n{shown}");
    }
}

/// As prose is folded: the same words in the same order.
#[track_caller]
fn assert_folded(plain: &str, shown: &str) {
    assert!(plain.lines().any(|line| line.chars().count() > WIDTH), "nothing was to be folded");
    assert_fits(shown);
    assert_eq!(words(plain), words(shown));
}

/// As tables are folded: no word is lost.
#[track_caller]
fn assert_all_there(plain: &str, shown: &str) {
    assert!(plain.lines().any(|line| line.chars().count() > WIDTH), "nothing was to be folded");
    assert_fits(shown);
    let there: BTreeSet<_> = words(shown).into_iter().collect();
    let lost: Vec<_> = words(plain).into_iter().filter(|word| !there.contains(word)).collect();
    assert!(lost.is_empty(), "{lost:?} is missing in\n{shown}");
}

fn shown(plan: &Plan) -> String {
    plan_text(&lines(plan), Some(WIDTH), false)
}

#[test]
fn a_plan_fits() {
    let mut world = three();
    let bootstrap = world.bootstrap().unwrap();
    // The addresses are one word in the file, and two pieces here.
    assert_fits(&shown(&bootstrap));
    assert_eq!(words(&text(&bootstrap)).concat(), words(&shown(&bootstrap)).concat());
    insta::assert_snapshot!(shown(&bootstrap));
    world.carry_out(&bootstrap);
    let restart = world.plan_restart(&[]).unwrap();
    assert_folded(&text(&restart), &shown(&restart));
}

#[test]
fn what_a_plan_means_has_its_colour() {
    let mut world = three();
    world.carry_out(&world.bootstrap().unwrap());
    world.set(&name(1), fresh().schema("theirs", 1 << 20));
    world.new_view();
    let plan = world.add(&[name(1)], &[name(1)]).unwrap();
    let shown = plan_text(&lines(&plan), Some(200), true);
    let last: Vec<_> = shown.trim_end().lines().rev().take(3).collect();
    assert!(last[2].starts_with("\u{1b}[31m\u{1b}[1m  DISCARDED on db2: database `theirs`"), "{last:?}");
    assert!(last[0].starts_with("\u{1b}[1m"), "the summary is last: {last:?}");
    assert!(shown.contains("\u{1b}[32m+wsrep_on = ON"), "{shown}");
}

#[test]
fn a_status_fits() {
    let status = judged(&ailing());
    let folded = status_text_within(&status, Some(WIDTH));
    assert_all_there(&status_text(&status), &folded);
    insta::assert_snapshot!(folded);
}

#[test]
fn a_check_fits() {
    let mut world = three();
    world.set(&name(1), fresh().masked().without_tools());
    let report = world.check();
    assert_all_there(&preflight_text(&report), &preflight_text_within(&report, Some(WIDTH)));
}

#[test]
fn the_evidence_fits() {
    for name in ["lone-survivor", "quorum-lost", "looping-beside-the-primary", "several-flags"] {
        let case = outage::case(name);
        let evidence = Evidence { order: &case.told.nodes, observation: &case.observation };
        let rows = table(&evidence);
        assert_all_there(&table_within(&HEADINGS, &rows, None), &table_within(&HEADINGS, &rows, Some(WIDTH)));
        let verdict = verdict_text(&evidence, &decide(&evidence));
        assert_fits(&fold(&verdict, Some(WIDTH)));
        assert_eq!(words(&verdict), words(&fold(&verdict, Some(WIDTH))));
    }
}
