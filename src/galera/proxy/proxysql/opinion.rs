//! How a running ProxySQL sees the nodes.

use std::collections::BTreeSet;

use super::groups::{BACKUPS, READERS, WRITERS};
use crate::galera::proxy::opinion::Opinion;
use crate::kernel::facts::Report;
use crate::kernel::model::NodeName;

/// A row of `runtime_mysql_servers`: the group, what the server is there, and the node's name, which galactl's
/// statements have put into the comment.
struct Server {
    group: u8,
    online: bool,
    node: NodeName,
}

impl Server {
    fn read(line: &str) -> Option<Self> {
        let mut fields = line.split('\t');
        let (group, status, node) = (fields.next()?, fields.next()?, fields.next()?);
        Some(Self { group: group.parse().ok()?, online: status == "ONLINE", node: node.parse().ok()? })
    }

    fn is_online_in(&self, groups: &[u8]) -> bool {
        self.online && groups.contains(&self.group)
    }
}

/// Reads the sections that `opinion.sh` prints. `None`: it does not run with what galactl wrote.
pub fn read(report: &Report) -> Option<Opinion> {
    report.has("servers").then(|| {
        let servers: Vec<Server> = report.lines("servers").filter_map(Server::read).collect();
        let online = |groups: &[u8]| -> BTreeSet<NodeName> {
            servers.iter().filter(|it| it.is_online_in(groups)).map(|it| it.node.clone()).collect()
        };
        let mut writers = online(&[WRITERS]).into_iter();
        let writer = writers.next();
        Opinion {
            takes: online(&[WRITERS, BACKUPS, READERS]),
            writer: writer.filter(|_| writers.next().is_none()),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opinion(servers: &str) -> Option<Opinion> {
        let lines: String = servers.lines().flat_map(|line| ["|", line, "\n"]).collect();
        read(&Report::parse(&format!("@servers\n{lines}@end\n")).unwrap())
    }

    #[test]
    fn the_writer_is_online_in_the_first_group_and_the_others_stand_by() {
        let one =
            opinion("10\tONLINE\tdb1\n10\tSHUNNED\tdb2\n20\tONLINE\tdb2\n30\tONLINE\tdb1\n40\tONLINE\tdb3\n")
                .unwrap();
        assert_eq!(one.writer.unwrap().as_str(), "db1");
        assert_eq!(one.takes.iter().map(NodeName::as_str).collect::<Vec<_>>(), ["db1", "db2"]);
        let all = opinion("10\tONLINE\tdb1\n10\tONLINE\tdb2\n").unwrap();
        assert_eq!((all.writer, all.takes.len()), (None, 2));
        let none = opinion("40\tONLINE\tdb1\n10\tSHUNNED\tdb2\nx\n").unwrap();
        assert_eq!(none, Opinion::default());
        assert_eq!(read(&Report::parse("@end\n").unwrap()), None);
    }
}
