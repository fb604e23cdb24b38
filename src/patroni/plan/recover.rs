//! After an outage: a verdict → the plan that carries it out.

mod founding;
pub(super) mod store;

use store::Store;

use super::begin::begin;
use super::led::may_elect;
use super::no_plan::refuse;
use super::stages::{PATIENCE_SECONDS, verify};
use super::{Command, NoPlan, PatroniAction, Plan, Step, preparation, seed};
use crate::kernel::judge::{Finding, PLACE, Remedy};
use crate::kernel::model::NodeName;
use crate::kernel::plan::Width;
use crate::patroni::config::{DynamicConfig, bin_dir};
use crate::patroni::facts::{HostFacts, Line, Lsn, ScopeKeys};
use crate::patroni::inventory::{Node, SyncMode};
use crate::patroni::judge::birth::{elsewhere, removal};
use crate::patroni::judge::{Basis, codes, hosts, nodes, reach, whole};
use crate::patroni::model::Software;
use crate::patroni::observation::Store as Keys;
use crate::patroni::recovery::{
    Decision, Doubt, DoubtKind, Evidence, Fate, Holding, Rule, Standing, Verdict, decide, force, gather,
    sentence,
};
use crate::patroni::software;

/// What the user decides of a recovery.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choice {
    /// Go on from this node, whatever that discards.
    pub seed: Option<NodeName>,
    /// Put the data aside that would be overwritten.
    pub keep_aside: bool,
}

/// Plans the recovery of the inventory's cluster. Where something stands in the way of reading the data, the plan is a
/// preliminary one, and the same command has to run again after it.
///
/// Errors: every reason not to go on. [`NoPlan::Electing`]: wait for a primary first. [`NoPlan::PositionsWanted`]: the
/// data of the stopped nodes was not asked how far it got.
pub fn recover(basis: &Basis<'_>, choice: &Choice) -> Result<Plan, NoPlan> {
    if choice.seed.is_none() {
        refuse(reach::unseen(basis))?;
    }
    refuse(hosts::refusals(basis))?;
    let Some(software) = software::of_all(basis.observation) else {
        return Err(NoPlan::Refused(reach::unseen(basis)));
    };
    let observation = basis.observation;
    if !observation.awaited && may_elect(basis) {
        return Err(NoPlan::Electing);
    }
    if observation.recovered.is_none() {
        return Err(NoPlan::PositionsWanted);
    }
    let evidence = gather(basis);
    let verdict = match &choice.seed {
        Some(seed) => force(&evidence, seed),
        None => decide(&evidence),
    };
    Recovery { basis, evidence: &evidence, choice, verdict: &verdict, software }.plan()
}

struct Recovery<'a, 'b> {
    basis: &'a Basis<'b>,
    evidence: &'a Evidence,
    choice: &'a Choice,
    verdict: &'a Verdict,
    software: Software,
}

impl Recovery<'_, '_> {
    fn plan(&self) -> Result<Plan, NoPlan> {
        if !matches!(self.verdict.outcome, Decision::Led { .. }) {
            refuse(elsewhere(self.basis).into_iter().collect())?;
        }
        match &self.verdict.outcome {
            Decision::Led { leader } => self.follow(leader),
            Decision::Stop { nodes } => self.stop(nodes),
            Decision::Refused | Decision::NoData | Decision::Start { .. }
                if founding::cut_off(self.basis) =>
            {
                founding::begin_again(self.basis, self.begin(true))
            }
            Decision::Refused => Err(NoPlan::Refused(self.refusals())),
            Decision::NoData => Err(NoPlan::Refused(vec![self.nothing()])),
            Decision::Start { first, line, .. } => self.start(first, line),
        }
    }

    fn begin(&self, preliminary: bool) -> Plan {
        let forced = self.verdict.rule == Rule::Forced
            || self.choice.seed.is_some() && !self.verdict.doubts.is_empty();
        let Choice { seed, keep_aside, .. } = self.choice.clone();
        let mut plan = begin(self.basis, Command::Recover { seed, keep_aside, forced, preliminary });
        plan.consequences.push(self.verdict.rule.sentence().to_owned());
        plan
    }

