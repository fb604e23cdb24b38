//! No dead ends: whatever galactl names as the next command is tried, in every outage of the corpus. Each must lead to a
//! plan with something to do, or to words that say what only a person can do; never round in a circle. Beside a living
//! cluster, each is carried out as well, and must come to a whole cluster.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};

use galactl::galera::doctor::{Case, examine};
use galactl::galera::facts::{Grastate, HostFacts, Position, Recovered};
use galactl::galera::plan::{self, Choice, ConfigChoice, NoPlan, Plan, Removing};
use galactl::galera::status::status;
use galactl::kernel::judge::{Invocation, PLACE};
use galactl::kernel::model::NodeName;

use crate::support::{Changes, Component, Shape, World, bare, fresh, name, outage, uuid};

/// Commands that change nothing, and show what a person then decides by.
const TELLING: [&str; 7] = ["check", "doctor", "explain", "plan", "render", "status", "watch"];
/// What stands for a node that a person chooses.
const ANY: &str = "NODE";

/// Nobody types more commands one after the other before the cluster is whole.
const LONGEST_WAY: usize = 5;

/// Plans that were carried out on the way.
static CARRIED_OUT: AtomicUsize = AtomicUsize::new(0);

/// A command as its words, without the inventory.
type Words = Vec<String>;

/// Why a command does not lead on.
type Way = Vec<String>;

/// The galactl commands that a text names, in its order.
fn commands_in(text: &str) -> Vec<Words> {
    let marker = format!(" {PLACE}");
    let mut commands = Vec::new();
    for (at, _) in text.match_indices("galactl ") {
        let rest = &text[at + "galactl ".len()..];
        let Some((verb, arguments)) = rest.split_once(&marker) else { continue };
        if verb.contains(' ') {
            continue;
        }
        let mut words = vec![verb.to_owned()];
        for word in arguments.split(' ').skip(1) {
            let end = word.find([',', ';', ':', '.', ')', '`', '\n']);
            let plain = &word[..end.unwrap_or(word.len())];
            // A sentence goes on: an argument is an option, or the name of a node.
            let argument = plain.starts_with("--") || plain == ANY || is_name(plain);
            if !argument || plain.is_empty() {
                break;
            }
            words.push(plain.to_owned());
            if end.is_some() {
                break;
            }
        }
        commands.push(words);
    }
    commands
}

fn is_name(word: &str) -> bool {
    word.strip_prefix("db").is_some_and(|number| number.parse::<u8>().is_ok())
}

/// What the planner of a command says; `None`: it is no command that plans.
fn planned(world: &World, words: &[String]) -> Option<Result<Plan, NoPlan>> {
    let basis = world.basis();
    let (mut nodes, mut discard, mut seed) = (Vec::new(), Vec::new(), None);
    let mut rest = words[1..].iter();
    while let Some(word) = rest.next() {
        match word.as_str() {
            "--seed" => seed = rest.next().and_then(|name| name.parse().ok()),
            "--discard" => discard.extend(rest.next().and_then(|name| name.parse::<NodeName>().ok())),
            option if option.starts_with("--") => {}
            name => nodes.extend(name.parse::<NodeName>().ok()),
        }
    }
    Some(match words[0].as_str() {
        "bootstrap" => plan::bootstrap(&basis),
        "recover" => plan::recover(&basis, &Choice { seed, ..Choice::default() }),
        "start" => plan::recover(&basis, &Choice { start: true, only: nodes, ..Choice::default() }),
        "add-node" => plan::add_node(&basis, &nodes, &discard),
        "restart" => plan::restart(&basis, &nodes, true),
        "apply-config" => plan::apply_config(&basis, ConfigChoice::default()),
        "alter" => Err(NoPlan::StudyWanted("shop.orders".parse().ok()?, "FORCE".parse().ok()?)),
        "stop" => plan::stop(&basis, &nodes),
        "remove-node" => {
            plan::remove_node(&basis, &Removing { nodes: &nodes, unseen: &[], drain_seconds: 30 })
        }
        _ => return None,
    })
}

