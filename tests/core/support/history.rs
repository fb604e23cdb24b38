//! A cluster that lives through commits, crashes, stops and recoveries, and leaves on its hosts what
//! Galera and galactl leave there. Unlike a host, it knows what was committed.

use std::collections::{BTreeMap, BTreeSet};

use galactl::galera::facts::{
    BootstrapRecord, Grastate, Gvwstate, HostFacts, LastView, Passed, Position, Recovered, SavedState,
    ServerStart,
};
use galactl::galera::model::{Gtid, Seqno};
use galactl::galera::observation::Observation;
use galactl::galera::recovery::{Decision, Evidence, Verdict, decide};
use galactl::kernel::facts::Seen;
use galactl::kernel::model::NodeName;

use super::cluster::{address, name};
use super::host::{Changes, Component, fresh, uuid};

#[derive(Debug, Clone)]
pub enum Event {
    Commit(u8),
    Crash(usize),
    Stop(usize),
    /// The unit is started, by galactl.
    Join(usize),
    /// `galactl recover`, carried out.
    Recover,
    /// Somebody sets the flag and bootstraps, wherever the others are.
    ByHand(usize),
    Time(u64),
}

/// A write-set: which one it is among all that ever were, and whether it has rows.
type WriteSet = (u64, bool);

#[derive(Debug, Clone, Default)]
struct Node {
    log: Vec<WriteSet>,
    runs: bool,
    process: String,
    /// grastate.dat: the seqno, the flag, and when it was written.
    saved: Option<(Seqno, bool, u64)>,
    view: Option<LastView>,
    passed: Vec<Gtid>,
    record: Option<(Option<Gtid>, u64)>,
    start: Option<(Gtid, u64)>,
}

#[derive(Debug, Clone)]
pub struct History {
    nodes: Vec<Node>,
    primary: BTreeSet<usize>,
    clock: u64,
    count: u64,
    /// Somebody has started a cluster behind another node's back.
    pub by_hand: bool,
}

impl History {
    /// A cluster of one, and hosts that were never in it.
    pub fn bootstrapped(nodes: usize) -> Self {
        let mut history = Self {
            nodes: vec![Node::default(); nodes],
            primary: BTreeSet::new(),
            clock: 0,
            count: 0,
            by_hand: false,
        };
        history.nodes[0].record = Some((None, 0));
        history.run(0);
        history.new_view(BTreeSet::from([0]));
        history
    }

    pub fn happens(&mut self, event: &Event) {
        self.clock += 1;
        let size = self.nodes.len();
        match event {
            Event::Commit(count) => (0..*count).for_each(|_| self.commit(true)),
            Event::Crash(node) => self.end(node % size, false),
            Event::Stop(node) => self.end(node % size, true),
            Event::Join(node) => self.join(node % size),
            Event::Recover => drop(self.recover()),
            Event::ByHand(node) => self.start_by_hand(node % size),
            Event::Time(seconds) => self.clock += seconds,
        }
    }

    /// Carries out what galactl decides.
    pub fn recover(&mut self) -> Verdict {
        let verdict = self.verdict();
        match &verdict.outcome {
            Decision::Start { node, position, .. } => {
                let node = self.index(node);
                self.nodes[node].record = Some((Some(position.clone()), self.clock));
                self.nodes[node].passed.push(position.clone());
                self.run(node);
                self.new_view(BTreeSet::from([node]));
            }
            Decision::Reform { nodes, .. } => {
                let members: BTreeSet<usize> = nodes.iter().map(|node| self.index(node)).collect();
                for node in &members {
                    self.nodes[*node].runs = true;
                    self.nodes[*node].start = None;
                }
                self.level(&members);
                self.new_view(members);
            }
            Decision::Restore { node, .. } => {
                let node = self.index(node);
                let position = self.position(node);
                self.nodes[node].record = Some((Some(position.clone()), self.clock));
                let members: BTreeSet<usize> =
                    (0..self.nodes.len()).filter(|it| self.nodes[*it].runs).collect();
                for other in &members {
                    self.nodes[*other].passed.push(position.clone());
                }
                self.level(&members);
                self.new_view(members);
            }
            _ => {}
        }
        verdict
    }

