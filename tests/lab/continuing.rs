//! A run that ends before its end, and the one after it.

use std::process::{Child, Command};

use crate::lab::Lab;
use crate::run::Inventory;

fn kill(mut child: Child, signal: &str) -> i32 {
    let status = Command::new("kill").args([signal, &child.id().to_string()]).status().expect("kill");
    assert!(status.success());
    child.wait().expect("galactl ends").code().unwrap_or(-1)
}

#[test]
#[ignore = "boots real hosts"]
fn killed_after_the_seeds_start_then_run_again() {
    let hosts = ["db1", "db2", "db3"];
    let lab = Lab::up("t-killed", &hosts);
    let inventory = Inventory::of(&lab, &hosts);
    kill(inventory.galactl_until(&["bootstrap", "--yes"], "ok db1/galera/new-cluster"), "-KILL");
    let uuid = lab.sql("db1", "SHOW STATUS LIKE 'wsrep_cluster_state_uuid'");

    let plan = inventory
        .galactl(&["bootstrap", "--dry-run"])
        .expect_code(0)
        .says(&["stands already", "db2/galera/join"]);
    assert!(!plan.stdout.contains("new-cluster"), "a second birth was planned:\n{}", plan.stdout);
    inventory.bootstrap();
    inventory.assert_whole();
    assert_eq!(lab.sql("db3", "SHOW STATUS LIKE 'wsrep_cluster_state_uuid'"), uuid);
}

#[test]
#[ignore = "boots real hosts"]
fn killed_during_a_state_transfer_then_run_again() {
    let hosts = ["db1", "db2"];
    let lab = Lab::up("t-midsst", &hosts);
    let mut inventory = Inventory::of(&lab, &hosts);
    inventory.sst = "method: mariabackup";
    kill(inventory.galactl_until(&["bootstrap", "--yes"], ".. db2/galera/join: activating"), "-KILL");
    // A joiner is counted as a member before its state transfer begins.
    lab.on(
        "db1",
        "until mariadb -BN -e \"SHOW STATUS LIKE 'wsrep_cluster_size'\" | grep -qw 2; do sleep 0.1; done",
    );
    let plan = inventory.galactl(&["bootstrap", "--dry-run"]).expect_code(0).says(&["db2/galera/join"]);
    assert!(
        !plan.stdout.contains("db2/galera/stop"),
        "a running state transfer would be cut off:\n{}",
        plan.stdout
    );
    inventory.bootstrap();
    inventory.assert_whole();
}

/// The donor's script has ended, too, and nobody is left to end its state as a donor. On a busy machine that is
/// so by itself; on an idle one the script lives on for some seconds.
const ENDED: &str = "while pgrep -f 'wsrep_ss[t]_.*donor' >/dev/null; do sleep 0.1; done";

/// The two crash in the middle of the only state transfer, and half a copy is left: the seed is
/// without a Primary component, in the form that its release has for ending that.
fn a_first_joiner_that_dies_in_its_transfer(name: &'static str, release: &str, meanwhile: &str) {
    let lab = Lab::up(name, &[&format!("db1:{release}"), &format!("db2:{release}")]);
    let mut inventory = Inventory::of(&lab, &["db1", "db2"]);
    inventory.sst = "method: mariabackup";
    kill(inventory.galactl_until(&["bootstrap", "--yes"], ".. db2/galera/join: activating"), "-KILL");
    lab.on("db2", "until ls -d /var/lib/mysql/.sst >/dev/null 2>&1; do sleep 0.05; done; systemctl kill -s KILL mariadb; systemctl stop mariadb; rm -f /var/lib/mysql/ib_logfile0; : > /var/lib/mysql/aria_log_control");
    lab.on("db1", "until mariadb -BN -e \"SHOW STATUS LIKE 'wsrep_cluster_status'\" | grep -q non-Primary; do sleep 0.2; done");
    lab.on("db1", meanwhile);
    let uuid = lab.sql("db1", "SHOW STATUS LIKE 'wsrep_cluster_state_uuid'");
    inventory
        .galactl(&["bootstrap", "--dry-run"])
        .expect_code(0)
        .says(&["db1/galera/restore-primary", "db2/galera/clear-transfer"]);
    inventory.bootstrap();
    inventory.assert_whole();
    assert_eq!(lab.sql("db2", "SHOW STATUS LIKE 'wsrep_cluster_state_uuid'"), uuid);
}

#[test]
#[ignore = "boots real hosts"]
fn a_first_joiner_that_dies_in_its_transfer_on_debian_11() {
    a_first_joiner_that_dies_in_its_transfer("t-half11", "bullseye", "true");
}