    /// A primary runs. Stopped nodes whose data it holds follow it, as after a recovery that was cut off.
    fn follow(&self, leader: &NodeName) -> Result<Plan, NoPlan> {
        let leads = self.basis.observation.facts(leader);
        if !leads.is_some_and(HostFacts::patroni_runs) {
            return Err(NoPlan::Refused(vec![nodes::primary_without_patroni(self.basis, leader)]));
        }
        let mut plan = self.begin(false);
        let Some(primary) = leads.and_then(HostFacts::live) else {
            return Err(NoPlan::Refused(Vec::new()));
        };
        let apart = |standing: &&Standing| {
            let facts = self.basis.observation.facts(&standing.node);
            let node = self.basis.inventory.node(&standing.node).zip(facts);
            standing.fate != Fate::Source
                && node.is_some_and(|(node, facts)| {
                    whole::not_following(self.basis, leader, primary, node, facts).is_some()
                })
        };
        let apart: Vec<_> = self.verdict.standings.iter().filter(apart).collect();
        let lost = apart.iter().filter(|standing| standing.fate.may_lose());
        refuse(lost.map(|standing| self.apart(leader, standing)).collect())?;
        refuse(apart.iter().filter_map(|standing| self.alone(leader, standing)).collect())?;
        refuse(apart.iter().filter_map(|standing| self.waits(leader, standing)).collect())?;
        refuse(self.stores_beside(&mut plan)?)?;
        let joiners: Vec<_> = apart.iter().map(|standing| &standing.node).collect();
        self.say(&mut plan);
        self.join(&mut plan, leader, &joiners);
        if !plan.is_empty() {
            verify(self.basis, &mut plan);
        }
        Ok(plan)
    }

    /// Members of etcd that have data and do not run, beside a primary.
    fn stores_beside(&self, plan: &mut Plan) -> Result<Vec<Finding>, NoPlan> {
        match store::of(self.basis)? {
            Store::Answers { stopped } => store::complete(self.basis, plan, self.software, &stopped)?,
            Store::Start(_) | Store::New { .. } => {
                let next = Remedy::on_host("sudo systemctl start etcd on most of its hosts");
                return Ok(vec![Finding::new(
                    codes::STORE_UNKNOWN,
                    "a primary runs, and etcd gives no answer",
                    next,
                )]);
            }
        }
        Ok(Vec::new())
    }

    /// A server that somebody has started without Patroni, and that does not follow: what it has can be compared only once
    /// it is stopped, and Patroni would rewind it without that.
    fn alone(&self, leader: &NodeName, standing: &Standing) -> Option<Finding> {
        let facts = self.basis.observation.facts(&standing.node)?;
        let path = &facts.datadir.path;
        let programs = bin_dir(self.software.postgresql);
        let next = Remedy::on_host(format!(
            "sudo -u postgres {programs}/pg_ctl stop -m fast -D {path}; then run this again"
        ));
        let evidence = format!("its server runs without Patroni, and does not follow {leader}");
        (facts.server_runs() && !facts.patroni_runs())
            .then(|| Finding::new(codes::NOT_FOLLOWING, evidence, next).on(&standing.node))
    }

    /// Its Patroni runs, and may not rewind it. It would be waited for in vain.
    fn waits(&self, leader: &NodeName, standing: &Standing) -> Option<Finding> {
        let facts = self.basis.observation.facts(&standing.node)?;
        let evidence =
            format!("it does not follow {leader}, and pg_rewind is off, as after a forced failover");
        let waits = facts.patroni_runs() && !facts.datadir.is_blank() && whole::rewinds_nobody(self.basis);
        waits.then(|| Finding::new(codes::NOT_FOLLOWING, evidence, whole::compare()).on(&standing.node))
    }

