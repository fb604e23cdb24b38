//! The programs of monitoring, and on whose hosts they run.

use super::inventory::{ALERTMANAGER_PORT, ROLE};
use super::job::Job;
use crate::galera::inventory::Inventory;
use crate::kernel::facts::{File, Program};
use crate::kernel::inventory::{Entry, Placement};
use crate::kernel::model::{Address, HostName, NodeName, UnitName};

/// A program of monitoring. Each is a role of its own in plans.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Service {
    /// On the host of each data node.
    MysqldExporter,
    /// On each host.
    NodeExporter,
    Prometheus,
    Alertmanager,
}

/// The ids of a program's files. This one is the unit's.
pub const UNIT_FILE: &str = "service";
pub const LOGIN: &str = "login";
pub const ARGUMENTS: &str = "arguments";
pub const RULES: &str = "rules";
pub const TARGETS: &str = "targets";
pub const SETTINGS: &str = "config";
pub const CONSOLE: &str = "console";

const MYSQLD_FILES: [File; 2] = [
    File {
        artefact: LOGIN,
        path: "/etc/mysql/galactl-exporter.cnf",
        unit: "prometheus-mysqld-exporter.service",
    },
    File {
        artefact: UNIT_FILE,
        path: "/etc/systemd/system/prometheus-mysqld-exporter.service",
        unit: "prometheus-mysqld-exporter.service",
    },
];
const NODE_FILES: [File; 1] = [File {
    artefact: UNIT_FILE,
    path: "/etc/systemd/system/prometheus-node-exporter.service",
    unit: "prometheus-node-exporter.service",
}];
const PROMETHEUS_FILES: [File; 5] = [
    File { artefact: ARGUMENTS, path: "/etc/default/prometheus", unit: "prometheus.service" },
    File { artefact: RULES, path: "/etc/prometheus/galactl.rules.yml", unit: "prometheus.service" },
    File { artefact: TARGETS, path: "/etc/prometheus/galactl.targets.yml", unit: "" },
    File { artefact: CONSOLE, path: "/etc/prometheus/consoles/galactl.html", unit: "" },
    File { artefact: SETTINGS, path: "/etc/prometheus/prometheus.yml", unit: "prometheus.service" },
];
const ALERTMANAGER_FILES: [File; 2] = [
    File {
        artefact: ARGUMENTS,
        path: "/etc/default/prometheus-alertmanager",
        unit: "prometheus-alertmanager.service",
    },
    File {
        artefact: SETTINGS,
        path: "/etc/prometheus/alertmanager.yml",
        unit: "prometheus-alertmanager.service",
    },
];

/// The port of Prometheus, which listens on its own host alone, as Alertmanager does.
const PROMETHEUS_PORT: u16 = 9090;

impl Service {
    pub const ALL: [Self; 4] =
        [Self::MysqldExporter, Self::NodeExporter, Self::Prometheus, Self::Alertmanager];

    /// Its name in ids of steps and fingerprints.
    pub fn role(self) -> &'static str {
        match self {
            Self::MysqldExporter => "mysqld-exporter",
            Self::NodeExporter => "node-exporter",
            Self::Prometheus => ROLE,
            Self::Alertmanager => "alertmanager",
        }
    }

    /// Debian's package.
    fn packages(self) -> &'static [&'static str; 1] {
        match self {
            Self::MysqldExporter => &["prometheus-mysqld-exporter"],
            Self::NodeExporter => &["prometheus-node-exporter"],
            Self::Prometheus => &["prometheus"],
            Self::Alertmanager => &["prometheus-alertmanager"],
        }
    }

    /// The name of its unit, which is that of its package.
    pub fn unit(self) -> &'static str {
        self.packages()[0]
    }

    /// [`Self::unit`] as a name.
    ///
    /// # Panics
    ///
    /// Never: each is a valid name.
    pub fn unit_name(self) -> UnitName {
        self.unit().parse().expect("a unit's name")
    }

    pub fn port(self) -> u16 {
        match self {
            Self::MysqldExporter => Job::Mysqld.port(),
            Self::NodeExporter => Job::Node.port(),
            Self::Prometheus => PROMETHEUS_PORT,
            Self::Alertmanager => ALERTMANAGER_PORT,
        }
    }

    /// The program that answers for this job; `None`: HAProxy does that by itself.
    pub fn of(job: Job) -> Option<Self> {
        match job {
            Job::Mysqld => Some(Self::MysqldExporter),
            Job::Node => Some(Self::NodeExporter),
            Job::Haproxy => None,
        }
    }

    /// True of a program that watches others, and is not asked itself.
    pub fn watches(self) -> bool {
        matches!(self, Self::Prometheus | Self::Alertmanager)
    }

    /// Its files, in the order in which they are put in place.
    pub fn files(self) -> &'static [File] {
        match self {
            Self::MysqldExporter => &MYSQLD_FILES,
            Self::NodeExporter => &NODE_FILES,
            Self::Prometheus => &PROMETHEUS_FILES,
            Self::Alertmanager => &ALERTMANAGER_FILES,
        }
    }

    /// The program on its host: packages, unit and files.
    pub fn program(self) -> Program<'static> {
        Program {
            name: self.unit(),
            ports: vec![self.port()],
            packages: self.packages(),
            files: self.files(),
        }
    }
}

/// A program of monitoring that the inventory wants on a member's host.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    pub service: Service,
    pub member: &'a NodeName,
    pub host: &'a HostName,
    pub address: &'a Address,
}

impl<'a> Place<'a> {
    fn new(service: Service, entry: &'a dyn Entry) -> Self {
        Self { service, member: entry.name(), host: entry.host(), address: entry.address() }
    }

    /// The member in the role of this program.
    pub fn placement(&self) -> Placement {
        Placement { member: self.member.clone(), host: self.host.clone(), role: self.service.role() }
    }
}

/// Every program that the inventory wants, the exporters first. A host has one node exporter, which is that of
/// the first member on it.
pub fn places(inventory: &Inventory) -> Vec<Place<'_>> {
    let Some(monitoring) = &inventory.monitoring else { return Vec::new() };
    let mut places = Vec::new();
    if monitoring.exporters {
        places.extend(inventory.nodes.iter().map(|node| Place::new(Service::MysqldExporter, node)));
        let entries = inventory.entries().into_iter().map(|it| it.entry);
        let first = entries.filter(|it| it.host().as_str() == it.name().as_str());
        places.extend(first.map(|it| Place::new(Service::NodeExporter, it)));
    }
    if let Some(watcher) = inventory.watcher() {
        let own = monitoring.alertmanager.is_none().then_some(Service::Alertmanager);
        places.extend(own.into_iter().chain([Service::Prometheus]).map(|it| Place::new(it, watcher)));
    }
    places
}
