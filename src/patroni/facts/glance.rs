//! What changes on a data node from one moment to the next.

use std::collections::BTreeMap;

use super::etcd::EtcdFacts;
use super::host::{HostFacts, ServerProcess};
use super::patroni::PatroniFacts;
use super::read_host::{server_process, units};
use super::read_patroni::patroni;
use super::read_server::server;
use super::server::Live;
use crate::kernel::facts::Answer;
use crate::kernel::facts::{Malformed, Report, UnitFacts};

/// A short look: all but the files and the packages.
#[derive(Debug, Clone)]
pub struct Glance {
    units: BTreeMap<String, UnitFacts>,
    servers: Vec<ServerProcess>,
    patroni_processes: Vec<u32>,
    pub server: Answer<Box<Live>>,
    patroni: PatroniFacts,
    etcd: EtcdFacts,
}

impl Glance {
    /// Reads what `node.sh`, `server.sh` and `etcd.sh` printed; see [`HostFacts::read`].
    ///
    /// Errors: a part is missing that every host tells.
    pub fn read(report: &Report, folder: &str) -> Result<Self, Malformed> {
        if !report.has("unit/patroni") {
            return Err(Malformed("no unit of Patroni in it"));
        }
        Ok(Self {
            units: units(report),
            servers: report.lines("servers").filter_map(server_process).collect(),
            patroni_processes: report.pids("patroni_processes"),
            server: server(report),
            patroni: patroni(report),
            etcd: EtcdFacts::read(report, folder)?,
        })
    }

    /// Renews what an earlier look has told. The clock of the host is not known any more: it was that of the earlier look.
    pub fn onto(self, facts: &mut HostFacts) {
        facts.machine.clock = 0.0;
        facts.units = self.units;
        facts.servers = self.servers;
        facts.patroni_processes = self.patroni_processes;
        facts.server = self.server;
        facts.patroni = self.patroni;
        facts.etcd = self.etcd;
    }
}
