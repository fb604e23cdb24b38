//! Recoveries of PostgreSQL with Patroni, each from an outage with acknowledged rows: none of them is lost, or the one
//! who types the cluster's name has read which.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::PathBuf;
use std::process::{Child, Stdio};

use super::{NODES, hosts, sql};
use crate::lab::{LONGEST, Lab, until};
use crate::outage::for_all;
use crate::run::{Inventory, Ran};

/// One cluster, and every row that a server has acknowledged.
struct Cluster<'a> {
    lab: &'a Lab,
    /// More of its inventory.
    rest: String,
    acknowledged: BTreeSet<u64>,
    next: u64,
}

impl<'a> Cluster<'a> {
    #[track_caller]
    fn open(lab: &'a Lab) -> Self {
        Self::open_with(lab, "")
    }

    /// The same, with more in its inventory.
    #[track_caller]
    fn open_with(lab: &'a Lab, rest: &str) -> Self {
        let cluster = Self { lab, rest: rest.to_owned(), acknowledged: BTreeSet::new(), next: 0 };
        cluster.galactl(&["bootstrap", "--yes"]).expect_code(0);
        cluster.sql(cluster.leader(), "CREATE TABLE shop (id bigint PRIMARY KEY)");
        cluster
    }

    fn galactl(&self, words: &[&str]) -> Ran {
        let mut inventory = Inventory::of_patroni(self.lab, &NODES);
        inventory.rest.clone_from(&self.rest);
        inventory.galactl(words)
    }

    fn try_sql(&self, host: &str, statement: &str) -> (bool, String) {
        self.lab
            .try_on(host, &format!("cd /; runuser -u postgres -- psql -XAtq -d postgres -c \"{statement}\""))
    }

    fn sql(&self, host: &str, statement: &str) -> String {
        sql(self.lab, host, statement)
    }

    fn is_primary(&self, host: &str) -> bool {
        self.try_sql(host, "SELECT pg_is_in_recovery()") == (true, "f\n".into())
    }

    #[track_caller]
    fn leader(&self) -> &'static str {
        let mut leaders = NODES.into_iter().filter(|host| self.is_primary(host));
        let leader = leaders.next().expect("a primary");
        assert_eq!(leaders.next(), None, "a second primary");
        leader
    }

    /// A node that no commit waits for in particular.
    #[track_caller]
    fn stale(&self) -> &'static str {
        let leader = self.leader();
        let sync =
            self.sql(leader, "SELECT application_name FROM pg_stat_replication WHERE sync_state = 'sync'");
        NODES.into_iter().find(|host| *host != leader && *host != sync).expect("another node")
    }

    /// Rows one by one, each a commit of its own. An id is printed once its commit is confirmed.
    fn rows(from: u64, to: u64) -> String {
        format!(
            "cd /; seq {from} {to} | sed 's/.*/INSERT INTO shop VALUES (&) RETURNING id;/' | runuser -u postgres -- stdbuf -oL psql -XAtq -v ON_ERROR_STOP=1 -d postgres"
        )
    }

    /// Ids of their own for each writer.
    fn next(&mut self) -> u64 {
        self.next += 1_000_000;
        self.next
    }

    #[track_caller]
    fn write(&mut self, host: &str, count: u64) {
        let first = self.next();
        let told = ids(&self.lab.on(host, &Self::rows(first, first + count - 1)));
        assert_eq!(told.len() as u64, count, "all are acknowledged");
        self.acknowledged.extend(told);
    }

    /// Begins to write, until the host has no power any more.
    fn writer(&mut self, host: &str) -> Writer {
        let told = self.lab.directory().join("acknowledged");
        let first = self.next();
        let mut command = self.lab.enter(host, &Self::rows(first, first + 999_999), LONGEST);
        command.stdout(File::create(&told).expect("a file")).stderr(Stdio::null());
        Writer { child: command.spawn().expect("it can be run"), told }
    }

    /// Every acknowledged row is on every node, once the standbys have applied what they have.
    #[track_caller]
    fn assert_nothing_lost(&self) {
        for host in NODES {
            until(&format!("{host} has all rows"), || {
                let (ok, text) = self.try_sql(host, "SELECT id FROM shop");
                ok && self.acknowledged.is_subset(&ids(text.trim()))
            });
        }
        println!("{} acknowledged rows are on each of {NODES:?}", self.acknowledged.len());
    }

    /// Everything ends at once, and nothing starts again by itself.
    fn crash(&self) {
        for_all(&NODES, |host| {
            let script = "systemctl disable patroni 2>/dev/null; systemctl kill -s KILL patroni; pkill -KILL -x postgres; systemctl stop patroni; pkill -KILL -x postgres; true";
            drop(self.lab.on(host, script));
        });
    }

    fn wipe_etcd(&self) {
        for_all(&NODES, |host| {
            drop(self.lab.on(host, "systemctl stop etcd; rm -rf /var/lib/etcd/galactl-shop"));
        });
    }

    /// What a refusal leaves as it was: all files of the data, and what runs.
    fn everything(&self, host: &str) -> String {
        self.lab.on(
            host,
            "find /var/lib/postgresql /var/lib/etcd /etc/patroni /etc/default/etcd -type f -print0 | sort -z | xargs -0 sha256sum; ls -d /var/lib/postgresql/*/*; systemctl show patroni etcd -p ActiveState,MainPID,UnitFileState",
        )
    }
}

