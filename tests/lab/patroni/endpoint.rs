//! What applications connect to: two hosts with HAProxy, and what their clients notice while the primary is lost.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::PathBuf;
use std::process::{Child, Stdio};

use super::{NODES, assert_whole, sql};
use crate::lab::{LONGEST, Lab, until};
use crate::outage::for_all;
use crate::run::Inventory;

const PROXIES: [&str; 2] = ["lb1", "lb2"];

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
        lab.give("app1", &program);
        let told = lab.directory().join(format!("acknowledged-{first}"));
        let proxies = PROXIES.map(|proxy| format!("{proxy}={}", lab.address(proxy))).join(" ");
        let script = format!("exec python3 /root/client.py {first} {proxies}");
        let mut command = lab.enter("app1", &script, LONGEST);
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
        self.lab.on("app1", "pkill -KILL -f '^python3 /root/client.py'");
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
    lab.on("app1", "date +%s.%N").parse().expect("seconds")
}

#[track_caller]
fn leader(lab: &Lab) -> &'static str {
    let is_primary = |node: &&str| {
        let ask = "cd /; runuser -u postgres -- psql -XAtq -d postgres -c 'SELECT pg_is_in_recovery()'";
        lab.is_on(node) && lab.try_on(node, ask) == (true, "f\n".into())
    };
    let mut leaders = NODES.into_iter().filter(is_primary);
    let leader = leaders.next().expect("a primary");
    assert_eq!(leaders.next(), None, "a second primary");
    leader
}

fn others(node: &str) -> Vec<&'static str> {
    NODES.into_iter().filter(|other| *other != node).collect()
}

/// Through a proxy, as an application does. `None`: the proxy or the server sends the client away, and what was said.
fn through(lab: &Lab, from: &str, at: (&str, u16), user: &str, statement: &str) -> Result<String, String> {
    let (proxy, port) = at;
    let address = lab.address(proxy);
    let script = format!(
        "PGPASSWORD=shop PGCONNECT_TIMEOUT=5 psql -XAtq -h {address} -p {port} -U {user} -d postgres -c \"{statement}\""
    );
    let (ok, text) = lab.try_on(from, &script);
    let text = text.trim().to_owned();
    if ok { Ok(text) } else { Err(text) }
}

/// How to lose a primary, and how its host comes back.
struct Fault {
    what: &'static str,
    /// What is done to the primary's host.
    lose: fn(&Lab, &str),
    mend: fn(&Lab, &str),
}

const SWITCHED: Fault = Fault {
    what: "somebody switches over",
    lose: |lab, node| {
        let script = format!(
            "cd /; runuser -u postgres -- patronictl -c /etc/patroni/config.yml switchover shop --master {node} --force"
        );
        drop(lab.on(node, &script));
    },
    mend: |_, _| {},
};
const KILLED: Fault =
    Fault { what: "its server is killed", lose: |lab, node| lab.fault("crash", node), mend: |_, _| {} };
const POWER: Fault = Fault {
    what: "its host loses its power",
    lose: |lab, node| lab.fault("poweroff", node),
    mend: |lab, node| lab.fault("poweron", node),
};
const CUT: Fault = Fault {
    what: "it is cut from its peers, and clients reach it",
    lose: |lab, node| others(node).iter().for_each(|peer| lab.cut_from(node, peer)),
    mend: |lab, node| lab.fault("heal", node),
};

#[test]
#[ignore = "boots real hosts"]
fn clients_of_two_proxies_reach_the_primary_and_lose_no_commit() {
    let lab = Lab::up(
        "t-pg-endpoint",
        &[
            "pg1:bookworm",
            "pg2:bookworm",
            "pg3:bookworm",
            "lb1:bookworm:bare",
            "lb2:bookworm:bare",
            "app1:bookworm:postgresql",
        ],
    );
    let mut inventory = Inventory::of_patroni(&lab, &NODES);
    inventory.cluster += "\n  install: true";
    // A statement with a password would be in the log of a server that logs such statements.
    inventory.rest = format!(
        "failover: fast\nclients: [{}/32]\npostgresql: {{settings: {{log_statement: ddl}}}}",
        lab.address("app1")
    );
    inventory.proxies = PROXIES.map(|proxy| (proxy.to_owned(), String::new())).into();
    it_is_set_up_once(&lab, &inventory);
    whoever_may_not_come_is_sent_away(&lab);
    reads_go_to_standbys(&lab);
    proxies_are_put_right(&lab, &mut inventory);
    the_primary_is_lost(&lab, &inventory);
}

