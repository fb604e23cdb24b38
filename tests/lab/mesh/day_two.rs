//! What is done to a mesh that is there: other settings, restarts, and watching.

use std::process::Stdio;
use std::time::{Duration, Instant};

use super::{Writer, assert_equal, hosts, open_shop, sql};
use crate::lab::{LONGEST, Lab, until};
use crate::run::Inventory;

const NODES: [&str; 2] = ["pg1", "pg2"];

/// When each server was started.
fn started(lab: &Lab) -> Vec<String> {
    NODES.map(|node| sql(lab, node, "SELECT pg_postmaster_start_time()")).to_vec()
}

#[test]
#[ignore = "boots real hosts"]
fn settings_change_and_servers_restart_while_the_other_one_is_written_to() {
    let lab = hosts("t-mesh-day-two", "trixie", &NODES);
    open_shop(&lab, "pg1");
    lab.on(
        "pg1",
        "echo 'max_worker_processes = 200' >> /etc/postgresql/17/main/postgresql.conf; systemctl restart postgresql@17-main",
    );
    sql(&lab, "pg1", PARTS);
    let with = |settings: &str| {
        let mut inventory = Inventory::of_mesh(&lab, &NODES);
        inventory.rest = format!(
            "postgresql: {{settings: {{{settings}}}}}\ndatabases: [{{name: shop, except: [public.carts]}}]"
        );
        inventory
    };
    with("").bootstrap();
    with("").galactl(&["plan"]).expect_code(0).says(&["all members are as the inventory says"]);

    assert_eq!(NODES.map(|node| sql(&lab, node, "SHOW max_worker_processes")), ["200", "48"]);
    partitions(&lab, &with(""));
    partitions_change(&lab, &with(""));
    a_reader_is_held_up(&lab, &with(""));
    held_up_whatever_the_log_looks_like(&lab, &with(""));

    // A running server takes it.
    let before = started(&lab);
    let changed = with("work_mem: 5MB");
    changed.galactl(&["status"]).says(&["apply-config"]);
    changed.galactl(&["apply-config", "--yes"]).expect_code(0).says(&["ok pg2/mesh/configure"]);
    assert_eq!(NODES.map(|node| sql(&lab, node, "SHOW work_mem")), ["5MB", "5MB"]);
    assert_eq!(started(&lab), before, "no server was restarted");
    changed.galactl(&["apply-config", "--yes"]).expect_code(0).says(&["Nothing to do"]);

    // The other one is written to meanwhile, and nothing of it is lost.
    let mut writer = Writer::start(&lab, "pg2", false);
    changed
        .galactl(&["restart", "pg1", "--yes"])
        .expect_code(0)
        .says(&["ok pg1/mesh/resume", "ok pg1/mesh/verify-rows"]);
    assert!(writer.is_writing(), "a commit failed on pg2");
    let rows = writer.stop();
    assert_ne!(started(&lab)[0], before[0]);
    assert_eq!(started(&lab)[1], before[1]);
    assert_equal(&lab, &NODES, &rows);

    let before = started(&lab);
    let changed = with("work_mem: 5MB, max_connections: 150");
    changed.galactl(&["apply-config", "--yes"]).expect_code(0).says(&["== Restart pg1", "== Restart pg2"]);
    assert_eq!(NODES.map(|node| sql(&lab, node, "SHOW max_connections")), ["150", "150"]);
    assert!(started(&lab).iter().zip(&before).all(|(now, then)| now != then));
    changed.galactl(&["restart", "--rolling", "--yes"]).expect_code(0).says(&["== Restart pg2"]);
    changed.galactl(&["restart", "pg9", "--yes"]).expect_code(1).says(&["no node of this inventory"]);
    watched(&lab, &changed);
}

/// A table in parts, and one whose unique values two nodes can write.
const PARTS: &str = "CREATE TABLE parts (id int PRIMARY KEY, v text) PARTITION BY RANGE (id);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES FROM (0) TO (100);
CREATE TABLE parts_2 PARTITION OF parts FOR VALUES FROM (100) TO (200);
INSERT INTO parts VALUES (1, 'old'), (101, 'old');
CREATE TABLE unique_values (id int PRIMARY KEY, u int UNIQUE);
INSERT INTO unique_values VALUES (1, 1), (2, 2);";

