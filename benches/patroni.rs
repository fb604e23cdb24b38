//! galactl's bootstrap of three nodes with PostgreSQL, Patroni and etcd against the same raw commands over ssh, in pairs on
//! the same hosts.

#![allow(clippy::print_stdout, reason = "a benchmark prints its result")]

mod lab;

use lab::{Lab, RESET_POSTGRESQL, compared, must, run};

const SPECS: [&str; 3] = ["pg1", "pg2", "pg3"];
const PAIRS: usize = 5;
const GALACTL: &str = env!("CARGO_BIN_EXE_galactl");

fn main() {
    let lab = Lab::up_with(&SPECS, RESET_POSTGRESQL);
    let inventory = Lab::inventory("patroni-bench", "");
    let rendered = format!("{}/rendered", Lab::directory());
    must(run(&[GALACTL, "render", &inventory, "--release", "12", "--out", &rendered]), "render");

    let config = format!("{}/ssh_config", Lab::directory());
    let raw = [&["benches/raw-bootstrap-patroni.sh", &config, &rendered], SPECS.as_slice()].concat();
    let galactl = [GALACTL, "bootstrap", &inventory, "--yes"];
    let mut pairs = Vec::new();
    for pair in 0..=PAIRS {
        let (b, a) = (lab.timed(&raw), lab.timed(&galactl));
        // The first pair warms the page cache.
        if pair > 0 {
            pairs.push((a, b));
        }
    }
    let (galactl, raw, ratio, each) = compared(&pairs);
    println!("## Bootstrap of PostgreSQL with Patroni against the raw commands\n");
    println!(
        "Three nodes of Debian 12 with etcd beside them. Both wait until one standby is synchronous; galactl also scans"
    );
    println!(
        "the hosts before each step that starts something, compares all nodes, and writes a row that is read on each of"
    );
    println!(
        "them. Unlike the raw commands, it wakes the primary's Patroni where a standby waits for it: for its slot, and"
    );
    println!(
        "to become synchronous. Otherwise Patroni sees to each once in its loop, which it goes through every 10 s. Target: at"
    );
    println!("most 1.10.\n");
    println!("| galactl, median | raw commands, median | ratio, median of {PAIRS} pairs | each pair |");
    println!("| --- | --- | --- | --- |");
    println!("| {galactl:.1} s | {raw:.1} s | **{ratio:.2}** | {each} |\n");
}
