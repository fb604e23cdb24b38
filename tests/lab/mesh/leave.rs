//! Nodes that leave, what a node cannot apply, and a slot that would fill a disk.

use std::collections::BTreeSet;

use super::{Writer, assert_equal, open_shop, sql, try_sql};
use crate::lab::{Lab, until};
use crate::run::Inventory;

const TWO: [&str; 2] = ["pg1", "pg2"];

fn mesh<'a>(lab: &'a Lab, nodes: &[&str], method: &str) -> Inventory<'a> {
    let mut inventory = Inventory::of_mesh(lab, nodes);
    let regions = method == "native";
    let conflicts = if regions { "\nconflicts: {strategy: region}" } else { "" };
    inventory.rest =
        format!("method: {method}{conflicts}\ndatabases: [{{name: shop, except: [public.carts]}}]");
    for (name, extra) in &mut inventory.nodes {
        if regions {
            *extra = format!("    region: {}\n", name.replace("pg", "r"));
        }
    }
    inventory
}

/// pg2 gets a row that it sends to nobody, and pg1 a transaction that meets it there.
fn make_a_transaction_that_pg2_cannot_apply(lab: &Lab) {
    sql(
        lab,
        "pg2",
        "SELECT pg_replication_origin_create('elsewhere');
        SELECT pg_replication_origin_session_setup('elsewhere');
        INSERT INTO customers (region, id, email) VALUES (coalesce(current_setting('galactl.region', true), 'r1'), 900001, 'clash@x');",
    );
    sql(
        lab,
        "pg1",
        "BEGIN; INSERT INTO orders (customer, v) VALUES (1, 'innocent'); UPDATE customers SET email = 'clash@x' WHERE id = 1; COMMIT;",
    );
}

/// The whole transaction is shown before it is given up, and nothing but the cluster's name agrees to that.
fn it_is_shown_and_left_out(lab: &Lab, inventory: &Inventory<'_>) {
    inventory
        .galactl(&["skip", "pg2", "--from", "pg1", "--yes"])
        .expect_code(0)
        .says(&["no transaction is in the way"]);
    make_a_transaction_that_pg2_cannot_apply(lab);
    until("the error is told", || inventory.galactl(&["status"]).text().contains("galactl skip"));
    let said = inventory
        .galactl(&["status"])
        .expect_code(6)
        .says(&["it cannot apply transaction", "customers_email_key"]);
    assert!(said.text().contains("UPDATE"), "{}", said.text());
    inventory.galactl(&["remove-node", "pg1", "--yes"]).expect_code(3).says(&["refused[link] pg2"]);

    let file = inventory.file("skip.plan");
    let shown = ["public.orders: INSERT", "'innocent'", "public.customers: UPDATE", "'clash@x'", "2 changes"];
    inventory
        .galactl(&["skip", "pg2", "--from", "pg1", "--dry-run", "--out", &file])
        .expect_code(0)
        .says(&shown);
    inventory.galactl(&["skip", "pg2", "--from", "pg1", "--yes"]).expect_code(3).says(&["--confirm shop"]);
    inventory
        .galactl_alone(&["apply", &file, "--confirm", "shop"])
        .expect_code(0)
        .says(&["ok pg2/mesh/skip-pg1"]);
    inventory.galactl_alone(&["apply", &file, "--confirm", "shop"]).expect_code(4).says(&["refused[stale]"]);

    sql(lab, "pg1", "INSERT INTO orders (customer, v) VALUES (1, 'after it');");
    let orders = |what: &str| sql(lab, "pg2", &format!("SELECT count(*) FROM orders WHERE v = '{what}'"));
    until("what comes after it is applied", || orders("after it") == "1");
    assert_eq!(orders("innocent"), "0", "all of it is left out");
    inventory.settles();
}

/// On pg1.
fn write_wal(lab: &Lab, megabytes: u32) {
    let message = "pg_logical_emit_message(false, 'fill', repeat('x', 1000000))";
    sql(lab, "pg1", &format!("SELECT count({message}) FROM generate_series(1, {megabytes});"));
}

