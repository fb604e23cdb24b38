//! A standalone PostgreSQL becomes the first server of a cluster, with every row that it has acknowledged.

use std::collections::BTreeSet;

use super::{NODES, all_untouched, assert_whole};
use crate::lab::{Lab, until};
use crate::run::Inventory;

/// Debian's own cluster with settings, rows and a client's account, as somebody has used it.
const STANDALONE: &str = r"
version=$(ls /usr/lib/postgresql | head -n 1)
pg_createcluster $version main >/dev/null
pg_conftool $version main set timezone Europe/Berlin
pg_conftool $version main set work_mem 16MB
pg_conftool $version main set max_connections 150
echo 'host shop app 10.0.0.0/8 md5' >>/etc/postgresql/$version/main/pg_hba.conf
pg_ctlcluster $version main start
cd /
runuser -u postgres -- psql -Xq -v ON_ERROR_STOP=1 <<'SQL'
CREATE DATABASE shop;
SET password_encryption = 'md5';
CREATE ROLE app LOGIN PASSWORD 'x';
\c shop
CREATE EXTENSION pg_trgm;
CREATE TABLE orders (id bigint PRIMARY KEY);
INSERT INTO orders SELECT generate_series(1, 100000);
SQL
";
/// A client on the host itself that writes until it is stopped, and connects again where it is cut off. Each id, a time in
/// milliseconds, is in its file once its commit was acknowledged. One session for many rows leaves the machine to the hosts.
const WRITER: &str = r#"
cat >/root/writer <<'SCRIPT'
cd /
row="INSERT INTO orders SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint RETURNING id;"
while [ ! -e /root/enough ]; do
    while [ ! -e /root/enough ] && echo "$row"; do sleep 0.05; done |
        timeout 20 runuser -u postgres -- stdbuf -oL psql -XAtq -v ON_ERROR_STOP=1 -d shop 2>/dev/null || sleep 0.1
