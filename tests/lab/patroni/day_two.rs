//! The life of a PostgreSQL cluster after its birth, under clients that write all the time: no commit that was
//! acknowledged is lost by anything that galactl does.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use super::{NODES, assert_whole, hosts, sql};
use crate::lab::{LONGEST, Lab, until};
use crate::run::{Inventory, Ran};

/// One client on each host, of which only the primary's is let in. Each row is a commit of its own, and its id is printed
/// once the commit is acknowledged.
pub struct Clients {
    all: Vec<(Child, PathBuf)>,
}

/// $1 its number. An id is the time in milliseconds, and the number. One session goes on until it is cut: a new one for
/// each row would take the processor from the hosts.
const CLIENT: &str = r#"cd /
row="INSERT INTO shop SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint * 10 + $1 FROM pg_sleep(0.2) RETURNING id;"
while :; do
    yes "$row" | runuser -u postgres -- stdbuf -oL psql -XAtq -v ON_ERROR_STOP=1 -d postgres 2>/dev/null
    sleep 1
done
"#;

impl Clients {
    pub fn begin(lab: &Lab) -> Self {
        let client = |(at, host): (usize, &&str)| {
            let told = lab.directory().join(format!("acknowledged-{host}"));
            let script = format!("set -- {at}\n{CLIENT}");
            let mut command = lab.enter(host, &script, 6 * LONGEST);
            command.stdout(File::create(&told).expect("a file")).stderr(Stdio::null());
            (command.spawn().expect("it can be run"), told)
        };
        Self { all: NODES.iter().enumerate().map(client).collect() }
    }

    pub fn acknowledged(&self) -> BTreeSet<u64> {
        let ids = |(_, told): &(Child, PathBuf)| {
            let text = std::fs::read_to_string(told).expect("text");
            // The last line may be cut off, and be another id then.
            let whole = text[..text.rfind('\n').unwrap_or(0)].to_owned();
            whole.lines().map(|line| line.parse().expect("an id")).collect::<Vec<u64>>()
        };
        self.all.iter().flat_map(ids).collect()
    }

    /// More rows are acknowledged than now.
    #[track_caller]
    pub fn go_on(&self) {
        let before = self.acknowledged().len();
        until("clients write", || self.acknowledged().len() > before + 2);
    }
}

impl Drop for Clients {
    fn drop(&mut self) {
        for (child, _) in &mut self.all {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

struct Cluster<'a> {
    lab: &'a Lab,
    inventory: Inventory<'a>,
}

impl Cluster<'_> {
    #[track_caller]
    fn run(&self, words: &[&str]) -> Ran {
        self.inventory.galactl(words).expect_code(0)
    }

    /// Refused with these words, and the same primary goes on.
    #[track_caller]
    fn refused(&self, words: &[&str], says: &[&str]) {
        let before = self.leader();
        self.inventory.galactl(words).expect_code(3).says(says);
        assert_eq!(self.leader(), before);
    }

    fn try_sql(&self, host: &str, statement: &str) -> (bool, String) {
        let script = format!("cd /; runuser -u postgres -- psql -XAtq -d postgres -c \"{statement}\"");
        let (ok, text) = self.lab.try_on(host, &script);
        (ok, text.trim().to_owned())
    }

    #[track_caller]
    fn leader(&self) -> &'static str {
        let leads = |host: &&str| self.try_sql(host, "SELECT pg_is_in_recovery()") == (true, "f".into());
        let leaders: Vec<_> = NODES.into_iter().filter(|host| leads(host)).collect();
        assert_eq!(leaders.len(), 1, "{leaders:?}");
        leaders[0]
    }

    /// The standby that a commit waits for, and the other one.
    #[track_caller]
    fn standbys(&self) -> [&'static str; 2] {
        let leader = self.leader();
        let synchronous = sql(
            self.lab,
            leader,
            "SELECT application_name FROM pg_stat_replication WHERE sync_state = 'sync'",
        );
        let others: Vec<_> = NODES.into_iter().filter(|node| *node != leader).collect();
        match others[..] {
            [one, other] if one == synchronous => [one, other],
            [one, other] => [other, one],
            _ => panic!("{others:?}"),
        }
    }

    /// A setting on all nodes, by each server's own word.
    fn setting(&self, name: &str) -> Vec<String> {
        NODES.iter().map(|node| sql(self.lab, node, &format!("SHOW {name}"))).collect()
    }

    fn started(&self) -> Vec<String> {
        NODES.iter().map(|node| sql(self.lab, node, "SELECT pg_postmaster_start_time()")).collect()
    }