/// What `max_slot_wal_keep_size` takes from a node that is away is gone; what the node wrote itself is not.
fn a_slot_is_lost_and_its_reader_comes_anew(lab: &Lab, inventory: &Inventory<'_>) {
    lab.on("pg2", "systemctl stop postgresql@17-main");
    write_wal(lab, 150);
    inventory.galactl(&["status"]).expect_code(6).says(&["max_slot_wal_keep_size"]);
    sql(lab, "pg1", "CHECKPOINT;");
    let lost = ["has lost WAL that its reader needs", "remove-node", "add-node"];
    inventory.galactl(&["status"]).expect_code(6).says(&lost);
    lab.on("pg2", "systemctl start postgresql@17-main");
    sql(lab, "pg2", "INSERT INTO orders (customer, v) VALUES (1, 'written on its own')");
    inventory.galactl(&["status"]).expect_code(6).says(&lost);
    inventory.galactl(&["doctor"]).expect_code(6).says(&lost);
    // pg1 reads from pg2 again within three minutes, or at once by what status says.
    let own = "'pg1_from_pg2', true";
    sql(
        lab,
        "pg1",
        &format!(
            "SELECT pglogical.alter_subscription_disable({own}); SELECT pglogical.alter_subscription_enable({own});"
        ),
    );
    let state = "SELECT status FROM pglogical.show_subscription_status();";
    until("pg1 reads from pg2", || sql(lab, "pg1", state) == "replicating");

    inventory.galactl(&["remove-node", "pg2", "--yes"]).expect_code(0);
    inventory
        .galactl(&["add-node", "pg2", "--yes"])
        .expect_code(3)
        .says(&["sudo pg_dropcluster --stop 17 main"]);
    lab.on("pg2", "pg_dropcluster --stop 17 main && pg_createcluster 17 main");
    inventory.galactl(&["add-node", "pg2", "--yes"]).expect_code(0);
    inventory.settles();
    inventory.galactl(&["compare"]).expect_code(0);
    let own = "SELECT count(*) FROM orders WHERE v = 'written on its own'";
    assert_eq!(sql(lab, "pg2", own), "1");
}

/// One after the other: an error is shown and left out; a slot loses WAL; a host dies, its slot is noticed before the disk is
/// full, and it is given up. Writes never stop.
#[test]
#[ignore = "boots real hosts"]
fn what_holds_a_mesh_up_is_told_and_given_up() {
    let lab =
        Lab::up("t-mesh-skip", &["--small-disk", "1600M", "pg1:trixie:postgresql", "pg2:trixie:postgresql"]);
    open_shop(&lab, "pg1");
    let inventory = mesh(&lab, &TWO, "pglogical");
    let mut limited = mesh(&lab, &TWO, "pglogical");
    limited.rest += "\npostgresql: {settings: {max_slot_wal_keep_size: 48MB}}";
    limited.galactl(&["bootstrap", "--yes"]).expect_code(0);
    limited
        .galactl(&["doctor"])
        .says(&["note[second-key]", "public.customers has the unique key customers_email_key"]);
    it_is_shown_and_left_out(&lab, &limited);
    let mut writer = Writer::start(&lab, "pg1", false);
    a_slot_is_lost_and_its_reader_comes_anew(&lab, &limited);
    inventory.galactl(&["apply-config", "--yes"]).expect_code(0);

    lab.fault("poweroff", "pg2");
    let said = inventory.galactl(&["status"]);
    assert!(!said.text().contains("keeps"), "{}", said.text());
    write_wal(&lab, 350);
    let free = lab.on("pg1", "df -m --output=avail /var/lib/postgresql | tail -n 1");
    assert!(
        free.trim().parse::<u32>().expect("a number") > 500,
        "it is told in good time: {free} MB are left"
    );
    for command in ["status", "doctor"] {
        inventory.galactl(&[command]).says(&[
            "of WAL for its",
            "its disk has",
            "remove-node",
            "--unseen pg2",
        ]);
    }
    inventory.galactl(&["doctor"]).says(&[" left, which lasts "]);

    // Its last writes are unknown, so a yes is not enough.
    inventory.galactl(&["remove-node", "pg2", "--yes"]).expect_code(4).says(&["refused[unreachable] pg2"]);
    let gone = ["remove-node", "pg2", "--unseen", "pg2"];
    inventory.galactl(&[&gone[..], &["--yes"]].concat()).expect_code(3).says(&["--confirm shop"]);
    let said = ["its last writes may be on no other node", "pg1 has applied its changes up to"];
    inventory.galactl(&[&gone[..], &["--confirm", "shop"]].concat()).expect_code(0).says(&said);
    inventory.galactl(&[&gone[..], &["--yes"]].concat()).expect_code(0).says(&["Nothing to do"]);
    nothing_is_left(&lab, "pg1");
    assert!(writer.is_writing(), "a commit failed on pg1");
    let rows = writer.stop();
    println!("{} acknowledged rows of pg1", rows.len());
    assert_equal(&lab, &["pg1"], &rows);
    mesh(&lab, &["pg1"], "pglogical").galactl(&["status"]).expect_code(0);

    // It takes itself for a member where it comes back, and nothing is built on that.
    lab.fault("poweron", "pg2");
    until("its server runs", || try_sql(&lab, "pg2", "SELECT 1").0);
    inventory.galactl(&["status"]).expect_code(6).says(&["pg2: it takes itself for a member"]);
    inventory.galactl(&["add-node", "pg2", "--yes"]).expect_code(3).says(&["refused[forgotten] pg2"]);
    inventory.galactl(&["remove-node", "pg2", "--yes"]).expect_code(0);
    nothing_is_left(&lab, "pg2");
    inventory.galactl(&["add-node", "pg2", "--yes"]).expect_code(3).says(&["refused[other-data] pg2"]);
}

