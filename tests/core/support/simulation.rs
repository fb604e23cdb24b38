//! What each action does to the hosts, and what may never happen when it does.

use std::collections::BTreeMap;

use galactl::galera::facts::{
    BootstrapRecord, Grastate, Gvwstate, HostFacts, Intent, Live, NodeState, Removal, SavedState,
    ServerAnswer,
};
use galactl::galera::health;
use galactl::galera::judge::whole::{Expectation, judge};
use galactl::galera::model::{Gtid, Seqno, StateUuid};
use galactl::galera::plan::{Action, Plan, ServerAction, Step, done};
use galactl::galera::tls;
use galactl::kernel::facts::ConfigFile;
use galactl::kernel::keepalived;
use galactl::kernel::model::NodeName;
use galactl::kernel::plan::{HostAction, PutFile, Stage, Width};

use super::host::{Changes, Component, uuid, zero};
use super::watched;
use super::world::World;

/// Where an execution stops: the number of whole stages, then how many steps of each lane.
#[derive(Debug, Clone)]
pub struct Cut {
    pub stage: usize,
    pub lanes: Vec<usize>,
    pub ending: Ending,
}

/// What becomes of the step at which galactl was when it stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// It had not begun.
    Clean,
    /// A join: the state transfer broke, and the unit was stopped.
    JoinFailed,
    /// A join: the joiner is a member of the group already, its server not up yet.
    JoinUnderway,
    /// A bootstrap: it succeeded, and its intent was left set.
    StillArmed,
}

impl World {
    pub fn carry_out(&mut self, plan: &Plan) {
        for step in plan.steps() {
            self.apply(step);
        }
    }

    /// Carries out a plan up to the cut. In a parallel stage every node has a lane of its own.
    pub fn carry_out_until(&mut self, plan: &Plan, cut: &Cut) {
        for stage in plan.stages.iter().take(cut.stage) {
            for step in &stage.steps {
                self.apply(step);
            }
        }
        let Some(stage) = plan.stages.get(cut.stage) else { return };
        for (lane, count) in lanes(stage).iter().zip(cut.lanes.iter().cycle()) {
            let done = count % (lane.len() + 1);
            for step in &lane[..done] {
                self.apply(step);
            }
            if let Some(step) = lane.get(done) {
                self.break_off(step, cut.ending);
            }
        }
    }

    /// One action, as it succeeds on a real host. From then on a look can tell that it is done,
    /// unless it is one that may be repeated.
    pub fn apply(&mut self, step: &Step) {
        if step.role() == tls::ROLE {
            return self.act_on_certificates(step);
        }
        if self.inventory.arbitrator(&step.node).is_some() {
            return self.act_on_arbitrator(step);
        }
        if let Some(service) = watched::service(step.role()) {
            return self.act_on_service(service, step);
        }
        if step.role() == keepalived::ROLE {
            return self.act_on_sharing(step);
        }
        if self.inventory.proxy(&step.node).is_some() {
            return self.act_on_proxy(step);
        }
        if step.role() == health::ROLE {
            return self.act_on_health(step);
        }
        self.act(step);
        let repeatable = match &step.action {
            Action::Host(action) => matches!(action, HostAction::TryFile(_)),
            Action::Server(action) => may_be_repeated(action),
            Action::Garbd(_)
            | Action::Health(_)
            | Action::Proxy(_)
            | Action::Tls(_)
            | Action::Keepalived(_)
            | Action::Monitoring(_) => true,
        };
        assert_eq!(done(&step.action, self.facts(&step.node)), !repeatable, "{}", step.id);
        self.told();
    }

    fn act(&mut self, step: &Step) {
        match &step.action {
            Action::Host(action) => self.act_on_host(step, action),
            Action::Server(action) => self.act_on_server(step, action),
            Action::Garbd(_)
            | Action::Health(_)
            | Action::Proxy(_)
            | Action::Tls(_)
            | Action::Keepalived(_)
            | Action::Monitoring(_) => {
                panic!("{}: another role", step.id)
            }
        }
    }