    /// Acknowledged rows that a node does not have; `None`: it does not answer.
    fn missing(&self, host: &str, acknowledged: &BTreeSet<u64>) -> Option<BTreeSet<u64>> {
        let (ok, text) = self.try_sql(host, "SELECT id FROM shop");
        let there: BTreeSet<u64> = text.lines().filter_map(|line| line.parse().ok()).collect();
        ok.then(|| acknowledged.difference(&there).copied().collect())
    }

    /// Every acknowledged row is on every node.
    #[track_caller]
    fn assert_nothing_lost(&self, clients: &Clients) {
        assert_whole(self.lab);
        let acknowledged = clients.acknowledged();
        for host in NODES {
            let last = RefCell::new(None);
            let began = Instant::now();
            until(&format!("{host} has all rows"), || {
                last.replace(self.missing(host, &acknowledged));
                let all = last.borrow().as_ref().is_some_and(BTreeSet::is_empty);
                all || began.elapsed() > Duration::from_secs(60)
            });
            assert_eq!(last.into_inner(), Some(BTreeSet::new()), "rows that {host} does not have");
        }
        println!("{} acknowledged rows are on each of {NODES:?}", acknowledged.len());
    }
}

#[test]
#[ignore = "boots real hosts"]
fn nothing_acknowledged_is_lost_by_what_is_done_to_a_cluster() {
    let lab = hosts("t-pg-day", "trixie");
    everything(&lab);
}

fn everything(lab: &Lab) {
    let mut inventory = Inventory::of_patroni(lab, &NODES);
    inventory.rest = "failover: fast".into();
    let mut cluster = Cluster { lab, inventory };
    cluster.run(&["bootstrap", "--yes"]);
    sql(lab, cluster.leader(), "CREATE TABLE shop (id bigint PRIMARY KEY)");
    let clients = Clients::begin(lab);
    clients.go_on();
    switchovers(&cluster, &clients);
    refusals(&cluster);
    cut_off(&cluster, &clients);
    restarts(&cluster, &clients);
    stops_and_starts(&cluster, &clients);
    settings(&mut cluster, &clients);
    forked(&cluster, &clients);
}

fn switchovers(cluster: &Cluster<'_>, clients: &Clients) {
    let (leader, [synchronous, _]) = (cluster.leader(), cluster.standbys());
    let shown = cluster.run(&["switchover", "--dry-run"]);
    let step = format!("switch over to {synchronous}");
    shown.says(&[&format!("{leader}/patroni/switchover"), &step, "what was acknowledged is kept"]);
    assert_eq!(cluster.leader(), leader, "a dry run changed something");
    let watch = Watch::begin(&cluster.inventory);
    cluster.run(&["switchover", "--yes"]);
    assert_eq!(cluster.leader(), synchronous);
    watch.tells(&format!("{synchronous} leads, 2 of 2 standbys follow, 1 synchronous"));
    let told = watch.end();
    assert!(
        told.contains(&format!("{synchronous} leads")) && told.contains(" UTC  "),
        "the event is told: {told}"
    );
    assert!(told.contains("of WAL a second"), "{told}");
    cluster
        .run(&["switchover", "--to", synchronous, "--yes"])
        .says(&["Nothing to do", "the primary already"]);
    clients.go_on();
    cluster.assert_nothing_lost(clients);
}

/// `galactl watch` without a terminal.
struct Watch {
    child: Child,
    told: std::sync::Arc<std::sync::Mutex<String>>,
    reader: std::thread::JoinHandle<()>,
}

impl Watch {
    fn begin(inventory: &Inventory<'_>) -> Self {
        let mut child = inventory.start(&["watch", "--interval", "1"]);
        let mut output = BufReader::new(child.stdout.take().expect("piped"));
        let told = std::sync::Arc::new(std::sync::Mutex::new(String::new()));
        let into = std::sync::Arc::clone(&told);
        let reader = std::thread::spawn(move || {
            let mut line = String::new();
            while output.read_line(&mut line).expect("text") > 0 {
                into.lock().expect("no panic").push_str(&std::mem::take(&mut line));
            }
        });
        let watch = Self { child, told, reader };
        watch.tells(" leads, ");
        watch
    }

    /// It has printed these words after all that is there now.
    #[track_caller]
    fn tells(&self, words: &str) {
        let from = self.told.lock().expect("no panic").len();
        until(&format!("watch tells {words:?}"), || {
            self.told.lock().expect("no panic")[from..].contains(words)
        });
    }

