//! Servers that would start outside their cluster or did, members that the inventory does not list, and disks that are
//! full: nothing is lost, and nothing is started or changed before that is seen.

use crate::lab::Lab;
use crate::outage::Shop;
use crate::run::Inventory;

const HOSTS: [&str; 3] = ["db1", "db2", "db3"];

/// In the server's main file, behind the lines that include all others.
const LEAD_OUT: &str = "printf '[mysqld]\\nskip-wsrep-on\\n' >> /etc/mysql/mariadb.cnf";
const LEAD_BACK: &str = "sed -i '/^skip-wsrep-on$/d' /etc/mysql/mariadb.cnf";

/// Refused, and nothing on any host is another thing after it.
#[track_caller]
fn refused(lab: &Lab, inventory: &Inventory<'_>, words: &[&str], code: i32, says: &[&str]) {
    let before = lab.all_untouched(&HOSTS);
    inventory.galactl(words).expect_code(code).says(says);
    assert_eq!(lab.all_untouched(&HOSTS), before, "a refusal changed something");
}

#[test]
#[ignore = "boots real hosts"]
fn no_server_starts_outside_its_cluster_unseen() {
    let lab = Lab::up("outside", &HOSTS);
    let inventory = Inventory::of(&lab, &HOSTS);
    a_bootstrap_would_have_founded_nothing(&lab, &inventory);
    let mut shop = Shop::open(&lab, &inventory);
    shop.write("db1");
    another_inventory_is_told_so(&lab);
    shop.crash(&HOSTS);

    lab.on("db1", LEAD_OUT);
    refused(
        &lab,
        &inventory,
        &["recover", "--yes"],
        3,
        &["refused[outside-cluster] db1", "wsrep_on = OFF", "remove that line"],
    );
    refused(&lab, &inventory, &["start", "--yes"], 3, &["refused[outside-cluster] db1"]);
    lab.on("db1", LEAD_BACK);
    a_start_that_leads_out_all_the_same_is_ended(&shop);
    a_run_outside_is_known_afterwards(&mut shop);
}

fn a_bootstrap_would_have_founded_nothing(lab: &Lab, inventory: &Inventory<'_>) {
    lab.on("db1", LEAD_OUT);
    let says = ["outside-cluster", "/etc/mysql/my.cnf is read after galactl's file and says wsrep_on = OFF"];
    inventory.galactl(&["check"]).expect_code(3).says(&says[1..]);
    refused(lab, inventory, &["bootstrap", "--yes"], 3, &says);
    lab.on("db1", LEAD_BACK);
}

fn another_inventory_is_told_so(lab: &Lab) {
    let mut other = Inventory::of(lab, &HOSTS);
    other.cluster = "name: store".into();
    for words in [
        &["recover", "--yes"][..],
        &["start", "--yes"],
        &["restart", "--rolling", "--yes"],
        &["apply-config", "--yes"],
    ] {
        refused(lab, &other, words, 3, &["refused[other-cluster] db1", "cluster `shop`"]);
    }
    refused(lab, &other, &["plan"], 3, &["cluster `shop`"]);
    other.galactl(&["check"]).expect_code(3).says(&["cluster `shop`"]);
    other.galactl(&["status"]).expect_code(5).says(&["cluster `shop`"]);
    other.galactl(&["doctor"]).expect_code(5).says(&["other-cluster"]);
}

/// The unit reads a word from a file that no look at the option files shows.
fn a_start_that_leads_out_all_the_same_is_ended(shop: &Shop<'_>) {
    let hide = "mkdir -p /run/systemd/system/mariadb.service.d; echo MYSQLD_OPTS=--wsrep-on=OFF > /etc/default/hidden; \
        printf '[Service]\\nEnvironmentFile=/etc/default/hidden\\n' > /run/systemd/system/mariadb.service.d/hidden.conf; systemctl daemon-reload";
    shop.lab.on("db1", hide);
    // Without its last view, db1 is started as the first of its cluster.
    for host in HOSTS {
        shop.lab.on(host, "rm -f /var/lib/mysql/gvwstate.dat");
    }
    let ran = shop.inventory.galactl(&["recover", "--yes"]).expect_code(4);
    ran.says(&["mariadb.service on db1 is stopped again", "no other node was started"]);
    for host in HOSTS {
        assert_eq!(shop.lab.on(host, "systemctl is-active mariadb || true"), "inactive", "{host}");
    }
    shop.lab.on("db1", "rm -r /run/systemd/system/mariadb.service.d; systemctl daemon-reload");
}

