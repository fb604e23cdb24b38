//! Proxies in front of a cluster, and clients that write through them whatever happens to a node.

use std::time::Duration;

use crate::clients::{Account, Clients, Keeps, SETUP};
use crate::lab::Lab;
use crate::run::Inventory;

const NODES: [&str; 3] = ["db1", "db2", "db3"];
/// Connections that end by themselves.
const ENDING: [Keeps; 2] = [Keeps::None, Keeps::For(Duration::from_secs(3))];

fn inventory<'a>(lab: &'a Lab, proxies: &[&str]) -> Inventory<'a> {
    let mut inventory = Inventory::of(lab, &NODES);
    inventory.cluster += "\n  install: true";
    inventory.proxies = proxies.iter().map(|name| ((*name).to_owned(), String::new())).collect();
    inventory
}

fn at(lab: &Lab, proxies: &[&str], port: u16) -> Vec<(String, u16)> {
    proxies.iter().map(|proxy| (lab.address(proxy), port)).collect()
}

/// Clients of these kinds write through the proxies while galactl does something.
#[track_caller]
fn meanwhile(
    inventory: &Inventory<'_>,
    endpoints: &[(String, u16)],
    kinds: &[Keeps],
    words: &[&str],
) -> Account {
    let clients = Clients::start(endpoints, kinds);
    let ran = inventory.galactl(words);
    let account = clients.stop();
    ran.expect_code(0);
    println!(
        "{} confirmed, {} failed, longest {:?}",
        account.confirmed.len(),
        account.failed.len(),
        account.longest
    );
    account
}

#[test]
#[ignore = "boots real hosts"]
fn clients_notice_nothing_of_a_rolling_restart() {
    let lab = Lab::up("t-endpoint", &["db1", "db2", "db3", "lb1:bullseye:bare", "lb2:trixie:bare"]);
    let mut inventory = inventory(&lab, &["lb1", "lb2"]);
    inventory.bootstrap().says(&["ok lb1/haproxy/verify", "writes go to db1"]);
    inventory.galactl(&["plan", "--detailed-exitcode"]).expect_code(0);
    inventory.galactl(&["status"]).expect_code(0).says(&["proxy, writes go to db1"]);
    lab.sql("db1", SETUP);

    let endpoints = at(&lab, &["lb1", "lb2"], 3306);
    let restart = ["restart", "--rolling", "--yes"];
    let account = meanwhile(&inventory, &endpoints, &ENDING, &restart);
    assert_eq!(account.failed, [""; 0]);
    account.assert_nothing_lost(&lab, &NODES);
    // The last node that left was the writer, and does not get the writes back.
    inventory.galactl(&["status"]).expect_code(0).says(&["proxy, writes go to db2"]);

    the_last_one_that_serves_is_not_drained(&lab, &inventory);
    what_differs_is_found_and_put_right(&lab, &inventory);

    inventory.rest = "endpoint:\n  writes: any\n  drain: 2".into();
    let account = meanwhile(&inventory, &endpoints, &ENDING, &["apply-config", "--yes"]);
    assert_eq!(account.failed, [""; 0]);
    let account = meanwhile(&inventory, &endpoints, &[ENDING[0], ENDING[1], Keeps::Ever], &restart);
    let ended = account.failed.iter().filter(|failed| !failed.starts_with("Ever"));
    assert_eq!(ended.collect::<Vec<_>>(), [""; 0]);
    assert!(account.failed.len() <= 2 * NODES.len(), "{:?}", account.failed);
    account.assert_nothing_lost(&lab, &NODES);
    inventory.assert_whole();
}

fn the_last_one_that_serves_is_not_drained(lab: &Lab, inventory: &Inventory<'_>) {
    for host in ["db1", "db3"] {
        lab.sql(host, "SET GLOBAL read_only = ON");
    }
    inventory.galactl(&["stop", "db2", "--yes"]).expect_code(3).says(&[
        "db2: proxies could send clients to no other node: db1 answers 503 (read_only is set)",
        "next: galactl doctor",
    ]);
    inventory
        .galactl(&["doctor"])
        .expect_code(5)
        .says(&["it is Synced, and tells proxies: 503 (read_only is set)"]);
    for host in ["db1", "db3"] {
        lab.sql(host, "SET GLOBAL read_only = OFF");
    }
    lab.on("db2", "[ ! -e /run/galactl-drain ] && systemctl is-active mariadb");
}

fn what_differs_is_found_and_put_right(lab: &Lab, inventory: &Inventory<'_>) {
    lab.on("lb1", "systemctl stop haproxy");
    lab.on("lb2", "sed -i 's/^    retries 2/    retries 9/' /etc/haproxy/haproxy.cfg");
    lab.on("db3", "systemctl disable --now galactl-health.socket; touch /run/galactl-drain");
    inventory.galactl(&["status"]).expect_code(5).says(&[
        "lb1: haproxy.service is inactive: no client gets through this proxy",
        "lb2: /etc/haproxy/haproxy.cfg is not what the inventory says",
        "db3: it is drained: proxies send no new client to it",
    ]);
    inventory.galactl(&["apply-config", "--yes"]).expect_code(0).says(&[
        "ok db3/health/serve",
        "ok db3/health/listen",
        "ok lb1/haproxy/run",
        "ok lb2/haproxy/config",
        "ok lb1/haproxy/verify",
    ]);
    inventory.galactl(&["plan", "--detailed-exitcode"]).expect_code(0);
}
