//! The preflight on real hosts: what it finds, and that it leaves no trace.

use std::process::Command;
use std::time::Duration;

use crate::lab::Lab;
use crate::run::{Inventory, Ran};

const HOSTS: [&str; 3] = ["db1", "db2", "db3"];

/// Whatever is left of a probe: its programs, and listeners at ports that nobody else uses.
fn left(lab: &Lab, host: &str) -> String {
    lab.on(host, "pgrep -a perl; ss -Hltn | grep -E ':(4444|4568) '; true")
}

#[track_caller]
fn assert_nothing_left(lab: &Lab) {
    for host in HOSTS {
        assert_eq!(left(lab, host), "", "{host}");
    }
}

/// Runs a check, and compares the hosts before and after.
#[track_caller]
fn checked(lab: &Lab, inventory: &Inventory<'_>, code: i32, words: &[&str]) -> Ran {
    let before = lab.all_untouched(&HOSTS);
    let ran = inventory.galactl(&["check"]).expect_code(code).says(words);
    assert_eq!(lab.all_untouched(&HOSTS), before, "a check changed something");
    ran
}

/// Rules of nftables in a host's network, set from outside: the hosts have no nft of their own.
fn firewall(lab: &Lab, host: &str, rule: &str) {
    let table = std::fs::read_to_string(lab.directory().join("hosts")).expect("the lab's table of hosts");
    let row = table.lines().find(|line| line.starts_with(&format!("{host}\t"))).expect("the host's row");
    let pid = row.rsplit('\t').next().expect("a pid");
    let rules = format!(
        "table inet t\ndelete table inet t\n{}",
        match rule {
            "" => String::new(),
            rule => format!("table inet t {{ chain c {{ type filter hook input priority 0\n{rule}\n}}\n}}"),
        }
    );
    let mut nft = Command::new("nsenter");
    let status = nft.args(["--target", pid, "--net", "nft", &rules]).status().expect("nft can be run");
    assert!(status.success(), "{rules}");
}

#[test]
#[ignore = "boots real hosts"]
fn fresh_hosts_pass_and_every_trouble_is_told() {
    let lab = Lab::up("t-ck-fresh", &HOSTS);
    let mut inventory = Inventory::of(&lab, &HOSTS);
    checked(&lab, &inventory, 0, &["ports        pass    all 3", "0 fail, 0 warn"]);
    inventory.user = "deploy";
    checked(&lab, &inventory, 0, &["0 fail, 0 warn"]);
    assert_nothing_left(&lab);

    lab.on("db2", "mv /etc/sudoers.d/deploy /root/deploy");
    checked(
        &lab,
        &inventory,
        4,
        &["fail[login] db2: ", "sudo -n true", "ports        pass    all 2", "not every host"],
    );
    lab.on("db2", "mv /root/deploy /etc/sudoers.d/deploy");
    inventory.user = "root";

    lab.on("db3", "systemctl disable mariadb");
    checked(&lab, &inventory, 0, &["warn[unit] db3", "disabled", "1 warn"]);
    lab.on("db3", "systemctl enable mariadb");

    let late = "/etc/mysql/mariadb.conf.d/zz-late.cnf";
    lab.on("db1", &format!("printf '[mysqld]\nwsrep-slave-threads = 9\nmax_connections = 7\n[galera]\nwsrep_sst_auth = a:hunter2\n' > {late}"));
    let ran = checked(&lab, &inventory, 0, &["warn[options] db1", "zz-late.cnf", "wsrep_slave_threads = 9"]);
    assert!(!ran.text().contains("hunter2") && !ran.text().contains("max_connections"), "{ran:?}");
    inventory.galactl(&["bootstrap", "--dry-run"]).expect_code(0).says(&["zz-late.cnf"]);
    lab.on("db1", &format!("printf 'loose-wsrep-cluster-name = other\n' >> {late}"));
    checked(&lab, &inventory, 3, &["fail[options] db1", "zz-late.cnf", "wsrep_cluster_name = other"]);
    inventory.galactl(&["bootstrap", "--yes"]).expect_code(3).says(&["refused[outside-cluster] db1"]);
    lab.on("db1", &format!("rm {late}"));

    assert_nothing_left(&lab);
}

