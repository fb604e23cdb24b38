//! Recoveries that lose nothing, each from an outage with rows written between its stages.

use std::fs;

use crate::lab::Lab;
use crate::outage::{AGE, FLAG, Shop, Writer, everything, for_all};
use crate::run::Inventory;

const HOSTS: [&str; 3] = ["db1", "db2", "db3"];
const ZERO: &str = "sed -i 's/^uuid:.*/uuid:    00000000-0000-0000-0000-000000000000/; s/^seqno:.*/seqno:   -1/' /var/lib/mysql/grastate.dat";

/// Rows between the stops; db2 goes last.
fn stopped_in_order(shop: &mut Shop<'_>) {
    shop.write("db1");
    shop.stop("db1");
    shop.write("db2");
    shop.write("db3");
    shop.stop("db3");
    shop.write("db2");
    shop.stop("db2");
}

#[test]
#[ignore = "boots real hosts"]
fn stopped_and_crashed_one_after_the_other() {
    let lab = Lab::up("r-stops", &HOSTS);
    let inventory = Inventory::of(&lab, &HOSTS);
    let mut shop = Shop::open(&lab, &inventory);

    stopped_in_order(&mut shop);
    data_that_is_not_there(&shop, "db1");
    by_a_saved_plan(&shop);
    assert_eq!([shop.transfer("db1"), shop.transfer("db3")], ["IST", "IST"]);

    // All crash, each at another seqno.
    shop.write("db3");
    shop.crash(&["db1"]);
    shop.until("db2", "wsrep_cluster_size", "2");
    shop.write("db2");
    shop.write("db3");
    shop.crash(&["db2", "db3"]);
    nothing_is_changed_by_a_look(&shop);
    // db1 was not in the last view any more, which the other two have, and is behind it.
    shop.recover(&["rule 3", "ok db2/galera/reform", "db1: ", "write-sets behind", "ok db1/galera/forget"]);
    assert_eq!(shop.transfer("db1"), "IST");

    // The last one that is left crashes: its file has the flag and no seqno.
    shop.stop("db1");
    shop.write("db3");
    shop.stop("db2");
    shop.write("db3");
    shop.crash(&["db3"]);
    let saved = lab.on("db3", "cat /var/lib/mysql/grastate.dat");
    assert!(saved.contains("seqno:   -1") && saved.contains("safe_to_bootstrap: 1"), "{saved}");
    shop.recover(&["rule 3", "ok db3/galera/reform", "db1: 4 write-sets behind"]);

    // Without the file that remembers its view, by the position of its data.
    shop.stop("db1");
    shop.write("db3");
    shop.stop("db2");
    shop.write("db3");
    shop.crash(&["db3"]);
    lab.on("db3", "rm /var/lib/mysql/gvwstate.dat");
    shop.recover(&["rule 4", "ok db3/galera/restart-cluster"]);

    // Files that were edited: a flag for everybody, and no state on one.
    stopped_in_order(&mut shop);
    lab.on("db1", &format!("{AGE}; {ZERO}; {FLAG}"));
    lab.on("db3", &format!("{AGE}; {FLAG}"));
    shop.recover(&["rule 4", "ok db2/galera/restart-cluster", "db1: gets everything by SST"]);
    assert_eq!([shop.transfer("db1"), shop.transfer("db3")], ["SST", "IST"]);
}

/// A volume that did not come back, as a host sees it: an empty directory, and perhaps a line in fstab.
fn data_that_is_not_there(shop: &Shop<'_>, host: &str) {
    let fstab = "echo 'galactl-test /var/lib/mysql tmpfs noauto 0 0' >> /etc/fstab; systemctl daemon-reload";
    shop.lab.on(host, "mv /var/lib/mysql /var/lib/away; mkdir /var/lib/mysql");
    let refused = format!("refused[unclear] {host}");
    shop.look().expect_code(3).says(&[&refused, "galactl's records on it say that it was a member"]);
    shop.lab.on(host, fstab);
    shop.look()
        .expect_code(3)
        .says(&[&refused, "/var/lib/mysql is a file system of its own, which is not mounted"]);
    shop.lab.on(
        host,
        "rmdir /var/lib/mysql && mv /var/lib/away /var/lib/mysql; sed -i /galactl-test/d /etc/fstab; systemctl daemon-reload",
    );
}

