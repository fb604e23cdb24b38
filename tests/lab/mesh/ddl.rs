//! Statements for all nodes, while all of them are written to: replication never stops.

use std::collections::BTreeSet;

use super::{Writer, assert_equal, hosts, open_shop, release, sql};
use crate::lab::{Lab, until};
use crate::run::Inventory;

const NOTES: &str = "CREATE TABLE notes (region text NOT NULL DEFAULT coalesce(current_setting('galactl.region', true), 'r1'),
    id bigint GENERATED ALWAYS AS IDENTITY, v text, PRIMARY KEY (region, id));
GRANT SELECT, INSERT ON notes TO shopkeeper;
CREATE INDEX CONCURRENTLY customers_n ON customers (n);
CREATE OR REPLACE FUNCTION twice(n int) RETURNS int LANGUAGE sql AS $$ SELECT 2 * n; $$;";

fn write(lab: &Lab, name: &str, text: &str) -> String {
    let path = lab.directory().join(name);
    std::fs::write(&path, text).expect("a file");
    path.display().to_string()
}

/// No worker has stopped since the mesh was made.
fn no_stop(lab: &Lab, nodes: &[&str], inventory: &Inventory<'_>) {
    inventory.galactl(&["status"]).expect_code(0);
    for node in nodes {
        let stops = "grep -hE 'apply.*ERROR|ERROR:.*replica' /var/log/postgresql/* | tail -n 3";
        assert_eq!(lab.on(node, stops), "", "{node}");
    }
}

fn changes(name: &'static str, release: &str, method: &str, nodes: &[&str]) {
    let lab = hosts(name, release, nodes);
    open_shop(&lab, "pg1");
    let regions = method == "native";
    let conflicts = if regions { "\nconflicts: {strategy: region}" } else { "" };
    let mut inventory = Inventory::of_mesh(&lab, nodes);
    inventory.rest =
        format!("method: {method}{conflicts}\ndatabases: [{{name: shop, except: [public.carts]}}]");
    for (name, extra) in inventory.nodes.iter_mut().filter(|_| regions) {
        *extra = format!("    region: {}\n", name.replace("pg", "r"));
    }
    inventory.galactl(&["bootstrap", "--yes"]).expect_code(0);
    let mut writers: Vec<_> = nodes.iter().map(|node| Writer::start(&lab, node, regions)).collect();

    let run = |file: &str, text: &str, code: i32| {
        let file = write(&lab, file, text);
        inventory.galactl(&["ddl", "--file", &file, "--yes"]).expect_code(code)
    };
    run("notes.sql", NOTES, 0);
    for node in nodes {
        sql(&lab, node, "INSERT INTO notes (v) SELECT 'a' FROM generate_series(1, 10)");
    }
    all_have(&lab, nodes, "SELECT count(*) FROM notes", &(10 * nodes.len()).to_string());
    run("add.sql", "ALTER TABLE customers ADD COLUMN x int DEFAULT 7;", 0).says(&["ok pg2/mesh/ddl-1-widen"]);
    run("add.sql", "ALTER TABLE customers ADD COLUMN x int DEFAULT 7;", 0)
        .says(&["all nodes have it already"]);
    sql(&lab, "pg1", "UPDATE customers SET x = 8 WHERE id = 15000");
    all_have(&lab, nodes, "SELECT x FROM customers WHERE id = 15000", "8");

    run("rename.sql", "ALTER TABLE customers RENAME COLUMN x TO y;", 3)
        .says(&["refused[ddl]", "add the new one"]);
    let file = write(&lab, "drop.sql", "ALTER TABLE customers DROP COLUMN x;");
    let mut child = inventory.galactl_until(&["ddl", "--file", &file, "--yes"], "-> pg2/mesh/ddl-1-change");
    child.kill().expect("SIGKILL");
    child.wait().expect("an end");
    run("drop.sql", "ALTER TABLE customers DROP COLUMN x;", 0);
    all_have(
        &lab,
        nodes,
        "SELECT count(*) FROM pg_attribute WHERE attrelid = 'customers'::regclass AND attname = 'x'",
        "0",
    );

    let mut rows = BTreeSet::new();
    for mut writer in writers.drain(..) {
        assert!(writer.is_writing(), "a commit failed on {}", writer.node);
        rows.extend(writer.stop());
    }
    println!("{} acknowledged rows", rows.len());
    assert_equal(&lab, nodes, &rows);
    no_stop(&lab, nodes, &inventory);
    inventory.galactl(&["compare"]).expect_code(0);
    let file = write(&lab, "end.sql", "DROP TABLE notes;");
    inventory.galactl(&["ddl", "--file", &file, "--yes"]).expect_code(3).says(&["--confirm"]);
    inventory.galactl(&["ddl", "--file", &file, "--confirm", "shop"]).expect_code(0).says(&["DISCARDED"]);
    no_stop(&lab, nodes, &inventory);
}

fn all_have(lab: &Lab, nodes: &[&str], question: &str, answer: &str) {
    until("all nodes have it", || nodes.iter().all(|node| sql(lab, node, question) == answer));
}

#[test]
#[ignore = "boots real hosts"]
fn tables_change_while_all_write() {
    changes("t-mesh-ddl", &release("trixie"), "pglogical", &["pg1", "pg2", "pg3"]);
}

#[test]
#[ignore = "boots real hosts"]
fn tables_of_native_replication_change_while_all_write() {
    changes("t-mesh-ddl-n", "trixie", "native", &["pg1", "pg2"]);
}