/// Rows of a partition are sent, whether they were written to it or to its table.
fn partitions(lab: &Lab, inventory: &Inventory<'_>) {
    sql(lab, "pg1", "INSERT INTO parts VALUES (2, 'pg1'); INSERT INTO parts_2 VALUES (102, 'pg1');");
    sql(lab, "pg2", "INSERT INTO parts VALUES (3, 'pg2'); UPDATE parts SET v = 'pg2' WHERE id = 1;");
    let rows = "SELECT string_agg(id || v, ' ' ORDER BY id) FROM parts";
    until("the partitions are equal", || {
        NODES.iter().all(|node| sql(lab, node, rows) == "1pg2 2pg1 3pg2 101old 102pg1")
    });
    inventory.galactl(&["compare"]).expect_code(0).says(&["shop.public.parts_2"]);
    let named = inventory.galactl(&["compare", "--table", "public.parts"]).expect_code(0);
    assert!(named.text().contains("parts_1") && !named.text().contains("customers"), "{}", named.text());
}

/// One statement on the whole table; its partitions are what is sent.
fn partitions_change(lab: &Lab, inventory: &Inventory<'_>) {
    let run = |text: &str, confirm: &[&str], code: i32| {
        let path = lab.directory().join("parts.sql");
        std::fs::write(&path, text).expect("a file");
        let file = path.display().to_string();
        inventory.galactl(&[&["ddl", "--file", &file, "--yes"], confirm].concat()).expect_code(code)
    };
    run("ALTER TABLE parts ADD COLUMN note text;", &[], 0).says(&["ok pg2/mesh/ddl-1-widen"]);
    run("ALTER TABLE parts ADD COLUMN note text;", &[], 0).says(&["all nodes have it already"]);
    run("ALTER TABLE parts_1 ADD COLUMN x text;", &[], 3).says(&["ALTER TABLE public.parts"]);
    run("CREATE INDEX CONCURRENTLY parts_v ON parts (v);", &[], 3).says(&["for each partition first"]);
    run("CREATE INDEX parts_v ON parts (v);", &[], 0);
    run("CREATE TABLE parts_3 PARTITION OF parts FOR VALUES FROM (200) TO (300);", &[], 0);
    sql(lab, "pg1", "INSERT INTO parts VALUES (201, 'pg1', 'new')");
    sql(
        lab,
        "pg2",
        "INSERT INTO parts VALUES (202, 'pg2', 'new'); UPDATE parts SET note = 'pg2' WHERE id = 1",
    );
    let rows = "SELECT string_agg(id || v || note, ' ' ORDER BY id) FROM parts";
    until("the partitions are equal", || {
        NODES.iter().all(|node| sql(lab, node, rows) == "1pg2pg2 201pg1new 202pg2new")
    });
    run("ALTER TABLE parts DROP COLUMN note;", &[], 0);
    run("DROP TABLE parts_3;", &["--confirm", "shop"], 0).says(&["DISCARDED"]);
    let two = "CREATE TABLE more (id int PRIMARY KEY) PARTITION BY HASH (id);
        CREATE TABLE more_1 PARTITION OF more FOR VALUES WITH (MODULUS 1, REMAINDER 0);";
    run(two, &[], 0);
    sql(lab, "pg2", "INSERT INTO more VALUES (1)");
    until("the row has come", || sql(lab, "pg1", "SELECT count(*) FROM more") == "1");
    run("DROP TABLE more;", &["--confirm", "shop"], 0);
    inventory.settles();
}

/// The age of the oldest change that a reader lacks. The provider has written nothing for a while before.
fn a_reader_is_held_up(lab: &Lab, inventory: &Inventory<'_>) {
    let lag = || {
        let told = inventory.galactl(&["status", "--output", "json"]).stdout;
        let told: serde_json::Value = serde_json::from_str(&told).expect("a status");
        let links = told["links"].as_array().expect("links");
        let link = links.iter().find(|it| it["from"] == "pg1").expect("a direction");
        link["lag"].as_f64()
    };
    // A commit that nobody has to read counts until the slot has moved beyond it.
    sql(lab, "pg1", "ALTER SYSTEM SET autovacuum = off");
    sql(lab, "pg1", "SELECT pg_reload_conf(); CHECKPOINT;");
    let all = "SELECT bool_and(age(catalog_xmin) <= 1) FROM pg_replication_slots";
    until("it has confirmed all", || sql(lab, "pg1", all) == "t");
    assert!(lag().is_some_and(|lag| lag < 1.0));
    let hold = "cd /; runuser -u postgres -- psql -q -d shop -c 'BEGIN; LOCK TABLE unique_values; SELECT pg_sleep(600)'";
    let mut holder = lab.enter("pg2", hold, LONGEST).stdout(Stdio::null()).spawn().expect("it can be run");
    let locks = "SELECT count(*) FROM pg_locks WHERE relation = 'unique_values'::regclass AND mode = 'AccessExclusiveLock' AND granted";
    until("it is locked", || sql(lab, "pg2", locks) == "1");
    let (began, from) = (Instant::now(), sql(lab, "pg1", "SELECT clock_timestamp()"));
    sql(lab, "pg1", "UPDATE unique_values SET u = u WHERE id = 1");
    for least in [2.0, 5.0] {
        until("it is told", || {
            let told = lag();
            let since = began.elapsed().as_secs_f64();
            println!("a lag of {told:?} s, {since:.1} s after {from}");
            assert!(told.is_none_or(|told| told <= since), "{told:?} of {since} s");
            told.is_some_and(|told| told >= least)
        });
    }
    sql(
        lab,
        "pg2",
        "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE relation = 'unique_values'::regclass AND mode = 'AccessExclusiveLock'",
    );
    holder.wait().expect("an end");
    sql(lab, "pg1", "ALTER SYSTEM RESET autovacuum");
    sql(lab, "pg1", "SELECT pg_reload_conf()");
    until("it has all again", || lag().is_some_and(|lag| lag < 1.0));
    // Its worker may have lost the connection meanwhile.
    for on in ["disable", "enable"] {
        sql(lab, "pg2", &format!("SELECT pglogical.alter_subscription_{on}('pg2_from_pg1', true)"));
    }
    inventory.settles();
}

