//! What clients of galactl's own clusters and endpoints notice while the primary is lost: on two releases, in two
//! modes of synchronous replication, each fault five times. Every commit that was acknowledged is looked for. Writes the
//! tables into a file, because galactl's own words are on stdout.

#![allow(clippy::print_stdout, reason = "a benchmark prints its result")]
#![allow(clippy::print_stderr, reason = "it takes most of an hour")]

#[path = "../tests/lab/patroni/cluster.rs"]
#[allow(dead_code, reason = "scenes use the rest")]
mod cluster;
#[path = "../tests/lab/patroni/failovers.rs"]
mod failovers;
#[path = "../tests/lab/lab.rs"]
#[allow(dead_code, reason = "scenes use the rest")]
mod lab;
#[path = "../tests/lab/run.rs"]
#[allow(dead_code, reason = "scenes use the rest")]
mod run;

use std::thread;

use cluster::{NODES, sql};
use failovers::{BOTH_KILLED, CABLE, CLIENTS, CUT, Fault, KILLED, POWER, PROXIES, SWITCHED, TABLE, leader};
use lab::Lab;
use run::Inventory;

const ROUNDS: u64 = 5;
const TABLES: &str = "target/failovers.md";

/// A release with its choice of times, whose time to live and loop are given in seconds.
struct Case {
    release: &'static str,
    lab: &'static str,
    title: &'static str,
    failover: &'static str,
    ttl: u16,
    loop_wait: u16,
}

const CASES: [Case; 2] = [
    Case {
        release: "bookworm",
        lab: "failovers-12",
        title: "Debian 12: PostgreSQL 15, Patroni 3.0.2, etcd 3.4; `failover: fast`",
        failover: "fast",
        ttl: 20,
        loop_wait: 5,
    },
    Case {
        release: "trixie",
        lab: "failovers-13",
        title: "Debian 13: PostgreSQL 17, Patroni 4.0.7, etcd 3.5; `failover: default`",
        failover: "default",
        ttl: 30,
        loop_wait: 10,
    },
];

/// How long each may take, by the settings alone.
enum Bound {
    /// Nothing waits for a time.
    Soon,
    /// Patroni looks at its server once in each of its loops.
    Loop,
    /// The primary's key has to end.
    Ttl,
}

const FAULTS: [(&Fault, Bound); 6] = [
    (&SWITCHED, Bound::Soon),
    (&KILLED, Bound::Loop),
    (&BOTH_KILLED, Bound::Loop),
    (&POWER, Bound::Ttl),
    (&CABLE, Bound::Ttl),
    (&CUT, Bound::Ttl),
];

/// Words name the releases; without one, it is all of them.
fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let wanted = |case: &&Case| words.is_empty() || words.iter().any(|word| word == case.release);
    let tables = thread::scope(|scope| {
        let measured: Vec<_> = CASES.iter().filter(wanted).map(|case| scope.spawn(|| table(case))).collect();
        measured.into_iter().map(|table| table.join().expect("a table")).collect::<Vec<_>>()
    });
    std::fs::write(TABLES, tables.join("\n")).expect("the tables' file");
}

fn table(case: &Case) -> String {
    let release = case.release;
    let nodes = NODES.map(|node| format!("{node}:{release}:postgresql"));
    let proxies = PROXIES.map(|proxy| format!("{proxy}:{release}:bare"));
    let clients = format!("{CLIENTS}:{release}:postgresql");
    let hosts: Vec<&str> = nodes.iter().chain(&proxies).chain([&clients]).map(String::as_str).collect();
    let lab = Lab::up(case.lab, &hosts);
    let mut inventory = Inventory::of_patroni(&lab, &NODES);
    inventory.cluster += "\n  install: true";
    inventory.proxies = PROXIES.map(|proxy| (proxy.to_owned(), String::new())).into();
    let mut text = format!(
        "## {}\n\n| mode | the primary | seconds without a commit | bound | commits | lost |\n| --- | --- | --- | --- | --- | --- |\n",
        case.title
    );
    let mut first = 1;
    for mode in ["on", "strict"] {
        inventory.rest = format!(
            "failover: {}\nclients: [{}/32]\nsynchronous: {{mode: {mode}}}",
            case.failover,
            lab.address(CLIENTS)
        );
        if first == 1 {
            inventory.bootstrap();
            sql(&lab, leader(&lab), TABLE);
        } else {
            inventory.galactl(&["apply-config", "--yes"]).expect_code(0);
        }
        for (fault, bound) in &FAULTS {
            text += &row(case, &lab, mode, fault, bound, &mut first);
        }
    }
    inventory.settles();
    text
}

fn row(case: &Case, lab: &Lab, mode: &str, fault: &Fault, bound: &Bound, first: &mut u64) -> String {
    let (mut seconds, mut commits, mut lost) = (Vec::new(), 0, 0);
    for round in 1..=ROUNDS {
        let found = failovers::lose(lab, fault, *first);
        *first += 10_000_000;
        let longest = found.seconds.into_iter().fold(0.0, f64::max);
        eprintln!(
            "{} {mode}, {}, {round}: {longest:.1} s, {} commits, lost {:?}",
            case.release, fault.what, found.acknowledged, found.missing
        );
        seconds.push(longest);
        commits += found.acknowledged;
        lost += found.missing.len();
    }
    seconds.sort_by(f64::total_cmp);
    let listed: Vec<_> = seconds.iter().map(|seconds| format!("{seconds:.1}")).collect();
    let bound = bound.seconds(case, mode).map_or_else(|| "-".into(), |bound| bound.to_string());
    format!("| {mode} | {} | {} | {bound} | {commits} | {lost} |\n", fault.what, listed.join(", "))
}

impl Bound {
    /// `strict` waits for one loop more: the new primary's first commit waits until a standby is synchronous.
    fn seconds(&self, case: &Case, mode: &str) -> Option<u16> {
        let after = case.loop_wait * if mode == "strict" { 2 } else { 1 };
        match self {
            Self::Soon => None,
            Self::Loop => Some(after + case.loop_wait),
            Self::Ttl => Some(case.ttl + after),
        }
    }
}
