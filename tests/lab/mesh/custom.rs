//! Rows that two nodes have changed become one by a function of the user's.

use super::{hosts, release, sql, try_sql};
use crate::lab::{Lab, until};
use crate::run::Inventory;

const NODES: [&str; 2] = ["pg1", "pg2"];

/// How many each node has counted, and a name that the larger one wins.
const COUNTER: &str = "DECLARE
  node text;
BEGIN
  FOR node IN SELECT jsonb_object_keys(theirs.counts) LOOP
    mine.counts := mine.counts || jsonb_build_object(node,
      greatest((mine.counts ->> node)::numeric, (theirs.counts ->> node)::numeric));
  END LOOP;
  mine.title := greatest(mine.title, theirs.title);
  mine.total := greatest(mine.total, theirs.total);
  RETURN mine;
END";
/// What pg1 has counted may win over what pg2 has, and the other way round there.
const DIVERGES: &str = "BEGIN
  mine.counts := mine.counts || theirs.counts;
  RETURN mine;
END";

const TABLE: &str =
    "CREATE TABLE counters (id int PRIMARY KEY, title text NOT NULL, counts jsonb NOT NULL DEFAULT '{}',
    total text GENERATED ALWAYS AS (counts ->> 'pg1') STORED, CHECK (jsonb_typeof(counts) = 'object'));
INSERT INTO counters SELECT i, 'a', '{\"pg1\": 1}' FROM generate_series(1, 100) i;";

fn mesh<'a>(lab: &'a Lab, function: &str) -> Inventory<'a> {
    let mut inventory = Inventory::of_mesh(lab, &NODES);
    let function = function.replace('\n', "\n          ");
    inventory.rest = format!(
        "conflicts: {{strategy: custom}}\ndatabases:\n  - name: shop\n    merges:\n      - table: public.counters\n        function: |\n          {function}"
    );
    inventory
}

fn count(lab: &Lab, node: &str, times: u32) {
    let add = format!(
        "UPDATE counters SET counts = counts || jsonb_build_object('{node}', coalesce((counts ->> '{node}')::int, 0) + 1) WHERE id = 1;"
    );
    for _ in 0..times {
        sql(lab, node, &add);
    }
}

#[test]
#[ignore = "boots real hosts"]
fn a_counter_is_merged_and_what_does_not_converge_is_refused() {
    let lab = hosts("t-mesh-custom", &release("trixie"), &NODES);
    lab.on(
        "pg1",
        "pg_createcluster $(ls /usr/lib/postgresql) main --start; cd /; runuser -u postgres -- createdb shop",
    );
    sql(&lab, "pg1", TABLE);
    let seen = |lab: &Lab| {
        lab.on("pg1", "ls /etc/postgresql/*/main /var/lib/postgresql; md5sum /etc/postgresql/*/main/*.conf")
            + &sql(
                lab,
                "pg1",
                "SELECT nspname FROM pg_namespace UNION SELECT proname FROM pg_proc WHERE oid > 16384 ORDER BY 1",
            )
    };
    let before = seen(&lab);
    mesh(&lab, COUNTER)
        .galactl(&["bootstrap", "--yes"])
        .expect_code(3)
        .says(&["generated columns", "counters.total"]);
    sql(
        &lab,
        "pg1",
        "ALTER TABLE counters ALTER COLUMN total DROP EXPRESSION, ADD CONSTRAINT second UNIQUE (id, title);",
    );
    mesh(&lab, COUNTER).galactl(&["bootstrap", "--yes"]).expect_code(3).says(&["unique keys", "second"]);
    sql(&lab, "pg1", "ALTER TABLE counters DROP CONSTRAINT second;");
    let refused = mesh(&lab, DIVERGES).galactl(&["bootstrap", "--yes"]).expect_code(3);
    refused.says(&["[merge]", "the two orders give two rows; rows: (", "; results: {", "public.counters"]);
    assert_eq!(seen(&lab), before, "nothing was changed");
    mesh(&lab, "BEGIN RETURN missing; END")
        .galactl(&["bootstrap", "--yes"])
        .expect_code(3)
        .says(&["it fails"]);
    mesh(&lab, "BEGIN RETURN mine")
        .galactl(&["bootstrap", "--yes"])
        .expect_code(3)
        .says(&["cannot be tried"]);

    mesh(&lab, COUNTER).bootstrap();
    lab.fault("cut", "pg1");
    count(&lab, "pg1", 3);
    count(&lab, "pg2", 5);
    sql(&lab, "pg1", "INSERT INTO counters VALUES (500, 'from pg1', '{\"pg1\": 7}');");
    sql(&lab, "pg2", "INSERT INTO counters VALUES (500, 'from pg2', '{\"pg2\": 8}');");
    lab.fault("heal", "pg1");
    let rows = "SELECT id, title, counts, total FROM counters WHERE id IN (1, 500) ORDER BY id;";
    let merged = "1|a|{\"pg1\": 4, \"pg2\": 5}|1\n500|from pg2|{\"pg1\": 7, \"pg2\": 8}|";
    until("both nodes have what both have counted", || {
        NODES.iter().all(|node| sql(&lab, node, rows) == merged)
    });
    // The others would undo it, so it is not made.
    let (ok, said) = try_sql(&lab, "pg2", "UPDATE counters SET counts = '{}' WHERE id = 1;");
    assert!(!ok && said.contains("would undo this update"), "{said}");
    count(&lab, "pg2", 1);

    // Another function, while the mesh is there.
    let other = mesh(&lab, &COUNTER.replace("greatest(mine.title", "least(mine.title"));
    other.galactl(&["status"]).says(&["merge functions are not as the inventory says", "apply-config"]);
    mesh(&lab, DIVERGES).galactl(&["apply-config", "--yes"]).expect_code(3);
    other.galactl(&["apply-config", "--yes"]).expect_code(0).says(&["ok pg2/mesh/merge-shop"]);
    other.galactl(&["apply-config", "--yes"]).expect_code(0).says(&["Nothing to do"]);
    sql(&lab, "pg2", "UPDATE counters SET title = 'A' WHERE id = 1;");
    until("a smaller title wins", || sql(&lab, "pg1", "SELECT title FROM counters WHERE id = 1") == "A");
    other.galactl(&["status"]).expect_code(0);
}
