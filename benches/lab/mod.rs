//! What benchmarks on a lab's hosts share.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

pub const LAB: &str = "bench";

/// Keeps a copy of the fresh data directory, once.
const KEEP: &str = "systemctl stop mariadb && cp -a /var/lib/mysql /var/lib/mysql.fresh";
/// Makes the host as fresh as it was: its data, no option file, a standalone server.
const RESET: &str = "systemctl stop mariadb; rm -rf /var/lib/mysql /etc/mysql/mariadb.conf.d/99-galactl.cnf*; \
    cp -a /var/lib/mysql.fresh /var/lib/mysql && systemctl start mariadb";

/// Booted hosts, taken down with it.
pub struct Lab {
    hosts: &'static [&'static str],
}

impl Drop for Lab {
    fn drop(&mut self) {
        lab(&["down", LAB]);
    }
}

impl Lab {
    pub fn up(hosts: &'static [&'static str]) -> Self {
        lab(&["down", LAB]);
        let up = Self { hosts };
        must(lab(&[&["up", LAB], hosts].concat()), "the lab");
        up
    }

    pub fn directory() -> String {
        format!("/var/lib/galactl-lab/{LAB}")
    }

    /// The lab's inventory with more sections, under this name.
    pub fn inventory(name: &str, more: &str) -> String {
        let directory = Self::directory();
        let given =
            std::fs::read_to_string(format!("{directory}/inventory.yaml")).expect("the lab's inventory");
        let path = format!("{directory}/{name}.yaml");
        std::fs::write(&path, given + more).expect("the inventory");
        path
    }

    /// What the hosts hold now is what every run begins with.
    pub fn keep(&self) {
        self.on_all(KEEP);
    }

    /// How long these words take, from hosts as they were kept.
    pub fn timed(&self, words: &[&str]) -> Duration {
        self.on_all(RESET);
        let started = Instant::now();
        must(run(words), words[0]);
        started.elapsed()
    }

    fn on_all(&self, script: &str) {
        let on = |host| command(&["lab/lab", "exec", LAB, host, "sh", "-c", script]).spawn();
        let children: Vec<_> = self.hosts.iter().map(|host| on(host).expect("the lab's script")).collect();
        for mut child in children {
            must(child.wait().is_ok_and(|status| status.success()), script);
        }
    }
}

/// Medians of both sides and of the pairs' ratios, and each ratio, in seconds.
pub fn compared(pairs: &[(Duration, Duration)]) -> (f64, f64, f64, String) {
    let ratios: Vec<f64> = pairs.iter().map(|(a, b)| a.as_secs_f64() / b.as_secs_f64()).collect();
    let listed: Vec<String> = ratios.iter().map(|ratio| format!("{ratio:.2}")).collect();
    let a = median(pairs.iter().map(|pair| pair.0.as_secs_f64()).collect());
    let b = median(pairs.iter().map(|pair| pair.1.as_secs_f64()).collect());
    (a, b, median(ratios), listed.join(", "))
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let half = values.len() / 2;
    if values.len() % 2 == 1 { values[half] } else { f64::midpoint(values[half - 1], values[half]) }
}

fn lab(words: &[&str]) -> bool {
    run(&[&["lab/lab"], words].concat())
}

pub fn run(words: &[&str]) -> bool {
    command(words).status().is_ok_and(|status| status.success())
}

fn command(words: &[&str]) -> Command {
    let mut command = Command::new(words[0]);
    command.args(&words[1..]).current_dir(Path::new(env!("CARGO_MANIFEST_DIR")));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

pub fn must(holds: bool, what: &str) {
    assert!(holds, "failed: {what}");
}
