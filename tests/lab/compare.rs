//! Whether members have the same rows, while clients write.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::lab::Lab;
use crate::outage::{TABLE, Writer};
use crate::run::Inventory;

const HOSTS: [&str; 3] = ["db1", "db2", "db3"];
/// Keys of several types and collations, columns of all kinds, no key at all, and an engine that is not replicated.
const SCHEMA: &str = r"
SET NAMES utf8mb4;
CREATE DATABASE data; USE data;
CREATE TABLE plain (id INT PRIMARY KEY, word VARCHAR(60), n INT);
INSERT INTO plain SELECT seq, CONCAT('word ', seq), seq FROM seq_1_to_20000;
CREATE TABLE kinds (
  a VARCHAR(20) CHARACTER SET latin1, b BINARY(4), e ENUM('z', 'y', 'x'), dt DATETIME(3), d DECIMAL(10, 3),
  f FLOAT, g DOUBLE, bits BIT(12), bytes LONGBLOB, js JSON, ts TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  point GEOMETRY, s SET('p', 'q'), n INT, virt INT AS (n + 1) VIRTUAL, stor INT AS (n + 2) PERSISTENT,
  ip INET6, big BIGINT UNSIGNED, PRIMARY KEY (a, b, e, dt, d));
INSERT INTO kinds (a, b, e, dt, d, f, g, bits, bytes, js, point, s, n, ip, big)
  SELECT CONCAT(CHAR(97 + seq % 26 USING latin1), IF(seq % 3, 'ö', 'Ä'), '\'\\'), UNHEX(LPAD(HEX(seq), 8, '0')),
    1 + seq % 3, '2024-01-01 00:00:00.123' + INTERVAL seq SECOND, seq / 7, seq / 3, seq / 3, seq % 4096,
    REPEAT(UNHEX('00FF'), seq % 50), JSON_OBJECT('a', seq), ST_GeomFromText(CONCAT('POINT(', seq, ' 1)')),
    1 + seq % 3, seq, '::1', 18446744073709551615 - seq FROM seq_1_to_5000;
CREATE TABLE names (k VARCHAR(30) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci PRIMARY KEY, v TEXT);
INSERT INTO names SELECT CONCAT(IF(seq % 2, 'Abc', 'aBc'), seq, '😀'), NULL FROM seq_1_to_3000;
CREATE TABLE numbered (x ENUM('z', 'y', 'x'), b BIT(20), f FLOAT, n INT, PRIMARY KEY (x, b, f));
INSERT INTO numbered SELECT 1 + seq % 3, seq, seq / 3, 1 FROM seq_1_to_3000;
CREATE TABLE bytes (k VARBINARY(20) PRIMARY KEY, n INT);
INSERT INTO bytes SELECT UNHEX(MD5(seq)), seq FROM seq_1_to_3000;
CREATE TABLE second (a INT NOT NULL, b VARCHAR(10) NOT NULL, c INT, UNIQUE (a, b));
INSERT INTO second SELECT seq, 'x', 1 FROM seq_1_to_3000;
CREATE TABLE nokey (x INT, y FLOAT);
INSERT INTO nokey SELECT seq % 10, 1 FROM seq_1_to_1000;
CREATE TABLE aside (a INT PRIMARY KEY) ENGINE=MyISAM;
";
/// One row changed, one deleted, one inserted; '' where there was NULL; the last digits; other letters in a key.
const PARTED: &str = r"
SET NAMES utf8mb4; SET SESSION wsrep_on = OFF; USE data;
UPDATE plain SET word = 'secret' WHERE id = 777;
DELETE FROM plain WHERE id = 888;
INSERT INTO plain VALUES (90001, 'secret', 1);
UPDATE kinds SET bytes = NULL WHERE n = 100;
UPDATE kinds SET f = f + 0.0001 WHERE n = 300;
UPDATE kinds SET ts = ts + INTERVAL 1 MICROSECOND WHERE n = 301;
UPDATE kinds SET point = ST_GeomFromText('POINT(5 5)') WHERE n = 302;
UPDATE kinds SET g = g + 0.000000000001 WHERE n = 304;
UPDATE kinds SET s = '' WHERE n = 305;
UPDATE names SET v = '' WHERE k = 'Abc17😀';
UPDATE names SET k = 'ABC18😀' WHERE k = 'aBc18😀';
UPDATE numbered SET n = 2 WHERE b = 1500;
UPDATE bytes SET n = 0 WHERE n = 5;
DELETE FROM nokey WHERE x = 3 LIMIT 1;
ALTER TABLE second ADD COLUMN extra INT;
CREATE TABLE own (a INT PRIMARY KEY);
INSERT INTO aside VALUES (1);
";
/// For `kinds`, the last part of the key: n / 7.
const FOUND: [&str; 14] = [
    "data.bytes 0xE4DA3B7FBBCE2345D7772B0674A318D5",
    "data.kinds 14.286",
    "data.kinds 42.857",
    "data.kinds 43.000",
    "data.kinds 43.143",
    "data.kinds 43.429",
    "data.kinds 43.571",
    "data.names ABC18😀",
    "data.names Abc17😀",
    "data.names aBc18😀",
    "data.numbered 500",
    "data.plain 777",
    "data.plain 888",
    "data.plain 90001",
];

