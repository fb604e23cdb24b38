//! Clusters that others have set up: the inventory that describes them, and what a plan makes of it.

use galactl::galera::adopt::{Adopted, Member, ProxyHost, adopt};
use galactl::galera::config::server_options;
use galactl::galera::facts::{HostFacts, LaterOption, Surroundings};
use galactl::galera::inventory;
use galactl::galera::judge::codes;
use galactl::galera::plan::Plan;
use galactl::kernel::inventory::raw::RawSsh;
use galactl::kernel::model::Address;
use galactl::kernel::plan::text;

use crate::support::{Changes, Component, Shape, World, fresh, guards_of, name};

/// As `my_print_defaults --mysqld` tells it of Debian's files.
const PACKAGED: [(&str, &str); 3] =
    [("bind_address", "127.0.0.1"), ("pid_file", "/run/mysqld/mysqld.pid"), ("expire_logs_days", "10")];

/// What somebody has written on each node.
const BY_HAND: [(&str, &str); 13] = [
    ("wsrep_on", "1"),
    ("wsrep_provider", crate::support::host::PROVIDER),
    ("wsrep_provider_options", "gcache.size=1G;gcs.fc_limit = 64"),
    ("wsrep_cluster_name", "shop"),
    ("wsrep_cluster_address", "gcomm://10.0.0.13:4567,10.0.0.12,db1"),
    ("wsrep_sst_method", "mariabackup"),
    ("wsrep_sst_auth", "backup:${secret:sst-password}"),
    ("binlog_format", "row"),
    ("innodb_autoinc_lock_mode", "2"),
    ("bind_address", "*"),
    ("max_connections", "300"),
    ("skip_name_resolve", "ON"),
    ("wsrep_notify_cmd", ""),
];

/// Nodes db1, db2 and db3 as members of one cluster, set up by hand.
pub fn by_hand() -> Vec<HostFacts> {
    let component = Component::of(3);
    let host = |index: usize| {
        let mut host = fresh().member(name(index).as_str(), &component);
        let options = PACKAGED.iter().chain(&BY_HAND);
        host.options = options.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        host.options.insert("wsrep_node_address".into(), format!("10.0.0.{}", index + 11));
        host.options.insert("server_id".into(), (index + 1).to_string());
        host.wsrep_files = vec!["/etc/mysql/mariadb.conf.d/60-galera.cnf".into()];
        host
    };
    (0..3).map(host).collect()
}

fn adopted(hosts: &[HostFacts]) -> Adopted {
    adopted_with(hosts, &[])
}

