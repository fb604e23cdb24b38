//! PostgreSQL servers that all take writes.

mod compare;
#[allow(dead_code, reason = "the benchmark shows more of it")]
mod conflicts;
mod converges;
mod custom;
mod cut_off;
mod day_two;
mod ddl;
mod grow;
mod guards;
mod leave;
mod node_dies;

use std::collections::BTreeSet;
use std::fs::File;
use std::path::PathBuf;
use std::process::{Child, Stdio};

use crate::lab::{LONGEST, Lab, until};

/// The numbers of the first node's rows.
const OLD: u64 = 20_000;

/// What the first node has before there is a mesh. Its owner is another account than the one that galactl uses.
const SHOP: &str = "CREATE ROLE shopkeeper LOGIN;
CREATE TABLE customers (region text NOT NULL DEFAULT coalesce(current_setting('galactl.region', true), 'r1'), id bigserial, email text UNIQUE, n int NOT NULL DEFAULT 0, PRIMARY KEY (region, id));
CREATE TABLE orders (region text NOT NULL DEFAULT coalesce(current_setting('galactl.region', true), 'r1'), id bigint GENERATED ALWAYS AS IDENTITY, customer bigint, v text, PRIMARY KEY (region, id));
CREATE UNLOGGED TABLE carts (id int PRIMARY KEY);
INSERT INTO customers (region, email) SELECT 'r1', i || '@old' FROM generate_series(1, 20000) i;
INSERT INTO orders (region, customer, v) SELECT 'r1', i, md5(i::text) FROM generate_series(1, 20000) i;
ALTER TABLE customers OWNER TO shopkeeper;";

/// The release of a scene's hosts: the usual one, unless GALACTL_MESH_RELEASE names another one.
fn release(usual: &str) -> String {
    std::env::var("GALACTL_MESH_RELEASE").unwrap_or_else(|_| usual.into())
}

/// Hosts of a release with PostgreSQL installed, which has never run.
fn hosts(name: &'static str, release: &str, nodes: &[&str]) -> Lab {
    let specs: Vec<_> = nodes.iter().map(|node| format!("{node}:{release}:postgresql")).collect();
    Lab::up(name, &specs.iter().map(String::as_str).collect::<Vec<_>>())
}

/// A standalone server with a shop, as somebody has it who wants more nodes.
fn open_shop(lab: &Lab, node: &str) {
    lab.on(node, "pg_createcluster $(ls /usr/lib/postgresql | tail -n 1) main --start");
    lab.on(node, "cd /; runuser -u postgres -- createdb shop");
    sql(lab, node, SHOP);
}

/// What a node's server says.
#[track_caller]
fn sql(lab: &Lab, node: &str, statements: &str) -> String {
    sql_in(lab, node, "shop", statements)
}

/// What it says in this database.
#[track_caller]
fn sql_in(lab: &Lab, node: &str, database: &str, statements: &str) -> String {
    let (ok, text) = try_sql_in(lab, node, database, statements);
    assert!(ok, "{node}: {statements}\n{text}");
    text.trim().to_owned()
}

fn try_sql(lab: &Lab, node: &str, statements: &str) -> (bool, String) {
    try_sql_in(lab, node, "shop", statements)
}

fn try_sql_in(lab: &Lab, node: &str, database: &str, statements: &str) -> (bool, String) {
    let script = "cd /; client=$(ls -d /usr/lib/postgresql/*/bin/psql | tail -n 1)
        runuser -u postgres -- $client -XAtq -v ON_ERROR_STOP=1 -d";
    lab.try_on(node, &format!("{script} {database} <<'END'\n{statements}\nEND"))
}

/// A client of one node: it inserts a row, and changes an old one that all clients change, or one of its own region. The numbers
/// of the rows whose commit was acknowledged are recorded.
struct Writer<'a> {
    lab: &'a Lab,
    node: String,
    told: PathBuf,
    child: Child,
}

impl<'a> Writer<'a> {
    /// It leaves the machine room for the hosts: 30 turns a second at most.
    fn start(lab: &'a Lab, node: &str, regions: bool) -> Self {
        // Each client has a part of the rows for itself, so that it is known which change was the last one.
        let changes = match regions {
            true => {
                "UPDATE customers SET n = n + 1 WHERE region = current_setting('galactl.region') AND id = (SELECT max(id) FROM customers WHERE region = current_setting('galactl.region'));"
            }
            false => "UPDATE customers SET n = n + 1 WHERE id = 1 + (& * 7) % 20000;",
        };
        let script = format!(
            "cd /; client=$(ls -d /usr/lib/postgresql/*/bin/psql | tail -n 1)
            now=$(date +%s%N)
            seq 1 9999999 | sed \"s/.*/INSERT INTO customers (email) SELECT '&.$now@{node}' FROM pg_sleep(0.03) RETURNING id; {changes}/\" |
            runuser -u postgres -- stdbuf -oL $client -XAtq -v ON_ERROR_STOP=1 -d shop"
        );
        let told = lab.directory().join(format!("acknowledged-{node}"));
        let mut command = lab.enter(node, &script, LONGEST);
        command.stdout(File::create(&told).expect("a file")).stderr(Stdio::null());
        Self { lab, node: node.into(), told, child: command.spawn().expect("it can be run") }
    }

    /// Ends it.
    ///
    /// Returns: the acknowledged rows, as this node's server has their names.
    fn stop(mut self) -> BTreeSet<u64> {
        self.lab.on(&self.node, "pkill -x psql; true");
        self.child.wait().expect("an end");
        self.acknowledged()
    }

    /// The rows whose commit was acknowledged so far.
    fn acknowledged(&self) -> BTreeSet<u64> {
        let text = std::fs::read_to_string(&self.told).expect("text");
        text.lines().filter_map(|line| line.parse().ok()).collect()
    }

    fn is_writing(&mut self) -> bool {
        self.child.try_wait().expect("a state").is_none()
    }
}

/// All rows of both tables, as one number of each node.
fn digest(lab: &Lab, node: &str) -> String {
    sql(
        lab,
        node,
        "SELECT count(*), md5(string_agg(c::text, ',' ORDER BY region, id)) FROM customers c;
        SELECT count(*), md5(string_agg(o::text, ',' ORDER BY region, id)) FROM orders o;",
    )
}

/// Once nobody writes any more, all nodes have the same rows, and every acknowledged one is among them.
#[track_caller]
fn assert_equal(lab: &Lab, nodes: &[&str], acknowledged: &BTreeSet<u64>) {
    until("the nodes are equal", || {
        let first = digest(lab, nodes[0]);
        nodes[1..].iter().all(|node| digest(lab, node) == first)
    });
    for node in nodes {
        let there = sql(lab, node, "SELECT id FROM customers");
        let there: BTreeSet<u64> = there.lines().filter_map(|line| line.parse().ok()).collect();
        let lost = acknowledged.difference(&there).count();
        assert_eq!(lost, 0, "of {} acknowledged rows on {node}", acknowledged.len());
    }
}
