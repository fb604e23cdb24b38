//! The bootstrap of seven nodes in waves against one node after the other, in pairs on the same
//! hosts. mariabackup, because it is the usual method; its donor waits ten seconds before it sends.

#![allow(clippy::print_stdout, reason = "a benchmark prints its result")]
#![allow(clippy::print_stderr, reason = "minutes pass between two pairs")]

mod lab;

use lab::{Lab, compared, must, run};

const HOSTS: [&str; 7] = ["db1", "db2", "db3", "db4", "db5", "db6", "db7"];
/// A pair takes three minutes.
const PAIRS: usize = 2;
const GALACTL: &str = env!("CARGO_BIN_EXE_galactl");

/// About 100 MB on the seed, which every other node receives.
const DATA: &str = "CREATE DATABASE shop; \
    CREATE TABLE shop.t (id INT PRIMARY KEY, word CHAR(200)) \
    AS SELECT seq AS id, REPEAT(MD5(seq), 6) AS word FROM shop.seq_1_to_400000";

fn main() {
    let lab = Lab::up(&HOSTS);
    must(run(&["lab/lab", "exec", lab::LAB, "db1", "mariadb", "-e", DATA]), "data");
    lab.keep();
    let more = "provider_options:\n  gcache.size: 64M\n";
    let serial = Lab::inventory("serial", more);
    let waves = Lab::inventory("waves", &format!("{more}join: waves\n"));
    let mut pairs = Vec::new();
    for _ in 0..PAIRS {
        let bootstrap = |inventory: &str| lab.timed(&[GALACTL, "bootstrap", inventory, "--yes"]);
        let (serial, waves) = (bootstrap(&serial), bootstrap(&waves));
        eprintln!("serial {:.1} s, waves {:.1} s", serial.as_secs_f64(), waves.as_secs_f64());
        pairs.push((waves, serial));
    }
    let (waves, serial, ratio, each) = compared(&pairs);
    println!("## Seven nodes in waves against one after the other\n");
    println!("The whole bootstrap with mariabackup and 100 MB of data, looks and proofs included; waves of");
    println!("one, two and three joiners. Target: at most 0.60.\n");
    println!(
        "| in waves, median | one after the other, median | ratio, median of {PAIRS} pairs | each pair |"
    );
    println!("| --- | --- | --- | --- |");
    println!("| {waves:.1} s | {serial:.1} s | **{ratio:.2}** | {each} |\n");
}
