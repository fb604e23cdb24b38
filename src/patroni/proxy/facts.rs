//! The facts that one look at a proxy's host found.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::settings::{READ, WRITE};
use crate::kernel::facts::{ConfigFile, Fingerprint, Malformed, ProgramFacts, Report};
use crate::kernel::haproxy::stat::servers;
use crate::kernel::haproxy::{self};
use crate::kernel::model::NodeName;
use crate::kernel::plan::PutFile;

/// The host of a proxy.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ProxyFacts {
    #[serde(flatten)]
    pub program: ProgramFacts,
    /// Where the running proxy sends clients; `None`: it does not run, or not with what galactl wrote.
    pub routes: Option<Routes>,
}

/// Where a proxy sends new clients, by what the nodes answered it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Routes {
    /// The nodes that say that they are the primary: one, but for moments.
    pub writes: BTreeSet<NodeName>,
    /// The nodes that say that they are standbys. Where there is none, clients that read go where writes go.
    pub reads: BTreeSet<NodeName>,
}

impl ProxyFacts {
    /// Reads what the scripts found.
    ///
    /// Errors: the report says nothing about the unit.
    pub fn read(report: &Report) -> Result<Self, Malformed> {
        let program = haproxy::on_host(Vec::new());
        Ok(Self {
            program: ProgramFacts::read(&program, report, str::to_owned)?,
            routes: Routes::read(report.text("stat")),
        })
    }

    /// Those of the facts that decide what a plan does on this host. Where clients are sent is none: it changes with
    /// the nodes.
    pub fn fingerprint(&self, role: &str) -> Fingerprint {
        self.program.fingerprint(role, Vec::new())
    }

    /// Its file.
    pub fn config(&self) -> Option<&ConfigFile> {
        self.program.file(PutFile::SETTINGS)
    }

    /// Writes go to this node, and to no other.
    pub fn leads_to(&self, primary: &NodeName) -> bool {
        self.routes.as_ref().is_some_and(|routes| routes.writes.iter().eq([primary]))
    }
}

impl Routes {
    /// Reads what `show stat` prints. `None`: it has no section of galactl's.
    pub fn read(stat: &str) -> Option<Self> {
        let servers = servers(stat);
        let taking = |section: &str| {
            let own = servers.iter().filter(|it| it.backend == section && it.takes());
            own.filter_map(|it| it.name.parse().ok()).collect()
        };
        let ours = servers.iter().any(|it| it.backend == WRITE);
        ours.then(|| Self { writes: taking(WRITE), reads: taking(READ) })
    }
}

#[cfg(test)]
mod tests {
    use super::Routes;

    const STAT: &str = "# pxname,svname,status,sid,check_status\n\
        galactl-write,FRONTEND,OPEN,0,\n\
        galactl-write,pg1,UP,1,L7OK\n\
        galactl-write,pg2,DOWN,2,L7STS\n\
        galactl-read,pg1,DOWN,1,L7STS\n\
        galactl-read,pg2,UP,2,* L7OK\n\
        galactl-read,pg1:primary,UP,4,\n\
        galactl-read,pg2:primary,DOWN,5,\n\
        galactl-read,BACKEND,UP,0,\n";

    #[test]
    fn the_primary_stands_by_for_reads_and_is_no_route_of_theirs() {
        let routes = Routes::read(STAT).unwrap();
        assert_eq!(routes.writes, ["pg1".parse().unwrap()].into());
        assert_eq!(routes.reads, ["pg2".parse().unwrap()].into());
        assert_eq!(Routes::read("# pxname,svname,status,sid,check_status\nweb,pg1,UP,1,L7OK\n"), None);
        assert_eq!(Routes::read(""), None);
    }
}
