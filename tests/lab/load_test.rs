//! `galactl load`: what it finds on real servers, and that it leaves nothing behind.

use std::process::Child;

use serde_json::Value;

use crate::endpoint;
use crate::lab::{Lab, until};
use crate::run::{Inventory, Ran};

const HOSTS: [&str; 3] = ["db1", "db2", "db3"];

/// Databases and accounts of load tests, and what a server logs about conflicts.
const LEFT: &str = "SELECT COUNT(*) FROM information_schema.SCHEMATA WHERE SCHEMA_NAME LIKE 'galactl_load%'; \
    SELECT COUNT(*) FROM mysql.user WHERE User LIKE 'galactl_load%'; \
    SELECT @@wsrep_log_conflicts, @@innodb_print_all_deadlocks";

#[track_caller]
fn assert_nothing_is_left(lab: &Lab) {
    for host in HOSTS {
        // db2 logged conflicts before.
        let settings = if host == "db2" { "1\t0" } else { "0\t0" };
        assert_eq!(lab.sql(host, LEFT), format!("0\n0\n{settings}"), "{host}");
    }
}

fn report(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout).expect("a report")
}

fn number(value: &Value) -> u64 {
    value.as_u64().unwrap_or_else(|| panic!("{value} is no number"))
}

#[test]
#[ignore = "boots real hosts"]
fn a_load_test_tells_where_transactions_conflict_and_leaves_nothing() {
    let lab = Lab::up("load", &HOSTS);
    let inventory = Inventory::of(&lab, &HOSTS);
    inventory.bootstrap();
    lab.sql("db2", "SET GLOBAL wsrep_log_conflicts = ON");
    a_comparison(&lab, &inventory);
    own_statements(&lab, &inventory);
    what_galera_does_not_promise(&inventory);
    ended_early(&lab, &inventory);
    killed(&lab, &inventory);
    a_node_is_lost(&lab, &inventory);
    a_load_test_is_refused(&lab, &inventory);
}

/// One writer and regions have no conflict between nodes; the hot row is named first.
fn a_comparison(lab: &Lab, inventory: &Inventory<'_>) {
    let page = inventory.file("load.html");
    let words = [
        "load",
        "--workload",
        "hot",
        "--compare",
        "--seconds",
        "6",
        "--seed",
        "7",
        "--output",
        "json",
        "--report",
        &page,
    ];
    let ran = inventory.galactl(&words).expect_code(0);
    let report = report(&ran);
    let runs = report["runs"].as_array().expect("runs");
    let names: Vec<_> = runs.iter().map(|run| run["name"].as_str().expect("a name")).collect();
    assert_eq!(names, ["1 writer", "2 writers", "3 writers", "3 regions"]);
    for run in runs {
        assert!(number(&run["commits"]) > 0, "{run}");
        let of_nodes =
            |what: &str| run["nodes"].as_array().unwrap().iter().map(|node| number(&node[what])).sum::<u64>();
        assert_eq!(number(&run["cert_failures"]), of_nodes("cert_failures"));
        let of_writers: u64 =
            run["writers"].as_array().unwrap().iter().map(|it| number(&it["commits"])).sum();
        assert_eq!(number(&run["commits"]), of_writers);
    }
    for (run, writers) in runs.iter().zip([1, 2, 3, 3]) {
        assert_eq!(run["writers"].as_array().unwrap().len(), writers);
    }
    for alone in [&runs[0], &runs[3]] {
        let met =
            alone["conflicts"].as_array().unwrap().iter().map(|it| number(&it["between_nodes"])).sum::<u64>();
        assert_eq!((number(&alone["cert_failures"]), number(&alone["aborts"]), met), (0, 0, 0), "{alone}");
    }
    for together in [&runs[1], &runs[2]] {
        assert!(number(&together["aborts"]) > 0 && number(&together["rolled_back"]) > 0, "{together}");
        let hottest = &together["conflicts"][0];
        assert_eq!(
            (hottest["table"].as_str(), hottest["key"].as_str()),
            (Some("counters"), Some("id = 1")),
            "{together}"
        );
    }
    let advice = report["advice"].to_string();
    assert!(advice.contains("Most transactions met at table counters, row id = 1"), "{advice}");
    assert!(std::fs::read_to_string(page).expect("a page").contains("<svg"));
    assert_nothing_is_left(lab);
}

