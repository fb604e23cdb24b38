//! What is refused, and leaves every host as it was.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{hosts, open_shop, sql};
use crate::lab::Lab;
use crate::run::Inventory;

const NODES: [&str; 3] = ["pg1", "pg2", "pg3"];

/// Everything on the hosts that a refusal must leave as it was.
fn untouched(lab: &Lab) -> Vec<String> {
    let look = r"
        find /etc/postgresql /etc/postgresql-common -type f | sort | xargs -d '\n' stat -c '%n %Y %a %U'
        find /var/lib/postgresql -mindepth 1 -maxdepth 3 | sort
        systemctl show postgresql@17-main -p ActiveState,MainPID,ActiveEnterTimestamp
    ";
    NODES.iter().map(|node| lab.on(node, look)).collect()
}

#[test]
#[ignore = "boots real hosts"]
fn no_data_of_anybody_is_replaced_and_no_member_is_left_out() {
    let lab = hosts("t-mesh-guards", "trixie", &NODES);
    open_shop(&lab, "pg1");
    let of = |nodes: &[&str]| {
        let mut inventory = Inventory::of_mesh(&lab, nodes);
        inventory.rest = "databases: [{name: shop, except: [public.carts]}]".into();
        inventory
    };
    let two = of(&NODES[..2]);
    let refuses = |inventory: &Inventory<'_>, words: &[&str], code: i32, says: &[&str]| {
        let before = untouched(&lab);
        inventory.galactl(words).expect_code(code).says(says);
        assert_eq!(untouched(&lab), before, "{says:?}");
    };

    // Somebody's shop is on the second host; its server runs, and later it is stopped.
    open_shop(&lab, "pg2");
    refuses(&two, &["bootstrap", "--yes"], 3, &["refused[other-data] pg2", "databases of its own: shop"]);
    lab.on("pg2", "systemctl stop postgresql@17-main");
    refuses(&two, &["bootstrap", "--yes"], 3, &["refused[not-running] pg2", "systemctl start"]);
    lab.on("pg2", "pg_dropcluster 17 main");
    lab.fault("poweroff", "pg2");
    two.galactl(&["bootstrap", "--yes"]).expect_code(4).says(&["refused[unreachable] pg2"]);
    lab.fault("poweron", "pg2");

    the_schema_is_told_before_there_is_a_mesh(&lab, &of(&NODES[..2]));

    // Tables that cannot be sent are named, with what to do.
    let mut all = of(&NODES[..2]);
    all.rest = "databases: [{name: shop}]".into();
    refuses(&all, &["bootstrap", "--yes"], 3, &["refused[unlogged] pg1", "public.carts", "except"]);
    two.galactl(&["bootstrap", "--yes"]).expect_code(0);

    // A mesh is there: a second one is never born, whatever the inventory says.
    let mut renamed = of(&NODES[..2]);
    renamed.cluster = "name: other".into();
    refuses(&renamed, &["bootstrap", "--yes"], 3, &["refused[other-mesh] pg1", "belongs to mesh `shop`"]);
    let without = of(&["pg1", "pg3"]);
    refuses(&without, &["add-node", "pg3", "--yes"], 3, &["refused[stranger] pg2", "remove-node"]);
    let mut more = of(&NODES[..2]);
    more.rest = "databases: [{name: shop, except: [public.carts]}, {name: stock}]".into();
    refuses(&more, &["bootstrap", "--yes"], 3, &["refused[new-database]", "stock"]);
    lab.on("pg2", "systemctl stop postgresql@17-main");
    let three = of(&NODES);
    refuses(&three, &["add-node", "pg3", "--yes"], 3, &["refused[not-running] pg2", "systemctl start"]);
    lab.on("pg2", "systemctl start postgresql@17-main");
    assert_eq!(sql(&lab, "pg2", "SELECT count(*) FROM galactl.node"), "2");
    two.galactl(&["bootstrap", "--yes"]).expect_code(0).says(&["Nothing to do"]);
}

/// One thing of each kind that lint knows of a seed, where the changes of rows are settled by their time.
const ILL: &str = r"
CREATE SCHEMA ill;
CREATE TABLE ill.keyless (v text);
CREATE TABLE ill.candidate (code int NOT NULL UNIQUE);
CREATE UNLOGGED TABLE ill.unlogged (id int PRIMARY KEY);
CREATE TABLE ill.whole (id int PRIMARY KEY);
ALTER TABLE ill.whole REPLICA IDENTITY FULL;
CREATE TABLE ill.nothing (id int PRIMARY KEY);
ALTER TABLE ill.nothing REPLICA IDENTITY NOTHING;
CREATE TABLE ill.rooms (id int PRIMARY KEY, during int4range, EXCLUDE USING gist (during WITH &&));
CREATE TABLE ill.parent (id int PRIMARY KEY);
CREATE TABLE ill.child (id int PRIMARY KEY, parent int REFERENCES ill.parent ON DELETE CASCADE, other int REFERENCES ill.parent);
CREATE TABLE ill.left_out (id int PRIMARY KEY);
CREATE TABLE ill.of_carts (id int PRIMARY KEY, cart int REFERENCES ill.left_out);
CREATE TABLE ill.parts (id int PRIMARY KEY) PARTITION BY RANGE (id);
CREATE TABLE ill.parts_1 PARTITION OF ill.parts FOR VALUES FROM (0) TO (100);
CREATE TABLE ill.full (id serial PRIMARY KEY);
SELECT setval('ill.full_id_seq', 600000000);
CREATE SEQUENCE ill.round MAXVALUE 1000 CYCLE;
CREATE SEQUENCE ill.by_two INCREMENT BY 2 OWNED BY ill.parent.id;
CREATE SEQUENCE ill.alone;
CREATE FUNCTION ill.tell() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_notify('parent', 'x'); RETURN NEW; END $$;
CREATE TRIGGER tell AFTER INSERT ON ill.parent FOR EACH ROW EXECUTE FUNCTION ill.tell();
CREATE FUNCTION ill.same() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER twice AFTER INSERT ON ill.child FOR EACH ROW EXECUTE FUNCTION ill.same();
ALTER TABLE ill.child ENABLE ALWAYS TRIGGER twice;
CREATE PROCEDURE ill.empty() LANGUAGE plpgsql AS $$ BEGIN TRUNCATE ill.parent RESTART IDENTITY CASCADE; END $$;
CREATE FUNCTION ill.alone() RETURNS void LANGUAGE sql AS $$ SELECT pg_advisory_lock(1) $$;
CREATE MATERIALIZED VIEW ill.sums AS SELECT count(*) FROM ill.parent;
SELECT lo_from_bytea(0, 'x');
";