/// Which transaction a node cannot apply is read from its log, with the prefix that the server has.
fn held_up_whatever_the_log_looks_like(lab: &Lab, inventory: &Inventory<'_>) {
    let again = || {
        for on in ["disable", "enable"] {
            sql(lab, "pg2", &format!("SELECT pglogical.alter_subscription_{on}('pg2_from_pg1', true)"));
        }
    };
    // What is written in the name of another origin goes to nobody.
    let alone = "SELECT pg_replication_origin_session_setup('nobody');";
    sql(lab, "pg2", "SELECT pg_replication_origin_create('nobody');");
    sql(lab, "pg2", &format!("{alone} UPDATE unique_values SET u = 5 WHERE id = 2;"));
    sql(lab, "pg1", "UPDATE unique_values SET u = 5 WHERE id = 1;");
    for prefix in
        ["%m [%p] %q%u@%d ", "%t [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h ", "%n %c %-8p %e %b: "]
    {
        let write = format!(
            "sed -i \"1i log_line_prefix = '{prefix}'\" /etc/postgresql/17/main/postgresql.conf; sed -i '2,$ {{/^log_line_prefix/d}}' /etc/postgresql/17/main/postgresql.conf
            : > /var/log/postgresql/postgresql-17-main.log; systemctl reload postgresql@17-main"
        );
        lab.on("pg2", &write);
        until("it is in effect", || sql(lab, "pg2", "SHOW log_line_prefix") == prefix.trim());
        again();
        until("the transaction is named", || {
            inventory.galactl(&["status"]).stdout.contains("it cannot apply transaction")
        });
    }
    // Nothing is in its way any more.
    sql(lab, "pg2", &format!("{alone} UPDATE unique_values SET u = 2 WHERE id = 2;"));
    sql(lab, "pg2", "SELECT pg_replication_origin_drop('nobody');");
    again();
    until("the nodes are equal", || {
        NODES.iter().all(|node| {
            sql(lab, node, "SELECT string_agg(id || '=' || u, ' ' ORDER BY id) FROM unique_values")
                == "1=5 2=2"
        })
    });
    inventory.settles();
}

/// Without a terminal, a block for each interval.
#[allow(clippy::disallowed_methods, reason = "a person watches for a while")]
fn watched(lab: &Lab, inventory: &Inventory<'_>) {
    let watch = inventory.start(&["watch", "--interval", "1"]);
    std::thread::sleep(Duration::from_secs(4));
    lab.on("pg1", "systemctl stop postgresql@17-main");
    std::thread::sleep(Duration::from_secs(4));
    lab.on("pg1", "systemctl start postgresql@17-main");
    std::thread::sleep(Duration::from_secs(4));
    let pid = watch.id().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &pid]).status().expect("kill").success());
    let output = watch.wait_with_output().expect("it ends");
    let text = String::from_utf8_lossy(&output.stdout);
    println!("{text}");
    for words in [
        "healthy: 2 of 2 nodes are members, 2 of 2 directions replicate",
        "pg1 was `member`, and is `no ",
        "pg1 was `no server`, and is `member`",
    ] {
        assert!(text.contains(words), "{words:?} is not in:\n{text}");
    }
    inventory.settles();
}
