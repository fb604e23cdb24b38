//! Every guard refuses on real hosts, and changes nothing.

use crate::lab::Lab;
use crate::run::Inventory;

const HOSTS: [&str; 2] = ["db1", "db2"];

/// Runs the command, expects the refusal, and compares the hosts before and after.
#[track_caller]
fn refuses(lab: &Lab, inventory: &Inventory<'_>, command: &[&str], code: i32, words: &[&str]) {
    let hosts: Vec<&str> = inventory.nodes.iter().map(|(name, _)| name.as_str()).collect();
    let before = lab.all_untouched(&hosts);
    inventory.galactl(command).expect_code(code).says(words);
    assert_eq!(lab.all_untouched(&hosts), before, "a refusal changed something");
}

const BOOTSTRAP: &[&str] = &["bootstrap", "--yes"];

/// One lab for all guards of hosts that hold no cluster: each sets its scene and clears it.
#[test]
#[ignore = "boots real hosts"]
fn before_a_cluster_exists() {
    let lab = Lab::up("t-guards", &HOSTS);
    let mut inventory = Inventory::of(&lab, &HOSTS);

    lab.sql("db2", "CREATE DATABASE theirs");
    refuses(&lab, &inventory, BOOTSTRAP, 3, &["refused[user-schemas] db2", "`theirs`", "cluster.seed: db2"]);
    lab.sql("db2", "DROP DATABASE theirs");

    lab.on("db2", "systemctl mask --now mariadb");
    refuses(&lab, &inventory, BOOTSTRAP, 3, &["refused[unit-masked] db2", "systemctl unmask mariadb"]);
    lab.on("db2", "systemctl unmask mariadb; systemctl start mariadb");

    lab.on("db1", "systemctl stop mariadb; setsid -f mariadbd --user=mysql --skip-networking --socket=/tmp/stray.sock >/dev/null 2>&1; until [ -S /tmp/stray.sock ]; do sleep 0.1; done");
    refuses(&lab, &inventory, BOOTSTRAP, 3, &["refused[stray-server] db1"]);
    lab.on("db1", "pkill -x mariadbd; while pgrep -x mariadbd; do sleep 0.1; done; systemctl start mariadb");

    lab.on(
        "db2",
        "printf '[mysqld]\nwsrep_cluster_address=gcomm://\n' > /etc/mysql/mariadb.conf.d/70-old.cnf",
    );
    refuses(&lab, &inventory, BOOTSTRAP, 3, &["refused[armed-option] db2", "gcomm://"]);
    lab.on("db2", "rm /etc/mysql/mariadb.conf.d/70-old.cnf");

    inventory.rest = "mysqld:\n  wsrep_replicate_myisam: true\n".into();
    refuses(
        &lab,
        &inventory,
        BOOTSTRAP,
        3,
        &["refused[unknown-option] db1", "wsrep_replicate_myisam", "10.11"],
    );
    inventory.rest = String::new();

    inventory.sst = "method: mariabackup";
    lab.on("db2", "mv /usr/bin/mbstream /usr/bin/mbstream.away");
    refuses(&lab, &inventory, BOOTSTRAP, 3, &["refused[missing] db2", "mbstream", "mariadb-backup"]);
    lab.on("db2", "mv /usr/bin/mbstream.away /usr/bin/mbstream");
    inventory.sst = "method: rsync";

    lab.on("db1", "mv /usr/lib/galera /usr/lib/galera.away; mv /usr/lib/libgalera_smm.so /usr/lib/libgalera_smm.away 2>/dev/null; true");
    refuses(&lab, &inventory, BOOTSTRAP, 3, &["refused[missing] db1", "provider library"]);
    lab.on("db1", "mv /usr/lib/galera.away /usr/lib/galera; mv /usr/lib/libgalera_smm.away /usr/lib/libgalera_smm.so 2>/dev/null; true");

    let saved = "printf '# GALERA saved state\nversion: 2.1\nuuid:    UUID\nseqno:   -1\nsafe_to_bootstrap: 1\n' > /var/lib/mysql/grastate.dat";
    lab.on("db2", &saved.replace("UUID", "b819de78-9b4f-11ee-8000-0123456789ab"));
    refuses(&lab, &inventory, BOOTSTRAP, 3, &["refused[cluster-state] db2", "b819de78"]);
    lab.on("db2", &saved.replace("UUID", "00000000-0000-0000-0000-000000000000"));
    refuses(&lab, &inventory, BOOTSTRAP, 3, &["refused[cluster-state] db2", "zero UUID"]);
    lab.on("db2", "echo garbage > /var/lib/mysql/grastate.dat");
    refuses(&lab, &inventory, BOOTSTRAP, 3, &["refused[cluster-state] db2", "grastate.dat"]);
    lab.on("db2", "rm /var/lib/mysql/grastate.dat");

    inventory.cluster = "name: shop\n  flavour: percona-xtradb-cluster".into();
    refuses(&lab, &inventory, BOOTSTRAP, 3, &["refused[not-supported]", "galactl render"]);
    inventory.cluster = "name: shop".into();

    changed_host_key(&lab, &inventory);
    lab.fault("poweroff", "db2");
    let before = lab.untouched("db1");
    inventory.galactl(BOOTSTRAP).expect_code(4).says(&["refused[unreachable] db2"]);
    assert_eq!(lab.untouched("db1"), before, "a refusal changed something");
}

