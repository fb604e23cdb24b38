//! Outages as raw files, each with the verdict that it must have; and what the rules of others make of
//! them, as the table in docs/concepts/recovery.md.

use std::fmt::Write;
use std::fs;
use std::path::Path;

use galactl::galera::facts::ServerStart;
use galactl::galera::judge::codes;
use galactl::galera::plan;
use galactl::galera::plan::{Action, Choice, NoPlan, Plan, ServerAction, is_preliminary};
use galactl::galera::recovery::{
    Bundle, Decision, Doubt, Evidence, Fate, HEADINGS, Verdict, decide, table, verdict_text,
};
use galactl::kernel::facts::Seen;
use galactl::kernel::model::NodeName;
use galactl::kernel::plan::{Command as _, refusals_text, text};

use crate::support::others::{Choose, RULES};
use crate::support::outage::{self, Case};
use crate::support::{Shape, World};

/// The verdict in the words of the case files.
fn outcome(outcome: &Decision) -> String {
    let list = |nodes: &[NodeName]| {
        let names: Vec<_> = nodes.iter().map(NodeName::as_str).collect();
        names.join(" ")
    };
    match outcome {
        Decision::Join { source, .. } => format!("join {source}"),
        Decision::Restore { node, .. } => format!("restore {node}"),
        Decision::Reform { nodes, .. } => format!("reform {}", list(nodes)),
        Decision::Start { node, .. } => format!("start {node}"),
        Decision::Stop { nodes } => format!("stop {}", list(nodes)),
        Decision::NoCluster => "no-cluster".into(),
        Decision::Refused => "refused".into(),
    }
}

fn fate(fate: &Fate) -> String {
    match fate {
        Fate::Source => "source".into(),
        Fate::Running => "running".into(),
        Fate::Behind { write_sets } => format!("behind {write_sets}"),
        Fate::Replaced { .. } => "replaced".into(),
        Fate::Stranger => "stranger".into(),
        Fate::Ahead { write_sets } => format!("ahead {write_sets}"),
        Fate::Foreign { .. } => "foreign".into(),
        Fate::Unproven { .. } => "unproven".into(),
        Fate::Unknown { .. } => "unknown".into(),
    }
}

fn doubt(doubt: &Doubt) -> String {
    let kind = format!("{:?}", doubt.kind).to_lowercase();
    doubt.node.as_ref().map_or_else(|| kind.clone(), |node| format!("{kind} {node}"))
}

/// The expectation's words, of what was decided.
fn words(verdict: &Verdict) -> (String, Vec<String>, Vec<String>) {
    (
        outcome(&verdict.outcome),
        verdict.doubts.iter().map(doubt).collect(),
        verdict.standings.iter().map(|standing| fate(&standing.fate)).collect(),
    )
}

fn plan_of(case: &Case) -> Result<Plan, NoPlan> {
    let mut world = World::new(&Shape::of(case.told.nodes.len()), []);
    world.observation = case.observation.clone();
    plan::recover(
        &world.basis(),
        &Choice { seed: case.told.seed.clone(), keep_aside: false, ..Choice::default() },
    )
}

