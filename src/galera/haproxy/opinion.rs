//! What a proxy thinks of each data node, by its own statistics.

use serde::{Deserialize, Serialize};

use super::settings::checking;
use crate::kernel::model::NodeName;

/// A server of one of the proxy's backends (`show stat`, HAProxy's management guide, 9.1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opinion {
    pub backend: String,
    pub server: String,
    /// `UP`, `DOWN`, `NOLB` and others, perhaps with more words.
    pub status: String,
    /// How the last check ended, such as `L7OK`; empty where another part of the proxy checks, or none has yet.
    pub check: String,
}

/// The opinions in the CSV that `show stat` prints. Columns are found by their names; those that are read stand
/// before the first one that may hold a comma.
pub fn read(csv: &str) -> Vec<Opinion> {
    let mut lines = csv.lines();
    let Some(header) = lines.find_map(|line| line.strip_prefix("# ")) else { return Vec::new() };
    let column = |name: &str| header.split(',').position(|it| it == name);
    let columns = (column("pxname"), column("svname"), column("status"), column("check_status"));
    let (Some(backend), Some(server), Some(status), Some(check)) = columns else { return Vec::new() };
    let opinion = |line: &str| {
        let fields: Vec<&str> = line.split(',').collect();
        let field = |at: usize| fields.get(at).map(|text| (*text).to_owned());
        Some(Opinion {
            backend: field(backend)?,
            server: field(server).filter(|server| server != "FRONTEND" && server != "BACKEND")?,
            status: field(status)?,
            check: field(check)?,
        })
    };
    lines.filter_map(opinion).collect()
}

impl Opinion {
    /// New clients are sent to this node, by what its own health tells. A proxy that has just started takes every
    /// server for one that is up. While a check is under way, a `*` stands before the last one.
    pub fn takes(&self, node: &NodeName) -> bool {
        let checked =
            self.backend == checking(node) && self.server == node.as_str() && self.check.ends_with("L7OK");
        checked && self.status.starts_with("UP")
    }

    /// It belongs to a configuration that galactl wrote.
    pub fn is_ours(&self) -> bool {
        self.backend.starts_with("galactl-node-")
    }
}

/// The node that takes writes where one does, by the table that the proxies share (`show table`): its number
/// ([`super::settings::number`]).
pub fn writer(table: &str) -> Option<u32> {
    let id = table
        .lines()
        .find_map(|line| line.split_whitespace().find_map(|word| word.strip_prefix("server_id=")));
    id?.parse().ok().filter(|id| *id > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_server_is_read_and_frontends_are_not() {
        let csv = "# pxname,svname,qcur,qmax,scur,smax,slim,stot,bin,bout,dreq,dresp,ereq,econ,eresp,wretr,wredis,status,weight,check_status\n\
                   galactl-node-db1,db1,0,0,3,3,,1,1,1,,0,,0,0,0,0,UP,1,L7OK\n\
                   galactl-node-db1,BACKEND,0,0,3,3,,1,1,1,,0,,0,0,0,0,UP,1,\n\
                   galactl-write,db1,0,0,2,3,,1,1,1,,0,,0,0,0,0,NOLB,1,\n\
                   galactl-node-db2,db2,0,0,0,3,,1,1,1,,0,,0,0,0,0,UP,1,\n\n";
        let read = read(csv);
        let node = "db1".parse().unwrap();
        assert_eq!(read.len(), 3);
        assert!(!read[2].takes(&"db2".parse().unwrap()), "it was not checked yet");
        assert!(read[0].takes(&node));
        assert!(!read[1].takes(&node));
        assert!(super::read("").is_empty());
    }

    #[test]
    fn the_writer_is_the_server_of_the_one_entry() {
        let table = "# table: galactl-write, type: integer, size:10, used:1\n0x55: key=1 use=0 exp=0 server_id=2 server_key=db2\n";
        assert_eq!(writer(table), Some(2));
        assert_eq!(writer("# table: galactl-write, type: integer, size:10, used:0\n"), None);
    }
}
