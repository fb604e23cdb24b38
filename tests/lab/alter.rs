//! Changes of a table on three nodes that clients write to.

use std::cell::OnceCell;
use std::time::Instant;

use crate::lab::{Lab, until};
use crate::outage::{Shop, Writer};
use crate::run::{Inventory, Ran};

const HOSTS: [&str; 3] = ["db1", "db2", "db3"];
const TABLE: &str = "CREATE TABLE shop.orders (id BIGINT AUTO_INCREMENT PRIMARY KEY, customer INT NOT NULL, item VARCHAR(40) NOT NULL, filler CHAR(120) NOT NULL, KEY by_customer (customer), KEY by_item (item))";
const ROWS: &str = "USE shop; INSERT INTO shop.orders (customer, item, filler) SELECT FLOOR(RAND() * 50000), MD5(RAND()), MD5(seq) FROM seq_1_to_100000";
const COMMITTED: &str = "SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = 'wsrep_last_committed'";

#[test]
#[ignore = "boots real hosts"]
fn tables_are_changed_for_what_was_foretold() {
    changes("t-alter", &HOSTS, "root");
}

#[test]
#[ignore = "boots real hosts"]
fn tables_are_changed_on_an_older_and_a_newer_release() {
    changes("t-alter-old", &["db1:bullseye", "db2:bullseye", "db3:bullseye"], "root");
    changes("t-alter-new", &["db1:trixie", "db2:trixie", "db3:trixie"], "deploy");
}

fn changes(name: &'static str, hosts: &[&str], user: &'static str) {
    let lab = Lab::up(name, hosts);
    let mut inventory = Inventory::of(&lab, &HOSTS);
    inventory.user = user;
    let mut shop = Shop::open(&lab, &inventory);
    lab.sql("db1", TABLE);
    lab.sql("db1", ROWS);
    a_dry_run_replicates_nothing(&lab, &inventory);
    what_cannot_be_is_refused(&lab, &inventory);
    let mut writers = HOSTS.map(|host| (host, Writer::start(&lab, host, 1_000_000 * first(host))));
    what_was_foretold(&inventory);
    for (host, writer) in &mut writers {
        assert!(writer.is_writing(), "a commit failed on {host}");
    }
    somebody_else_was_faster(&lab, &inventory);
    killed_in_the_middle(&lab, &inventory);
    for host in HOSTS {
        lab.on(host, "pkill -x mariadb");
    }
    let rows: Vec<_> = writers.into_iter().flat_map(|(host, writer)| writer.acknowledged(host)).collect();
    assert!(!rows.is_empty());
    shop.assert_has(&rows);
    nothing_is_left(&lab);
}

fn first(host: &str) -> usize {
    HOSTS.iter().position(|it| *it == host).expect("one of them") + 1
}

fn alter<'a>(words: &[&'a str]) -> Vec<&'a str> {
    [&["alter", "--table", "shop.orders"], words].concat()
}

fn nothing_is_left(lab: &Lab) {
    for host in HOSTS {
        let databases = lab.sql(host, "SHOW DATABASES");
        assert!(!databases.contains("galactl"), "{host}: {databases}");
    }
}

/// Nobody writes yet, so that each write-set would be galactl's.
fn a_dry_run_replicates_nothing(lab: &Lab, inventory: &Inventory<'_>) {
    let before = lab.sql("db1", COMMITTED);
    inventory
        .galactl(&alter(&["MODIFY customer BIGINT", "--by", "toi", "--dry-run"]))
        .expect_code(0)
        .says(&["by COPY"]);
    assert_eq!(lab.sql("db1", COMMITTED), before, "something was replicated");
    nothing_is_left(lab);
}

