//! Servers that cannot be asked, and a member that was desynced by hand: a healthy cluster is not called down.

use crate::lab::Lab;
use crate::run::Inventory;

const HOSTS: [&str; 3] = ["db1", "db2", "db3"];
const ASK: &[&[&str]] = &[
    &["restart", "--rolling", "--yes"],
    &["stop", "--yes"],
    &["remove-node", "db3", "--yes"],
    &["bootstrap", "--yes"],
];

#[test]
#[ignore = "boots real hosts"]
fn what_cannot_be_asked_is_unknown_and_a_restart_goes_on_where_it_stopped() {
    let lab = Lab::up("t-unasked", &HOSTS);
    let inventory = Inventory::of(&lab, &HOSTS);
    inventory.bootstrap();
    root_cannot_log_in(&lab, &inventory);
    desynced_by_hand(&lab, &inventory);
    interrupted(&lab, &inventory);
}

/// The statement replicates.
fn root_cannot_log_in(lab: &Lab, inventory: &Inventory<'_>) {
    lab.sql("db1", "ALTER USER root@localhost IDENTIFIED VIA mysql_native_password USING PASSWORD('x')");
    let said = ["no login", "Access denied", "ALTER USER root@localhost"];
    let ran = inventory.galactl(&["status"]).expect_code(5).says(&said).says(&["size unknown"]);
    assert!(!ran.text().contains("recover"), "{}", ran.text());
    let ran = inventory.galactl(&["doctor"]).expect_code(5).says(&said[1..]);
    assert!(!ran.text().contains("recover"), "{}", ran.text());
    for command in ASK {
        let ran = inventory.galactl(command).expect_code(3).says(&said[1..]);
        assert!(!ran.text().contains("systemctl stop"), "{}", ran.text());
    }
    let back =
        "ALTER USER root@localhost IDENTIFIED VIA unix_socket OR mysql_native_password USING PASSWORD('y')";
    lab.on("db1", &format!("mariadb -uroot -px -e \"{back}\""));
    inventory.galactl(&["status"]).expect_code(0);
}

fn desynced_by_hand(lab: &Lab, inventory: &Inventory<'_>) {
    lab.sql("db2", "SET GLOBAL wsrep_desync=ON");
    let cure = "SET GLOBAL wsrep_desync=OFF";
    inventory.galactl(&["status"]).expect_code(5).says(&["Desynced by hand", "wsrep_desync is ON", cure]);
    inventory.galactl(&["restart", "db1", "--yes"]).expect_code(3).says(&["refused[unhealthy] db2", cure]);
    lab.sql("db2", cure);
    inventory.galactl(&["status"]).expect_code(0);
}

fn interrupted(lab: &Lab, inventory: &Inventory<'_>) {
    let ran = inventory.galactl_interrupted(&["restart", "--rolling", "--yes"], "-> db3/galera/join");
    let ran = ran.expect_code(130).says(&["ok db3/galera/join", "To go on: galactl restart"]);
    let names = ran.text().lines().find_map(|line| {
        let command =
            line.split_once("To go on: galactl restart ")?.1.split('.').find(|it| it.contains("yaml db"))?;
        Some(command.split_whitespace().skip(1).map(str::to_owned).collect::<Vec<_>>())
    });
    assert_eq!(names.unwrap_or_default(), ["db2", "db1"], "{}", ran.text());
    let process = || lab.on("db3", "systemctl show mariadb -p MainPID");
    let before = process();
    inventory.galactl(&["restart", "db2", "db1", "--yes"]).expect_code(0);
    assert_eq!(process(), before, "db3 was restarted again");
}
