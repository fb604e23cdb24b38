//! What `galactl lint` finds on real servers of each release, and in their dumps.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::time::Instant;

use serde_json::Value;

use crate::lab::Lab;
use crate::run::Inventory;

const HOSTS: [&str; 3] = ["db1", "db2", "db3"];
const RELEASES: [&str; 3] = ["db1:bullseye", "db2", "db3:trixie"];

fn fixture(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/lint").join(name);
    fs::read_to_string(path).expect("a fixture")
}

/// Runs SQL with the host's own client.
fn load(lab: &Lab, host: &str, sql: &str) {
    lab.on(host, &format!("mariadb <<'END_OF_SQL'\n{sql}\nEND_OF_SQL\n"));
}

/// What the fixture says that is in it: `RULE OBJECT`.
fn wanted() -> BTreeSet<String> {
    let says = fixture("ill.sql");
    says.lines().filter_map(|line| line.strip_prefix("-- finds: ")).map(str::to_owned).collect()
}

fn linted(inventory: &Inventory<'_>, words: &[&str]) -> Value {
    let words = [&["lint"], words, &["--output", "json"]].concat();
    let ran = inventory.galactl(&words);
    assert!([0, 5].contains(&ran.code), "{ran:?}");
    serde_json::from_str(&ran.stdout).expect("JSON")
}

fn found(report: &Value) -> BTreeSet<String> {
    let findings = report["findings"].as_array().expect("findings");
    let text = |it: &Value, key: &str| it[key].as_str().expect("a text").to_owned();
    findings.iter().map(|it| format!("{} {}", text(it, "rule"), text(it, "object"))).collect()
}

#[test]
#[ignore = "boots real hosts"]
fn a_schema_is_judged_alike_on_each_release_and_in_its_dump() {
    let lab = Lab::up("t-lint", &RELEASES);
    let inventory = Inventory::of(&lab, &HOSTS);
    for host in HOSTS {
        load(&lab, host, &fixture("clean.sql"));
        inventory.galactl(&["lint", "--node", host]).expect_code(0).says(&["nothing found"]);
        load(&lab, host, &fixture("ill.sql"));
        let report = linted(&inventory, &["--node", host]);
        assert_eq!(found(&report), wanted(), "{host}");
        assert_eq!(report["unread"].as_array().map(Vec::len), Some(0), "{report:#}");

        let dump = lab.on(host, "mariadb-dump --databases ill clean --routines --events");
        let file = inventory.file(&format!("{host}.sql"));
        fs::write(&file, dump).expect("the dump is written");
        let offline = linted(&inventory, &["--dump", &file]);
        let mut wanted = wanted();
        assert!(wanted.remove("definer ill.of_nobody"), "a dump does not tell accounts");
        assert_eq!(found(&offline), wanted, "{host}");
        assert_eq!(offline["version"], report["version"], "{host}");
        what_cannot_be_read_is_told(&lab, &inventory, host);
        the_servers_settings(&lab, &inventory, host);
    }
    the_time_with_many_tables(&lab, &inventory);
}

/// A session that makes a table holds a lock on its name that nobody passes, and keeps `lint` waiting for a second. A
/// table without its files is told.
fn what_cannot_be_read_is_told(lab: &Lab, inventory: &Inventory<'_>, host: &str) {
    lab.on(
        host,
        "systemd-run --quiet --unit=holds mariadb -e 'CREATE TABLE ill.c ENGINE=InnoDB AS SELECT SLEEP(300) AS x'
        until mariadb -BN -e 'SELECT state FROM information_schema.processlist' | grep -q '^User sleep'; do sleep 0.1; done
        mv /var/lib/mysql/ill/myisam.MYI /root; mariadb -e 'FLUSH TABLES ill.myisam'",
    );
    let report = linted(inventory, &["--node", host]);
    let unread = report["unread"].as_array().expect("a list");
    let unread: BTreeSet<_> = unread.iter().map(|it| it["at"].as_str().expect("a text")).collect();
    assert!(unread.contains("ill.c") && unread.contains("ill.myisam"), "{report:#}");
    assert!(found(&report).contains("primary-key ill.log"), "{report:#}");
    lab.on(
        host,
        "mariadb -BN -e \"SELECT CONCAT('KILL ', id, ';') FROM information_schema.processlist WHERE state = 'User sleep'\" | mariadb
        until mariadb -e 'SHOW CREATE TABLE ill.c' 2>&1 | grep -q 1146; do sleep 0.1; done
        systemctl stop holds 2>/dev/null || true; mv /root/myisam.MYI /var/lib/mysql/ill/",
    );
}

