//! A cluster that was built by hand, and is taken over as it is.

use std::fs;

use crate::lab::Lab;
use crate::run::{Inventory, Ran};

const HOSTS: [&str; 2] = ["db1", "db2"];
const BY_HAND: &str = "/etc/mysql/mariadb.conf.d/60-galera.cnf";
/// As somebody types it into an option file, which keeps it as it is.
const PASSWORD: &str = "p4ss w\"ord";

/// Writes the option file as a person would, in spellings of their own.
fn write_by_hand(lab: &Lab, host: &str, number: usize) {
    let list = ["db2", "db1"].map(|host| lab.address(host)).join(",");
    let text = format!(
        "# by hand\n[galera]\nwsrep-on=1\nwsrep_provider=/usr/lib/galera/libgalera_smm.so\n\
         wsrep_provider_options=\"gcache.size=64M;gcs.fc_limit = 64\"\nwsrep_cluster_name=hand-made\n\
         wsrep_cluster_address=gcomm://{list}\nwsrep_node_name={host}\nwsrep_node_address={}\n\
         wsrep_sst_method=mariabackup\nwsrep_sst_auth=backup:{PASSWORD}\nbinlog_format=row\n\
         innodb_autoinc_lock_mode=2\nbind-address=*\nskip-name-resolve\n\
         [mysqld]\nmax_connections=30{number}\ninnodb_buffer_pool_size=134217728\n",
        lab.address(host)
    );
    let file = lab.directory().join("machines").join(host).join("root").join(&BY_HAND[1..]);
    fs::write(&file, text).expect("the host's /etc");
    lab.on(host, &format!("chown root:mysql {BY_HAND} && chmod 640 {BY_HAND} && systemctl stop mariadb"));
}

/// With the server's and the distribution's own commands only.
fn build_by_hand(lab: &Lab) {
    for (index, host) in HOSTS.iter().enumerate() {
        write_by_hand(lab, host, index + 1);
    }
    lab.on("db1", "systemctl enable mariadb && galera_new_cluster");
    let statements = format!(
        "CREATE USER backup@localhost IDENTIFIED BY '{PASSWORD}'; CREATE DATABASE shop; \
         GRANT RELOAD, PROCESS, LOCK TABLES, BINLOG MONITOR ON *.* TO backup@localhost"
    );
    lab.on("db1", &format!("mariadb <<'EOF'\n{statements}\nEOF"));
    lab.on("db2", "systemctl enable mariadb && systemctl start mariadb");
}

/// `galactl init FILE --from HOST…` with the lab's key.
fn init_from(inventory: &Inventory<'_>, file: &str, hosts: &[&str]) -> Ran {
    let (key, known_hosts) = (inventory.file("id_ed25519"), inventory.file("known_hosts"));
    let words = ["--ssh-key", &key, "--known-hosts", &known_hosts];
    inventory.galactl_alone(&[&["init", file, "--from"], hosts, &words].concat())
}

#[test]
#[ignore = "boots real hosts"]
fn a_cluster_built_by_hand_is_adopted_and_changed() {
    let lab = Lab::up("t-adopt", &HOSTS);
    let inventory = Inventory::of(&lab, &HOSTS);
    let (file, address) = (inventory.file("found.yaml"), lab.address("db2"));
    init_from(&inventory, &file, &[&address]).expect_code(3).says(&["no member of a running cluster"]);
    build_by_hand(&lab);

    let before = lab.all_untouched(&HOSTS);
    let found = init_from(&inventory, &file, &[&address]).expect_code(0);
    let found = found.says(&["the cluster has more members", "has nothing to do"]);
    let text = fs::read_to_string(&file).expect("the inventory");
    assert!(!format!("{}{text}", found.text()).contains("p4ss"), "{text}");
    init_from(&inventory, &file, &[&address]).expect_code(1).says(&["exists already"]);
    inventory.galactl_alone(&["validate", &file]).expect_code(0);
    nothing_to_do(&inventory, &file);
    inventory.galactl_alone(&["status", &file]).expect_code(0).says(&["2 of 2 nodes Synced, size 2 of 2"]);
    assert_eq!(lab.all_untouched(&HOSTS), before, "a look changed something");

    a_change_shows_itself_and_is_made(&lab, &inventory, &file);
    a_member_that_cannot_be_reached(&lab, &inventory);
}

fn nothing_to_do(inventory: &Inventory<'_>, file: &str) {
    inventory.galactl_alone(&["plan", file, "--detailed-exitcode"]).expect_code(0).says(&["Nothing to do"]);
}

fn a_change_shows_itself_and_is_made(lab: &Lab, inventory: &Inventory<'_>, file: &str) {
    let text = fs::read_to_string(file).expect("the inventory");
    let changed = text.replace("\nmysqld:\n", "\nmysqld:\n  max_connect_errors: 77\n");
    assert_ne!(changed, text);
    fs::write(file, changed).expect("the inventory");
    let digest = |host: &str| lab.on(host, &format!("sha256sum {BY_HAND}"));
    let by_hand = HOSTS.map(digest);
    let plan = inventory.galactl_alone(&["plan", file, "--detailed-exitcode"]).expect_code(2);
    let because: Vec<_> = plan.stdout.lines().filter(|line| line.contains("in the inventory")).collect();
    assert_eq!(because.len(), HOSTS.len(), "{because:?}");
    for line in because {
        assert!(
            line.ends_with("because `max_connect_errors` is not set there, and `77` in the inventory"),
            "{line}"
        );
    }
    plan.says(&[&format!("takes the place of what {BY_HAND} says")]);

    inventory.galactl_alone(&["apply-config", file, "--yes"]).expect_code(0);
    nothing_to_do(inventory, file);
    for (index, host) in HOSTS.iter().enumerate() {
        let value = lab.sql(host, "SELECT @@max_connect_errors, @@max_connections");
        assert_eq!(value, format!("77\t30{}", index + 1), "{host}");
    }
    assert_eq!(HOSTS.map(digest), by_hand);

    // A copy of the data still goes by the password that somebody chose.
    lab.on("db2", "systemctl stop mariadb && rm -rf /var/lib/mysql/* && systemctl start mariadb");
    assert_eq!(lab.sql("db2", "SHOW DATABASES LIKE 'shop'"), "shop");
}

fn a_member_that_cannot_be_reached(lab: &Lab, inventory: &Inventory<'_>) {
    lab.on("db2", "systemctl stop ssh ssh.socket; systemctl mask ssh --runtime");
    let address = lab.address("db2");
    let other = inventory.file("other.yaml");
    init_from(inventory, &other, &[&lab.address("db1")])
        .expect_code(4)
        .says(&[&format!("{address} could not be scanned"), &format!("make `ssh root@{address}` work")]);
    assert!(!fs::exists(&other).expect("the lab's directory"));
}
