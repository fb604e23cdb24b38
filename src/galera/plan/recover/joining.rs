//! How the others come in once there is a Primary component, and who stays out.

use super::{GIVEN_UP, Recovery};
use crate::galera::facts::{HostFacts, NoAnswer, NodeState};
use crate::galera::inventory::Node;
use crate::galera::judge::codes;
use crate::galera::judge::guards;
use crate::galera::judge::unanswered;
use crate::galera::model::{Seqno, StateUuid};
use crate::galera::observation::Observation;
use crate::galera::plan::{Action, Plan, ServerAction, Step, preparation};
use crate::galera::recovery::{Decision, Fate, Rule, Standing, holding, sentence};
use crate::kernel::judge::{Code, Finding, Invocation, Remedy};
use crate::kernel::model::NodeName;
use crate::kernel::plan::Width;

/// A node that a plan does not start, and why.
pub(super) struct LeftOut {
    code: Code,
    pub(super) node: NodeName,
    why: String,
    next: Remedy,
}

impl Recovery<'_, '_> {
    /// Joiners, those first that IST may serve.
    pub(super) fn join(&self, plan: &mut Plan) -> Vec<LeftOut> {
        let mut left_out = Vec::new();
        let by_ist = |standing: &&Standing| {
            matches!(standing.fate, Fate::Behind { .. })
                && self.evidence.served_by_ist(&standing.node) != Some(None)
        };
        let (ist, sst): (Vec<_>, Vec<_>) = self.verdict.standings.iter().partition(by_ist);
        let (mut first, mut second) = (Vec::new(), Vec::new());
        for (standings, steps) in [(ist, &mut first), (sst, &mut second)] {
            for standing in standings {
                match self.joiner(standing) {
                    Ok(more) => steps.extend(more),
                    Err(why) => left_out.push(why),
                }
            }
        }
        plan.stage("Join by IST where the gcache reaches back, one after the other", Width::OneByOne, first);
        plan.stage("Join by SST, one after the other", Width::OneByOne, second);
        left_out
    }

    /// The steps that let one node in; none where it is in by itself.
    fn joiner(&self, standing: &Standing) -> Result<Vec<Step>, LeftOut> {
        let node = &standing.node;
        if !self.choice.only.is_empty() && !self.choice.only.contains(node) {
            return Ok(Vec::new());
        }
        let mut removed = guards::removed(self.basis).into_iter();
        if let Some(refusal) = removed.find(|it| it.node.as_ref() == Some(node)) {
            return Err(LeftOut::of(node, refusal));
        }
        let why = match &standing.fate {
            Fate::Behind { .. } if !self.is_reformed(node) => {
                "it has the same history, up to an earlier seqno".to_owned()
            }
            Fate::Running if self.is_joining(node) => "it is joining already".to_owned(),
            Fate::Source | Fate::Running | Fate::Stranger | Fate::Behind { .. } => return Ok(Vec::new()),
            Fate::Replaced { why } => format!("it gets the cluster's data by SST: {why}"),
            fate if self.forced() && fate.may_lose() => GIVEN_UP.into(),
            _ => return Err(self.left_out(standing)),
        };
        let Some((node, facts)) = self.basis.nodes().find(|(found, _)| found.name == *node) else {
            return Err(self.left_out(standing));
        };
        if let Some(refusal) = self.cannot_start(standing, node, facts) {
            return Err(LeftOut::of(&node.name, refusal));
        }
        // What lies there while a transfer to it goes on is its own.
        let mut steps = match self.is_joining(&node.name) {
            true => Vec::new(),
            false => self.clearing(standing, node, facts),
        };
        steps.extend(self.join_step(node, why));
        Ok(steps)
    }

    /// It has started by itself beside the Primary component, and is not through yet.
    pub(super) fn is_joining(&self, node: &NodeName) -> bool {
        let alive = matches!(self.verdict.outcome, Decision::Join { .. });
        let on_its_way = |facts: &HostFacts| match facts.live() {
            Some(live) => live.is_primary() && live.local_state.is_joining(),
            None => facts.unit.is_activating(),
        };
        alive && self.basis.observation.facts(node).is_some_and(on_its_way)
    }

    fn is_reformed(&self, node: &NodeName) -> bool {
        matches!(&self.verdict.outcome, Decision::Reform { nodes, .. } if nodes.contains(node))
    }

    /// A server that does not let root in may be well: what lets it be asked, before anybody thinks of stopping
    /// it.
    pub(super) fn login(&self, node: &NodeName) -> Option<Remedy> {
        match self.basis.observation.facts(node)?.state() {
            NodeState::Mute { why: why @ NoAnswer::Denied(_) } => {
                Some(unanswered::refusal(self.basis, &why).remedy)
            }
            _ => None,
        }
    }

