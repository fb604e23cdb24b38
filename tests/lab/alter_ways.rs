//! A table that clients write to through an endpoint, changed on one node after the other (RSU).

use crate::clients::{Account, Clients, SETUP};
use crate::endpoint::{ENDING, NODES, at, inventory, writers};
use crate::lab::Lab;
use crate::run::Inventory;

/// The clients do not name the column, and have no value for it.
const COLUMN: &str = "ALTER TABLE app.orders ADD COLUMN n INT NOT NULL DEFAULT 7 INVISIBLE";
const ROWS: &str =
    "INSERT INTO app.orders (id, node, n) SELECT CONCAT('old-', seq), MD5(seq), seq FROM app.seq_1_to_200000";
const NOTHING_LOST: &str = "nothing is lost: every confirmed row is on db1, db2 and db3";

#[test]
#[ignore = "boots real hosts"]
fn an_index_comes_to_one_node_after_the_other_while_clients_write() {
    let lab = Lab::up("t-ways", &["db1", "db2", "db3", "lb1:bookworm:bare"]);
    let inventory = inventory(&lab, &["lb1"]);
    inventory.bootstrap();
    inventory.settles();
    lab.sql("db1", SETUP);
    lab.sql("db1", COLUMN);
    lab.sql("db1", ROWS);
    a_trigger_of_somebody_else_stands_against_a_change(&lab, &inventory);
    let clients = Clients::start(&at(&lab, &["lb1"], 3306), &ENDING);
    let ledger = inventory.ledger();
    one_node_after_the_other(&lab, &inventory);
    nothing_is_lost_by_the_ledger_beside_it(&inventory);
    let account = clients.stop();
    tell(&account);
    account.assert_nothing_lost(&lab, &NODES);
    ledger.assert_nothing_lost();
    rows_of_before_are_there(&lab);
    inventory.assert_whole();
}

fn tell(account: &Account) {
    let (confirmed, failed) = (account.confirmed.len(), account.failed.len());
    println!(
        "{confirmed} confirmed, {failed} failed, longest {:?}: {:?}",
        account.longest,
        account.failures(|_| true)
    );
}

fn alter<'a>(words: &[&'a str]) -> Vec<&'a str> {
    [&["alter", "--table", "app.orders"], words].concat()
}

fn rows_of_before_are_there(lab: &Lab) {
    for node in NODES {
        let rows = lab.sql(node, "SELECT COUNT(*), SUM(n) FROM app.orders WHERE id LIKE 'old-%'");
        assert_eq!(rows, "200000\t20000100000", "{node}");
    }
}

/// The node that takes the writes.
fn writer(inventory: &Inventory<'_>) -> String {
    writers(inventory).into_iter().next().expect("the proxy tells")
}

/// No client writes yet: servers have lost confirmed rows while such triggers and their copies were dropped beside clients.
/// Its statements, pasted, remove what is its own.
fn a_trigger_of_somebody_else_stands_against_a_change(lab: &Lab, inventory: &Inventory<'_>) {
    lab.sql(
        "db1",
        "CREATE TABLE app.parts (id INT PRIMARY KEY) COMMENT 'it''s ours'; INSERT INTO app.parts VALUES (1);
        CREATE TABLE app.parts_v2 (id INT PRIMARY KEY);
        CREATE TRIGGER app.pt_osc_app_parts_ins AFTER INSERT ON app.parts FOR EACH ROW REPLACE INTO app.parts_v2 VALUES (NEW.id)",
    );
    let words = ["alter", "--table", "app.parts", "ADD COLUMN b INT", "--yes"];
    let refused = inventory.galactl(&words).expect_code(3).says(&["may be at work on app.parts"]).text();
    let remedy = refused.split_once("in a quiet moment on one node: ").expect("what to type").1;
    let (remedy, _) = remedy.split_once("; then run this again").expect("its end");
    lab.on("db2", remedy);
    // What db2 was told is applied on db3 a moment later.
    let comment = "SET SESSION wsrep_sync_wait = 1; SELECT TABLE_COMMENT FROM information_schema.TABLES WHERE TABLE_NAME = 'parts'";
    assert_eq!(lab.sql("db3", comment), "it's ours");
    assert_eq!(
        lab.sql("db3", "SELECT COUNT(*) FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = 'app'"),
        "0"
    );
    inventory.galactl(&words).expect_code(0);
    lab.sql("db1", "DROP TABLE app.parts, app.parts_v2");
}

/// An index comes to each node by itself. galactl is killed between two of them, and the next run goes on.
fn one_node_after_the_other(lab: &Lab, inventory: &Inventory<'_>) {
    inventory
        .galactl(&alter(&["MODIFY n BIGINT NOT NULL DEFAULT 7 INVISIBLE", "--by", "rsu", "--yes"]))
        .expect_code(3)
        .says(&["refused[table-change]", "`+ `n` bigint(20)"]);
    let words = alter(&["ADD KEY by_node (node)", "--by", "rsu", "--yes", "--ledger"]);
    let steps = inventory.steps(&words);
    let nodes: Vec<_> = steps.iter().filter_map(|id| id.strip_suffix("/galera/alter-alone")).collect();
    assert_eq!(nodes.len(), 3, "{steps:?}");
    assert_eq!(nodes[2], writer(inventory), "the one that takes the writes comes last");
    let mut killed = inventory.galactl_until(&words, &format!("ok {}/galera/alter-alone", nodes[0]));
    killed.kill().expect("it is killed");
    killed.wait().expect("it ends");
    inventory
        .galactl(&alter(&["ADD KEY by_node (node)", "--by", "toi", "--yes"]))
        .expect_code(3)
        .says(&["--by rsu"]);
    let ran = inventory.galactl(&words).expect_code(0);
    ran.says(&[&format!("{} has the new definition already", nodes[0]), "no session is left", NOTHING_LOST]);
    for node in NODES {
        assert!(lab.sql(node, "SHOW CREATE TABLE app.orders").contains("KEY `by_node` (`node`)"), "{node}");
        lab.on(node, "[ ! -e /run/galactl-drain ]");
    }
    inventory.settles();
}

/// In one run that nobody cuts off, for the longest wait of a write.
fn nothing_is_lost_by_the_ledger_beside_it(inventory: &Inventory<'_>) {
    let words = alter(&["ADD KEY by_node_and_id (node, id)", "--by", "rsu", "--yes", "--ledger"]);
    inventory.galactl(&words).expect_code(0).says(&[NOTHING_LOST]);
}
