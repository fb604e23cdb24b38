//! What was reviewed is what runs, or nothing runs.

use std::fs;
use std::path::PathBuf;

use crate::lab::Lab;
use crate::run::Inventory;

const HOSTS: [&str; 3] = ["db1", "db2", "db3"];

fn plan_path(lab: &Lab) -> PathBuf {
    lab.directory().join("plan.json")
}

/// Makes a plan of what is needed and writes it to the lab's plan file.
fn planned(inventory: &Inventory<'_>, lab: &Lab) -> String {
    let path = plan_path(lab);
    let words = ["plan", "--detailed-exitcode", "--out", path.to_str().expect("a path")];
    inventory.galactl(&words).expect_code(2).stdout
}

/// Applies the lab's plan file.
fn apply(inventory: &Inventory<'_>, lab: &Lab) -> crate::run::Ran {
    inventory.galactl_alone(&["apply", plan_path(lab).to_str().expect("a path"), "--yes"])
}

#[track_caller]
fn nothing_needed(inventory: &Inventory<'_>) {
    inventory.galactl(&["plan", "--detailed-exitcode"]).expect_code(0).says(&["Nothing to do"]);
}

#[test]
#[ignore = "boots real hosts"]
fn dry_run_apply_dry_run_change_dry_run_apply_dry_run() {
    let lab = Lab::up("t-quartet", &HOSTS);
    let mut inventory = Inventory::of(&lab, &HOSTS);

    let before = lab.all_untouched(&HOSTS);
    planned(&inventory, &lab);
    assert_eq!(lab.all_untouched(&HOSTS), before, "a dry run changed something");
    apply(&inventory, &lab).expect_code(0);
    inventory.assert_whole();
    nothing_needed(&inventory);
    apply(&inventory, &lab).expect_code(4).says(&["this very plan was carried out here already"]);

    inventory.rest = "mysqld:\n  max_connections: 77\n".into();
    let before = lab.all_untouched(&HOSTS);
    let shown = planned(&inventory, &lab);
    assert_eq!(lab.all_untouched(&HOSTS), before, "a dry run changed something");
    let changed: Vec<_> = shown.lines().filter(|line| line.starts_with(['+', '-'])).collect();
    let changed: Vec<_> =
        changed.into_iter().filter(|line| !line.starts_with("+++") && !line.starts_with("---")).collect();
    assert_eq!(changed, ["+max_connections = \"77\""], "{shown}");
    assert!(shown.contains("The same on db2, db3."), "{shown}");

    let uuid = lab.sql("db1", "SHOW STATUS LIKE 'wsrep_cluster_state_uuid'");
    apply(&inventory, &lab).expect_code(0);
    inventory.assert_whole();
    for host in HOSTS {
        assert_eq!(lab.sql(host, "SELECT @@max_connections"), "77", "{host}");
        assert_eq!(lab.sql(host, "SHOW STATUS LIKE 'wsrep_cluster_state_uuid'"), uuid, "{host}");
    }
    nothing_needed(&inventory);

    // An option that the server refuses is found out before any node has left.
    inventory.rest = "mysqld:\n  no_such_option: 1\n".into();
    let pids = |lab: &Lab| HOSTS.map(|host| lab.on(host, "systemctl show mariadb -p MainPID -p NRestarts"));
    let before = pids(&lab);
    inventory
        .galactl(&["apply-config", "--yes"])
        .expect_code(3)
        .says(&["refused[unknown-option]", "no_such_option"]);
    assert_eq!(pids(&lab), before, "a node left for a file that its server refuses");
}

