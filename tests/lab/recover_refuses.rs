//! Outages in which going on may lose something: refused, or done by force with the loss named, or
//! done without the node that holds more.

use crate::lab::Lab;
use crate::outage::{Shop, TABLE, bootstrap_by_hand};
use crate::run::Inventory;

const HOSTS: [&str; 3] = ["db1", "db2", "db3"];

/// Refused, and nothing on any host is another thing after it.
#[track_caller]
fn refused(shop: &Shop<'_>, words: &[&str], code: i32, says: &[&str]) {
    let there: Vec<_> = shop.hosts().into_iter().filter(|host| shop.lab.is_on(host)).collect();
    let before = shop.lab.all_untouched(&there);
    shop.inventory.galactl(words).expect_code(code).says(says);
    assert_eq!(shop.lab.all_untouched(&there), before, "a refusal changed something");
}

/// db2 stopped first, db3 then, and db1, the last one, was killed.
#[test]
#[ignore = "boots real hosts"]
fn a_node_that_was_overtaken_by_hand() {
    let lab = Lab::up("r-overtaken", &HOSTS);
    let inventory = Inventory::of(&lab, &HOSTS);
    let mut shop = Shop::open(&lab, &inventory);
    shop.write("db1");
    shop.stop("db2");
    let with_db2 = shop.rows();
    shop.write("db3");
    shop.stop("db3");
    shop.write_many("db1", 60);
    shop.crash(&["db1"]);
    let on_db1 = shop.rows();

    shop.look().expect_code(0).says(&[
        "db1/galera/reform",
        "db2: 63 write-sets behind",
        "db3: 61 write-sets behind",
    ]);
    let discarding = ["recover", "--seed", "db2", "--dry-run"];
    inventory.galactl(&discarding).expect_code(0).says(&[
        "DISCARDED on db1: AHEAD by 63 write-sets, seqno",
        "DISCARDED on db3: AHEAD by 2 write-sets",
    ]);
    refused(&shop, &["recover", "--seed", "db2", "--yes"], 3, &["may discard commits", "--confirm shop"]);
    refused(&shop, &["recover", "--seed", "db2", "--confirm", "shed"], 3, &["is not `shed`"]);
    refused(&shop, &["bootstrap", "--yes"], 3, &["refused[cluster-state]"]);

    // Somebody knows better, and db1's unit is started beside that. Galera turns it away, and would
    // overwrite its data at systemd's next start, which comes later here than it usually does.
    bootstrap_by_hand(&lab, "db2");
    lab.on("db1", "mkdir -p /run/systemd/system/mariadb.service.d; printf '[Service]\nRestartSec=300\n' > /run/systemd/system/mariadb.service.d/slow.conf; systemctl daemon-reload; rm -f /var/lib/mysql/gvwstate.dat; systemctl start --no-block mariadb; for i in $(seq 300); do systemctl show mariadb -p SubState | grep -q auto-restart && exit 0; sleep 0.1; done; exit 1");
    shop.give_up_all_but(with_db2);
    let ran = inventory.galactl(&["recover", "--yes"]);
    ran.expect_code(2).says(&["ok db1/galera/stop", "db3: may hold write-sets of its own"]);
    for host in ["db1", "db3"] {
        assert_eq!(lab.on(host, "systemctl is-active mariadb || true"), "inactive", "{host}");
    }
    stays_out(&shop, &on_db1);

    // The new history passes the seqno of both.
    shop.write_many("db2", 80);
    stays_out(&shop, &on_db1);

    // No command line tells of the start by hand any more; what galactl has noted of it does.
    shop.stop("db2");
    refused(&shop, &["recover", "--yes"], 3, &["refused[diverged] db1", "was started again"]);
    lab.on("db2", "galera_new_cluster");
    stays_out(&shop, &on_db1);
    assert_eq!(shop.rows_on("db2"), shop.rows());
}

