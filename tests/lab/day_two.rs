//! Restarting, stopping and starting a cluster that clients write to.

use crate::lab::Lab;
use crate::outage::{Shop, Writer};
use crate::run::{ENCRYPTED, Inventory};

#[test]
#[ignore = "boots real hosts"]
fn restarts_stops_and_starts_lose_nothing() {
    let hosts = ["db1", "db2", "db3"];
    let lab = Lab::up("t-daytwo", &hosts);
    let mut inventory = Inventory::of(&lab, &hosts);
    // State transfers by rsync need stunnel for TLS.
    inventory.cluster += "\n  install: true";
    inventory.rest = ENCRYPTED.into();
    let mut shop = Shop::open(&lab, &inventory);
    inventory.galactl(&["status"]).expect_code(0).says(&["`shop` is healthy: 3 of 3 nodes Synced"]);

    // The node that is written to leaves last, and its client notices nothing before that.
    let mut writer = Writer::start(&lab, "db2", 1000);
    let ran = inventory.galactl(&["restart", "db1", "db3", "--yes"]).expect_code(0);
    ran.says(&["db3: back by IST", "db1: back by IST"]);
    assert!(writer.is_writing(), "a commit failed on a node that was not restarted");
    let status = inventory.galactl(&["status", "--output", "json"]).expect_code(0);
    let status: serde_json::Value = serde_json::from_str(&status.stdout).expect("JSON");
    assert!(status["nodes"][1]["rates"]["own_writes"].as_f64() > Some(1.0), "{status}");
    assert!(status["nodes"][0]["ist_window"].as_u64().is_some(), "{status}");

    // The seed is stopped last, whoever is written to.
    inventory.galactl(&["stop", "--yes"]).expect_code(0).says(&["db1 alone is safe to bootstrap"]);
    inventory.galactl(&["status"]).expect_code(6).says(&["no node is in a Primary component"]);
    inventory.galactl(&["start", "--yes"]).expect_code(0).says(&["rule 4"]);
    let acknowledged = writer.acknowledged("db2");
    assert!(!acknowledged.is_empty());
    shop.assert_has(&acknowledged);

    one_node(&shop);
    a_file_that_takes_a_node_out(&shop);
    a_file_that_makes_a_node_speak_in_clear_text(&shop);
    a_node_that_does_not_come_back(&shop);
}

fn one_node(shop: &Shop<'_>) {
    let inventory = shop.inventory;
    inventory.galactl(&["stop", "db3", "--yes"]).expect_code(0);
    inventory.galactl(&["status"]).expect_code(5).says(&["db3: its server is stopped"]);
    inventory.galactl(&["restart", "--rolling", "--yes"]).expect_code(3).says(&["refused[unhealthy] db3"]);
    inventory.galactl(&["stop", "db1", "db2", "--yes"]).expect_code(3).says(&["all members"]);
    inventory.galactl(&["start", "db3", "--yes"]).expect_code(0);
    shop.assert_nothing_lost();
}

/// As a maintenance may leave it behind.
fn a_file_that_takes_a_node_out(shop: &Shop<'_>) {
    let file = "/etc/mysql/mariadb.conf.d/zz-maintenance.cnf";
    shop.lab.on("db3", &format!("printf '[mysqld]\\nwsrep_on=OFF\\n' > {file}"));
    let before = shop.lab.all_untouched(&shop.hosts());
    for words in [["restart", "db3", "--yes"], ["apply-config", "--restart", "--yes"]] {
        let ran = shop.inventory.galactl(&words).expect_code(3);
        ran.says(&["refused[outside-cluster] db3", file, "wsrep_on = OFF"]);
    }
    shop.inventory.galactl(&["doctor"]).expect_code(6).says(&["outside the cluster"]);
    assert_eq!(shop.lab.all_untouched(&shop.hosts()), before);
    shop.lab.on("db3", &format!("rm {file}"));
}

/// The others would not let it in again.
fn a_file_that_makes_a_node_speak_in_clear_text(shop: &Shop<'_>) {
    let file = "/etc/mysql/mariadb.conf.d/zz-by-hand.cnf";
    shop.lab.on("db3", &format!("printf '[mysqld]\\nwsrep_provider_options=gcache.size=64M\\n' > {file}"));
    let refused = shop.inventory.galactl(&["restart", "db3", "--yes"]).expect_code(3);
    refused.says(&["refused[tls] db3", "it speaks clear text", "next: on db3: sudo sed -i -E "]);
    shop.lab.on("db3", &format!("rm {file}"));
}

fn a_node_that_does_not_come_back(shop: &Shop<'_>) {
    let inventory = shop.inventory;
    let broken = "/run/systemd/system/mariadb.service.d/broken.conf";
    shop.lab.on("db3", &format!("mkdir -p $(dirname {broken}); printf '[Service]\\nExecStartPre=/bin/false\\n' > {broken}; systemctl daemon-reload"));
    inventory.galactl(&["restart", "--rolling", "--yes"]).expect_code(1).says(&[
        "FAILED db3/galera/join",
        "To go on: galactl start",
        " db3, then galactl restart",
    ]);
    for host in ["db1", "db2"] {
        assert_eq!(shop.rows_on(host), shop.rows(), "{host} went on");
    }
    shop.lab.on("db3", &format!("rm {broken}; systemctl daemon-reload"));
    inventory.galactl(&["start", "--yes"]).expect_code(0);
    shop.assert_nothing_lost();

    // What can be known before is no reason to try it.
    shop.lab.on("db3", "printf '[mysqld]\\nno_such_option=1\\n' > /etc/mysql/mariadb.conf.d/98-by-hand.cnf");
    let refused = inventory.galactl(&["restart", "--rolling", "--yes"]).expect_code(3);
    refused.says(&["refused[unknown-option] db3", "no_such_option"]);
    shop.lab.on("db3", "rm /etc/mysql/mariadb.conf.d/98-by-hand.cnf");
}
