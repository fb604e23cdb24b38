//! `galactl compare` of a million rows on the three nodes of a mesh against a plain dump of the same on each node: time, and the
//! servers' processor time. Then one row is changed on one node, and found.

#![allow(clippy::print_stdout, reason = "a benchmark prints its result")]
#![allow(clippy::cast_precision_loss, reason = "shown with one decimal")]

#[allow(dead_code, reason = "each benchmark has this module for itself")]
mod lab;

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use lab::{LAB, Lab, compared, must, run};

const HOSTS: [&str; 3] = ["pg1", "pg2", "pg3"];
const PAIRS: usize = 5;
const GALACTL: &str = env!("CARGO_BIN_EXE_galactl");
const DUMP: &str = "cd /; runuser -u postgres -- pg_dump shop > /dev/null";
/// A standalone server with rows of about 250 bytes, whose copy the others become.
const DATA: &str = "pg_createcluster 15 main --start; cd /; runuser -u postgres -- createdb shop
    runuser -u postgres -- psql -q -d shop -c 'CREATE TABLE t (id int PRIMARY KEY, n int, at timestamp, word char(200))' \
        -c 'INSERT INTO t SELECT i, i, now(), repeat(md5(i::text), 6) FROM generate_series(1, 1000000) i' -c 'VACUUM ANALYZE t'";
/// What is written in the name of a replication origin is no change of this node's own, so nobody gets it.
const PART_WITH_ONE: &str = "cd /; runuser -u postgres -- psql -q -d shop -c \"SELECT pg_replication_origin_create('bench')\" \
    -c \"SELECT pg_replication_origin_session_setup('bench')\" -c 'UPDATE t SET n = n + 1 WHERE id = 654321'";

fn main() {
    let _lab = Lab::up(&HOSTS);
    on("pg1", DATA);
    let inventory = inventory();
    must(run(&[GALACTL, "bootstrap", &inventory, "--yes"]), "bootstrap");
    let compare = || must(run(&[GALACTL, "compare", &inventory]), "compare says equal");
    let dump = || on_all(DUMP);
    // What the servers read is in memory then.
    dump();
    compare();
    let pairs: Vec<_> = (0..PAIRS).map(|_| (measured(compare), measured(dump))).collect();
    report(&pairs, found(&inventory));
}

fn inventory() -> String {
    let path = format!("{}/mesh.yaml", Lab::directory());
    let given = std::fs::read_to_string(format!("{}/inventory.yaml", Lab::directory()));
    let given = given.expect("the lab's inventory").replace("engine: patroni", "engine: postgresql-mesh");
    std::fs::write(&path, given + "databases: [{name: shop}]\n").expect("the inventory");
    path
}

fn on(host: &str, script: &str) {
    must(run(&["lab/lab", "exec", LAB, host, "sh", "-c", script]), script);
}

fn on_all(script: &'static str) {
    std::thread::scope(|scope| {
        for host in HOSTS {
            scope.spawn(move || on(host, script));
        }
    });
}

/// How long it takes, and the processor time of the three servers meanwhile.
fn measured(work: impl Fn()) -> (Duration, Duration) {
    let (before, began) = (servers(), Instant::now());
    work();
    (began.elapsed(), servers().saturating_sub(before))
}

fn servers() -> Duration {
    let words = ["systemctl", "show", "postgresql@15-main", "--value", "-p", "CPUUsageNSec"];
    let of = |host| {
        let output =
            Command::new("lab/lab").args(["exec", LAB, host]).args(words).stdin(Stdio::null()).output();
        let text = String::from_utf8(output.expect("the lab's script").stdout).expect("text");
        text.trim().parse().map(Duration::from_nanos).expect("the server's processor time")
    };
    HOSTS.into_iter().map(of).sum()
}

/// How long it takes to find the one row in a million that differs.
fn found(inventory: &str) -> Duration {
    on("pg3", PART_WITH_ONE);
    let began = Instant::now();
    let output = Command::new(GALACTL).args(["compare", inventory]).stdin(Stdio::null()).output();
    let (took, output) = (began.elapsed(), output.expect("galactl"));
    let text = String::from_utf8_lossy(&output.stdout);
    must(!output.status.success(), "compare says that the nodes differ");
    must(text.contains("differs (1 key)") && text.contains("id 654321: "), "the row is found");
    took
}

type Measured = (Duration, Duration);

fn report(pairs: &[(Measured, Measured)], found: Duration) {
    let row = |what: &str, pairs: Vec<(Duration, Duration)>| {
        let (compare, dump, ratio, each) = compared(&pairs);
        println!("| {what} | {compare:.1} s | {dump:.1} s | **{ratio:.2}** | {each} |");
    };
    println!("## Comparing a million rows of a mesh against dumping them\n");
    println!(
        "`galactl compare` of three nodes of Debian 12 with a million rows of 250 bytes against `pg_dump > /dev/null` on each"
    );
    println!("of them at once. All hosts are on one machine.\n");
    println!("| | compare, median | dumps, median | ratio, median of {PAIRS} pairs | each pair |");
    println!("| --- | --- | --- | --- | --- |");
    row("time", pairs.iter().map(|(compare, dump)| (compare.0, dump.0)).collect());
    row(
        "the three servers' processor time",
        pairs.iter().map(|(compare, dump)| (compare.1, dump.1)).collect(),
    );
    println!("\nOne row that differs on one node is found and named in {:.1} s.\n", found.as_secs_f64());
}
