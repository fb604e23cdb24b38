//! After an outage: a verdict → the plan that carries it out.

mod joining;

use joining::LeftOut;

use super::{Command, NoPlan, Plan, Step, endpoint, preparation, rolling};
use crate::galera::facts::HostFacts;
use crate::galera::inventory::{Inventory, Node};
use crate::galera::judge::codes;
use crate::galera::judge::guards;
use crate::galera::judge::identity::{other_clusters, unlisted};
use crate::galera::judge::next_start::outside_as_it_is;
use crate::galera::judge::{Basis, component};
use crate::galera::model::{Gtid, Seqno};
use crate::galera::plan::begin::begin;
use crate::galera::plan::no_plan::refuse;
use crate::galera::plan::roles;
use crate::galera::plan::{Action, ServerAction};
use crate::galera::recovery::{
    Decision, Doubt, DoubtKind, Evidence, Fate, Holding, Rule, Standing, Verdict, decide, force, holding,
    sentence, settling, unproven_restarts,
};
use crate::galera::tls;
use crate::kernel::inventory::Placement;
use crate::kernel::judge::{Finding, PLACE, Remedy};
use crate::kernel::model::NodeName;
use crate::kernel::plan::Width;

/// What the user decides of a recovery.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choice {
    /// Go on from this node, whatever that discards.
    pub seed: Option<NodeName>,
    /// Put the data aside that would be overwritten.
    pub keep_aside: bool,
    /// It was asked for as a start.
    pub start: bool,
    /// Of a cluster that runs, start only these.
    pub only: Vec<NodeName>,
}

/// The nodes in the order in which ties are decided, and in which they are started.
pub fn recovery_order(inventory: &Inventory) -> Vec<NodeName> {
    inventory.start_order().map(|node| node.name.clone()).collect()
}

/// Plans the recovery of the inventory's cluster.
///
/// Errors: every reason not to go on. [`NoPlan::Settling`]: look again soon.
/// [`NoPlan::PositionsWanted`]: the data of the stopped nodes was not asked how far it got.
pub fn recover(basis: &Basis<'_>, choice: &Choice) -> Result<Plan, NoPlan> {
    let order = recovery_order(basis.inventory);
    let evidence = Evidence { order: &order, observation: basis.observation };
    let settling = settling(&evidence);
    if !settling.is_empty() {
        return Err(NoPlan::Settling(settling));
    }
    refuse(other_clusters(basis))?;
    if basis.observation.recovered.is_none() {
        return Err(NoPlan::PositionsWanted);
    }
    let verdict = match &choice.seed {
        Some(seed) => force(&evidence, seed),
        None => decide(&evidence),
    };
    Recovery { basis, evidence, choice, verdict: &verdict }.plan()
}

struct Recovery<'a, 'b> {
    basis: &'a Basis<'b>,
    evidence: Evidence<'a>,
    choice: &'a Choice,
    verdict: &'a Verdict,
}

