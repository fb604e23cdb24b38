//! What no plan may be made on: each guard fires on a cluster where it must, and is silent on one that is well.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::process::{Command, Stdio};

use galactl::kernel::facts::Seen;
use galactl::kernel::judge::preflight::Level;
use galactl::kernel::judge::{Code, Finding};
use galactl::kernel::model::NodeName;
use galactl::patroni::check::{CHECKS, check};
use galactl::patroni::facts::{Answer, EtcdEndpoint, EtcdHostFacts, Initialize, ScopeKeys};
use galactl::patroni::judge::{Basis, codes};
use galactl::patroni::model::{Api, Service};
use galactl::patroni::observe::look::HTTP;
use galactl::patroni::plan::{NoPlan, bootstrap};
use galactl::patroni::software;

use super::world::{World, name};

/// Hosts with packages, and nothing else.
fn fresh() -> World {
    World::of(["bookworm-installed"; 3])
}

/// Hosts whose etcd runs, without data of PostgreSQL, and has these keys by its v2 API.
fn with_keys(keys: &ScopeKeys) -> World {
    let mut world = World::of(["bookworm-etcd-empty"; 3]);
    world.keys(|there| *there = ScopeKeys::default());
    for node in ["pg1", "pg2", "pg3"] {
        world.node(node).datadir = super::world::facts("bookworm-installed").datadir;
        world.etcd(node).v2.agreed = Answer::Told(keys.clone());
    }
    world
}

fn basis(world: &World) -> Basis<'_> {
    Basis { inventory: &world.inventory, observation: &world.observation }
}