#[test]
fn every_outage_has_its_verdict() {
    let mut wrong = String::new();
    for case in outage::all() {
        let expected = &case.told.expected;
        let wanted = (expected.verdict.clone(), expected.doubts.clone(), expected.fates.clone());
        let verdict = case.verdict();
        if words(&verdict) != wanted {
            let _ = writeln!(
                wrong,
                "{}:\n  expected {wanted:?}\n  decided  {:?}\n  {:?}",
                case.name,
                words(&verdict),
                verdict.doubts.iter().map(|doubt| &doubt.evidence).collect::<Vec<_>>()
            );
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn there_are_enough_of_them_and_each_names_its_source() {
    let cases = outage::all();
    assert!(cases.len() >= 45);
    for Case { name, told, .. } in &cases {
        assert!(!told.source.is_empty() && !told.story.is_empty(), "{name}");
        assert!(told.acceptable.iter().all(|node| told.nodes.contains(node)), "{name}");
    }
}

/// What is decided here, another machine decides by the bundle.
#[test]
fn a_bundle_of_the_evidence_has_the_same_verdict() {
    for case in outage::all().into_iter().filter(|case| case.told.seed.is_none()) {
        let (order, observation) = (case.told.nodes.clone(), case.observation.clone());
        let bundle = Bundle::new("shop".parse().unwrap(), order, observation, "a test".into());
        let read = Bundle::parse(&bundle.text()).unwrap();
        assert_eq!(decide(&read.evidence()), case.verdict(), "{}", case.name);
    }
}

/// A refused outage has no plan, and no plan starts a node that may lose something unless it says so.
#[test]
fn every_plan_keeps_to_its_verdict() {
    for case in outage::all() {
        let (verdict, outcome) = (case.verdict(), plan_of(&case));
        let name = &case.name;
        let Ok(plan) = outcome else {
            let losers = verdict.standings.iter().any(|standing| standing.fate.may_lose());
            let none = matches!(verdict.outcome, Decision::Refused | Decision::NoCluster);
            assert!(none || losers, "{name}: {:?}", crate::support::refusals(&outcome));
            continue;
        };
        for standing in verdict.standings.iter().filter(|standing| standing.fate.may_lose()) {
            let joins = plan.steps().any(|step| {
                step.node == standing.node && matches!(step.action, Action::Server(ServerAction::Join { .. }))
            });
            assert!(!joins || (plan.command.is_forced() && plan.discards.contains(&standing.node)), "{name}");
        }
    }
}

/// Hosts that have just got their power back: their servers may be about to find each other.
#[test]
fn servers_that_have_just_started_are_let_alone() {
    let case = outage::case("unit-that-waits");
    assert!(plan_of(&case).is_ok_and(|plan| is_preliminary(&plan)));
    for start in [Some(ServerStart { age: 5, ..ServerStart::default() }), None] {
        let mut case = case.clone();
        let Some(Seen::Facts(facts)) = case.observation.nodes.get_mut(&case.told.nodes[1]) else { panic!() };
        facts.start = start;
        let Err(NoPlan::Settling(nodes)) = plan_of(&case) else { panic!("it was not let alone") };
        assert_eq!(nodes, case.told.nodes[1..2]);
    }
    // All of the last view are there: that plan stops nothing, and waits for them itself.
    assert!(plan_of(&outage::case("whole-view-and-a-waiting-member")).is_ok());
}

fn stopped(plan: &Plan) -> Vec<&NodeName> {
    let stops =
        plan.steps().filter(|step| matches!(step.action, Action::Server(ServerAction::StopServer { .. })));
    stops.map(|step| &step.node).collect()
}

/// Its stop is no leave: beside a single member it would take the majority with it.
#[test]
fn a_joiner_is_not_stopped_for_the_restarts_of_other_days() {
    let case = outage::case("joiner-with-old-restarts");
    assert_eq!(stopped(&plan_of(&case).unwrap()), [&case.told.nodes[2]; 0]);
    let mut young = case.clone();
    let Some(Seen::Facts(facts)) = young.observation.nodes.get_mut(&case.told.nodes[1]) else { panic!() };
    facts.start = Some(ServerStart { age: 5, ..ServerStart::default() });
    let refusals = crate::support::refusals(&plan_of(&young));
    let refused: Vec<_> = refusals.iter().map(|it| (it.code, it.node.as_ref())).collect();
    assert_eq!(refused, [(codes::UNHEALTHY, Some(&case.told.nodes[1]))]);
}

/// Beside what else the plan does: what the stopped node holds is still to be read.
#[test]
fn a_plan_that_leaves_a_server_stopped_is_not_the_last() {
    let case = outage::case("looping-beside-the-primary");
    let plan = plan_of(&case).unwrap();
    assert_eq!(stopped(&plan), [&case.told.nodes[0]]);
    assert!(plan.steps().count() > 1 && is_preliminary(&plan));
    assert!(!is_preliminary(&plan_of(&outage::case("forced-lower-half")).unwrap()));
}

#[test]
fn what_was_never_a_member_is_left_alone() {
    let plan = plan_of(&outage::case("standalone-server-beside-them")).unwrap();
    assert!(plan.steps().all(|step| step.node.as_str() != "db1"));
}

/// All data would go to the file system below.
#[test]
fn nothing_is_started_where_a_file_system_is_not_mounted() {
    let plan = plan_of(&outage::case("forced-without-what-is-missing")).unwrap();
    assert!(plan.command.is_forced() && plan.discards.iter().any(|node| node.as_str() == "db1"));
    assert!(plan.steps().all(|step| step.node.as_str() != "db1"));
}

fn told(name: &str) -> String {
    match plan_of(&outage::case(name)) {
        Ok(plan) => text(&plan),
        Err(NoPlan::Refused(refusals)) => refusals_text(&refusals),
        Err(other) => other.to_string(),
    }
}

#[test]
fn plans_of_telling_outages() {
    for name in [
        "lone-survivor",
        "overtaken-in-the-last-view",
        "interrupted-transfer",
        "overtaken-beside-the-primary",
        "forced-lower-half",
        "first-join-failed-beside-own-databases",
        "data-directory-not-mounted",
        "forced-without-what-is-missing",
    ] {
        insta::assert_snapshot!(name, told(name));
    }
}

/// What stands above every verdict, and the verdict without a plan.
#[test]
fn evidence_as_it_is_shown() {
    let mut shown = String::new();
    for name in [
        "lone-survivor",
        "two-of-three-unreachable",
        "quorum-lost",
        "looping-beside-the-primary",
        "several-flags",
    ] {
        let case = outage::case(name);
        let evidence = Evidence { order: &case.told.nodes, observation: &case.observation };
        let table = galactl::ui::table(&HEADINGS, &table(&evidence));
        shown += &format!("{name}\n{table}{}\n", verdict_text(&evidence, &decide(&evidence)));
    }
    insta::assert_snapshot!(shown);
}

const DOCUMENT: &str = "docs/concepts/recovery.md";
const BEGIN: &str = "<!-- made by `GALACTL_BLESS=1 cargo test --test outages`, from tests/outages -->\n";
const END: &str = "<!-- end of what was made -->\n";

/// What came of one rule in one case.
enum Pick {
    Right(String),
    Wrong(String),
    None,
}

fn pick(case: &Case, rule: Choose) -> Pick {
    match rule(case) {
        Some(node) if case.told.acceptable.contains(&node) => Pick::Right(node.to_string()),
        Some(node) => Pick::Wrong(node.to_string()),
        None if case.told.acceptable.is_empty() => Pick::Right("none".into()),
        None => Pick::None,
    }
}

fn comparison() -> String {
    let cases: Vec<_> = outage::all().into_iter().filter(|case| case.told.seed.is_none()).collect();
    let (mut rows, mut counts) = (String::new(), [[0; 3]; 3]);
    for case in &cases {
        let _ = write!(rows, "| {} | {} ", case.name, case.told.expected.verdict);
        for ([right, wrong, none], (_, rule)) in counts.iter_mut().zip(RULES) {
            let (count, cell) = match pick(case, rule) {
                Pick::Right(node) => (right, node),
                Pick::Wrong(node) => (wrong, format!("**{node}**")),
                Pick::None => (none, "no answer".into()),
            };
            *count += 1;
            let _ = write!(rows, "| {cell} ");
        }
        rows += "|\n";
    }
    let names = RULES.map(|(name, _)| name).join(" | ");
    let line = |title: &str, ours: usize, which: usize| {
        let [one, two, three] = counts.map(|counts| counts[which]);
        format!("| {title} | {ours} | {one} | {two} | {three} |\n")
    };
    format!(
        "| {} outages | galactl | {names} |\n| --- | --- | --- | --- | --- |\n{}{}{}\n\
         | outage | galactl | {names} |\n| --- | --- | --- | --- | --- |\n{rows}",
        cases.len(),
        line("right", cases.len(), 0),
        line("**wrong**", 0, 1),
        line("no answer", 0, 2),
    )
}

#[test]
fn the_comparison_in_the_docs_is_of_this_corpus() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(DOCUMENT);
    let text = fs::read_to_string(&path).unwrap();
    let (before, rest) = text.split_once(BEGIN).expect("the table's begin");
    let (_, after) = rest.split_once(END).expect("the table's end");
    let wanted = format!("{before}{BEGIN}{}{END}{after}", comparison());
    if std::env::var_os("GALACTL_BLESS").is_some() {
        fs::write(&path, &wanted).unwrap();
        return;
    }
    assert!(text == wanted, "{DOCUMENT} is out of date: GALACTL_BLESS=1 cargo test --test outages");
}
