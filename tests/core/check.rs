//! The preflight: each rule has its place in the table, and a person can read it.

use galactl::galera::check::{CHECKS, Report};
use galactl::galera::facts::{LaterOption, Reach};
use galactl::galera::judge::codes;
use galactl::galera::model::Service;
use galactl::kernel::judge::preflight::{Level, Row};
use galactl::ui::preflight_text;

use crate::support::{Changes, Component, Ports, Shape, World, bare, fresh, name};

/// Three fresh hosts as Debian leaves them, every port open.
fn three() -> World {
    let mut world = World::new(&Shape::of(3), vec![fresh().standalone(); 3]);
    world.observation.ports = world.open_ports();
    world
}

/// Checks that did not pass, with their nodes.
fn found(report: &Report, level: Level) -> Vec<String> {
    let row = |row: &Row| format!("{} {}", row.check, row.node().map_or("all", |node| node.as_str()));
    report.of(level).map(row).collect()
}

#[test]
fn fresh_hosts_pass() {
    let report = three().check();
    assert_eq!((report.verdict, report.unreachable), (Level::Pass, false));
    // Nobody has certificates.
    assert_eq!(report.rows.len(), 3 * (CHECKS.len() - 1));
    insta::assert_snapshot!(preflight_text(&report));
}

#[test]
fn a_whole_cluster_passes() {
    let mut world = World::new(&Shape::of(3), vec![fresh().standalone(); 3]);
    world.carry_out(&world.bootstrap().unwrap());
    world.observation.ports = world.open_ports();
    assert_eq!(world.check().verdict, Level::Pass, "{}", preflight_text(&world.check()));
}

#[test]
fn hosts_in_every_kind_of_trouble() {
    let mut world = three();
    world.lose(&name(2));
    world.observation.ports = world.open_ports();
    world.observation.ports.close(0, 1, &[Service::Sst], &Reach::Refused);
    let host = world.facts_mut(&name(0));
    host.unit.file = "disabled".into();
    host.machine.memory = 700 << 20;
    host.machine.selinux_enforcing = true;
    host.slow_lookups.insert("10.0.0.12".into(), 5004);
    let host = world.facts_mut(&name(1));
    host.machine.clock += 90.0;
    host.machine.arch = "aarch64".into();
    host.apparmor = Some("/usr/sbin/mariadbd".into());
    (host.machine.systemd, host.unit.start_timeout) = (Some(232), "1s".into());
    host.later_options = vec![
        LaterOption {
            file: "/etc/mysql/zz.cnf".into(),
            name: "wsrep_cluster_name".into(),
            value: "x".into(),
        },
        LaterOption { file: "/etc/mysql/zz.cnf".into(), name: "wsrep_sst_auth".into(), value: String::new() },
        LaterOption { file: "/etc/mysql/zz.cnf".into(), name: "wsrep_on".into(), value: "on".into() },
        LaterOption { file: "/etc/mysql/zz.cnf".into(), name: "max_connections".into(), value: "7".into() },
    ];
    let report = world.check();
    assert_eq!((report.verdict, report.unreachable), (Level::Fail, true));
    assert_eq!(found(&report, Level::Fail), ["login db3", "options db2", "ports db2"]);
    insta::assert_snapshot!(preflight_text(&report));
}

#[test]
fn what_wins_over_the_option_file_from_elsewhere_is_told() {
    let mut world = three();
    world.configure([0]);
    let host = world.facts_mut(&name(0));
    host.options.insert("wsrep_cluster_name".into(), "other".into());
    host.options.insert("wsrep_on".into(), "ON".into());
    let report = world.check();
    assert_eq!(found(&report, Level::Warn), ["options db1"]);
    assert!(preflight_text(&report).contains("wsrep_cluster_name = other"));
}

#[test]
fn without_a_probe_no_port_passes() {
    let mut world = three();
    world.observation.ports = galactl::galera::facts::PortMatrix::default();
    assert!(world.check().rows.iter().all(|row| row.check != "ports"));
    assert!(world.bootstrap().is_ok(), "no probe, no verdict");
}