/// A dry run of stopped and crashed nodes alike.
#[track_caller]
fn nothing_is_changed_by_a_look(shop: &Shop<'_>) {
    let before: Vec<_> = shop.hosts().iter().map(|host| everything(shop.lab, host)).collect();
    shop.look().expect_code(0);
    for (host, before) in shop.hosts().iter().zip(before) {
        let after = everything(shop.lab, host);
        let changed: Vec<_> = after.lines().filter(|line| !before.contains(line)).collect();
        assert_eq!(after, before, "{host}: a dry run changed something: {changed:#?}");
        assert_eq!(shop.leftovers(host), "", "{host}");
    }
}

/// Evidence and plan as files: the same verdict offline, void when a host's evidence changes.
fn by_a_saved_plan(shop: &Shop<'_>) {
    let inventory = shop.inventory;
    let (plan, evidence) = (inventory.file("plan.json"), inventory.file("evidence.json"));
    nothing_is_changed_by_a_look(shop);
    let words = ["recover", "--dry-run", "--out", &plan, "--evidence-out", &evidence];
    inventory.galactl(&words).expect_code(0).says(&[
        "rule 4: all nodes are known and have one history",
        "db1: 5 write-sets behind",
        "db2: the cluster goes on from its data",
        "db3: 2 write-sets behind",
    ]);
    for host in HOSTS {
        shop.lab.fault("cut", host);
    }
    inventory.galactl_alone(&["recover", "--evidence", &evidence]).expect_code(0).says(&[
        "rule 4: all nodes are known and have one history",
        "start the cluster again from db2",
        "db1: 5 write-sets behind",
        "db3: 2 write-sets behind",
    ]);
    fs::write(&evidence, "{}").expect("written");
    inventory.galactl_alone(&["recover", "--evidence", &evidence]).expect_code(1);
    for host in HOSTS {
        shop.lab.fault("heal", host);
    }

    let grastate = "/var/lib/mysql/grastate.dat";
    for change in ["s/^seqno:.*/seqno:   99/", "s/^safe_to_bootstrap:.*/safe_to_bootstrap: 1/"] {
        shop.lab.on("db1", &format!("cp -p {grastate} /tmp/kept; sed -i '{change}' {grastate}"));
        let before = shop.lab.all_untouched(&HOSTS);
        inventory.galactl_alone(&["apply", &plan, "--yes"]).expect_code(4).says(&["refused[stale] db1"]);
        assert_eq!(shop.lab.all_untouched(&HOSTS), before, "a void plan changed something");
        shop.lab.on("db1", &format!("mv /tmp/kept {grastate}"));
    }
    inventory
        .galactl_alone(&["apply", &plan, "--yes"])
        .expect_code(0)
        .says(&["ok db2/galera/restart-cluster"]);
    shop.assert_nothing_lost();
    inventory.galactl_alone(&["apply", &plan, "--yes"]).expect_code(4);
    shop.assert_nothing_lost();
}

/// Every row that a client was told of survives a power cut of all hosts under its load.
fn power_cut_under_load(shop: &mut Shop<'_>, by_itself: bool) {
    // Ids of its own for each writer of each cut.
    let first = |n: usize| (n + if by_itself { 10 } else { 0 }) * 1_000_000;
    let hosts = shop.hosts();
    if !by_itself {
        for_all(&hosts, |host| drop(shop.lab.on(host, "systemctl disable mariadb 2>&1")));
    }
    let writers: Vec<_> =
        hosts.iter().zip(1..).map(|(host, n)| Writer::start(shop.lab, host, first(n))).collect();
    for (host, n) in hosts.iter().zip(1..) {
        let count =
            format!("SELECT COUNT(*) > 200 FROM shop.t WHERE id DIV 1000000 = {}", first(n) / 1_000_000);
        lab_until(shop, host, &count);
    }
    for_all(&hosts, |host| shop.lab.fault("poweroff", host));
    let acknowledged: Vec<_> =
        writers.into_iter().zip(&hosts).map(|(w, host)| w.acknowledged(host)).collect();
    assert!(acknowledged.iter().all(|rows| rows.len() > 20), "too little load");
    for_all(&hosts, |host| shop.lab.fault("poweron", host));
    if by_itself {
        // They may have found each other before anybody looks, or be about to.
        shop.inventory.galactl(&["recover", "--yes"]).expect_code(0);
    } else {
        let ran = shop.inventory.galactl(&["recover", "--yes"]).expect_code(0);
        ran.says(&["rule 3: every member of the last view still has it", "/reform"]);
        for_all(&hosts, |host| drop(shop.lab.on(host, "systemctl enable mariadb 2>&1")));
    }
    shop.assert_has(&acknowledged.concat());
}

