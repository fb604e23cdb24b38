//! The main job: fresh hosts become a verified cluster.

use crate::lab::Lab;
use crate::run::{Inventory, PASSWORD};

#[test]
#[ignore = "boots real hosts"]
fn with_rsync_through_root_and_a_second_run_does_nothing() {
    let hosts = ["db1", "db2", "db3"];
    let lab = Lab::up("t-rsync", &hosts);
    let inventory = Inventory::of(&lab, &hosts);

    let before = lab.all_untouched(&hosts);
    let dry = inventory.galactl(&["bootstrap", "--dry-run"]).expect_code(0);
    assert_eq!(lab.all_untouched(&hosts), before, "a dry run changed something");
    assert!(dry.stdout.contains("db1/galera/new-cluster") && dry.stderr.is_empty(), "{dry:?}");

    let ran = inventory.bootstrap().says(&["Primary", "Synced", "10.77."]);
    assert!(ran.stderr.contains(dry.stdout.trim_end()), "what ran is not what the dry run showed");
    inventory.assert_whole();
    assert!(!lab.on("db1", "ls /var/lib/mysql").contains("galactl"), "the write test left something");

    let before = lab.all_untouched(&hosts);
    inventory.galactl(&["bootstrap", "--yes"]).expect_code(0).says(&["Nothing to do"]);
    inventory.galactl(&["bootstrap", "--dry-run"]).expect_code(0).says(&["Nothing to do"]);
    assert_eq!(lab.all_untouched(&hosts), before, "the second run changed something");
}

#[test]
#[ignore = "boots real hosts"]
fn with_mariabackup_through_deploy_and_sudo() {
    let hosts = ["db1", "db2", "db3"];
    let lab = Lab::up("t-sudo", &hosts);
    let mut inventory = Inventory::of(&lab, &hosts);
    inventory.user = "deploy";
    inventory.sst = "method: mariabackup";
    let ran = inventory.bootstrap();
    inventory.assert_whole();

    let grants = lab.sql("db3", "SHOW GRANTS FOR sst@localhost");
    assert!(grants.contains("RELOAD, PROCESS, LOCK TABLES, BINLOG MONITOR ON *.*"), "{grants}");
    let file = "/etc/mysql/mariadb.conf.d/99-galactl.cnf";
    assert_eq!(lab.on("db2", &format!("stat -c '%a %U:%G' {file}")), "640 root:mysql");
    let password = lab.on("db2", &format!("sed -n 's/^wsrep_sst_auth = \"sst:\\(.*\\)\"/\\1/p' {file}"));
    assert_eq!(password.len(), 32, "a generated password");
    assert!(!ran.text().contains(&password), "the password was shown");
    for host in hosts {
        let log = lab.on(host, "journalctl --no-pager");
        assert!(!log.contains(&password), "the password is in {host}'s journal");
    }
    inventory.galactl(&["bootstrap", "--yes"]).expect_code(0).says(&["Nothing to do"]);
}

#[test]
#[ignore = "boots real hosts"]
fn with_a_password_of_the_users_own() {
    let hosts = ["db1", "db2"];
    let lab = Lab::up("t-passwd", &hosts);
    let mut inventory = Inventory::of(&lab, &hosts);
    inventory.sst = "method: mariabackup\n  user: backup\n  password: {env: GALACTL_TEST_PASSWORD}";
    let plan = inventory.galactl(&["bootstrap", "--dry-run", "--output", "json"]).expect_code(0);
    let ran = inventory.bootstrap();
    inventory.assert_whole();
    for text in [plan.text(), ran.text(), lab.on("db1", "journalctl --no-pager")] {
        assert!(!text.contains(PASSWORD), "the password was shown");
    }
    inventory.galactl(&["bootstrap", "--yes"]).expect_code(0).says(&["Nothing to do"]);
    // Commands that only look know no password, and do not call it another one.
    let findings = |said: &str| {
        let text = inventory.galactl(&["doctor"]).expect_code(5).says(&[said]).text();
        assert!(!text.contains(PASSWORD) && !text.contains("drift"), "{text}");
        text
    };
    assert!(!findings("even-votes").contains("sst-account"), "donors can log in with it");
    lab.sql("db1", "ALTER USER backup@localhost IDENTIFIED BY 'another'");
    findings("no member can log in as `backup`, as a donor does: ERROR 1045");
    let hex = PASSWORD.bytes().fold(String::new(), |text, byte| format!("{text}{byte:02X}"));
    let hash = lab.sql("db1", &format!("SELECT PASSWORD(UNHEX('{hex}'))"));
    lab.sql(
        "db1",
        &format!("ALTER USER backup@localhost IDENTIFIED VIA mysql_native_password USING '{hash}'"),
    );
    assert!(!findings("even-votes").contains("sst-account"), "and again");
}

