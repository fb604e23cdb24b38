//! Growing a running cluster.

use crate::lab::Lab;
use crate::run::Inventory;

#[test]
#[ignore = "boots real hosts"]
fn a_fourth_node_joins_and_no_other_is_restarted() {
    let three = ["db1", "db2", "db3"];
    let lab = Lab::up("t-add", &["db1", "db2", "db3", "db4"]);
    let mut inventory = Inventory::of(&lab, &three);
    inventory.sst = "method: mariabackup";
    inventory.bootstrap();
    lab.sql(
        "db1",
        "CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY); INSERT INTO shop.t VALUES (7)",
    );

    inventory.nodes.push(("db4".into(), String::new()));
    let pids: Vec<_> = three.iter().map(|host| lab.on(host, "pidof mariadbd")).collect();
    inventory.galactl(&["add-node", "db9", "--yes"]).expect_code(1).says(&["no node of this inventory"]);
    inventory.galactl(&["add-node", "db4", "--dry-run"]).expect_code(0).says(&[
        "db4/galera/join",
        "db1/galera/config",
        "wsrep_cluster_address",
    ]);
    inventory.galactl(&["add-node", "db4", "--yes"]).expect_code(0);
    inventory.assert_whole();
    assert_eq!(lab.sql("db4", "SELECT id FROM shop.t"), "7");
    for (host, pid) in three.iter().zip(pids) {
        assert_eq!(lab.on(host, "pidof mariadbd"), pid, "{host} was restarted");
        let file = lab.on(host, "cat /etc/mysql/mariadb.conf.d/99-galactl.cnf");
        assert!(file.contains(&lab.address("db4")), "{host} does not know db4");
    }
    inventory.galactl(&["add-node", "db4", "--yes"]).expect_code(0).says(&["Nothing to do"]);
}

#[test]
#[ignore = "boots real hosts"]
fn data_on_the_new_host_is_lost_only_by_word() {
    let lab = Lab::up("t-discard", &["db1", "db2", "db3"]);
    let mut inventory = Inventory::of(&lab, &["db1", "db2"]);
    inventory.bootstrap();
    lab.sql("db3", "CREATE DATABASE theirs; CREATE TABLE theirs.t (id INT PRIMARY KEY)");
    inventory.nodes.push(("db3".into(), String::new()));

    let hosts = ["db1", "db2", "db3"];
    let before = lab.all_untouched(&hosts);
    inventory.galactl(&["add-node", "db3", "--yes"]).expect_code(3).says(&[
        "refused[user-schemas] db3",
        "theirs",
        "--discard db3",
    ]);
    assert_eq!(lab.all_untouched(&hosts), before, "a refusal changed something");

    inventory
        .galactl(&["add-node", "db3", "--discard", "db3", "--dry-run"])
        .expect_code(0)
        .says(&["DISCARDED on db3", "theirs"]);
    inventory.galactl(&["add-node", "db3", "--discard", "db3", "--yes"]).expect_code(0);
    inventory.assert_whole();
    assert!(!lab.sql("db3", "SHOW DATABASES").contains("theirs"));
}

#[test]
#[ignore = "boots real hosts"]
fn an_ailing_cluster_is_not_grown() {
    let lab = Lab::up("t-ailing", &["db1", "db2", "db3"]);
    let mut inventory = Inventory::of(&lab, &["db1", "db2"]);
    inventory.bootstrap();
    inventory.nodes.push(("db3".into(), String::new()));
    lab.on("db2", "systemctl stop mariadb");
    let before = lab.all_untouched(&["db1", "db2", "db3"]);
    inventory.galactl(&["add-node", "db3", "--yes"]).expect_code(3).says(&["refused[unhealthy] db2"]);
    assert_eq!(lab.all_untouched(&["db1", "db2", "db3"]), before, "a refusal changed something");

    // The same cluster and a host of another one, with a history of its own.
    lab.on("db2", "systemctl start mariadb");
    lab.on("db3", "systemctl stop mariadb; printf '# GALERA saved state\nversion: 2.1\nuuid:    b819de78-9b4f-11ee-8000-0123456789ab\nseqno:   7\nsafe_to_bootstrap: 0\n' > /var/lib/mysql/grastate.dat");
    inventory.galactl(&["add-node", "db3", "--yes"]).expect_code(3).says(&[
        "refused[cluster-state] db3",
        "b819de78",
        "--discard db3",
    ]);
}
