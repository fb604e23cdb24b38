//! Nodes that come to a cluster and leave it, with their members of etcd, while a client writes.

use std::collections::BTreeSet;
use std::fs::File;
use std::process::Stdio;

use super::sql;
use crate::lab::{LONGEST, Lab, until};
use crate::run::Inventory;

/// It leaves the machine room for the hosts: 40 rows a second at most.
const WRITE: &str =
    "cd /; seq 1 9999999 | sed 's/.*/INSERT INTO shop SELECT & FROM pg_sleep(0.025) RETURNING id;/' |
    runuser -u postgres -- stdbuf -oL psql -XAtq -v ON_ERROR_STOP=1 -d postgres";

/// The names of the members that etcd has, of those with a vote, by the word of one of them.
fn members(lab: &Lab, node: &str) -> BTreeSet<String> {
    let told = lab.on(node, "ETCDCTL_API=3 etcdctl --endpoints=http://127.0.0.1:2379 member list");
    let voter = |line: &str| line.ends_with(", false").then(|| line.split(", ").nth(2).map(str::to_owned))?;
    told.lines().filter_map(voter).collect()
}

fn these(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// From one node with one member of etcd to four, and back to one, which is another one.
#[test]
#[ignore = "boots real hosts"]
fn a_cluster_grows_and_shrinks_while_a_client_writes() {
    let specs = ["pg1", "pg2", "pg3", "pg4"].map(|node| format!("{node}:trixie:postgresql"));
    let lab = Lab::up("t-pg-grow", &specs.each_ref().map(String::as_str));
    let of = |nodes: &[&str]| Inventory::of_patroni(&lab, nodes);
    of(&["pg1"]).galactl(&["bootstrap", "--yes"]).expect_code(0);
    sql(&lab, "pg1", "CREATE TABLE shop (id bigint PRIMARY KEY)");
    let told = lab.directory().join("acknowledged");
    let mut command = lab.enter("pg1", WRITE, LONGEST);
    command.stdout(File::create(&told).expect("a file")).stderr(Stdio::null());
    let mut writer = command.spawn().expect("it can be run");

    let three = of(&["pg1", "pg2", "pg3"]);
    three.galactl(&["add-node", "pg2", "--yes"]).expect_code(3).says(&["refused[not-following] pg3"]);
    // etcd has a second member then, and no third.
    let mut child = three.galactl_until(&["add-node", "pg2", "pg3", "--yes"], "-> pg1/etcd/promote-pg3");
    child.kill().expect("SIGKILL");
    child.wait().expect("an end");
    three.galactl(&["add-node", "pg2", "pg3", "--yes"]).expect_code(0).says(&["was cut off"]);
    assert_eq!(members(&lab, "pg1"), these(&["pg1", "pg2", "pg3"]));
    three.galactl(&["add-node", "pg2", "--yes"]).expect_code(0).says(&["Nothing to do"]);

    lab.on("pg3", "systemctl stop etcd; rm -r /var/lib/etcd/galactl-shop");
    three.galactl(&["bootstrap", "--yes"]).expect_code(0);
    assert_eq!(members(&lab, "pg1"), these(&["pg1", "pg2", "pg3"]));

    let four = of(&["pg1", "pg2", "pg3", "pg4"]);
    four.galactl(&["add-node", "pg4", "--yes"]).expect_code(0);
    let dry = four.galactl(&["remove-node", "pg2", "--dry-run"]).expect_code(0);
    let mut child = four.galactl_until(&["remove-node", "pg2", "--yes"], "-> pg1/etcd/remove-pg2");
    child.kill().expect("SIGKILL");
    child.wait().expect("an end");
    four.galactl(&["remove-node", "pg2", "--yes"]).expect_code(0).says(&["delete pg2 from `nodes`"]);
    assert!(dry.stdout.contains("pg4/etcd/start"), "pg4 takes pg2's place in etcd: {}", dry.stdout);
    assert_eq!(members(&lab, "pg1"), these(&["pg1", "pg3", "pg4"]));
    let left = lab.on(
        "pg2",
        "systemctl is-active patroni etcd; systemctl is-enabled patroni etcd; pgrep postgres; true",
    );
    assert_eq!(left.split_whitespace().collect::<Vec<_>>(), ["inactive", "inactive", "disabled", "disabled"]);
    let rest = of(&["pg1", "pg3", "pg4"]);
    rest.galactl(&["bootstrap", "--yes"]).expect_code(0).says(&["Nothing to do"]);

    lab.fault("poweroff", "pg4");
    rest.galactl(&["remove-node", "pg4", "--yes"])
        .expect_code(4)
        .says(&["refused[unreachable] pg4", "--unseen pg4"]);
    rest.galactl(&["remove-node", "pg4", "--unseen", "pg4", "--yes"]).expect_code(0);
    assert_eq!(members(&lab, "pg1"), these(&["pg1"]), "two members are worth less than one");
    of(&["pg1", "pg3"]).galactl(&["status"]).expect_code(0);

    lab.on("pg1", "pkill -x psql; true");
    writer.wait().expect("an end");
    let text = std::fs::read_to_string(&told).expect("text");
    let acknowledged: BTreeSet<u64> = text.lines().filter_map(|line| line.parse().ok()).collect();
    assert!(acknowledged.len() > 100, "{} rows were written meanwhile", acknowledged.len());
    let has_all = |node: &str| {
        until(&format!("{node} has all rows"), || {
            let there = sql(&lab, node, "SELECT id FROM shop");
            let there: BTreeSet<u64> = there.lines().filter_map(|line| line.parse().ok()).collect();
            acknowledged.is_subset(&there)
        });
    };
    has_all("pg1");
    has_all("pg3");

    // The primary leaves at last, and the one member of etcd with it.
    of(&["pg1", "pg3"]).galactl(&["remove-node", "pg1", "--yes"]).expect_code(0).says(&["delete pg1"]);
    assert_eq!(members(&lab, "pg3"), these(&["pg3"]));
    has_all("pg3");
    of(&["pg3"]).galactl(&["bootstrap", "--yes"]).expect_code(0).says(&["Nothing to do"]);
    println!("{} acknowledged rows are on the node that is left", acknowledged.len());
}