fn it_is_set_up_once(lab: &Lab, inventory: &Inventory<'_>) {
    lab.on("lb2", "mkdir -p /etc/haproxy && echo '# mine' > /etc/haproxy/haproxy.cfg");
    inventory
        .galactl(&["bootstrap", "--yes"])
        .expect_code(3)
        .says(&["refused[foreign-file] lb2", "/etc/haproxy/haproxy.cfg"]);
    lab.on("pg1", "test ! -e /etc/patroni/config.yml");
    lab.on("lb2", "rm -r /etc/haproxy");

    inventory.bootstrap().says(&["ok lb1/haproxy/run", "ok lb1/haproxy/verify", "writes go to pg1"]);
    assert_whole(lab);
    inventory.galactl(&["bootstrap", "--yes"]).expect_code(0).says(&["Nothing to do"]);
    inventory.settles().says(&["clients of the proxies write at port 5000, and read at port 5001"]);
    let left = "SELECT (SELECT count(*) FROM pg_roles WHERE rolname LIKE 'galactl%') + (SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'galactl%')";
    assert_eq!(sql(lab, "pg1", left), "0", "the proof has left something");
    let logged = lab.on(
        "pg1",
        "journalctl --no-pager -o cat -u patroni; cat /var/lib/postgresql/15/main/log/* 2>/dev/null; true",
    );
    assert!(logged.contains("CREATE TABLE public"), "such statements are logged");
    assert!(!logged.contains("galactl_endpoint") && !logged.contains("PASSWORD"), "a password was logged");

    sql(
        lab,
        "pg1",
        "CREATE ROLE shop LOGIN PASSWORD 'shop'; CREATE TABLE shop (id bigint PRIMARY KEY); GRANT ALL ON shop TO shop",
    );
}

/// The proxies let in whom `clients` names, and the servers none of Patroni's own accounts.
fn whoever_may_not_come_is_sent_away(lab: &Lab) {
    for proxy in PROXIES {
        assert_eq!(through(lab, "app1", (proxy, 5000), "shop", "SELECT 1"), Ok("1".into()));
        for account in ["postgres", "replicator", "rewind_user"] {
            let said = through(lab, "app1", (proxy, 5000), account, "SELECT 1").unwrap_err();
            assert!(said.contains("pg_hba.conf rejects connection"), "{account}: {said}");
        }
        // lb1 and lb2 are in no network of clients. The request for TLS is the first word that PostgreSQL answers.
        let ask = format!(
            "exec 3<>/dev/tcp/{}/5000; printf '\\0\\0\\0\\010\\004\\322\\026\\057' >&3; head -c 1 <&3 | wc -c",
            lab.address(proxy)
        );
        let ask =
            |from: &str| lab.try_on(from, &format!("timeout 10 bash -c \"{}\"", ask.replace('"', "\\\"")));
        let stranger = PROXIES.into_iter().find(|other| *other != proxy).expect("another one");
        assert_eq!(ask("app1").1.trim(), "1", "the question is right");
        assert!(!ask(stranger).1.trim().starts_with('1'), "{stranger} got an answer of {proxy}");
    }
}

fn reads_go_to_standbys(lab: &Lab) {
    let is_standby = |proxy| through(lab, "app1", (proxy, 5001), "shop", "SELECT pg_is_in_recovery()");
    for proxy in PROXIES {
        assert_eq!(is_standby(proxy), Ok("t".into()));
    }
    let standbys = others(leader(lab));
    for_all(&standbys, |node| drop(lab.on(node, "systemctl stop patroni")));
    for proxy in PROXIES {
        until("reads go to the primary", || is_standby(proxy) == Ok("f".into()));
    }
    for_all(&standbys, |node| drop(lab.on(node, "systemctl start patroni")));
    for proxy in PROXIES {
        until("reads go to a standby again", || is_standby(proxy) == Ok("t".into()));
    }
}