#[test]
#[ignore = "boots real hosts"]
fn ports_that_are_not_open_are_told_apart_and_stop_a_bootstrap() {
    let lab = Lab::up("t-ck-ports", &HOSTS);
    let inventory = Inventory::of(&lab, &HOSTS);
    let refused = |words: &[&str]| {
        checked(&lab, &inventory, 3, words);
        let before = lab.all_untouched(&HOSTS);
        inventory
            .galactl(&["bootstrap", "--yes"])
            .expect_code(3)
            .says(&["refused[ports] db2"])
            .says(&words[1..]);
        assert_eq!(lab.all_untouched(&HOSTS), before, "a refusal changed something");
        assert_nothing_left(&lab);
    };

    firewall(&lab, "db2", "tcp dport { 4444, 4567 } drop");
    refused(&[
        "fail[ports] db2",
        "db1, db3 cannot reach its ports 4567 (group communication), 4444 (SST): filtered, no answer",
    ]);
    let one = format!("ip saddr {} tcp dport 4568", lab.address("db1"));
    firewall(&lab, "db2", &format!("{one} reject with tcp reset"));
    refused(&["fail[ports] db2", "db1 cannot reach its port 4568 (IST): refused"]);
    firewall(&lab, "db2", &format!("{one} reject with icmpx admin-prohibited"));
    refused(&["fail[ports] db2", "db1 cannot reach its port 4568 (IST): filtered, No route to host"]);
    firewall(&lab, "db2", "tcp dport 3306 drop");
    checked(&lab, &inventory, 0, &["warn[ports] db2", "3306 (clients): filtered"]);
    firewall(&lab, "db2", "");

    lab.on("db2", "systemd-run --unit=other --quiet socat TCP-LISTEN:4444,bind=127.0.0.1,fork -; until ss -Hltn | grep -q :4444; do sleep 0.1; done");
    let before = lab.all_untouched(&HOSTS);
    let words = ["[ports] db2: its port 4444 (SST) is in use by socat (pid "];
    inventory.galactl(&["check"]).expect_code(3).says(&words);
    inventory.galactl(&["bootstrap", "--yes"]).expect_code(3).says(&words);
    assert_eq!(lab.all_untouched(&HOSTS), before, "a refusal changed something");
    lab.on("db2", "systemctl stop other");

    lab.on("db3", "mv /usr/bin/perl /usr/bin/perl.away");
    checked(&lab, &inventory, 0, &["warn[ports] db3", "perl"]);
    lab.on("db3", "mv /usr/bin/perl.away /usr/bin/perl");
    assert_nothing_left(&lab);
}

#[test]
#[ignore = "boots real hosts"]
fn a_running_cluster_passes_and_nothing_outlives_a_killed_check() {
    let lab = Lab::up("t-ck-run", &HOSTS);
    let inventory = Inventory::of(&lab, &HOSTS);
    inventory.bootstrap();
    let view = || {
        lab.sql(
            "db1",
            "SHOW STATUS WHERE variable_name IN ('wsrep_cluster_conf_id', 'wsrep_local_state_comment')",
        )
    };
    let before = view();
    checked(&lab, &inventory, 0, &["ports        pass    all 3", "0 fail, 0 warn"]);
    assert_eq!(view(), before);
    assert_nothing_left(&lab);
    let json = inventory.galactl(&["check", "--output", "json"]).expect_code(0).stdout;
    let report: serde_json::Value = serde_json::from_str(&json).expect("one object");
    assert_eq!(report["ports"]["ways"].as_array().map(Vec::len), Some(18));

    let aborted = "SHOW GLOBAL STATUS LIKE 'Aborted_connects'";
    assert!(lab.sql("db1", aborted).ends_with("\t0"), "a server counts connections without a login");

    // Two at once do not take each other's listeners for foreign programs.
    let second = std::thread::scope(|scope| {
        let first = scope.spawn(|| inventory.galactl(&["check"]));
        let second = inventory.galactl(&["check"]);
        first.join().expect("a check").expect_code(0);
        second
    });
    second.expect_code(0);

    // The silence of one port keeps the check waiting, long enough to kill it.
    firewall(&lab, "db2", "tcp dport 4444 drop");
    let mut child = inventory.start(&["check"]);
    let listens = |host: &str| !left(&lab, host).is_empty();
    wait_until("a listener", || listens("db1"));
    child.kill().expect("SIGKILL");
    child.wait().expect("its end");
    for host in HOSTS {
        wait_until("the end of every listener and connector", || !listens(host));
    }

    // A run that is changing the hosts is not disturbed.
    firewall(&lab, "db2", "");
    lab.on("db3", "systemd-run --unit=locker --quiet flock /run/galactl.lock sleep 600; while flock -n /run/galactl.lock true; do sleep 0.1; done");
    checked(&lab, &inventory, 0, &["warn[ports] db3", "another run is changing this host"]);
    // A joiner's ports are its own.
    lab.on("db3", "systemctl stop locker mariadb; systemctl set-environment MYSQLD_OPTS=--wsrep_cluster_address=gcomm://10.77.255.1; systemctl start --no-block mariadb; until systemctl is-active mariadb | grep -qx activating; do sleep 0.1; done");
    inventory.galactl(&["check"]).expect_code(0).says(&["warn[ports] db3", "its server is activating"]);
}

fn wait_until(what: &str, holds: impl Fn() -> bool) {
    for _ in 0..600 {
        if holds() {
            return;
        }
        #[allow(clippy::disallowed_methods, reason = "a test waits in its own thread")]
        std::thread::sleep(Duration::from_millis(200));
    }
    panic!("not within two minutes: {what}");
}
