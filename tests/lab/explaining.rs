//! Failures are explained, and nothing is left looping.

use crate::check::firewall;
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
        "FAILED db2/galera/join",
        "Access denied for user 'sst'@'localhost'",
        "cause: the donor could not log in with the SST account",
        "left: mariadb.service on db2 is stopped",
    ]);
    // As the server ended by itself while it was stopped, or a moment before.
    let state = lab.on("db2", "systemctl is-active mariadb || true");
    assert!(["inactive", "failed"].contains(&state.as_str()), "{state}");
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

/// Starts a server that cannot join, and ends its restarts. The state is gone, so that it needs a
/// full state transfer.
const FAIL: &str = "rm -f /var/lib/mysql/grastate.dat; systemctl reset-failed mariadb; systemctl start mariadb; systemctl stop mariadb; systemctl reset-failed mariadb; true";
/// Read after galactl's own.
const OWN_FILE: &str = "/etc/mysql/mariadb.conf.d/99-z.cnf";

#[test]
#[ignore = "boots real hosts"]
fn of_a_nodes_starts_the_last_is_explained() {
    let lab = Lab::up("t-told", &["db1", "db2"]);
    let inventory = Inventory::of(&lab, &["db1", "db2"]);
    inventory.bootstrap();
    let explain = || inventory.galactl(&["explain", "db2"]).expect_code(0);

    lab.on("db1", "mv /usr/bin/rsync /usr/bin/rsync.gone");
    lab.on("db2", &format!("systemctl stop mariadb; {FAIL}"));
    explain().says(&[
        "missing on the donor: rsync\nnext: on the donor: sudo apt-get install rsync",
        "db1 journal:",
        "WSREP_SST: [ERROR] 'rsync' not found in path",
    ]);

    lab.on("db1", "mv /usr/bin/rsync.gone /usr/bin/rsync");
    let options = "[mysqld]\\nwsrep_provider_options = gcache.sise=1M\\n";
    lab.on("db2", &format!("printf '{options}' > {OWN_FILE}; {FAIL}"));
    explain().says(&["cause: the wsrep provider does not accept its options", "gcache.sise"]);

    lab.on("db2", &format!("rm {OWN_FILE}; systemctl start mariadb"));
    explain().says(&["cause: none that galactl knows"]);
    inventory.assert_whole();
}

/// More lines than are read of a journal, all of them older than the start after them.
const OLDER_LINES: &str =
    "yes 'an older line' | head -n 3100 | logger --tag=-wsrep-sst-joiner; journalctl --sync";

#[test]
#[ignore = "boots real hosts"]
fn the_newest_lines_are_read_wherever_the_log_is_and_a_start_that_goes_on_is_told() {
    // The third has the vote that db1 needs when db2 is killed.
    let lab = Lab::up("t-newest", &["db1", "db2", "db3"]);
    let inventory = Inventory::of(&lab, &["db1", "db2", "db3"]);
    inventory.bootstrap();
    let explain = || inventory.galactl(&["explain", "db2"]).expect_code(0);
    let fail_with =
        |options: &str| lab.on("db2", &format!("printf '[mysqld]\n{options}\n' > {OWN_FILE}; {FAIL}"));

    lab.on("db2", "systemctl stop mariadb");
    fail_with("wsrep_provider_options = gcs.nosuch=1");
    lab.on("db2", OLDER_LINES);
    let named = |name: &str| {
        format!("wsrep_cluster_name = {name}\\nwsrep_provider_options = pc.wait_prim_timeout=PT3S")
    };
    fail_with(&named("second"));
    explain().says(&["db2 journal:", "cause: the node names another cluster than its peers: `second`"]);

    lab.on("db2", "install -d -o mysql /var/log/mysql");
    fail_with(&(named("third") + "\\nlog_error = /var/log/mysql/error.log"));
    explain().says(&[
        "db2 journal and /var/log/mysql/error.log:",
        "cause: the node names another cluster than its peers: `third`",
    ]);

    fail_with("wsrep_node_address = 198.51.100.34");
    explain().says(&["cause: no interface of this host has tcp://198.51.100.34:4568", "ist.recv_bind"]);

    firewall(&lab, "db2", "tcp dport 4444 drop");
    lab.on(
        "db2",
        &format!(
            "printf '[mysqld]\\nwsrep_sst_donor = db1\\n' > {OWN_FILE}; systemctl start --no-block mariadb"
        ),
    );
    said_at_last(&inventory, &format!("cause: db1 gets no answer from {}:4444", lab.address("db2")));
    // It goes on, and takes minutes; systemd's time for it is made short meanwhile.
    firewall(&lab, "db2", "tcp dport 4444 limit rate over 1 mbytes/second drop");
    said_at_last(&inventory, "cause: the state transfer to this node is under way: from db1 by rsync, ");
    lab.on(
        "db2",
        "mkdir -p /run/systemd/system/mariadb.service.d; cd /run/systemd/system/mariadb.service.d; \
         printf '[Service]\nTimeoutStartSec=1\nTimeoutStopSec=2\nSendSIGKILL=yes\nRestart=no\n' > slow.conf; \
         systemctl daemon-reload",
    );
    said_at_last(
        &inventory,
        "cause: systemd ended the start after TimeoutStartSec, while the state transfer (rsync)",
    );
}

/// Asks for explanations until one has these words.
fn said_at_last(inventory: &Inventory<'_>, words: &str) {
    let began = std::time::Instant::now();
    loop {
        let ran = inventory.galactl(&["explain", "db2"]).expect_code(0);
        if ran.text().contains(words) {
            return;
        }
        assert!(
            began.elapsed().as_secs() < u64::from(crate::lab::LONGEST),
            "never {words:?}: {}",
            ran.text()
        );
    }
}

#[test]
#[ignore = "boots real hosts"]
fn a_node_that_is_ahead_of_its_cluster_is_told_to_be_recovered() {
    let lab = Lab::up("t-behind", &["db1", "db2"]);
    let inventory = Inventory::of(&lab, &["db1", "db2"]);
    inventory.bootstrap();
    lab.on("db2", "systemctl stop mariadb");
    lab.sql(
        "db1",
        "CREATE DATABASE shop; CREATE DATABASE shop2; CREATE DATABASE shop3; CREATE DATABASE shop4",
    );
    lab.on("db1", "systemctl mask --runtime mariadb; systemctl kill -s KILL mariadb; systemctl stop mariadb; systemctl unmask --runtime mariadb; systemctl reset-failed mariadb");
    lab.on("db2", "sed -i 's/^safe_to_bootstrap: 0/safe_to_bootstrap: 1/' /var/lib/mysql/grastate.dat; galera_new_cluster mariadb.service");
    lab.on("db1", "systemctl start mariadb; systemctl stop mariadb; systemctl reset-failed mariadb; true");
    inventory.galactl(&["explain", "db1"]).expect_code(0).says(&[
        "Reversing history:",
        "cause: this node is ahead of the cluster: it holds ",
        &format!("then galactl recover {}/test-inventory.yaml", lab.directory().display()),
    ]);
}
