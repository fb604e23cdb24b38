//! A mesh from a first node with data, to which others come while all write.

use std::collections::BTreeSet;

use super::{OLD, Writer, assert_equal, hosts, open_shop, release, sql, sql_in, try_sql};
use crate::lab::{Lab, until};
use crate::run::Inventory;

const THREE: [&str; 3] = ["pg1", "pg2", "pg3"];
const FOUR: [&str; 4] = ["pg1", "pg2", "pg3", "pg4"];

/// Of a second database on the first node.
const STOCK: &str = "CREATE TABLE items (region text NOT NULL DEFAULT coalesce(current_setting('galactl.region', true), 'r1'), id bigserial, v text, PRIMARY KEY (region, id));
INSERT INTO items (v) SELECT 'old' FROM generate_series(1, 1000);";

/// A region's part of 100,000 rows: a hundred in a transaction, of which one is changed at once.
const REGIONAL: &str = "DO $$ DECLARE
  own bigint;
BEGIN
  FOR i IN 1..334 LOOP
    INSERT INTO orders (customer, v) SELECT i, 'many' FROM generate_series(1, 100);
    own := currval(pg_get_serial_sequence('orders', 'id'));
    UPDATE orders SET v = 'changed' WHERE region = current_setting('galactl.region') AND id = own;
    COMMIT;
  END LOOP;
END $$;";

/// An inventory of these nodes; with regions, pg1 has region r1, and so on.
fn mesh<'a>(lab: &'a Lab, nodes: &[&str], method: &str, regions: bool) -> Inventory<'a> {
    let mut inventory = Inventory::of_mesh(lab, nodes);
    let conflicts = if regions { "\nconflicts: {strategy: region}" } else { "" };
    inventory.rest = format!(
        "method: {method}{conflicts}\ndatabases: [{{name: shop, except: [public.carts]}}, {{name: stock}}]"
    );
    for (name, extra) in &mut inventory.nodes {
        if regions {
            *extra = format!("    region: {}\n", name.replace("pg", "r"));
        }
    }
    inventory
}

fn grows(name: &'static str, release: &str, method: &str, regions: bool) {
    let lab = hosts(name, release, &FOUR);
    open_shop(&lab, "pg1");
    lab.on("pg1", "cd /; runuser -u postgres -- createdb stock");
    sql_in(&lab, "pg1", "stock", STOCK);
    let three = mesh(&lab, &THREE, method, regions);
    let dry = three.steps(&["bootstrap"]);
    // A client of the first node goes on while the others come; only the restart of its server ends its session.
    let mut ended = BTreeSet::new();
    let mut first = None;
    let ran = three.galactl_at(&["bootstrap", "--yes"], "-> pg2/mesh/reserve", || {
        first = Some(Writer::start(&lab, "pg1", regions));
    });
    let ran = ran.expect_code(0);
    let done: Vec<_> = dry.iter().filter(|id| ran.stderr.contains(&format!("ok {id}"))).collect();
    assert_eq!(done.len(), dry.len(), "what a dry run shows is what is done: {dry:?}");
    three.galactl(&["bootstrap", "--yes"]).expect_code(0).says(&["Nothing to do"]);
    three.galactl(&["status"]).expect_code(0).says(&["3 of 3 nodes are members, 12 of 12 directions"]);

    // The fourth, while all three are written to.
    let mut writers: Vec<_> = first.into_iter().collect();
    writers.extend(["pg2", "pg3"].map(|node| Writer::start(&lab, node, regions)));
    let four = mesh(&lab, &FOUR, method, regions);
    let add = ["add-node", "pg4", "--yes"];
    let ran = four.galactl_at(&add, "-> pg4/mesh/copy", || fill_stock(&lab, &THREE));
    ran.expect_code(0).says(&["ok pg4/mesh/admit"]);
    writers.push(Writer::start(&lab, "pg4", regions));
    four.galactl(&["status"]).expect_code(0).says(&["4 of 4 nodes are members, 24 of 24 directions"]);
    for mut writer in writers {
        assert!(writer.is_writing(), "a commit failed on {}", writer.node);
        let node = writer.node.clone();
        until("its client has written some rows", || writer.acknowledged().len() > 20);
        let rows = writer.stop();
        println!("{} acknowledged rows of {node}", rows.len());
        ended.extend(rows);
    }
    assert_equal(&lab, &FOUR, &ended);
    secrets_are_nowhere(&lab);
    fill_stock(&lab, &FOUR);
    stock_is_equal(&lab);
    if regions {
        regions_write_at_once(&lab);
        let (ok, said) = try_sql(&lab, "pg2", "UPDATE customers SET n = 0 WHERE region = 'r1' AND id = 1;");
        assert!(!ok && said.contains("is written on the node of region r2"), "{said}");
    }
    assert_eq!(sql(&lab, "pg4", "SELECT count(*) FROM customers WHERE email LIKE '%@old'"), OLD.to_string());
    four.galactl(&["compare"]).expect_code(0).says(&["public.customers", "public.orders", "public.items"]);
    four.galactl(&["status"]).expect_code(0).says(&["stock"]);
}

