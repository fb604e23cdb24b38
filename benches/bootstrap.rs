//! galactl's bootstrap of three nodes against the same raw commands over ssh, in pairs on the
//! same hosts. rsync SST, because it is the quicker one and hides the least.

#![allow(clippy::print_stdout, reason = "a benchmark prints its result")]
#![allow(clippy::cast_precision_loss, reason = "shown with one decimal")]

mod lab;

use lab::{Lab, compared, must, run};

const HOSTS: [&str; 3] = ["db1", "db2", "db3"];
const PAIRS: usize = 5;
const GALACTL: &str = env!("CARGO_BIN_EXE_galactl");

fn main() {
    let lab = Lab::up(&HOSTS);
    lab.keep();
    let inventory = Lab::inventory("bench", "sst:\n  method: rsync\nprovider_options:\n  gcache.size: 64M\n");
    let rendered = format!("{}/rendered", Lab::directory());
    must(run(&[GALACTL, "render", &inventory, "--out", &rendered]), "render");

    let config = format!("{}/ssh_config", Lab::directory());
    let raw = [&["benches/raw-bootstrap.sh", &config, &rendered], HOSTS.as_slice()].concat();
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
    println!("## Bootstrap of three nodes against the raw commands\n");
    println!("galactl also scans the hosts twice, lets each server try its option file, compares all views,");
    println!("and writes a row on each node that is read on every other. Target: at most 1.10.\n");
    println!("| galactl, median | raw commands, median | ratio, median of {PAIRS} pairs | each pair |");
    println!("| --- | --- | --- | --- |");
    println!("| {galactl:.1} s | {raw:.1} s | **{ratio:.2}** | {each} |");
    let size = std::fs::metadata(GALACTL).map_or(0.0, |meta| meta.len() as f64 / 1e6);
    println!("\nThe release binary has {size:.1} MB. Target: at most 12 MB.\n");
}
