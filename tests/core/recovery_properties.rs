//! What holds of every recovery, whatever the evidence.

use std::collections::{BTreeMap, BTreeSet};

use galactl::galera::facts::{
    BootstrapRecord, ClusterStatus, Grastate, Gvwstate, HostFacts, LastView, Passed, Position, Recovered,
    SavedState, ServerAnswer, ServerStart,
};
use galactl::galera::model::{Gtid, Seqno, StateUuid};
use galactl::galera::observation::Observation;
use galactl::galera::plan;
use galactl::galera::plan::{Action, Choice, NoPlan, Plan, ServerAction};
use galactl::galera::recovery::{Decision, DoubtKind, Evidence, Fate, Rule, Verdict, decide, force};
use galactl::kernel::facts::Seen;
use galactl::kernel::model::NodeName;
use galactl::kernel::plan::{Command as _, text};
use proptest::prelude::*;

use crate::support::history::{Event, History};
use crate::support::{Changes, Component, Shape, World, fresh, name, uuid};

const CASES: u32 = 512;

fn config() -> ProptestConfig {
    ProptestConfig { cases: CASES, failure_persistence: None, ..ProptestConfig::default() }
}

/// One node's evidence.
#[derive(Debug, Clone)]
struct Clue {
    kind: Kind,
    state: u8,
    seqno: u64,
    flag: Option<bool>,
    /// Of a second source that need not agree with the first.
    other: Option<(u8, u64)>,
    view: Option<u8>,
    age: u64,
    restart: Option<u64>,
    passed: bool,
    own_database: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Unseen,
    /// Stopped: cleanly, crashed, with the zero UUID, without a usable grastate.dat.
    Clean,
    Crashed,
    Zero,
    Absent,
    Empty,
    Unreadable,
    /// Stopped, and its data tells nothing.
    Mute,
    /// Stopped, and left by a state transfer: its data tells, or not.
    HalfCopy,
    HalfCopyMute,
    OldLeftovers,
    Stranger,
    Waiting,
    WaitingMute,
    Primary,
    Starting,
    Looping,
    WsrepOff,
    Inconsistent,
    Stray,
}

fn kind() -> impl Strategy<Value = Kind> {
    prop_oneof![
        6 => Just(Kind::Clean),
        10 => Just(Kind::Crashed),
        2 => Just(Kind::Zero),
        2 => Just(Kind::Stranger),
        2 => Just(Kind::HalfCopyMute),
        3 => Just(Kind::Waiting),
        1 => prop::sample::select(vec![
            Kind::Unseen, Kind::Absent, Kind::Empty, Kind::Unreadable, Kind::Mute, Kind::HalfCopy,
            Kind::OldLeftovers, Kind::WaitingMute, Kind::Primary, Kind::Starting, Kind::Looping, Kind::WsrepOff,
            Kind::Inconsistent, Kind::Stray,
        ]),
    ]
}

/// `others`: how many of twenty nodes have a history of their own.
fn clue(others: u32) -> impl Strategy<Value = Clue> {
    let rarely = prop::bool::weighted(0.06);
    let second = prop::option::weighted(0.04, (1..3_u8, 0..12_u64));
    let what = (
        kind(),
        prop_oneof![20 - others => Just(1_u8), others => Just(2_u8)],
        0..12_u64,
        any::<Option<bool>>(),
        second,
    );
    let more = (
        prop::option::weighted(0.4, 0..3_u8),
        prop::sample::select(vec![10, 1000, 5000]),
        prop::option::weighted(0.08, 0..12_u64),
        any::<bool>(),
        rarely,
    );
    (what, more).prop_map(
        |((kind, state, seqno, flag, other), (view, age, restart, passed, own_database))| Clue {
            kind,
            state,
            seqno,
            flag,
            other,
            view,
            age,
            restart,
            passed,
            own_database,
        },
    )
}

fn at(state: u8, seqno: u64) -> Gtid {
    Gtid { uuid: uuid(state), seqno: Seqno::At(seqno) }
}

fn process(index: usize) -> String {
    format!("{index:08x}-ca1b-11f0-9c3c-9b3f0e3f35f2")
}

/// Views that nodes may have been in: of all, of all but the last, of oneself.
fn view(index: usize, nodes: usize, which: u8) -> Gvwstate {
    let members: BTreeSet<String> = match which {
        0 => (0..nodes).map(process).collect(),
        1 => (0..nodes.max(2) - 1).map(process).collect(),
        _ => BTreeSet::from([process(index)]),
    };
    Gvwstate::View(LastView { my_uuid: process(index), view_id: format!("3 x {which}"), members })
}