struct Writer {
    child: Child,
    told: PathBuf,
}

impl Writer {
    fn acknowledged(&self) -> BTreeSet<u64> {
        let text = std::fs::read_to_string(&self.told).expect("text");
        // The last line may have been cut off, and be another id then.
        ids(&text[..text.rfind('\n').unwrap_or(0)])
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn ids(text: &str) -> BTreeSet<u64> {
    text.lines().map(|line| line.trim().parse().expect("an id")).collect()
}

#[test]
#[ignore = "boots real hosts"]
fn etcd_is_wiped_and_a_stale_node_waits_for_its_chance() {
    let lab = hosts("t-pg-wipe", "bookworm");
    let mut cluster = Cluster::open(&lab);
    let (leader, stale) = (cluster.leader(), cluster.stale());
    cluster.write(leader, 200);
    lab.on(stale, "systemctl stop patroni");
    cluster.write(leader, 500);
    cluster.crash();
    cluster.wipe_etcd();

    let before: Vec<_> = NODES.iter().map(|host| cluster.everything(host)).collect();
    cluster.galactl(&["bootstrap", "--yes"]).expect_code(3).says(&[
        "refused[data-without-key] pg1",
        "refused[data-without-key] pg2",
        "refused[data-without-key] pg3",
        "galactl recover",
    ]);
    let source = format!("{leader}/patroni/start-first");
    let behind = format!("{stale}: ");
    cluster.galactl(&["recover", "--dry-run"]).expect_code(0).says(&[
        "rule 4",
        &source,
        &behind,
        "of WAL behind",
    ]);
    let after: Vec<_> = NODES.iter().map(|host| cluster.everything(host)).collect();
    assert_eq!(before, after, "a refusal or a dry run changed something");

    let ok = format!("ok {source}");
    cluster.galactl(&["recover", "--yes"]).expect_code(0).says(&[&ok, "/patroni/verify-writes"]);
    cluster.assert_nothing_lost();
    assert_eq!(cluster.leader(), leader);
    cluster.galactl(&["recover", "--yes"]).expect_code(0).says(&["a primary runs, and all nodes follow it"]);
    // Commits wait for a standby again.
    until("a standby is synchronous", || {
        let sync = "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'";
        cluster.sql(leader, sync) == "1"
    });
    cluster.write(leader, 10);
    cluster.assert_nothing_lost();
}

#[test]
#[ignore = "boots real hosts"]
fn two_nodes_were_promoted_apart() {
    let lab = hosts("t-pg-fork", "trixie");
    let mut cluster = Cluster::open(&lab);
    let (leader, stale) = (cluster.leader(), cluster.stale());
    cluster.write(leader, 100);
    cluster.crash();
    cluster.wipe_etcd();
    let apart: Vec<&str> = NODES.into_iter().filter(|host| *host != leader).collect();
    let (one, other) = (apart[0], apart[1]);
    for (host, first, count) in [(one, 91_000_000, 300), (other, 95_000_000, 20)] {
        by_hand(&cluster, host, first, count);
    }

    let before: Vec<_> = NODES.iter().map(|host| cluster.everything(host)).collect();
    cluster.galactl(&["recover", "--yes"]).expect_code(3).says(&[
        "refused[forked]",
        one,
        other,
        "of its own",
        "--seed",
    ]);
    cluster
        .galactl(&["recover", "--yes", "--seed", one, "--keep-aside"])
        .expect_code(3)
        .says(&["--confirm shop", "KEPT ASIDE"]);
    let wrong = ["recover", "--seed", one, "--keep-aside", "--confirm", "shoe"];
    cluster.galactl(&wrong).expect_code(3);
    let after: Vec<_> = NODES.iter().map(|host| cluster.everything(host)).collect();
    assert_eq!(before, after, "a refusal changed something");

    let ok = [format!("ok {one}/patroni/start-first"), format!("ok {other}/patroni/keep-aside")];
    let forced = ["recover", "--seed", one, "--keep-aside", "--confirm", "shop"];
    cluster.galactl(&forced).expect_code(0).says(&[&ok[0], &ok[1]]);
    cluster.acknowledged.extend(91_000_000..91_000_300);
    cluster.assert_nothing_lost();
    assert_eq!(cluster.sql(one, "SELECT count(*) FROM shop WHERE id >= 95000000"), "0", "{stale}");
    // What the other one had of its own is still on its disk, and a server reads it there.
    let kept = lab.on(other, "ls -d /var/lib/postgresql/17/main.kept-*");
    let rows = lab.on(
        other,
        &format!(
            "cp -a {kept} /var/lib/postgresql/copy; cd /; run() {{ runuser -u postgres -- /usr/lib/postgresql/17/bin/pg_ctl -s -w -D /var/lib/postgresql/copy \"$@\"; }}; run start -o \"-c listen_addresses='' -c port=5499 -c synchronous_standby_names=''\" >/dev/null; runuser -u postgres -- psql -XAtq -p 5499 -d postgres -c 'SELECT count(*) FROM shop WHERE id >= 95000000'; run stop -m fast >/dev/null"
        ),
    );
    assert_eq!(rows, "20");
}

/// What somebody does who wants a server back: starts it without Patroni, promotes it, and lets clients write.
fn by_hand(cluster: &Cluster<'_>, host: &str, first: u64, count: u64) {
    let script = format!(
        r#"cd /; d=/var/lib/postgresql/17/main
        run() {{ runuser -u postgres -- /usr/lib/postgresql/17/bin/pg_ctl -s -w -D $d "$@"; }}
        run start -o "-c listen_addresses='' -c synchronous_standby_names=''" >/dev/null || exit
        run promote || exit
        seq {first} {} | sed 's/.*/INSERT INTO shop VALUES (&);/' | runuser -u postgres -- psql -XAtq -v ON_ERROR_STOP=1 -d postgres || exit
        run stop -m fast"#,
        first + count - 1
    );
    cluster.lab.on(host, &script);
}

#[test]
#[ignore = "boots real hosts"]
fn the_power_of_all_hosts_is_cut_under_writes() {
    let lab = hosts("t-pg-power", "bookworm");
    let mut cluster = Cluster::open(&lab);
    let leader = cluster.leader();
    let writer = cluster.writer(leader);
    until("rows are written", || writer.acknowledged().len() > 300);
    for_all(&NODES, |host| lab.fault("poweroff", host));
    let acknowledged = writer.acknowledged();
    println!("{} rows were acknowledged before the cut", acknowledged.len());
    cluster.acknowledged.extend(acknowledged);
    for_all(&NODES, |host| lab.fault("poweron", host));
    cluster.galactl(&["recover", "--yes"]).expect_code(0).says(&["rule 1: a primary runs"]);
    cluster.assert_nothing_lost();

    // The same, and Patroni does not come back by itself: etcd has its keys, and no server is a primary.
    let leader = cluster.leader();
    for_all(&NODES, |host| drop(lab.on(host, "systemctl disable patroni 2>&1")));
    let writer = cluster.writer(leader);
    until("rows are written", || writer.acknowledged().len() > 300);
    for_all(&NODES, |host| lab.fault("poweroff", host));
    cluster.acknowledged.extend(writer.acknowledged());
    for_all(&NODES, |host| lab.fault("poweron", host));
    until("etcd has its keys", || {
        let (_, told) = lab.try_on("pg1", "ETCDCTL_API=2 etcdctl get /service/shop/initialize");
        told.trim().parse::<u64>().is_ok()
    });
    cluster.galactl(&["bootstrap", "--yes"]).expect_code(3).says(&["refused[no-primary]", "galactl recover"]);
    cluster.galactl(&["recover", "--yes"]).expect_code(0).says(&["rule 4", "/patroni/start-first"]);
    cluster.assert_nothing_lost();
}

#[test]
#[ignore = "boots real hosts"]
fn everything_is_stopped_and_a_stale_node_starts_first_in_each_mode() {
    let lab = hosts("t-pg-modes", "trixie");
    let rest = |mode: &str| format!("failover: fast\nsynchronous: {{mode: {mode}}}");
    let mut cluster = Cluster::open_with(&lab, &rest("on"));
    for mode in ["on", "quorum", "strict", "off"] {
        if mode != "on" {
            cluster.rest = rest(mode);
            cluster.galactl(&["apply-config", "--yes"]).expect_code(0);
        }
        if mode == "quorum" {
            cluster.galactl(&["switchover", "--yes"]).expect_code(0);
        }
        let leader = cluster.leader();
        let stale = cluster.stale();
        cluster.galactl(&["stop", stale, "--yes"]).expect_code(0);
        cluster.write(leader, 200);
        cluster.galactl(&["stop", "--yes"]).expect_code(0);
        lab.on(stale, "systemctl start patroni");
        match mode {
            "off" => it_leads_and_its_data_is_kept_aside(&cluster, leader, stale),
            _ => it_waits_until_the_others_are_there(&cluster, mode, stale),
        }
        cluster.assert_nothing_lost();
    }
}

/// Patroni promotes nobody whom the key `sync` does not name, also not while galactl waits whether it does.
fn it_waits_until_the_others_are_there(cluster: &Cluster<'_>, mode: &str, stale: &str) {
    until("its server runs", || cluster.try_sql(stale, "SELECT pg_is_in_recovery()").0);
    if mode == "on" {
        cluster.galactl(&["start", "--yes"]).expect_code(3).says(&["refused[no-primary]", "galactl recover"]);
    }
    let stop = format!("ok {stale}/patroni/stop");
    cluster.galactl(&["recover", "--yes"]).expect_code(2).says(&["rule 2", &stop, "galactl recover"]);
    cluster.galactl(&["recover", "--yes"]).expect_code(0).says(&["rule 4"]);
}

/// Patroni promotes it at once, and would rewind the others, which have more, as soon as they start.
fn it_leads_and_its_data_is_kept_aside(cluster: &Cluster<'_>, leader: &str, stale: &str) {
    until("it leads", || cluster.is_primary(stale));
    let apart = format!("refused[forked] {leader}");
    for command in ["start", "recover"] {
        let ran = cluster.galactl(&[command, "--yes"]).expect_code(3);
        ran.says(&[&apart, "of WAL of its own", "galactl recover"]);
    }
    cluster.lab.on(stale, "systemctl stop patroni");
    cluster
        .galactl(&["recover", "--yes"])
        .expect_code(3)
        .says(&["refused[forked]", "--seed NODE --keep-aside"]);
    let aside = format!("ok {stale}/patroni/keep-aside");
    let forced = ["recover", "--seed", leader, "--keep-aside", "--confirm", "shop"];
    cluster.galactl(&forced).expect_code(0).says(&[&aside]);
}