#[test]
#[ignore = "boots real hosts"]
fn through_a_jump_host_and_where_sockets_are_not_forwarded() {
    let hosts = ["db1", "db2"];
    let lab = Lab::up("t-jump", &["--behind-jump", "db1", "db2"]);
    let mut inventory = Inventory::of(&lab, &hosts);
    inventory.galactl(&["bootstrap", "--yes"]).expect_code(4).says(&["refused[unreachable] db1", "db2"]);
    inventory.jump = true;
    lab.on("db1", "echo 'AllowStreamLocalForwarding no' >> /etc/ssh/sshd_config; systemctl reload ssh");
    inventory.bootstrap();
    inventory.assert_whole();
}

#[test]
#[ignore = "boots real hosts"]
fn on_bare_hosts_with_installation() {
    let hosts = ["db1", "db2"];
    let lab = Lab::up("t-bare", &["db1:bookworm:bare", "db2:bookworm:bare"]);
    let mut inventory = Inventory::of(&lab, &hosts);
    inventory.user = "deploy";
    inventory.sst = "method: mariabackup";
    inventory
        .galactl(&["bootstrap", "--yes"])
        .expect_code(3)
        .says(&["refused[not-installed] db1", "install: true"]);
    inventory.cluster += "\n  install: true";
    inventory.galactl(&["bootstrap", "--dry-run"]).expect_code(0).says(&["install mariadb-server galera-4"]);
    inventory.bootstrap();
    inventory.assert_whole();
    for host in hosts {
        assert_eq!(lab.on(host, "ls /usr/sbin/policy-rc.d 2>/dev/null || echo gone"), "gone");
        let starts =
            lab.on(host, "journalctl -u mariadb --no-pager | grep -c 'Starting mariadb.service' || true");
        assert_eq!(starts, "1", "the package's own start was not held back on {host}");
    }
    inventory.galactl(&["bootstrap", "--yes"]).expect_code(0).says(&["Nothing to do"]);
}

#[test]
#[ignore = "boots real hosts"]
fn on_debian_11() {
    on_release("t-deb11", ["db1:bullseye", "db2:bullseye"]);
}

#[test]
#[ignore = "boots real hosts"]
fn on_debian_13() {
    on_release("t-deb13", ["db1:trixie", "db2:trixie"]);
}

fn on_release(name: &'static str, hosts: [&str; 2]) {
    let lab = Lab::up(name, &hosts);
    let mut inventory = Inventory::of(&lab, &["db1", "db2"]);
    inventory.sst = "method: mariabackup";
    inventory.bootstrap();
    inventory.assert_whole();
    inventory.galactl(&["bootstrap", "--yes"]).expect_code(0).says(&["Nothing to do"]);
}

#[test]
#[ignore = "boots real hosts"]
fn a_seed_with_user_data_gives_it_to_all() {
    let hosts = ["db1", "db2", "db3"];
    let lab = Lab::up("t-data", &hosts);
    let mut inventory = Inventory::of(&lab, &hosts);
    inventory.cluster += "\n  seed: db2";
    lab.sql("db2", "CREATE DATABASE shop; CREATE TABLE shop.orders (id INT PRIMARY KEY); INSERT INTO shop.orders VALUES (1),(2),(3)");
    lab.sql("db1", "CREATE USER local@localhost");
    inventory.galactl(&["bootstrap", "--dry-run"]).expect_code(0).says(&[
        "db2 keeps its data",
        "database `shop`",
        "db1 is overwritten",
        "db2/galera/new-cluster",
    ]);
    inventory.bootstrap();
    inventory.assert_whole();
    for host in hosts {
        assert_eq!(lab.sql(host, "SELECT COUNT(*) FROM shop.orders"), "3", "{host}");
        assert_eq!(lab.sql(host, "SELECT COUNT(*) FROM mysql.user WHERE user='local'"), "0", "{host}");
    }
}
