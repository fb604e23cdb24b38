//! What a cluster goes on from after an outage: cases with their verdicts, and what holds of every verdict.

use std::collections::BTreeMap;

use galactl::kernel::model::NodeName;
use galactl::patroni::facts::{History, Line, Lsn, Switch, SyncKey, SystemId, Timeline};
use galactl::patroni::recovery::{
    Decision, Evidence, Fate, Held, Holding, NodeEvidence, Rule, Verdict, decide, force, sentence, table,
};
use proptest::prelude::*;
use serde::Deserialize;

const CASES: &str = include_str!("../../outages-patroni/cases.yaml");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    case: String,
    nodes: BTreeMap<NodeName, String>,
    #[serde(default)]
    sync: Vec<String>,
    #[serde(default)]
    quorum: u16,
    #[serde(default)]
    named: bool,
    mode: Option<String>,
    #[serde(default)]
    uncompared: Vec<(NodeName, NodeName)>,
    seed: Option<NodeName>,
    expected: String,
    #[serde(default)]
    fates: Vec<String>,
    remark: Option<String>,
    #[serde(rename = "plain patroni would have")]
    plain: String,
}

fn cases() -> Vec<Case> {
    serde_yaml::from_str(CASES).expect("cases")
}

pub fn system(number: u8) -> SystemId {
    format!("730000000000000000{number}").parse().unwrap()
}

/// A part of a history: number of the timeline, which branch of that number it is, and where it ends.
pub type Part = (u32, String, u64);

/// `1:3000 2b:3600`.
fn parts(words: &[&str]) -> Vec<Part> {
    let part = |word: &&str| {
        let (timeline, end) = word.split_once(':').expect("TIMELINE:END");
        let digits = timeline.find(|c: char| !c.is_ascii_digit()).unwrap_or(timeline.len());
        let (number, branch) = timeline.split_at(digits);
        (number.parse().unwrap(), branch.to_owned(), u64::from_str_radix(end, 16).unwrap())
    };
    words.iter().map(part).collect()
}

pub fn line(parts: &[Part], of: u8) -> Line {
    let timeline = |number| Timeline::new(number).unwrap();
    let (last, ancestors) = parts.split_last().expect("a timeline");
    let switch = |(number, _, at): &Part| Switch {
        timeline: timeline(*number),
        at: Lsn::new(*at),
        reason: "no recovery target specified".into(),
    };
    Line {
        system_id: system(of),
        timeline: timeline(last.0),
        history: Some(History(ancestors.iter().map(switch).collect())),
        first_records: BTreeMap::new(),
        end: Lsn::new(last.2),
    }
}

/// A node's evidence, and the parts of its history where it has data.
fn node(name: &NodeName, text: &str) -> (NodeEvidence, Vec<Part>) {
    let words: Vec<_> = text.split_whitespace().collect();
    let has = |word: &str| words.contains(&word);
    let parts = parts(&words.iter().copied().filter(|word| word.contains(':')).collect::<Vec<_>>());
    let line = (!parts.is_empty()).then(|| line(&parts, if has("system2") { 2 } else { 1 }));
    let holding = match line {
        Some(line) if has("primary") => Holding::Primary(Some(line)),
        Some(line) if has("runs") => Holding::Runs { what: "Patroni and a standby".into(), line: Some(line) },
        Some(line) => {
            Holding::Data(Held { line, clean: false, checkpoint: "Sun Nov 29 12:00:00 2026".into() })
        }
        None if has("unseen") => Holding::Unseen("no route to host".into()),
        None if has("none") => Holding::Nothing,
        None if has("patroni") => Holding::Runs { what: "Patroni".into(), line: None },
        None if has("unclear") => Holding::Unclear("pg_controldata cannot read it".into()),
        None => panic!("{text}"),
    };
    (NodeEvidence { name: name.clone(), may_lead: !has("nofailover"), holding }, parts)
}

/// Whether the WAL of two histories is the same before the last place that both go through: it is where all their
/// branches up to there are.
pub fn same(one: &[Part], other: &[Part], up_to: u32) -> bool {
    let branches = |parts: &[Part]| {
        let parts = parts.iter().filter(|(number, ..)| *number <= up_to);
        parts.map(|(number, branch, _)| (*number, branch.clone())).collect::<Vec<_>>()
    };
    branches(one) == branches(other)
}

/// The evidence of nodes with these histories, all of it compared but for some pairs.
fn compared(
    nodes: Vec<(NodeEvidence, Vec<Part>)>,
    uncompared: &[(NodeName, NodeName)],
    base: Evidence,
) -> Evidence {
    let all: Vec<_> = nodes.iter().map(|(node, parts)| (node.clone(), parts.clone())).collect();
    let mut evidence = Evidence { nodes: nodes.into_iter().map(|(node, _)| node).collect(), ..base };
    for (at, (one, own)) in all.iter().enumerate() {
        for (other, others) in &all[at + 1..] {
            let (Some(a), Some(b)) = (one.line(), other.line()) else { continue };
            let Ok(place) = galactl::patroni::facts::meeting(a, b) else { continue };
            if uncompared.contains(&(one.name.clone(), other.name.clone())) {
                continue;
            }
            let known = evidence.compared.entry(one.name.clone()).or_default();
            known.insert(other.name.clone(), same(own, others, place.timeline.number()));
        }
    }
    evidence
}

