//! A run that is cut off at any step, and the one after it. The steps are those of the plan, so a
//! new one is covered by itself.

use crate::lab::Lab;
use crate::run::Inventory;

const HOSTS: [&str; 3] = ["db1", "db2", "db3"];
const BOOTSTRAP: &[&str] = &["bootstrap", "--yes"];

/// A node's state UUID, and whatever was left lying about.
const TELL: &str = r#"
mariadb -BN -e "SHOW STATUS LIKE 'wsrep_cluster_state_uuid'"
ls /run/mariadb-wsrep-new-cluster /run/mysqld/wsrep-new-cluster 2>/dev/null
ls /var/lib/mysql | grep galactl
find /etc/mysql -name '*candidate*'
true
"#;

/// One birth, one history, nothing armed, no trace of a write test.
#[track_caller]
fn assert_one_birth(inventory: &Inventory<'_>, lab: &Lab, place: &str) {
    inventory.assert_whole();
    let recorded = lab.on("db1", "sed -n s/^state_uuid=//p /var/lib/galactl/founding");
    assert_eq!(recorded.lines().count(), 1, "{place}: bootstrapped more than once: {recorded}");
    for (host, _) in &inventory.nodes {
        let told = lab.on(host, TELL);
        assert_eq!(told, format!("wsrep_cluster_state_uuid\t{recorded}"), "{place}: {host}");
    }
}

/// Kills galactl when its narration says `mark` for each step, each time from fresh hosts.
fn killed(name: &'static str, sst: &'static str, mark: &str, steps: impl Fn(&str) -> bool) {
    let lab = Lab::up(name, &HOSTS);
    let mut inventory = Inventory::of(&lab, &HOSTS);
    inventory.sst = sst;
    lab.keep(&HOSTS);
    let steps: Vec<_> = inventory.steps(&["bootstrap"]).into_iter().filter(|id| steps(id)).collect();
    let last = steps.last().expect("a step").clone();
    for id in steps {
        let mut child = inventory.galactl_until(BOOTSTRAP, &format!("{mark} {id}"));
        child.kill().expect("SIGKILL");
        child.wait().expect("an end");
        let rerun = inventory.galactl(BOOTSTRAP).expect_code(0);
        // The run may be over before it can be killed at its very end.
        let told = rerun.stderr.contains("was cut off") || (mark == "ok" && id == last);
        assert!(told, "{id}: the journal was not read:\n{}", rerun.stderr);
        assert_one_birth(&inventory, &lab, &format!("killed at {mark} {id}"));
        lab.reset(&HOSTS);
    }
}

#[test]
#[ignore = "boots real hosts"]
fn killed_as_each_step_of_a_bootstrap_begins() {
    killed("t-kill-a", "method: rsync", "->", |_| true);
}

#[test]
#[ignore = "boots real hosts"]
fn killed_as_each_step_of_a_bootstrap_ends() {
    killed("t-kill-b", "method: rsync", "ok", |_| true);
}

/// The one step that only mariabackup has.
#[test]
#[ignore = "boots real hosts"]
fn killed_as_the_sst_account_is_made() {
    killed("t-kill-c", "method: mariabackup", "->", |id| id.ends_with("/sst-account"));
}

/// The node that is added, in one lab: it is taken out again after each run.
#[test]
#[ignore = "boots real hosts"]
fn killed_at_each_step_of_add_node() {
    let lab = Lab::up("t-kill-add", &HOSTS);
    let two = Inventory::of(&lab, &["db1", "db2"]);
    lab.keep(&HOSTS);
    two.bootstrap();
    let inventory = Inventory::of(&lab, &HOSTS);
    let steps = inventory.steps(&["add-node", "db3"]);
    assert!(steps.iter().any(|id| id == "db3/galera/join"), "{steps:?}");
    for mark in ["->", "ok"] {
        for id in &steps {
            let mut child = inventory.galactl_until(&["add-node", "db3", "--yes"], &format!("{mark} {id}"));
            child.kill().expect("SIGKILL");
            child.wait().expect("an end");
            inventory.galactl(&["add-node", "db3", "--yes"]).expect_code(0);
            assert_one_birth(&inventory, &lab, &format!("killed at {mark} {id}"));
            lab.on("db3", "systemctl stop mariadb");
            lab.reset(&["db3"]);
            // The others' list of nodes goes back, too, so that every step is there again.
            two.bootstrap();
        }
    }
}

/// Ends galactl's SSH connection to a host, and nothing else there.
fn drop_ssh(lab: &Lab, host: &str) {
    lab.on(host, "pkill -KILL -f '^sshd: root' || true");
}

#[test]
#[ignore = "boots real hosts"]
fn a_connection_that_drops_at_each_step_of_a_bootstrap_is_made_again() {
    let lab = Lab::up("t-drop", &HOSTS);
    let inventory = Inventory::of(&lab, &HOSTS);
    lab.keep(&HOSTS);
    for id in inventory.steps(&["bootstrap"]) {
        let host = id.split('/').next().expect("a node");
        let ran = inventory.galactl_at(BOOTSTRAP, &format!("-> {id}"), || drop_ssh(&lab, host));
        if ran.code == 4 && ran.stderr.contains("FAILED db1/galera/new-cluster") {
            // A bootstrap is not repeated: either it is there, or nothing is.
            ran.says(&["nothing is bootstrapped there", "the same command makes a new plan"]);
            inventory.bootstrap();
        } else {
            assert_eq!(ran.code, 0, "{id}\n{}", ran.text());
        }
        assert_one_birth(&inventory, &lab, &format!("dropped at {id}"));
        lab.reset(&HOSTS);
    }
    // In the middle of the bootstrap, which then goes on by itself.
    let during = "until [ -e /run/mariadb-wsrep-new-cluster ]; do sleep 0.02; done";
    let ran = inventory.galactl_at(BOOTSTRAP, "-> db1/galera/new-cluster", || {
        lab.on("db1", during);
        drop_ssh(&lab, "db1");
    });
    ran.expect_code(0).says(&["connecting again", "ok db1/galera/new-cluster"]);
    assert_one_birth(&inventory, &lab, "dropped during the bootstrap");
}

#[test]
#[ignore = "boots real hosts"]
fn a_connection_that_drops_at_each_step_of_add_node_is_made_again() {
    let lab = Lab::up("t-drop-add", &HOSTS);
    let two = Inventory::of(&lab, &["db1", "db2"]);
    lab.keep(&HOSTS);
    two.bootstrap();
    let inventory = Inventory::of(&lab, &HOSTS);
    for id in inventory.steps(&["add-node", "db3"]) {
        let host = id.split('/').next().expect("a node");
        let drop = || drop_ssh(&lab, host);
        inventory.galactl_at(&["add-node", "db3", "--yes"], &format!("-> {id}"), drop).expect_code(0);
        assert_one_birth(&inventory, &lab, &format!("dropped at {id}"));
        lab.on("db3", "systemctl stop mariadb");
        lab.reset(&["db3"]);
        two.bootstrap();
    }
}
