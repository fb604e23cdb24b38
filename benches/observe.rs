//! How long connecting to a hundred hosts and looking at them takes, and how much memory. The hosts
//! are sshd in namespaces of this machine, so both ends share its cores.

#![allow(clippy::print_stdout, reason = "a benchmark prints its result")]
#![allow(clippy::cast_precision_loss, reason = "shown with one decimal")]
#![allow(clippy::disallowed_methods, reason = "nothing else runs here that sleeping would block")]

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use galactl::galera::judge::codes;

const HOSTS: usize = 100;
const RUNS: usize = 5;
const INVENTORY: &str = "/run/galactl-farm/inventory.yaml";
const SAMPLE_EVERY: Duration = Duration::from_millis(100);

/// Lasts as long as its standard input is open, so also no longer than this process.
struct Farm(Child);

impl Farm {
    fn up() -> Self {
        let mut child = command("benches/sshd-farm.sh")
            .arg(HOSTS.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the farm's script");
        let mut said = String::new();
        let stdout = child.stdout.take().expect("piped");
        BufReader::new(stdout).read_line(&mut said).expect("its word");
        let farm = Self(child);
        assert_eq!(said, "ready\n", "failed: the farm");
        farm
    }
}

impl Drop for Farm {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

/// Peaks in KiB.
#[derive(Default)]
struct Memory {
    galactl: u64,
    masters: u64,
    both: u64,
}

fn main() {
    let _farm = Farm::up();
    // The first run warms the page cache.
    let mut times: Vec<_> = (0..=RUNS).map(|_| timed()).skip(1).collect();
    // Looking at memory takes time, so it has runs of its own.
    let mut memory: Vec<_> = (0..RUNS).map(|_| sampled()).collect();
    times.sort();
    memory.sort_by_key(|memory| memory.both);
    report(&times, &memory[RUNS / 2]);
}

fn timed() -> Duration {
    let started = Instant::now();
    let child = look();
    let output = child.wait_with_output().expect("its end");
    let time = started.elapsed();
    check(output.status.code(), &output.stdout);
    time
}

fn sampled() -> Memory {
    let child = look();
    let pid = child.id();
    let mut memory = Memory::default();
    // What it prints fits into a pipe, so it ends without being read.
    while is_running(pid) {
        let galactl = kib(pid, "status", "VmHWM:");
        let masters = masters(pid).map(|master| kib(master, "smaps_rollup", "Pss:")).sum();
        memory.galactl = memory.galactl.max(galactl);
        memory.masters = memory.masters.max(masters);
        memory.both = memory.both.max(galactl + masters);
        std::thread::sleep(SAMPLE_EVERY);
    }
    let output = child.wait_with_output().expect("its end");
    check(output.status.code(), &output.stdout);
    memory
}

/// A dry run. No server is installed there, so it is refused once all hosts were looked at.
fn look() -> Child {
    command(env!("CARGO_BIN_EXE_galactl"))
        .args(["bootstrap", INVENTORY, "--dry-run", "--output", "json"])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .expect("galactl")
}

/// Every host was seen, and on each of them that it has no server.
fn check(code: Option<i32>, stdout: &[u8]) {
    assert_eq!(code, Some(3), "failed: galactl");
    let said: serde_json::Value = serde_json::from_slice(stdout).expect("JSON");
    let refusals = said["refusals"].as_array().expect("refusals");
    let unseen = refusals.iter().find(|refusal| refusal["code"] == codes::UNREACHABLE.name);
    assert!(unseen.is_none(), "not seen: {unseen:?}");
    let seen: BTreeSet<_> = refusals
        .iter()
        .filter(|refusal| refusal["code"] == codes::NOT_INSTALLED.name)
        .filter_map(|refusal| refusal["node"].as_str())
        .collect();
    assert_eq!(seen.len(), HOSTS, "hosts seen");
}

/// False for one that has ended and is waited for.
fn is_running(pid: u32) -> bool {
    fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| !stat.contains(") Z "))
}

/// The ssh processes of a run, known by the run's own directory in their command lines.
fn masters(galactl: u32) -> impl Iterator<Item = u32> {
    let directory = format!("/galactl-{galactl}-");
    let pids = fs::read_dir("/proc").expect("/proc").flatten();
    pids.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).filter(move |pid| {
        let words = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        words.starts_with(b"ssh") && String::from_utf8_lossy(&words).contains(&directory)
    })
}

/// A line of a file in /proc; 0 for a process that has ended.
fn kib(pid: u32, file: &str, key: &str) -> u64 {
    let text = fs::read_to_string(format!("/proc/{pid}/{file}")).unwrap_or_default();
    let value = text.lines().find_map(|line| line.strip_prefix(key));
    value.and_then(|value| value.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}

fn report(times: &[Duration], memory: &Memory) {
    let listed: Vec<_> = times.iter().map(|time| format!("{:.1}", time.as_secs_f64())).collect();
    let [galactl, masters, both] =
        [memory.galactl, memory.masters, memory.both].map(|kib| kib as f64 * 1024.0 / 1e6);
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    println!("## Scanning {HOSTS} hosts\n");
    println!(
        "A dry run that connects to {HOSTS} sshd and scans each host. Hosts and galactl run on the same {cores} cores."
    );
    println!(
        "The hosts have no server. Target: under 10 s and 150 MB. Most of the memory is that of OpenSSH,\nof which galactl keeps one process for each host.\n"
    );
    println!("| median | each run | galactl, peak RSS | its {HOSTS} ssh, peak PSS | together |");
    println!("| --- | --- | --- | --- | --- |");
    println!(
        "| **{:.1} s** | {} | {galactl:.0} MB | {masters:.0} MB | **{both:.0} MB** |\n",
        times[RUNS / 2].as_secs_f64(),
        listed.join(", ")
    );
}

fn command(program: &str) -> Command {
    let mut command = Command::new(program);
    command.current_dir(Path::new(env!("CARGO_MANIFEST_DIR"))).stderr(Stdio::null());
    command
}