/// Of the mesh with another node.
fn nothing_is_left(lab: &Lab, node: &str) {
    let left = "SELECT 'slot ' || slot_name FROM pg_replication_slots
        UNION ALL SELECT 'origin ' || roname FROM pg_replication_origin WHERE roname <> 'elsewhere'
        UNION ALL SELECT 'subscription ' || subname FROM pg_subscription;";
    assert_eq!(sql(lab, node, left), "", "{node}");
}

/// The seed goes while both are written to, and galactl is killed on the way: whatever was acknowledged on it is on the other.
#[test]
#[ignore = "boots real hosts"]
fn the_seed_leaves_a_native_mesh_under_writers() {
    let lab = Lab::up("t-mesh-leave", &["pg1:trixie:postgresql", "pg2:trixie:postgresql"]);
    open_shop(&lab, "pg1");
    let inventory = mesh(&lab, &TWO, "native");
    inventory.galactl(&["bootstrap", "--yes"]).expect_code(0);
    it_is_shown_and_left_out(&lab, &inventory);

    let writers = TWO.map(|node| Writer::start(&lab, node, true));
    let few = |writer: &Writer<'_>| {
        std::fs::read_to_string(&writer.told).map_or(true, |text| text.lines().count() < 60)
    };
    until("both have written", || !writers.iter().any(few));
    let again = ["remove-node", "pg1", "--yes"];
    for step in
        ["-> pg1/mesh/shut-out", "-> pg1/mesh/stop-reading", "-> pg2/mesh/forget-pg1", "-> pg1/mesh/leave"]
    {
        let mut child = inventory.galactl_until(&again, step);
        child.kill().expect("SIGKILL");
        child.wait().expect("an end");
    }
    inventory.galactl(&again).expect_code(0);
    inventory.galactl(&again).expect_code(0).says(&["Nothing to do"]);

    let [first, second] = writers;
    let mut acknowledged = first.stop();
    println!("{} acknowledged rows of pg1", acknowledged.len());
    let rows: BTreeSet<u64> = second.stop();
    println!("{} acknowledged rows of pg2", rows.len());
    acknowledged.extend(rows);
    assert_equal(&lab, &["pg2"], &acknowledged);
    nothing_is_left(&lab, "pg2");
    nothing_is_left(&lab, "pg1");
    // It is a server of its own, with its data, and without clients.
    assert_ne!(sql(&lab, "pg1", "SELECT count(*) FROM customers"), "0");
    let (ok, said) = lab.try_on("pg1", "cd /; runuser -u nobody -- psql -XAtq -d shop -c 'SELECT 1'");
    assert!(!ok && said.contains("pg_hba.conf rejects connection"), "{said}");
    mesh(&lab, &["pg2"], "native").galactl(&["status"]).expect_code(0);
}