/// No command starts db1, and its rows are on its disk.
#[track_caller]
fn stays_out(shop: &Shop<'_>, rows: &[String]) {
    refused(shop, &["recover", "--yes"], 3, &["refused[ahead] db1"]);
    refused(shop, &["recover", "--seed", "db1", "--confirm", "shop"], 3, &["refused[primary-alive] db2"]);
    for words in [["bootstrap", "--yes"].as_slice(), &["add-node", "db1", "--yes"]] {
        let ran = shop.inventory.galactl(words);
        assert!(matches!(ran.code, 3 | 4), "{}", ran.text());
    }
    assert_eq!(shop.lab.on("db1", "systemctl is-active mariadb || true"), "inactive");
    assert_eq!(shop.rows_on_disk("db1", "/var/lib/mysql"), rows);
}

#[test]
#[ignore = "boots real hosts"]
fn two_histories_and_a_node_without_power() {
    let lab = Lab::up("r-two", &HOSTS);
    let inventory = Inventory::of(&lab, &HOSTS);
    let mut shop = Shop::open(&lab, &inventory);

    // db3 was wiped, bootstrapped by hand, and taken for the cluster.
    shop.write("db1");
    shop.stop("db3");
    lab.on("db3", "rm -rf /var/lib/mysql/*; mariadb-install-db --user=mysql --skip-test-db >/dev/null; galera_new_cluster");
    lab.sql("db3", TABLE);
    lab.sql("db3", "INSERT INTO shop.t VALUES (1, 'of another history')");
    shop.crash(&["db3"]);
    shop.write("db2");
    shop.crash(&["db1", "db2"]);
    refused(&shop, &["recover", "--yes"], 3, &["refused[diverged]", "there are 2 histories", "--seed NODE"]);
    refused(&shop, &["recover", "--seed", "db2", "--keep-aside", "--yes"], 3, &["may discard commits"]);
    let ran = inventory.galactl(&["recover", "--seed", "db2", "--keep-aside", "--confirm", "shop"]);
    let ran =
        ran.expect_code(0).says(&["DISCARDED on db3: holds another history", "ok db3/galera/keep-aside"]);
    shop.assert_nothing_lost();
    let kept = lab.on("db3", "ls -d /var/lib/mysql.kept-*");
    assert!(ran.text().contains(&kept), "{kept}");
    assert_eq!(shop.rows_on_disk("db3", &kept), ["1\tof another history"]);

    // The last one loses its power, with rows that the others lack.
    shop.stop("db1");
    shop.write("db2");
    shop.stop("db2");
    let without_db3 = shop.rows();
    shop.write("db3");
    shop.write("db3");
    let on_db3 = shop.rows();
    // Its server is not started at boot: whoever brings it back looks first.
    lab.on("db3", "systemctl disable mariadb 2>&1");
    lab.fault("poweroff", "db3");
    refused(&shop, &["recover", "--yes"], 4, &["refused[unreachable] db3", "it may hold the last commits"]);
    refused(
        &shop,
        &["recover", "--seed", "db2", "--yes"],
        3,
        &["GIVEN UP UNSEEN, db3", "may discard commits"],
    );
    inventory.galactl(&["recover", "--seed", "db2", "--confirm", "shop"]).expect_code(0).says(&[
        "GIVEN UP UNSEEN, db3",
        "it must not be started again as it is",
        "ok db1/galera/join",
    ]);
    shop.give_up_all_but(without_db3);
    for _ in 0..8 {
        shop.write("db1");
    }
    assert_eq!(shop.rows_on("db2"), shop.rows());

    lab.fault("poweron", "db3");
    refused(&shop, &["recover", "--yes"], 3, &["db3: may hold write-sets of its own"]);
    for words in [["bootstrap", "--yes"].as_slice(), &["add-node", "db3", "--yes"]] {
        let ran = inventory.galactl(words).expect_code(4);
        ran.says(&[
            "FAILED db3/galera/recover-position",
            "its last commits may be its own",
            "nothing was started",
        ]);
    }
    assert_eq!(shop.rows_on_disk("db3", "/var/lib/mysql"), on_db3);
    lab.on("db3", "systemctl enable mariadb 2>&1");
    inventory.galactl(&["add-node", "db3", "--discard", "db3", "--yes"]).expect_code(0);
    shop.assert_nothing_lost();
}
