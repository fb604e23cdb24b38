//! A primary and its synchronous standby are lost, and a standby is left for which no commit waited.

use std::collections::BTreeSet;
use std::time::Instant;

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

const SYNCHRONOUS: &str = "SELECT application_name FROM pg_stat_replication WHERE sync_state = 'sync'";
const FAILOVER: [&str; 3] = ["failover", "--to", "pg3"];
const FORCED: [&str; 5] = ["failover", "--to", "pg3", "--confirm", "shop"];
const NO_REWIND: &str = "pg3/patroni/no-rewind";
const ORDER: &str = "pg3/patroni/failover";
const VERIFY_MEMBERS: &str = "pg3/patroni/verify-members";
const VERIFY_WRITES: &str = "pg3/patroni/verify-writes";

/// galactl is killed as its steps begin, and once its order was carried out; the same command goes on from there. pg1 and
/// pg2 ended as they should, so nobody has more than pg3, and nothing is missing.
fn killed_and_run_again(lab: &Lab, inventory: &Inventory<'_>) {
    let failover = [&FAILOVER[..], &["--yes"]].concat();
    let promoted = || until("pg3 leads", || sql(lab, "pg3", "SELECT pg_is_in_recovery()") == "f");
    let mut acknowledged = BTreeSet::new();
    for (first, last_kill) in [(10_000, VERIFY_MEMBERS), (20_000, ORDER)] {
        let began = Instant::now();
        acknowledged.extend(write(lab, first..first + 100));
        for node in ["pg2", "pg1"] {
            lab.on(node, "systemctl stop patroni");
        }
        assert_eq!(inventory.steps(&FAILOVER), [ORDER, VERIFY_MEMBERS, VERIFY_WRITES]);
        if last_kill != ORDER {
            inventory.galactl_killed(&failover, &format!("-> {ORDER}"), || {});
            inventory.galactl(&["status"]).expect_code(6).says(&["no server is a primary"]);
        }
        inventory.galactl_killed(&failover, &format!("-> {last_kill}"), promoted);
        let again = inventory.galactl(&failover).expect_code(0);
        again.says(&[&format!("was cut off in step {last_kill}")]);
        inventory.galactl(&["status"]).expect_code(5).says(&["writes go to pg3"]);
        assert_eq!(rows(lab, "pg3"), acknowledged, "killed at {last_kill}");
        lab.on("pg1", "systemctl start patroni");
        until("commits wait for pg1", || sql(lab, "pg3", SYNCHRONOUS) == "pg1");
        lab.on("pg2", "systemctl start patroni");
        inventory.settles();
        inventory.galactl(&["switchover", "--to", "pg1", "--yes"]).expect_code(0);
        println!("killed at {last_kill}, and back: {:.1} s", began.elapsed().as_secs_f64());
    }
    sql(lab, "pg1", "TRUNCATE shop");
}

#[test]
#[ignore = "boots real hosts"]
fn what_a_forced_failover_loses_is_said_before_and_kept_on_the_lost_nodes() {
    let specs = ["pg1", "pg2", "pg3", "e1", "e2"].map(|host| format!("{host}:trixie:postgresql"));
    let lab = Lab::up("t-pg-fail", &specs.each_ref().map(String::as_str));
    let inventory = inventory(&lab);
    inventory.galactl(&["bootstrap", "--yes"]).expect_code(0);
    sql(&lab, "pg1", "CREATE TABLE shop (id bigint PRIMARY KEY, text text)");
    killed_and_run_again(&lab, &inventory);
    inventory.galactl(&FORCED).expect_code(3).says(&["refused[led] pg1", "galactl switchover", "--to pg3"]);

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
        .galactl(&[&FAILOVER[..], &["--yes"]].concat())
        .expect_code(3)
        .says(&["--yes does not agree to that", "--confirm shop"]);
    let dry = inventory.galactl(&[&FAILOVER[..], &["--dry-run"]].concat()).expect_code(0);
    assert_eq!(sql(&lab, "pg3", "SELECT pg_is_in_recovery()"), "t", "a dry run changed something");
    let (_, told) = dry.stdout.split_once("DISCARDED: ").expect("what is lost");
    let (_, told) = told.split_once('(').expect("bytes");
    let bytes: usize = told.split(' ').next().expect("a word").parse().expect("bytes");

    for step in [NO_REWIND, ORDER] {
        inventory.galactl_killed(&FORCED, &format!("-> {step}"), || {});
    }
    let narrated = inventory.galactl_killed(&FORCED, &format!("-> {VERIFY_WRITES}"), || {});
    assert!(narrated.contains(dry.stdout.trim_end()), "what ran is not what the dry run showed");
    inventory.galactl(&FORCED).expect_code(0).says(&["was cut off in step pg3/patroni/verify-writes"]);
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
