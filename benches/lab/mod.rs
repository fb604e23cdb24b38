//! What benchmarks on a lab's hosts share.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

pub const LAB: &str = "bench";

/// Keeps a copy of the fresh data directory, once.
const KEEP: &str = "systemctl stop mariadb && cp -a /var/lib/mysql /var/lib/mysql.fresh";
/// Makes the host as fresh as it was: its data, no option file, a standalone server.
#[allow(dead_code, reason = "each benchmark has this module for itself")]
const RESET: &str = "systemctl stop mariadb; rm -rf /var/lib/mysql /etc/mysql/mariadb.conf.d/99-galactl.cnf* /etc/mysql/galactl; \
    cp -a /var/lib/mysql.fresh /var/lib/mysql && systemctl start mariadb";

/// The same of hosts with PostgreSQL, Patroni and etcd, which have no data then.
#[allow(dead_code, reason = "each benchmark has this module for itself")]
pub const RESET_POSTGRESQL: &str = "systemctl stop patroni; systemctl stop etcd; systemctl disable --quiet patroni etcd; \
    rm -rf /var/lib/postgresql/*/main /var/lib/etcd/* /etc/patroni/config.yml* /etc/default/etcd.galactl-previous \
    /var/lib/postgresql/.pgpass*; systemctl reset-failed; echo 'create_main_cluster = false' \
    >/etc/postgresql-common/createcluster.conf; : >/etc/default/etcd";

/// Booted hosts, taken down with it.
pub struct Lab {
    hosts: &'static [&'static str],
    reset: &'static str,
}

impl Drop for Lab {
    fn drop(&mut self) {
        lab(&["down", LAB]);
    }
}

impl Lab {
    #[allow(dead_code, reason = "each benchmark has this module for itself")]
    pub fn up(hosts: &'static [&'static str]) -> Self {
        Self::up_with(hosts, RESET)
    }

    /// `reset`: the script that makes a host what every run begins with.
    #[allow(dead_code, reason = "each benchmark has this module for itself")]
    pub fn up_with(hosts: &'static [&'static str], reset: &'static str) -> Self {
        lab(&["down", LAB]);
        let up = Self { hosts, reset };
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

    #[allow(dead_code, reason = "each benchmark has this module for itself")]
    /// What the hosts hold now is what every run begins with.
    pub fn keep(&self) {
        self.on_all(KEEP);
    }

    /// How long these words take, from hosts as they were kept.
    pub fn timed(&self, words: &[&str]) -> Duration {
        self.on_all(self.reset);
        let started = Instant::now();
        must(run(words), words[0]);
        started.elapsed()
    }

    /// Runs a script on all hosts at once.
    pub fn on_all(&self, script: &str) {
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
