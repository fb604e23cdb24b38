//! A cluster that was set up by hand, with its own scope, times, accounts' passwords and rules, is taken over while clients
//! write.

use std::collections::BTreeSet;
use std::fs;

use super::day_two::Clients;
use super::{NODES, all_untouched, assert_whole, sql};
use crate::lab::{Lab, until};
use crate::run::{Inventory, Ran};

/// As people choose them; each must appear nowhere but in Patroni's files.
const PASSWORDS: [&str; 3] = ["sup3r by h4nd", "r3pl-by-h4nd", "r3wind-by-h4nd"];

const ETCD: &str = "\
ETCD_NAME=NAME
ETCD_DATA_DIR=/var/lib/etcd/by-hand
ETCD_LISTEN_PEER_URLS=http://ADDRESS:2380
ETCD_LISTEN_CLIENT_URLS=http://0.0.0.0:2379
ETCD_INITIAL_ADVERTISE_PEER_URLS=http://ADDRESS:2380
ETCD_ADVERTISE_CLIENT_URLS=http://ADDRESS:2379
ETCD_INITIAL_CLUSTER=pg1=http://PG1:2380,pg2=http://PG2:2380,pg3=http://PG3:2380
ETCD_INITIAL_CLUSTER_STATE=new
ETCD_ENABLE_V2=true
";

const PATRONI: &str = "\
# made by hand
scope: orders
name: NAME
restapi:
  listen: 0.0.0.0:8008
  connect_address: ADDRESS:8008
etcd:
  hosts: PG1:2379,PG2:2379,PG3:2379
bootstrap:
  dcs:
    ttl: 40
    loop_wait: 5
    retry_timeout: 10
    synchronous_mode: true
    master_start_timeout: 120
    postgresql:
      use_pg_rewind: true
      parameters:
        max_connections: 150
        shared_buffers: 48MB
        wal_log_hints: 'on'
      pg_hba:
      - local all all peer
      - host replication replicator 127.0.0.1/32 md5
      - host replication replicator NETWORK md5
      - host all all 127.0.0.1/32 scram-sha-256
      - host all all NETWORK md5
      - host shop app 192.0.2.0/24 scram-sha-256
  initdb:
  - encoding: UTF8
  - data-checksums
postgresql:
  listen: 0.0.0.0:5432
  connect_address: ADDRESS:5432
  data_dir: /var/lib/postgresql/15/main
  bin_dir: /usr/lib/postgresql/15/bin
  pgpass: /tmp/pgpass0
  authentication:
    superuser: {username: postgres, password: 'sup3r by h4nd'}
    replication: {username: replicator, password: r3pl-by-h4nd}
    rewind: {username: rewind_user, password: r3wind-by-h4nd}
  parameters:
    work_mem: MEMORY
  callbacks:
    on_role_change: /bin/true
tags: {clonefrom: true}
";

/// With the packages' own commands only.
fn build_by_hand(lab: &Lab) {
    let fill = |text: &str, host: &str| {
        let network = lab.address("pg1").rsplit_once('.').map(|(network, _)| format!("{network}.0/24"));
        let text = NODES
            .iter()
            .fold(text.to_owned(), |text, node| text.replace(&node.to_uppercase(), &lab.address(node)));
        text.replace("NAME", host)
            .replace("ADDRESS", &lab.address(host))
            .replace("NETWORK", &network.expect("an address"))
            .replace("MEMORY", if host == "pg3" { "8MB" } else { "4MB" })
    };
    for host in NODES {
        // The variables have NAME in their names, too.
        let etcd = fill(&ETCD.replace("ETCD_NAME=NAME", &format!("ETCD_NAME={host}")), host);
        let root = lab.directory().join("machines").join(host).join("root");
        fs::write(root.join("etc/default/etcd"), etcd).expect("the host's /etc");
        fs::create_dir_all(root.join("etc/patroni")).expect("the host's /etc");
        fs::write(root.join("etc/patroni/config.yml"), fill(PATRONI, host)).expect("the host's /etc");
        lab.on(
            host,
            "chown root:postgres /etc/patroni/config.yml && chmod 640 /etc/patroni/config.yml &&
             systemctl enable --quiet etcd patroni && systemctl start --no-block etcd",
        );
    }
    until("etcd is up", || lab.try_on("pg1", "etcdctl endpoint health").0);
    lab.on("pg1", "systemctl start patroni");
    // A server restarts while the cluster is made.
    let says = |host: &str, question: &str, answer: &str| {
        let script = format!("cd /; runuser -u postgres -- psql -XAtqc \"{question}\"");
        let (ok, text) = lab.try_on(host, &script);
        ok && text.trim() == answer
    };
    until("the first one leads", || says("pg1", "SELECT pg_is_in_recovery()", "f"));
    lab.on("pg2", "systemctl start patroni");
    lab.on("pg3", "systemctl start patroni");
    let whole = "SELECT count(*) FILTER (WHERE state = 'streaming') = 2 AND count(*) FILTER (WHERE sync_state = 'sync') = 1 FROM pg_stat_replication";
    until("all follow", || {
        says("pg1", whole, "t") && ["pg2", "pg3"].iter().all(|host| says(host, "SELECT 1", "1"))
    });
}

/// `galactl init FILE --from HOST…` with the lab's key.
fn init_from(inventory: &Inventory<'_>, file: &str, hosts: &[&str]) -> Ran {
    let (key, known_hosts) = (inventory.file("id_ed25519"), inventory.file("known_hosts"));
    let words = ["--ssh-key", &key, "--known-hosts", &known_hosts];
    inventory.galactl_alone(&[&["init", file, "--from"], hosts, &words].concat())
}

