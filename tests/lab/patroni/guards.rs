//! What stands before the founding of a cluster.

use super::{NODES, all_untouched, assert_whole, hosts, sql};
use crate::lab::{Lab, until};
use crate::run::Inventory;

/// Refused with this, and nothing on any host is touched.
#[track_caller]
fn refused(lab: &Lab, inventory: &Inventory<'_>, code: i32, words: &[&str]) {
    let before = all_untouched(lab);
    inventory.galactl(&["bootstrap", "--yes"]).expect_code(code).says(words);
    assert_eq!(all_untouched(lab), before, "a refusal changed something");
}

#[test]
#[ignore = "boots real hosts"]
fn nothing_is_founded_where_a_cluster_or_its_data_is_or_may_be() {
    let lab = hosts("t-pg-guard", "bookworm");
    let inventory = Inventory::of_patroni(&lab, &NODES);
    a_node_out_of_reach(&lab, &inventory);
    data_and_clusters_of_somebody_else(&lab, &inventory);
    inventory.galactl(&["bootstrap", "--yes"]).expect_code(0);
    let system = assert_whole(&lab);
    the_store_has_lost_its_data(&lab, &inventory);
    assert_eq!(assert_whole(&lab), system);
    the_store_has_no_quorum(&lab, &inventory);
    assert_eq!(assert_whole(&lab), system);
}

fn a_node_out_of_reach(lab: &Lab, inventory: &Inventory<'_>) {
    lab.fault("poweroff", "pg3");
    inventory.galactl(&["bootstrap", "--yes"]).expect_code(4).says(&["refused[unreachable] pg3"]);
    assert!(lab.try_on("pg1", "ls /etc/patroni/config.yml").1.contains("No such file"));
    lab.fault("poweron", "pg3");
}

/// Debian's own cluster in Patroni's place, files in its place, an etcd that somebody runs.
fn data_and_clusters_of_somebody_else(lab: &Lab, inventory: &Inventory<'_>) {
    lab.on("pg2", "pg_createcluster 15 main >/dev/null");
    refused(lab, inventory, 3, &["refused[data-without-key] pg2", "galactl recover"]);
    lab.on("pg2", "pg_ctlcluster 15 main start");
    refused(lab, inventory, 3, &["refused[data-without-key] pg2"]);
    lab.on("pg2", "pg_dropcluster --stop 15 main; pg_createcluster 15 other >/dev/null");
    refused(lab, inventory, 3, &["refused[foreign] pg2", "pg_dropcluster --stop 15 other"]);
    lab.on("pg2", "pg_dropcluster 15 other; mkdir -p /var/lib/postgresql/15/main; touch /var/lib/postgresql/15/main/notes");
    refused(lab, inventory, 3, &["refused[data-unknown] pg2", "notes"]);
    lab.on("pg2", "rm -r /var/lib/postgresql/15/main; systemctl start etcd");
    refused(lab, inventory, 3, &["refused[foreign] pg2", "an etcd runs here that is not this cluster's"]);
    lab.on("pg2", "systemctl stop etcd; rm -rf /var/lib/etcd/*");
}

/// The danger of Patroni: with an empty etcd, whichever node starts first decides what is lost.
fn the_store_has_lost_its_data(lab: &Lab, inventory: &Inventory<'_>) {
    for node in NODES {
        lab.on(node, "systemctl stop patroni");
    }
    for node in NODES {
        lab.on(node, "systemctl stop etcd; mv /var/lib/etcd/galactl-shop /var/lib/etcd.aside");
    }
    // None runs, and none has data: nobody keeps a store.
    refused(
        lab,
        inventory,
        3,
        &["refused[data-without-key] pg1", "holds a cluster of system", "galactl recover"],
    );
    for node in NODES {
        lab.on(node, "systemctl start --no-block etcd");
    }
    until("etcd is up, and empty", || lab.try_on("pg1", "etcdctl endpoint health").0);
    refused(lab, inventory, 3, &["refused[data-without-key] pg2", "etcd has no key `initialize`"]);
    for node in NODES {
        lab.on(node, "systemctl stop etcd; rm -rf /var/lib/etcd/galactl-shop; mv /var/lib/etcd.aside /var/lib/etcd/galactl-shop");
    }
    // Data that is there and does not run is no answer either.
    refused(lab, inventory, 3, &["refused[store-unknown] pg1", "sudo systemctl start etcd"]);
    for node in NODES {
        lab.on(node, "systemctl start --no-block etcd");
    }
    until("etcd is up again", || lab.try_on("pg1", "etcdctl endpoint health").0);
    refused(lab, inventory, 3, &["refused[no-primary]", "galactl recover"]);
    start_patroni(lab);
}

fn start_patroni(lab: &Lab) {
    for node in NODES {
        lab.on(node, "systemctl start patroni");
    }
    let streams = "SELECT count(*) FILTER (WHERE state = 'streaming') = 2 AND count(*) FILTER (WHERE sync_state = 'sync') = 1 FROM pg_stat_replication";
    until("the cluster is back", || {
        NODES.iter().any(|node| {
            lab.try_on(node, "true").0
                && lab
                    .try_on(
                        node,
                        &format!("cd /; runuser -u postgres -- psql -XAtq -d postgres -c \"{streams}\""),
                    )
                    .1
                    .trim()
                    == "t"
        })
    });
}

/// Two members of etcd are gone: what the third has may be old.
fn the_store_has_no_quorum(lab: &Lab, inventory: &Inventory<'_>) {
    assert_eq!(sql(lab, "pg1", "SELECT 1"), "1");
    lab.on("pg2", "systemctl stop etcd");
    lab.on("pg3", "systemctl stop etcd");
    until("Patroni has given up its lead", || {
        NODES.iter().all(|node| {
            lab.try_on(
                node,
                "cd /; runuser -u postgres -- psql -XAtq -d postgres -c 'SELECT pg_is_in_recovery()'",
            )
            .1
            .trim()
                != "f"
        })
    });
    inventory.galactl(&["bootstrap", "--yes"]).expect_code(3).says(&["refused["]);
    lab.on("pg2", "systemctl start etcd");
    lab.on("pg3", "systemctl start etcd");
    start_patroni(lab);
}