    fn act_on_host(&mut self, step: &Step, action: &HostAction) {
        let node = &step.node;
        match action {
            HostAction::PutFile(file) => self.put(node, file),
            HostAction::TryFile(file) => assert!(self.is_wanted(node, &file.text), "{}", step.id),
            HostAction::InstallPackages { .. } => panic!("{}: it is a data node", step.id),
            HostAction::EnableUnit { .. } => self.facts_mut(node).unit.file = "enabled".into(),
            HostAction::DisableUnit { .. } => self.facts_mut(node).unit.file = "disabled".into(),
        }
    }

    fn act_on_server(&mut self, step: &Step, action: &ServerAction) {
        let node = &step.node;
        match action {
            ServerAction::InstallPackages { provider, .. } => self.install(node, provider),
            ServerAction::Disarm { intents } => {
                let host = self.facts_mut(node);
                assert_eq!(&host.intents, intents, "{}: other intents than were seen", step.id);
                host.intents.clear();
            }
            ServerAction::StopServer { .. } => self.stop(node),
            ServerAction::ClearTransfer { .. } => self.clear_transfer(node),
            ServerAction::SetVariables { settings } => {
                let host = self.facts(node);
                assert!(host.is_primary(), "{}: no member", step.id);
                assert!(settings.iter().all(|it| host.changeable.contains_key(&it.name)), "{}", step.id);
            }
            ServerAction::NewCluster { state, .. } => self.found(node, state.as_ref()),
            ServerAction::SstAccount { user, privileges, .. } => {
                self.account(node, user.as_str(), privileges);
            }
            ServerAction::Join { .. } => self.join(node),
            ServerAction::Leave { nodes, most_members, .. } => {
                self.assert_whole(&step.id, nodes, *most_members);
                self.leave(node);
                if self.observation.health_of(node).is_some() {
                    self.health_mut(node).draining = false;
                }
            }
            ServerAction::Drain { .. } => assert!(self.primary().contains(node), "{node} has no clients"),
            ServerAction::Mask { state, .. } => self.mask(node, state),
            ServerAction::Unmask { .. } => self.unmask(node),
            ServerAction::RestorePrimary { state, .. } => self.restore(node, state),
            ServerAction::RecoverPosition { source, .. } => {
                assert!(self.facts(source).live().is_some_and(Live::is_primary), "{source} is no member");
                assert!(!self.facts(node).server_runs(), "{}: a server runs", step.id);
            }
            ServerAction::Forget { .. } => {
                let datadir = &mut self.facts_mut(node).datadir;
                (datadir.grastate, datadir.gvwstate) = (Grastate::Absent, Gvwstate::Absent);
            }
            // The proof of the definition is tried on real hosts; a table is no fact of a host.
            ServerAction::AlterTable { .. }
            | ServerAction::AlterAlone { .. }
            | ServerAction::VerifyTable { .. } => {
                assert!(self.facts(node).live().is_some_and(Live::is_synced), "{node} takes no writes");
            }
            // A recovery is tried on evidence and on real hosts; see tests/core/outages.rs.
            ServerAction::Reform { .. }
            | ServerAction::MarkSafe { .. }
            | ServerAction::RestartCluster { .. }
            | ServerAction::VerifyStopped { .. }
            | ServerAction::KeepAside { .. } => panic!("{}: no bootstrap plans this", step.id),
            ServerAction::VerifyViews { nodes, most_members } => {
                self.assert_whole(&step.id, nodes, *most_members);
            }
            ServerAction::VerifyWrites { nodes } | ServerAction::AwaitDonors { nodes, .. } => {
                for node in nodes {
                    assert!(self.facts(node).live().is_some_and(Live::is_synced), "{node} takes no writes");
                }
            }
        }
    }

    fn unmask(&mut self, node: &NodeName) {
        let host = self.facts_mut(node);
        assert!(host.removal.take().is_some(), "{node}: somebody else has masked it");
        (host.unit.load, host.unit.file) = ("loaded".into(), "enabled".into());
    }