impl Recovery<'_, '_> {
    fn plan(&self) -> Result<Plan, NoPlan> {
        let mut plan = begin(self.basis, self.command());
        plan.consequences.push(self.verdict.rule.sentence().to_owned());
        match &self.verdict.outcome {
            Decision::Refused => return Err(NoPlan::Refused(self.refusals())),
            Decision::NoCluster => return Err(NoPlan::Refused(vec![no_cluster()])),
            Decision::Stop { nodes } => {
                plan.consequences = vec![format!(
                    "what these nodes hold can be read only once their servers are stopped: run galactl recover {PLACE} again after this"
                )];
                plan.stage("Stop what starts again and again", Width::NodesInParallel, self.stops(nodes));
                return Ok(plan);
            }
            Decision::Join { .. }
            | Decision::Restore { .. }
            | Decision::Reform { .. }
            | Decision::Start { .. } => {}
        }
        refuse(self.source_refusals())?;
        refuse(self.unlisted())?;
        let joins = matches!(self.verdict.outcome, Decision::Join { .. });
        refuse(tls::steps::refusals(self.basis, |node| joins || self.needs_certificate(node)))?;
        if joins {
            let looping = self.looping();
            let standing = component::members(self.basis);
            refuse(rolling::joining_beside_few(self.basis, &standing, |node| looping.contains(node)))?;
        }
        if !self.choice.only.is_empty() && !matches!(self.verdict.outcome, Decision::Join { .. }) {
            return Err(NoPlan::Refused(vec![not_alone()]));
        }
        refuse(self.never_members(|node| self.choice.only.contains(node)))?;
        let renewal = self.renewal_first()?;
        if !renewal.is_empty() {
            plan.consequences = vec![format!(
                "servers that run would turn each other away; with new certificates they may find each other by themselves: run galactl recover {PLACE} again after this"
            )];
            for (title, steps) in renewal {
                plan.stage(title, Width::Serial, steps);
            }
            return Ok(plan);
        }
        self.losses(&mut plan);
        if joins {
            roles::renew(self.basis, &mut plan, &component::members(self.basis));
        }
        plan.stage("Files", Width::NodesInParallel, self.files());
        self.begin(&mut plan);
        let left_out = self.join(&mut plan);
        let members = self.members(&left_out);
        if self.choice.only.is_empty() {
            let stopped = matches!(self.verdict.outcome, Decision::Start { .. });
            roles::call_back(self.basis, &mut plan, &members, stopped);
        }
        endpoint::let_in(self.basis, &mut plan, &members);
        if plan.is_empty() && !left_out.is_empty() {
            return Err(NoPlan::Refused(left_out.into_iter().map(LeftOut::refusal).collect()));
        }
        if plan.is_empty() && self.choice.only.is_empty() {
            refuse(self.never_members(|_| true))?;
        }
        plan.warnings.extend(left_out.iter().map(LeftOut::text));
        self.verify(&mut plan, members);
        roles::quiet(self.basis, &mut plan);
        Ok(plan)
    }

    fn command(&self) -> Command {
        if self.choice.start {
            return Command::Start { nodes: self.choice.only.clone() };
        }
        let forced = !self.given_up_unlisted().is_empty()
            || self.verdict.rule == Rule::Forced
                && (!self.verdict.doubts.is_empty()
                    || self.verdict.standings.iter().any(|it| it.fate.may_lose()));
        Command::Recover { seed: self.choice.seed.clone(), keep_aside: self.choice.keep_aside, forced }
    }

    fn refusals(&self) -> Vec<Finding> {
        self.verdict
            .doubts
            .iter()
            .map(|doubt| self.with_a_login(refusal(doubt)))
            .chain(guards::removed(self.basis))
            .collect()
    }

    fn with_a_login(&self, refusal: Finding) -> Finding {
        let login = refusal.node.as_ref().and_then(|node| self.login(node));
        match login {
            Some(login) => refusal.remedy(login),
            None => refusal,
        }
    }

    /// What stands against starting the nodes that the cluster's data comes from.
    fn source_refusals(&self) -> Vec<Finding> {
        let needed: Vec<&NodeName> = match &self.verdict.outcome {
            Decision::Reform { nodes, .. } => nodes.iter().collect(),
            _ => self.verdict.source().into_iter().collect(),
        };
        let hosts = self.host_refusals();
        hosts.into_iter().filter(|it| it.node.as_ref().is_none_or(|node| needed.contains(&node))).collect()
    }

    /// Whether the releases differ is not a recovery's question. Files of others must not lead a server out of its
    /// cluster; galactl's own is put in place again.
    fn host_refusals(&self) -> Vec<Finding> {
        let refusals = guards::hosts(self.basis).into_iter();
        let mut refusals: Vec<_> = refusals.filter(|it| it.code != codes::VERSIONS_DIFFER).collect();
        let stopped = self.basis.nodes().filter(|(_, facts)| !facts.server_runs());
        for (node, facts) in stopped.filter(|(node, facts)| self.file_to_put(node, facts).is_none()) {
            refusals.extend(outside_as_it_is(self.basis.inventory, facts).map(|it| it.on(&node.name)));
        }
        refusals
    }