fn load(lab: &Lab, host: &str, sql: &str) {
    lab.on(host, &format!("mariadb <<'END_OF_SQL'\n{sql}\nEND_OF_SQL\n"));
}

fn compared(inventory: &Inventory<'_>, code: i32) -> Value {
    let ran = inventory.galactl(&["compare", "--output", "json"]).expect_code(code);
    serde_json::from_str(&ran.stdout).expect("JSON")
}

/// Table and last part of the key of each row that differs.
fn found(report: &Value) -> BTreeSet<String> {
    let tables = report["tables"].as_array().expect("tables").iter();
    let keys = tables.flat_map(|table| {
        let name = table["table"].as_str().expect("a name");
        let differences = table["differences"].as_array().expect("differences").iter();
        differences.map(move |it| {
            let key = it["key"].as_array().expect("a key").last().expect("a value");
            format!("{name} {}", key.as_str().expect("a text"))
        })
    });
    keys.collect()
}

#[test]
#[ignore = "boots real hosts"]
fn what_parted_silently_is_found_by_key_and_nothing_else() {
    let lab = Lab::up("t-compare", &HOSTS);
    let inventory = Inventory::of(&lab, &HOSTS);
    inventory.bootstrap();
    lab.sql("db1", TABLE);
    load(&lab, "db1", SCHEMA);

    let mut writer = Writer::start(&lab, "db1", 1000);
    let equal = compared(&inventory, 0);
    assert_eq!(equal["verdict"], "equal");
    assert_eq!(equal["tables"].as_array().map(Vec::len), Some(8), "{equal:#}");
    assert_eq!(equal["apart"].as_object().map(serde_json::Map::len), Some(1), "{equal:#}");
    inventory.galactl(&["compare", "--repair", "db1"]).expect_code(3).says(&["add-node", "--discard"]);
    inventory.galactl(&["compare", "--table", "data.none"]).expect_code(1).says(&["data.none"]);

    load(&lab, "db3", PARTED);
    let report = compared(&inventory, 6);
    assert_eq!(found(&report), FOUND.map(str::to_owned).into());
    let text = inventory.galactl(&["compare"]).expect_code(6).says(&[
        "only on db3",
        "column extra: db1, db2: none; db3: int(11) NULL DEFAULT NULL",
        "differs (no key)",
        "id 888: db1, db2 a row; db3 no row",
        "9 tables on db1, db2, db3: 8 not the same everywhere",
        "db3 has something else than both others in 8 tables",
    ]);
    assert!(!text.text().contains("secret"), "what is in rows is not shown");
    let named = ["compare", "--table", "data.aside", "--table", "data.pl*", "--values"];
    inventory.galactl(&named).expect_code(6).says(&["word = 'secret'", "2 tables"]);
    assert!(writer.is_writing(), "a commit failed beside compare");

    the_remedy_leads_on(&lab, &inventory);
    assert!(writer.is_writing(), "a commit failed on a node that stays");
    compared(&inventory, 0);
    lab.on("db2", "systemctl stop mariadb");
    inventory.galactl(&["compare", "--table", "data.plain"]).expect_code(4).says(&[
        "not compared: db2: ",
        "1 table on db1, db3: what was compared is equal",
        "galactl doctor",
    ]);
}

/// As the hint prints it.
fn the_remedy_leads_on(lab: &Lab, inventory: &Inventory<'_>) {
    let told = inventory.galactl(&["compare"]).expect_code(6).text();
    let path = inventory.write().display().to_string();
    let remedy = format!("galactl stop {path} db3; then galactl add-node {path} db3 --discard db3");
    assert!(told.contains(&remedy), "{told}");
    inventory.galactl_alone(&["stop", &path, "db3", "--yes"]).expect_code(0);
    let words = ["add-node", &path, "db3", "--discard", "db3", "--yes"];
    inventory.galactl_alone(&words).expect_code(0).says(&["DISCARDED on db3"]);
    assert_eq!(lab.sql("db3", "SELECT word FROM data.plain WHERE id = 777"), "word 777");
}
