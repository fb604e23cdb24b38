//! A table that clients write to through an endpoint, changed in the ways that do not stop them.

use std::process::{Child, Stdio};

use crate::clients::{Account, Clients, SETUP};
use crate::endpoint::{ENDING, NODES, at, inventory, writers};
use crate::lab::{LONGEST, Lab, until};
use crate::percona;
use crate::run::Inventory;

/// The clients do not name the column, and have no value for it.
const COLUMN: &str = "ALTER TABLE app.orders ADD COLUMN n INT NOT NULL DEFAULT 7 INVISIBLE";
const ROWS: &str =
    "INSERT INTO app.orders (id, node, n) SELECT CONCAT('old-', seq), MD5(seq), seq FROM app.seq_1_to_200000";
const NOTHING_LOST: &str = "nothing is lost: every confirmed row is on db1, db2 and db3";
/// Keeps the table from being written for a second, and again, until it is told that this is enough.
const HOLD: &str = "{ echo 'DO GET_LOCK(CHAR(120), 0);'; while [ ! -e /run/enough ]; do
    echo 'LOCK TABLES app.orders READ; DO SLEEP(1); UNLOCK TABLES; DO SLEEP(0.3);'; sleep 1.3; done; } | mariadb";
const TRIGGERS: &str = "SELECT COUNT(*) FROM information_schema.TRIGGERS";
/// More statements at once than the tool copies beside, and more than those at which it would give up by itself.
const CROWD: &str = "for i in $(seq 60); do mariadb -e 'DO SLEEP(1800)' 2>/dev/null & done; wait";
const CROWDED: &str =
    "SELECT COUNT(*) >= 60 FROM information_schema.PROCESSLIST WHERE INFO = 'DO SLEEP(1800)'";
const DISPERSE: &str = "mariadb -N -e \"SELECT CONCAT('KILL ', ID, ';') FROM information_schema.PROCESSLIST WHERE INFO = 'DO SLEEP(1800)'\" | mariadb";

#[test]
#[ignore = "boots real hosts"]
fn tables_are_changed_while_clients_go_on() {
    let lab = Lab::up("t-ways", &["db1", "db2", "db3", "lb1:bookworm:bare"]);
    percona::offer(&lab, &NODES, "bookworm");
    let inventory = inventory(&lab, &["lb1"]);
    inventory.bootstrap();
    inventory.settles();
    lab.sql("db1", SETUP);
    lab.sql("db1", COLUMN);
    lab.sql("db1", ROWS);
    let clients = Clients::start(&at(&lab, &["lb1"], 3306), &ENDING);
    let ledger = inventory.ledger();
    a_table_that_may_be_the_users_is_kept(&lab, &inventory);
    keys_checks_and_triggers(&lab, &inventory);
    ended_by_a_signal(&lab, &inventory);
    without_galactl_it_goes_on(&lab, &inventory);
    killed_and_without_power(&lab, &inventory);
    what_does_not_fit_is_no_loss(&lab, &inventory);
    one_node_after_the_other(&lab, &inventory);
    how_long_clients_wait(&inventory);
    it_pauses_when_a_member_is_slow(&lab, &inventory);
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

/// The type of the column that is changed, and that nothing is left beside the table.
#[track_caller]
fn is_changed(lab: &Lab, kind: &str) {
    for node in NODES {
        let column = "SELECT DATA_TYPE FROM information_schema.COLUMNS WHERE TABLE_NAME = 'orders' AND COLUMN_NAME = 'n'";
        assert_eq!(lab.sql(node, column), kind, "{node}");
        assert_eq!(lab.sql(node, TRIGGERS), "0", "{node}");
        assert_eq!(lab.sql(node, "SHOW TABLES FROM app"), "orders", "{node}");
    }
}

/// The node that acts: the one that takes the writes.
fn acts(inventory: &Inventory<'_>) -> String {
    writers(inventory).into_iter().next().expect("the proxy tells")
}

/// A signal for the tool on a host.
fn signal(lab: &Lab, node: &str, signal: &str) {
    lab.on(node, &format!("pkill -{signal} -f '[p]t-online-schema-change --config'"));
}

/// Statements that keep the tool from copying more than its first rows, however fast the machine is.
struct Crowd<'a> {
    lab: &'a Lab,
    node: String,
    clients: Child,
}

