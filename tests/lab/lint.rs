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

/// Another session's lock keeps nobody waiting; a table without its files is told.
fn what_cannot_be_read_is_told(lab: &Lab, inventory: &Inventory<'_>, host: &str) {
    lab.on(
        host,
        "systemd-run --quiet --unit=holds mariadb -e 'LOCK TABLES ill.log WRITE; DO SLEEP(300)'
        until mariadb -BN -e 'SELECT info FROM information_schema.processlist' | grep -q '^DO SLEEP'; do sleep 0.1; done
        mv /var/lib/mysql/ill/myisam.MYI /root; mariadb -e 'FLUSH TABLES ill.myisam'",
    );
    let report = linted(inventory, &["--node", host]);
    assert_eq!(report["unread"][0]["at"], "ill.myisam", "{report:#}");
    assert_eq!(report["unread"].as_array().map(Vec::len), Some(1), "{report:#}");
    assert!(found(&report).contains("primary-key ill.log"), "{report:#}");
    lab.on(host, "systemctl stop holds; mv /root/myisam.MYI /var/lib/mysql/ill/");
}

fn the_servers_settings(lab: &Lab, inventory: &Inventory<'_>, host: &str) {
    let old = match host {
        "db1" => "innodb_log_files_in_group = 2",
        "db2" => "wsrep_load_data_splitting = ON",
        _ => "",
    };
    let options = format!(
        "[mysqld]\ninnodb_flush_log_at_trx_commit = 2\nlog_output = TABLE\nslow_query_log = ON\ntransaction_isolation = SERIALIZABLE\ncharacter_set_server = utf16\nwsrep_max_ws_size = 1048576\n{old}\n"
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
