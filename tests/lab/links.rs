//! A link between two of three members is cut, and the third one carries their messages.

use crate::lab::Lab;
use crate::outage::{Shop, Writer};
use crate::run::Inventory;

const HOSTS: [&str; 3] = ["db1", "db2", "db3"];

/// db1 and db2 have a connection for group communication, or none.
fn wait_for_link(lab: &Lab, is_there: bool) {
    let peer = lab.address("db2");
    let listed = format!("ss -Htn state established '( sport = :4567 or dport = :4567 )' | grep -qF {peer}:");
    let word = if is_there { "until" } else { "while" };
    lab.on("db1", &format!("{word} {listed}; do sleep 0.2; done"));
}

#[test]
#[ignore = "boots real hosts"]
fn a_link_that_is_cut_is_told_and_nobody_is_taken_out() {
    let lab = Lab::up("t-links", &HOSTS);
    let mut inventory = Inventory::of(&lab, &HOSTS);
    let shop = Shop::open(&lab, &inventory);
    let state = shop.state.clone();
    inventory.galactl(&["status"]).expect_code(0);

    let mut writer = Writer::start(&lab, "db1", 1_000_000);
    lab.cut_from("db1", "db2");
    wait_for_link(&lab, false);
    let words = ["db1: it has no connection with db2 for group communication (port 4567)"];
    inventory.galactl(&["status"]).expect_code(5).says(&words);
    inventory.galactl(&["doctor"]).expect_code(5).says(&words);
    inventory.galactl(&["check"]).expect_code(3).says(&["db1", "db2", "cannot reach", "4567"]);

    let before = processes(&lab);
    let commands: [&[&str]; 4] = [
        &["restart", "--rolling", "--yes"],
        &["restart", "db3", "--yes"],
        &["stop", "db3", "--yes"],
        &["remove-node", "db3", "--yes"],
    ];
    for command in commands {
        inventory.galactl(command).expect_code(3).says(&["refused[missing-link] db1"]).says(&words);
    }
    inventory.rest = "mysqld:\n  back_log: 71\n".into();
    inventory.galactl(&["apply-config", "--yes"]).expect_code(3).says(&["refused[missing-link] db1"]);
    assert_eq!(processes(&lab), before, "a server was stopped");
    assert!(writer.is_writing(), "a commit failed");
    lab.fault("heal", "db1");
    wait_for_link(&lab, true);
    inventory.galactl(&["status"]).says(&["3 of 3 nodes Synced"]);
    one_is_cut_after_the_plan(&lab, &inventory);
    let rows = writer.acknowledged("db1");
    Shop::again(&lab, &inventory, &state).assert_has(&rows);
}

/// It was whole when the plan was made.
fn one_is_cut_after_the_plan(lab: &Lab, inventory: &Inventory<'_>) {
    let ran = inventory.galactl_held(&["apply-config", "--yes"], "-> db1/galera/try-config", || {
        lab.cut_from("db1", "db2");
        wait_for_link(lab, false);
    });
    ran.expect_code(4).says(&[
        "FAILED db3/galera/leave",
        "no connection for group communication between db1 and db2",
        "left: db3 was not stopped",
    ]);
    lab.fault("heal", "db1");
    wait_for_link(lab, true);
    inventory.galactl(&["apply-config", "--yes"]).expect_code(0);
}

/// Of each server: since when it runs.
fn processes(lab: &Lab) -> Vec<String> {
    let show = "systemctl show mariadb -p MainPID,NRestarts,ActiveEnterTimestamp";
    HOSTS.iter().map(|host| lab.on(host, show)).collect()
}