done
SCRIPT
rm -f /root/enough
setsid nohup sh /root/writer >/root/acknowledged 2>/dev/null </dev/null &
"#;
/// Makes the hosts what they were before.
const RESET: &str = "systemctl stop patroni; pkill -KILL -x postgres; systemctl stop etcd;
    systemctl disable --quiet patroni etcd; systemctl reset-failed;
    rm -rf /var/lib/postgresql/*/main /etc/postgresql/*/main /var/lib/etcd/* /etc/patroni/config.yml* /var/lib/postgresql/.pgpass*;
    systemctl daemon-reload";

fn inventory<'a>(lab: &'a Lab, seed: Option<&str>) -> Inventory<'a> {
    let mut inventory = Inventory::of_patroni(lab, &NODES);
    inventory.rest =
        "failover: fast\nclients: [10.0.0.0/8]\npostgresql:\n  settings:\n    max_connections: 150".into();
    if let Some(seed) = seed {
        inventory.cluster += &format!("\n  seed: {seed}");
    }
    inventory
}

fn sql(lab: &Lab, node: &str, statement: &str) -> String {
    lab.on(node, &format!("cd /; runuser -u postgres -- psql -XAtq -d shop -c \"{statement}\""))
}

/// Refused with this, and nothing on any host is touched.
#[track_caller]
fn refused(lab: &Lab, inventory: &Inventory<'_>, words: &[&str]) {
    let before = all_untouched(lab);
    inventory.galactl(&["bootstrap", "--yes"]).expect_code(3).says(words);
    assert_eq!(all_untouched(lab), before, "a refusal changed something");
}

/// Every row of the standalone server, and every one that was acknowledged since, is on every node.
#[track_caller]
fn nothing_lost(lab: &Lab) {
    lab.on("pg1", "touch /root/enough");
    until("the writer has ended", || !lab.try_on("pg1", "pgrep -f '[s]h /root/writer'").0);
    let acknowledged = ids(&lab.on("pg1", "cat /root/acknowledged"));
    let last = acknowledged.last().expect("a row that was acknowledged");
    for node in NODES {
        until("the node has replayed all", || {
            sql(lab, node, &format!("SELECT count(*) FROM orders WHERE id = {last}")) == "1"
        });
        assert_eq!(sql(lab, node, "SELECT count(*) FROM orders WHERE id <= 1000000"), "100000", "{node}");
        let there = ids(&sql(lab, node, "SELECT id FROM orders WHERE id > 1000000"));
        let lost: Vec<_> = acknowledged.difference(&there).collect();
        assert!(lost.is_empty(), "{node} lost {lost:?}");
    }
    println!("{} rows were acknowledged, and are on all nodes", acknowledged.len());
}

fn ids(text: &str) -> BTreeSet<u64> {
    text.lines().map(|id| id.parse().expect("an id")).collect()
}

/// etcd is on hosts of its own.
#[test]
#[ignore = "boots real hosts"]
fn a_standalone_server_becomes_a_cluster_with_all_its_rows() {
    let hosts = ["pg1", "pg2", "pg3", "pg4", "pg5", "pg6"].map(|host| format!("{host}:bookworm:postgresql"));
    let lab = Lab::up("t-pg-seed", &hosts.each_ref().map(String::as_str));
    lab.on("pg1", STANDALONE);
    let system = sql(&lab, "pg1", "SELECT system_identifier FROM pg_control_system()");
    let mut seeded = inventory(&lab, Some("pg1"));
    let store = |at: u8| format!("\n  - name: e{at}\n    address: {}", lab.address(&format!("pg{}", at + 3)));
    seeded.rest += &format!("\netcd_hosts:{}", (1..=3).map(store).collect::<String>());
    refusals(&lab, &seeded);

    lab.on("pg1", WRITER);
    let dry = seeded.galactl(&["bootstrap", "--dry-run"]).expect_code(0).says(&[
        "from the data of pg1",
        &format!("pg1 keeps its data, which become the cluster's: PostgreSQL 15.20 of system {system}"),
        "databases shop",
        "pg2 and pg3 copy them; they have no data",
        "work_mem = 16384",
        "host shop app 10.0.0.0/8 md5",
        "the passwords of app are kept as MD5",
        "its data have no checksums",
    ]);
    let ran = seeded.galactl(&["bootstrap", "--yes"]).expect_code(0);
    // Sizes grow while the client writes; what is done does not change.
    let steps = |text: &str| {
        let from = text.find("1. Prepare").expect("a plan");
        text[from..from + text[from..].find("What it means").expect("what it means")].to_owned()
    };
    assert_eq!(steps(&ran.stderr), steps(&dry.stdout), "what ran is not what the dry run showed");

    assert_eq!(assert_whole(&lab), system);
    nothing_lost(&lab);
    assert_eq!(sql(&lab, "pg3", "SHOW timezone"), "Europe/Berlin");
    assert_eq!(sql(&lab, "pg1", "SHOW max_connections"), "150");
    // Debian starts no server beside Patroni, also not by hand.
    assert!(!lab.try_on("pg1", "systemctl start postgresql@15-main").0);
    seeded.galactl(&["bootstrap", "--yes"]).expect_code(0).says(&["Nothing to do"]);
    // The data have no checksums, and the old primary follows all the same.
    seeded.galactl(&["switchover", "--yes"]).expect_code(0);
    assert_eq!(assert_whole(&lab), system);
}

fn refusals(lab: &Lab, seeded: &Inventory<'_>) {
    // Nobody has named the seed.
    let unnamed = inventory(lab, None);
    refused(lab, &unnamed, &["refused[data-without-key] pg1", "write `seed: pg1` under `cluster:`"]);
    // The inventory has less than the server.
    let mut small = inventory(lab, Some("pg1"));
    small.rest = String::new();
    refused(lab, &small, &["refused[seed] pg1", "{max_connections: 150}"]);
    // The one that is named has no data, and another one has.
    let other = inventory(lab, Some("pg2"));
    refused(lab, &other, &["refused[seed] pg2: it is to be the seed", "refused[seed] pg1"]);
    // Two have data.
    lab.on("pg2", "pg_createcluster 15 main >/dev/null");
    refused(lab, seeded, &["refused[seed] pg2: /var/lib/postgresql/15/main holds data of its own"]);
    lab.on("pg2", "pg_dropcluster 15 main");
    // Somebody reads its changes.
    sql(lab, "pg1", "SELECT pg_create_physical_replication_slot('copy')");
    let slot = "refused[seed] pg1: it has the replication slots copy";
    refused(lab, seeded, &[slot, "pg_drop_replication_slot('copy')"]);
    sql(lab, "pg1", "SELECT pg_drop_replication_slot('copy')");
    // It did not stop in an orderly way.
    lab.on("pg1", "pkill -KILL -x postgres; sleep 1; systemctl reset-failed 'postgresql@*'");
    let unclean = "refused[seed] pg1: its server did not stop in an orderly way";
    refused(lab, seeded, &[unclean, "sudo pg_ctlcluster 15 main start"]);
    // It is a standby.
    lab.on("pg1", "touch /var/lib/postgresql/15/main/standby.signal; pg_ctlcluster 15 main start");
    until("it answers", || lab.try_on("pg1", "cd /; runuser -u postgres -- psql -Xc 'SELECT 1'").0);
    refused(lab, seeded, &["refused[seed] pg1: it is a standby", "pg_promote()"]);
    sql(lab, "pg1", "SELECT pg_promote()");
}

/// Each case leaves one cluster with the standalone server's identity and all its rows. etcd is there already.
#[test]
#[ignore = "boots real hosts"]
fn killed_as_each_step_of_a_birth_from_data_begins() {
    let hosts = ["pg1", "pg2", "pg3", "pg4"].map(|host| format!("{host}:trixie:postgresql"));
    let lab = Lab::up("t-pg-seed-kill", &hosts.each_ref().map(String::as_str));
    // An etcd of somebody else's, whom galactl leaves alone.
    let store = format!("http://{}:2379", lab.address("pg4"));
    let settings = format!("ETCD_LISTEN_CLIENT_URLS={store}\\nETCD_ADVERTISE_CLIENT_URLS={store}\\n");
    lab.on("pg4", &format!("printf '{settings}' >/etc/default/etcd; systemctl start etcd"));
    let mut seeded = inventory(&lab, Some("pg1"));
    seeded.rest += &format!("\netcd:\n  endpoints: [\"{}:2379\"]", lab.address("pg4"));
    lab.on("pg1", STANDALONE);
    // Those of a birth without data are cut off in a scene of their own.
    let own = ["take-over", "found", "synchronous", "accounts"].map(|step| format!("pg1/patroni/{step}"));
    let steps = seeded.steps(&["bootstrap"]);
    assert!(own.iter().all(|id| steps.contains(id)), "{steps:?}");
    for id in own.iter().map(String::as_str).chain(["pg3/patroni/join"]) {
        if !lab.try_on("pg1", "ls /etc/postgresql/*/main").0 {
            lab.on("pg1", STANDALONE);
        }
        let system = sql(&lab, "pg1", "SELECT system_identifier FROM pg_control_system()");
        lab.on("pg1", WRITER);
        let mut child = seeded.galactl_until(&["bootstrap", "--yes"], &format!("-> {id}"));
        child.kill().expect("SIGKILL");
        child.wait().expect("an end");
        let again = seeded.galactl(&["bootstrap", "--yes"]).expect_code(0);
        assert!(again.stderr.contains("was cut off"), "{id}: {}", again.stderr);
        assert_eq!(assert_whole(&lab), system, "killed at {id}");
        nothing_lost(&lab);
        for node in NODES {
            lab.try_on(node, RESET);
        }
        lab.on("pg4", &format!("ETCDCTL_API=3 etcdctl --endpoints={store} del --prefix /service/"));
    }
}
