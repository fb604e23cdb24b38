//! `galactl compare` of a million rows on three nodes against a plain dump of the same on each node: time, and the
//! servers' processor time. Then one row is changed on one node, and found.

#![allow(clippy::print_stdout, reason = "a benchmark prints its result")]
#![allow(clippy::cast_precision_loss, reason = "shown with one decimal")]

#[allow(dead_code, reason = "each benchmark has this module for itself")]
mod lab;

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use lab::{LAB, Lab, compared, must, run};

const HOSTS: [&str; 3] = ["db1", "db2", "db3"];
const PAIRS: usize = 5;
/// Write-sets of a hundred thousand rows each.
const PARTS: usize = 10;
const ROWS: usize = 100_000;
const GALACTL: &str = env!("CARGO_BIN_EXE_galactl");
const DUMP: &str = "mariadb-dump --single-transaction --quick shop > /dev/null";
const PART_WITH_ONE: &str = "SET SESSION wsrep_on = OFF; UPDATE shop.t SET n = n + 1 WHERE id = 654321";

fn main() {
    let _lab = Lab::up(&HOSTS);
    let inventory = Lab::inventory("compare", "");
    must(run(&[GALACTL, "bootstrap", &inventory, "--yes"]), "bootstrap");
    data();
    let compare = || must(run(&[GALACTL, "compare", &inventory]), "compare says equal");
    let dump = || on_all(DUMP);
    // What the servers read is in memory then.
    dump();
    compare();
    let pairs: Vec<_> = (0..PAIRS).map(|_| (measured(compare), measured(dump))).collect();
    report(&pairs, found(&inventory));
}

/// Rows of about 250 bytes.
fn data() {
    on(
        "db1",
        "mariadb -e 'CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY, n INT, at DATETIME, word CHAR(200))'",
    );
    for part in 0..PARTS {
        let (from, to) = (part * ROWS + 1, (part + 1) * ROWS);
        let rows = format!("SELECT seq, seq, NOW(), REPEAT(MD5(seq), 6) FROM seq_{from}_to_{to}");
        on("db1", &format!("mariadb shop -e 'INSERT INTO t {rows}'"));
    }
    on_all("mariadb -e 'SET SESSION wsrep_sync_wait = 1; SELECT COUNT(*) FROM shop.t'");
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
    let words = ["systemctl", "show", "mariadb", "--value", "-p", "CPUUsageNSec"];
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
    on("db3", &format!("mariadb -e '{PART_WITH_ONE}'"));
    let began = Instant::now();
    let output = Command::new(GALACTL).args(["compare", inventory]).stdin(Stdio::null()).output();
    let (took, output) = (began.elapsed(), output.expect("galactl"));
    let text = String::from_utf8_lossy(&output.stdout);
    must(output.status.code() == Some(3), "compare says that the nodes differ");
    must(text.contains("differs (1 key)") && text.contains("id 654321: "), "the row is found");
    took
}

type Measured = (Duration, Duration);

fn report(pairs: &[(Measured, Measured)], found: Duration) {
    let row = |what: &str, pairs: Vec<(Duration, Duration)>| {
        let (compare, dump, ratio, each) = compared(&pairs);
        println!("| {what} | {compare:.1} s | {dump:.1} s | **{ratio:.2}** | {each} |");
    };
    println!("## Comparing a million rows against dumping them\n");
    println!(
        "`galactl compare` of three nodes with a million rows of 250 bytes against `mariadb-dump > /dev/null` on each of"
    );
    println!("them at once. All hosts are on one machine.\n");
    println!("| | compare, median | dumps, median | ratio, median of {PAIRS} pairs | each pair |");
    println!("| --- | --- | --- | --- | --- |");
    row("time", pairs.iter().map(|(compare, dump)| (compare.0, dump.0)).collect());
    row(
        "the three servers' processor time",
        pairs.iter().map(|(compare, dump)| (compare.1, dump.1)).collect(),
    );
    println!("\nOne row that differs on one node is found and named in {:.1} s.\n", found.as_secs_f64());
}