    /// Those of these nodes that have nothing to go on from.
    fn never_members(&self, of: impl Fn(&NodeName) -> bool) -> Vec<Finding> {
        let strangers = self.verdict.standings.iter().filter(|it| it.fate == Fate::Stranger);
        let named = strangers.filter(|it| of(&it.node));
        let refusal = |standing: &Standing| {
            let next = Remedy::galactl("add-node", &[standing.node.as_str()]);
            Finding::new(codes::UNHEALTHY, "it was never in the cluster", next).on(&standing.node)
        };
        named.map(refusal).collect()
    }

    /// Members that the inventory does not list may hold more than those that it lists. A living Primary component
    /// has the majority.
    fn unlisted(&self) -> Vec<Finding> {
        let alive = matches!(self.verdict.outcome, Decision::Join { .. });
        if alive || self.choice.seed.is_some() { Vec::new() } else { unlisted(self.basis) }
    }

    /// Whoever names the node to go on from gives the other nodes' data up, also where the rules would choose that node.
    fn given_up_unlisted(&self) -> Vec<Finding> {
        if self.choice.seed.is_some() { unlisted(self.basis) } else { Vec::new() }
    }

    /// A stopped node's own option file, where somebody has changed it: beside a living cluster it is put in place as
    /// for any joiner, and after an outage if the node would start outside the cluster with it.
    fn file_to_put(&self, node: &Node, facts: &HostFacts) -> Option<Step> {
        facts.config.as_ref()?;
        let leads_out = || outside_as_it_is(self.basis.inventory, facts).is_some();
        let alive = matches!(self.verdict.outcome, Decision::Join { .. });
        let wanted = !facts.server_runs() && (alive || leads_out());
        // A template that does not render is told by whoever needs the file.
        wanted.then(|| preparation::config_step(self.basis, node, facts).ok().flatten()).flatten()
    }

    /// The node that the others join.
    fn source(&self) -> Option<&NodeName> {
        match &self.verdict.outcome {
            Decision::Reform { nodes, .. } => nodes.first(),
            _ => self.verdict.source(),
        }
    }

    fn forced(&self) -> bool {
        self.verdict.rule == Rule::Forced
    }

    /// What the choice means for each node; of a forced one, whose data is given up.
    fn losses(&self, plan: &mut Plan) {
        for standing in &self.verdict.standings {
            let sentence = sentence(&self.evidence, standing);
            if !self.forced() || !standing.fate.may_lose() {
                plan.consequences.push(sentence);
                continue;
            }
            let seen = self.basis.observation.facts(&standing.node).is_some();
            plan.consequences.push(match seen {
                true => format!("DISCARDED on {sentence}"),
                false => format!("GIVEN UP UNSEEN, {sentence}; it must not be started again as it is"),
            });
            plan.discards.push(standing.node.clone());
        }
        let unlisted = self.given_up_unlisted().into_iter();
        plan.consequences.extend(unlisted.map(|it| format!("GIVEN UP UNSEEN: {}", it.evidence)));
        if self.forced() {
            plan.consequences.extend(self.verdict.doubts.iter().map(|doubt| {
                let node = doubt.node.as_ref().map_or_else(String::new, |node| format!("{node}: "));
                format!("OVERRIDDEN: {node}{}", doubt.evidence)
            }));
        }
    }

