//! galactl's bootstrap of three nodes against the same raw commands over ssh, in pairs on the
//! same hosts. rsync SST, because it is the quicker one and hides the least.

#![allow(clippy::print_stdout, reason = "a benchmark prints its result")]
#![allow(clippy::cast_precision_loss, reason = "shown with one decimal")]

mod lab;

use std::time::Duration;

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
    // By which rsync is encrypted.
    lab.on_all("apt-get -qq -y install stunnel4 >/dev/null");
    lab.keep();
    let plain = pairs(&lab, "bench", "", &["benches/raw-bootstrap.sh"]);
    let tls =
        pairs(&lab, "bench-tls", "tls: {ca: {generate: true}}\n", &["benches/raw-bootstrap.sh", "--tls"]);
    println!("## Bootstrap of three nodes against the raw commands\n");
    println!("galactl also scans the hosts twice, lets each server try its option file, compares all views,");
    println!(
        "and writes a row on each node that is read on every other. With TLS, the raw commands make an authority and a"
    );
    println!(
        "certificate for each host by openssl; galactl also proves what each server serves. Target: at most 1.10.\n"
    );
    println!("| | galactl, median | raw commands, median | ratio, median of {PAIRS} pairs | each pair |");
    println!("| --- | --- | --- | --- | --- |");
    report("in clear text", &plain);
    report("with TLS", &tls);
    let size = std::fs::metadata(GALACTL).map_or(0.0, |meta| meta.len() as f64 / 1e6);
    println!("\nThe release binary has {size:.1} MB. Target: at most 12 MB.\n");
    println!("{WHY_SO_LARGE}\n");
}

type Pair = (Duration, Duration);

/// How long galactl and these raw words take, with an inventory that has more sections.
fn pairs(lab: &Lab, name: &str, more: &str, raw: &[&str]) -> Vec<Pair> {
    let inventory = Lab::inventory(
        name,
        &format!("sst:\n  method: rsync\nprovider_options:\n  gcache.size: 64M\n{more}"),
    );
    let rendered = format!("{}/{name}", Lab::directory());
    must(run(&[GALACTL, "render", &inventory, "--out", &rendered]), "render");
    let config = format!("{}/ssh_config", Lab::directory());
    let raw = [raw, &[&config, &rendered], HOSTS.as_slice()].concat();
    let galactl = [GALACTL, "bootstrap", &inventory, "--yes"];
    // The first pair warms the page cache.
    (0..=PAIRS).map(|_| (lab.timed(&galactl), lab.timed(&raw))).skip(1).collect()
}

fn report(what: &str, pairs: &[Pair]) {
    let (galactl, raw, ratio, each) = compared(pairs);
    println!("| {what} | {galactl:.1} s | {raw:.1} s | **{ratio:.2}** | {each} |");
}