impl Clue {
    fn seen(&self, index: usize, nodes: usize) -> Seen<HostFacts> {
        match self.kind {
            Kind::Unseen => Seen::Unreachable("connection timed out".into()),
            _ => Seen::Facts(Box::new(self.facts(index, nodes))),
        }
    }

    fn facts(&self, index: usize, nodes: usize) -> HostFacts {
        let component = Component { seqno: self.seqno, uuid: uuid(self.state), ..Component::of(nodes) };
        let node = name(index);
        let mut host = match self.kind {
            Kind::Waiting | Kind::WaitingMute | Kind::Inconsistent => {
                fresh().non_primary(node.as_str(), &component)
            }
            Kind::Primary => fresh().member(node.as_str(), &component),
            Kind::WsrepOff => fresh().standalone(),
            Kind::Starting | Kind::Looping => fresh().activating(),
            Kind::Stray => fresh().stray(),
            _ => fresh(),
        };
        if let ServerAnswer::Live(live) = &mut host.server_answer {
            live.gcomm_uuid = process(index);
            match self.kind {
                Kind::WaitingMute => (live.state_uuid, live.last_committed) = (None, Seqno::Unknown),
                Kind::Inconsistent => {
                    live.cluster_status = ClusterStatus::Disconnected;
                    live.local_state = "Inconsistent".into();
                }
                Kind::Primary => live.conf_id = if self.other.is_some() { 1 } else { 9 },
                _ => {}
            }
        }
        let datadir = &mut host.datadir;
        datadir.grastate = self.grastate();
        datadir.grastate_age = Some(self.age);
        datadir.gvwstate = match self.view {
            Some(which) if !matches!(self.kind, Kind::Clean | Kind::Stranger) => view(index, nodes, which),
            _ => Gvwstate::Absent,
        };
        if matches!(self.kind, Kind::HalfCopy | Kind::HalfCopyMute | Kind::OldLeftovers) {
            datadir.sst_leftovers = vec!["sst_in_progress".into()];
        }
        host.unit.restarts = if self.kind == Kind::Looping { 9 } else { 0 };
        let mut host = host.schema("shop", 1 << 20);
        if self.own_database {
            host = host.schema("wiki", 1 << 20);
        }
        if let Some(seqno) = self.restart {
            let position = Some(at(self.state, seqno));
            if host.live().is_some() {
                host.start = Some(ServerStart { new_cluster: true, position, age: self.age });
            } else {
                host.bootstrap_record = Some(BootstrapRecord {
                    recovered: position,
                    age: self.age,
                    ..BootstrapRecord::default()
                });
            }
        }
        host
    }

    fn grastate(&self) -> Grastate {
        let saved = |uuid: StateUuid, seqno| {
            Grastate::Saved(SavedState { position: Gtid { uuid, seqno }, safe_to_bootstrap: self.flag })
        };
        match self.kind {
            Kind::Unseen | Kind::Absent | Kind::Stranger | Kind::WsrepOff => Grastate::Absent,
            Kind::Empty => Grastate::Empty,
            Kind::Unreadable => Grastate::parse(Some("\0\0")),
            Kind::Zero | Kind::HalfCopy | Kind::HalfCopyMute => {
                saved(crate::support::host::zero(), Seqno::Unknown)
            }
            Kind::Clean | Kind::OldLeftovers => saved(uuid(self.state), Seqno::At(self.seqno)),
            _ => saved(uuid(self.state), Seqno::Unknown),
        }
    }

    /// What the data of a stopped node tells.
    fn recovered(&self) -> Recovered {
        let position = match (self.kind, self.other) {
            (Kind::Mute | Kind::HalfCopyMute | Kind::OldLeftovers, _) => {
                Position::Unknown("it broke off".into())
            }
            (Kind::Stranger, _) | (Kind::Empty, None) => Position::None("its data holds no position".into()),
            (_, Some((state, seqno))) => Position::At(at(state, seqno)),
            (_, None) => Position::At(at(self.state, self.seqno)),
        };
        Recovered { position, last_write: Some(60) }
    }
}

