//! Data and intents in places where nobody expects them.

use crate::lab::Lab;
use crate::run::Inventory;

const HOSTS: [&str; 2] = ["db1", "db2"];
const DROP_IN: &str = "mkdir -p /etc/systemd/system/mariadb.service.d; printf '[Service]\\nEnvironment=\"MYSQLD_OPTS=OPTION\"\\n' > /etc/systemd/system/mariadb.service.d/own.conf; systemctl daemon-reload";

#[test]
#[ignore = "boots real hosts"]
fn databases_behind_links_and_options_are_found() {
    let lab = Lab::up("t-links", &HOSTS);
    let inventory = Inventory::of(&lab, &HOSTS);
    let refused = |words: &[&str]| {
        let before = lab.all_untouched(&HOSTS);
        inventory.galactl(&["bootstrap", "--yes"]).expect_code(3).says(words);
        assert_eq!(lab.all_untouched(&HOSTS), before, "a refusal changed something");
    };
    let stop = "systemctl stop mariadb; mkdir -p /data";

    // One database moved away and linked to; the server stopped, so that only its files speak.
    lab.sql("db2", "CREATE DATABASE moved");
    lab.on("db2", &format!("{stop}; mv /var/lib/mysql/moved /data/; ln -s /data/moved /var/lib/mysql/"));
    refused(&["refused[user-schemas] db2", "`moved`"]);

    // The whole data directory is a link.
    lab.on("db2", "mv /var/lib/mysql /data/mysql; ln -s /data/mysql /var/lib/mysql");
    refused(&["refused[user-schemas] db2", "`moved`"]);

    // The data directory stands on the server's command line only.
    lab.on("db2", "rm /var/lib/mysql; cp -a /data/mysql /var/lib/mysql; rm /var/lib/mysql/moved");
    lab.on("db2", &DROP_IN.replace("OPTION", "--datadir=/data/mysql"));
    refused(&["refused[user-schemas] db2", "`moved`"]);
    lab.on("db2", "systemctl start mariadb");
    refused(&["refused[user-schemas] db2", "`moved`"]);
}

#[test]
#[ignore = "boots real hosts"]
fn an_intent_in_the_unit_itself_is_found() {
    let lab = Lab::up("t-dropin", &HOSTS);
    let inventory = Inventory::of(&lab, &HOSTS);
    lab.on("db2", &DROP_IN.replace("OPTION", "--wsrep-new-cluster"));
    inventory.galactl(&["bootstrap", "--yes"]).expect_code(3).says(&["refused[armed-option] db2"]);
    lab.on("db2", "rm -r /etc/systemd/system/mariadb.service.d; systemctl daemon-reload");
    lab.on("db2", "printf '[mysqld]\\nloose-wsrep-new-cluster\\n' > /etc/mysql/mariadb.conf.d/70-loose.cnf");
    inventory.galactl(&["bootstrap", "--yes"]).expect_code(3).says(&["refused[armed-option] db2"]);
}

#[test]
#[ignore = "boots real hosts"]
fn a_crashed_node_that_is_ahead_is_not_joined() {
    let hosts = ["db1", "db2", "db3"];
    let lab = Lab::up("t-ahead", &hosts);
    let inventory = Inventory::of(&lab, &hosts);
    inventory.bootstrap();
    lab.sql("db1", "CREATE DATABASE shop; CREATE TABLE shop.t (id INT PRIMARY KEY)");

    // A crashed member that is not ahead comes back by itself.
    lab.on("db2", "systemctl kill -s KILL mariadb; systemctl stop mariadb");
    lab.on(
        "db1",
        "until mariadb -BN -e \"SHOW STATUS LIKE 'wsrep_cluster_size'\" | grep -qw 2; do sleep 0.2; done",
    );
    inventory.galactl(&["bootstrap", "--dry-run"]).expect_code(0).says(&["db2/galera/recover-position"]);
    inventory.bootstrap();
    inventory.assert_whole();

    // db3 and db2 stop, db1 goes on alone and crashes, and the wrong one is bootstrapped again.
    lab.on("db3", "systemctl stop mariadb");
    lab.on("db2", "systemctl stop mariadb");
    for id in 1..=20 {
        lab.sql("db1", &format!("INSERT INTO shop.t VALUES ({id})"));
    }
    lab.on("db1", "systemctl kill -s KILL mariadb; systemctl stop mariadb");
    lab.on("db2", "sed -i 's/^safe_to_bootstrap: 0/safe_to_bootstrap: 1/' /var/lib/mysql/grastate.dat; galera_new_cluster");
    let seqno = lab.sql("db2", "SHOW STATUS LIKE 'wsrep_last_committed'");
    let refused = ["refused[cluster-state] db1", "db2 went on all the same"];
    inventory.galactl(&["bootstrap", "--yes"]).expect_code(3).says(&refused);
    assert_eq!(
        lab.sql("db2", "SHOW STATUS LIKE 'wsrep_last_committed'"),
        seqno,
        "galactl wrote to the cluster"
    );
    assert_eq!(lab.on("db1", "pgrep -x mariadbd || echo none"), "none", "db1 was started");
}

#[test]
#[ignore = "boots real hosts"]
fn only_one_run_at_a_time_and_noise_at_login_is_no_answer() {
    let lab = Lab::up("t-busy", &HOSTS);
    let mut inventory = Inventory::of(&lab, &HOSTS);
    inventory.user = "deploy";
    inventory.sst = "method: mariabackup";
    lab.on("db1", "echo 'echo Welcome to the machine' >> ~deploy/.bashrc; chown deploy: ~deploy/.bashrc");
    lab.sql("db1", "SET GLOBAL general_log = 1");
    lab.on("db1", "printf '[mysqld]\\ngeneral_log=1\\n' > /etc/mysql/mariadb.conf.d/70-log.cnf");

    let mut first = inventory.galactl_until(&["bootstrap", "--yes"], "-> db2/galera/join");
    inventory.galactl(&["bootstrap", "--yes"]).expect_code(4).says(&["refused[busy] db1", "process "]);
    // A look changes nothing and needs no lock.
    inventory.galactl(&["bootstrap", "--dry-run"]).expect_code(0);
    assert!(first.wait().expect("an end").success());
    inventory.assert_whole();

    let password =
        "sed -n 's/^wsrep_sst_auth = \"sst:\\(.*\\)\"/\\1/p' /etc/mysql/mariadb.conf.d/99-galactl.cnf";
    let password = lab.on("db1", password);
    let logged = lab.on("db1", "cat /var/lib/mysql/*.log");
    assert!(
        logged.contains("CREATE USER") && !logged.contains(&password),
        "the password is in the general log"
    );
}