fn a_run_outside_is_known_afterwards(shop: &mut Shop<'_>) {
    // The server of the last start was up, if only for a moment.
    let says = ["refused[unclear] db1", "ran outside the cluster on", "galactl recover", "--seed NODE"];
    refused(shop.lab, shop.inventory, &["recover", "--yes"], 3, &says);
    let inventory = shop.inventory;
    inventory.galactl(&["recover", "--seed", "db2", "--dry-run"]).expect_code(0).says(&["DISCARDED on db1"]);
    inventory.galactl(&["recover", "--seed", "db2", "--confirm", "shop"]).expect_code(0);
    shop.assert_nothing_lost();

    // Somebody starts a member that left by itself, and a client writes.
    shop.stop("db3");
    shop.lab.on("db3", LEAD_OUT);
    shop.lab.on("db3", "systemctl start mariadb");
    shop.lab.sql("db3", "INSERT INTO shop.t VALUES (99, 'beside the cluster')");
    shop.stop("db3");
    shop.lab.on("db3", LEAD_BACK);
    for words in [&["start", "db3", "--yes"][..], &["recover", "--yes"], &["add-node", "db3", "--yes"]] {
        refused(shop.lab, inventory, words, 3, &["db3", "ran outside the cluster on"]);
    }
    inventory.galactl(&["add-node", "db3", "--discard", "db3", "--yes"]).expect_code(0);
    shop.assert_nothing_lost();
}

#[test]
#[ignore = "boots real hosts"]
fn a_member_that_the_inventory_no_longer_lists() {
    let lab = Lab::up("unlisted", &HOSTS);
    let inventory = Inventory::of(&lab, &HOSTS);
    let mut shop = Shop::open(&lab, &inventory);
    shop.write("db1");
    shop.stop("db3");
    shop.stop("db2");
    shop.write_many("db1", 50);
    // Its server is not started at boot.
    lab.on("db1", "systemctl disable mariadb 2>&1");
    lab.fault("poweroff", "db1");

    let fewer = Inventory::of(&lab, &HOSTS[1..]);
    for words in [&["recover", "--yes"][..], &["start", "--yes"]] {
        let ran = fewer.galactl(words).expect_code(3);
        ran.says(&["refused[unlisted-member]", &lab.address("db1"), "wsrep_cluster_address of db2, db3"]);
    }
    let ran = fewer.galactl(&["recover", "--seed", "db2", "--yes"]).expect_code(3);
    ran.says(&["GIVEN UP UNSEEN", "may discard commits"]);
    for host in &HOSTS[1..] {
        assert_eq!(lab.on(host, "systemctl is-active mariadb || true"), "inactive", "{host}");
    }
    lab.fault("poweron", "db1");
    lab.on("db1", "systemctl enable mariadb 2>&1");
    shop.recover(&["ok db1/galera/"]);
}

#[test]
#[ignore = "boots real hosts"]
fn a_full_disk_is_seen_before_anything_is_changed() {
    let lab = Lab::up("full", &["--small-disk", "700M", "db1", "db2", "db3"]);
    let inventory = Inventory::of(&lab, &HOSTS);
    let shop = Shop::open(&lab, &inventory);
    lab.fault("fill", "db2");
    let says = ["the file system of /var/lib/mysql is full"];
    inventory.galactl(&["status"]).expect_code(6).says(&says);
    inventory.galactl(&["doctor"]).expect_code(6).says(&says);
    inventory.galactl(&["check"]).expect_code(3).says(&says);
    for words in [&["restart", "--rolling", "--yes"][..], &["apply-config", "--yes"], &["bootstrap", "--yes"]]
    {
        inventory.galactl(words).expect_code(3).says(&["refused[disk-full] db2"]);
    }
    lab.fault("unfill", "db2");
    shop.assert_nothing_lost();
    lab.on("db3", "mount --bind /etc/mysql /etc/mysql; mount -o remount,ro,bind /etc/mysql");
    inventory
        .galactl(&["restart", "--rolling", "--yes"])
        .expect_code(3)
        .says(&["refused[disk-full] db3", "is read-only"]);
    lab.on("db3", "umount /etc/mysql");
    shop.assert_nothing_lost();
}