/// A table that a statement names without its database is told with its rows.
fn own_statements(lab: &Lab, inventory: &Inventory<'_>) {
    let file = inventory.file("own.sql");
    let statements = "-- setup\nCREATE TABLE seats (id BIGINT PRIMARY KEY, sold INT NOT NULL) ENGINE=InnoDB;\n\
        INSERT INTO seats SELECT seq, 0 FROM seq_1_to_{rows};\n\
        -- transaction\nUPDATE seats SET sold = sold + 1 WHERE id = 3;\n";
    std::fs::write(&file, statements).expect("a file");
    let ran = inventory
        .galactl(&["load", "--statements", &file, "--seconds", "5", "--output", "json"])
        .expect_code(0);
    let report = report(&ran);
    let hottest = &report["runs"][0]["conflicts"][0];
    assert_eq!(
        (hottest["table"].as_str(), hottest["key"].as_str()),
        (Some("seats"), Some("id = 3")),
        "{report}"
    );
    assert_nothing_is_left(lab);
    std::fs::write(
        &file,
        "-- setup\nCREATE TABLE mysql.mine (id INT PRIMARY KEY) ENGINE=InnoDB;\n-- transaction\nSELECT 1;\n",
    )
    .expect("a file");
    inventory.galactl(&["load", "--statements", &file]).expect_code(1).says(&["denied", "mysql.mine"]);
    assert_nothing_is_left(lab);
}

/// Which reads are stale depends on the machine; what may never be seen does not.
fn what_galera_does_not_promise(inventory: &Inventory<'_>) {
    let ran = inventory.galactl(&["load", "--check", "--seconds", "2", "--output", "json"]).expect_code(0);
    let checked = &report(&ran)["checked"];
    for reads in ["reads", "reads_with_wait"] {
        assert_eq!(number(&checked[reads]["made"]), 500, "{checked}");
    }
    assert_eq!(number(&checked["reads_with_wait"]["stale"]), 0, "{checked}");
    for way in ["in_one_statement", "read_for_update"] {
        let increments = &checked[way];
        assert!(number(&increments["confirmed"]) > 0, "{checked}");
        assert!(number(&increments["value"]) >= number(&increments["confirmed"]), "{checked}");
    }
}

fn begun(inventory: &Inventory<'_>, lab: &Lab, words: &[&str]) -> Child {
    let child = inventory.start(&[&["load", "--workload", "hot", "--seconds", "600"], words].concat());
    let on = "SELECT @@wsrep_log_conflicts + @@innodb_print_all_deadlocks";
    until("the load is on", || HOSTS.iter().all(|host| lab.sql(host, on) == "2"));
    // Clients are at work when the first hot row has been changed.
    let changed = "db=$(mariadb -BN -e \"SHOW DATABASES LIKE 'galactl_load%'\"); mariadb -BN -e \"SELECT amount > 0 FROM $db.counters WHERE id = 1\"";
    until("clients are at work", || lab.try_on("db1", changed).1.trim() == "1");
    child
}

fn signal(child: &Child, word: &str) {
    let sent =
        std::process::Command::new("kill").args([word, &child.id().to_string()]).status().expect("kill");
    assert!(sent.success(), "galactl has ended");
}

fn ended_early(lab: &Lab, inventory: &Inventory<'_>) {
    let child = begun(inventory, lab, &[]);
    signal(&child, "-INT");
    let ran = Ran::from(child.wait_with_output().expect("it ends"));
    ran.expect_code(0).says(&["ended early", "counters"]);
    assert_nothing_is_left(lab);
}

/// The next load test removes what a killed one has left, and puts the servers' settings back.
fn killed(lab: &Lab, inventory: &Inventory<'_>) {
    let mut child = begun(inventory, lab, &[]);
    inventory
        .galactl(&["load", "--seconds", "1"])
        .expect_code(1)
        .says(&["another load test is at work on this cluster"]);
    signal(&child, "-KILL");
    let _ = child.wait();
    assert_eq!(lab.sql("db1", "SELECT @@wsrep_log_conflicts, @@innodb_print_all_deadlocks"), "1\t1");
    inventory
        .galactl(&["load", "--workload", "single", "--seconds", "1"])
        .expect_code(0)
        .says(&["removed what a load test had left that was cut off"]);
    assert_nothing_is_left(lab);
}