    fn left_out(&self, standing: &Standing) -> LeftOut {
        let node = standing.node.clone();
        let recover = Remedy::galactl("recover", &[]);
        let next = self.login(&node).unwrap_or_else(|| match self.basis.observation.facts(&node) {
            None => Remedy::from("when it answers again: ").and(recover),
            Some(facts) if matches!(standing.fate, Fate::Unknown { .. }) && facts.server_runs() => {
                recover.and(" again, once its server answers, or is stopped")
            }
            Some(facts) if facts.missing_data().is_some() => Remedy::from(
                "see that all its file systems are mounted, then run this again; if its disk is gone: ",
            )
            .and(Remedy::galactl("add-node", &[node.as_str()])),
            Some(_) => Remedy::from("save what it holds; to lose it knowingly: ")
                .and(Remedy::galactl("add-node", &[node.as_str(), "--discard", node.as_str()])),
        });
        let guard = match (self.basis.observation.facts(&node), &standing.fate) {
            (None, _) => codes::UNREACHABLE,
            (Some(_), Fate::Unknown { .. }) => codes::UNCLEAR,
            (Some(_), _) => codes::AHEAD,
        };
        LeftOut { code: guard, why: sentence(&self.evidence, standing), node, next }
    }

    fn cannot_start(&self, standing: &Standing, node: &Node, facts: &HostFacts) -> Option<Finding> {
        let on_host = self.host_refusals().into_iter().find(|it| it.node.as_ref() == Some(&node.name));
        if on_host.is_some() || matches!(standing.fate, Fate::Behind { .. }) {
            return on_host;
        }
        // All the cluster's data would go to where it is to be mounted.
        if let Some(why) = &facts.datadir.missing {
            let next = Remedy::from("see that it can be mounted and read, then ")
                .and(Remedy::galactl("recover", &[]))
                .and(" again");
            return Some(Finding::new(codes::UNCLEAR, why, next));
        }
        let data = self.basis.observation.facts(self.source()?)?.datadir.bytes;
        match self.keeps(standing) {
            false => guards::disk((node, facts), data),
            true if facts.datadir.mount_point => {
                let evidence =
                    format!("{} is a file system of its own, and cannot be renamed", facts.datadir.path);
                Some(Finding::new(codes::DISK, evidence, "copy it away by hand, then leave out --keep-aside"))
            }
            true => guards::disk_beside((node, facts), data),
        }
    }

    fn keeps(&self, standing: &Standing) -> bool {
        self.choice.keep_aside && standing.fate.may_lose()
    }

    /// What must not be there when the node starts. A node that remembers its last view would wait for
    /// all of its members.
    fn clearing(&self, standing: &Standing, node: &Node, facts: &HostFacts) -> Vec<Step> {
        let datadir = facts.datadir.path.clone();
        if !facts.datadir.exists {
            return Vec::new();
        }
        if self.keeps(standing) {
            let kept = format!("{datadir}.kept-{}", kept_name(facts, self.evidence.observation, &node.name));
            let action = ServerAction::KeepAside { datadir, kept };
            return vec![Step::new(node, action, "its data would be overwritten")];
        }
        if facts.datadir.is_left_by_transfer() {
            let why = "a server may not even start on half a copy; what is whole is with the cluster";
            return vec![Step::new(node, ServerAction::ClearTransfer { datadir }, why)];
        }
        let (files, why): (&[&str], &str) = match standing.fate.may_lose() {
            false if self.verdict.rule == Rule::OnePosition => (
                &["grastate.dat", "gvwstate.dat", "galera.cache"],
                "a joiner with the write-sets of its old state fails",
            ),
            true => {
                (&["grastate.dat", "gvwstate.dat"], "only a node without a state asks for the whole data")
            }
            false if facts.datadir.gvwstate.is_there() => {
                (&["gvwstate.dat"], "it would wait for every member of its last view")
            }
            false => return Vec::new(),
        };
        let files = files.iter().map(|file| (*file).to_owned()).collect();
        vec![Step::new(node, ServerAction::Forget { datadir, files }, why)]
    }

    fn join_step(&self, node: &Node, why: String) -> Option<Step> {
        let mut step = preparation::join_step(self.basis, node, self.source()?, why);
        if let (Action::Server(ServerAction::Join { after, .. }), Decision::Start { position, .. }) =
            (&mut step.action, &self.verdict.outcome)
        {
            *after = preparation::restarts_of(self.basis, &position.uuid);
            after.push(position.clone());
        }
        Some(step)
    }
}

/// The beginning of its state UUID and its seqno: what a person looks for.
fn kept_name(facts: &HostFacts, observation: &Observation, node: &NodeName) -> String {
    let known = holding(observation, node).position();
    let uuid = known.as_ref().map(|position| &position.uuid).or(facts.datadir.grastate.known_uuid());
    let uuid = uuid.map_or("unknown", |uuid: &StateUuid| &uuid.as_str()[..8]);
    match known.as_ref().map(|position| position.seqno) {
        Some(Seqno::At(seqno)) => format!("{uuid}-{seqno}"),
        _ => format!("{uuid}-crashed"),
    }
}

impl LeftOut {
    fn of(node: &NodeName, refusal: Finding) -> Self {
        let Finding { code, evidence, remedy, .. } = refusal;
        Self { code, node: node.clone(), why: format!("{node}: {evidence}"), next: remedy }
    }

    pub(super) fn refusal(self) -> Finding {
        let prefix = format!("{}: ", self.node);
        let why = self.why.strip_prefix(&prefix).unwrap_or(&self.why).to_owned();
        Finding::new(self.code, why, self.next).on(&self.node)
    }

    pub(super) fn text(&self) -> String {
        format!("not started: {}. Next: {}", self.why, self.next.text(&Invocation::later()))
    }
}