    /// The rows that a verdict throws away unasked: whose, and how many.
    pub fn lost(&self, verdict: &Verdict) -> Vec<(NodeName, usize)> {
        let source = match &verdict.outcome {
            Decision::Reform { nodes, .. } => {
                nodes.iter().max_by_key(|node| self.nodes[self.index(node)].log.len())
            }
            _ => verdict.source(),
        };
        let Some(source) = source else { return Vec::new() };
        let kept: BTreeSet<_> = self.nodes[self.index(source)].log.iter().collect();
        let given_up = verdict.standings.iter().filter(|standing| !standing.fate.may_lose());
        let lost = given_up.map(|standing| {
            let log = &self.nodes[self.index(&standing.node)].log;
            (standing.node.clone(), log.iter().filter(|it| it.1 && !kept.contains(it)).count())
        });
        lost.filter(|(_, rows)| *rows > 0).collect()
    }

    pub fn verdict(&self) -> Verdict {
        let order: Vec<NodeName> = (0..self.nodes.len()).map(name).collect();
        decide(&Evidence { order: &order, observation: &self.observation() })
    }

    fn index(&self, node: &NodeName) -> usize {
        (0..self.nodes.len()).find(|index| name(*index) == *node).unwrap()
    }

    fn position(&self, node: usize) -> Gtid {
        let last = self.nodes[node].log.len() as u64;
        Gtid { uuid: uuid(1), seqno: Seqno::At(last) }
    }

    fn commit(&mut self, rows: bool) {
        self.count += 1;
        for node in &self.primary {
            self.nodes[*node].log.push((self.count, rows));
        }
    }

    /// A process of its own; what galactl starts has no view to go on from.
    fn run(&mut self, node: usize) {
        self.count += 1;
        let process = format!("{:08x}-ca1b-11f0-9c3c-9b3f0e3f35f2", self.count);
        let node = &mut self.nodes[node];
        (node.runs, node.process, node.view, node.start) = (true, process, None, None);
    }

    /// Everybody gets what the furthest has.
    fn level(&mut self, members: &BTreeSet<usize>) {
        let furthest = members.iter().map(|node| &self.nodes[*node].log).max_by_key(|log| log.len());
        let log = furthest.cloned().unwrap_or_default();
        for node in members {
            self.nodes[*node].log.clone_from(&log);
        }
    }

    /// A view takes a seqno of its own.
    fn new_view(&mut self, members: BTreeSet<usize>) {
        self.primary = members;
        self.commit(false);
        let names: BTreeSet<String> = self.primary.iter().map(|it| self.nodes[*it].process.clone()).collect();
        let alone = self.primary.len() == 1;
        for node in self.primary.clone() {
            let node = &mut self.nodes[node];
            node.saved = Some((Seqno::Unknown, alone, self.clock));
            let view_id = format!("3 {} {}", names.first().unwrap(), self.count);
            node.view = Some(LastView { my_uuid: node.process.clone(), view_id, members: names.clone() });
        }
    }

    fn end(&mut self, node: usize, cleanly: bool) {
        if !self.nodes[node].runs {
            return;
        }
        let last = self.nodes[node].log.len() as u64;
        let clock = self.clock;
        let gone = &mut self.nodes[node];
        gone.runs = false;
        gone.start = None;
        if cleanly {
            gone.view = None;
            let flag = gone.saved.is_some_and(|(_, flag, _)| flag);
            gone.saved = Some((Seqno::At(last), flag, clock));
        }
        let size = self.primary.len();
        if !self.primary.remove(&node) || self.primary.is_empty() {
            return;
        }
        let rest = std::mem::take(&mut self.primary);
        if cleanly || rest.len() * 2 > size {
            self.new_view(rest);
        }
    }

