//! What HAProxy thinks of each data node, by its own statistics.

use super::settings::{WRITE, checking};
use crate::galera::proxy::opinion::Opinion;
use crate::kernel::haproxy::stat::{Server, servers};

/// Reads what `show stat` and `show table` print. `None`: it does not run with what galactl wrote.
pub fn read(stat: &str, table: &str) -> Option<Opinion> {
    let servers = servers(stat);
    servers.iter().any(is_ours).then(|| {
        let takes = servers.iter().filter(|it| is_ours(it) && it.takes());
        let writer =
            writer(table).and_then(|id| servers.iter().find(|it| it.backend == WRITE && it.id == id));
        Opinion {
            takes: takes.filter_map(|it| it.name.parse().ok()).collect(),
            writer: writer.and_then(|it| it.name.parse().ok()),
        }
    })
}

/// True of a server in a configuration that galactl wrote, where it is the one that is checked.
fn is_ours(server: &Server<'_>) -> bool {
    server.name.parse().is_ok_and(|node| server.backend == checking(&node))
}

/// The number of the node that takes writes where one does, by the table that the proxies share.
fn writer(table: &str) -> Option<&str> {
    let id = table
        .lines()
        .find_map(|line| line.split_whitespace().find_map(|word| word.strip_prefix("server_id=")));
    id.filter(|id| *id != "0")
}

#[cfg(test)]
mod tests {
    use super::*;

    const CSV: &str = "# pxname,svname,qcur,qmax,scur,smax,slim,stot,bin,bout,dreq,dresp,ereq,econ,eresp,wretr,wredis,status,weight,sid,check_status\n\
                   galactl-node-db1,db1,0,0,3,3,,1,1,1,,0,,0,0,0,0,UP,1,1,L7OK\n\
                   galactl-node-db1,BACKEND,0,0,3,3,,1,1,1,,0,,0,0,0,0,UP,1,0,\n\
                   galactl-write,db1,0,0,2,3,,1,1,1,,0,,0,0,0,0,NOLB,1,7,\n\
                   galactl-write,db2,0,0,2,3,,1,1,1,,0,,0,0,0,0,NOLB,1,8,\n\
                   galactl-node-db2,db2,0,0,0,3,,1,1,1,,0,,0,0,0,0,UP,1,1,\n\n";

    #[test]
    fn a_server_counts_once_it_was_checked() {
        let opinion = read(CSV, "").unwrap();
        assert_eq!(opinion.takes, ["db1".parse().unwrap()].into());
        assert_eq!(opinion.writer, None);
        assert_eq!(read("", ""), None);
        assert_eq!(read("# pxname,svname,status,sid,check_status\nweb,db1,UP,1,L7OK\n", ""), None);
    }

    #[test]
    fn the_writer_is_the_server_of_the_one_entry() {
        let table =
            "# table: galactl-write, type: integer, size:10, used:1\n0x55: key=1 use=0 exp=0 server_id=8\n";
        assert_eq!(read(CSV, table).unwrap().writer, "db2".parse().ok());
        let table = "# table: galactl-write, type: integer, size:10, used:0\n";
        assert_eq!(read(CSV, table).unwrap().writer, None);
    }
}
