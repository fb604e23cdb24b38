//! What HAProxy says of its servers (`show stat`, HAProxy's management guide, 9.1).

/// A server of one of the proxy's backends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Server<'a> {
    pub backend: &'a str,
    pub name: &'a str,
    /// `UP`, `DOWN`, `NOLB` and others, perhaps with more words.
    pub status: &'a str,
    /// The number of the server in its backend.
    pub id: &'a str,
    /// How the last check ended, such as `L7OK`; empty where another part of the proxy checks, or none has yet.
    pub check: &'a str,
}

/// The servers in the CSV that `show stat` prints. Columns are found by their names; those that are read stand
/// before the first one that may hold a comma.
pub fn servers(csv: &str) -> Vec<Server<'_>> {
    let mut lines = csv.lines();
    let Some(header) = lines.find_map(|line| line.strip_prefix("# ")) else { return Vec::new() };
    let column = |name: &str| header.split(',').position(|it| it == name);
    let names = ["pxname", "svname", "status", "sid", "check_status"];
    let [Some(backend), Some(server), Some(status), Some(id), Some(check)] = names.map(column) else {
        return Vec::new();
    };
    let read = |line| {
        let fields: Vec<&str> = str::split(line, ',').collect();
        let field = |at: usize| fields.get(at).copied();
        Some(Server {
            backend: field(backend)?,
            name: field(server).filter(|server| *server != "FRONTEND" && *server != "BACKEND")?,
            status: field(status)?,
            id: field(id)?,
            check: field(check)?,
        })
    };
    lines.filter_map(read).collect()
}

impl Server<'_> {
    /// True where new clients are sent there, by the server's own answer. A proxy that has just started takes every
    /// server for one that is up. While a check is under way, a `*` stands before the last one.
    pub fn takes(&self) -> bool {
        self.check.ends_with("L7OK") && self.status.starts_with("UP")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CSV: &str = "# pxname,svname,qcur,qmax,scur,smax,slim,stot,bin,bout,dreq,dresp,ereq,econ,eresp,wretr,wredis,status,weight,sid,check_status\n\
                   write,FRONTEND,0,0,3,3,,1,1,1,,0,,0,0,0,0,OPEN,,0,\n\
                   write,pg1,0,0,3,3,,1,1,1,,0,,0,0,0,0,UP,1,1,* L7OK\n\
                   write,pg2,0,0,3,3,,1,1,1,,0,,0,0,0,0,UP,1,2,\n\
                   write,pg3,0,0,3,3,,1,1,1,,0,,0,0,0,0,DOWN 1/2,1,3,L7STS\n\
                   write,BACKEND,0,0,3,3,,1,1,1,,0,,0,0,0,0,UP,1,0,\n\n";

    #[test]
    fn a_server_takes_clients_once_its_own_answer_says_so() {
        let takes: Vec<_> = servers(CSV).iter().map(|it| (it.name, it.id, it.takes())).collect();
        assert_eq!(takes, [("pg1", "1", true), ("pg2", "2", false), ("pg3", "3", false)]);
    }

    #[test]
    fn another_text_has_no_servers() {
        for text in
            ["", "# pxname,svname\nweb,db1\n", "pxname,svname,status,sid,check_status\nweb,db1,UP,1,L7OK\n"]
        {
            assert_eq!(servers(text), []);
        }
    }
}