#[track_caller]
fn refused(world: &World, code: Code) -> Finding {
    match bootstrap(&basis(world)) {
        Err(NoPlan::Refused(refusals)) => match refusals.iter().find(|it| it.code == code) {
            Some(found) => found.clone(),
            None => panic!("{refusals:?}"),
        },
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn planned(world: &World) {
    assert!(bootstrap(&basis(world)).is_ok(), "{:?}", bootstrap(&basis(world)));
}

#[test]
fn no_cluster_is_made_beside_data_in_another_place() {
    planned(&fresh());
    let mut world = fresh();
    let path = world.node("pg2").datadir.path.clone();
    // As after an upgrade of the system, which has another major version.
    world.node("pg2").other_datadirs = vec!["/var/lib/postgresql/13/main".into()];
    let finding = refused(&world, codes::FOREIGN);
    assert_eq!(finding.node, Some(name("pg2")));
    assert!(finding.evidence.contains("/var/lib/postgresql/13/main"), "{}", finding.evidence);
    let next = finding.remedy.to_string();
    assert!(
        next.contains("sudo mv /var/lib/postgresql/13/main /var/lib/kept-var-lib-postgresql-13-main"),
        "{next}"
    );
    // What galactl has kept aside itself is no reason.
    let kept = format!("{path}.kept-1-0-5000");
    world.node("pg2").other_datadirs = vec![kept.clone()];
    world.node("pg2").datadir.kept = vec![kept];
    planned(&world);
}

#[test]
fn no_cluster_is_made_on_what_an_earlier_one_has_left_in_etcd() {
    planned(&with_keys(&ScopeKeys::default()));
    let config = serde_json::json!({"synchronous_mode": false});
    let keys = ScopeKeys { config: Some(config), others: vec!["status".into()], ..ScopeKeys::default() };
    let finding = refused(&with_keys(&keys), codes::LEFT_KEYS);
    assert!(finding.evidence.contains("config, status"), "{}", finding.evidence);
    let next = finding.remedy.to_string();
    assert!(next.contains("ETCDCTL_API=2 etcdctl --endpoints http://10.77.3."), "{next}");
    assert!(next.contains("rm --recursive /service/core"), "{next}");
}

#[test]
fn keys_of_a_cluster_that_lives_elsewhere_are_never_to_be_removed() {
    let id = Initialize::By("7300000000000000001".parse().unwrap());
    let members = [("db1".to_owned(), serde_json::json!({"state": "running"}))];
    let alive = ScopeKeys {
        initialize: Some(id),
        leader: Some("db1".into()),
        members: members.into(),
        ..ScopeKeys::default()
    };
    for keys in [alive.clone(), ScopeKeys { initialize: None, ..alive }] {
        let finding = refused(&with_keys(&keys), codes::FOREIGN);
        assert!(finding.evidence.contains("db1"), "{}", finding.evidence);
        assert!(!finding.remedy.to_string().contains("etcdctl"), "{}", finding.remedy);
    }
}

#[test]
fn the_oldest_patroni_and_the_keys_that_are_there_decide_the_api() {
    let api = |world: &World| software::of_all(&world.observation).unwrap().api();
    let newer = |world: &mut World, node: &str| {
        world.node(node).packages.get_mut("patroni").unwrap().installed = Some("4.0.7-1".into());
    };
    // A first node with a newer Patroni does not speak for the others.
    let mut world = fresh();
    newer(&mut world, "pg1");
    assert_eq!(api(&world), Api::V2);
    newer(&mut world, "pg2");
    newer(&mut world, "pg3");
    assert_eq!(api(&world), Api::V3);
    // Keys by the v2 API stay where they are when Patroni is upgraded: by the other API, a Patroni would see none.
    let mut world = World::whole();
    for node in ["pg1", "pg2", "pg3"] {
        newer(&mut world, node);
    }
    assert_eq!(api(&world), Api::V2);
    planned(&world);
    // Keys by the v3 API, and one Patroni that loses commits by it.
    let mut world = World::of(["trixie-whole-primary", "trixie-whole-sync", "trixie-whole-sync"]);
    assert_eq!(api(&world), Api::V3);
    world.node("pg3").packages.get_mut("patroni").unwrap().installed = Some("3.0.2-1".into());
    let finding = refused(&world, codes::VERSIONS_DIFFER);
    assert_eq!(finding.node, Some(name("pg3")));
}

#[test]
fn an_etcd_that_does_not_serve_the_api_of_the_keys_is_not_taken_for_empty() {
    let mut world = World::whole();
    for node in ["pg1", "pg2", "pg3"] {
        let endpoint = world.etcd(node);
        let off = || Answer::Nobody("the API of version 2 is switched off".into());
        (endpoint.v2.agreed, endpoint.v2.own) = (off(), off());
    }
    let finding = refused(&world, codes::STORE_UNKNOWN);
    assert!(finding.remedy.to_string().contains("ETCD_ENABLE_V2=true"), "{}", finding.remedy);
}

#[test]
fn a_member_of_etcd_on_a_replaced_host_comes_as_a_new_one() {
    let mut world = World::whole();
    planned(&world);
    world.stop_etcd("pg3");
    world.node("pg3").etcd.datadirs.clear();
    world.node("pg3").etcd.endpoints.values_mut().for_each(|it| *it = EtcdEndpoint::default());
    let ids = |world: &World| -> Vec<String> {
        bootstrap(&basis(world)).unwrap().steps().map(|step| step.id.clone()).collect()
    };
    let steps = ids(&world);
    assert_eq!(steps[..2], ["pg1/etcd/remove-pg3", "pg1/etcd/add-pg3"]);
    // Somebody has added it by hand.
    for node in ["pg1", "pg2"] {
        let Answer::Told(members) = &mut world.etcd(node).members else { panic!("members") };
        let own = members.iter_mut().find(|it| it.name == "pg3").unwrap();
        own.name.clear();
        own.peer_urls = vec!["http://10.77.3.13:2380".into()];
    }
    assert_eq!(ids(&world)[0], "pg1/etcd/add-pg3", "which sees that it is there");
    let plan = bootstrap(&basis(&world)).unwrap();
    let file = plan.steps().find_map(|step| galactl::kernel::plan::Action::file(&step.action));
    assert!(file.unwrap().text.contains("ETCD_INITIAL_CLUSTER_STATE=existing"));
    assert!(plan.steps().any(|step| step.id == "pg3/etcd/start"));
}

#[test]
fn a_file_system_with_the_data_directory_as_its_place_is_to_be_mounted_above() {
    let mut world = World::of(["bookworm-datadir-other", "bookworm-installed", "bookworm-installed"]);
    assert!(refused(&world, codes::DATA_UNKNOWN).remedy.to_string().contains("sudo mv"));
    world.node("pg1").datadir.mount_point = true;
    let next = refused(&world, codes::DATA_UNKNOWN).remedy.to_string();
    assert!(next.contains("mount it at /var/lib/postgresql/15 in place"), "{next}");
}

/// A server at the loopback address of IPv6, which answers once.
#[test]
fn an_address_of_ipv6_is_asked_in_the_form_that_a_url_has() {
    let Ok(listener) = TcpListener::bind("[::1]:0") else { return };
    let port = listener.local_addr().unwrap().port();
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = [0; 1024];
        let length = stream.read(&mut request).unwrap();
        stream.write_all(b"HTTP/1.0 200 OK\r\n\r\nfine").unwrap();
        String::from_utf8_lossy(&request[..length]).into_owned()
    });
    let mut perl =
        Command::new("perl").args(["-e", HTTP]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    writeln!(perl.stdin.take().unwrap(), "asked [::1] {port} GET /patroni").unwrap();
    let told = String::from_utf8(perl.wait_with_output().unwrap().stdout).unwrap();
    assert_eq!(told, "\n@asked\n|200\n|fine\n");
    assert!(server.join().unwrap().contains(&format!("Host: [::1]:{port}\r\n")));
}

#[test]
fn a_server_that_says_nothing_keeps_no_other_answer_back() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let ports = [silent.local_addr().unwrap().port(), 1];
    let mut perl = Command::new("perl");
    perl.args(["-e", HTTP, "1"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut perl = perl.spawn().unwrap();
    let mut requests = perl.stdin.take().unwrap();
    for (section, port) in ["silent", "closed"].iter().zip(ports) {
        writeln!(requests, "{section} 127.0.0.1 {port} GET /patroni").unwrap();
    }
    drop(requests);
    let told = String::from_utf8(perl.wait_with_output().unwrap().stdout).unwrap();
    assert_eq!(told, "\n@silent\n|unseen no answer within 1 s\n\n@closed\n|refused\n");
}

#[test]
fn data_that_does_not_fit_is_not_received() {
    let mut world = fresh();
    world.node("pg2").datadir.free = 100 << 20;
    let finding = refused(&world, codes::DISK);
    assert_eq!(finding.node, Some(name("pg2")));
    world.node("pg2").datadir.free = 2 << 30;
    planned(&world);
}

/// Every port of every host, tried from every other one, and open.
fn open(world: &mut World) {
    use galactl::kernel::facts::{NodePort, PortState, Reach, Way};
    let ports = [
        (Service::Server, 5432),
        (Service::Rest, 8008),
        (Service::EtcdClients, 2379),
        (Service::EtcdPeers, 2380),
    ];
    let nodes = ["pg1", "pg2", "pg3"].map(name);
    let matrix = &mut world.observation.ports;
    for to in &nodes {
        for (service, port) in ports {
            let state = PortState::Listening;
            matrix.of_nodes.push(NodePort { node: to.clone(), service, port, state });
            let from = nodes.iter().filter(|from| *from != to);
            let way = |from: &NodeName| Way {
                from: from.clone(),
                to: to.clone(),
                service,
                port,
                reach: Reach::Open,
            };
            matrix.ways.extend(from.map(way));
        }
    }
}

#[test]
fn a_preflight_tells_each_check_of_each_host() {
    use galactl::kernel::facts::{PortState, Reach};
    let mut world = fresh();
    open(&mut world);
    let report = check(&basis(&world));
    assert_eq!(report.verdict, Level::Pass, "{:#?}", report.rows);
    assert_eq!(report.rows.len(), 9 * 3);

    for way in &mut world.observation.ports.ways {
        if way.to == name("pg3") && [Service::Server, Service::EtcdPeers].contains(&way.service) {
            way.reach = Reach::Filtered("no answer within 3 s".into());
        }
    }
    world.observation.ports.of_nodes[1].state = PortState::InUse("nginx (pid 7)".into());
    world.node("pg2").datadir.free = 0;
    world.node("pg1").machine.clock += 60.0;
    let report = check(&basis(&world));
    assert_eq!(report.verdict, Level::Fail);
    let told: Vec<_> =
        report.findings(Level::Fail).map(|(check, finding)| format!("{check} {finding}")).collect();
    assert_eq!(told.len(), 3, "{told:#?}");
    assert!(told[0].starts_with("disk pg2: "), "{told:#?}");
    assert_eq!(told[1], "ports pg1: nginx (pid 7) listens at its port 8008 (Patroni's REST API)");
    let closed = "ports pg3: pg1 and pg2 cannot reach its ports 5432 (PostgreSQL), 2380 (etcd's members): filtered, no answer within 3 s";
    assert_eq!(told[2], closed);
    assert_eq!(report.findings(Level::Warn).map(|(check, _)| check).collect::<Vec<_>>(), ["clock"]);

    // No host that keeps no member of etcd needs the port of its members.
    let mut world = World::with(["bookworm-installed"; 3], "etcd: {members: [pg1]}");
    open(&mut world);
    for way in &mut world.observation.ports.ways {
        if way.service == Service::EtcdPeers {
            way.reach = Reach::Refused;
        }
    }
    let failed = check(&basis(&world));
    assert!(
        failed.findings(Level::Fail).all(|(_, finding)| finding.evidence.starts_with("pg1 ")),
        "{failed:#?}"
    );

    let mut world = World::whole();
    open(&mut world);
    assert!(check(&basis(&world)).checks().contains(&"data"));
    world.unreachable("pg2");
    let report = check(&basis(&world));
    assert!(report.unreachable);
    // Data and a store may be where nobody has looked.
    assert!(report.of(Level::Pass).all(|row| !["data", "etcd"].contains(&row.check)), "{:#?}", report.rows);
    assert!(report.of(Level::Pass).any(|row| row.check == "identity"));
    assert!(
        report.rows.iter().filter(|row| row.node() == Some(&name("pg2"))).all(|row| row.check == "login")
    );
}

#[test]
fn what_was_not_looked_at_does_not_pass() {
    let mut world = fresh();
    open(&mut world);
    world.node("pg3").machine.os = "debian 13".into();
    let report = check(&basis(&world));
    assert_eq!(report.findings(Level::Fail).map(|(check, _)| check).collect::<Vec<_>>(), ["system"]);
    let stopped = ["identity", "packages", "data", "etcd"];
    assert!(report.rows.iter().all(|row| !stopped.contains(&row.check)), "{:#?}", report.rows);
    assert!(report.of(Level::Pass).any(|row| row.check == "ports"));
}

/// Findings of a check that no check lists would be lost, and the host would pass.
#[test]
fn every_rule_about_hosts_has_one_place() {
    let of_hosts = [
        codes::UNREACHABLE,
        codes::WRONG_ADDRESS,
        codes::SAME_MACHINE,
        codes::NOT_SUPPORTED,
        codes::VERSIONS_DIFFER,
        codes::NOT_INSTALLED,
        codes::UNIT_MASKED,
        codes::DATA_UNKNOWN,
        codes::SEED,
        codes::DATA_WITHOUT_KEY,
        codes::TWO_CLUSTERS,
        codes::SPLIT_BRAIN,
        codes::NO_PRIMARY,
        codes::FOUNDING_CUT_OFF,
        codes::FOREIGN,
        codes::FOREIGN_FILE,
        codes::STORE_UNKNOWN,
        codes::LEFT_KEYS,
        codes::ETCD_MEMBER,
        codes::ETCD_CLUSTER,
        codes::CONFIG_DRIFT,
        codes::DISK,
        codes::PORTS,
    ];
    for code in of_hosts {
        assert_eq!(CHECKS.iter().filter(|check| check.fails.contains(&code)).count(), 1, "{code}");
    }
    let listed: usize = CHECKS.iter().map(|check| check.fails.len()).sum();
    assert_eq!(listed, of_hosts.len(), "a code that is listed and not named here");

    let fails = |change: &dyn Fn(&mut World)| {
        let mut world = World::whole();
        open(&mut world);
        change(&mut world);
        let report = check(&basis(&world));
        report.findings(Level::Fail).map(|(check, finding)| (check, finding.code)).collect::<Vec<_>>()
    };
    assert_eq!(fails(&|_| ()), []);
    let port = |world: &mut World| {
        let config = world.node("pg2").config.as_mut().unwrap();
        config.text = config.text.replace(":5432", ":5433");
    };
    assert_eq!(fails(&port), [("ports", codes::CONFIG_DRIFT)]);
    // A member that the inventory does not count.
    let unnamed = |world: &mut World| {
        world.inventory = World::with(["bookworm-installed"; 3], "etcd: {members: [pg1]}").inventory;
    };
    assert!(fails(&unnamed).contains(&("etcd", codes::ETCD_CLUSTER)), "{:?}", fails(&unnamed));
}

#[test]
fn a_masked_unit_matters_where_it_is_needed() {
    let mask = |sections: &str, node: &str| {
        let mut world = World::with(["bookworm-installed"; 3], sections);
        world.node(node).etcd.unit.load = "masked".into();
        world
    };
    let finding = refused(&mask("", "pg3"), codes::UNIT_MASKED);
    assert_eq!(finding.remedy.to_string(), "on pg3: sudo systemctl unmask etcd");
    planned(&mask("etcd: {members: [pg1]}", "pg3"));

    let host = "etcd_hosts: [{name: e1, address: 10.77.3.31}]";
    let mut world = World::with(["bookworm-installed"; 3], host);
    let member = world.inventory.etcd_hosts[0].clone();
    let node = world.node("pg1").clone();
    let (machine, packages, mut etcd) = (node.machine, node.packages, node.etcd);
    etcd.unit.load = "masked".into();
    let facts = EtcdHostFacts { machine, packages, etcd };
    world.observation.etcd_hosts.insert(member.name, Seen::Facts(Box::new(facts)));
    let masked = check(&basis(&world));
    let masked = masked.findings(Level::Fail).find(|(_, it)| it.code == codes::UNIT_MASKED);
    assert_eq!(masked.unwrap().1.node, Some(name("e1")));
}