/// Each of these nodes adds 500 rows.
fn fill_stock(lab: &Lab, nodes: &[&str]) {
    for node in nodes {
        sql_in(
            lab,
            node,
            "stock",
            &format!("INSERT INTO items (v) SELECT '{node}' FROM generate_series(1, 500);"),
        );
    }
}

/// The second database has all rows on all nodes, and no two nodes gave one number.
fn stock_is_equal(lab: &Lab) {
    let counted = "SELECT count(*), count(DISTINCT id), count(*) FILTER (WHERE v = 'pg3') FROM items;";
    until("the second database is equal", || {
        FOUR.iter().all(|node| sql_in(lab, node, "stock", counted) == "4500|4500|1000")
    });
    let remainders = "SELECT count(DISTINCT id % 16) FROM items WHERE v <> 'old' GROUP BY v;";
    assert_eq!(sql_in(lab, "pg4", "stock", remainders), "1\n1\n1\n1", "each node has its own numbers");
}

/// Rows of three regions at once meet nowhere. What the logs tell of the time before is not asked: the first change of a
/// row that a joiner copied and that its source wrote is a conflict to pglogical, since the copy does not know that the
/// source wrote it. It takes the change, which is later.
fn regions_write_at_once(lab: &Lab) {
    let lines = "cat /var/log/postgresql/* | wc -l";
    let told = FOUR.map(|node| lab.on(node, lines));
    let before: u64 = sql(lab, "pg1", "SELECT count(*) FROM orders").parse().expect("a number");
    std::thread::scope(|scope| {
        for node in THREE {
            scope.spawn(move || sql(lab, node, REGIONAL));
        }
    });
    let all = (before + 100_200).to_string();
    until("all have all rows", || {
        FOUR.iter().all(|node| sql(lab, node, "SELECT count(*) FROM orders") == all)
    });
    assert_equal(lab, &FOUR, &BTreeSet::new());
    for (node, told) in FOUR.iter().zip(told) {
        let since = format!(
            "cat /var/log/postgresql/* | tail -n +$(({told} + 1)) |
            grep -E 'CONFLICT.* public|apply.*ERROR|ERROR:.*replica' | tail -n 3"
        );
        assert_eq!(lab.on(node, &since), "", "{node}");
    }
}

/// The password is in the file for libpq alone, and nobody else may read that.
fn secrets_are_nowhere(lab: &Lab) {
    for node in FOUR {
        let told = lab.on(
            node,
            "stat -c '%a %U' /var/lib/postgresql/.galactl-mesh.pgpass
            (umask 077; sed -n 's/^.*:galactl_mesh://p' /var/lib/postgresql/.galactl-mesh.pgpass > /run/password)
            grep -rlFf /run/password /etc/postgresql /var/log/postgresql || true
            journalctl --no-pager | grep -cFf /run/password || true
            cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' ' ' | grep -cFf /run/password || true
            rm /run/password",
        );
        assert_eq!(told, "600 postgres\n0\n0", "{node}");
    }
}

#[test]
#[ignore = "boots real hosts"]
fn pglogical_on_debian_13() {
    grows("t-mesh-13", "trixie", "pglogical", false);
}

#[test]
#[ignore = "boots real hosts"]
fn pglogical_with_regions_on_debian_12() {
    grows("t-mesh-12", &release("bookworm"), "pglogical", true);
}

#[test]
#[ignore = "boots real hosts"]
fn native_with_regions_on_debian_13() {
    grows("t-mesh-native", "trixie", "native", true);
}
