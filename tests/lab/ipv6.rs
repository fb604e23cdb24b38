//! Nodes that talk to each other by IPv6, alone or beside IPv4. galactl itself reaches them by IPv4.

use std::fs;

use crate::lab::Lab;
use crate::run::Inventory;

/// The address that a host of the lab gets on top of its own.
fn ipv6_of(lab: &Lab, host: &str) -> String {
    let ipv4 = lab.address(host);
    let parts: Vec<_> = ipv4.split('.').collect();
    format!("fd77:{}::{}", parts[2], parts[3])
}

/// Gives the hosts IPv6 addresses; `alone`: and no way to each other by IPv4.
fn prepare(lab: &Lab, hosts: &[&str], alone: bool) {
    for host in hosts {
        let (ipv4, ipv6) = (lab.address(host), ipv6_of(lab, host));
        lab.on(
            host,
            &format!(
                "interface=$(ip -o -4 addr show to {ipv4} | cut -d ' ' -f 2)
                 ip -6 addr add {ipv6}/64 dev \"$interface\" nodad"
            ),
        );
        for peer in hosts.iter().filter(|peer| alone && *peer != host) {
            lab.on(host, &format!("ip route add blackhole {}/32", lab.address(peer)));
        }
    }
}

/// Writes an inventory of nodes and arbitrators with these addresses, and gives its path.
fn write(lab: &Lab, inventory: &Inventory<'_>, sections: &str, members: &[(&str, &str, String)]) -> String {
    let entries = |list: &str| {
        let of_list = members.iter().filter(|(of, ..)| *of == list);
        let entry = |(_, name, address): &(&str, &str, String)| {
            format!("  - {{name: {name}, address: '{address}', ssh_address: {}}}\n", lab.address(name))
        };
        let entries: String = of_list.map(entry).collect();
        if entries.is_empty() { String::new() } else { format!("{list}:\n{entries}") }
    };
    let text = format!(
        "version: 1\ncluster: {{name: shop, install: true}}\n\
         ssh: {{key: id_ed25519, known_hosts: known_hosts, config: no_ssh_config}}\n\
         provider_options: {{gcache.size: 64M}}\n{sections}\n{}{}",
        entries("nodes"),
        entries("arbitrators")
    );
    let path = inventory.file("ipv6.yaml");
    fs::write(&path, text).expect("the inventory can be written");
    path
}

#[test]
#[ignore = "boots real hosts"]
fn three_nodes_on_ipv6_alone_found_copy_restart_and_recover() {
    const HOSTS: [&str; 3] = ["db1", "db2", "db3"];
    let proxies = ["lb1:bullseye:bare", "lb2:bookworm:bare"];
    let lab = Lab::up("t-ipv6", &[&["db1:bullseye", "db2:bullseye", "db3:bullseye"][..], &proxies].concat());
    prepare(&lab, &["db1", "db2", "db3", "lb1", "lb2"], true);
    let inventory = Inventory::of(&lab, &HOSTS);
    let nodes = HOSTS.map(|host| ("nodes", host, ipv6_of(&lab, host)));
    let file = write(&lab, &inventory, "sst: {method: rsync}", &nodes);
    let run = |words: &[&str]| inventory.galactl_alone(&[&[words[0], &file], &words[1..]].concat());

    run(&["bootstrap", "--yes"]).expect_code(0);
    inventory.assert_whole();
    run(&["check"]).expect_code(0).says(&["ports        pass"]);
    run(&["doctor"]).expect_code(0).says(&["nothing is wrong"]);
    // By IST, or it would be refused; then a copy by mariabackup.
    write(&lab, &inventory, "sst: {method: mariabackup}", &nodes);
    run(&["apply-config", "--yes"]).expect_code(0);
    lab.on("db3", "systemctl stop mariadb && rm -rf /var/lib/mysql/*");
    run(&["add-node", "db3", "--yes"]).expect_code(0);
    inventory.assert_whole();
    for host in HOSTS {
        lab.fault("crash", host);
    }
    run(&["recover", "--yes"]).expect_code(0);
    inventory.assert_whole();
    assert_eq!(
        lab.sql("db1", "SHOW STATUS LIKE 'wsrep_incoming_addresses'").matches("[fd77:").count(),
        HOSTS.len()
    );

    // Two kinds of proxies that share an address. The one that has it asks the nodes from there.
    write(&lab, &inventory, &endpoint(&lab), &nodes);
    run(&["apply-config", "--yes"]).expect_code(0).says(&["ok lb2/nginx/run", "writes go to db1"]);
    run(&["restart", "db1", "--yes", "--ledger"]).expect_code(0).says(&["nothing is lost"]);
    run(&["status"]).expect_code(0).says(&["proxy, writes go to db2"]);
}

/// The sections of HAProxy and nginx in front of the cluster.
fn endpoint(lab: &Lab) -> String {
    let shared = ipv6_of(lab, "db1").rsplit_once(':').expect("an IPv6 address").0.to_owned() + ":250";
    let proxy = |name: &str, kind: &str| {
        let (address, ssh_address) = (ipv6_of(lab, name), lab.address(name));
        format!("  - {{name: {name}, address: '{address}', ssh_address: {ssh_address}, kind: {kind}}}\n")
    };
    format!(
        "sst: {{method: mariabackup}}\nendpoint: {{virtual_address: '{shared}/64'}}\nproxies:\n{}{}",
        proxy("lb1", "haproxy"),
        proxy("lb2", "nginx")
    )
}

#[test]
#[ignore = "boots real hosts"]
fn both_families_in_one_cluster_with_an_arbitrator() {
    const HOSTS: [&str; 3] = ["db1", "db2", "arb1"];
    let lab = Lab::up("t-ipv6-both", &["db1:trixie", "db2:trixie", "arb1:trixie:bare"]);
    prepare(&lab, &HOSTS, false);
    let mut inventory = Inventory::of(&lab, &HOSTS[..2]);
    inventory.arbitrators = vec![("arb1".into(), String::new())];
    let members = [
        ("nodes", "db1", lab.address("db1")),
        ("nodes", "db2", ipv6_of(&lab, "db2")),
        ("arbitrators", "arb1", ipv6_of(&lab, "arb1")),
    ];
    let file = write(&lab, &inventory, "sst: {method: mariabackup}", &members);
    inventory.galactl_alone(&["bootstrap", &file, "--yes"]).expect_code(0);
    inventory.assert_whole();
    inventory.galactl_alone(&["check", &file]).expect_code(0).says(&["ports        pass"]);
    let status = inventory.galactl_alone(&["status", &file]).expect_code(0);
    status.says(&["2 of 2 nodes Synced, size 3 of 3", "arbitrator, counted"]);

    let found = inventory.file("found.yaml");
    let (key, known_hosts) = (inventory.file("id_ed25519"), inventory.file("known_hosts"));
    let hosts = ["db1", "db2"].map(|host| lab.address(host));
    let words =
        ["init", &found, "--from", &hosts[0], &hosts[1], "--ssh-key", &key, "--known-hosts", &known_hosts];
    inventory.galactl_alone(&words).expect_code(0);
    let text = fs::read_to_string(&found).expect("the inventory");
    assert!(text.contains(&format!("address: {}\n", ipv6_of(&lab, "db2"))), "{text}");
}