    fn assert_whole(&self, step: &str, nodes: &[NodeName], most_members: usize) {
        let cluster = self.inventory.cluster.to_string();
        let expected = Expectation { cluster, nodes: nodes.to_vec(), most_members };
        assert_eq!(judge(&expected, &self.views()), [], "{step}");
    }

    /// A step that galactl began and did not see the end of.
    fn break_off(&mut self, step: &Step, ending: Ending) {
        match (&step.action, ending) {
            (Action::Server(ServerAction::NewCluster { .. }), Ending::StillArmed) => {
                self.apply(step);
                let intent = Intent::File("/run/mariadb-wsrep-new-cluster".into());
                self.facts_mut(&step.node).intents.push(intent);
            }
            (Action::Server(ServerAction::Join { .. }), Ending::JoinFailed) => {
                let host = self.facts(&step.node).clone().saved(zero(), -1).sst_leftovers();
                self.set(&step.node, host);
            }
            (Action::Server(ServerAction::Join { .. }), Ending::JoinUnderway) => {
                let host = self.facts(&step.node).clone().saved(zero(), -1).sst_leftovers().activating();
                self.set(&step.node, host);
                self.new_view();
            }
            _ => {}
        }
    }

    /// Every server's answer, by node.
    pub fn views(&self) -> BTreeMap<NodeName, Live> {
        self.observation
            .seen()
            .filter_map(|(name, facts)| Some((name.clone(), facts.live()?.clone())))
            .collect()
    }

    /// The members of Primary components.
    pub fn primary(&self) -> Vec<NodeName> {
        let is_primary = |facts: &HostFacts| matches!(facts.state(), NodeState::Primary { .. });
        self.observation.seen().filter(|(_, facts)| is_primary(facts)).map(|(name, _)| name.clone()).collect()
    }

    fn install(&mut self, node: &NodeName, provider: &str) {
        let host = self.facts_mut(node);
        let version = host.version().expect("apt has a candidate").to_string();
        let (was_running, file) = (host.unit.is_up(), host.unit.file.clone());
        host.become_installed(&version, provider);
        if was_running {
            host.become_stopped();
            host.unit.file = file;
        }
    }

    fn stop(&mut self, node: &NodeName) {
        let members = self.primary();
        assert!(!members.contains(node), "{node} is a Primary member: stopping it is never planned");
        self.leave(node);
    }

    /// A server that stops cleanly writes down how far it got.
    fn leave(&mut self, node: &NodeName) {
        let host = self.facts_mut(node);
        if let Some(live) = host.live().filter(|live| live.wsrep_on).cloned() {
            let uuid = live.state_uuid.expect("a running member knows its history");
            let position = Gtid { uuid, seqno: live.last_committed };
            host.datadir.grastate = Grastate::Saved(SavedState { position, safe_to_bootstrap: Some(false) });
            host.datadir.gvwstate = Gvwstate::Absent;
        }
        host.become_stopped();
        // A joiner in the middle of its transfer leaves the group.
        self.new_view();
    }

    fn mask(&mut self, node: &NodeName, state: &StateUuid) {
        let cluster = self.inventory.cluster.to_string();
        let host = self.facts_mut(node);
        assert!(!host.server_runs(), "{node}: a server runs");
        let by = "root@ops, process 7, since 2026-01-01 03:00:00 UTC".into();
        host.removal = Some(Removal { cluster, state_uuid: Some(state.clone()), by });
        (host.unit.load, host.unit.file) = ("masked".into(), "masked".into());
    }

    fn put(&mut self, node: &NodeName, file: &PutFile) {
        let host = self.facts_mut(node);
        assert!(host.server.is_some(), "{node}: the file is tried by the server, which is not there");
        assert_eq!(host.config.is_some(), file.replaces, "{node}: another file");
        host.config = Some(ConfigFile {
            mode: file.mode.clone(),
            owner: file.owner.clone(),
            group: file.group.clone(),
            text: file.text.clone(),
        });
        self.options_from(node);
    }

