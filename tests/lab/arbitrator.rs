//! Two nodes with data, and garbd on a third host.

use crate::lab::Lab;
use crate::outage::Shop;
use crate::run::{ENCRYPTED, Inventory};

#[test]
#[ignore = "boots real hosts"]
fn an_arbitrator_votes_from_its_bootstrap_to_the_last_outage() {
    let lab = Lab::up("t-arbiter", &["db1", "db2", "arb1:bookworm:bare"]);
    let mut inventory = Inventory::of(&lab, &["db1", "db2"]);
    inventory.cluster += "\n  install: true";
    inventory.arbitrators = vec![("arb1".into(), "    segment: 1\n".into())];
    inventory.rest = ENCRYPTED.into();
    let mut shop = Shop::open(&lab, &inventory);
    counted(&shop);
    lab.on("arb1", "systemctl is-enabled garb && [ ! -e /usr/sbin/policy-rc.d ]");
    inventory.galactl(&["plan", "--detailed-exitcode"]).expect_code(0);
    shop.write("db1");

    it_keeps_the_majority(&mut shop);
    it_is_started_where_it_does_not_run(&shop);
    the_last_node_that_stops_is_safe(&mut shop);
    left_alone_it_is_called_back(&mut shop);
    after_a_crash_of_both_nodes_it_votes_again(&mut shop);
    it_is_removed_like_a_node(&shop);
    without_its_host_the_nodes_go_on(&lab, &inventory);
}

/// Both nodes count three members, and the status agrees.
#[track_caller]
fn counted(shop: &Shop<'_>) {
    for host in ["db1", "db2"] {
        assert!(shop.lab.sql(host, "SHOW STATUS LIKE 'wsrep_cluster_size'").ends_with('3'), "{host}");
    }
    let status = shop.inventory.galactl(&["status"]).expect_code(0);
    status.says(&["2 of 2 nodes Synced, size 3 of 3", "arbitrator, counted"]);
}

fn it_keeps_the_majority(shop: &mut Shop<'_>) {
    shop.lab.on("db2", "systemctl kill -s KILL mariadb; systemctl stop mariadb");
    shop.until("db1", "wsrep_cluster_size", "2");
    shop.write("db1");
    shop.inventory.galactl(&["plan", "--detailed-exitcode"]).expect_code(2).says(&["db2/galera/join"]);
    shop.inventory.galactl(&["bootstrap", "--yes"]).expect_code(0);
    counted(shop);
    shop.assert_nothing_lost();
}

fn it_is_started_where_it_does_not_run(shop: &Shop<'_>) {
    shop.lab.on("arb1", "systemctl stop garb; printf 'GALERA_NODES=nowhere\\n' > /etc/default/garb");
    shop.inventory
        .galactl(&["status"])
        .expect_code(5)
        .says(&["arb1: its garbd is stopped", "next: galactl bootstrap "]);
    let file = shop.inventory.file("plan.json");
    shop.inventory
        .galactl(&["plan", "--out", &file])
        .expect_code(0)
        .says(&["arb1/garbd/config", "-GALERA_NODES=nowhere"]);
    shop.inventory.galactl_alone(&["apply", &file, "--yes"]).expect_code(0).says(&["ok arb1/garbd/vote"]);
    assert_eq!(shop.lab.on("arb1", "cat /etc/default/garb.galactl-previous"), "GALERA_NODES=nowhere");
    assert!(shop.lab.on("arb1", "pgrep -ax garbd").contains("-g shop -o gmcast.segment=1; socket.ssl_ca="));
    counted(shop);
}

fn the_last_node_that_stops_is_safe(shop: &mut Shop<'_>) {
    let stopped = shop.inventory.galactl(&["stop", "--yes"]).expect_code(0);
    stopped.says(&["ok arb1/garbd/stop", "db1 alone is safe to bootstrap"]);
    assert_eq!(shop.lab.on("arb1", "pgrep -xc garbd || true"), "0");
    shop.inventory.galactl(&["start", "--yes"]).expect_code(0).says(&["ok arb1/garbd/vote"]);
    counted(shop);
    shop.write("db2");
}

/// Stopped by hand, the last node leaves an arbitrator behind that stays Primary alone: no node has the flag,
/// and no node that starts finds its way to it.
fn left_alone_it_is_called_back(shop: &mut Shop<'_>) {
    for host in ["db2", "db1"] {
        shop.lab.on(host, "systemctl stop mariadb");
    }
    assert_eq!(shop.lab.on("db1", "grep -c 'safe_to_bootstrap: 0' /var/lib/mysql/grastate.dat"), "1");
    let log = shop.lab.on("arb1", "journalctl -u garb -o cat | grep 'New COMPONENT' | tail -n 1");
    assert!(log.contains("primary = yes") && log.contains("memb_num = 1"), "{log}");
    shop.inventory
        .galactl(&["start", "--yes"])
        .expect_code(0)
        .says(&["ok arb1/garbd/stop", "ok arb1/garbd/vote"]);
    counted(shop);
    shop.assert_nothing_lost();
}

fn after_a_crash_of_both_nodes_it_votes_again(shop: &mut Shop<'_>) {
    shop.write("db1");
    shop.lab.on("db1", "systemctl kill -s KILL mariadb");
    shop.lab.on("db2", "systemctl kill -s KILL mariadb");
    for host in ["db1", "db2"] {
        shop.lab.on(host, "systemctl stop mariadb");
    }
    shop.inventory.galactl(&["recover", "--yes"]).expect_code(0).says(&[
        "rule 4",
        "ok arb1/garbd/stop",
        "ok arb1/garbd/vote",
    ]);
    counted(shop);
    shop.assert_nothing_lost();
}

fn it_is_removed_like_a_node(shop: &Shop<'_>) {
    let both = shop.inventory.galactl(&["remove-node", "arb1", "db2", "--yes"]).expect_code(1);
    both.says(&["`arb1` is an arbitrator"]);
    let ran = shop.inventory.galactl(&["remove-node", "arb1", "--yes"]).expect_code(0);
    ran.says(&["2 votes remain (db1, db2)", "delete arb1 from `arbitrators`", "ok arb1/garbd/stop"]);
    assert_eq!(shop.lab.on("arb1", "systemctl is-enabled garb || true"), "disabled");
    for host in ["db1", "db2"] {
        shop.until(host, "wsrep_cluster_size", "2");
    }
    shop.inventory.galactl(&["remove-node", "arb1", "--yes"]).expect_code(0).says(&["Nothing to do"]);
    shop.inventory.galactl(&["add-node", "arb1", "--yes"]).expect_code(0).says(&["ok arb1/garbd/vote"]);
    counted(shop);
}

fn without_its_host_the_nodes_go_on(lab: &Lab, inventory: &Inventory<'_>) {
    lab.fault("poweroff", "arb1");
    inventory.galactl(&["plan"]).expect_code(4).says(&["refused[unreachable] arb1"]);
    // Until the nodes have noticed, it may be in the view that the last of them leaves.
    lab.on(
        "db1",
        "until mariadb -BN -e \"SHOW STATUS LIKE 'wsrep_cluster_size'\" | grep -qw 2; do sleep 0.2; done",
    );
    inventory.galactl(&["stop", "--yes"]).expect_code(0);
    inventory.galactl(&["status"]).expect_code(6).says(&["the arbitrator was not seen"]);
    inventory.galactl(&["start", "--yes"]).expect_code(0).says(&["arb1: left as it is"]);
}
