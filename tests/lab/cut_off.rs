//! A run that is cut off at any step, and the one after it. The steps are those of the plan, so a
//! new one is covered by itself.

use std::collections::BTreeSet;

use crate::lab::Lab;
use crate::run::Inventory;

const HOSTS: [&str; 3] = ["db1", "db2", "db3"];
const TWO: &[&str] = &["db1", "db2"];
/// The clusters whose bootstraps are cut off, which have the steps of three nodes together. State transfers are what the
/// time goes into, so only joins are cut off where one comes before or after another.
const CLUSTERS: [&[&str]; 3] = [TWO, &["db1", "db3"], &HOSTS];
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

/// Every step of a bootstrap once, each time from fresh hosts.
fn at_each_step(
    lab: &Lab,
    clusters: &[&[&str]],
    sst: &'static str,
    wanted: impl Fn(&str) -> bool,
    case: impl Fn(&Inventory<'_>, &str, bool),
) {
    let (mut tried, mut used): (BTreeSet<String>, &[&str]) = (BTreeSet::new(), &[]);
    for hosts in clusters {
        lab.reset(used);
        used = &[];
        let mut inventory = Inventory::of(lab, hosts);
        inventory.sst = sst;
        let steps = inventory.steps(&["bootstrap"]);
        let last = steps.last().expect("a step").clone();
        for id in steps.into_iter().filter(|id| wanted(id)) {
            let elsewhere = id.ends_with("/join") && hosts.len() < HOSTS.len();
            if !elsewhere && tried.insert(id.clone()) {
                lab.reset(used);
                used = hosts;
                case(&inventory, &id, id == last);
            }
        }
    }
    assert!(!tried.is_empty(), "no such step");
}

/// Kills galactl when its narration says `mark` for each step.
fn killed(
    name: &'static str,
    clusters: &[&[&str]],
    sst: &'static str,
    mark: &str,
    steps: impl Fn(&str) -> bool,
) {
    let hosts = clusters.last().expect("a cluster");
    let lab = Lab::up(name, hosts);
    lab.keep(hosts);
    at_each_step(&lab, clusters, sst, steps, |inventory, id, is_last| {
        let mut child = inventory.galactl_until(BOOTSTRAP, &format!("{mark} {id}"));
        child.kill().expect("SIGKILL");
        child.wait().expect("an end");
        let rerun = inventory.galactl(BOOTSTRAP).expect_code(0);
        // The run may be over before it can be killed at its very end.
        let told = rerun.stderr.contains("was cut off") || (mark == "ok" && is_last);
        assert!(told, "{id}: the journal was not read:\n{}", rerun.stderr);
        assert_one_birth(inventory, &lab, &format!("killed at {mark} {id}"));
    });
}

#[test]
#[ignore = "boots real hosts"]
fn killed_as_each_step_of_a_bootstrap_begins() {
    killed("t-kill-a", &CLUSTERS, "method: rsync", "->", |_| true);
}

#[test]
#[ignore = "boots real hosts"]
fn killed_as_each_step_of_a_bootstrap_ends() {
    killed("t-kill-b", &CLUSTERS, "method: rsync", "ok", |_| true);
}

/// The one step that only mariabackup has.
#[test]
#[ignore = "boots real hosts"]
fn killed_as_the_sst_account_is_made() {
    killed("t-kill-c", &[TWO], "method: mariabackup", "->", |id| id.ends_with("/sst-account"));
}

/// The members' option files as they were before db3 was added.
const KEEP_OPTIONS: &str = "cp -p /etc/mysql/mariadb.conf.d/99-galactl.cnf /root/99-galactl.cnf";
const RESTORE_OPTIONS: &str = "cp -p /root/99-galactl.cnf /etc/mysql/mariadb.conf.d/99-galactl.cnf";

/// A cluster of db1 and db2, to which db3 can be added.
fn cluster_of_two(lab: &Lab) {
    lab.keep(&HOSTS);
    Inventory::of(lab, TWO).bootstrap();
    for host in TWO {
        lab.on(host, KEEP_OPTIONS);
    }
}

/// Takes db3 out again: it is fresh, and the members' list of nodes is without it, so that every step is there again.
fn without_db3(lab: &Lab) {
    lab.on("db3", "systemctl stop mariadb");
    lab.reset(&["db3"]);
    for host in TWO {
        lab.on(host, RESTORE_OPTIONS);
    }
}

/// The node that is added, in one lab: it is taken out again after each run.
#[test]
#[ignore = "boots real hosts"]
fn killed_at_each_step_of_add_node() {
    let lab = Lab::up("t-kill-add", &HOSTS);
    cluster_of_two(&lab);
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
            without_db3(&lab);
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
    lab.keep(&HOSTS);
    at_each_step(
        &lab,
        &CLUSTERS,
        "method: rsync",
        |_| true,
        |inventory, id, _| {
            let host = id.split('/').next().expect("a node");
            let ran = inventory.galactl_at(BOOTSTRAP, &format!("-> {id}"), || drop_ssh(&lab, host));
            if ran.code == 4 && ran.stderr.contains("FAILED db1/galera/new-cluster") {
                // A bootstrap is not repeated: either it is there, or nothing is.
                ran.says(&["nothing is bootstrapped there", "the same command makes a new plan"]);
                inventory.bootstrap();
            } else {
                assert_eq!(ran.code, 0, "{id}\n{}", ran.text());
            }
            assert_one_birth(inventory, &lab, &format!("dropped at {id}"));
        },
    );
    lab.reset(&HOSTS);
    let inventory = Inventory::of(&lab, TWO);
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
    cluster_of_two(&lab);
    let inventory = Inventory::of(&lab, &HOSTS);
    for id in inventory.steps(&["add-node", "db3"]) {
        let host = id.split('/').next().expect("a node");
        let drop = || drop_ssh(&lab, host);
        inventory.galactl_at(&["add-node", "db3", "--yes"], &format!("-> {id}"), drop).expect_code(0);
        assert_one_birth(&inventory, &lab, &format!("dropped at {id}"));
        without_db3(&lab);
    }
}