    fn apart(&self, leader: &NodeName, standing: &Standing) -> Finding {
        let text = sentence(self.evidence, standing);
        let node = format!("{}: ", standing.node);
        let evidence = text.strip_prefix(&node).unwrap_or(&text).to_owned();
        let facts = self.basis.observation.facts(&standing.node);
        let datadir = facts.map_or("its data directory", |facts| facts.datadir.path.trim_end_matches('/'));
        let next = Remedy::from("if somebody needs what only it has, ")
            .and(Remedy::OnHost { node: Some(leader.clone()), command: "sudo systemctl stop patroni".into() })
            .and(", then ")
            .and(Remedy::galactl("recover", &[]))
            .and(" compares both again, and can go on from this one; if nobody does, ")
            .and(Remedy::on_host(format!("sudo mv {datadir} {datadir}.aside")))
            .and(", then ")
            .and(Remedy::galactl("bootstrap", &[]))
            .and(format!(" copies {leader}'s data"));
        Finding::new(codes::FORKED, evidence, next).on(&standing.node)
    }

    /// Patroni would claim the cluster in the moment when etcd is back, so it ends everywhere before etcd starts.
    fn stop(&self, nodes: &[NodeName]) -> Result<Plan, NoPlan> {
        let mut plan = self.begin(true);
        let stop = |name: &NodeName| {
            let (node, facts) = (self.basis.inventory.node(name)?, self.basis.observation.facts(name)?);
            let action = PatroniAction::Stop { datadir: facts.datadir.path.clone(), only_as: None };
            Some(Step::new(node, action, "what its data holds can be read only once nothing works on it"))
        };
        let steps = nodes.iter().filter_map(stop).collect();
        plan.stage("Stop what runs without a primary", Width::NodesInParallel, steps);
        if let Store::Start(stopped) = store::of(self.basis)? {
            store::start(self.basis, &mut plan, &stopped);
        }
        plan.consequences.push(format!(
            "nothing is chosen yet: run galactl recover {PLACE} again after this, which reads what each node holds"
        ));
        Ok(plan)
    }

    fn start(&self, first: &NodeName, line: &Line) -> Result<Plan, NoPlan> {
        refuse(self.fitness(first))?;
        let store = store::of(self.basis)?;
        if let Store::Start(stopped) = &store {
            let mut plan = self.begin(true);
            store::start(self.basis, &mut plan, stopped);
            plan.consequences.push(format!(
                "etcd may know who led last: run galactl recover {PLACE} again after this, which asks it"
            ));
            return Ok(plan);
        }
        let mut plan = self.begin(false);
        self.say(&mut plan);
        match &store {
            Store::Answers { stopped } => {
                store::complete(self.basis, &mut plan, self.software, stopped)?;
            }
            Store::New { running, aside } => store::new(self.basis, &mut plan, self.software, running, aside),
            Store::Start(_) => {}
        }
        let started = self.basis.nodes();
        let files =
            started.flat_map(|(node, facts)| preparation::of_node(self.basis, node, facts, self.software));
        plan.stage("Files", Width::NodesInParallel, files.collect());
        self.forget(&mut plan, first, matches!(store, Store::Answers { .. }));
        self.first(&mut plan, first, line);
        seed::accounts(self.basis, &mut plan, first);
        let given_up = self.lost();
        let aside = given_up.iter().filter_map(|standing| self.aside(standing));
        if self.choice.keep_aside {
            plan.stage("Keep aside", Width::NodesInParallel, aside.collect());
        }
        let unseen = self.unseen();
        let joiners = self.verdict.standings.iter().map(|standing| &standing.node);
        let joiners: Vec<_> = joiners.filter(|node| *node != first && !unseen.contains(node)).collect();
        self.join(&mut plan, first, &joiners);
        if unseen.is_empty() {
            verify(self.basis, &mut plan);
        } else if let Some(node) = self.basis.inventory.node(first) {
            let nodes = std::iter::once(first).chain(joiners).cloned().collect();
            let step =
                Step::new(node, PatroniAction::VerifyWrites { nodes }, "replication is proved by a row");
            plan.stage("Verify", Width::Serial, vec![step]);
        }
        Ok(plan)
    }

