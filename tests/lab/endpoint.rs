//! Proxies in front of a cluster, and clients that write through them whatever happens to a node.

use std::time::Duration;

use crate::clients::{Account, Clients, Keeps, SETUP};
use crate::lab::{Lab, until};
use crate::run::Inventory;

pub const NODES: [&str; 3] = ["db1", "db2", "db3"];
/// Connections that end by themselves.
pub const ENDING: [Keeps; 2] = [Keeps::None, Keeps::For(Duration::from_secs(3))];

pub fn inventory<'a>(lab: &'a Lab, proxies: &[&str]) -> Inventory<'a> {
    let mut inventory = Inventory::of(lab, &NODES);
    inventory.cluster += "\n  install: true";
    inventory.proxies = proxies.iter().map(|name| ((*name).to_owned(), String::new())).collect();
    inventory
}

pub fn at(lab: &Lab, proxies: &[&str], port: u16) -> Vec<(String, u16)> {
    proxies.iter().map(|proxy| (lab.address(proxy), port)).collect()
}

/// Clients of these kinds write through the proxies while galactl does something.
#[track_caller]
pub fn meanwhile(
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
    assert_eq!(account.failures(|_| true), [""; 0]);
    account.assert_nothing_lost(&lab, &NODES);
    // The last node that left was the writer, and does not get the writes back.
    inventory.galactl(&["status"]).expect_code(0).says(&["proxy, writes go to db2"]);

    the_last_one_that_serves_is_not_drained(&lab, &inventory);
    what_differs_is_found_and_put_right(&lab, &inventory);

    inventory.rest = "endpoint:\n  writes: any\n  drain: 10".into();
    let account = meanwhile(&inventory, &endpoints, &ENDING, &["apply-config", "--yes"]);
    assert_eq!(account.failures(|_| true), [""; 0]);
    let account = meanwhile(&inventory, &endpoints, &[ENDING[0], ENDING[1], Keeps::Ever], &restart);
    assert_eq!(account.failures(|keeps| !matches!(keeps, Keeps::Ever)), [""; 0]);
    // Such a client has one session; it is cut once at each node.
    assert!(account.failed.len() <= 2 * NODES.len(), "{:?}", account.failures(|_| true));
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

/// An address of the lab's network that no host has.
pub fn shared_address(lab: &Lab) -> String {
    let first = lab.address("db1");
    first.rsplit_once('.').expect("an IPv4 address").0.to_owned() + ".250"
}

/// The proxy whose host has the address now.
pub fn holder<'a>(lab: &Lab, proxies: &[&'a str], address: &str) -> Option<&'a str> {
    let has = |proxy: &&&str| {
        lab.is_on(proxy) && lab.try_on(proxy, &format!("ip -o addr | grep -qF ' {address}/'")).0
    };
    proxies.iter().find(has).copied()
}

#[test]
#[ignore = "boots real hosts"]
fn the_address_moves_when_a_proxy_fails() {
    let lab = Lab::up("t-address", &["db1", "db2", "db3", "lb1:bookworm:bare", "lb2:trixie:bare"]);
    let proxies = ["lb1", "lb2"];
    let (mut inventory, address) = (inventory(&lab, &proxies), shared_address(&lab));
    inventory.rest = format!("endpoint:\n  virtual_address: {address}/24");
    inventory.bootstrap().says(&["ok lb2/keepalived/share", &format!("lb1, lb2 and {address}")]);
    inventory.galactl(&["status"]).expect_code(0);
    lab.sql("db1", SETUP);
    let endpoint = [(address.clone(), 3306)];

    // The proxy ends by itself, its host loses its power, and it comes back.
    let clients = Clients::start(&endpoint, &ENDING);
    let first = holder(&lab, &proxies, &address).expect("one has it");
    lab.on(first, "systemctl stop haproxy");
    let moved = || holder(&lab, &proxies, &address).is_some_and(|now| now != first);
    until("the address has moved", moved);
    lab.on(first, "systemctl start haproxy");
    let second = holder(&lab, &proxies, &address).expect("one has it");
    lab.fault("poweroff", second);
    until("the address is back", || holder(&lab, &proxies, &address) == Some(first));
    inventory.galactl(&["status"]).expect_code(5).says(&[&format!("{second}: the proxy was not seen")]);
    // Nobody can be reached, and then one again.
    lab.on(first, "systemctl stop haproxy");
    lab.on(first, "systemctl start haproxy");
    let account = clients.stop();
    account.assert_nothing_lost(&lab, &NODES);
    println!(
        "{} confirmed, {} failed, longest {:?}",
        account.confirmed.len(),
        account.failed.len(),
        account.longest
    );

    // Maintenance goes on with one proxy, and its proof is the ledger.
    inventory
        .galactl(&["restart", "db3", "--yes", "--ledger"])
        .expect_code(0)
        .says(&["no session is left", "nothing is lost: every confirmed row is on db1, db2 and db3"]);
    lab.fault("poweron", second);
    until("the proxy is back", || inventory.galactl(&["status"]).code == 0);
    a_restart_that_is_killed_leaves_nobody_drained(&lab, &inventory);
}

/// galactl is killed as each step of a drained restart ends, and run again.
fn a_restart_that_is_killed_leaves_nobody_drained(lab: &Lab, inventory: &Inventory<'_>) {
    let restart = ["restart", "db2", "--yes"];
    for mark in ["ok db2/health/drain", "ok db2/galera/leave"] {
        let mut killed = inventory.galactl_until(&restart, mark);
        killed.kill().expect("it runs");
        killed.wait().expect("it ends");
        inventory.galactl(&["start", "--yes"]).expect_code(0);
        inventory.galactl(&restart).expect_code(0);
        lab.on("db2", "[ ! -e /run/galactl-drain ]");
        inventory.galactl(&["status"]).expect_code(0);
    }
}
