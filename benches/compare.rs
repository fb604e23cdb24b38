//! `galactl compare` of a million rows on three nodes against a plain dump of the same on each node: time, and the
//! servers' processor time. Then one row is changed on one node, and found. Of a Galera cluster, and of a mesh.

#![allow(clippy::print_stdout, reason = "a benchmark prints its result")]
#![allow(clippy::cast_precision_loss, reason = "shown with one decimal")]

#[allow(dead_code, reason = "each benchmark has this module for itself")]
mod lab;

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use lab::{LAB, Lab, compared, must, run};

const PAIRS: usize = 5;
const GALACTL: &str = env!("CARGO_BIN_EXE_galactl");
/// What `galactl compare` ends with where nodes differ.
const DIFFER: i32 = 6;

/// What is compared, and how.
struct Case {
    title: &'static str,
    /// The dump, and where it runs.
    dumps: &'static str,
    hosts: &'static [&'static str; 3],
    /// Makes the million rows of about 250 bytes, on the first host.
    data: &'static str,
    /// They are made when all nodes are there, and not before.
    data_of_all: bool,
    /// The lab's inventory, made one of this engine.
    inventory: fn(String) -> String,
    dump: &'static str,
    service: &'static str,
    /// Changes row 654321 on one node alone, on the last host.
    part_with_one: &'static str,
}

/// Rows come in write-sets of a hundred thousand.
const GALERA: Case = Case {
    title: "Comparing a million rows against dumping them",
    dumps: "three nodes with a million rows of 250 bytes against `mariadb-dump > /dev/null` on each of\nthem at once.",
    hosts: &["db1", "db2", "db3"],
    data: "mariadb -e 'CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY, n INT, at DATETIME, word CHAR(200))'
        for part in 0 1 2 3 4 5 6 7 8 9; do
            mariadb shop -e \"INSERT INTO t SELECT seq, seq, NOW(), REPEAT(MD5(seq), 6) FROM seq_${part}00001_to_$((part + 1))00000\"
        done",
    data_of_all: true,
    inventory: |given| given,
    dump: "mariadb-dump --single-transaction --quick shop > /dev/null",
    service: "mariadb",
    part_with_one: "mariadb -e 'SET SESSION wsrep_on = OFF; UPDATE shop.t SET n = n + 1 WHERE id = 654321'",
};

/// A standalone server, whose copy the others become. What is written in the name of a replication origin is no change of
/// the node's own, so nobody gets it.
const MESH: Case = Case {
    title: "Comparing a million rows of a mesh against dumping them",
    dumps: "three nodes of Debian 12 with a million rows of 250 bytes against `pg_dump > /dev/null` on each\nof them at once.",
    hosts: &["pg1", "pg2", "pg3"],
    data: "pg_createcluster 15 main --start; cd /; runuser -u postgres -- createdb shop
        runuser -u postgres -- psql -q -d shop -c 'CREATE TABLE t (id int PRIMARY KEY, n int, at timestamp, word char(200))' \
            -c 'INSERT INTO t SELECT i, i, now(), repeat(md5(i::text), 6) FROM generate_series(1, 1000000) i' -c 'VACUUM ANALYZE t'",
    data_of_all: false,
    inventory: |given| {
        given.replace("engine: patroni", "engine: postgresql-mesh") + "databases: [{name: shop}]\n"
    },
    dump: "cd /; runuser -u postgres -- pg_dump shop > /dev/null",
    service: "postgresql@15-main",
    part_with_one: "cd /; runuser -u postgres -- psql -q -d shop -c \"SELECT pg_replication_origin_create('bench')\" \
        -c \"SELECT pg_replication_origin_session_setup('bench')\" -c 'UPDATE t SET n = n + 1 WHERE id = 654321'",
};

fn main() {
    measure(&GALERA);
    measure(&MESH);
}

fn measure(case: &Case) {
    let lab = Lab::up(case.hosts);
    let inventory = inventory(case);
    let bootstrap = || must(run(&[GALACTL, "bootstrap", &inventory, "--yes"]), "bootstrap");
    if case.data_of_all {
        bootstrap();
        on(case.hosts[0], case.data);
    } else {
        on(case.hosts[0], case.data);
        bootstrap();
    }
    let compare = || must(run(&[GALACTL, "compare", &inventory]), "compare says equal");
    let dump = || lab.on_all(case.dump);
    // What the servers read is in memory then.
    dump();
    compare();
    let pairs: Vec<_> = (0..PAIRS).map(|_| (measured(case, compare), measured(case, dump))).collect();
    report(case, &pairs, found(case, &inventory));
}

fn inventory(case: &Case) -> String {
    let path = format!("{}/compare.yaml", Lab::directory());
    let given = std::fs::read_to_string(format!("{}/inventory.yaml", Lab::directory()));
    std::fs::write(&path, (case.inventory)(given.expect("the lab's inventory"))).expect("the inventory");
    path
}

fn on(host: &str, script: &str) {
    must(run(&["lab/lab", "exec", LAB, host, "sh", "-c", script]), script);
}

/// How long it takes, and the processor time of the three servers meanwhile.
fn measured(case: &Case, work: impl Fn()) -> (Duration, Duration) {
    let (before, began) = (servers(case), Instant::now());
    work();
    (began.elapsed(), servers(case).saturating_sub(before))
}

fn servers(case: &Case) -> Duration {
    let words = ["systemctl", "show", case.service, "--value", "-p", "CPUUsageNSec"];
    let of = |host: &&str| {
        let output =
            Command::new("lab/lab").args(["exec", LAB, host]).args(words).stdin(Stdio::null()).output();
        let text = String::from_utf8(output.expect("the lab's script").stdout).expect("text");
        text.trim().parse().map(Duration::from_nanos).expect("the server's processor time")
    };
    case.hosts.iter().map(of).sum()
}

/// How long it takes to find the one row in a million that differs.
fn found(case: &Case, inventory: &str) -> Duration {
    on(case.hosts[2], case.part_with_one);
    let began = Instant::now();
    let output = Command::new(GALACTL).args(["compare", inventory]).stdin(Stdio::null()).output();
    let (took, output) = (began.elapsed(), output.expect("galactl"));
    let text = String::from_utf8_lossy(&output.stdout);
    must(output.status.code() == Some(DIFFER), "compare says that the nodes differ");
    must(text.contains("differs (1 key)") && text.contains("id 654321: "), "the row is found");
    took
}

type Measured = (Duration, Duration);

fn report(case: &Case, pairs: &[(Measured, Measured)], found: Duration) {
    let row = |what: &str, pairs: Vec<(Duration, Duration)>| {
        let (compare, dump, ratio, each) = compared(&pairs);
        println!("| {what} | {compare:.1} s | {dump:.1} s | **{ratio:.2}** | {each} |");
    };
    println!("## {}\n", case.title);
    println!("`galactl compare` of {} All hosts are on one machine.\n", case.dumps);
    println!("| | compare, median | dumps, median | ratio, median of {PAIRS} pairs | each pair |");
    println!("| --- | --- | --- | --- | --- |");
    row("time", pairs.iter().map(|(compare, dump)| (compare.0, dump.0)).collect());
    row(
        "the three servers' processor time",
        pairs.iter().map(|(compare, dump)| (compare.1, dump.1)).collect(),
    );
    println!("\nOne row that differs on one node is found and named in {:.1} s.\n", found.as_secs_f64());
}