    /// Everything up to the moment when there is a Primary component.
    fn begin(&self, plan: &mut Plan) {
        let unit = self.basis.inventory.host.unit.clone();
        match &self.verdict.outcome {
            Decision::Join { .. } => {
                plan.stage(
                    "Stop what Galera turns away",
                    Width::NodesInParallel,
                    self.stops(&self.looping()),
                );
                plan.stage("Disarm", Width::NodesInParallel, self.disarms());
            }
            Decision::Restore { node, state, .. } => {
                let given_up = self.given_up_and_running();
                plan.stage("Stop what was given up", Width::NodesInParallel, self.stops(&given_up));
                plan.stage("Disarm", Width::NodesInParallel, self.disarms());
                let nodes = self.running_besides(node);
                let action = ServerAction::RestorePrimary { state: state.clone(), nodes };
                let why = match self.forced() {
                    true => "it was named by hand",
                    false => "no running node has committed more than it",
                };
                let steps = vec![Step::new(&self.at(node), action, why)];
                plan.stage("Restore the Primary component", Width::Serial, steps);
            }
            Decision::Reform { nodes, state } => {
                let behind = self.running_behind(nodes);
                plan.stage("Stop what is behind", Width::NodesInParallel, self.stops(&behind));
                plan.stage("Disarm", Width::NodesInParallel, self.disarms());
                let action = ServerAction::Reform {
                    unit,
                    nodes: nodes.clone(),
                    state: state.clone(),
                    patience_seconds: REFORM_PATIENCE_SECONDS,
                };
                let why = "each of them waits for all members of the last view, and nothing need be edited";
                plan.stage(
                    "Form the last view again",
                    Width::Serial,
                    vec![Step::new(&self.at(&nodes[0]), action, why)],
                );
            }
            Decision::Start { node, position, .. } => self.restart(plan, node, position),
            Decision::Stop { .. } | Decision::NoCluster | Decision::Refused => {}
        }
    }

    fn restart(&self, plan: &mut Plan, node: &NodeName, position: &Gtid) {
        let inventory = self.basis.inventory;
        let running: Vec<_> = self
            .basis
            .nodes()
            .filter(|(_, facts)| facts.server_runs() && !facts.is_standalone())
            .map(|(node, _)| node.name.clone())
            .collect();
        let mut stops = self.stops(&running);
        let why = "it keeps a Primary component of its own, where it was left alone, and would stay in it";
        stops.extend(roles::stops(self.basis, why));
        plan.stage("Stop what runs", Width::NodesInParallel, stops);
        plan.stage("Disarm", Width::NodesInParallel, self.disarms());
        let Some(facts) = self.basis.observation.facts(node) else { return };
        let datadir = facts.datadir.path.clone();
        let mark = ServerAction::MarkSafe {
            datadir,
            state: position.uuid.clone(),
            seqno: saved_seqno(facts, position),
        };
        let unseen = |name: &&Node| self.basis.observation.facts(&name.name).is_none();
        let unseen = inventory.start_order().filter(unseen).map(|node| node.name.clone()).collect();
        let unit = inventory.host.unit.clone();
        let start = ServerAction::RestartCluster { unit, position: position.clone(), unseen };
        let on = self.at(node);
        let steps = vec![
            Step::new(&on, mark, "Galera refuses to start a cluster from a node without the flag"),
            Step::new(&on, start, "its data becomes the cluster's, and the state UUID stays the old one"),
        ];
        plan.stage("Start the cluster again", Width::Serial, steps);
    }

    fn at(&self, node: &NodeName) -> Placement {
        self.basis.inventory.placement(node)
    }

    fn stops(&self, nodes: &[NodeName]) -> Vec<Step> {
        let unit = &self.basis.inventory.host.unit;
        let step = |node: &NodeName| {
            let why = match holding(self.basis.observation, node) {
                // The number of its starts changes by itself, and the text of a step must not.
                Holding::Starting { looping: true, .. } => "systemd starts it again and again".into(),
                Holding::Starting { .. } => "it waits for its cluster".into(),
                Holding::Outside(why) => why,
                _ if matches!(self.verdict.outcome, Decision::Restore { .. }) => GIVEN_UP.into(),
                _ if matches!(self.verdict.outcome, Decision::Reform { .. }) => {
                    "the cluster went on without it, so that it is behind, and joins again".into()
                }
                _ => "no server may run anywhere when the cluster is started again".into(),
            };
            Step::new(&self.at(node), ServerAction::StopServer { unit: unit.clone() }, why)
        };
        nodes.iter().map(step).collect()
    }