#[test]
#[ignore = "boots real hosts"]
fn a_plan_is_void_when_anything_it_rests_on_has_changed() {
    let hosts = ["db1", "db2"];
    let lab = Lab::up("t-void", &hosts);
    let mut inventory = Inventory::of(&lab, &hosts);
    planned(&inventory, &lab);
    let plan = fs::read_to_string(plan_path(&lab)).expect("the plan");

    // The file itself, before any connection: the hosts are off the network.
    for host in hosts {
        lab.fault("cut", host);
    }
    for broken in [&plan[..plan.len() / 2], &plan.replace("\"seed\": \"db1\"", "\"seed\": \"db2\""), "", "{}"]
    {
        fs::write(plan_path(&lab), broken).expect("written");
        apply(&inventory, &lab).expect_code(3).says(&["refused[plan-file]"]);
    }
    fs::write(plan_path(&lab), &plan).expect("written");
    inventory.gcache = "65M";
    inventory.write();
    apply(&inventory, &lab).expect_code(4).says(&["refused[stale]", "the inventory is another one"]);
    inventory.gcache = "64M";
    inventory.write();
    for host in hosts {
        lab.fault("heal", host);
    }

    // Facts of a host: what changes is named, with both values.
    let config = "/etc/mysql/mariadb.conf.d/99-galactl.cnf";
    let changes = [
        ("systemctl disable mariadb", "systemctl enable mariadb", "unit: was loaded active enabled"),
        (
            "mariadb -e 'CREATE DATABASE meanwhile'",
            "mariadb -e 'DROP DATABASE meanwhile'",
            "databases: was none",
        ),
        (
            "systemctl set-environment _WSREP_NEW_CLUSTER=--wsrep-new-cluster",
            "systemctl unset-environment _WSREP_NEW_CLUSTER",
            "bootstrap intent: was none",
        ),
        (
            "printf '[mysqld]\\nmax_connections=77\\n' > /etc/mysql/mariadb.conf.d/60-meanwhile.cnf",
            "rm /etc/mysql/mariadb.conf.d/60-meanwhile.cnf",
            "options: was",
        ),
        (
            &format!("printf '[mysqld]\\n' > {config}"),
            &format!("rm {config}"),
            "option file: was absent, is 644 root:root",
        ),
        (
            "cp /etc/machine-id /run/id; echo 0123456789abcdef0123456789abcdef > /etc/machine-id",
            "cat /run/id > /etc/machine-id",
            "machine id: was ",
        ),
    ];
    for (change, undo, words) in changes {
        lab.on("db2", change);
        let before = lab.all_untouched(&hosts);
        apply(&inventory, &lab).expect_code(4).says(&["refused[stale] db2", words]);
        assert_eq!(lab.all_untouched(&hosts), before, "a void plan changed something");
        lab.on("db2", undo);
    }

    apply(&inventory, &lab).expect_code(0);
    inventory.assert_whole();

    // Hosts that look as they did before are no reason to found the same cluster twice.
    lab.on("db2", "systemctl stop mariadb");
    lab.on("db1", "systemctl stop mariadb");
    for host in hosts {
        let fresh = format!(
            "rm -rf /var/lib/mysql/* {config}*; mariadb-install-db --user=mysql --skip-test-db >/dev/null; systemctl start mariadb"
        );
        lab.on(host, &fresh);
    }
    apply(&inventory, &lab).expect_code(4).says(&["this very plan was carried out here already"]);
    assert_eq!(lab.on("db1", "ls /var/lib/mysql/grastate.dat 2>/dev/null || echo none"), "none");
}

#[test]
#[ignore = "boots real hosts"]
fn a_seed_that_stopped_before_anybody_joined_is_started_again() {
    let hosts = ["db1", "db2"];
    let lab = Lab::up("t-again", &hosts);
    let inventory = Inventory::of(&lab, &hosts);
    for stop in ["systemctl stop mariadb", "systemctl kill -s KILL mariadb; systemctl stop mariadb"] {
        lab.keep(&hosts);
        let mut child = inventory.galactl_until(&["bootstrap", "--yes"], "ok db1/galera/new-cluster");
        child.kill().expect("SIGKILL");
        child.wait().expect("an end");
        let uuid = lab.on("db1", "sed -n s/^state_uuid=//p /var/lib/galactl/founding");
        lab.on("db2", "systemctl kill -s KILL mariadb; systemctl stop mariadb; rm -f /var/lib/mysql/grastate.dat /var/lib/mysql/gvwstate.dat");
        lab.on("db1", stop);
        inventory
            .galactl(&["bootstrap", "--dry-run"])
            .expect_code(0)
            .says(&[&format!("start the cluster {uuid} here again")]);
        inventory.bootstrap();
        inventory.assert_whole();
        assert!(lab.sql("db2", "SHOW STATUS LIKE 'wsrep_cluster_state_uuid'").ends_with(&uuid));
        lab.reset(&hosts);
        lab.on("db1", "rm -rf /var/lib/mysql.kept");
        lab.on("db2", "rm -rf /var/lib/mysql.kept");
    }
}
