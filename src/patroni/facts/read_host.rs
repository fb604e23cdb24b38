//! The text that the scripts of a host print → its facts.

use std::collections::BTreeMap;

use super::etcd::EtcdFacts;
use super::host::{DebianCluster, EtcdHostFacts, HostFacts, ServerProcess};
use super::read_datadir::datadir;
use super::read_patroni::patroni;
use super::read_server::server;
use crate::kernel::facts::{ConfigFile, Machine, Malformed, Report, UnitFacts};
use crate::kernel::model::Secrets;
use crate::patroni::config::redact;
use crate::postgresql::packages::packages;

impl HostFacts {
    /// Reads what `node.sh`, `datadir.sh`, `server.sh` and `etcd.sh` printed. `folder`: that of the scope's keys in etcd, such as
    /// `/service/core`. The secrets, and all other passwords in the host's files, are replaced.
    ///
    /// Errors: a part is missing that every host tells.
    pub fn read(report: &Report, folder: &str, secrets: &Secrets) -> Result<Self, Malformed> {
        if !report.has("unit/patroni") {
            return Err(Malformed("no unit of Patroni in it"));
        }
        Ok(Self {
            machine: Machine::read(report),
            packages: packages(report),
            units: units(report),
            servers: report.lines("servers").filter_map(server_process).collect(),
            patroni_processes: report.pids("patroni_processes"),
            datadir: datadir(report)?,
            debian_clusters: report.lines("lsclusters").filter_map(debian_cluster).collect(),
            other_datadirs: report.lines("other_datadirs").map(str::to_owned).collect(),
            server: server(report),
            patroni: patroni(report),
            etcd: EtcdFacts::read(report, folder)?,
            config: ConfigFile::of(report, "config", |text| redact(text, secrets)),
            createcluster: ConfigFile::of(report, "createcluster", str::to_owned),
            stale: report.has("stale"),
        })
    }
}

impl EtcdHostFacts {
    /// Reads what `etcd.sh` printed alone; see [`HostFacts::read`].
    ///
    /// Errors: the report says nothing about the unit.
    pub fn read(report: &Report, folder: &str) -> Result<Self, Malformed> {
        Ok(Self {
            machine: Machine::read(report),
            packages: packages(report),
            etcd: EtcdFacts::read(report, folder)?,
        })
    }
}

pub(super) fn units(report: &Report) -> BTreeMap<String, UnitFacts> {
    let read = |name: &str| (name.to_owned(), UnitFacts::of(report, &format!("unit/{name}")));
    report.named("unit/").map(|(name, _)| read(name)).collect()
}

pub(super) fn server_process(line: &str) -> Option<ServerProcess> {
    let (pid, datadir) = line.split_once('\t')?;
    Some(ServerProcess { pid: pid.parse().ok()?, datadir: datadir.to_owned() })
}

/// `15  main  5432  online  postgres  /var/lib/postgresql/15/main  /var/log/…`.
fn debian_cluster(line: &str) -> Option<DebianCluster> {
    let mut words = line.split_whitespace().map(str::to_owned);
    Some(DebianCluster {
        version: words.next()?,
        name: words.next()?,
        port: words.next()?.parse().ok()?,
        status: words.next()?,
        owner: words.next()?,
        datadir: words.next()?,
    })
}