    /// What servers need before one of them is made Primary, because no other one would come to it. It is a plan of its
    /// own: once they have it, they may be a cluster again without anybody's help, and nobody may make a second one.
    ///
    /// Errors: they cannot have it. Whoever names the node to go on from goes on without.
    fn renewal_first(&self) -> Result<Vec<tls::steps::Stage<Action>>, NoPlan> {
        if !matches!(self.verdict.outcome, Decision::Restore { .. }) {
            return Ok(Vec::new());
        }
        let renewal = tls::steps::renewal_outside(self.basis);
        let servers =
            |node: &NodeName| self.basis.observation.facts(node).is_some_and(HostFacts::server_runs);
        let refusals = match renewal.is_empty() {
            true => Vec::new(),
            false => tls::steps::refusals(self.basis, servers),
        };
        if self.choice.seed.is_some() && !refusals.is_empty() {
            return Ok(Vec::new());
        }
        refuse(refusals)?;
        Ok(renewal)
    }

    /// It is stopped, its server uses certificates, and it cannot go on with the one that it has.
    fn needs_certificate(&self, node: &NodeName) -> bool {
        let facts = self.basis.observation.facts(node);
        facts.is_some_and(|facts| !facts.server_runs() && tls::judge::uses(facts))
            && !tls::steps::can_wait(self.basis, node)
    }

    /// Those of the nodes that are started here.
    fn files(&self) -> Vec<Step> {
        let only = &self.choice.only;
        let nodes = self.basis.nodes().filter(|(node, _)| only.is_empty() || only.contains(&node.name));
        let started = |node: &Node| {
            let standing = self.verdict.standings.iter().find(|it| it.node == node.name);
            standing.is_some_and(|it| {
                matches!(it.fate, Fate::Source | Fate::Behind { .. } | Fate::Replaced { .. })
            })
        };
        nodes
            .filter(|(node, _)| started(node))
            .flat_map(|(node, facts)| {
                let certificates = match facts.server_runs() {
                    true => Vec::new(),
                    false => tls::steps::before_start_again(self.basis, &node.name),
                };
                certificates.into_iter().chain(self.file_to_put(node, facts))
            })
            .collect()
    }

    fn disarms(&self) -> Vec<Step> {
        let armed = self.basis.nodes().filter(|(_, facts)| !facts.intents.is_empty());
        let step = |(node, facts): (&Node, &HostFacts)| {
            let action = ServerAction::Disarm { intents: facts.intents.clone() };
            Step::new(node, action, "its next start would bootstrap a cluster of its own")
        };
        armed.map(step).collect()
    }

    /// Servers that systemd starts again and again beside a living cluster: as soon as it has
    /// passed the seqno of such a node, Galera lets the node in, and its commits are gone.
    fn looping(&self) -> Vec<NodeName> {
        let looping = |node: &&NodeName| {
            matches!(holding(self.basis.observation, node), Holding::Starting { looping: true, .. })
        };
        self.evidence.order.iter().filter(looping).cloned().collect()
    }

    /// In the seed's component they would bring what they hold into it, and no file of a running server
    /// can be put aside.
    fn given_up_and_running(&self) -> Vec<NodeName> {
        let losers = self.verdict.standings.iter().filter(|it| self.forced() && it.fate.may_lose());
        let runs = |node: &&NodeName| self.basis.observation.facts(node).is_some_and(HostFacts::server_runs);
        losers.map(|standing| &standing.node).filter(runs).cloned().collect()
    }

    /// Servers that wait, and are no members of the view that forms again: they join it like any other.
    fn running_behind(&self, view: &[NodeName]) -> Vec<NodeName> {
        let behind = self.verdict.standings.iter().filter(|it| matches!(it.fate, Fate::Behind { .. }));
        let runs = |node: &&NodeName| self.basis.observation.facts(node).is_some_and(HostFacts::server_runs);
        behind.map(|it| &it.node).filter(|node| !view.contains(node)).filter(runs).cloned().collect()
    }

    fn running_besides(&self, source: &NodeName) -> Vec<NodeName> {
        let running = self.verdict.standings.iter().filter(|standing| standing.fate == Fate::Running);
        running.map(|standing| standing.node.clone()).filter(|node| node != source).collect()
    }