fn what_cannot_be_is_refused(lab: &Lab, inventory: &Inventory<'_>) {
    let before = lab.sql("db1", "SHOW CREATE TABLE shop.orders");
    let committed = lab.sql("db1", COMMITTED);
    let refused = |words: &[&str], says: &[&str]| {
        inventory.galactl(&alter(&[words, &["--yes"]].concat())).expect_code(3).says(says);
    };
    refused(&["ADD KEY k (nothing)"], &["refused[table-change]", "Key column 'nothing' doesn't exist"]);
    refused(&["MODIFY item INT NOT NULL"], &["refused[table-change]", "on the first rows"]);
    refused(&["MODIFY customer BIGINT", "--longest-stall", "0"], &["refused[write-stall]", "--by toi"]);
    inventory.galactl(&alter(&["FORCE", "--by", "rsu", "--yes"])).says(&["one node after the other"]);
    inventory.galactl(&alter(&["FORCE", "--by", "gh-ost", "--yes"])).says(&["binary log"]);
    assert_eq!(lab.sql("db1", COMMITTED), committed, "something was replicated");
    assert_eq!(lab.sql("db1", "SHOW CREATE TABLE shop.orders"), before);
    lab.sql("db2", "SET wsrep_on = OFF; ALTER TABLE shop.orders COMMENT 'another'");
    refused(&["ADD COLUMN a INT"], &["refused[table-differs]", "on db2 than on db1 and db3"]);
    lab.sql("db2", "SET wsrep_on = OFF; ALTER TABLE shop.orders COMMENT ''");
}

/// Prints each forecast beside what happened. How near they are depends on the machine, so only the algorithm is
/// asserted.
fn what_was_foretold(inventory: &Inventory<'_>) {
    let changes = [
        ("ADD COLUMN note TEXT", "INSTANT"),
        ("ADD KEY by_filler (filler)", "NOCOPY"),
        ("MODIFY customer BIGINT NOT NULL", "COPY"),
        ("FORCE", "INPLACE"),
    ];
    for (change, algorithm) in changes {
        let began = Instant::now();
        let ran = inventory.galactl(&alter(&[change, "--by", "toi", "--yes", "--ledger"])).expect_code(0);
        ran.says(&[
            &format!("by {algorithm}: "),
            "0 failed, 0 unknown",
            "nothing is lost",
            "ok db3/galera/verify-table",
        ]);
        let seconds = began.elapsed().as_secs_f64();
        println!("{change}: {seconds:.1} s in all");
    }
}

impl Ran {
    fn says_of(&self, word: &str) -> Vec<&str> {
        self.stderr.lines().filter(|line| line.contains(word)).collect()
    }
}

/// A saved plan is for the table that was seen.
fn somebody_else_was_faster(lab: &Lab, inventory: &Inventory<'_>) {
    let plan = inventory.file("alter.json");
    inventory.galactl(&alter(&["ADD COLUMN late INT", "--out", &plan, "--dry-run"])).expect_code(0);
    lab.sql("db2", "ALTER TABLE shop.orders ADD COLUMN sooner INT");
    let ran = inventory.galactl_alone(&["apply", &plan, "--yes"]).expect_code(4).says(&["db3/galera/alter"]);
    assert!(ran.says_of("ok ").is_empty(), "{}", ran.text());
    assert!(!lab.sql("db3", "SHOW CREATE TABLE shop.orders").contains("late"));
}

/// The server goes on by itself; the next run waits for it, and sees that the work is done. What a dry run that was
/// killed has left is removed by the next one.
fn killed_in_the_middle(lab: &Lab, inventory: &Inventory<'_>) {
    lab.sql("db1", "SET wsrep_on = OFF; CREATE DATABASE galactl_alter_0123456789abcdef");
    let is_done = "SELECT COUNT(*) FROM information_schema.COLUMNS WHERE TABLE_NAME = 'orders' AND COLUMN_NAME = 'customer' AND DATA_TYPE = 'int'";
    let runs = "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE INFO LIKE 'ALTER TABLE `shop`%'";
    let words = alter(&["MODIFY customer INT", "--by", "toi", "--yes"]);
    let mut killed = inventory.start(&words);
    until("the server is at work", || lab.sql("db3", runs) == "1" || lab.sql("db3", is_done) == "1");
    killed.kill().expect("it is killed");
    killed.wait().expect("it ends");
    let ran = OnceCell::new();
    // The host's lock is held for as long as the server is at work.
    until("the next run sees that it is done", || {
        let next = inventory.galactl(&words);
        next.code == 0 && ran.set(next).is_ok()
    });
    ran.into_inner().expect("it has ended").says(&["the table is like that already"]);
    for host in HOSTS {
        assert_eq!(lab.sql(host, is_done), "1", "{host}");
    }
}