impl<'a> Crowd<'a> {
    fn at(lab: &'a Lab, node: &str) -> Self {
        let clients = lab.enter(node, CROWD, LONGEST).stdout(Stdio::null()).spawn().expect("clients");
        until("they are there", || lab.sql(node, CROWDED) == "1");
        Self { lab, node: node.to_owned(), clients }
    }

    /// Halts the tool once its triggers are there: it has begun, and does not end before it is let go on.
    fn halt(mut self) {
        until("its triggers are there", || self.lab.sql(&self.node, TRIGGERS) == "3");
        signal(self.lab, &self.node, "STOP");
        self.lab.on(&self.node, DISPERSE);
        self.clients.wait().expect("they end");
        assert_eq!(self.lab.sql(&self.node, TRIGGERS), "3", "it has ended already");
    }
}

fn a_table_that_may_be_the_users_is_kept(lab: &Lab, inventory: &Inventory<'_>) {
    lab.sql(
        "db1",
        "CREATE TABLE app._orders_old (id INT PRIMARY KEY); INSERT INTO app._orders_old VALUES (1)",
    );
    let words = alter(&["MODIFY n BIGINT NOT NULL DEFAULT 7 INVISIBLE", "--longest-stall", "0", "--yes"]);
    inventory.galactl(&words).expect_code(3).says(&["refused[write-stall]", "_orders_old", "RENAME TABLE"]);
    assert_eq!(lab.sql("db2", "SELECT COUNT(*) FROM app._orders_old"), "1");
    lab.sql("db1", "DROP TABLE app._orders_old");
}

/// Foreign keys get the name that the plan says; a check, and triggers of somebody else's, are refused.
fn keys_checks_and_triggers(lab: &Lab, inventory: &Inventory<'_>) {
    lab.sql(
        "db1",
        "CREATE TABLE app.owners (id INT PRIMARY KEY); INSERT INTO app.owners VALUES (1);
        CREATE TABLE app.parts (id INT PRIMARY KEY, owner INT, CONSTRAINT f FOREIGN KEY (owner) REFERENCES app.owners (id));
        INSERT INTO app.parts VALUES (1, 1)",
    );
    let parts = |change| ["alter", "--table", "app.parts", change, "--by", "pt-osc", "--yes"];
    inventory.galactl(&parts("ADD COLUMN a INT")).expect_code(0).says(&["`f` becomes `_f`"]);
    assert!(lab.sql("db3", "SHOW CREATE TABLE app.parts").contains("CONSTRAINT `_f` FOREIGN KEY"));
    lab.sql("db1", "ALTER TABLE app.parts ADD CONSTRAINT c CHECK (id > 0)");
    inventory.galactl(&parts("ADD COLUMN b INT")).expect_code(3).says(&["the table has a check"]);
    lab.sql(
        "db1",
        "ALTER TABLE app.parts DROP CONSTRAINT c; CREATE TABLE app.parts_v2 (id INT PRIMARY KEY);
        CREATE TRIGGER app.pt_osc_app_parts_ins AFTER INSERT ON app.parts FOR EACH ROW REPLACE INTO app.parts_v2 VALUES (NEW.id)",
    );
    let toi = ["alter", "--table", "app.parts", "ADD COLUMN b INT", "--yes"];
    inventory.galactl(&toi).expect_code(3).says(&["may be at work on app.parts", "DROP TRIGGER IF EXISTS"]);
    lab.sql("db1", "DROP TABLE app.parts, app.parts_v2, app.owners");
}