#[test]
#[ignore = "boots real hosts"]
fn a_first_joiner_that_dies_in_its_transfer_on_debian_13() {
    a_first_joiner_that_dies_in_its_transfer("t-half13", "trixie", ENDED);
}

#[test]
#[ignore = "boots real hosts"]
fn interrupted_it_finishes_the_step_and_says_how_to_go_on() {
    let hosts = ["db1", "db2"];
    let lab = Lab::up("t-ctrlc", &hosts);
    let inventory = Inventory::of(&lab, &hosts);
    let code = kill(inventory.galactl_until(&["bootstrap", "--yes"], "-> db1/galera/new-cluster"), "-INT");
    assert_eq!(code, 130);
    assert!(lab.sql("db1", "SHOW STATUS LIKE 'wsrep_cluster_status'").ends_with("Primary"));
    assert_eq!(lab.on("db2", "systemctl is-active mariadb || true"), "inactive", "db2 was started");
    inventory.bootstrap();
    inventory.assert_whole();
}

#[test]
#[ignore = "boots real hosts"]
fn interrupted_twice_it_ends_at_once() {
    let hosts = ["db1", "db2"];
    let lab = Lab::up("t-ctrlcc", &hosts);
    let inventory = Inventory::of(&lab, &hosts);
    let child = inventory.galactl_until(&["bootstrap", "--yes"], "-> db2/galera/join");
    let status = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("kill");
    assert!(status.success());
    // Two of one kind may arrive as one.
    assert_eq!(kill(child, "-TERM"), 130);
    inventory.galactl(&["bootstrap", "--yes"]).expect_code(0).says(&["was cut off in step db2/galera/join"]);
    inventory.assert_whole();
}

#[test]
#[ignore = "boots real hosts"]
fn an_armed_intent_is_removed_before_anything_starts() {
    let hosts = ["db1", "db2"];
    let lab = Lab::up("t-armed", &hosts);
    let inventory = Inventory::of(&lab, &hosts);
    lab.on("db2", "systemctl set-environment _WSREP_NEW_CLUSTER=--wsrep-new-cluster; echo _WSREP_NEW_CLUSTER=--wsrep-new-cluster > /run/mariadb-wsrep-new-cluster");
    inventory
        .galactl(&["bootstrap", "--dry-run"])
        .expect_code(0)
        .says(&["db2/galera/disarm", "/run/mariadb-wsrep-new-cluster"]);
    inventory.bootstrap();
    inventory.assert_whole();
    assert_eq!(lab.on("db2", "ls /run/mariadb-wsrep-new-cluster 2>/dev/null || echo gone"), "gone");
}

#[test]
#[ignore = "boots real hosts"]
fn a_bootstrap_that_fails_is_explained_and_can_be_repeated() {
    let hosts = ["db1", "db2"];
    let lab = Lab::up("t-nofound", &hosts);
    let mut inventory = Inventory::of(&lab, &hosts);
    inventory.gcache = "lots";
    inventory.galactl(&["bootstrap", "--yes"]).expect_code(1).says(&[
        "FAILED db1/galera/new-cluster",
        "Invalid value 'lots'",
        "cause: the wsrep provider does not accept its options",
        "left: no other node was started",
    ]);
    assert_eq!(lab.on("db1", "systemctl show-environment | grep -c -- --wsrep || true"), "0");
    inventory.gcache = "64M";
    inventory.bootstrap();
    inventory.assert_whole();
}

/// Nothing is stopped for it, and it is said once.
#[test]
#[ignore = "boots real hosts"]
fn a_configuration_that_the_server_refuses_is_not_put_in_place() {
    let hosts = ["db1", "db2:bullseye", "db3:trixie"];
    let lab = Lab::up("t-badcnf", &hosts);
    let hosts = ["db1", "db2", "db3"];
    let mut inventory = Inventory::of(&lab, &hosts);
    let before = lab.all_untouched(&hosts);
    inventory.rest = "mysqld:\n  max_conections: 77\n".into();
    let words = ["max_conections", "did you mean `max_connections`?"];
    for (command, code) in [(&["check"][..], 3), (&["bootstrap", "--yes"], 3)] {
        inventory.nodes = vec![("db1".into(), String::new())];
        let ran = inventory.galactl(command).expect_code(code).says(&words);
        assert_eq!(ran.text().matches("did you mean").count(), 1, "{}", ran.text());
    }
    for host in ["db2", "db3"] {
        inventory.nodes = vec![(host.into(), String::new())];
        inventory.galactl(&["bootstrap", "--dry-run"]).expect_code(3).says(&words);
    }
    assert_eq!(lab.all_untouched(&hosts), before, "something was changed");
    inventory.rest = String::new();
    inventory.nodes = vec![("db1".into(), String::new())];
    inventory.bootstrap();
    inventory.assert_whole();
}
