//! Changes of a table on three nodes that clients write to.

use std::cell::OnceCell;

use crate::lab::{Lab, until};
use crate::outage::{Shop, Writer};
use crate::run::{Inventory, Ran};

const HOSTS: [&str; 3] = ["db1", "db2", "db3"];
const TABLE: &str = "CREATE TABLE shop.orders (id BIGINT AUTO_INCREMENT PRIMARY KEY, customer INT NOT NULL, number INT NOT NULL, item VARCHAR(40) NOT NULL, filler CHAR(120) NOT NULL, KEY by_customer (customer), KEY by_item (item))";
const ROWS: &str = "USE shop; INSERT INTO shop.orders (customer, number, item, filler) SELECT FLOOR(RAND() * 50000), seq, MD5(RAND()), MD5(seq) FROM seq_1_to_50000";
/// Two changes for each algorithm that 10.5 to 11.8 take for them.
const CHANGES: [(&str, &str); 8] = [
    ("ADD COLUMN note TEXT", "INSTANT"),
    ("ADD KEY by_filler (filler)", "NOCOPY"),
    ("MODIFY customer BIGINT NOT NULL", "COPY"),
    ("FORCE", "INPLACE"),
    ("ALTER COLUMN item SET DEFAULT 'none'", "INSTANT"),
    ("ADD UNIQUE KEY one_number (number)", "NOCOPY"),
    ("CONVERT TO CHARACTER SET latin1", "COPY"),
    ("ROW_FORMAT=COMPACT", "INPLACE"),
];
const COMMITTED: &str = "SELECT VARIABLE_VALUE FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = 'wsrep_last_committed'";

#[test]
#[ignore = "boots real hosts"]
fn tables_are_changed_for_what_was_foretold() {
    let lab = Lab::up("t-alter", &HOSTS);
    let inventory = Inventory::of(&lab, &HOSTS);
    let mut shop = opened(&lab, &inventory);
    a_dry_run_replicates_nothing(&lab, &inventory);
    what_cannot_be_is_refused(&lab, &inventory);
    written_beside(&lab, &mut shop, || what_was_foretold(&inventory, &CHANGES));
    beside_a_client(&lab, &inventory);
    letters_of_any_language(&lab, &inventory);
    tables_of_other_kinds(&lab, &inventory);
    rows_that_do_not_fit_are_found_late(&lab, &inventory);
    somebody_else_was_faster(&lab, &inventory);
    a_trial_at_work_is_left_alone(&lab, &inventory);
    a_trial_holds_nobody_up(&lab);
    killed_in_the_middle(&lab, &inventory);
    nothing_is_left(&lab);
}

#[test]
#[ignore = "boots real hosts"]
fn tables_are_changed_on_an_older_and_a_newer_release() {
    for (name, release, user) in [("t-alter-old", "bullseye", "root"), ("t-alter-new", "trixie", "deploy")] {
        let hosts = HOSTS.map(|host| format!("{host}:{release}"));
        let lab = Lab::up(name, &hosts.each_ref().map(String::as_str));
        let mut inventory = Inventory::of(&lab, &HOSTS);
        inventory.user = user;
        let mut shop = opened(&lab, &inventory);
        written_beside(&lab, &mut shop, || what_was_foretold(&inventory, &CHANGES[..4]));
        letters_of_any_language(&lab, &inventory);
        nothing_is_left(&lab);
    }
}

fn opened<'a>(lab: &'a Lab, inventory: &'a Inventory<'a>) -> Shop<'a> {
    let shop = Shop::open(lab, inventory);
    lab.sql("db1", TABLE);
    lab.sql("db1", ROWS);
    shop
}

/// A client writes on each node meanwhile, and none of its commits fails or is lost.
fn written_beside(lab: &Lab, shop: &mut Shop<'_>, what: impl FnOnce()) {
    let mut writers = HOSTS.map(|host| (host, Writer::start(lab, host, 1_000_000 * first(host))));
    what();
    for (host, writer) in &mut writers {
        assert!(writer.is_writing(), "a commit failed on {host}");
    }
    for host in HOSTS {
        lab.on(host, "pkill -x mariadb");
    }
    let rows: Vec<_> = writers.into_iter().flat_map(|(host, writer)| writer.acknowledged(host)).collect();
    assert!(!rows.is_empty());
    shop.assert_has(&rows);
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
    refused(
        &["MODIFY item INT NOT NULL"],
        &["refused[table-change]", "on the first rows", "ERROR 1292", "(value not shown)"],
    );
    refused(&["ENGINE=Aria"], &["refused[table-change]", "a table of Aria"]);
    refused(&["ADD u CHAR(36) DEFAULT uuid()"], &["refused[table-change]", "each node would fill"]);
    inventory.galactl(&alter(&["RENAME TO shop.other", "--yes"])).says(&["gives the table another name"]);
    refused(&["MODIFY customer BIGINT", "--longest-stall", "0"], &["refused[write-stall]", "--by toi"]);
    inventory.galactl(&alter(&["FORCE", "--by", "rsu", "--yes"])).says(&["the inventory has no endpoint"]);
    inventory.galactl(&alter(&["FORCE", "--by", "gh-ost", "--yes"])).says(&["binary log"]);
    assert_eq!(lab.sql("db1", COMMITTED), committed, "something was replicated");
    assert_eq!(lab.sql("db1", "SHOW CREATE TABLE shop.orders"), before);
    lab.sql("db2", "SET wsrep_on = OFF; ALTER TABLE shop.orders COMMENT 'another'");
    refused(&["ADD COLUMN a INT"], &["refused[table-differs]", "on db2 than on db1 and db3"]);
    lab.sql("db2", "SET wsrep_on = OFF; ALTER TABLE shop.orders COMMENT ''");
}