/// A joiner that is a member of no cluster gets the cluster's data, and a member nothing.
#[test]
fn room_is_needed_where_data_arrives() {
    let mut world = three();
    let full = |world: &World, index| world.facts(&name(index)).clone().free(0);
    world.set(&name(1), full(&world, 1));
    assert_eq!(found(&world.check(), Level::Fail), ["disk db2"]);
    world.set(&name(0), fresh().member("db1", &Component::of(1)).free(0));
    assert_eq!(found(&world.check(), Level::Fail), ["disk db2"]);
}

#[test]
fn bare_hosts_pass_where_galactl_installs() {
    for (install, fails) in [(true, 0), (false, 3)] {
        let shape = Shape { install, ..Shape::of(3) };
        let mut world = World::new(&shape, vec![bare(); 3]);
        world.observation.ports = world.open_ports();
        assert_eq!(world.check().of(Level::Fail).count(), fails);
    }
}

#[test]
fn a_proxy_may_stand_beside_a_server_that_has_one_address() {
    for (bind, fails) in [("10.0.0.11", 0), ("0.0.0.0", 1)] {
        let shape = Shape::of(1).more(&format!("mysqld:\n  bind-address: {bind}\n"));
        let mut world = World::new(&shape, [fresh()]);
        world.observation.ports = world.open_ports();
        world.observation.ports.take(0, Service::Clients, "haproxy (pid 311)");
        assert_eq!(world.check().of(Level::Fail).count(), fails, "{bind}");
    }
}

#[test]
fn the_servers_certificate_makes_rsync_need_stunnel() {
    let tls = "mysqld:\n  ssl_cert: /etc/ssl/c.pem\n  ssl_key: /etc/ssl/k.pem\n";
    let shape = Shape { rsync: true, ..Shape::of(1) }.more(tls);
    let mut world = World::new(&shape, [fresh()]);
    world.observation.ports = world.open_ports();
    world.facts_mut(&name(0)).tools.remove("stunnel");
    assert_eq!(found(&world.check(), Level::Fail), ["tools db1"]);
    world.facts_mut(&name(0)).tools.insert("stunnel".into());
    assert_eq!(world.check().verdict, Level::Pass);
}

#[test]
fn every_rule_about_hosts_has_one_place() {
    let of_hosts = [
        codes::UNREACHABLE,
        codes::WRONG_ADDRESS,
        codes::SAME_MACHINE,
        codes::NOT_SUPPORTED,
        codes::NOT_INSTALLED,
        codes::VERSIONS_DIFFER,
        codes::UNIT_MASKED,
        codes::REMOVED,
        codes::STRAY_SERVER,
        codes::MISSING,
        codes::ARMED_OPTION,
        codes::UNKNOWN_OPTION,
        codes::PATH_DIFFERS,
        codes::DISK,
        codes::PORTS,
    ];
    for guard in of_hosts {
        let places = CHECKS.iter().filter(|check| check.fails.contains(&guard)).count();
        assert_eq!(places, 1, "{guard:?}");
    }
    let warned_of: Vec<_> = CHECKS.iter().flat_map(|check| check.warns).collect();
    for code in &warned_of {
        assert_eq!(warned_of.iter().filter(|other| other == &code).count(), 1, "{code:?}");
    }
}

#[test]
fn the_report_is_one_object_with_the_matrix() {
    let json = serde_json::to_value(three().check()).unwrap();
    assert_eq!(json["verdict"], "pass");
    assert_eq!(json["ports"]["doors"].as_array().unwrap().len(), 12);
    assert_eq!(json["ports"]["ways"].as_array().unwrap().len(), 24);
    assert_eq!(json["ports"]["ways"][0]["reach"], "open");
    let first = &json["rows"][0];
    assert_eq!(
        (&first["check"], &first["level"], &first["node"]),
        (&"login".into(), &"pass".into(), &"db1".into())
    );
    assert_eq!(first["remedy"], serde_json::Value::Null);
}