/// The run goes on without the node, and says so.
fn a_node_is_lost(lab: &Lab, inventory: &Inventory<'_>) {
    let child = begun(inventory, lab, &[]);
    lab.on("db3", "systemctl mask --runtime --quiet mariadb");
    lab.fault("crash", "db3");
    // Clients of the others go on after the new view.
    until("the others form a view", || {
        lab.sql("db1", "SHOW STATUS LIKE 'wsrep_cluster_size'").ends_with('2')
    });
    let sum = "db=$(mariadb -BN -e \"SHOW DATABASES LIKE 'galactl_load%'\"); mariadb -BN -e \"SELECT amount FROM $db.counters WHERE id = 1\"";
    let before = lab.on("db1", sum);
    until("clients go on", || lab.on("db1", sum) != before);
    signal(&child, "-INT");
    let ran = Ran::from(child.wait_with_output().expect("it ends"));
    ran.expect_code(0).says(&["db3 gave no answer or was not Synced", "to the end", "no connection to db3"]);
}

fn a_load_test_is_refused(lab: &Lab, inventory: &Inventory<'_>) {
    inventory
        .galactl(&["load", "--seconds", "1"])
        .expect_code(3)
        .says(&["the cluster is degraded: db3 is no Synced member", "--degraded"]);
    inventory.galactl(&["load", "--seconds", "1", "--degraded"]).expect_code(0).says(&["2 writers"]);
    inventory
        .galactl(&["load", "--degraded", "--seconds", "3600", "--rate", "100000"])
        .expect_code(3)
        .says(&["the load may take", "fewer --seconds"]);
    lab.on("db3", "systemctl unmask --runtime --quiet mariadb; systemctl start mariadb");
    until("db3 is back", || {
        lab.sql("db3", "SHOW STATUS LIKE 'wsrep_local_state_comment'").ends_with("Synced")
    });
    assert_nothing_is_left(lab);
}

/// 10.5 and 11.8; 10.11 is what the others run. Through a login that is not root, on the first.
#[test]
#[ignore = "boots real hosts"]
fn every_release_names_the_hot_row() {
    let lab = Lab::up("load-old", &["db1:bullseye", "db2:bullseye", "db3:trixie", "db4:trixie"]);
    for (hosts, user) in [(["db1", "db2"], "deploy"), (["db3", "db4"], "root")] {
        let mut inventory = Inventory::of(&lab, &hosts);
        inventory.user = user;
        inventory.bootstrap();
        let words = ["load", "--workload", "hot", "--check", "--seconds", "6", "--output", "json"];
        let ran = inventory.galactl(&words).expect_code(0);
        let run = &report(&ran)["runs"][0];
        let hottest = &run["conflicts"][0];
        assert_eq!(
            (hottest["table"].as_str(), hottest["key"].as_str()),
            (Some("counters"), Some("id = 1")),
            "{run}"
        );
        assert_eq!(run["logs_not_read"].as_array().map(Vec::len), Some(0), "{run}");
        for host in hosts {
            assert_eq!(lab.sql(host, LEFT), "0\n0\n0\t0", "{host}");
        }
    }
}

/// One node has the writes, whichever proxy a client takes.
#[test]
#[ignore = "boots real hosts"]
fn a_load_through_the_endpoint_has_no_conflict_between_nodes() {
    let lab = Lab::up("load-proxy", &["db1", "db2", "db3", "lb1:bookworm:bare"]);
    let inventory = endpoint::inventory(&lab, &["lb1"]);
    inventory.bootstrap();
    let through = ["load", "--through", "endpoint"];
    let words = [&through[..], &["--workload", "hot", "--seconds", "5", "--output", "json"]].concat();
    let ran = inventory.galactl(&words).expect_code(0);
    let run = &report(&ran)["runs"][0];
    assert_eq!(
        (run["name"].as_str(), run["writers"][0]["member"].as_str()),
        (Some("endpoint"), Some("lb1")),
        "{run}"
    );
    assert!(number(&run["commits"]) > 0, "{run}");
    assert_eq!((number(&run["cert_failures"]), number(&run["aborts"])), (0, 0), "{run}");
    for host in HOSTS {
        assert_eq!(lab.sql(host, LEFT), "0\n0\n0\t0", "{host}");
    }
    inventory
        .galactl(&[&through[..], &["--workload", "region"]].concat())
        .expect_code(1)
        .says(&["no node has rows of its own"]);
}
