//! A bootstrap that is killed at any step, and the run after it. The steps are those of the plan, so that a new one is
//! covered by itself.

use super::{NODES, assert_whole, hosts};
use crate::lab::Lab;
use crate::run::Inventory;

const BOOTSTRAP: &[&str] = &["bootstrap", "--yes"];

/// Makes the hosts what they were before the first bootstrap.
const RESET: &str = "systemctl stop patroni; pkill -KILL postgres; systemctl stop etcd; systemctl disable --quiet patroni etcd;
    rm -rf /var/lib/postgresql/*/main /var/lib/etcd/* /etc/patroni/config.yml* /var/lib/postgresql/.pgpass*; systemctl reset-failed;
    for file in /etc/default/etcd /etc/postgresql-common/createcluster.conf; do
        [ ! -e $file.galactl-previous ] || mv $file.galactl-previous $file
    done";

fn reset(lab: &Lab) {
    std::thread::scope(|scope| {
        for node in NODES {
            scope.spawn(|| lab.try_on(node, RESET));
        }
    });
}

/// Each case leaves one cluster with one history, however often it was begun.
#[test]
#[ignore = "boots real hosts"]
fn killed_as_each_kind_of_step_begins() {
    let lab = hosts("t-pg-kill", "bookworm");
    let mut inventory = Inventory::of_patroni(&lab, &NODES);
    // Its loop is the shortest, and each case waits for it.
    inventory.rest = "failover: fast".into();
    let steps = inventory.steps(&["bootstrap"]);
    // What is done to all hosts alike is cut off on one of them, one file stands for all, and a join on both.
    let files = ["pg1/patroni/createcluster", "pg1/etcd/config"];
    let is_tried =
        |id: &&String| !files.contains(&id.as_str()) && (id.starts_with("pg1/") || id.ends_with("/join"));
    let tried: Vec<_> = steps.iter().filter(is_tried).collect();
    assert!(tried.len() > 6, "{tried:?}");
    for id in &tried {
        let mut child = inventory.galactl_until(BOOTSTRAP, &format!("-> {id}"));
        child.kill().expect("SIGKILL");
        child.wait().expect("an end");
        let again = inventory.galactl(BOOTSTRAP).expect_code(0);
        assert!(again.stderr.contains("was cut off"), "{id}: {}", again.stderr);
        assert_whole(&lab);
        let born =
            lab.on("pg1", "journalctl -u patroni --no-pager | grep -c 'initialized a new cluster' || true");
        println!("killed at {id}: {born} births so far");
        reset(&lab);
    }
    // Every case founded once.
    let births: usize = NODES
        .iter()
        .map(|node| {
            lab.on(node, "journalctl -u patroni --no-pager | grep -c 'initialized a new cluster' || true")
        })
        .map(|count| count.parse::<usize>().expect("a count"))
        .sum();
    assert_eq!(births, tried.len(), "a cluster was born twice");
}
