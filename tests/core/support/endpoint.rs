//! What nodes tell proxies, the proxies' hosts, and what each action does to them.

use galactl::galera::facts::Live;
use galactl::galera::health::action::HealthAction;
use galactl::galera::health::answer::Answer;
use galactl::galera::health::facts::HealthFacts;
use galactl::galera::plan::{Action, Step};
use galactl::galera::proxy::Kind;
use galactl::galera::proxy::action::ProxyAction;
use galactl::galera::proxy::facts::ProxyFacts;
use galactl::galera::proxy::opinion::Opinion;
use galactl::kernel::facts::{ConfigFile, Machine, ProgramFacts, Seen, UnitFacts};
use galactl::kernel::keepalived::action::SharingAction;
use galactl::kernel::keepalived::facts::SharingFacts;
use galactl::kernel::model::NodeName;
use galactl::kernel::plan::{HostAction, PutFile};

use super::world::World;

/// A Debian host without the package.
pub fn bare_proxy() -> ProxyFacts {
    let unit = UnitFacts { load: "not-found".into(), active: "inactive".into(), ..UnitFacts::default() };
    let machine = Machine { os: "debian 12".into(), debian_family: true, ..Machine::default() };
    // A source of the host has what Debian has not.
    let program = ProgramFacts { machine, unit, ..ProgramFacts::default() };
    ProxyFacts { program, candidate: Some("2.7.2".into()), ..ProxyFacts::default() }
}

pub fn file(file: &PutFile) -> Option<ConfigFile> {
    let (mode, owner, group) = (file.mode.clone(), file.owner.clone(), file.group.clone());
    Some(ConfigFile { mode, owner, group, text: file.text.clone() })
}

/// What a ProxySQL thinks that asks the servers itself: a drain is nothing to it, and the writer stays while it is up.
fn asked(up: &[NodeName], has_monitor: bool, before: Option<&Opinion>) -> Opinion {
    let takes: Vec<_> = up.iter().filter(|_| has_monitor).cloned().collect();
    let writer = before.and_then(|opinion| opinion.writer.clone()).filter(|node| takes.contains(node));
    Opinion { writer: writer.or_else(|| takes.first().cloned()), takes: takes.into_iter().collect() }
}

impl World {
    pub fn health_mut(&mut self, node: &NodeName) -> &mut HealthFacts {
        match self.observation.health.get_mut(node) {
            Some(Seen::Facts(facts)) => facts,
            _ => panic!("{node} is not seen"),
        }
    }

    pub fn proxy_mut(&mut self, name: &NodeName) -> &mut ProxyFacts {
        match self.observation.proxies.get_mut(name) {
            Some(Seen::Facts(facts)) => facts,
            _ => panic!("{name} is not seen"),
        }
    }

    /// The nodes that are drained now.
    pub fn drained(&self) -> Vec<NodeName> {
        let names = self.inventory.nodes.iter().map(|node| node.name.clone());
        names.filter(|name| self.observation.health_of(name).is_some_and(|facts| facts.draining)).collect()
    }

    fn serves(&self, node: &NodeName) -> bool {
        let told = self.observation.health_of(node).and_then(|facts| facts.answer.as_ref());
        told.is_some_and(Answer::serves)
    }

    pub fn act_on_health(&mut self, step: &Step) {
        let node = &step.node;
        match &step.action {
            Action::Host(HostAction::PutFile(put)) => {
                let health = self.health_mut(node);
                let place = match put.artefact.as_str() {
                    "script" => &mut health.script,
                    "socket" => &mut health.socket,
                    "service" => &mut health.service,
                    other => panic!("{}: {other}", step.id),
                };
                assert_eq!(place.is_some(), put.replaces, "{}", step.id);
                *place = file(put);
            }
            Action::Health(HealthAction::CreateUser) => self.health_mut(node).user = true,
            Action::Health(HealthAction::CreateAccount) => {
                assert!(self.primary().contains(node), "{}: it takes no writes", step.id);
                self.has_account = true;
            }
            Action::Health(HealthAction::CreateMonitor { .. }) => {
                assert!(self.primary().contains(node), "{}: it takes no writes", step.id);
                self.has_monitor = true;
            }
            Action::Health(HealthAction::Listen) => {
                let unit = &mut self.health_mut(node).unit;
                (unit.active, unit.file) = ("active".into(), "enabled".into());
            }
            Action::Health(HealthAction::Drain { others, .. }) => {
                assert!(
                    others.iter().all(|other| self.serves(other)),
                    "{}: {others:?} do not serve",
                    step.id
                );
                assert!(!others.is_empty() && !others.contains(node), "{}: nobody else serves", step.id);
                self.health_mut(node).draining = true;
            }
            Action::Health(HealthAction::Serve) => self.health_mut(node).draining = false,
            Action::Health(HealthAction::Silence) => {
                let unit = &mut self.health_mut(node).unit;
                (unit.active, unit.file) = ("inactive".into(), "disabled".into());
            }
            other => panic!("{}: {other:?}", step.id),
        }
        self.told();
    }