/// Waits until a question is answered with 1.
fn lab_until(shop: &Shop<'_>, host: &str, question: &str) {
    shop.lab.on(host, &format!("until mariadb -BN -e '{question}' | grep -qx 1; do sleep 0.1; done"));
}

/// Two of three servers die, and the third runs without a majority.
fn quorum_lost(shop: &mut Shop<'_>) {
    let hosts = shop.hosts();
    let (last, others) = hosts.split_last().expect("hosts");
    shop.write(hosts[0]);
    shop.crash(others);
    shop.until(last, "wsrep_cluster_status", "non-Primary");
    let restore = format!("ok {last}/galera/restore-primary");
    shop.recover(&["rule 2: servers run without a Primary component", &restore]);
}

#[test]
#[ignore = "boots real hosts"]
fn power_cut_lost_quorum_and_a_transfer_that_was_cut_off() {
    let lab = Lab::up("r-power", &HOSTS);
    let mut inventory = Inventory::of(&lab, &HOSTS);
    inventory.sst = "method: mariabackup";
    let mut shop = Shop::open(&lab, &inventory);

    quorum_lost(&mut shop);
    power_cut_under_load(&mut shop, false);

    // db1 dies in the middle of a transfer, and the others stop after it.
    shop.write("db3");
    shop.stop("db1");
    lab.on("db1", "rm /var/lib/mysql/grastate.dat; systemctl start --no-block mariadb; until [ -d /var/lib/mysql/.sst ]; do sleep 0.05; done");
    shop.crash(&["db1"]);
    lab.on("db1", &format!("[ -d /var/lib/mysql/.sst ] && {FLAG}"));
    shop.write("db2");
    shop.stop("db2");
    shop.write("db3");
    shop.stop("db3");
    shop.recover(&[
        "rule 4",
        "ok db3/galera/restart-cluster",
        "db1: gets everything by SST: a state transfer to it was cut off",
        "ok db1/galera/clear-transfer",
    ]);
    assert_eq!([shop.transfer("db1"), shop.transfer("db2")], ["SST", "IST"]);

    power_cut_under_load(&mut shop, true);
}

/// What differs from release to release: positions, the way to make a component Primary, the view.
fn on_release(name: &'static str, release: &str) {
    let hosts: Vec<String> = HOSTS[..2].iter().map(|host| format!("{host}:{release}")).collect();
    let hosts: Vec<&str> = hosts.iter().map(String::as_str).collect();
    let lab = Lab::up(name, &hosts);
    let mut inventory = Inventory::of(&lab, &HOSTS[..2]);
    // The position has the server's own GTID in it then.
    inventory.rest = "mysqld:\n  wsrep_gtid_mode: 1\n  wsrep_gtid_domain_id: 7\n  log_bin: binlog\n  log_slave_updates: 1\n".into();
    let mut shop = Shop::open(&lab, &inventory);

    quorum_lost(&mut shop);

    shop.write("db1");
    shop.stop("db1");
    shop.write("db2");
    shop.stop("db2");
    data_that_is_not_there(&shop, "db1");
    let said = lab.on("db2", "galera_recovery");
    assert!(said.contains(",7-"), "{said}");
    shop.recover(&["rule 4", "ok db2/galera/restart-cluster"]);
    assert_eq!(shop.transfer("db1"), "IST");

    // The last one crashes, and has forgotten its view.
    shop.write("db2");
    shop.stop("db2");
    shop.write("db1");
    shop.crash(&["db1"]);
    lab.on("db1", "rm /var/lib/mysql/gvwstate.dat");
    nothing_is_changed_by_a_look(&shop);
    shop.recover(&["rule 4", "ok db1/galera/restart-cluster"]);
    assert_eq!(shop.transfer("db2"), "IST");

    power_cut_under_load(&mut shop, false);
}

#[test]
#[ignore = "boots real hosts"]
fn on_debian_11() {
    on_release("r-deb11", "bullseye");
}