/// Its triggers and its copy are left, and everybody who asks is told what removes them.
fn ended_by_a_signal(lab: &Lab, inventory: &Inventory<'_>) {
    let acts = acts(inventory);
    let words = alter(&["MODIFY n BIGINT NOT NULL DEFAULT 7 INVISIBLE", "--longest-stall", "0", "--yes"]);
    let crowd = Crowd::at(lab, &acts);
    let ended = inventory.galactl_at(&words, &format!("-> {acts}/galera/pt-osc"), || {
        crowd.halt();
        signal(lab, &acts, "TERM");
        signal(lab, &acts, "CONT");
    });
    ended.expect_code(1).says(&["it was ended from outside", "to remove what it left"]);
    assert_eq!(lab.sql("db1", TRIGGERS), "3");
    inventory.galactl(&["doctor"]).says(&["pt_osc_app_orders_ins", "DROP TABLE"]);
    inventory.galactl(&words).expect_code(0).says(&[
        &format!("ok {acts}/galera/clear-pt-osc"),
        &format!("ok {acts}/galera/pt-osc"),
        &format!("ok {acts}/galera/verify-table"),
    ]);
    is_changed(lab, "bigint");
}

/// galactl is killed, and the next run waits for what goes on.
fn without_galactl_it_goes_on(lab: &Lab, inventory: &Inventory<'_>) {
    let acts = acts(inventory);
    let words = alter(&["MODIFY n INT NOT NULL DEFAULT 7 INVISIBLE", "--longest-stall", "0", "--yes"]);
    lab.sql(
        "db1",
        "INSERT INTO app.orders (id, node) SELECT CONCAT('gone-', seq), 'x' FROM app.seq_1_to_500",
    );
    let crowd = Crowd::at(lab, &acts);
    let mut killed = inventory.galactl_until(&words, &format!("-> {acts}/galera/pt-osc"));
    crowd.halt();
    lab.sql(&acts, "DELETE FROM app.orders WHERE id LIKE 'gone-%'");
    killed.kill().expect("it is killed");
    killed.wait().expect("it ends");
    let other = alter(&["ADD KEY k (n)", "--by", "toi", "--yes"]);
    until("nothing is done beside it", || {
        inventory.galactl(&other).text().contains("a pt-online-schema-change is at work here")
    });
    let begins = format!("-> {acts}/galera/pt-osc");
    let ran = inventory.galactl_at(&words, &begins, || signal(lab, &acts, "CONT"));
    ran.expect_code(0).says(&["it is waited for"]);
    is_changed(lab, "int");
    for node in NODES {
        let gone = lab.sql(node, "SELECT COUNT(*) FROM app.orders WHERE id LIKE 'gone-%'");
        assert_eq!(gone, "0", "rows are back on {node}");
    }
}

/// Whatever ends it, the next run removes what is left, and changes the table.
fn killed_and_without_power(lab: &Lab, inventory: &Inventory<'_>) {
    let acts = acts(inventory);
    let words = alter(&["MODIFY n BIGINT NOT NULL DEFAULT 7 INVISIBLE", "--by", "pt-osc", "--yes"]);
    let crowd = Crowd::at(lab, &acts);
    let ended = inventory.galactl_at(&words, &format!("-> {acts}/galera/pt-osc"), || {
        crowd.halt();
        signal(lab, &acts, "KILL");
    });
    ended.expect_code(1).says(&["it was killed", "to remove what it left"]);
    let crowd = Crowd::at(lab, &acts);
    let cut = inventory.galactl_at(&words, &format!("-> {acts}/galera/pt-osc"), || {
        crowd.halt();
        lab.fault("poweroff", &acts);
    });
    assert_ne!(cut.code, 0);
    lab.fault("poweron", &acts);
    inventory.galactl(&["start", "--yes"]);
    inventory.settles();
    inventory.galactl(&words).expect_code(0).says(&["/galera/clear-pt-osc (", "/galera/verify-table ("]);
    is_changed(lab, "bigint");
}