fn the_servers_settings(lab: &Lab, inventory: &Inventory<'_>, host: &str) {
    let old = match host {
        "db1" => "innodb_log_files_in_group = 2",
        "db2" => "wsrep_load_data_splitting = ON",
        _ => "",
    };
    let options = format!(
        "[mysqld]\ninnodb_flush_log_at_trx_commit = 2\nlog_output = TABLE\nslow_query_log = ON\ntransaction_isolation = SERIALIZABLE\ncharacter_set_server = utf16\ncollation_server = utf16_bin\nwsrep_max_ws_size = 1048576\n{old}\n"
    );
    let file = "/etc/mysql/mariadb.conf.d/98-test.cnf";
    lab.on(host, &format!("printf '{options}' > {file}; systemctl restart mariadb"));
    let found = found(&linted(inventory, &["--node", host]));
    let isolation = if host == "db3" { "transaction_isolation" } else { "tx_isolation" };
    let mut wanted: BTreeSet<String> = [
        "durability innodb_flush_log_at_trx_commit".to_owned(),
        "log-output log_output".to_owned(),
        format!("serializable {isolation}"),
        "server-charset character_set_server".to_owned(),
        "row-size clean.customers".to_owned(),
    ]
    .into();
    match host {
        "db1" => drop(wanted.insert("next-release innodb_log_files_in_group".into())),
        "db2" => drop(wanted.insert("next-release wsrep_load_data_splitting".into())),
        _ => {}
    }
    let more: BTreeSet<_> = found.difference(&self::wanted()).cloned().collect();
    assert_eq!(more, wanted, "{host}");
    lab.on(host, &format!("rm {file}; systemctl restart mariadb"));
}

