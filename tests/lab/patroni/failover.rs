//! A primary and its synchronous standby are lost, and a standby is left for which no commit waited.

use std::collections::BTreeSet;

use super::{NODES, assert_whole, sql};
use crate::lab::{Lab, until};
use crate::run::Inventory;

/// Bytes of a row, so that the bytes of WAL say how many rows may be missing.
const ROW: usize = 1000;
const STATUS: &str =
    "ETCDCTL_API=3 etcdctl --endpoints=http://127.0.0.1:2379 get --print-value-only /service/shop/status";

fn inventory(lab: &Lab) -> Inventory<'_> {
    let mut inventory = Inventory::of_patroni(lab, &NODES);
    // etcd outlives two data nodes; and no commit ever waits for pg3.
    let hosts = ["e1", "e2"].map(|host| format!("\n  - {{name: {host}, address: {}}}", lab.address(host)));
    inventory.rest =
        format!("failover: fast\netcd: {{members: [pg3, e1, e2]}}\netcd_hosts:{}", hosts.concat());
    inventory.nodes[2].1 = "    tags: {synchronous: no}\n".into();
    inventory
}

/// Each row is a commit of its own, and its id is printed once the commit is acknowledged.
fn write(lab: &Lab, ids: std::ops::Range<u32>) -> BTreeSet<u32> {
    let rows = format!(
        "cd /; seq {} {} | sed \"s/.*/INSERT INTO shop VALUES (&, repeat('x', {ROW})) RETURNING id;/\" |
        runuser -u postgres -- psql -XAtq -v ON_ERROR_STOP=1 -d postgres",
        ids.start,
        ids.end - 1
    );
    lab.on("pg1", &rows).lines().map(|line| line.parse().expect("an id")).collect()
}

fn rows(lab: &Lab, node: &str) -> BTreeSet<u32> {
    sql(lab, node, "SELECT id FROM shop").lines().map(|line| line.parse().expect("an id")).collect()
}

/// The primary has told etcd where its WAL ends, which it does once in its loop.
fn etcd_knows(lab: &Lab) {
    let end: u64 = sql(lab, "pg1", "SELECT pg_current_wal_lsn() - '0/0'").parse().expect("bytes");
    until("etcd knows the primary's position", || {
        let status: serde_json::Value = serde_json::from_str(&lab.on("e1", STATUS)).expect("JSON");
        status["optime"].as_u64().expect("a position") >= end
    });
}

#[test]
#[ignore = "boots real hosts"]
fn what_a_forced_failover_loses_is_said_before_and_kept_on_the_lost_nodes() {
    let specs = ["pg1", "pg2", "pg3", "e1", "e2"].map(|host| format!("{host}:trixie:postgresql"));
    let lab = Lab::up("t-pg-fail", &specs.each_ref().map(String::as_str));
    let inventory = inventory(&lab);
    inventory.galactl(&["bootstrap", "--yes"]).expect_code(0);
    sql(&lab, "pg1", "CREATE TABLE shop (id bigint PRIMARY KEY, text text)");
    let failover = ["failover", "--to", "pg3"];
    let forced = [&failover[..], &["--confirm", "shop"]].concat();
    inventory.galactl(&forced).expect_code(3).says(&["refused[led] pg1", "galactl switchover", "--to pg3"]);

    let mut acknowledged = write(&lab, 1..100);
    until("pg3 has these rows", || rows(&lab, "pg3").len() == acknowledged.len());
    lab.cut_from("pg3", "pg1");
    acknowledged.extend(write(&lab, 100..1000));
    etcd_knows(&lab);
    lab.fault("poweroff", "pg1");
    lab.fault("poweroff", "pg2");
    lab.fault("heal", "pg3");

    inventory
        .galactl(&["failover", "--to", "pg2", "--yes"])
        .expect_code(4)
        .says(&["refused[unreachable] pg2"]);
    inventory
        .galactl(&[&failover[..], &["--yes"]].concat())
        .expect_code(3)
        .says(&["--yes does not agree to that", "--confirm shop"]);
    let dry = inventory.galactl(&[&failover[..], &["--dry-run"]].concat()).expect_code(0);
    assert_eq!(sql(&lab, "pg3", "SELECT pg_is_in_recovery()"), "t", "a dry run changed something");
    let (_, told) = dry.stdout.split_once("DISCARDED: ").expect("what is lost");
    let (_, told) = told.split_once('(').expect("bytes");
    let bytes: usize = told.split(' ').next().expect("a word").parse().expect("bytes");

    let ran = inventory.galactl(&forced).expect_code(0);
    assert!(ran.stderr.contains(dry.stdout.trim_end()), "what ran is not what the dry run showed");
    let missing = acknowledged.difference(&rows(&lab, "pg3")).count();
    println!("{missing} of {} acknowledged rows are missing; {bytes} bytes were said", acknowledged.len());
    assert!(missing > 0 && missing * ROW <= bytes, "{missing} rows, {bytes} bytes");
    sql(&lab, "pg3", "INSERT INTO shop VALUES (5000)");

    come_back(&lab, &inventory, &acknowledged);
    assert!(rows(&lab, "pg1").contains(&5000));
}

/// What only the lost nodes have is kept, told, and put aside.
fn come_back(lab: &Lab, inventory: &Inventory<'_>, acknowledged: &BTreeSet<u32>) {
    for node in ["pg1", "pg2"] {
        lab.fault("poweron", node);
    }
    for node in ["pg1", "pg2"] {
        until(&format!("{node} waits"), || lab.try_on(node, "pgrep -f 'walreceiver|startup'").0);
        until(&format!("{node} answers"), || {
            lab.try_on(node, "cd /; runuser -u postgres -- psql -XAtqc 'SELECT 1' postgres").0
        });
        assert_eq!(rows(lab, node), *acknowledged, "{node} has lost something");
    }
    inventory.galactl(&["apply-config", "--yes"]).expect_code(3).says(&["refused[not-following] pg1", "pg2"]);
    // Nor while a Patroni does not tell anything, as in the seconds after its host has booted.
    lab.on("pg1", "pkill -STOP -x patroni");
    inventory.galactl(&["apply-config", "--yes"]).expect_code(3).says(&["refused[not-following] pg1"]);
    lab.on("pg1", "pkill -CONT -x patroni");
    inventory.galactl(&["status"]).expect_code(5).says(&["sudo systemctl stop patroni; then"]);
    for node in ["pg1", "pg2"] {
        lab.on(node, "systemctl stop patroni");
    }
    inventory.galactl(&["recover", "--yes"]).expect_code(3).says(&[
        "refused[forked] pg1",
        "of WAL of its own",
        "main.aside",
    ]);
    for node in ["pg1", "pg2"] {
        lab.on(node, "data=$(echo /var/lib/postgresql/*/main); mv $data $data.aside");
    }
    inventory
        .galactl(&["bootstrap", "--yes"])
        .expect_code(3)
        .says(&["refused[config-drift]", "use_pg_rewind"]);
    inventory.galactl(&["apply-config", "--yes"]).expect_code(0);
    inventory.galactl(&["bootstrap", "--yes"]).expect_code(0);
    assert_whole(lab);
    inventory.settles();
}