    pub fn act_on_proxy(&mut self, step: &Step) {
        let proxy = self.proxy_mut(&step.node);
        match &step.action {
            Action::Host(HostAction::InstallPackages { .. }) => {
                assert_eq!(proxy.program.package, None, "{}", step.id);
                proxy.program.package = Some("2.6.12-1".into());
                proxy.program.unit.file = "enabled".into();
            }
            Action::Proxy(ProxyAction::InstallFile { .. }) => {
                assert_eq!(step.role(), "proxysql", "{}", step.id);
                proxy.program.package = Some("2.7.2".into());
                proxy.program.unit.file = "enabled".into();
            }
            Action::Proxy(ProxyAction::MoveWrites { from, to, .. }) => {
                let opinion = proxy.opinion.as_mut().expect("it runs");
                assert!(!to.is_empty() && !to.contains(from), "{}", step.id);
                assert!(to.iter().all(|node| opinion.takes(node)), "{}: {to:?} do not serve", step.id);
                if opinion.writer.as_ref() == Some(from) {
                    opinion.writer = Some(to[0].clone());
                }
            }
            Action::Host(HostAction::PutFile(put)) => {
                assert_eq!(proxy.program.files.contains_key(&put.artefact), put.replaces, "{}", step.id);
                proxy.program.files.extend(file(put).map(|file| (put.artefact.clone(), file)));
            }
            Action::Host(HostAction::EnableUnit { .. }) => proxy.program.unit.file = "enabled".into(),
            Action::Proxy(ProxyAction::Run { nodes, .. }) => {
                let is_told =
                    proxy.program.file("config").is_some() || proxy.program.file("statements").is_some();
                assert!(is_told && proxy.program.package.is_some(), "{}", step.id);
                let active =
                    UnitFacts { active: "active".into(), file: "enabled".into(), ..UnitFacts::default() };
                proxy.follower = proxy.program.file("service").map(|_| active);
                proxy.program.unit.active = "active".into();
                let silent: Vec<_> = nodes.iter().filter(|node| !self.serves(node)).collect();
                assert!(silent.is_empty(), "{}: {silent:?} do not serve", step.id);
            }
            Action::Proxy(ProxyAction::Verify { proxies, shared, nodes }) => {
                assert!(nodes.iter().all(|node| self.serves(node)), "{}: not all serve", step.id);
                let held = self
                    .inventory
                    .proxies()
                    .iter()
                    .any(|it| self.observation.sharing_of(&it.name).is_some_and(|facts| facts.holds));
                assert!(shared.is_none() || held, "{}: nobody has {shared:?}", step.id);
                for proxy in proxies {
                    assert_eq!(self.proxy_mut(proxy).program.unit.active, "active", "{}: {proxy}", step.id);
                }
            }
            other => panic!("{}: {other:?}", step.id),
        }
        self.told();
    }

    pub fn sharing_mut(&mut self, name: &NodeName) -> &mut SharingFacts {
        match self.observation.sharing.get_mut(name) {
            Some(Seen::Facts(facts)) => facts,
            _ => panic!("{name} is not seen"),
        }
    }

    pub fn act_on_sharing(&mut self, step: &Step) {
        let holders = self
            .inventory
            .proxies()
            .iter()
            .filter(|it| self.observation.sharing_of(&it.name).is_some_and(|facts| facts.holds));
        let held = holders.count() > 0;
        let sharing = self.sharing_mut(&step.node);
        match &step.action {
            Action::Host(HostAction::InstallPackages { .. }) => {
                sharing.program.package = Some("2.2.7".into());
            }
            Action::Host(HostAction::PutFile(put)) => {
                sharing.program.files.extend(file(put).map(|file| (put.artefact.clone(), file)));
            }
            Action::Host(HostAction::EnableUnit { .. }) => sharing.program.unit.file = "enabled".into(),
            Action::Keepalived(SharingAction::Share { .. }) => {
                assert!(sharing.config().is_some() && sharing.program.package.is_some(), "{}", step.id);
                sharing.program.unit.active = "active".into();
                sharing.holds |= !held;
            }
            other => panic!("{}: {other:?}", step.id),
        }
    }

    /// What the nodes tell now, and what the proxies make of it.
    pub fn told(&mut self) {
        let names: Vec<NodeName> = self.observation.health.keys().cloned().collect();
        for name in names {
            let synced =
                self.observation.facts(&name).and_then(|facts| facts.live()).is_some_and(Live::is_synced);
            let account = self.has_account;
            let health = self.health_mut(&name);
            let (status, why) = match (synced, account, health.draining) {
                (false, ..) => (503, "it is in no Primary component"),
                (_, false, _) => (503, "ERROR 1698 (28000): Access denied for user"),
                (.., true) => (404, "it is being drained"),
                _ => (200, "it is Synced"),
            };
            health.answer =
                (health.script.is_some() && health.user).then(|| Answer { status, why: why.to_owned() });
        }
        let nodes: Vec<NodeName> = self.inventory.start_order().map(|node| node.name.clone()).collect();
        let takes: Vec<NodeName> = nodes.iter().filter(|node| self.serves(node)).cloned().collect();
        let opinion = Opinion { takes: takes.into_iter().collect(), writer: None };
        let up = |node: &&NodeName| {
            self.observation.facts(node).and_then(|facts| facts.live()).is_some_and(Live::is_synced)
        };
        let up: Vec<NodeName> = nodes.iter().filter(up).cloned().collect();
        for (name, seen) in &mut self.observation.proxies {
            let is_proxysql = self.inventory.proxy(name).is_some_and(|proxy| proxy.kind == Kind::Proxysql);
            if let Seen::Facts(facts) = seen {
                let opinion = match is_proxysql {
                    true => asked(&up, self.has_monitor, facts.opinion.as_ref()),
                    false => opinion.clone(),
                };
                facts.opinion = (facts.program.unit.active == "active").then_some(opinion);
            }
        }
    }
}