fn proxies_are_put_right(lab: &Lab, inventory: &mut Inventory<'_>) {
    inventory.settles();
    lab.on("lb1", "systemctl stop haproxy");
    lab.on("lb2", "sed -i 's/^    retries 2/    retries 9/' /etc/haproxy/haproxy.cfg");
    inventory.galactl(&["status"]).expect_code(5).says(&[
        "lb1: haproxy.service is inactive",
        "lb2: /etc/haproxy/haproxy.cfg is not what the inventory says",
        "galactl bootstrap",
    ]);
    inventory.bootstrap().says(&["ok lb1/haproxy/run", "ok lb2/haproxy/config", "ok lb1/haproxy/verify"]);

    let usual = inventory.rest.clone();
    inventory.rest += "\nendpoint: {write_port: 6432}";
    let plan = inventory.file("plan.json");
    inventory.galactl(&["plan", "--out", &plan, "--detailed-exitcode"]).expect_code(2);
    let ran = inventory.galactl_alone(&["apply", &plan, "--yes"]).expect_code(0);
    ran.says(&["ok lb1/haproxy/config", "ok lb2/haproxy/run", "ok lb1/haproxy/verify"]);
    inventory.galactl_alone(&["apply", &plan, "--yes"]).expect_code(4).says(&["refused[stale]"]);
    assert_eq!(through(lab, "app1", ("lb1", 6432), "shop", "SELECT 1"), Ok("1".into()));
    assert!(through(lab, "app1", ("lb1", 5000), "shop", "SELECT 1").unwrap_err().contains("refused"));
    inventory.rest = usual;
    inventory.bootstrap();
    inventory.galactl(&["bootstrap", "--yes"]).expect_code(0).says(&["Nothing to do"]);

    // The cluster does not need its proxies.
    lab.fault("poweroff", "lb2");
    inventory.galactl(&["status"]).expect_code(5).says(&["lb2: the proxy was not seen"]);
    inventory.galactl(&["bootstrap", "--yes"]).expect_code(4).says(&["refused[unreachable] lb2"]);
    inventory
        .galactl(&["recover", "--yes"])
        .expect_code(0)
        .says(&["a primary runs, and all nodes follow it"]);
    lab.fault("poweron", "lb2");
    inventory.settles();
}

/// No commit that was acknowledged is lost; the time without one is told.
fn the_primary_is_lost(lab: &Lab, inventory: &Inventory<'_>) {
    let mut acknowledged = BTreeSet::new();
    let mut table = vec![
        "| synchronous | the primary | lb1 | lb2 | commits |\n| --- | --- | --- | --- | --- |".to_owned(),
    ];
    let cases = [
        ("on", &SWITCHED),
        ("on", &KILLED),
        ("on", &POWER),
        ("on", &CUT),
        ("strict", &POWER),
        ("strict", &CUT),
    ];
    for (number, (mode, fault)) in cases.into_iter().enumerate() {
        let first = (number as u64 + 1) * 10_000_000;
        let strict = mode == "strict";
        lab.on(leader(lab), &format!("cd /; runuser -u postgres -- patronictl -c /etc/patroni/config.yml edit-config --force -s synchronous_mode_strict={strict} >/dev/null"));
        let (rows, row) = loses(lab, mode, fault, first);
        acknowledged.extend(rows);
        table.push(row);
        until("the cluster is whole", || {
            let streams = "SELECT count(*) FILTER (WHERE state = 'streaming') = 2 AND bool_or(sync_state = 'sync') FROM pg_stat_replication";
            NODES.iter().any(|node| {
                lab.try_on(
                    node,
                    &format!("cd /; runuser -u postgres -- psql -XAtq -d postgres -c \"{streams}\""),
                )
                .1
                .trim()
                    == "t"
            })
        });
    }
    for node in NODES {
        until(&format!("{node} has all rows"), || {
            let rows = sql(lab, node, "SELECT id FROM shop");
            let rows: BTreeSet<u64> = rows.lines().map(|row| row.parse().expect("a row")).collect();
            acknowledged.is_subset(&rows)
        });
    }
    println!("{}\n{} acknowledged rows are on each of {NODES:?}", table.join("\n"), acknowledged.len());
    assert_whole(lab);
    let strict = "cd /; runuser -u postgres -- patronictl -c /etc/patroni/config.yml edit-config --force -s synchronous_mode_strict=false >/dev/null";
    lab.on(leader(lab), strict);
    inventory.settles();
}

/// The rows that were acknowledged, and a line of the table.
fn loses(lab: &Lab, mode: &str, fault: &Fault, first: u64) -> (BTreeSet<u64>, String) {
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
    let lost: BTreeMap<_, _> =
        PROXIES.iter().map(|proxy| (*proxy, pause(&writers.times(proxy), at).expect("a pause").1)).collect();
    (fault.mend)(lab, node);
    let rows = writers.end();
    let row =
        format!("| {mode} | {} | {:.1} s | {:.1} s | {} |", fault.what, lost["lb1"], lost["lb2"], rows.len());
    println!("{row}");
    assert!(lost.values().all(|lost| *lost < 120.0), "{row}");
    (rows, row)
}

/// The last pause of more than a second after this moment: when it ended, and how long it was.
fn pause(times: &[f64], at: f64) -> Option<(f64, f64)> {
    let mut pairs = times.windows(2).map(|pair| (pair[1], pair[1] - pair[0]));
    pairs.rfind(|(end, long)| *end > at && *long > 1.0)
}
