//! Failures are explained, and nothing is left looping.

use crate::lab::Lab;
use crate::run::Inventory;

#[test]
#[ignore = "boots real hosts"]
fn a_wrong_sst_password_is_explained_and_the_joiner_does_not_loop() {
    let lab = Lab::up("t-sstpw", &["db1", "db2"]);
    let mut inventory = Inventory::of(&lab, &["db1"]);
    inventory.sst = "method: mariabackup";
    inventory.bootstrap();
    lab.sql("db1", "ALTER USER sst@localhost IDENTIFIED BY 'another'");
    inventory.nodes.push(("db2".into(), String::new()));

    inventory.galactl(&["add-node", "db2", "--yes"]).expect_code(1).says(&[
        "FAILED db2/join",
        "Access denied for user 'sst'@'localhost'",
        "cause: the donor could not log in with the SST account",
        "left: mariadb.service on db2 is stopped",
    ]);
    assert_eq!(lab.on("db2", "systemctl is-active mariadb || true"), "inactive");
    let before = lab.all_untouched(&["db1", "db2"]);
    inventory.galactl(&["explain", "db2"]).expect_code(0).says(&[
        "Failed to connect to MariaDB server: Access denied for user 'sst'@'localhost'",
        "cause: the donor could not log in with the SST account",
    ]);
    assert_eq!(lab.all_untouched(&["db1", "db2"]), before, "an explanation changed something");
    assert!(lab.sql("db1", "SHOW STATUS LIKE 'wsrep_cluster_status'").ends_with("Primary"));

    let password =
        "sed -n 's/^wsrep_sst_auth = \"sst:\\(.*\\)\"/\\1/p' /etc/mysql/mariadb.conf.d/99-galactl.cnf";
    let password = lab.on("db1", password);
    lab.sql("db1", &format!("ALTER USER sst@localhost IDENTIFIED BY '{password}'"));
    inventory.galactl(&["add-node", "db2", "--yes"]).expect_code(0);
    inventory.assert_whole();
}