fn world_of(clues: &[Clue]) -> World {
    let nodes = clues.len();
    let mut world = World::new(&Shape::of(nodes), []);
    let mut recovered = BTreeMap::new();
    for (index, clue) in clues.iter().enumerate() {
        let seen = clue.seen(index, nodes);
        if matches!(&seen, Seen::Facts(facts) if !facts.server_runs()) {
            recovered.insert(name(index), clue.recovered());
        }
        world.observation.nodes.insert(name(index), seen);
    }
    world.observation.recovered = Some(recovered);
    let restarts: Vec<Gtid> = clues.iter().filter_map(|clue| Some(at(clue.state, clue.restart?))).collect();
    for (index, clue) in clues.iter().enumerate() {
        if clue.passed && clue.kind != Kind::Unseen {
            let passed = restarts.iter().map(|position| Passed { position: position.clone(), age: None });
            world.facts_mut(&name(index)).passed = passed.collect();
        }
    }
    world
}

fn clues() -> impl Strategy<Value = Vec<Clue>> {
    prop::collection::vec(clue(1), 1..5)
}

fn with_a_primary() -> impl Strategy<Value = Vec<Clue>> {
    (clues(), any::<prop::sample::Index>()).prop_map(|(mut clues, which)| {
        let which = which.index(clues.len());
        clues[which].kind = Kind::Primary;
        clues
    })
}

fn parted() -> impl Strategy<Value = Vec<Clue>> {
    prop::collection::vec(clue(8), 2..5)
}

fn order(world: &World) -> Vec<NodeName> {
    world.observation.nodes.keys().cloned().collect()
}

fn decided(observation: &Observation, order: &[NodeName]) -> Verdict {
    decide(&Evidence { order, observation })
}

fn forced(world: &World, seed: &NodeName) -> Verdict {
    force(&Evidence { order: &order(world), observation: &world.observation }, seed)
}

fn planned(world: &World, seed: Option<&NodeName>) -> Result<Plan, NoPlan> {
    plan::recover(&world.basis(), &Choice { seed: seed.cloned(), keep_aside: false, ..Choice::default() })
}

/// How far a node is known to have got, read from the raw evidence and not by the rules.
fn known(observation: &Observation, node: &NodeName) -> Option<Gtid> {
    let facts = observation.facts(node)?;
    if let Some(live) = facts.live().filter(|live| live.wsrep_on) {
        return Some(Gtid { uuid: live.state_uuid.clone()?, seqno: live.last_committed });
    }
    match &observation.recovered.as_ref()?.get(node)?.position {
        Position::At(position) => Some(position.clone()),
        _ => facts.datadir.grastate.known_uuid().map(|uuid| {
            let Grastate::Saved(saved) = &facts.datadir.grastate else { unreachable!() };
            Gtid { uuid: uuid.clone(), seqno: saved.position.seqno }
        }),
    }
}

fn is_past(one: &Gtid, other: &Gtid) -> bool {
    matches!((one.seqno, other.seqno), (Seqno::At(one), Seqno::At(other)) if one > other)
}

/// Where a verdict that acts goes on from; a living component is left as it is.
fn base(verdict: &Verdict, observation: &Observation) -> Option<Gtid> {
    match &verdict.outcome {
        Decision::Start { position, .. } => Some(position.clone()),
        Decision::Restore { state, seqno, .. } => Some(Gtid { uuid: state.clone(), seqno: *seqno }),
        Decision::Reform { nodes, .. } => {
            let known = nodes.iter().filter_map(|node| known(observation, node));
            known.max_by_key(|position| i64::from(position.seqno))
        }
        _ => None,
    }
}

fn starts_something(verdict: &Verdict) -> bool {
    matches!(verdict.outcome, Decision::Start { .. } | Decision::Restore { .. } | Decision::Reform { .. })
}

fn any_primary(world: &World) -> bool {
    world.observation.seen().any(|(_, facts)| facts.is_primary())
}

