//! Arbitrators' hosts, and what each action does to them.

use galactl::galera::garbd::action::GarbdAction;
use galactl::galera::garbd::facts::ArbitratorFacts;
use galactl::galera::garbd::settings::{GARBD_PACKAGE, Garbd};
use galactl::galera::plan::{Action, Step};
use galactl::kernel::facts::{ConfigFile, Machine, UnitFacts};
use galactl::kernel::plan::HostAction;

use super::world::World;

/// A Debian host with the package as its installation leaves it: without settings, and so not running.
pub fn arbitrator_host() -> ArbitratorFacts {
    ArbitratorFacts {
        machine: Machine {
            os: "debian 12".into(),
            debian_family: true,
            machine_id: "facade".into(),
            clock: 1_700_000_000.0,
            ..Machine::default()
        },
        package: Some("26.4.23-0+deb12u1".into()),
        unit: UnitFacts {
            load: "loaded".into(),
            active: "failed".into(),
            file: "enabled".into(),
            ..UnitFacts::default()
        },
        ..ArbitratorFacts::default()
    }
}

pub fn bare_arbitrator_host() -> ArbitratorFacts {
    let unit = UnitFacts { load: "not-found".into(), active: "inactive".into(), ..UnitFacts::default() };
    ArbitratorFacts { package: None, unit, ..arbitrator_host() }
}

impl World {
    /// A cluster of these nodes and one arbitrator, bootstrapped.
    pub fn with_arbitrator(nodes: usize) -> Self {
        let shape = super::Shape { arbitrator: true, rsync: true, ..super::Shape::of(nodes) };
        let mut world = Self::new(&shape, vec![super::fresh(); nodes]);
        let plan = world.bootstrap().unwrap();
        world.carry_out(&plan);
        world
    }

    /// What garbd's settings should be.
    pub fn wanted_garbd(&self) -> Garbd {
        Garbd::of(&self.inventory, &self.inventory.arbitrators()[0])
    }

    /// One action on an arbitrator's host.
    pub fn act_on_arbitrator(&mut self, step: &Step) {
        let primary = self.primary();
        let host = self.arbitrator_mut(&step.node);
        match &step.action {
            Action::Host(HostAction::InstallPackages { packages }) => {
                assert_eq!(
                    (packages.as_slice(), &host.package),
                    ([GARBD_PACKAGE.to_owned()].as_slice(), &None)
                );
                *host = arbitrator_host();
            }
            Action::Host(HostAction::PutFile(file)) => {
                assert_eq!(host.config.is_some(), file.replaces, "{}", step.id);
                let (mode, owner, group) = (file.mode.clone(), file.owner.clone(), file.group.clone());
                let text = file.text.clone();
                host.config = Some(ConfigFile { mode, owner, group, text });
            }
            Action::Garbd(GarbdAction::Start { nodes, again, .. }) => {
                assert_eq!(*again, host.runs(), "{}", step.id);
                assert_eq!(&primary.len(), &nodes.len(), "{}: the nodes are not whole", step.id);
                let text = host.config.as_ref().map(|config| config.text.clone()).unwrap_or_default();
                let wanted = self.garbd_with(&text);
                self.arbitrator_mut(&step.node).become_running(&wanted);
                self.arbitrator_started(&step.node);
            }
            Action::Garbd(GarbdAction::Stop { for_good }) => {
                assert!(host.runs() || *for_good, "{}", step.id);
                host.unit.active = "inactive".into();
                (host.processes, host.arguments) = (Vec::new(), Vec::new());
                if *for_good {
                    host.unit.file = "disabled".into();
                }
            }
            Action::Host(HostAction::EnableUnit { .. }) => host.unit.file = "enabled".into(),
            other => panic!("{}: {other:?}", step.id),
        }
        self.new_view();
    }
}

pub trait Running {
    fn become_running(&mut self, settings: &Garbd);
}

impl Running for ArbitratorFacts {
    fn become_running(&mut self, settings: &Garbd) {
        self.unit.active = "active".into();
        self.processes = vec![120];
        let words = ["garbd", "-g", &settings.group, "-o", &settings.options];
        self.arguments = words.map(str::to_owned).to_vec();
    }
}