fn nothing() -> Evidence {
    Evidence { nodes: Vec::new(), sync: None, named: [].into(), synchronous: true, compared: BTreeMap::new() }
}

fn evidence(case: &Case) -> Evidence {
    let sync = case.sync.split_first().map(|(leader, standbys)| SyncKey {
        leader: Some(leader.clone()),
        standbys: standbys.to_vec(),
        quorum: case.quorum,
    });
    let base = Evidence {
        sync,
        named: case.named.then(|| system(1)).into_iter().collect(),
        synchronous: case.mode.as_deref() != Some("off"),
        ..nothing()
    };
    compared(case.nodes.iter().map(|(name, text)| node(name, text)).collect(), &case.uncompared, base)
}

fn verdict(case: &Case) -> Verdict {
    let evidence = evidence(case);
    match &case.seed {
        Some(seed) => force(&evidence, seed),
        None => decide(&evidence),
    }
}

fn outcome(verdict: &Verdict) -> String {
    let names = |nodes: &[NodeName]| nodes.iter().map(NodeName::as_str).collect::<Vec<_>>().join(" ");
    match &verdict.outcome {
        Decision::Led { leader } => format!("led {leader}"),
        Decision::Stop { nodes } => format!("stop {}", names(nodes)),
        Decision::NoData => "no data".into(),
        Decision::Start { first, .. } if verdict.rule == Rule::Forced => format!("forced {first}"),
        Decision::Start { first, .. } => format!("start {first}"),
        Decision::Refused => {
            let kind = serde_json::to_value(verdict.doubts[0].kind).unwrap();
            format!("refused {}", kind.as_str().unwrap())
        }
    }
}

fn fate(fate: &Fate) -> String {
    match fate {
        Fate::Source => "source".into(),
        Fate::Running => "running".into(),
        Fate::Behind { bytes } => format!("behind {bytes:x}"),
        Fate::Copies => "copies".into(),
        Fate::Ahead { bytes, .. } => format!("ahead {bytes:x}"),
        Fate::Forked { bytes, exact: true, .. } => format!("forked {bytes:x}"),
        Fate::Forked { bytes, exact: false, .. } => format!("forked at most {bytes:x}"),
        Fate::Stranger { .. } => "stranger".into(),
        Fate::Unknown { .. } => "unknown".into(),
    }
}