/// Prints each forecast beside what happened. How near they are depends on the machine, so only the algorithm is
/// asserted.
fn what_was_foretold(inventory: &Inventory<'_>, changes: &[(&str, &str)]) {
    for (change, algorithm) in changes {
        let ran = inventory.galactl(&alter(&[change, "--by", "toi", "--yes", "--ledger"])).expect_code(0);
        let ran = ran.says(&[
            &format!("by {algorithm}: "),
            &format!("ALTER TABLE shop.orders ALGORITHM={algorithm}, {change}"),
            "0 failed, 0 unknown",
            "nothing is lost",
            "ok db3/galera/verify-table",
        ]);
        let text = ran.text();
        let told = |before: &str, after: &str| between(&text, before, after).unwrap_or("none").to_owned();
        println!(
            "FORETOLD {change} | {algorithm} | {} | took {} | waited {}",
            told("wait for about ", ","),
            told("db3 took ", "\n"),
            told("without a confirmed write: ", "\n")
        );
    }
}

fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(before)?;
    rest.split(after).next()
}

/// Prints for how long writes wait while a client says the same, without any look before.
fn beside_a_client(lab: &Lab, inventory: &Inventory<'_>) {
    lab.sql("db1", &TABLE.replace("orders", "plain"));
    lab.sql("db1", &ROWS.replace("orders", "plain"));
    for (change, _) in CHANGES {
        let ledger = inventory.ledger();
        lab.sql("db1", &format!("ALTER TABLE shop.plain {change}"));
        let account = ledger.assert_nothing_lost();
        let waited = between(&account, "without a confirmed write: ", "\n").unwrap_or("none");
        println!("CLIENT {change} | waited {waited}");
    }
    lab.sql("db1", "DROP TABLE shop.plain");
}

/// The client of a host takes its letters from the terminal, which is none here.
fn letters_of_any_language(lab: &Lab, inventory: &Inventory<'_>) {
    let change = "ADD COLUMN größe ENUM('S', 'ü') NOT NULL DEFAULT 'ü'";
    inventory.galactl(&alter(&[change, "--yes"])).expect_code(0);
    let client = "mariadb -BN --default-character-set=utf8mb4 -e";
    let ask = "SELECT DISTINCT größe + 0, HEX(CONVERT(größe USING utf8mb4)) FROM shop.orders";
    for host in HOSTS {
        assert_eq!(lab.on(host, &format!("{client} '{ask}'")), "2\tC3BC", "{host}");
    }
    names_that_files_have_in_other_letters(lab, inventory);
}

/// InnoDB tells of `order-lines` as `order@002dlines`.
fn names_that_files_have_in_other_letters(lab: &Lab, inventory: &Inventory<'_>) {
    let client = "mariadb --default-character-set=utf8mb4 -e";
    let lines = "CREATE TABLE shop.`order-lines` (id INT PRIMARY KEY)";
    let parts = "CREATE TABLE shop.`größen` (id INT PRIMARY KEY, FOREIGN KEY (id) REFERENCES shop.`order-lines` (id))";
    lab.on("db1", &format!("{client} '{lines}; {parts}'"));
    for (table, other) in [("shop.order-lines", "shop.größen"), ("shop.größen", "shop.order-lines")] {
        let says = format!("foreign keys tie the table to {other}:");
        let words = ["alter", "--table", table, "ADD COLUMN a INT", "--yes"];
        inventory.galactl(&words).expect_code(0).says(&[&says]);
    }
    lab.on("db1", &format!("{client} 'DROP TABLE shop.`größen`, shop.`order-lines`'"));
}

/// In parts, with a name that galactl's own words have, and with rows of which one is as large as a sample.
fn tables_of_other_kinds(lab: &Lab, inventory: &Inventory<'_>) {
    lab.sql("db1", "CREATE TABLE shop.parts (id INT PRIMARY KEY, a INT) PARTITION BY HASH (id) PARTITIONS 4");
    lab.sql("db1", "USE shop; INSERT INTO parts SELECT seq, seq FROM seq_1_to_5000");
    lab.sql("db1", "CREATE TABLE shop.at (id INT PRIMARY KEY, a INT)");
    lab.sql("db1", "CREATE TABLE shop.big (id INT PRIMARY KEY, b LONGBLOB)");
    lab.sql("db1", "USE shop; INSERT INTO big SELECT seq, REPEAT('x', 12000000) FROM seq_1_to_4");
    for (table, change, says) in [
        ("shop.parts", "ADD COLUMN b INT", "by INSTANT: "),
        ("shop.parts", "MODIFY a BIGINT", "measured on 5000 rows"),
        ("shop.parts", "ADD KEY k (a)", "by NOCOPY: "),
        ("shop.at", "MODIFY a BIGINT", "by COPY: "),
        ("shop.big", "ADD COLUMN a INT, FORCE", "measured on 1 row,"),
    ] {
        let words = ["alter", "--table", table, change, "--by", "toi", "--yes"];
        inventory.galactl(&words).expect_code(0).says(&[says, "ok db3/galera/verify-table"]);
    }
}