/// Follows a command. An error: the way by which it comes to nothing.
fn follow(world: &World, words: &[String], way: &Way) -> Result<(), Way> {
    if words.iter().any(|word| word == ANY) {
        let named = world.inventory.nodes.iter().map(|node| {
            let put = |word: &String| if word == ANY { node.name.to_string() } else { word.clone() };
            follow(world, &words.iter().map(put).collect::<Words>(), way)
        });
        return one_of(&named.collect::<Vec<_>>());
    }
    let here = words.join(" ");
    let mut way = way.clone();
    let known = way.contains(&here);
    way.push(here);
    if known {
        way.push("round in a circle".into());
        return Err(way);
    }
    if TELLING.contains(&words[0].as_str()) {
        return Ok(());
    }
    let refusals = match planned(world, words) {
        None => {
            way.push("no such command".into());
            return Err(way);
        }
        Some(Ok(plan)) if plan.is_empty() && !whole(world) => {
            way.push("nothing to do".into());
            return Err(way);
        }
        // What is waited for, or asked first, comes by itself.
        Some(
            Ok(_)
            | Err(
                NoPlan::Donating(_) | NoPlan::Settling(_) | NoPlan::PositionsWanted | NoPlan::StudyWanted(..),
            ),
        ) => {
            return Ok(());
        }
        Some(Err(NoPlan::Refused(refusals))) => refusals,
        Some(Err(NoPlan::Render(error))) => panic!("{error}"),
    };
    let mut remedies = refusals.iter().map(|refusal| refusal.remedy.text(&Invocation::later()));
    remedies.try_for_each(|text| leads_on(world, &text, &way))
}

/// A text leads on by one of its commands; where it has none, it says what a person does.
fn leads_on(world: &World, text: &str, way: &Way) -> Result<(), Way> {
    let commands = commands_in(text);
    if commands.is_empty() {
        return Ok(());
    }
    one_of(&commands.iter().map(|words| follow(world, words, way)).collect::<Vec<_>>())
}

fn one_of(ways: &[Result<(), Way>]) -> Result<(), Way> {
    let first = ways.iter().find_map(|way| way.as_ref().err()).cloned();
    if ways.iter().any(Result::is_ok) { Ok(()) } else { first.map_or(Ok(()), Err) }
}

fn whole(world: &World) -> bool {
    world.observation.seen().filter(|(_, facts)| facts.is_primary()).count() == world.inventory.nodes.len()
}

/// Everything that status and doctor name as the next thing.
fn told(world: &World) -> Vec<String> {
    let status =
        status(&world.inventory, &world.observation, world.basis().renderer, &BTreeMap::new()).unwrap();
    let diagnosis =
        examine(&Case { basis: world.basis(), status: &status, examined: &BTreeMap::new(), cut_off: None })
            .unwrap();
    let findings = status.findings.iter().chain(&diagnosis.findings);
    findings.map(|finding| finding.remedy.text(&Invocation::later())).collect()
}

/// What somebody may type first.
fn first_words() -> Vec<String> {
    ["recover", "plan", "bootstrap", "start", "start db3", "add-node db3", "restart db1", "apply-config"]
        .map(|words| match words.split_once(' ') {
            Some((verb, node)) => format!("galactl {verb} {PLACE} {node}"),
            None => format!("galactl {words} {PLACE}"),
        })
        .into()
}

type Third = fn() -> HostFacts;

/// Two members, and a third node that is something else.
fn beside_a_cluster() -> Vec<(&'static str, World)> {
    let others: [(&str, Third); 10] = [
        ("bare", bare),
        ("never in a cluster", fresh),
        ("a standalone server", || fresh().standalone()),
        ("left", || fresh().saved(uuid(1), 90)),
        ("crashed", || fresh().saved(uuid(1), -1)),
        ("ahead", || fresh().saved(uuid(1), 4000)),
        ("of another cluster", || fresh().saved(uuid(9), 7)),
        ("cut off in a transfer", || fresh().sst_leftovers()),
        ("stopped in an rsync transfer", || fresh().empty_grastate()),
        ("ran outside", || {
            let mut host = fresh().saved(uuid(1), 90);
            host.outside_run = Some("2026-11-14 02:58:40".into());
            host
        }),
    ];
    let world = |(what, third): (&'static str, Third)| {
        let component = Component { uuid: uuid(1), ..Component::of(2) };
        let members = [0, 1].map(|index| fresh().member(name(index).as_str(), &component));
        let mut world = World::new(&Shape::of(3), members.into_iter().chain([third()]));
        world.configure(0..3);
        let position = match &world.facts(&name(2)).datadir.grastate {
            Grastate::Saved(saved) => Position::At(saved.position.clone()),
            _ => Position::None("its data holds no position".into()),
        };
        let told = Recovered { position, last_write: Some(60) };
        world.observation.recovered = Some([(name(2), told)].into());
        (what, world)
    };
    others.into_iter().map(world).collect()
}