#[test]
fn every_outage_has_its_verdict() {
    let cases = cases();
    assert!(cases.len() >= 30);
    let mut wrong = Vec::new();
    for case in &cases {
        let verdict = verdict(case);
        let fates: Vec<_> = verdict.standings.iter().map(|standing| fate(&standing.fate)).collect();
        let remark =
            case.remark.as_ref().is_none_or(|it| verdict.remarks.iter().any(|told| told.starts_with(it)));
        if outcome(&verdict) != case.expected || fates != case.fates || !remark || case.plain.is_empty() {
            wrong.push(format!("{}: {} {fates:?} {:?}", case.case, outcome(&verdict), verdict.doubts));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_loss_is_said_in_bytes_with_its_time() {
    let case = cases().into_iter().find(|case| case.case == "two-promoted-apart-forced").unwrap();
    let (evidence, verdict) = (evidence(&case), verdict(&case));
    let told: Vec<_> = verdict.standings.iter().map(|standing| sentence(&evidence, standing)).collect();
    insta::assert_snapshot!(told.join("\n"));
    assert_eq!(table(&evidence)[1][1..5], ["crashed", "7300000000000000001", "2", "0/3600"]);
}

/// What happened to a cluster: writes that some nodes receive, promotions, and stops.
#[derive(Debug, Clone)]
pub enum Event {
    /// A primary writes, and these nodes receive it as far as they follow its history.
    Write { by: usize, receivers: u8, bytes: u64 },
    /// A node becomes a primary of its own, whoever else is one.
    Promote(usize),
    /// A node follows another from its end on, where that holds all it has.
    Follow { node: usize, primary: usize },
}

pub fn events() -> impl Strategy<Value = Vec<Event>> {
    let event = prop_oneof![
        4 => (0usize..4, any::<u8>(), 1u64..0x400).prop_map(|(by, receivers, bytes)| Event::Write { by, receivers, bytes }),
        1 => (0usize..4).prop_map(Event::Promote),
        2 => (0usize..4, 0usize..4).prop_map(|(node, primary)| Event::Follow { node, primary }),
    ];
    prop::collection::vec(event, 1..16)
}

/// What each node holds: parts with a branch for each promotion and for each write that another did not get first.
pub fn played(events: &[Event]) -> Vec<Vec<Part>> {
    let mut nodes = vec![vec![(1, String::new(), 0x1000u64)]; 4];
    let (mut primaries, mut branches) = (vec![0usize], 0u32);
    for event in events {
        match event {
            Event::Write { by, receivers, bytes } if primaries.contains(by) => {
                let before = nodes[*by].clone();
                nodes[*by].last_mut().unwrap().2 += bytes;
                let after = nodes[*by].clone();
                for (at, node) in nodes.iter_mut().enumerate() {
                    if receivers & (1 << at) != 0 && !primaries.contains(&at) && *node == before {
                        node.clone_from(&after);
                    }
                }
            }
            Event::Promote(node) if !primaries.contains(node) => {
                let (number, _, end) = *nodes[*node].last().unwrap();
                // Each of its own length, so that no two branches are equal by chance.
                branches += 1;
                nodes[*node].push((number + 1, format!("b{branches}"), end + 0x10000 * u64::from(branches)));
                primaries.push(*node);
            }
            Event::Follow { node, primary } if primaries.contains(primary) && !primaries.contains(node) => {
                if holds(&nodes[*primary], &nodes[*node]) {
                    nodes[*node] = nodes[*primary].clone();
                }
            }
            Event::Write { .. } | Event::Promote(_) | Event::Follow { .. } => {}
        }
    }
    nodes
}

/// The truth: all bytes of `other` are in `one`, at their places.
pub fn holds(one: &[Part], other: &[Part]) -> bool {
    let Some(((number, branch, end), ancestors)) = other.split_last() else { return true };
    let begins = one.len() > ancestors.len() && one[..ancestors.len()] == *ancestors;
    begins && {
        let (own_number, own_branch, own_end) = &one[ancestors.len()];
        (own_number, own_branch) == (number, branch) && own_end >= end
    }
}

/// How many bytes of `other` are not in `one`: from where the two part to its end.
fn of_its_own(one: &[Part], other: &[Part]) -> u64 {
    let common = one.iter().zip(other).take_while(|(own, others)| own == others).count();
    let end = other.last().map_or(0, |part| part.2);
    let parts_at = match (one.get(common), other.get(common)) {
        (_, None) => return 0,
        (Some(own), Some(others)) if own.1 == others.1 && own.0 == others.0 => own.2.min(others.2),
        _ => common.checked_sub(1).map_or(0, |at| other[at].2),
    };
    end - parts_at
}

fn evidence_of(histories: &[Vec<Part>]) -> Evidence {
    let nodes = histories.iter().enumerate().map(|(at, parts)| {
        let name: NodeName = format!("pg{at}").parse().unwrap();
        let held = Held { line: line(parts, 1), clean: true, checkpoint: String::new() };
        (NodeEvidence { name, may_lead: true, holding: Holding::Data(held) }, parts.clone())
    });
    compared(nodes.collect(), &[], nothing())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whoever is chosen holds all that every other node has; and where somebody does, one is chosen.
    #[test]
    fn the_chosen_one_holds_all(events in events()) {
        let histories = played(&events);
        let evidence = evidence_of(&histories);
        let verdict = decide(&evidence);
        let all = |one: &Vec<Part>| histories.iter().all(|other| holds(one, other));
        match &verdict.outcome {
            Decision::Start { first, .. } => {
                let at: usize = first.as_str()[2..].parse().unwrap();
                prop_assert!(all(&histories[at]), "{first} of {histories:x?}");
                prop_assert!(verdict.standings.iter().all(|it| !it.fate.may_lose()));
            }
            Decision::Refused => prop_assert!(!histories.iter().any(all), "{histories:x?}: {:?}", verdict.doubts),
            other => prop_assert!(false, "{other:?}"),
        }
    }

    /// What a forced choice gives up is said: a node that is not said to lose anything is held by the seed.
    #[test]
    fn no_loss_is_left_unsaid(events in events(), seed in 0usize..4) {
        let histories = played(&events);
        let evidence = evidence_of(&histories);
        let verdict = force(&evidence, &format!("pg{seed}").parse().unwrap());
        for (at, standing) in verdict.standings.iter().enumerate() {
            let held = holds(&histories[seed], &histories[at]);
            prop_assert_eq!(held, !standing.fate.may_lose(), "{:?} of {:x?}", standing, histories);
            let own = of_its_own(&histories[seed], &histories[at]);
            match standing.fate {
                Fate::Ahead { bytes, .. } | Fate::Forked { bytes, exact: true, .. } => prop_assert_eq!(bytes, own),
                Fate::Forked { bytes, exact: false, .. } => prop_assert!(bytes >= own, "{:x?}", histories),
                _ => {}
            }
        }
    }

    /// One node that is not seen, or cannot be read, and nothing is started unasked.
    #[test]
    fn what_is_not_known_is_never_overridden(events in events(), at in 0usize..4, unseen in any::<bool>()) {
        let mut evidence = evidence_of(&played(&events));
        evidence.nodes[at].holding = match unseen {
            true => Holding::Unseen("no route".into()),
            false => Holding::Unclear("no end".into()),
        };
        let verdict = decide(&evidence);
        prop_assert!(verdict.outcome == Decision::Refused, "{verdict:?}");
    }
}
