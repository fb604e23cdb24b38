//! Are the nodes of a mesh equal, while all of them are written to? And rows of one node that become those of the others.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt as _;
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::{Writer, assert_equal, digest, hosts, open_shop, release, sql};
use crate::lab::{Lab, until};
use crate::run::Inventory;

const NODES: [&str; 3] = ["pg1", "pg2", "pg3"];

/// What no other node gets: as changes look that came from a node which is gone.
const PARTED: &str = "SELECT pg_replication_origin_create('by_hand') \\gset
BEGIN;
SELECT pg_replication_origin_session_setup('by_hand') \\gset
UPDATE orders SET v = E'it''s \\\\ \"parted\"' WHERE id = 9000;
UPDATE orders SET v = NULL WHERE id = 9001;
DELETE FROM orders WHERE id = 9002;
INSERT INTO orders (region, id, v) OVERRIDING SYSTEM VALUE VALUES ('r1', 900001, '');
UPDATE customers SET email = 'parted' WHERE id = 19998;
COMMIT;";

fn compared(inventory: &Inventory<'_>, code: i32) -> Value {
    let ran = inventory.galactl(&["compare", "--output", "json"]).expect_code(code);
    serde_json::from_str(&ran.stdout).expect("JSON")
}

/// Table and last part of the key of each row that differs.
fn found(report: &Value) -> BTreeSet<String> {
    let tables = report["tables"].as_array().expect("tables").iter();
    let keys = tables.flat_map(|table| {
        let name = table["table"].as_str().expect("a name");
        let differences = table["differences"].as_array().expect("differences").iter();
        differences.map(move |it| format!("{name} {}", it["key"][1].as_str().expect("a number")))
    });
    keys.collect()
}

#[test]
#[ignore = "boots real hosts"]
fn what_parted_silently_is_found_by_key_and_repaired() {
    let lab = hosts("t-mesh-comp", &release("trixie"), &NODES);
    open_shop(&lab, "pg1");
    let mut inventory = Inventory::of_mesh(&lab, &NODES);
    inventory.rest = "databases: [{name: shop, except: [public.carts]}]".into();
    inventory.galactl(&["bootstrap", "--yes"]).expect_code(0);

    let mut writers: Vec<_> = NODES.iter().map(|node| Writer::start(&lab, node, false)).collect();
    let equal = compared(&inventory, 0);
    assert_eq!(equal["verdict"], "equal");
    assert_eq!(equal["tables"].as_array().map(Vec::len), Some(2), "{equal:#}");
    inventory.galactl(&["compare", "--table", "public.none"]).expect_code(1).says(&["public.none"]);

    cut_off_for_a_while(&lab);
    sql(&lab, "pg3", PARTED);
    let orders = [9000, 9001, 9002, 900_001].map(|id| format!("shop.public.orders {id}"));
    let parted: BTreeSet<_> = orders.into_iter().chain(["shop.public.customers 19998".to_owned()]).collect();
    assert_eq!(found(&compared(&inventory, 6)), parted);
    let named = ["compare", "--table", "public.ord*", "--values"];
    inventory.galactl(&named).expect_code(6).says(&[
        "v = 'it's \\ \"parted\"'",
        "id 9002: pg1, pg2 a row; pg3 no row",
        "pg3 has something else than both others in 1 table",
        "--repair pg1 --dry-run",
    ]);
    for writer in &mut writers {
        assert!(writer.is_writing(), "a commit failed beside compare on {}", writer.node);
    }
    let rows: BTreeSet<u64> = writers.into_iter().flat_map(Writer::stop).collect();
    println!("{} acknowledged rows", rows.len());
    let others = digest(&lab, "pg1");
    assert_eq!(digest(&lab, "pg2"), others);
    assert_ne!(digest(&lab, "pg3"), others);
    repaired(&lab, &inventory, &others);
    assert_equal(&lab, &NODES, &rows);
}

/// All go on to write, and `compare` waits for what comes after the cut. GALACTL_CUT says for how many seconds.
#[allow(clippy::disallowed_methods, reason = "a scene is one thread that waits")]
fn cut_off_for_a_while(lab: &Lab) {
    let seconds = std::env::var("GALACTL_CUT").map_or(2, |seconds| seconds.parse().expect("seconds"));
    lab.fault("cut", "pg3");
    sleep(Duration::from_secs(seconds));
    lab.fault("heal", "pg3");
    let healed = Instant::now();
    let behind = "SELECT count(*) FROM pg_replication_slots WHERE NOT active OR pg_current_wal_lsn() - confirmed_flush_lsn > 1000000;";
    until("all have caught up", || NODES.iter().all(|node| sql(lab, node, behind) == "0"));
    println!("caught up {:.0?} after a cut of {seconds} s", healed.elapsed());
}

/// Rows of pg1 become those of pg3, and pg2 is not written to.
fn repaired(lab: &Lab, inventory: &Inventory<'_>, others: &str) {
    let untouched = || sql(lab, "pg2", "SELECT sum(xmin::text::bigint) FROM orders WHERE id <> 9001");
    let (before, parted) = (untouched(), digest(lab, "pg3"));
    let repair = ["compare", "--repair", "pg1", "--table", "public.*"];
    let run = |more: &[&str]| inventory.galactl(&[&repair[..], more].concat());
    let plan = lab.directory().join("repair.json");
    let file = plan.display().to_string();
    run(&["--dry-run", "--out", &file]).expect_code(0).says(&[
        "Repair of mesh",
        "on pg3: shop.public.orders (region r1, id 9000): v = 'it's",
        "v = NULL becomes 'c3daba8ba04565423e12eb8cb6237b46'",
        "(region r1, id 9002) is inserted",
        "DISCARDED on pg3: shop.public.orders (region r1, id 900001) is deleted",
        "personal data",
    ]);
    let mode = std::fs::metadata(&plan).expect("a file").permissions().mode() & 0o777;
    assert_eq!(mode, 0o600, "nobody else reads the values");
    run(&["--yes"]).expect_code(3).says(&["--confirm"]);
    assert_eq!(digest(lab, "pg3"), parted, "nothing was written so far");

    // What the plan showed is not what is there any more.
    sql(lab, "pg1", "UPDATE orders SET v = 'right' WHERE id = 9001");
    inventory
        .galactl_alone(&["apply", &file, "--confirm", "shop"])
        .expect_code(4)
        .says(&["something else now"]);
    let ran =
        run(&["--confirm", "shop"]).expect_code(0).says(&["ok pg3/mesh/repair-2", "equal on all nodes"]);
    assert!(!ran.text().contains("pg2/mesh/repair"), "only pg3 is written to");
    assert_eq!(digest(lab, "pg3"), digest(lab, "pg1"));
    assert_ne!(digest(lab, "pg1"), others, "a client has written since");
    assert_eq!(untouched(), before, "the repair is not sent on");
    run(&["--yes"]).expect_code(0).says(&["Nothing to do: the nodes have the same rows"]);
    compared(inventory, 0);
}