/// The tool itself would cut the texts off. It is stopped, and the table stays as it is, also where so many rows beside
/// were written meanwhile that a server does not list all of its warnings by default (64).
fn what_does_not_fit_is_no_loss(lab: &Lab, inventory: &Inventory<'_>) {
    let before = lab.sql("db1", "SHOW CREATE TABLE app.orders");
    lab.sql("db1", "INSERT INTO app.orders (id, node) VALUES ('zz', REPEAT('x', 40))");
    let words = alter(&["MODIFY node VARCHAR(39)", "--by", "pt-osc", "--yes"]);
    let acts = acts(inventory);
    let crowd = Crowd::at(lab, &acts);
    let ended = inventory.galactl_at(&words, &format!("-> {acts}/galera/pt-osc"), || {
        crowd.halt();
        let beside =
            "UPDATE app.orders SET node = MD5(node) WHERE id LIKE 'old-%' ORDER BY id DESC LIMIT 300";
        lab.sql(&acts, beside);
        signal(lab, &acts, "CONT");
    });
    ended.expect_code(1).says(&["Data truncated for column 'node'"]);
    assert_eq!(lab.sql("db1", "SHOW CREATE TABLE app.orders"), before);
    is_changed(lab, "bigint");
}

/// The longest wait of a write by each way; printed, because it depends on the machine.
fn how_long_clients_wait(inventory: &Inventory<'_>) {
    for (change, way) in [
        ("MODIFY n INT NOT NULL DEFAULT 7 INVISIBLE", "toi"),
        ("MODIFY n BIGINT NOT NULL DEFAULT 7 INVISIBLE", "pt-osc"),
        ("ADD KEY one (node, n)", "toi"),
        ("ADD KEY two (n, node)", "pt-osc"),
        ("ADD KEY three (node, id)", "rsu"),
    ] {
        let ran = inventory.galactl(&alter(&[change, "--by", way, "--yes", "--ledger"])).expect_code(0);
        ran.says(&[NOTHING_LOST]);
    }
}

/// Rows that a member cannot write hold everybody back by flow control, which is when the copying pauses. An applier
/// does not end a session that holds a lock by name.
fn it_pauses_when_a_member_is_slow(lab: &Lab, inventory: &Inventory<'_>) {
    let acts = acts(inventory);
    let slow = NODES.into_iter().find(|node| *node != acts).expect("another one");
    let words = alter(&["MODIFY n INT NOT NULL DEFAULT 7 INVISIBLE", "--by", "pt-osc", "--yes"]);
    let crowd = Crowd::at(lab, &acts);
    let ran = inventory.galactl_at(&words, &format!("-> {acts}/galera/pt-osc"), || {
        crowd.halt();
        let mut holds = lab.enter(slow, HOLD, LONGEST).stdout(Stdio::null()).spawn().expect("a client");
        signal(lab, &acts, "CONT");
        until("it pauses", || lab.on(&acts, "cat /run/galactl-pt-osc/log").contains("Flow Control"));
        lab.on(slow, "touch /run/enough");
        holds.wait().expect("it ends");
    });
    ran.expect_code(0).says(&["it pauses, because flow control"]);
    is_changed(lab, "int");
}

/// An index comes to each node by itself. galactl is killed between two of them, and the next run goes on.
fn one_node_after_the_other(lab: &Lab, inventory: &Inventory<'_>) {
    inventory
        .galactl(&alter(&["MODIFY n INT NOT NULL DEFAULT 7 INVISIBLE", "--by", "rsu", "--yes"]))
        .expect_code(3)
        .says(&["refused[table-change]", "`+ `n` int(11)"]);
    let words = alter(&["ADD KEY by_node (node)", "--by", "rsu", "--yes", "--ledger"]);
    let steps = inventory.steps(&words);
    let nodes: Vec<_> = steps.iter().filter_map(|id| id.strip_suffix("/galera/alter-alone")).collect();
    assert_eq!(nodes.len(), 3, "{steps:?}");
    assert_eq!(nodes[2], acts(inventory), "the one that takes the writes comes last");
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
