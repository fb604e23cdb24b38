//! What is done to a mesh that is there: other settings, restarts, and watching.

use std::time::Duration;

use super::{Writer, assert_equal, hosts, open_shop, sql};
use crate::lab::Lab;
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
    let with = |settings: &str| {
        let mut inventory = Inventory::of_mesh(&lab, &NODES);
        inventory.rest = format!(
            "postgresql: {{settings: {{{settings}}}}}\ndatabases: [{{name: shop, except: [public.carts]}}]"
        );
        inventory
    };
    with("").bootstrap();
    with("").galactl(&["plan"]).expect_code(0).says(&["all members are as the inventory says"]);

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