fn fates(verdict: &Verdict) -> BTreeMap<NodeName, Fate> {
    verdict.standings.iter().map(|standing| (standing.node.clone(), standing.fate.clone())).collect()
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn nothing_known_is_past_the_winner_or_of_another_history(clues in clues()) {
        let world = world_of(&clues);
        let verdict = decided(&world.observation, &order(&world));
        let Some(base) = base(&verdict, &world.observation) else { return Ok(()) };
        for node in order(&world) {
            prop_assert!(world.observation.facts(&node).is_some(), "{node} is not seen");
            let Some(known) = known(&world.observation, &node) else { continue };
            prop_assert_eq!(&known.uuid, &base.uuid, "{}", node);
            prop_assert!(!is_past(&known, &base), "{node} is at {known}, and the cluster goes on from {base}");
        }
        for (node, fate) in fates(&verdict) {
            let transfer = world.facts(&node).datadir.grastate.known_uuid().is_none();
            prop_assert!(!fate.may_lose() || (transfer && matches!(fate, Fate::Unknown { .. })), "{node}: {fate:?}");
        }
    }

    #[test]
    fn a_cluster_is_started_unasked_only_from_a_node_with_a_state(clues in clues()) {
        let world = world_of(&clues);
        let verdict = decided(&world.observation, &order(&world));
        let sources = match &verdict.outcome {
            Decision::Start { node, ties, .. } => [vec![node.clone()], ties.clone()].concat(),
            Decision::Reform { nodes, .. } => nodes.clone(),
            _ => return Ok(()),
        };
        // Where no node has one, all of their data got equally far but for one statement.
        let known = verdict.rule != Rule::OnePosition;
        for node in sources {
            let datadir = &world.facts(&node).datadir;
            prop_assert!(!known || datadir.grastate.known_uuid().is_some(), "{node}: {:?}", datadir.grastate);
            prop_assert!(datadir.sst_leftovers.is_empty(), "{node}");
        }
    }

    #[test]
    fn beside_a_living_primary_nothing_is_started(clues in with_a_primary(), seed in any::<prop::sample::Index>()) {
        let world = world_of(&clues);
        let nodes = order(&world);
        prop_assert!(!starts_something(&decided(&world.observation, &nodes)));
        prop_assert!(!starts_something(&forced(&world, seed.get(&nodes))));
    }

    #[test]
    fn a_choice_names_what_it_loses(clues in clues(), seed in any::<prop::sample::Index>()) {
        let world = world_of(&clues);
        let nodes = order(&world);
        let verdict = forced(&world, seed.get(&nodes));
        let Some(base) = base(&verdict, &world.observation) else { return Ok(()) };
        for (node, fate) in fates(&verdict) {
            if fate == Fate::Source {
                continue;
            }
            let known = known(&world.observation, &node);
            let unseen = world.observation.facts(&node).is_none();
            let loses = known.is_some_and(|known| known.uuid != base.uuid || is_past(&known, &base));
            prop_assert!(fate.may_lose() || !(unseen || loses), "{node}: {fate:?}");
        }
        if verdict.rule == Rule::Forced && let Ok(plan) = planned(&world, Some(seed.get(&nodes))) {
            let losers = verdict.standings.iter().filter(|standing| standing.fate.may_lose());
            let losers: Vec<_> = losers.map(|standing| standing.node.clone()).collect();
            prop_assert_eq!(&plan.discards, &losers);
            prop_assert!(losers.is_empty() || plan.command.is_forced());
            let text = text(&plan);
            for loser in losers {
                let told = [format!("DISCARDED on {loser}:"), format!("GIVEN UP UNSEEN, {loser}:")];
                prop_assert!(told.iter().any(|words| text.contains(words)), "{text}");
            }
        }
    }

    #[test]
    fn a_plan_starts_nothing_that_may_be_lost(clues in clues(), seed in prop::option::of(any::<prop::sample::Index>())) {
        let world = world_of(&clues);
        let nodes = order(&world);
        let seed = seed.as_ref().map(|seed| seed.get(&nodes));
        let verdict = match seed {
            Some(seed) => forced(&world, seed),
            None => decided(&world.observation, &nodes),
        };
        let Ok(plan) = planned(&world, seed) else { return Ok(()) };
        let unseen = nodes.iter().any(|node| world.observation.facts(node).is_none());
        let fates = fates(&verdict);
        let mut running: BTreeSet<NodeName> =
            world.observation.seen().filter(|(_, facts)| facts.server_runs()).map(|(node, _)| node.clone()).collect();
        for step in plan.steps() {
            let Action::Server(action) = &step.action else { continue };
            let on_files = matches!(action, ServerAction::Forget { .. } | ServerAction::ClearTransfer { .. } | ServerAction::KeepAside { .. } | ServerAction::MarkSafe { .. });
            match action {
                ServerAction::RestartCluster { .. } => {
                    prop_assert!(!unseen || plan.command.is_forced());
                    let alone = |node: &NodeName| world.observation.facts(node).is_some_and(HostFacts::is_standalone);
                    prop_assert!(running.iter().all(alone), "{running:?} run");
                }
                ServerAction::StopServer { .. } => { running.remove(&step.node); }
                _ => {}
            }
            prop_assert!(!on_files || !running.contains(&step.node), "{}: its server runs", step.id);
            if on_files || matches!(action, ServerAction::Join { .. }) {
                let lost = fates.get(&step.node).is_some_and(Fate::may_lose);
                prop_assert!(!lost || (plan.command.is_forced() && plan.discards.contains(&step.node)), "{}", step.id);
            }
        }
    }

    #[test]
    fn the_order_of_the_nodes_decides_ties_alone(clues in clues(), by in any::<prop::sample::Index>()) {
        let world = world_of(&clues);
        let nodes = order(&world);
        let mut turned = nodes.clone();
        turned.rotate_left(by.index(nodes.len()));
        turned.reverse();
        let (one, two) = (decided(&world.observation, &nodes), decided(&world.observation, &turned));
        prop_assert_eq!(one.rule, two.rule);
        let doubts = |verdict: &Verdict| -> BTreeSet<String> {
            // Of two Primary components the second one is named.
            let named = |doubt: &galactl::galera::recovery::Doubt| doubt.node.clone().filter(|_| !any_primary(&world));
            verdict.doubts.iter().map(|doubt| format!("{:?} {:?}", doubt.kind, named(doubt))).collect()
        };
        prop_assert_eq!(doubts(&one), doubts(&two));
        let tied = |verdict: &Verdict| match &verdict.outcome {
            Decision::Start { node, ties, .. } => ties.iter().chain([node]).cloned().collect(),
            Decision::Reform { nodes, .. } | Decision::Stop { nodes } => nodes.iter().cloned().collect(),
            _ => BTreeSet::new(),
        };
        prop_assert_eq!(tied(&one), tied(&two));
        prop_assert_eq!(std::mem::discriminant(&one.outcome), std::mem::discriminant(&two.outcome));
        prop_assert_eq!(base(&one, &world.observation), base(&two, &world.observation));
        if one.source() == two.source() && !matches!(one.outcome, Decision::Reform { .. }) {
            // Of several witnesses of a broken history, the first is named.
            let fates = |verdict: &Verdict| -> Vec<_> {
                let unnamed = |(node, fate)| match fate {
                    Fate::Unproven { .. } => (node, Fate::Unproven { why: String::new() }),
                    other => (node, other),
                };
                fates(verdict).into_iter().map(unnamed).collect()
            };
            prop_assert_eq!(fates(&one), fates(&two));
        }
    }

    #[test]
    fn more_evidence_heals_no_divergence(clues in parted(), hidden in prop::collection::vec(0..3_u8, 4)) {
        let all = world_of(&clues);
        let mut less = all.clone();
        for (index, how) in hidden.iter().take(clues.len()).enumerate() {
            let node = name(index);
            let recovered = less.observation.recovered.as_mut().unwrap();
            match how {
                0 => {
                    recovered.remove(&node);
                    less.lose(&node);
                }
                1 => {
                    recovered.entry(node).and_modify(|it| it.position = Position::Unknown("it broke off".into()));
                }
                _ => {}
            }
        }
        let nodes = order(&all);
        let before = decided(&less.observation, &nodes);
        if before.doubts.iter().any(|doubt| doubt.kind == DoubtKind::Diverged) {
            prop_assert!(!starts_something(&decided(&all.observation, &nodes)));
        }
    }
}

/// What happens to a cluster with one careful operator.
fn events() -> impl Strategy<Value = Vec<Event>> {
    let event = prop_oneof![
        4 => (1..4_u8).prop_map(Event::Commit),
        3 => (0..4_usize).prop_map(Event::Crash),
        3 => (0..4_usize).prop_map(Event::Stop),
        5 => (0..4_usize).prop_map(Event::Join),
        2 => Just(Event::Recover),
        2 => prop::sample::select(vec![60, 5000]).prop_map(Event::Time),
    ];
    prop::collection::vec(event, 1..40)
}

proptest! {
    #![proptest_config(config())]

    /// No false alarm, and no row lost, however often the cluster went down.
    #[test]
    fn an_honest_history_always_goes_on(nodes in 1..5_usize, events in events()) {
        let mut history = History::bootstrapped(nodes);
        for event in &events {
            history.happens(event);
        }
        let verdict = history.verdict();
        prop_assert!(verdict.source().is_some() || starts_something(&verdict), "{verdict:#?}\n{history:#?}");
        prop_assert_eq!(history.lost(&verdict), vec![]);
        prop_assert!(verdict.standings.iter().all(|it| !it.fate.may_lose()), "{verdict:#?}\n{history:#?}");
    }
}
