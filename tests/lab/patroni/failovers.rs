//! A primary is lost while clients write through two proxies: for how long nobody could commit, and what became of
//! each commit that was acknowledged. The scene of the endpoint and the benchmark of failovers do it.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Stdio};

use super::cluster::{NODES, sql, try_sql};
use crate::lab::{LONGEST, Lab, until};

pub const PROXIES: [&str; 2] = ["lb1", "lb2"];
/// The host of the clients.
pub const CLIENTS: &str = "app1";

/// Makes what the clients write to.
pub const TABLE: &str = "CREATE ROLE shop LOGIN PASSWORD 'shop'; CREATE TABLE shop (id bigint PRIMARY KEY); GRANT ALL ON shop TO shop";

/// Writes one row a commit through each proxy, from a host with an account `shop`. A line for each commit that was
/// acknowledged: when, through whom, and the row. A commit that failed may have been done, so its row is never used again.
const CLIENT: &str = r#"
import sys, threading, time
import psycopg2

def write(proxy, address, row):
    connection = None
    while True:
        row += 1
        try:
            if connection is None:
                connection = psycopg2.connect(host=address, port=5000, user="shop", password="shop",
                                              dbname="postgres", connect_timeout=3)
                connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute("INSERT INTO shop VALUES (%s)", (row,))
            print("%.3f %s %d" % (time.time(), proxy, row), flush=True)
            time.sleep(0.02)
        except Exception:
            connection = None
            time.sleep(0.1)

first = int(sys.argv[1])
for number, proxy in enumerate(sys.argv[2:]):
    name, address = proxy.split("=")
    threading.Thread(target=write, args=(name, address, first + number * 1000000)).start()
"#;

/// Clients that write, and every row that was acknowledged to them.
struct Writers<'a> {
    lab: &'a Lab,
    child: Child,
    told: PathBuf,
}

impl<'a> Writers<'a> {
    /// Begins with this row. They end with the host's script, which has a time limit.
    fn begin(lab: &'a Lab, first: u64) -> Self {
        let program = lab.directory().join("client.py");
        std::fs::write(&program, CLIENT).expect("a file");
        lab.give(CLIENTS, &program);
        let told = lab.directory().join(format!("acknowledged-{first}"));
        let proxies = PROXIES.map(|proxy| format!("{proxy}={}", lab.address(proxy))).join(" ");
        let script = format!("exec python3 /root/client.py {first} {proxies}");
        let mut command = lab.enter(CLIENTS, &script, LONGEST);
        command.stdout(File::create(&told).expect("a file")).stderr(Stdio::null());
        let writers = Self { lab, child: command.spawn().expect("it can be run"), told };
        until("both proxies let rows in", || PROXIES.iter().all(|proxy| writers.times(proxy).len() > 20));
        writers
    }

    /// When each commit was acknowledged, and the row.
    fn acknowledged(&self) -> Vec<(f64, String, u64)> {
        let text = std::fs::read_to_string(&self.told).expect("text");
        // The last line may not be whole yet.
        let whole = &text[..text.rfind('\n').unwrap_or(0)];
        let read = |line: &str| {
            let words: Vec<_> = line.split(' ').collect();
            (words[0].parse().expect("a time"), words[1].to_owned(), words[2].parse().expect("a row"))
        };
        whole.lines().map(read).collect()
    }

    fn times(&self, proxy: &str) -> Vec<f64> {
        self.acknowledged().into_iter().filter(|(_, by, _)| by == proxy).map(|(at, ..)| at).collect()
    }

    /// Ends them, and gives the rows.
    fn end(mut self) -> BTreeSet<u64> {
        self.lab.on(CLIENTS, "pkill -KILL -f '^python3 /root/client.py'");
        self.child.wait().expect("it ends");
        self.acknowledged().into_iter().map(|(.., row)| row).collect()
    }
}

impl Drop for Writers<'_> {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn seconds(lab: &Lab) -> f64 {
    lab.on(CLIENTS, "date +%s.%N").parse().expect("seconds")
}

#[track_caller]
pub fn leader(lab: &Lab) -> &'static str {
    let is_primary = |node: &&str| lab.is_on(node) && leads(lab, node);
    let mut leaders = NODES.into_iter().filter(is_primary);
    let leader = leaders.next().expect("a primary");
    assert_eq!(leaders.next(), None, "a second primary");
    leader
}

fn leads(lab: &Lab, node: &str) -> bool {
    try_sql(lab, node, "SELECT pg_is_in_recovery()") == Some("f".into())
}

pub fn others(node: &str) -> Vec<&'static str> {
    NODES.into_iter().filter(|other| *other != node).collect()
}

/// How to lose a primary, and how its host comes back.
pub struct Fault {
    pub what: &'static str,
    /// What is done to the primary's host.
    lose: fn(&Lab, &str),
    /// What is done to it once rows come in again.
    mend: fn(&Lab, &str),
}