#[test]
fn every_command_that_is_named_leads_on() {
    let outages = outage::all().into_iter().map(|case| {
        let mut world = World::new(&Shape::of(case.told.nodes.len()), []);
        world.observation = case.observation.clone();
        (case.name, world)
    });
    let beside = beside_a_cluster().into_iter().map(|(what, world)| (what.to_owned(), world));
    let (mut ends, mut followed) = (BTreeSet::new(), 0);
    for (what, world) in outages.chain(beside) {
        for text in told(&world).into_iter().chain(first_words()) {
            followed += commands_in(&text).len();
            if let Err(way) = leads_on(&world, &text, &Way::new()) {
                ends.insert(format!("{what}: {}", way.join(" -> ")));
            }
        }
    }
    assert!(followed > 800, "only {followed} commands are named");
    assert!(ends.is_empty(), "{}", ends.into_iter().collect::<Vec<_>>().join("\n"));
}

/// Carries out what a command plans, and then whatever is named next, until the cluster is whole or words say what only
/// a person can do. An error: the way by which it never gets there.
fn arrives(world: &World, words: &[String], way: &Way) -> Result<(), Way> {
    let mut way = way.clone();
    way.push(words.join(" "));
    if TELLING.contains(&words[0].as_str()) {
        return Ok(());
    }
    if way.len() > LONGEST_WAY {
        way.push("and so on".into());
        return Err(way);
    }
    let next = match planned(world, words) {
        Some(Ok(plan)) => {
            let mut world = world.clone();
            world.carry_out(&plan);
            CARRIED_OUT.fetch_add(usize::from(!plan.is_empty()), Ordering::Relaxed);
            if whole(&world) {
                return Ok(());
            }
            return told(&world).iter().try_for_each(|text| all_arrive(&world, text, &way));
        }
        Some(Err(NoPlan::Refused(refusals))) => refusals,
        _ => return Ok(()),
    };
    let mut remedies = next.iter().map(|refusal| refusal.remedy.text(&Invocation::later()));
    remedies.try_for_each(|text| all_arrive(world, &text, &way))
}

/// A text leads to the end by one of its commands.
fn all_arrive(world: &World, text: &str, way: &Way) -> Result<(), Way> {
    let commands = commands_in(text);
    let named = commands.iter().filter(|words| !words.iter().any(|word| word == ANY));
    one_of(&named.map(|words| arrives(world, words, way)).collect::<Vec<_>>())
}

#[test]
fn every_command_that_is_carried_out_comes_to_a_whole_cluster() {
    let mut ends = BTreeSet::new();
    for (what, world) in beside_a_cluster() {
        for text in told(&world).into_iter().chain(first_words()) {
            if let Err(way) = all_arrive(&world, &text, &Way::new()) {
                ends.insert(format!("{what}: {}", way.join(" -> ")));
            }
        }
    }
    assert!(ends.is_empty(), "{}", ends.into_iter().collect::<Vec<_>>().join("\n"));
    let plans = CARRIED_OUT.load(Ordering::Relaxed);
    assert!(plans > 50, "only {plans} plans were carried out");
}

#[test]
fn commands_are_found_in_sentences() {
    let text = format!(
        "stop them; galactl recover {PLACE} --seed NODE, or galactl add-node {PLACE} db2 --discard db2. Or galactl start {PLACE} brings it back"
    );
    let found: Vec<_> = commands_in(&text).iter().map(|words| words.join(" ")).collect();
    assert_eq!(found, ["recover --seed NODE", "add-node db2 --discard db2", "start"]);
}