fn changed_host_key(lab: &Lab, inventory: &Inventory<'_>) {
    let file = lab.directory().join("known_hosts");
    let known = std::fs::read_to_string(&file).expect("known_hosts");
    let (one, two) = (lab.address("db1"), lab.address("db2"));
    // db2's address with db1's key: what a host in the middle would show.
    let others = known.lines().filter(|line| !line.contains(&two)).map(str::to_owned);
    let theirs = known.lines().filter(|line| line.contains(&one));
    let forged: Vec<String> =
        others.chain(theirs.map(|line| line.replace(&one, &two).replace("db1", "db2"))).collect();
    let forged = forged.join("\n") + "\n";
    std::fs::write(&file, forged).expect("known_hosts");
    refuses(lab, inventory, BOOTSTRAP, 4, &["refused[unreachable] db2", "host key"]);
    std::fs::write(&file, known).expect("known_hosts");
}

#[test]
#[ignore = "boots real hosts"]
fn where_a_cluster_lives_or_lived() {
    let lab = Lab::up("t-lives", &HOSTS);
    let mut inventory = Inventory::of(&lab, &HOSTS);

    // A cluster that somebody else bootstrapped on db2, with the raw commands.
    lab.on("db2", "printf '[mysqld]\nwsrep_on=ON\nwsrep_provider=/usr/lib/galera/libgalera_smm.so\nwsrep_cluster_name=shop\nwsrep_cluster_address=gcomm://10.77.0.1\nbinlog_format=ROW\n' > /etc/mysql/mariadb.conf.d/60-other.cnf; galera_new_cluster");
    refuses(&lab, &inventory, BOOTSTRAP, 3, &["refused[config-drift] db2", "galactl did not write"]);
    inventory.cluster = "name: another".into();
    refuses(&lab, &inventory, BOOTSTRAP, 3, &["refused[primary-alive] db2", "running cluster `shop`"]);
    inventory.cluster = "name: shop".into();

    lab.on("db2", "systemctl stop mariadb");
    refuses(&lab, &inventory, BOOTSTRAP, 3, &["refused[cluster-state] db2", "grastate.dat"]);
    lab.on(
        "db2",
        "rm /etc/mysql/mariadb.conf.d/60-other.cnf /var/lib/mysql/grastate.dat; systemctl start mariadb",
    );

    inventory.bootstrap();
    // The setting of a running member is not changed behind its back.
    inventory.rest = "mysqld:\n  max_connections: 77\n".into();
    refuses(&lab, &inventory, BOOTSTRAP, 3, &["refused[config-drift] db1", "another configuration"]);
    inventory.rest = String::new();

    // Half of the cluster is killed: what is left runs without a Primary component.
    lab.on("db1", "systemctl disable mariadb 2>&1");
    lab.fault("crash", "db1");
    lab.fault("poweroff", "db1");
    lab.on("db2", "until mariadb -BN -e \"SHOW STATUS LIKE 'wsrep_cluster_status'\" | grep -q non-Primary; do sleep 0.2; done");
    let before = lab.untouched("db2");
    inventory.galactl(BOOTSTRAP).expect_code(4).says(&["refused[unreachable] db1"]);
    lab.fault("poweron", "db1");
    inventory
        .galactl(BOOTSTRAP)
        .expect_code(3)
        .says(&["refused[non-primary] db2", "refused[cluster-state] db1"]);
    assert_eq!(lab.untouched("db2"), before, "a refusal changed something");
}

#[test]
#[ignore = "boots real hosts"]
fn release_series_that_differ() {
    let lab = Lab::up("t-mixed", &["db1", "db2:trixie"]);
    let inventory = Inventory::of(&lab, &HOSTS);
    refuses(&lab, &inventory, BOOTSTRAP, 3, &["refused[versions-differ]", "db1 10.11", "db2 11.8"]);
}

#[test]
#[ignore = "boots real hosts"]
fn data_that_does_not_fit() {
    let lab = Lab::up("t-disk", &HOSTS);
    let inventory = Inventory::of(&lab, &HOSTS);
    lab.on("db1", "truncate -s 900G /var/lib/mysql/large");
    refuses(&lab, &inventory, BOOTSTRAP, 3, &["refused[disk] db2", "will not fit"]);
}
