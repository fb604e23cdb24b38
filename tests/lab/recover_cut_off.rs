//! A recovery that is cut off at any of its steps, or cannot come to its end, and the one after it.

use crate::lab::Lab;
use crate::outage::Shop;
use crate::run::Inventory;

const HOSTS: [&str; 2] = ["db1", "db2"];
const RECOVER: &[&str] = &["recover", "--yes"];

/// db1 crashes, db2 is made Primary without it, writes, and crashes, too, without its last view; an intent is set.
fn outage(shop: &mut Shop<'_>) {
    shop.write("db2");
    shop.crash(&["db1"]);
    shop.until("db2", "wsrep_cluster_status", "non-Primary");
    shop.lab.sql("db2", "SET GLOBAL wsrep_provider_options = 'pc.bootstrap=YES'");
    shop.until("db2", "wsrep_cluster_status", "Primary");
    shop.write("db2");
    shop.crash(&["db2"]);
    // Its last view is gone, or it would form that again by itself.
    shop.lab.on("db2", "rm /var/lib/mysql/gvwstate.dat");
    shop.lab.on("db1", "systemctl set-environment _WSREP_NEW_CLUSTER=--wsrep-new-cluster");
}

/// Kills galactl when its narration says `mark` for each step, each time in a new outage.
fn killed(name: &'static str, mark: &str) {
    let lab = Lab::up(name, &HOSTS);
    let mut inventory = Inventory::of(&lab, &HOSTS);
    // Members are missed sooner, which is most of the time that an outage takes here.
    inventory.gcache = "64M\n  evs.suspect_timeout: PT2S\n  evs.keepalive_period: PT0.5S";
    let mut shop = Shop::open(&lab, &inventory);
    outage(&mut shop);
    let steps = inventory.steps(&["recover"]);
    for wanted in [
        "db1/galera/disarm",
        "db2/galera/mark-safe",
        "db2/galera/restart-cluster",
        "db1/galera/forget",
        "db1/galera/join",
    ] {
        assert!(steps.iter().any(|id| id == wanted), "{steps:?}");
    }
    let last = steps.last().expect("a step").clone();
    for id in steps {
        let mut child = inventory.galactl_until(RECOVER, &format!("{mark} {id}"));
        child.kill().expect("SIGKILL");
        child.wait().expect("an end");
        let rerun = inventory.galactl(RECOVER).expect_code(0);
        let told = rerun.stderr.contains("was cut off") || (mark == "ok" && id == last);
        assert!(told, "{id}: the journal was not read:\n{}", rerun.stderr);
        shop.assert_nothing_lost_after(&format!("killed at {mark} {id}:"));
        if id != last {
            outage(&mut shop);
        }
    }
}

#[test]
#[ignore = "boots real hosts"]
fn killed_as_each_step_of_a_recovery_begins() {
    killed("r-kill-a", "->");
}

#[test]
#[ignore = "boots real hosts"]
fn killed_as_each_step_of_a_recovery_ends() {
    killed("r-kill-b", "ok");
}

/// Two are to find each other, and one cannot start; later, nobody tells the one that waits in time.
#[test]
#[ignore = "boots real hosts"]
fn a_last_view_that_does_not_form_again() {
    let lab = Lab::up("r-reform", &HOSTS);
    let inventory = Inventory::of(&lab, &HOSTS);
    let mut shop = Shop::open(&lab, &inventory);
    shop.write("db2");
    shop.crash(&HOSTS);
    override_unit(&lab, "db2", "ExecStartPre=/bin/false");
    // db1 waits for db2, and does not hear SIGTERM meanwhile.
    inventory.galactl(RECOVER).expect_code(1).says(&[
        "FAILED db1/galera/reform",
        "db2 did not come up: its unit is failed (exit-code)",
        "left: mariadb.service on db1 is stopped again",
        "decides anew by what they hold",
    ]);
    for host in HOSTS {
        assert_eq!(lab.on(host, "pgrep -x mariadbd || true"), "", "{host}");
        assert_eq!(lab.on(host, "ls /var/lib/mysql/gvwstate.dat 2>/dev/null || true"), "", "{host}");
    }
    lab.on("db2", RESTORE_UNIT);
    shop.recover(&["rule 4", "ok db1/galera/restart-cluster", "db2: it has all of it already"]);
    waited_longer_than_systemd(&mut shop);
    up_and_cannot_be_asked(&mut shop);
}

/// systemd has asked a server that waits to stop, and it does not hear.
fn waited_longer_than_systemd(shop: &mut Shop<'_>) {
    let lab = shop.lab;
    shop.write("db2");
    shop.crash(&HOSTS);
    lab.on("db2", "rm /var/lib/mysql/gvwstate.dat");
    override_unit(lab, "db1", "TimeoutStartSec=15");
    lab.on("db1", "systemctl start --no-block mariadb; for i in $(seq 600); do [ \"$(systemctl is-active mariadb)\" = deactivating ] && exit 0; sleep 0.1; done; exit 1");
    shop.inventory.galactl(RECOVER).expect_code(2).says(&["ok db1/galera/stop"]);
    assert_eq!(lab.on("db1", "pgrep -x mariadbd; systemctl is-active mariadb || true"), "inactive");
    lab.on("db1", RESTORE_UNIT);
    shop.recover(&["rule 4"]);
}

/// A server whose socket is elsewhere may be a member of a Primary component, whatever is seen of it.
fn up_and_cannot_be_asked(shop: &mut Shop<'_>) {
    let lab = shop.lab;
    shop.write("db2");
    shop.crash(&["db1"]);
    lab.on("db1", "rm /var/lib/mysql/gvwstate.dat");
    lab.on("db2", "mv /run/mysqld/mysqld.sock /run/mysqld/elsewhere.sock");
    let refused = ["refused[unclear] db2", "its server runs and cannot be asked"];
    shop.inventory.galactl(RECOVER).expect_code(3).says(&refused);
    assert_eq!(lab.on("db2", "systemctl is-active mariadb"), "active");
    lab.on("db2", "mv /run/mysqld/elsewhere.sock /run/mysqld/mysqld.sock");
    shop.until("db2", "wsrep_cluster_status", "non-Primary");
    shop.recover(&["rule 2"]);
}

/// Until the host's next boot, or [`RESTORE_UNIT`].
fn override_unit(lab: &Lab, host: &str, line: &str) {
    lab.on(host, &format!("mkdir -p /run/systemd/system/mariadb.service.d; printf '[Service]\n{line}\n' > /run/systemd/system/mariadb.service.d/test.conf; systemctl daemon-reload"));
}

const RESTORE_UNIT: &str = "rm -r /run/systemd/system/mariadb.service.d; systemctl daemon-reload";