    /// Why the chosen node cannot be the first, or one of the others cannot follow.
    fn fitness(&self, first: &NodeName) -> Vec<Finding> {
        let mut refusals: Vec<_> = self.paused().into_iter().collect();
        if self.evidence.node(first).is_some_and(|node| !node.may_lead) {
            let next = Remedy::from("let it lead for now: `failover: yes` for it in ")
                .and(Remedy::Inventory)
                .and(", then run this again");
            let evidence = "it has most, and the inventory says `failover: no`";
            refusals.push(Finding::new(codes::MAY_NOT_LEAD, evidence, next).on(first));
        }
        for standing in self.lost() {
            let facts = self.basis.observation.facts(&standing.node);
            if facts.is_some() && !self.can_be_rewound(standing) && !self.choice.keep_aside {
                let next = Remedy::galactl("recover", &["--seed", first.as_str(), "--keep-aside"])
                    .and(" moves its data directory away before it copies the new primary's");
                let evidence =
                    "Patroni cannot rewind its data to the other's history, or would not see that it has to";
                refusals.push(Finding::new(codes::UNCLEAR, evidence, next).on(&standing.node));
            }
            if self.choice.keep_aside && facts.is_some_and(|facts| facts.datadir.mount_point) {
                let evidence = "its data directory is a file system of its own, which cannot be moved aside";
                let next = "move its contents away by hand, then run this again";
                let finding = Finding::new(codes::DATA_UNKNOWN, evidence, Remedy::on_host(next));
                refusals.push(finding.on(&standing.node));
            }
        }
        refusals
    }

    /// Patroni and pg_rewind compare numbers of timelines, and the places where they were left. They see what a node has
    /// past the place where the others left the very timeline that it is on. Where it was promoted itself, the numbers may
    /// be equal: the node then waits for ever at records that are others (seen with 3.0.2), or is rewound from a wrong place.
    fn can_be_rewound(&self, standing: &Standing) -> bool {
        match &standing.fate {
            Fate::Forked { from, exact, .. } => {
                let line = self.evidence.node(&standing.node).and_then(|node| node.line());
                *exact && line.is_some_and(|line| line.timeline == from.timeline)
            }
            Fate::Stranger { .. } | Fate::Unknown { .. } => false,
            Fate::Source | Fate::Running | Fate::Behind { .. } | Fate::Copies | Fate::Ahead { .. } => true,
        }
    }

    /// Patroni promotes nobody while somebody has paused it, which etcd remembers.
    fn paused(&self) -> Option<Finding> {
        let is_paused = |keys: &ScopeKeys| {
            let config = keys.config.as_ref();
            config.is_some_and(|config| config["pause"] == serde_json::Value::Bool(true))
        };
        let next = "on a data node: sudo -u postgres patronictl -c /etc/patroni/config.yml resume --no-wait; then run this again";
        let evidence = "etcd says that somebody has paused Patroni, which promotes no node then";
        self.keys().any(is_paused).then(|| Finding::new(codes::PAUSED, evidence, next))
    }

    /// The keys as a quorum has them, of each store.
    fn keys(&self) -> impl Iterator<Item = &ScopeKeys> {
        [Keys::V3, Keys::V2].into_iter().filter_map(|store| self.basis.observation.agreed(store))
    }

    fn lost(&self) -> Vec<&Standing> {
        self.verdict.standings.iter().filter(|standing| standing.fate.may_lose()).collect()
    }

    fn unseen(&self) -> Vec<NodeName> {
        let unseen = self.evidence.nodes.iter().filter(|node| matches!(node.holding, Holding::Unseen(_)));
        unseen.map(|node| node.name.clone()).collect()
    }

    /// What the choice means for each node; of a forced one, whose data is given up.
    fn say(&self, plan: &mut Plan) {
        for standing in &self.verdict.standings {
            let text = sentence(self.evidence, standing);
            if !standing.fate.may_lose() {
                plan.consequences.push(text);
                continue;
            }
            plan.consequences.push(match (&standing.fate, self.choice.keep_aside) {
                (Fate::Unknown { seen: false, .. }, _) => {
                    format!("GIVEN UP UNSEEN, {text}; it must not be started again as it is")
                }
                (_, true) => format!("KEPT ASIDE, and no longer in the cluster, {text}"),
                (_, false) => format!("DISCARDED on {text}"),
            });
            plan.discards.push(standing.node.clone());
        }
        if let Decision::Start { first, ties, .. } = &self.verdict.outcome
            && !ties.is_empty()
        {
            let ties: Vec<_> = ties.iter().map(NodeName::as_str).collect();
            plan.consequences.push(format!("{first} is chosen of equal ones, beside {}", ties.join(", ")));
        }
        plan.consequences.extend(self.verdict.remarks.iter().cloned());
        if self.basis.inventory.synchronous.mode == SyncMode::Off && !self.verdict.standings.is_empty() {
            plan.consequences.push(
                "commits do not wait for a standby here: nothing tells whether a primary that is gone acknowledged more"
                    .into(),
            );
        }
        if self.verdict.rule == Rule::Forced {
            plan.consequences.extend(self.verdict.doubts.iter().map(|doubt| {
                let node = doubt.node.as_ref().map_or_else(String::new, |node| format!("{node}: "));
                format!("OVERRIDDEN: {node}{}", doubt.evidence)
            }));
        }
    }

