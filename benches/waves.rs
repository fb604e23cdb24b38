//! The bootstrap of seven nodes in waves against one after the other, in pairs on the same
//! hosts. mariabackup, because it is the usual method; its donor waits ten seconds before it sends.

#![allow(clippy::print_stdout, reason = "a benchmark prints its result")]
#![allow(clippy::print_stderr, reason = "minutes pass between two pairs")]

mod lab;

use std::time::Duration;

use lab::{Lab, compared, must, run};

const HOSTS: [&str; 7] = ["db1", "db2", "db3", "db4", "db5", "db6", "db7"];
/// A pair takes three to six minutes.
const PAIRS: usize = 2;
const GALACTL: &str = env!("CARGO_BIN_EXE_galactl");

/// Rows of about 250 bytes on the seed, which every other node receives, and what the hosts' links carry.
/// Between hosts on one machine the copy itself takes a second, and what is compared then is little more
/// than the waits of Galera and its scripts.
const CASES: [(usize, Option<&str>); 2] = [(1_000_000, Some("100mbit")), (400_000, None)];

fn main() {
    println!("## Seven nodes in waves against one after the other\n");
    println!(
        "The whole bootstrap with mariabackup, scans and proofs included, in waves of one, two and three"
    );
    println!("joiners. Target: at most 0.60.\n");
    println!(
        "| data, each host's link | in waves, median | one after the other, median | ratio, median of {PAIRS} pairs | each pair |"
    );
    println!("| --- | --- | --- | --- | --- |");
    for (rows, link) in CASES {
        let lab = Lab::up(&HOSTS);
        data(rows);
        lab.keep();
        links(link);
        let (waves, serial, ratio, each) = compared(&pairs(&lab));
        let link = link.unwrap_or("the memory of one machine");
        println!("| {} MB, {link} | {waves:.1} s | {serial:.1} s | **{ratio:.2}** | {each} |", rows / 4000);
    }
    println!();
}

fn data(rows: usize) {
    let statement = format!(
        "CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY, word CHAR(200)) \
        AS SELECT seq AS id, REPEAT(MD5(seq), 6) AS word FROM shop.seq_1_to_{rows}"
    );
    must(run(&["lab/lab", "exec", lab::LAB, "db1", "mariadb", "-e", &statement]), "data");
}

fn links(rate: Option<&str>) {
    let Some(rate) = rate else { return };
    for host in HOSTS {
        must(run(&["lab/lab", "limit", lab::LAB, host, rate]), "links");
    }
}

fn pairs(lab: &Lab) -> Vec<(Duration, Duration)> {
    let more = "provider_options:\n  gcache.size: 64M\n";
    let serial = Lab::inventory("serial", more);
    let waves = Lab::inventory("waves", &format!("{more}join: waves\n"));
    let bootstrap = |inventory: &str| lab.timed(&[GALACTL, "bootstrap", inventory, "--yes"]);
    let pair = |_| {
        let (serial, waves) = (bootstrap(&serial), bootstrap(&waves));
        eprintln!("serial {:.1} s, waves {:.1} s", serial.as_secs_f64(), waves.as_secs_f64());
        (waves, serial)
    };
    (0..PAIRS).map(pair).collect()
}