    /// Born once: no other cluster may live, or have lived, anywhere that can be seen. The one that
    /// was bootstrapped on the seed and that nobody has joined may be started once more.
    fn found(&mut self, node: &NodeName, state: Option<&StateUuid>) {
        assert_eq!(node, &self.inventory.seed, "only the seed bootstraps");
        assert_eq!(self.observation.nodes.len(), self.inventory.nodes.len(), "a node was not seen");
        for (name, facts) in self.observation.seen() {
            let own = if name == node { state } else { None };
            assert_eq!(facts.datadir.grastate.known_uuid(), own, "{name} holds a cluster's state");
            assert!(
                own.is_some() || matches!(facts.state(), NodeState::Fresh),
                "{name} is {:?}",
                facts.state()
            );
            assert!(name == node || facts.datadir.schemas.is_empty(), "{name} holds databases");
        }
        assert!(self.seed_guards().is_empty(), "the executor would refuse: {:?}", self.seed_guards());
        self.assert_ready(node);
        self.births += usize::from(state.is_none());
        let address = self.inventory.node(node).unwrap().address.to_string();
        let born = uuid(100 + u8::try_from(self.births).unwrap());
        let uuid = state.cloned().unwrap_or(born);
        let record = BootstrapRecord {
            cluster: self.inventory.cluster.to_string(),
            state_uuid: Some(uuid.clone()),
            ..BootstrapRecord::default()
        };
        let component = Component { uuid, members: vec![address], seqno: 1, ..Component::of(1) };
        self.facts_mut(node).become_member(node.as_str(), &component);
        self.facts_mut(node).bootstrap_record = Some(record);
        self.started(node);
    }

    /// Only copies of what a member has are deleted.
    fn clear_transfer(&mut self, node: &NodeName) {
        let cluster: Vec<_> = self.primary().iter().map(|name| self.facts(name).datadir.clone()).collect();
        let theirs =
            |name: &String| cluster.iter().any(|datadir| datadir.schemas.iter().any(|s| &s.name == name));
        let host = self.facts(node);
        assert!(!host.server_runs() && host.datadir.grastate.known_uuid().is_none(), "{node}");
        assert!(host.datadir.schemas.iter().all(|schema| theirs(&schema.name)), "{node} loses databases");
        let datadir = &mut self.facts_mut(node).datadir;
        datadir.sst_leftovers.clear();
        datadir.schemas.clear();
        (datadir.grastate, datadir.gvwstate, datadir.initialised) =
            (Grastate::Absent, Gvwstate::Absent, false);
    }

    /// No second history: whoever else is there has nothing of this one, and does not run.
    fn restore(&mut self, node: &NodeName, state: &StateUuid) {
        for (name, facts) in self.observation.seen().filter(|(name, _)| *name != node) {
            assert!(!facts.server_runs() && facts.datadir.grastate.known_uuid().is_none(), "{name}");
        }
        let address = self.inventory.node(node).unwrap().address.to_string();
        let component =
            Component { uuid: state.clone(), members: vec![address], conf_id: 9, ..Component::of(1) };
        let spoken = self.facts(node).live().and_then(|live| live.spoken);
        self.facts_mut(node).become_member(node.as_str(), &component);
        self.speaks(node, spoken);
    }

    fn account(&mut self, node: &NodeName, user: &str, privileges: &[String]) {
        assert!(self.facts(node).live().is_some_and(Live::is_synced), "{node} takes no statements");
        let grant = format!("GRANT {} ON *.* TO `{user}`@`localhost`", privileges.join(", "));
        for member in self.primary() {
            self.facts_mut(&member).sst_grants = vec![grant.clone()];
        }
    }

    fn join(&mut self, node: &NodeName) {
        self.assert_ready(node);
        let members = self.primary();
        assert!(!members.contains(node), "{node} is a member");
        let donor = self.facts(members.first().expect("somebody to join")).clone();
        let live = donor.live().expect("a member answers").clone();
        let component = Component {
            cluster: live.cluster_name.clone(),
            uuid: live.state_uuid.clone().expect("a member knows its history"),
            conf_id: live.conf_id,
            size: live.cluster_size,
            members: Vec::new(),
            seqno: 0,
        };
        let seed = self.inventory.seed.clone();
        self.facts_mut(&seed).bootstrap_record.iter_mut().for_each(|record| record.joined = true);
        let host = self.facts_mut(node);
        host.become_member(node.as_str(), &component);
        host.datadir.schemas = donor.datadir.schemas.clone();
        host.datadir.bytes = donor.datadir.bytes;
        host.datadir.initialised = true;
        host.sst_grants = donor.sst_grants.clone();
        self.assert_transfers(node);
        self.started(node);
        self.new_view();
    }