    /// Patroni does not promote a node that the key `sync` leaves out, nor one that is far behind what the last leader
    /// wrote of itself, nor with quorum commit one that is alone. So only the last leader itself starts with these keys.
    fn forget(&self, plan: &mut Plan, first: &NodeName, has_keys: bool) {
        let left_out = !self.evidence.is_in_sync(first);
        let ordered = self.keys().any(|keys| keys.failover.is_some());
        let led = self.evidence.led_last(first);
        let told = |keys: &ScopeKeys| {
            let names = keys.names();
            ["leader", "sync", "status", "optime/leader", "failover"].iter().any(|key| names.contains(key))
        };
        if !has_keys || !self.keys().any(told) || led && !ordered && self.verdict.rule != Rule::Forced {
            return;
        }
        let why = match (left_out, ordered) {
            (true, _) => "the key `sync` does not name this node, and Patroni would not promote it",
            (false, true) => "a failover that somebody ordered before the outage would be carried out now",
            (false, false) => {
                "Patroni would not promote a node that is behind what the last leader said of itself, or that is alone"
            }
        };
        plan.stage("Forget the last leader", Width::Serial, store::forget(self.basis, false, why));
    }

    fn first(&self, plan: &mut Plan, first: &NodeName, line: &Line) {
        let Some(node) = self.basis.inventory.node(first) else { return };
        let ends: std::collections::BTreeMap<NodeName, Lsn> =
            self.evidence.held().map(|(node, held)| (node.name.clone(), held.line.end)).collect();
        let action = PatroniAction::StartFirst {
            line: line.clone(),
            ends,
            unseen: self.unseen(),
            patience_seconds: PATIENCE_SECONDS,
        };
        let why = match self.verdict.rule {
            Rule::Forced => "it was named by hand",
            _ => "its data holds that of all others, and who starts first decides for all",
        };
        let wanted = DynamicConfig::of(self.basis.inventory).synchronous();
        let synchronous = Step::new(
            node,
            PatroniAction::Synchronous { wanted },
            "this configuration was in etcd, and whether a commit waits for a standby depends on it",
        );
        let steps = vec![Step::new(node, action, why), synchronous];
        plan.stage("Start the cluster again", Width::Serial, steps);
    }

    fn aside(&self, standing: &Standing) -> Option<Step> {
        let (node, facts) =
            (self.basis.inventory.node(&standing.node)?, self.basis.observation.facts(&standing.node)?);
        let datadir = facts.datadir.path.clone();
        let kept = kept(self.evidence, &standing.node, facts);
        let action = PatroniAction::KeepAside { datadir, kept };
        Some(Step::new(node, action, "the node copies the new primary's data in its place"))
    }

    fn join(&self, plan: &mut Plan, leader: &NodeName, joiners: &[&NodeName]) {
        let step = |name: &&NodeName| {
            let node: &Node = self.basis.inventory.node(name)?;
            let fate = &self.verdict.standings.iter().find(|it| it.node == **name)?.fate;
            let why = match fate {
                Fate::Copies => "it copies the primary's data",
                Fate::Running => "its Patroni is at work",
                fate if fate.may_lose() && self.choice.keep_aside => "it copies the primary's data",
                fate if fate.may_lose() => "Patroni rewinds it to the primary's history",
                _ => "the primary holds all that it has",
            };
            let action = PatroniAction::Join { leader: leader.clone(), patience_seconds: PATIENCE_SECONDS };
            Some(Step::new(node, action, why))
        };
        plan.stage("Join", Width::NodesInParallel, joiners.iter().filter_map(step).collect());
    }