#[test]
#[ignore = "boots real hosts"]
fn on_debian_13() {
    on_release("r-deb13", "trixie");
}

/// Rows of a table whose ALTER takes a while.
const LARGE: usize = 500_000;

#[test]
#[ignore = "boots real hosts"]
fn a_copying_alter_and_a_majority_that_were_killed_and_a_joiner_out_of_reach() {
    let lab = Lab::up("r-proved", &HOSTS);
    let inventory = Inventory::of(&lab, &HOSTS);
    let mut shop = Shop::open(&lab, &inventory);

    killed_beside_one_that_waits(&mut shop);
    out_of_the_sources_reach(&mut shop);
    killed_in_a_copying_alter(&mut shop);
}

/// db3 is cut off and stays up. The other two go on, and are killed.
fn killed_beside_one_that_waits(shop: &mut Shop<'_>) {
    shop.write("db3");
    shop.lab.fault("cut", "db3");
    shop.until("db1", "wsrep_cluster_size", "2");
    shop.until("db3", "wsrep_cluster_status", "non-Primary");
    shop.write_many("db1", 20);
    shop.write("db2");
    shop.crash(&["db1", "db2"]);
    shop.lab.fault("heal", "db3");
    shop.recover(&["rule 3", "ok db3/galera/stop", "galera/reform", "db3: ", "write-sets behind"]);
    assert_eq!(shop.transfer("db3"), "IST");
}

/// The first joiner does not reach the source, and the second one reaches both.
fn out_of_the_sources_reach(shop: &mut Shop<'_>) {
    for host in ["db2", "db3", "db1"] {
        shop.write("db1");
        shop.stop(host);
    }
    shop.lab.cut_from("db1", "db2");
    let ran = shop.inventory.galactl(&["recover", "--yes"]).expect_code(1).says(&[
        "ok db1/galera/restart-cluster",
        "FAILED db2/galera/join",
        "ok db3/galera/join",
        "left: mariadb.service on db2 is stopped",
        "left: not cut off, and done with this stage: db3",
        "left: not begun: Verify",
        "The same command again goes on from here",
    ]);
    assert!(!ran.stderr.contains("FAILED db3"), "{}", ran.stderr);
    for host in ["db1", "db3"] {
        assert_eq!(shop.rows_on(host), shop.rows(), "{host}");
        shop.until(host, "wsrep_cluster_size", "2");
    }
    shop.inventory.galactl(&["check"]).expect_code(3).says(&["db1", "db2", "cannot reach", "4567"]);
    shop.lab.fault("heal", "db1");
    shop.recover(&[]);
}

/// All servers die while each copies the table.
fn killed_in_a_copying_alter(shop: &mut Shop<'_>) {
    let lab = shop.lab;
    lab.sql("db1", &format!("CREATE TABLE shop.large (id INT PRIMARY KEY, word CHAR(200)) AS SELECT seq AS id, REPEAT(MD5(seq), 6) AS word FROM shop.seq_1_to_{LARGE}"));
    for_all(&HOSTS, |host| lab_until(shop, host, &format!("SELECT COUNT(*) = {LARGE} FROM shop.large")));
    lab.on(
        "db1",
        "nohup mariadb -e 'ALTER TABLE shop.large ADD COLUMN more INT, ALGORITHM=COPY' >/dev/null 2>&1 &",
    );
    // Each server stands still where it copies, until all do.
    let copies = r#"SELECT COUNT(*) > 0 FROM information_schema.processlist WHERE state LIKE "copy to tmp%""#;
    for_all(&HOSTS, |host| {
        lab_until(shop, host, copies);
        lab.on(host, "systemctl kill -s STOP mariadb");
    });
    shop.crash(&HOSTS);
    for host in HOSTS {
        let saved = lab.on(host, "cat /var/lib/mysql/grastate.dat");
        assert!(saved.contains("00000000-0000-0000-0000-000000000000"), "{host}: {saved}");
    }
    shop.recover(&[
        "rule 4: a DDL statement was cut off on all nodes",
        "look whether that statement took effect",
    ]);
    for host in HOSTS {
        let rows = lab.sql(host, "SELECT COUNT(*) FROM shop.large");
        assert_eq!(rows, LARGE.to_string(), "{host}");
    }
}