    /// Interrupts it. All that it has printed.
    #[track_caller]
    fn end(mut self) -> String {
        let sent = std::process::Command::new("kill").args(["-INT", &self.child.id().to_string()]).status();
        assert!(sent.expect("kill").success());
        assert_eq!(self.child.wait().expect("its end").code(), Some(0));
        self.reader.join().expect("no panic");
        let told = self.told.lock().expect("no panic");
        told.clone()
    }
}

fn refusals(cluster: &Cluster<'_>) {
    let [synchronous, other] = cluster.standbys();
    let instead = format!("--to {synchronous}");
    cluster.refused(
        &["switchover", "--to", other, "--yes"],
        &["refused[not-synchronous]", "sync_state is async", &instead],
    );
    cluster.lab.on(other, "sudo -u postgres patronictl -c /etc/patroni/config.yml pause --wait");
    for words in [&["switchover", "--yes"][..], &["restart", "--rolling", "--yes"], &["stop", "--yes"]] {
        cluster.refused(words, &["refused[paused]", "patronictl -c /etc/patroni/config.yml resume"]);
    }
    cluster.lab.on(other, "sudo -u postgres patronictl -c /etc/patroni/config.yml resume --wait");
    // It does not stream, and nobody counts on it.
    cluster.run(&["stop", other, "--yes"]);
    let start = ["galactl start", other];
    cluster.refused(&["switchover", "--to", other, "--yes"], &["refused[not-following]", start[0], start[1]]);
    cluster.refused(&["restart", "--rolling", "--yes"], &["refused[not-following]", start[0], start[1]]);
    cluster.run(&["start", other, "--yes"]);
}

/// What was ordered is carried out by Patroni, and the next run sees it: killed as the step begins, and once the order is
/// given.
fn cut_off(cluster: &Cluster<'_>, clients: &Clients) {
    for mark in ["-> ", ".. "] {
        let (leader, [synchronous, _]) = (cluster.leader(), cluster.standbys());
        let words = ["switchover", "--to", synchronous, "--yes"];
        let mark = format!("{mark}{leader}/patroni/switchover");
        let mut child = cluster.inventory.galactl_until(&words, &mark);
        child.kill().expect("SIGKILL");
        child.wait().expect("an end");
        let again = cluster.run(&words);
        assert!(again.stderr.contains("was cut off"), "{}", again.stderr);
        assert_eq!(cluster.leader(), synchronous);
        cluster.inventory.settles();
        clients.go_on();
        cluster.assert_nothing_lost(clients);
    }
}

fn restarts(cluster: &Cluster<'_>, clients: &Clients) {
    let before = cluster.started();
    let leader = cluster.leader();
    cluster.run(&["restart", "--rolling", "--yes"]);
    assert_ne!(cluster.leader(), leader);
    for (before, after) in before.iter().zip(cluster.started()) {
        assert_ne!(*before, after, "each has restarted");
    }
    let [_, other] = cluster.standbys();
    let before = cluster.started();
    cluster.run(&["restart", other, "--yes"]);
    let after = cluster.started();
    assert_eq!(before.iter().zip(&after).filter(|(one, other)| one != other).count(), 1);
    cluster.assert_nothing_lost(clients);
}

fn stops_and_starts(cluster: &Cluster<'_>, clients: &Clients) {
    let leader = cluster.leader();
    cluster.run(&["stop", leader, "--yes"]).says(&["/patroni/switchover"]);
    assert_ne!(cluster.leader(), leader);
    clients.go_on();
    let unit = cluster.lab.on(leader, "systemctl is-enabled patroni; systemctl is-active patroni; true");
    assert_eq!(unit, "disabled\ninactive");
    cluster.run(&["stop", leader, "--yes"]).says(&["Nothing to do"]);
    cluster.run(&["start", leader, "--yes"]);
    cluster.assert_nothing_lost(clients);

    cluster.run(&["stop", "--yes"]);
    for node in NODES {
        assert!(!cluster.try_sql(node, "SELECT 1").0, "{node} runs");
    }
    cluster.inventory.galactl(&["start", leader, "--yes"]).expect_code(3).says(&[
        "refused[no-primary]",
        "the whole cluster is stopped",
        "galactl start",
    ]);
    cluster.run(&["start", "--yes"]);
    clients.go_on();
    cluster.assert_nothing_lost(clients);
}