    fn join(&mut self, node: usize) {
        if self.nodes[node].runs || self.primary.is_empty() {
            return;
        }
        // It is not let in where its data is not certainly a part of the cluster's.
        let verdict = self.verdict();
        let fate = verdict.standings.iter().find(|standing| standing.node == name(node));
        if fate.is_none_or(|standing| standing.fate.may_lose()) {
            return;
        }
        let mut restarts: Vec<Gtid> = self.nodes.iter().flat_map(|it| it.passed.clone()).collect();
        restarts.extend(self.nodes.iter().filter_map(|it| it.record.clone()?.0));
        restarts.extend(self.nodes.iter().filter_map(|it| Some(it.start.clone()?.0)));
        self.run(node);
        self.nodes[node].passed.extend(restarts);
        let source = *self.primary.first().unwrap();
        self.nodes[node].log = self.nodes[source].log.clone();
        let mut members = self.primary.clone();
        members.insert(node);
        self.new_view(members);
    }

    fn start_by_hand(&mut self, node: usize) {
        if self.nodes.iter().any(|it| it.runs) || self.nodes[node].log.is_empty() {
            return;
        }
        let position = self.position(node);
        self.run(node);
        self.nodes[node].start = Some((position, self.clock));
        self.by_hand = true;
        self.new_view(BTreeSet::from([node]));
    }

    /// What a look at the hosts tells.
    pub fn observation(&self) -> Observation {
        let mut observation = Observation::default();
        let mut recovered = BTreeMap::new();
        for (index, node) in self.nodes.iter().enumerate() {
            let facts = self.facts(index, node);
            if !facts.server_runs() {
                let position = match node.log.is_empty() {
                    true => Position::None("its data holds no position".into()),
                    false => Position::At(self.position(index)),
                };
                recovered.insert(name(index), Recovered { position, last_write: None });
            }
            observation.nodes.insert(name(index), Seen::Facts(Box::new(facts)));
        }
        observation.recovered = Some(recovered);
        observation
    }

    fn facts(&self, index: usize, node: &Node) -> HostFacts {
        let component = Component {
            seqno: node.log.len() as u64,
            members: self.primary.iter().map(|member| address(*member)).collect(),
            size: self.primary.len() as u64,
            ..Component::of(1)
        };
        let label = name(index);
        let mut facts = match (node.runs, self.primary.contains(&index)) {
            (true, true) => fresh().member(label.as_str(), &component),
            (true, false) => fresh().non_primary(label.as_str(), &component),
            _ => fresh(),
        };
        if let galactl::galera::facts::ServerAnswer::Live(live) = &mut facts.server_answer {
            live.gcomm_uuid.clone_from(&node.process);
        }
        let age = |since: u64| self.clock - since;
        facts.datadir.grastate = node.saved.map_or(Grastate::Absent, |(seqno, flag, _)| {
            let position = Gtid { uuid: uuid(1), seqno };
            Grastate::Saved(SavedState { position, safe_to_bootstrap: Some(flag) })
        });
        facts.datadir.grastate_age = node.saved.map(|(_, _, since)| age(since));
        facts.datadir.gvwstate = node.view.clone().map_or(Gvwstate::Absent, Gvwstate::View);
        let passed = |position: &Gtid| Passed { position: position.clone(), age: None };
        facts.passed = node.passed.iter().map(passed).collect();
        facts.bootstrap_record = node.record.clone().map(|(recovered, since)| BootstrapRecord {
            state_uuid: Some(uuid(1)),
            recovered,
            age: age(since),
            ..BootstrapRecord::default()
        });
        facts.start = node.start.clone().map(|(position, since)| ServerStart {
            new_cluster: true,
            position: Some(position),
            age: age(since),
        });
        facts
    }
}
