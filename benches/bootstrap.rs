//! galactl's bootstrap of three nodes against the same raw commands over ssh, in pairs on the
//! same hosts. rsync SST, because it is the quicker one and hides the least.

#![allow(clippy::print_stdout, reason = "a benchmark prints its result")]
#![allow(clippy::cast_precision_loss, reason = "shown with one decimal")]

mod lab;

use lab::{Lab, compared, must, run};

const HOSTS: [&str; 3] = ["db1", "db2", "db3"];
const PAIRS: usize = 5;
const GALACTL: &str = env!("CARGO_BIN_EXE_galactl");
/// What `nm --size-sort -C` and `size -A` say of a release binary that keeps its symbols.
const WHY_SO_LARGE: &str = "\
It is built for size: `opt-level = \"s\"`, and all crates are optimised as one (`lto = \"fat\"`, one codegen unit), which takes
2.8 MB off and needs five minutes of processor time. In an earlier build with `lto = \"thin\"` and 11.7 MB, the functions
had 8.5 MB: galactl's own 1.5 MB, those of the standard library compiled for its types 2.7 MB, `similar` (diffs) 0.8 MB,
`tera` (templates) 0.5 MB, the regular expressions that it brings 0.5 MB, `tokio` 0.4 MB, `serde_json` 0.3 MB, and each
other library at most 0.2 MB. The rest were tables: for unwinding 1.7 MB, relocations 0.8 MB, constants 0.9 MB. A
`plan --offline` of 1,000 nodes takes 0.5 s of processor
time.";

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
    println!("{WHY_SO_LARGE}\n");
}