/// As [`adopted`], with these proxies in front of the cluster.
pub fn adopted_with(hosts: &[HostFacts], proxies: &[ProxyHost<'_>]) -> Adopted {
    let packaged = PACKAGED.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let surroundings = Surroundings { unit: Some("mariadb".into()), packaged, ..Surroundings::default() };
    let reached: Vec<Address> =
        ["db1.example", "10.0.0.12", "10.0.0.13"].map(|it| it.parse().unwrap()).into();
    let members = hosts.iter().zip(&reached);
    let members =
        members.map(|(facts, reached_at)| Member { reached_at, facts, surroundings: &surroundings });
    let ssh = RawSsh { user: Some("deploy".into()), key: Some("a key".into()), ..RawSsh::default() };
    adopt(members.rev().collect(), proxies, &ssh)
}

/// The hosts, with the inventory of this text.
pub fn world(text: &str, hosts: &[HostFacts]) -> World {
    let mut world = World::new(&Shape::of(hosts.len()), hosts.iter().cloned());
    world.inventory = inventory::parse(text.as_bytes()).unwrap_or_else(|notes| panic!("{notes:?}\n{text}")).0;
    world
}

fn steps(plan: &Plan) -> Vec<&str> {
    plan.steps().map(|step| step.id.as_str()).collect()
}

#[track_caller]
fn assert_empty(hosts: &[HostFacts]) {
    let Adopted { text: inventory, notes, .. } = adopted(hosts);
    let plan = world(&inventory, hosts).needed().unwrap();
    assert!(plan.is_empty(), "{}\n{inventory}", text(&plan));
    assert!(notes.is_empty(), "{notes:?}");
}

#[test]
fn what_is_adopted_is_described_whole_and_needs_nothing() {
    let hosts = by_hand();
    insta::assert_snapshot!(adopted(&hosts).text);
    assert_empty(&hosts);
}

#[test]
fn an_option_that_stands_empty_stays_empty() {
    let hosts = by_hand();
    let text = adopted(&hosts).text;
    assert!(text.contains("\n  wsrep_notify_cmd: ''\n"), "{text}");
    for other in ["1", "ON", "0"] {
        let changed = text.replace("wsrep_notify_cmd: ''", &format!("wsrep_notify_cmd: {other}"));
        let plan = world(&changed, &hosts).needed().unwrap();
        assert!(steps(&plan).contains(&"db1/galera/config"), "{other}");
    }
}

#[test]
fn an_option_that_a_server_need_not_know_stays_so() {
    let mut hosts = by_hand();
    for host in &mut hosts {
        host.options.insert("server_audit_logging".into(), "ON".into());
        host.loose.insert("server_audit_logging".into());
    }
    let text = adopted(&hosts).text;
    assert!(text.contains("\n  loose_server_audit_logging: ON\n"), "{text}");
    assert_empty(&hosts);
}

/// The hosts with a port behind each node's address.
fn with_ports(port: u16) -> Vec<HostFacts> {
    let mut hosts = by_hand();
    for (index, host) in hosts.iter_mut().enumerate() {
        let address = format!("10.0.0.{}:{port}", index + 11);
        host.options.insert("wsrep_node_address".into(), address);
        let list = format!("gcomm://10.0.0.11:{port},10.0.0.12:{port},10.0.0.13:{port}");
        host.options.insert("wsrep_cluster_address".into(), list);
    }
    hosts
}

#[test]
fn the_usual_port_behind_a_nodes_address_means_nothing() {
    let hosts = with_ports(4567);
    let text = adopted(&hosts).text;
    assert!(text.contains("address: 10.0.0.11\n") && !text.contains("4567"), "{text}");
    assert_empty(&hosts);
}

#[test]
fn another_port_behind_a_nodes_address_is_the_providers_base_port() {
    let hosts = with_ports(5567);
    let text = adopted(&hosts).text;
    assert!(text.contains("address: 10.0.0.11\n") && text.contains("\n  base_port: 5567\n"), "{text}");
    assert_empty(&hosts);
    let inventory = world(&text, &hosts).inventory;
    let list = "gcomm://10.0.0.11:5567,10.0.0.12:5567,10.0.0.13:5567";
    assert_eq!(inventory.cluster_address(), list);
    // The list without ports leads to 4567, where nobody listens.
    let mut hosts = hosts;
    let list = "gcomm://10.0.0.11,10.0.0.12,10.0.0.13".into();
    hosts[0].options.insert("wsrep_cluster_address".into(), list);
    assert!(steps(&world(&text, &hosts).needed().unwrap()).contains(&"db1/galera/config"));
}

#[test]
fn what_the_files_leave_to_the_server_is_written_down_where_galactl_would_do_otherwise() {
    let mut hosts = by_hand();
    for host in &mut hosts {
        host.options.remove("wsrep_provider_options");
        host.options.remove("bind_address");
        host.options.insert("wsrep_sst_method".into(), "rsync".into());
        host.options.remove("wsrep_sst_auth");
    }
    let text = adopted(&hosts).text;
    for line in ["gcache.size: 128M", "wsrep_slave_threads: 1", "method: rsync"] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    assert_empty(&hosts);
}

#[test]
fn a_file_that_is_read_late_gets_galactls_behind_it() {
    let mut hosts = by_hand();
    let file = "/etc/mysql/mariadb.conf.d/z-tuning.cnf".into();
    hosts[1].later_options = vec![LaterOption { file, name: "max_connections".into(), value: "300".into() }];
    assert!(adopted(&hosts).text.contains("config_file: /etc/mysql/mariadb.conf.d/zz-galactl.cnf"));
    assert_empty(&hosts);
}

#[test]
fn a_change_shows_what_it_changes_and_which_files_it_supersedes() {
    let hosts = by_hand();
    let changed = adopted(&hosts).text.replace("max_connections: 300", "max_connections: 400");
    let plan = world(&changed, &hosts).needed().unwrap();
    insta::assert_snapshot!(text(&plan));
}

#[test]
fn a_change_of_one_node_leaves_the_others_alone() {
    let hosts = by_hand();
    let changed = adopted(&hosts).text.replace("server_id: 3", "server_id: 33");
    let plan = world(&changed, &hosts).needed().unwrap();
    assert!(plan.steps().filter(|step| step.id.ends_with("/config")).all(|step| step.node == name(2)));
    assert!(!steps(&plan).is_empty());
}

#[test]
fn another_password_is_a_difference() {
    let hosts = by_hand();
    let inventory = adopted(&hosts).text;
    let mut changed = hosts.clone();
    changed[1].options.insert("wsrep_sst_auth".into(), "backup:${secret:another-value}".into());
    assert!(steps(&world(&inventory, &changed).needed().unwrap()).contains(&"db2/galera/config"));
    assert_eq!(guards_of(&world(&inventory, &changed).bootstrap()), [codes::CONFIG_DRIFT]);
}

#[test]
fn an_address_list_that_leads_elsewhere_is_put_right_without_a_restart() {
    let hosts = by_hand();
    let inventory = adopted(&hosts).text;
    for (list, steps_wanted) in [
        ("gcomm://10.0.0.11,10.0.0.12?pc.wait_prim=no", &[][..]),
        ("gcomm://10.0.0.11", &["db1/galera/config"]),
        ("gcomm://10.0.0.12,10.0.0.99", &["db1/galera/config"]),
    ] {
        let mut changed = hosts.clone();
        changed[0].options.insert("wsrep_cluster_address".into(), list.into());
        let plan = world(&inventory, &changed).needed().unwrap();
        let config: Vec<_> = steps(&plan).into_iter().filter(|id| !id.contains("verify")).collect();
        assert_eq!(config, steps_wanted, "{list}");
    }
}

#[test]
fn root_is_not_made_an_account_for_sst() {
    let mut hosts = by_hand();
    for host in &mut hosts {
        host.options.insert("wsrep_sst_auth".into(), "root:${secret:another-value}".into());
    }
    let Adopted { text, notes, .. } = adopted(&hosts);
    assert!(!text.contains("user: root"), "{text}");
    assert!(notes[0].contains("galactl makes one, `sst`"), "{notes:?}");
}

#[test]
fn what_an_inventory_cannot_say_is_told() {
    let mut hosts = by_hand();
    for host in &mut hosts {
        host.options.insert("wsrep_provider_options".into(), "pc.ignore_sb=true".into());
    }
    hosts[2].options.insert("wsrep_provider".into(), "/opt/galera.so".into());
    insta::assert_snapshot!(adopted(&hosts).notes.join("\n"));
}

/// A cluster that galactl has made, and whose inventory is lost. What else is on its hosts was never in it.
#[test]
fn what_stands_beside_galactls_own_file_stays_there() {
    let mut made = World::new(&Shape::of(3), vec![fresh(); 3]);
    let plan = made.bootstrap().unwrap();
    made.carry_out(&plan);
    let mut hosts: Vec<_> = (0..3).map(|index| made.facts(&name(index)).clone()).collect();
    for host in &mut hosts {
        host.options = server_options(&host.config.as_ref().unwrap().text);
        host.options.insert("innodb_log_file_size".into(), "16M".into());
    }
    let Adopted { text: inventory, notes, .. } = adopted(&hosts);
    let plan = world(&inventory, &hosts).needed().unwrap();
    assert!(plan.is_empty(), "{}\n{inventory}", text(&plan));
    assert!(
        notes[0].contains("db1: left out is `innodb_log_file_size`: a file beside galactl's"),
        "{notes:?}"
    );
}