fn settings(cluster: &mut Cluster<'_>, clients: &Clients) {
    let set = |cluster: &mut Cluster<'_>, settings: &str| {
        cluster.inventory.rest = format!("failover: fast\npostgresql:\n  settings: {{{settings}}}");
    };
    // A running server takes it.
    let before = cluster.started();
    set(cluster, "work_mem: 9MB");
    cluster.refused(&["bootstrap", "--yes"], &["refused[config-drift]", "galactl apply-config"]);
    cluster.inventory.galactl(&["status"]).expect_code(5).says(&["galactl apply-config"]);
    cluster.inventory.galactl(&["plan", "--detailed-exitcode"]).expect_code(2).says(&["/patroni/reload"]);
    cluster.run(&["apply-config", "--yes"]);
    assert_eq!(cluster.setting("work_mem"), ["9MB"; 3]);
    assert_eq!(cluster.started(), before, "nobody restarted");

    // Higher: the standbys have it before the primary.
    let leader = cluster.leader();
    set(cluster, "work_mem: 9MB, max_connections: 150, shared_buffers: 144MB");
    cluster.run(&["apply-config", "--yes"]).says(&["/patroni/switchover"]);
    assert_ne!(cluster.leader(), leader);
    assert_eq!(
        (cluster.setting("max_connections"), cluster.setting("shared_buffers")),
        (["150"; 3].map(str::to_owned).to_vec(), ["144MB"; 3].map(str::to_owned).to_vec())
    );
    cluster.run(&["apply-config", "--yes"]).says(&["Nothing to do"]);
    cluster.assert_nothing_lost(clients);

    // Lower: the primary has it first, where it is.
    let leader = cluster.leader();
    set(cluster, "work_mem: 9MB, max_connections: 90, shared_buffers: 144MB");
    cluster.run(&["apply-config", "--yes"]).says(&["a lower max_connections is the primary's first"]);
    assert_eq!(cluster.leader(), leader);
    assert_eq!(cluster.setting("max_connections"), ["90"; 3]);
    cluster.run(&["apply-config", "--yes"]).says(&["Nothing to do"]);
    cluster.inventory.settles();
    clients.go_on();
    cluster.assert_nothing_lost(clients);
    a_setting_that_no_server_can_start_with(cluster, set);
    cluster.assert_nothing_lost(clients);
}

/// One standby is down with it, and the same command with another value brings it back.
fn a_setting_that_no_server_can_start_with(cluster: &mut Cluster<'_>, set: impl Fn(&mut Cluster<'_>, &str)) {
    let leader = cluster.leader();
    set(cluster, "work_mem: 9MB, max_connections: 90, shared_buffers: 900GB");
    let ran = cluster.inventory.galactl(&["apply-config", "--yes"]).expect_code(1);
    ran.says(&["/patroni/restart", "no other node was restarted"]);
    assert_eq!(cluster.leader(), leader);
    set(cluster, "work_mem: 9MB, max_connections: 90");
    cluster.run(&["apply-config", "--yes"]);
    assert_eq!(cluster.setting("shared_buffers"), ["128MB"; 3]);
}

/// A standby that was promoted apart has a row that nobody else has. It is not started beside the primary.
fn forked(cluster: &Cluster<'_>, clients: &Clients) {
    let [_, other] = cluster.standbys();
    cluster.run(&["stop", other, "--yes"]);
    // Its socket is another one: the client on this host would write to it, and what this server acknowledges alone is
    // no commit of the cluster.
    let apart = r#"cd /
        data=$(echo /var/lib/postgresql/*/main) programs=$(echo /usr/lib/postgresql/*/bin)
        as() { runuser -u postgres -- "$programs/pg_ctl" -s -w -D "$data" "$@"; }
        install -d -o postgres /tmp/apart
        as start -l /dev/null -o "-c listen_addresses= -c unix_socket_directories=/tmp/apart -c synchronous_standby_names= -c max_connections=90" && as promote
        runuser -u postgres -- psql -XAtq -h /tmp/apart -d postgres -c "INSERT INTO shop VALUES (7)" && as stop -m fast"#;
    cluster.lab.on(other, apart);
    let before =
        cluster.lab.on(other, "find /var/lib/postgresql -type f -print0 | sort -z | xargs -0 sha256sum");
    cluster.refused(&["start", other, "--yes"], &["refused[forked]", "galactl recover", "of its own"]);
    let after =
        cluster.lab.on(other, "find /var/lib/postgresql -type f -print0 | sort -z | xargs -0 sha256sum");
    assert_eq!(before, after, "a refusal changed something");
    cluster.lab.on(other, "data=$(echo /var/lib/postgresql/*/main); mv $data $data.apart");
    cluster.run(&["bootstrap", "--yes"]);
    clients.go_on();
    cluster.assert_nothing_lost(clients);
}