pub const SWITCHED: Fault = Fault {
    what: "somebody switches over",
    lose: |lab, node| {
        // Soon after another one it is refused, and ends with 0.
        let script =
            "cd /; runuser -u postgres -- patronictl -c /etc/patroni/config.yml switchover shop --force";
        until("it has switched", || lab.try_on(node, script).1.contains("Successfully switched over"));
    },
    mend: |_, _| {},
};
pub const KILLED: Fault =
    Fault { what: "its server is killed", lose: |lab, node| lab.fault("crash", node), mend: |_, _| {} };
pub const BOTH_KILLED: Fault = Fault {
    what: "its server and its Patroni are killed",
    lose: |lab, node| {
        lab.on(node, "pkill -KILL --exact patroni; pkill -KILL --exact postgres");
    },
    mend: |_, _| {},
};
pub const POWER: Fault = Fault {
    what: "its host loses its power",
    lose: |lab, node| lab.fault("poweroff", node),
    mend: |lab, node| lab.fault("poweron", node),
};
pub const CABLE: Fault = Fault {
    what: "its host is cut off, and comes back",
    lose: |lab, node| lab.fault("cut", node),
    // Patroni 3.0.2 with etcd's v3 API lost commits where a host came back some seconds after another one led.
    mend: |lab, node| {
        lab.on(CLIENTS, "sleep 8");
        lab.fault("heal", node);
    },
};
pub const CUT: Fault = Fault {
    what: "it is cut from its peers, and clients reach it",
    lose: |lab, node| others(node).iter().for_each(|peer| lab.cut_from(node, peer)),
    mend: |lab, node| lab.fault("heal", node),
};

/// What a fault did.
pub struct Lost {
    /// For how long no commit came through each of [`PROXIES`], in seconds.
    pub seconds: [f64; 2],
    /// The rows that were acknowledged, before and after the fault.
    pub acknowledged: usize,
    /// Those of them that are not on each of [`NODES`], now that all of these follow one primary again.
    pub missing: BTreeSet<u64>,
}

/// Loses the primary, and puts its host back. The clients write from this row on.
#[track_caller]
pub fn lose(lab: &Lab, fault: &Fault, first: u64) -> Lost {
    let node = leader(lab);
    let writers = Writers::begin(lab, first);
    let at = seconds(lab);
    (fault.lose)(lab, node);
    // What was on its way at that moment may still be acknowledged. Commits of the next primary come after a pause.
    until("both proxies let rows in again", || {
        PROXIES.iter().all(|proxy| {
            let times = writers.times(proxy);
            pause(&times, at).is_some_and(|(from, _)| times.iter().filter(|time| **time > from).count() > 20)
        })
    });
    let seconds = PROXIES.map(|proxy| pause(&writers.times(proxy), at).expect("a pause").1);
    (fault.mend)(lab, node);
    let rows = writers.end();
    all_follow(lab);
    let missing = NODES.iter().flat_map(|node| missing(lab, node, first, &rows)).collect();
    Lost { seconds, acknowledged: rows.len(), missing }
}

/// Waits until one node leads, another one may take over, and the others have all that it has now.
#[track_caller]
fn all_follow(lab: &Lab) {
    until("one leads, and the others follow", || follow(lab) == Some(true));
}

/// `None`: a server gives no answer.
fn follow(lab: &Lab) -> Option<bool> {
    const STREAM: &str =
        "SELECT count(*) FILTER (WHERE state = 'streaming'), pg_current_wal_lsn() FROM pg_stat_replication";
    let leaders: Vec<_> = NODES.into_iter().filter(|node| leads(lab, node)).collect();
    let [leader] = leaders[..] else { return None };
    let told = try_sql(lab, leader, STREAM)?;
    let (streaming, end) = told.split_once('|').expect("two values");
    let has_it = format!("SELECT pg_last_wal_replay_lsn() >= '{end}'");
    let have_it = others(leader).iter().all(|node| try_sql(lab, node, &has_it) == Some("t".into()));
    // The server may call a standby synchronous before Patroni has written down who is, and nobody is promoted then.
    Some(streaming == "2" && have_it && NODES.iter().any(|node| is_synchronous(lab, node)))
}

/// By Patroni's word.
fn is_synchronous(lab: &Lab, node: &str) -> bool {
    let ask = || {
        let mut stream = TcpStream::connect((lab.address(node), 8008))?;
        stream.write_all(b"GET /sync HTTP/1.0\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        std::io::Result::Ok(answer)
    };
    ask().is_ok_and(|answer| answer.split(' ').nth(1) == Some("200"))
}

/// Rows of these that a node does not have.
fn missing(lab: &Lab, node: &str, first: u64, rows: &BTreeSet<u64>) -> BTreeSet<u64> {
    let there = sql(lab, node, &format!("SELECT id FROM shop WHERE id >= {first}"));
    let there: BTreeSet<u64> = there.lines().map(|row| row.parse().expect("a row")).collect();
    rows.difference(&there).copied().collect()
}

/// The last pause of more than 0.7 s after this moment: when it ended, and how long it was.
fn pause(times: &[f64], at: f64) -> Option<(f64, f64)> {
    let mut pairs = times.windows(2).map(|pair| (pair[1], pair[1] - pair[0]));
    pairs.rfind(|(end, long)| *end > at && *long > 0.7)
}