#[track_caller]
fn no_password_in(text: &str) {
    for password in PASSWORDS {
        assert!(!text.contains(password), "a password is shown: {text}");
    }
}

#[test]
#[ignore = "boots real hosts"]
fn a_cluster_set_up_by_hand_is_adopted_taken_over_and_grows() {
    let lab = Lab::up("t-pg-adopt", &["pg1", "pg2", "pg3", "pg4"]);
    let inventory = Inventory::of_patroni(&lab, &NODES);
    let (file, address) = (inventory.file("found.yaml"), lab.address("pg2"));
    init_from(&inventory, &file, &[&address]).expect_code(3).says(&["neither MariaDB nor Patroni"]);
    build_by_hand(&lab);
    let system = assert_whole(&lab);

    let before = all_untouched(&lab);
    let found = init_from(&inventory, &file, &[&address]).expect_code(0).says(&[
        "the cluster has more members",
        "note: ",
        "Patroni has ttl 40, loop_wait 5",
        "pg1: its /etc/patroni/config.yml was not written by galactl",
        "`postgresql.callbacks.on_role_change`",
        "`host shop app 192.0.2.0/24 scram-sha-256`",
    ]);
    let text = fs::read_to_string(&file).expect("the inventory");
    no_password_in(&format!("{}{text}", found.text()));
    for words in
        ["\n  name: orders\n", "    max_connections: 150\n", "        work_mem: '8MB'\n", "  endpoints: ['"]
    {
        assert!(text.contains(words), "{words}: {text}");
    }
    init_from(&inventory, &file, &[&address]).expect_code(1).says(&["exists already"]);
    inventory.galactl_alone(&["validate", &file]).expect_code(0);
    inventory.galactl_alone(&["status", &file]).expect_code(5).says(&[
        "pg1 leads, 2 of 2 standbys follow",
        "was not written by galactl",
        "galactl apply-config",
    ]);
    let dry = inventory.galactl_alone(&["apply-config", &file, "--dry-run"]).expect_code(0);
    no_password_in(&dry.text());
    assert_eq!(all_untouched(&lab), before, "a look changed something");

    sql(&lab, "pg1", "CREATE TABLE shop (id bigint PRIMARY KEY)");
    let clients = Clients::begin(&lab);
    clients.go_on();
    files_are_taken_over(&lab, &inventory, &file, &clients);
    a_fourth_node_comes(&lab, &inventory, &file, &clients);

    let acknowledged = clients.acknowledged();
    drop(clients);
    for host in ["pg1", "pg2", "pg3", "pg4"] {
        until(&format!("{host} has all rows"), || {
            let there = sql(&lab, host, "SELECT id FROM shop");
            let there: BTreeSet<u64> = there.lines().filter_map(|line| line.parse().ok()).collect();
            acknowledged.is_subset(&there)
        });
        let told = sql(&lab, host, "SELECT system_identifier FROM pg_control_system()");
        assert_eq!(told, system, "{host}");
        let readable = lab.on(host, "journalctl --no-pager; cat /proc/*/cmdline | tr '\\0' ' '");
        no_password_in(&readable);
    }
    println!("{} acknowledged rows are on all nodes", acknowledged.len());
}

fn files_are_taken_over(lab: &Lab, inventory: &Inventory<'_>, file: &str, clients: &Clients) {
    let dry = inventory.galactl_alone(&["apply-config", file, "--dry-run"]).expect_code(0);
    let ran = inventory.galactl_alone(&["apply-config", file, "--yes"]).expect_code(0);
    let steps = |text: &str| {
        text.lines().filter(|line| line.starts_with("  pg")).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(steps(&dry.stdout), steps(&ran.stderr)[..steps(&dry.stdout).len()], "the plan is the truth");
    no_password_in(&ran.text());
    clients.go_on();
    for host in NODES {
        assert_eq!(sql(lab, host, "SHOW max_connections"), "150", "{host}");
        assert_eq!(sql(lab, host, "SHOW shared_buffers"), "48MB", "{host}");
        let kept = lab.on(host, "head -n 1 /etc/patroni/config.yml.galactl-previous; stat -c '%a %U:%G' /etc/patroni/config.yml.galactl-previous");
        assert_eq!(kept, "# made by hand\n640 root:postgres", "{host}");
        let passwords = lab
            .on(host, "grep -c -e 'sup3r by h4nd' -e r3pl-by-h4nd -e r3wind-by-h4nd /etc/patroni/config.yml");
        assert_eq!(passwords, "3", "{host} has the passwords that the accounts have");
    }
    assert_eq!(sql(lab, "pg3", "SHOW work_mem"), "8MB");
    inventory.galactl_alone(&["plan", file, "--detailed-exitcode"]).expect_code(0).says(&["Nothing to do"]);
}

fn a_fourth_node_comes(lab: &Lab, inventory: &Inventory<'_>, file: &str, clients: &Clients) {
    let text = fs::read_to_string(file).expect("the inventory");
    let node = format!("  - name: pg4\n    address: {}\n", lab.address("pg4"));
    fs::write(file, text + &node).expect("the inventory");
    inventory.galactl_alone(&["add-node", file, "pg4", "--yes"]).expect_code(0);
    clients.go_on();
    inventory.galactl_alone(&["restart", file, "--rolling", "--dry-run"]).expect_code(0);
    inventory.galactl_alone(&["plan", file, "--detailed-exitcode"]).expect_code(0).says(&["Nothing to do"]);
    // What is written once more says the same.
    let again = inventory.file("again.yaml");
    init_from(inventory, &again, &[&lab.address("pg4")]).expect_code(0).says(&["has nothing to do"]);
    let read = |file: &str| fs::read_to_string(file).expect("an inventory");
    assert_eq!(read(file), read(&again));
}