    fn refusals(&self) -> Vec<Finding> {
        let unseen = reach::unseen(self.basis);
        let found = self.verdict.doubts.iter().map(|doubt| {
            let told = |it: &&Finding| doubt.kind == DoubtKind::Unseen && it.node == doubt.node;
            unseen.iter().find(told).cloned().unwrap_or_else(|| refusal(doubt))
        });
        found.collect()
    }

    fn nothing(&self) -> Finding {
        if let Some(id) = self.evidence.named.first() {
            let evidence = format!("etcd names system {id}, and no node has data");
            let mut stores = [Keys::V2, Keys::V3].into_iter();
            let named = |store: &Keys| {
                self.basis.observation.agreed(*store).is_some_and(|keys| keys.initialize.is_some())
            };
            let store = stores.find(named).unwrap_or(Keys::V3);
            let next = Remedy::from("bring the data back: look whether a file system is not mounted; or, if it is gone for good, on a host with etcd-client: ")
                .and(removal(self.basis, store))
                .and(", then ")
                .and(Remedy::galactl("bootstrap", &[]))
                .and(" makes a new, empty cluster");
            return Finding::new(codes::DATA_GONE, evidence, next);
        }
        Finding::new(
            codes::NOTHING_TO_RECOVER,
            "no node of the inventory has data",
            Remedy::galactl("bootstrap", &[]).and(" makes a new cluster"),
        )
    }
}

/// Where a data directory is kept: a name that tells how far it got, and that is not there yet.
fn kept(evidence: &Evidence, node: &NodeName, facts: &HostFacts) -> String {
    let line = evidence.node(node).and_then(|node| node.line());
    let place = line.map_or_else(
        || "unknown".to_owned(),
        |line| format!("{}-{}", line.timeline, line.end.to_string().replace('/', "-")),
    );
    let base = format!("{}.kept-{place}", facts.datadir.path.trim_end_matches('/'));
    let free = |name: &String| !facts.datadir.kept.contains(name);
    let numbered = (2..).map(|number| format!("{base}-{number}"));
    std::iter::once(base.clone()).chain(numbered).find(free).unwrap_or(base)
}

fn refusal(doubt: &Doubt) -> Finding {
    let forced =
        |words: &'static str| Remedy::galactl("recover", &["--seed", "NODE", "--keep-aside"]).and(words);
    let (code, next) = match doubt.kind {
        DoubtKind::Alive => (
            codes::NOTHING_TO_RECOVER,
            Remedy::galactl("recover", &[]).and(", without --seed, lets the others follow it"),
        ),
        DoubtKind::SplitBrain => (
            codes::SPLIT_BRAIN,
            forced(" stops all of them; run again, it compares what each has and goes on from NODE"),
        ),
        DoubtKind::Unseen => (
            codes::UNREACHABLE,
            Remedy::from("make it reachable; or, if it is gone for good: ").and(forced(" goes on without it")),
        ),
        DoubtKind::TwoClusters => (
            codes::TWO_CLUSTERS,
            Remedy::from(
                "take the other cluster's nodes out of the inventory; or give their data up, which is kept aside: ",
            )
            .and(forced("")),
        ),
        DoubtKind::Unclear => (
            codes::UNCLEAR,
            Remedy::from("make the data readable, then run this again; or go on without what only it has: ")
                .and(forced("")),
        ),
        DoubtKind::Forked => (
            codes::FORKED,
            Remedy::from("compare what both have; then ")
                .and(forced(" goes on from NODE, says what goes, and keeps the other's data")),
        ),
        DoubtKind::Gone => (
            codes::DATA_GONE,
            Remedy::from("bring the data of one of them back; or, if it is gone for good: ")
                .and(forced(" goes on from what is left")),
        ),
        DoubtKind::Impossible => (codes::UNCLEAR, Remedy::from("name a node whose data can be read")),
    };
    Finding { node: doubt.node.clone(), ..Finding::new(code, &doubt.evidence, next) }
}