/// The figures in docs/decisions/schema-lint.md are from here. They depend on the machine, so that none is asserted.
fn the_time_with_many_tables(lab: &Lab, inventory: &Inventory<'_>) {
    let columns = "id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, a INT, b INT, c VARCHAR(100) NOT NULL, d DATE, e DECIMAL(10, 2), f TEXT, g TIMESTAMP, h BIGINT UNSIGNED, i CHAR(10), KEY (a), UNIQUE KEY (b, c)";
    for host in HOSTS {
        lab.on(
            host,
            &format!(
                "mariadb -e 'CREATE DATABASE many'
                {{ echo 'SET GLOBAL innodb_flush_log_at_trx_commit = 0;'
                for number in $(seq 5000); do echo \"CREATE TABLE t$number ({columns}) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;\"; done; }} | mariadb many
                systemctl restart mariadb"
            ),
        );
        let began = Instant::now();
        let report = linted(inventory, &["--node", host]);
        let seconds = began.elapsed().as_secs_f64();
        let tables = report["tables"].as_u64().expect("a number");
        assert!(tables >= 5000, "{tables}");
        assert!(!found(&report).iter().any(|finding| finding.contains("many.")), "{report:#}");
        println!("{host}, MariaDB {}: {tables} tables in {seconds:.1} s", report["version"]);
    }
}

/// A seed with such a schema becomes a cluster all the same: plans and doctors name the command that tells more.
#[test]
#[ignore = "boots real hosts"]
fn bootstrap_and_doctor_name_it() {
    let lab = Lab::up("t-lint-seed", &["db1", "db2"]);
    let mut inventory = Inventory::of(&lab, &["db1", "db2"]);
    inventory.rest = "accept: [even-votes]".into();
    let path = inventory.write().display().to_string();
    load(&lab, "db1", &fixture("clean.sql"));
    let dry = inventory.galactl(&["bootstrap", "--dry-run"]).expect_code(0);
    assert!(!dry.text().contains("galactl lint"), "nothing is found");
    load(&lab, "db1", &fixture("ill.sql"));
    let warning = format!("table-engine (3), xa (1); galactl lint {path} tells of each what to do");
    let dry = inventory.galactl(&["bootstrap", "--dry-run"]).expect_code(0).says(&[&warning]);
    assert!(!dry.text().contains("durability"), "the option file of the bootstrap says otherwise");
    inventory.bootstrap().says(&[&warning]);

    let told = inventory.galactl(&["doctor"]).expect_code(5);
    told.says(&[
        "note[schema]",
        "xa (1)",
        "fix: galactl lint",
        "degraded[table-engine]",
        "3 tables are not of InnoDB",
    ]);
    inventory
        .galactl(&["lint", "--strict"])
        .expect_code(5)
        .says(&["db1, MariaDB", "for a cluster of 2 nodes"]);
    what_is_asked_of_members(&lab, &inventory);
    the_fixes_are_ready_to_paste(&lab, &inventory);

    inventory.rest +=
        "\nlint:\n  accept:\n    - {rule: xa, object: ill.two_phases}\n    - {rule: xa, object: ill.gone}";
    let report = linted(&inventory, &[]);
    assert!(!found(&report).contains("xa ill.two_phases"), "{report:#}");
    assert_eq!(report["accepted_in_vain"][0]["object"], "ill.gone", "{report:#}");
    lab.on("db1", "systemctl stop mariadb");
    inventory.galactl(&["lint"]).expect_code(5).says(&["db2, MariaDB"]);
    inventory
        .galactl(&["lint", "--node", "db1"])
        .expect_code(1)
        .says(&["db1: its server does not tell its schema"]);
    inventory.galactl(&["lint", "--node", "db9"]).expect_code(1).says(&["its data nodes are db1, db2"]);
}

/// Before the bootstrap these are nobody's concern: galactl's option file sets them.
fn what_is_asked_of_members(lab: &Lab, inventory: &Inventory<'_>) {
    let step = "auto-increment-step wsrep_auto_increment_control";
    let before = found(&linted(inventory, &["--node", "db2"]));
    assert!(!before.contains(step), "{before:?}");
    lab.sql("db2", "SET GLOBAL wsrep_auto_increment_control = OFF; SET GLOBAL auto_increment_increment = 1");
    let after = found(&linted(inventory, &["--node", "db2"]));
    assert!(after.contains(step), "{after:?}");
    lab.sql("db2", "SET GLOBAL wsrep_auto_increment_control = ON");
}

/// The statements that are told, on a member; afterwards the findings are gone.
fn the_fixes_are_ready_to_paste(lab: &Lab, inventory: &Inventory<'_>) {
    let status =
        "SELECT status FROM information_schema.events WHERE event_schema = 'ill' AND event_name = 'tidy'";
    assert_eq!(lab.sql("db2", status), "ENABLED", "a state transfer has switched the event on there as well");
    lab.sql(
        "db1",
        "INSERT INTO ill.myisam VALUES (1, 'a'), (2, 'b'); INSERT INTO ill.log VALUES ('x'), ('x')",
    );
    let report = linted(inventory, &[]);
    let fix = |finding: &str| {
        let findings = report["findings"].as_array().expect("findings").iter();
        let found =
            findings.map(|it| (format!("{} {}", it["rule"], it["object"]).replace('"', ""), &it["fix"]));
        let (_, fix) = found.into_iter().find(|(name, _)| name == finding).expect("the finding");
        let fix = fix.as_str().expect("a text");
        let begins = ["CREATE TABLE", "ALTER SEQUENCE", "ALTER TABLE", "SET SESSION"];
        let at = begins.iter().find_map(|begin| fix.find(begin)).expect("a statement");
        fix[at..].split("; or ").next().expect("a statement").to_owned()
    };
    for mended in [
        "table-engine ill.myisam",
        "primary-key ill.log",
        "sequence-cache ill.cached",
        "sequence-step ill.uncached",
        "row-format-compressed ill.squeezed",
        "auto-increment-room ill.nearly_full",
    ] {
        // Of a member, the room of an AUTO_INCREMENT is judged by the step that it has already.
        if found(&report).contains(mended) {
            load(lab, "db1", &fix(mended));
        }
        assert!(!found(&linted(inventory, &[])).contains(mended), "{mended}");
    }
    let rows = "SET SESSION wsrep_sync_wait = 1; SELECT COUNT(*) FROM ill.myisam; SELECT COUNT(*), MAX(id) > 1 FROM ill.log";
    assert_eq!(lab.sql("db2", rows), "2\n2\t1");
    the_events(lab, inventory, status, &fix("event-changes-data ill.tidy"));
}

/// As bad as it is: only where two nodes run an event.
fn the_events(lab: &Lab, inventory: &Inventory<'_>, status: &str, fix: &str) {
    let severity = || {
        let report = linted(inventory, &[]);
        let mut findings = report["findings"].as_array().expect("findings").iter();
        findings.find(|it| it["rule"] == "event-changes-data").expect("the finding")["severity"].clone()
    };
    assert_eq!(severity(), "note", "no node runs events");
    for host in ["db1", "db2"] {
        lab.sql(host, "SET GLOBAL event_scheduler = ON");
    }
    assert_eq!(severity(), "degraded");
    load(lab, "db2", fix);
    assert_eq!(
        (lab.sql("db1", status), lab.sql("db2", status)),
        ("ENABLED".into(), "SLAVESIDE_DISABLED".into())
    );
    assert_eq!(severity(), "note");
    for host in ["db1", "db2"] {
        lab.sql(host, "SET GLOBAL event_scheduler = OFF");
    }
}