/// Behind the sample, in a mode that would cut the text off: the table stays as it is, and no value is told.
fn rows_that_do_not_fit_are_found_late(lab: &Lab, inventory: &Inventory<'_>) {
    for host in HOSTS {
        lab.sql(host, "SET GLOBAL sql_mode = ''");
    }
    lab.sql("db1", "UPDATE shop.orders SET filler = REPEAT('secret-word ', 9) ORDER BY id DESC LIMIT 2");
    let before = lab.sql("db1", "SHOW COLUMNS FROM shop.orders");
    for (change, code) in
        [("MODIFY filler CHAR(60) NOT NULL", "1265"), ("ADD UNIQUE KEY once (filler)", "1062")]
    {
        let ran = inventory.galactl(&alter(&[change, "--by", "toi", "--yes"])).expect_code(1);
        let again = format!("--table shop.orders '{change}'");
        let ran = ran.says(&[&format!("the server says: ERROR {code}: "), "is as it was before", &again]);
        assert!(!ran.text().contains("secret"), "{}", ran.text());
    }
    for host in HOSTS {
        assert_eq!(lab.sql(host, "SHOW COLUMNS FROM shop.orders"), before, "{host}");
    }
    inventory.galactl(&["status"]).expect_code(0);
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

/// The database of a session is known by its number, and by the session that is in it. What it leaves when it ends is
/// removed by the next one.
fn a_trial_at_work_is_left_alone(lab: &Lab, inventory: &Inventory<'_>) {
    let names = ["galactl_alter_fedcba9876543210", "galactl_alter_fedcba9876543211"];
    let made = names.map(|name| {
        format!("EXECUTE IMMEDIATE CONCAT('CREATE DATABASE {name} COMMENT ', QUOTE(CONNECTION_ID()))")
    });
    let uses = ["DO 0".to_owned(), format!("USE {}", names[1])];
    for (made, uses) in made.iter().zip(&uses) {
        let session = format!("SET SESSION wsrep_on = OFF, sql_log_bin = 0; {made}; {uses}; DO SLEEP(600)");
        lab.on("db1", &format!("nohup mariadb -e \"{session}\" >/dev/null 2>&1 &"));
    }
    let sleep = "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE INFO = 'DO SLEEP(600)'";
    until("both are at work", || lab.sql("db1", sleep) == "2");
    inventory.galactl(&alter(&["ADD COLUMN a INT", "--dry-run"])).expect_code(0);
    for name in names {
        let there = lab.sql("db1", &format!("SHOW DATABASES LIKE '{name}'"));
        assert_eq!(there, name, "it was taken for left behind");
    }
    lab.on("db1", "pkill -x mariadb");
    until("the server has ended the sessions", || lab.sql("db1", sleep) == "0");
}

/// The server ends the statement of a session that reads the table, as a trial does, for a change by another node.
fn a_trial_holds_nobody_up(lab: &Lab) {
    let reads = "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE INFO LIKE 'SELECT SLEEP(600)%'";
    let session = "SET SESSION wsrep_on = OFF, sql_log_bin = 0; SELECT SLEEP(600) FROM shop.orders LIMIT 1";
    lab.on("db1", &format!("nohup mariadb -e \"{session}\" >/dev/null 2>&1 &"));
    until("it reads the table", || lab.sql("db1", reads) == "1");
    lab.sql("db2", "ALTER TABLE shop.orders COMMENT 'beside a reader'");
    let changed = "SELECT COUNT(*) FROM information_schema.TABLES WHERE TABLE_COMMENT = 'beside a reader'";
    until("db1 has done it too", || lab.sql("db1", changed) == "1");
    assert_eq!(lab.sql("db1", reads), "0");
}

/// The server goes on by itself; the next run waits for it, and sees that the work is done. What a dry run that was
/// killed has left is removed by the next one.
fn killed_in_the_middle(lab: &Lab, inventory: &Inventory<'_>) {
    lab.sql("db1", "SET wsrep_on = OFF; CREATE DATABASE galactl_alter_0123456789abcdef");
    inventory.galactl(&["doctor"]).says(&["tried-change", "DROP DATABASE galactl_alter_0123456789abcdef"]);
    let is_done = "SELECT COUNT(*) FROM information_schema.COLUMNS WHERE TABLE_NAME = 'orders' AND COLUMN_NAME = 'customer' AND DATA_TYPE = 'int'";
    let runs = "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE INFO LIKE 'ALTER TABLE _shop_.%'";
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