/// Rules and objects of the report.
fn told(inventory: &Inventory<'_>, code: i32) -> (BTreeSet<String>, Value) {
    let ran = inventory.galactl(&["lint", "--output", "json"]).expect_code(code);
    let report: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    let all = report["findings"].as_array().expect("findings").iter();
    let all = all.map(|it| format!("{} {}", it["rule"], it["object"]).replace('"', ""));
    (all.collect(), report)
}

/// Lint names each thing that does not fit, and what it names mends it.
fn the_schema_is_told_before_there_is_a_mesh(lab: &Lab, inventory: &Inventory<'_>) {
    let before = told(inventory, 0).0;
    sql(lab, "pg1", ILL);
    let mut ill = Inventory::of_mesh(lab, &NODES[..2]);
    ill.rest = "databases: [{name: shop, except: [public.carts, ill.left_out]}]".into();
    let (found, report) = told(&ill, 5);
    let new: BTreeSet<_> = found.difference(&before).map(String::as_str).collect();
    let wanted = [
        "exclusion shop.ill.rooms",
        "foreign-key shop.ill.child",
        "foreign-key-cascade shop.ill.child",
        "foreign-key-outside shop.ill.of_carts",
        "large-object shop",
        "lock shop.ill.alone",
        "materialized-view shop.ill.sums",
        "no-key shop.ill.candidate",
        "no-key shop.ill.keyless",
        "partitioned shop.ill.parts",
        "replica-identity shop.ill.nothing",
        "replica-identity shop.ill.whole",
        "second-key shop.ill.candidate",
        "sequence-alone shop.ill.alone",
        "sequence-cycle shop.ill.round",
        "sequence-ends shop.ill.full_id_seq",
        "sequence-increment shop.ill.by_two",
        "trigger shop.ill.child",
        "trigger-origin shop.ill.parent",
        "truncate shop.ill.empty",
        "unlogged shop.ill.unlogged",
    ];
    assert_eq!(new, BTreeSet::from(wanted));

    // The statements are typed as they stand there.
    let fix = |rule: &str, object: &str| {
        let all = report["findings"].as_array().expect("findings");
        let found = all.iter().find(|it| it["rule"] == rule && it["object"] == object).expect("the finding");
        let fix = found["fix"].as_str().expect("a text");
        let at = fix.find("ALTER ").unwrap_or_else(|| panic!("{fix}"));
        let fix = fix[at..].split("; or ").next().expect("a statement");
        let fix = fix
            .split("; and likewise")
            .next()
            .expect("a statement")
            .split(", or put")
            .next()
            .expect("a statement");
        fix.split("; on a member")
            .next()
            .expect("a statement")
            .split(" lets it fire")
            .next()
            .expect("a statement")
            .to_owned()
    };
    let statements = [
        "exclusion shop.ill.rooms",
        "no-key shop.ill.candidate",
        "no-key shop.ill.keyless",
        "replica-identity shop.ill.nothing",
        "replica-identity shop.ill.whole",
        "sequence-cycle shop.ill.round",
        "sequence-ends shop.ill.full_id_seq",
        "sequence-increment shop.ill.by_two",
        "trigger shop.ill.child",
        "trigger-origin shop.ill.parent",
        "unlogged shop.ill.unlogged",
    ];
    for name in statements {
        let (rule, object) = name.split_once(' ').expect("two words");
        sql(lab, "pg1", &format!("{};", fix(rule, object)));
    }
    sql(lab, "pg1", "SELECT lo_unlink(oid) FROM pg_largeobject_metadata;");
    // What somebody can live with is accepted by its name.
    let accepted = [
        "foreign-key",
        "foreign-key-cascade",
        "foreign-key-outside",
        "lock",
        "materialized-view",
        "partitioned",
        "sequence-alone",
        "trigger",
        "truncate",
    ];
    let accepted: Vec<_> =
        accepted.iter().map(|rule| format!("{{rule: {rule}, object: 'shop.ill.*'}}")).collect();
    ill.rest += &format!("\nlint: {{accept: [{}]}}", accepted.join(", "));
    let after = told(&ill, 0).0;
    assert_eq!(after, before, "nothing of it is left");
    sql(lab, "pg1", "SET client_min_messages = warning; DROP SCHEMA ill CASCADE;");
    assert_eq!(told(inventory, 0).0, before);
}
