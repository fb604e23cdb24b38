//! Taking nodes out of a cluster that clients write to, and bringing one back.

use crate::lab::Lab;
use crate::outage::{Shop, Writer};
use crate::run::Inventory;

const HOSTS: [&str; 4] = ["db1", "db2", "db3", "db4"];

#[test]
#[ignore = "boots real hosts"]
fn nodes_are_removed_for_good_and_come_back_only_by_word() {
    let lab = Lab::up("t-remove", &HOSTS);
    let four = Inventory::of(&lab, &HOSTS);
    let three = Inventory::of(&lab, &["db1", "db2", "db4"]);
    let last_two = Inventory::of(&lab, &["db2", "db4"]);
    let mut shop = Shop::open(&lab, &four);
    shop.write("db1");
    shop.stop("db3");
    for host in ["db1", "db2", "db4"] {
        shop.until(host, "wsrep_cluster_size", "3");
    }
    refusals_change_nothing(&lab, &four);
    a_stopped_node(&lab, &four, &three);

    let mut writer = Writer::start(&lab, "db1", 1000);
    a_member_under_load(&lab, &three);
    assert!(writer.is_writing(), "a commit failed on a node that stays");
    three.galactl(&["add-node", "db4", "--yes"]).expect_code(0).says(&["ok db4/galera/unmask"]);
    assert_eq!(shop.transfer("db4"), "IST");
    assert!(writer.is_writing(), "a commit failed on a node that stays");

    the_seed_that_is_written_to(&lab, &three);
    let acknowledged = writer.acknowledged("db1");
    assert!(!acknowledged.is_empty());
    last_two.galactl(&["plan"]).expect_code(0).says(&["Nothing to do"]);
    shop.inventory = &last_two;
    shop.assert_has(&acknowledged);
    assert_eq!(lab.sql("db2", "SELECT word FROM shop.t WHERE id IN (900, 901)"), "slow");
    assert_eq!(shop.rows_on_disk("db1", "/var/lib/mysql"), shop.rows(), "its data stays in place");
}

/// db3 is stopped.
fn refusals_change_nothing(lab: &Lab, four: &Inventory<'_>) {
    let before = lab.all_untouched(&HOSTS);
    let refuses = |words: &[&str], code: i32, says: &[&str]| {
        four.galactl(&[&["remove-node", "--yes"], words].concat()).expect_code(code).says(says);
    };
    refuses(&["db4"], 3, &["refused[unhealthy] db3: it is not running"]);
    refuses(&["db2", "db3", "db4"], 3, &["refused[quorum] db2: 1 of 2 votes are no majority"]);
    refuses(&["db9"], 1, &["no node of this inventory"]);
    lab.on("db4", "systemctl stop ssh");
    refuses(&["db3", "db4"], 4, &["refused[unreachable] db4", "--unseen db4"]);
    let unseen = ["db3", "db4", "--unseen", "db4"];
    refuses(&unseen, 3, &["refused[unhealthy] db4", "its server is a member of the cluster"]);
    lab.on("db4", "systemctl start ssh");
    assert_eq!(lab.all_untouched(&HOSTS), before, "a refusal changed something");
}

/// By a plan that was saved. As long as the inventory lists it, every command says what it is.
fn a_stopped_node(lab: &Lab, four: &Inventory<'_>, three: &Inventory<'_>) {
    let file = four.file("plan.json");
    four.galactl(&["remove-node", "db3", "--dry-run", "--out", &file]).expect_code(0).says(&[
        "3 votes remain (db1, db2, db4): the loss of 1 more at once is survived",
        "db3/galera/mask",
        "delete db3 from `nodes`",
    ]);
    four.galactl_alone(&["apply", &file, "--yes"]).expect_code(0).says(&["next: delete db3 from `nodes`"]);
    for words in [&["plan"][..], &["start", "--yes"]] {
        four.galactl(words).expect_code(3).says(&["refused[removed] db3", "galactl add-node"]);
    }
    four.galactl(&["status"]).expect_code(5).says(&["db3: galactl removed it"]);
    assert_eq!(lab.on("db3", "systemctl is-active mariadb || true"), "inactive");
    three.galactl(&["plan"]).expect_code(0).says(&["Nothing to do"]);
}

/// A transaction that takes its time.
fn slow(id: u32, seconds: u32) -> String {
    format!("BEGIN; INSERT INTO shop.t VALUES ({id}, 'slow'); SELECT SLEEP({seconds}); COMMIT")
}

const IT_RUNS: &str = "until mariadb -BNe 'SHOW PROCESSLIST' | grep -q 'SELECT SLEEP'; do sleep 0.1; done";

/// galactl is killed once it has left; no boot of its host brings it back.
fn a_member_under_load(lab: &Lab, three: &Inventory<'_>) {
    let words = ["remove-node", "db4", "--yes"];
    std::thread::scope(|scope| {
        scope.spawn(|| lab.sql("db4", &slow(900, 4)));
        lab.on("db4", IT_RUNS);
        let mut child = three.galactl_until(&words, "ok db4/galera/leave");
        child.kill().expect("SIGKILL");
        child.wait().expect("an end");
    });
    three.galactl(&words).expect_code(0).says(&["was cut off", "ok db4/galera/mask", "next: delete db4"]);
    three.galactl(&words).expect_code(0).says(&["two nodes and no arbitrator", "that was done already"]);

    let edited = Inventory::of(lab, &["db1", "db2"]);
    lab.fault("poweroff", "db4");
    lab.fault("poweron", "db4");
    edited.galactl(&["plan"]).expect_code(0).says(&["Nothing to do"]);
    edited.galactl(&["status"]).expect_code(0).says(&["healthy: 2 of 2 nodes Synced, size 2 of 2"]);
    edited.assert_whole();
    let booted =
        "systemctl is-system-running --wait > /dev/null; systemctl is-active mariadb; pgrep mariadbd";
    assert_eq!(lab.try_on("db4", booted), (false, "inactive\n".into()), "the boot has started it");
    let (started, said) = lab.try_on("db4", "systemctl start mariadb");
    assert!(!started && said.contains("masked"), "{said}");
}

/// Of what is cut off, nothing was acknowledged.
fn the_seed_that_is_written_to(lab: &Lab, three: &Inventory<'_>) {
    std::thread::scope(|scope| {
        scope.spawn(|| lab.try_on("db1", &format!("mariadb -e \"{}\"", slow(901, 60))));
        lab.on("db1", IT_RUNS);
        three
            .galactl(&["remove-node", "db1", "--drain", "1", "--yes"])
            .expect_code(0)
            .says(&["`cluster.seed`, where it stands, must not name db1", "still busy after 1 s"]);
    });
}