    /// The nodes that are the cluster once the plan is carried out.
    fn members(&self, left_out: &[LeftOut]) -> Vec<NodeName> {
        let restored = matches!(self.verdict.outcome, Decision::Restore { .. } | Decision::Reform { .. });
        let member = |standing: &&Standing| match &standing.fate {
            Fate::Source => true,
            Fate::Running => {
                restored
                    || self.is_joining(&standing.node)
                    || self.basis.observation.facts(&standing.node).is_some_and(HostFacts::is_primary)
            }
            Fate::Stranger => false,
            _ if !self.choice.only.is_empty() && !self.choice.only.contains(&standing.node) => false,
            _ => left_out.iter().all(|left| left.node != standing.node),
        };
        self.verdict.standings.iter().filter(member).map(|standing| standing.node.clone()).collect()
    }

    fn verify(&self, plan: &mut Plan, members: Vec<NodeName>) {
        let wanted = !plan.is_empty() || members.iter().any(|node| self.unrecorded(node));
        if let Some(first) = members.first().filter(|_| wanted).cloned() {
            crate::galera::plan::ending::verify_steps(self.basis, plan, &first, members);
        }
    }

    /// A member whose part in its cluster's restarts is not written down: after another outage,
    /// nothing would tell it from one that was left behind.
    fn unrecorded(&self, node: &NodeName) -> bool {
        let others = self.basis.nodes().filter(|(other, _)| other.name != *node).map(|(_, facts)| facts);
        let Some(facts) = self.basis.observation.facts(node).filter(|facts| facts.is_primary()) else {
            return false;
        };
        let state = facts.live().and_then(|live| live.state_uuid.as_ref());
        unproven_restarts(facts, others).iter().any(|restart| Some(&restart.uuid) == state)
    }
}

const GIVEN_UP: &str = "its data was given up for the seed's";

/// No progress for this long, and the members of the last view do not find each other any more.
const REFORM_PATIENCE_SECONDS: u64 = 120;

/// What grastate.dat says stays, where the data agrees with it; otherwise the data's own word counts,
/// which Galera takes only beside -1.
fn saved_seqno(facts: &HostFacts, position: &Gtid) -> Seqno {
    use crate::galera::facts::{Grastate, SavedState};
    match &facts.datadir.grastate {
        Grastate::Saved(SavedState { position: saved, .. }) if saved == position => saved.seqno,
        _ => Seqno::Unknown,
    }
}

fn refusal(doubt: &Doubt) -> Finding {
    let guard = match doubt.kind {
        DoubtKind::Alive => codes::PRIMARY_ALIVE,
        DoubtKind::Unseen => codes::UNREACHABLE,
        DoubtKind::Diverged => codes::DIVERGED,
        DoubtKind::Unclear => codes::UNCLEAR,
        DoubtKind::Ahead => codes::AHEAD,
    };
    Finding { node: doubt.node.clone(), ..Finding::new(guard, &doubt.evidence, &doubt.next) }
}

fn no_cluster() -> Finding {
    let evidence = "no node of the inventory was ever in a cluster, so there is nothing to recover";
    Finding::new(codes::NOTHING_TO_RECOVER, evidence, Remedy::galactl("bootstrap", &[]))
}

fn not_alone() -> Finding {
    let evidence = "the cluster does not run, and a node alone is no cluster";
    Finding::new(codes::UNHEALTHY, evidence, Remedy::galactl("start", &[]).and(", without a node's name"))
}

/// It stops a server so that its data can be asked, and does not start it again; or it gives servers certificates with
/// which they find each other: another plan has to follow.
pub fn is_preliminary(plan: &Plan) -> bool {
    if matches!(plan.command, Command::ApplyConfig { first_round: true, .. }) {
        return true;
    }
    let recovery = matches!(plan.command, Command::Recover { .. } | Command::Start { .. });
    if recovery && !plan.is_empty() && plan.steps().all(|step| step.role() == tls::ROLE) {
        return true;
    }
    let server = |step: &Step| match &step.action {
        Action::Server(action) => Some((step.node.clone(), action.clone())),
        _ => None,
    };
    let joins = |node: &NodeName| {
        let mut steps = plan.steps().filter_map(server);
        steps.any(|(other, action)| other == *node && matches!(action, ServerAction::Join { .. }))
    };
    let mut steps = plan.steps().filter_map(server);
    recovery && steps.any(|(node, action)| matches!(action, ServerAction::StopServer { .. }) && !joins(&node))
}