    /// What must be true of any host whose server is started.
    fn assert_ready(&self, node: &NodeName) {
        let host = self.facts(node);
        assert!(host.server.is_some(), "{node} has no server");
        assert!(host.intents.is_empty(), "{node} would found a cluster: {:?}", host.intents);
        assert!(!host.unit.is_masked(), "{node} is masked");
        let starting = host.unit.active == "activating";
        assert!(starting || !host.server_runs(), "{node} runs: a start would do nothing");
        let text = host.config.as_ref().map_or("", |config| config.text.as_str());
        assert!(self.is_wanted(node, text), "{node} would start with another configuration: {text}");
    }

    /// All members see one view. A joiner is in it before its server is up.
    pub fn new_view(&mut self) {
        let names = self.primary();
        let votes =
            self.inventory.arbitrators().iter().filter_map(|it| self.observation.arbitrator(&it.name));
        let votes = votes.filter(|facts| facts.runs()).count();
        let lives: Vec<Live> = names.iter().filter_map(|name| self.facts(name).live().cloned()).collect();
        let is_in = |name: &NodeName, facts: &HostFacts| names.contains(name) || self.is_joining(name, facts);
        let group = self.observation.seen().filter(|(name, facts)| is_in(name, facts));
        let address = |name: &NodeName| self.inventory.node(name).unwrap().address.to_string();
        let mut members: Vec<String> = group.map(|(name, _)| address(name)).collect();
        members.sort();
        let size = (members.len() + votes) as u64;
        if lives.iter().all(|live| live.members == members && live.cluster_size == size) {
            return;
        }
        let conf_id = lives.iter().map(|live| live.conf_id).max().unwrap_or(0) + 1;
        let seqno = lives.iter().map(|live| i64::from(live.last_committed)).max().unwrap_or(0) + 1;
        for name in names {
            let host = self.facts_mut(&name);
            let mut live = host.live().expect("a member answers").clone();
            live.cluster_size = size;
            live.conf_id = conf_id;
            live.last_committed = Seqno::from(seqno);
            live.members.clone_from(&members);
            host.server_answer = ServerAnswer::Live(Box::new(live));
        }
    }

    fn is_joining(&self, name: &NodeName, facts: &HostFacts) -> bool {
        facts.unit.active == "activating"
            && facts.config.as_ref().is_some_and(|config| self.is_wanted(name, &config.text))
    }
}

/// No look can tell that it was done.
fn may_be_repeated(action: &ServerAction) -> bool {
    matches!(
        action,
        ServerAction::ClearTransfer { .. }
            | ServerAction::SetVariables { .. }
            | ServerAction::SstAccount { .. }
            | ServerAction::Join { .. }
            | ServerAction::AwaitDonors { .. }
            | ServerAction::RecoverPosition { .. }
            | ServerAction::Drain { .. }
            | ServerAction::AlterTable { .. }
            | ServerAction::AlterAlone { .. }
            | ServerAction::VerifyTable { .. }
            | ServerAction::Forget { .. }
            | ServerAction::VerifyViews { .. }
            | ServerAction::VerifyWrites { .. }
    )
}

/// The steps that follow each other, by node in a parallel stage.
fn lanes(stage: &Stage<Action>) -> Vec<Vec<&Step>> {
    match stage.width {
        Width::Serial | Width::OneByOne => vec![stage.steps.iter().collect()],
        Width::NodesInParallel => {
            let mut lanes = BTreeMap::<&NodeName, Vec<&Step>>::new();
            for step in &stage.steps {
                lanes.entry(&step.node).or_default().push(step);
            }
            lanes.into_values().collect()
        }
    }
}
