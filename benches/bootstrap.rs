//! galactl's bootstrap of three nodes against the same raw commands over ssh, in pairs on the
//! same hosts. rsync SST, because it is the quicker one and hides the least.

#![allow(clippy::print_stdout, reason = "a benchmark prints its result")]
#![allow(clippy::cast_precision_loss, reason = "shown with one decimal")]

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const LAB: &str = "bench";
const HOSTS: [&str; 3] = ["db1", "db2", "db3"];
const PAIRS: usize = 5;

/// Keeps a copy of the fresh data directory, once.
const KEEP: &str = "systemctl stop mariadb && cp -a /var/lib/mysql /var/lib/mysql.fresh";
/// Makes the host as fresh as it was: its data, no option file, a standalone server.
const RESET: &str = "systemctl stop mariadb; rm -rf /var/lib/mysql /etc/mysql/mariadb.conf.d/99-galactl.cnf*; \
    cp -a /var/lib/mysql.fresh /var/lib/mysql && systemctl start mariadb";

struct Lab;

impl Drop for Lab {
    fn drop(&mut self) {
        lab(&["down", LAB]);
    }
}

fn main() {
    lab(&["down", LAB]);
    let _lab = Lab;
    must(lab(&[&["up", LAB], HOSTS.as_slice()].concat()), "the lab");
    on_all(KEEP);
    let directory = format!("/var/lib/galactl-lab/{LAB}");
    let inventory = write_inventory(&directory);
    let rendered = format!("{directory}/rendered");
    must(run(&["target/release/galactl", "render", &inventory, "--out", &rendered]), "render");

    let config = format!("{directory}/ssh_config");
    let raw = [&["benches/raw-bootstrap.sh", &config, &rendered], HOSTS.as_slice()].concat();
    let galactl = ["target/release/galactl", "bootstrap", &inventory, "--yes"];
    let mut pairs = Vec::new();
    for pair in 0..=PAIRS {
        let (b, a) = (timed(&raw), timed(&galactl));
        // The first pair warms the page cache.
        if pair > 0 {
            pairs.push((a, b));
        }
    }
    report(&pairs);
}

fn timed(words: &[&str]) -> Duration {
    on_all(RESET);
    let started = Instant::now();
    must(run(words), words[0]);
    started.elapsed()
}

fn report(pairs: &[(Duration, Duration)]) {
    let median = |mut values: Vec<f64>| {
        values.sort_by(f64::total_cmp);
        values[values.len() / 2]
    };
    let galactl = median(pairs.iter().map(|pair| pair.0.as_secs_f64()).collect());
    let raw = median(pairs.iter().map(|pair| pair.1.as_secs_f64()).collect());
    let ratios: Vec<f64> = pairs.iter().map(|(a, b)| a.as_secs_f64() / b.as_secs_f64()).collect();
    let listed: Vec<String> = ratios.iter().map(|ratio| format!("{ratio:.2}")).collect();
    println!("## Bootstrap of three nodes against the raw commands\n");
    println!(
        "galactl also looks at the hosts twice, lets each server try its option file, compares all views"
    );
    println!("and writes a row on each node that is read on every other. Target: at most 1.10.\n");
    println!(
        "| galactl, median | raw commands, median | ratio, median of {} pairs | each pair |",
        pairs.len()
    );
    println!("| --- | --- | --- | --- |");
    println!("| {galactl:.1} s | {raw:.1} s | **{:.2}** | {} |", median(ratios), listed.join(", "));
    let size = std::fs::metadata("target/release/galactl").map_or(0.0, |meta| meta.len() as f64 / 1e6);
    println!("\nThe release binary has {size:.1} MB. Target: at most 12 MB.\n");
}

fn write_inventory(directory: &str) -> String {
    let given = std::fs::read_to_string(format!("{directory}/inventory.yaml")).expect("the lab's inventory");
    let path = format!("{directory}/bench.yaml");
    std::fs::write(&path, given + "sst:\n  method: rsync\nprovider_options:\n  gcache.size: 64M\n")
        .expect("the inventory");
    path
}

fn on_all(script: &str) {
    let children: Vec<_> = HOSTS
        .iter()
        .map(|host| {
            command(&["lab/lab", "exec", LAB, host, "sh", "-c", script]).spawn().expect("the lab's script")
        })
        .collect();
    for mut child in children {
        must(child.wait().is_ok_and(|status| status.success()), script);
    }
}

fn lab(words: &[&str]) -> bool {
    run(&[&["lab/lab"], words].concat())
}

fn run(words: &[&str]) -> bool {
    command(words).status().is_ok_and(|status| status.success())
}

fn command(words: &[&str]) -> Command {
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).current_dir(Path::new(env!("CARGO_MANIFEST_DIR")));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

fn must(holds: bool, what: &str) {
    assert!(holds, "failed: {what}");
}
