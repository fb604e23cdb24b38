//! Plans for clusters with proxies in front of them.

use std::collections::{BTreeMap, BTreeSet};

use galactl::galera::config::Renderer;
use galactl::galera::facts::Room;
use galactl::galera::health::action::HealthAction;
use galactl::galera::health::answer::Answer;
use galactl::galera::inventory;
use galactl::galera::inventory::Inventory;
use galactl::galera::judge::codes;
use galactl::galera::plan;
use galactl::galera::plan::{Action, NoPlan, Plan, cut_short};
use galactl::galera::proxy::haproxy::settings;
use galactl::galera::proxy::{kinds, sharing};
use galactl::galera::status::{Health, Status, status};
use galactl::kernel::facts::Seen;
use galactl::kernel::judge::Code;
use galactl::kernel::keepalived;
use galactl::kernel::model::NodeName;
use galactl::kernel::plan::{Action as _, text};

use crate::support::{Shape, World, fresh, guards_of, name, refusals};

const PROXIES: &str =
    "proxies:\n  - name: lb1\n    address: 10.0.0.31\n  - name: lb2\n    address: 10.0.0.32\n";

fn lb1() -> NodeName {
    "lb1".parse().unwrap()
}

fn shape() -> Shape {
    Shape { rsync: true, ..Shape::of(3).more(PROXIES).installing() }
}

fn whole() -> World {
    World::whole(&shape())
}

pub fn judged(world: &World) -> Status {
    let renderer = Renderer::new(None).unwrap();
    status(&world.inventory, &world.observation, &renderer, &BTreeMap::new()).unwrap()
}

fn found(world: &World) -> Vec<(Code, Option<String>)> {
    let findings = judged(world).findings;
    findings.iter().map(|it| (it.code, it.node.as_ref().map(ToString::to_string))).collect()
}

fn start(world: &World) -> Result<Plan, NoPlan> {
    world.start_again()
}

pub fn restart(world: &World) -> Result<Plan, NoPlan> {
    plan::restart(&world.basis(), &[], true)
}

pub fn ids(plan: &Plan) -> Vec<&str> {
    plan.steps().map(|step| step.id.as_str()).collect()
}

#[test]
fn a_bootstrap_brings_up_what_applications_connect_to() {
    let mut world = World::new(&shape(), vec![fresh(); 3]);
    let plan = world.bootstrap().unwrap();
    insta::assert_snapshot!(text(&plan));
    world.carry_out(&plan);
    assert!(ids(&world.bootstrap().unwrap()).is_empty());
    assert_eq!(judged(&world).health, Health::Healthy, "{:?}", found(&world));
}

#[test]
fn the_files_are_those_of_the_inventory() {
    let any = "endpoint:\n  writes: any\n  write_port: 6033\n  read_port: 6034\n  health_port: 9300\n";
    for (title, more) in [("single", String::new()), ("any", any.to_owned())] {
        let shape = Shape::of(3).more(&(more + PROXIES));
        let (inventory, _) = inventory::parse(shape.text().as_bytes()).unwrap();
        let text = settings::text(&inventory, inventory.endpoint.unwrap(), &inventory.proxies()[0]);
        insta::assert_snapshot!(format!("haproxy_{title}"), text);
    }
}

#[test]
fn each_node_is_drained_before_it_leaves_and_no_two_at_once() {
    let mut world = whole();
    let plan = restart(&world).unwrap();
    let order = ["db3", "db2", "db1"]
        .map(|node| ["health/drain", "galera/leave", "galera/join"].map(|what| format!("{node}/{what}")));
    let verify = ["db1/galera/verify-views", "db1/galera/verify-writes", "lb1/haproxy/verify"];
    let expected: Vec<_> = order.iter().flatten().map(String::as_str).chain(verify).collect();
    assert_eq!(ids(&plan), expected);
    for step in plan.steps() {
        world.apply(step);
        assert!(world.drained().len() <= 1, "{:?} after {}", world.drained(), step.id);
    }
    assert!(world.drained().is_empty());
}

#[test]
fn the_last_member_that_serves_is_not_drained() {
    let drains = |plan: &Plan| -> Vec<Vec<String>> {
        let others = |action: &Action| match action {
            Action::Health(HealthAction::Drain { others, .. }) => {
                Some(others.iter().map(ToString::to_string).collect())
            }
            _ => None,
        };
        plan.steps().filter_map(|step| others(&step.action)).collect()
    };
    let world = whole();
    let two = world.plan_stop(&[name(1), name(2)]).unwrap();
    assert_eq!(drains(&two), [vec!["db1"], vec!["db1"]]);
    assert!(drains(&world.plan_stop(&[]).unwrap()).is_empty(), "the whole cluster stops");
}

#[test]
fn a_restart_that_was_cut_off_leaves_nobody_drained_in_the_end() {
    let plan = restart(&whole()).unwrap();
    for cut in 0..=plan.steps().count() {
        let mut world = whole();
        for step in plan.steps().take(cut) {
            world.apply(step);
        }
        for again in [start, restart] {
            if let Ok(plan) = again(&world) {
                world.carry_out(&plan);
            }
        }
        assert!(world.drained().is_empty(), "cut after {cut} steps: {:?}", world.drained());
        assert_eq!(world.primary().len(), 3, "cut after {cut} steps");
    }
}

#[test]
fn a_node_that_was_left_drained_is_found_and_let_in() {
    let mut world = whole();
    world.health_mut(&name(1)).draining = true;
    world.told();
    assert_eq!(found(&world), [(codes::DRAINED, Some("db2".into()))]);
    let plan = world.needed().unwrap();
    assert_eq!(ids(&plan)[0], "db2/health/serve");
    world.carry_out(&plan);
    assert!(world.drained().is_empty() && found(&world).is_empty(), "{:?}", found(&world));
}

#[test]
fn what_the_proxies_think_is_held_against_what_is_seen() {
    let mut world = whole();
    world.proxy_mut(&lb1()).program.unit.active = "reloading".into();
    assert_eq!(found(&world), [], "it takes clients while it reads its file anew");
    world.proxy_mut(&lb1()).opinion = None;
    assert_eq!(found(&world), [(codes::PROXY, Some("lb1".into()))]);

    let mut world = whole();
    world.observation.proxies.insert(lb1(), Seen::Unreachable("connection timed out".into()));
    assert_eq!(found(&world), [(codes::PROXY, Some("lb1".into()))]);
    assert_eq!(guards_of(&world.add(&[name(2)], &[])), [codes::UNREACHABLE]);

    let mut world = whole();
    world.health_mut(&name(0)).unit.active = "inactive".into();
    assert_eq!(found(&world), [(codes::HEALTH_UNIT, Some("db1".into()))]);
    assert_eq!(ids(&world.needed().unwrap())[0], "db1/health/listen");
}

#[test]
fn settings_of_somebody_else_are_not_replaced() {
    let mut world = World::new(&shape(), vec![fresh(); 3]);
    let proxy = world.proxy_mut(&lb1());
    proxy.program.package = Some("2.6.12-1".into());
    let foreign = galactl::kernel::facts::ConfigFile {
        mode: "644".into(),
        owner: "root".into(),
        group: "root".into(),
        text: "global\n    daemon\n".into(),
    };
    proxy.program.files.insert("config".into(), foreign);
    assert_eq!(guards_of(&world.bootstrap()), [codes::FOREIGN_FILE]);
    // What is found is fixed by a command that does something.
    let mut standing = whole();
    standing.proxy_mut(&lb1()).program.files = world.proxy_mut(&lb1()).program.files.clone();
    assert_eq!(found(&standing), [(codes::FOREIGN_FILE, Some("lb1".into()))]);
    let remedy = judged(&standing).findings[0].remedy.to_string();
    assert!(remedy.ends_with("before-galactl; then galactl apply-config INVENTORY"), "{remedy}");
    world.proxy_mut(&lb1()).program.pristine = vec!["config".into()];
    assert!(world.bootstrap().is_ok(), "the package's own file is nobody's work");
}

/// As [`shape`], and the proxies share an address.
fn sharing() -> Shape {
    let more = format!("endpoint:\n  virtual_address: 10.0.0.30/24\n{PROXIES}");
    Shape { rsync: true, ..Shape::of(3).more(&more).installing() }
}

#[test]
fn proxies_share_an_address() {
    let mut world = World::new(&sharing(), vec![fresh(); 3]);
    let plan = world.bootstrap().unwrap();
    let of_proxies: Vec<_> = ids(&plan).into_iter().filter(|id| id.contains("/keepalived/")).collect();
    let steps = |proxy: &str| {
        ["install", "config", "share", "enable"].map(|what| format!("{proxy}/keepalived/{what}"))
    };
    assert_eq!(of_proxies, [steps("lb1"), steps("lb2")].concat());
    insta::assert_snapshot!("keepalived", world_file(&world, "lb2"));
    // Who has the address may ask the nodes from there.
    let script = plan.steps().filter_map(|step| step.action.file()).find(|file| file.artefact == "script");
    assert!(script.is_some_and(|file| file.text.contains("proxies='10.0.0.31 10.0.0.32 10.0.0.30'")));
    let proof = plan.steps().last().map(|step| step.action.summary());
    assert!(proof.is_some_and(|proof| proof.contains("lb1, lb2 and 10.0.0.30")));
    world.carry_out(&plan);
    assert!(ids(&world.bootstrap().unwrap()).is_empty());
    assert_eq!(found(&world), []);

    world.sharing_mut(&"lb2".parse().unwrap()).holds = true;
    assert_eq!(found(&world), [(codes::SHARED_ADDRESS, None)]);
    world.sharing_mut(&lb1()).program.unit.active = "failed".into();
    assert_eq!(found(&world)[0], (codes::SHARED_ADDRESS, Some("lb1".into())));
    assert_eq!(ids(&world.needed().unwrap())[0], "lb1/keepalived/share");
}

/// One proxy is HAProxy, the other one nginx.
fn mixed(endpoint: &str) -> Shape {
    let more = format!("{endpoint}{PROXIES}    kind: nginx\n");
    Shape { rsync: true, ..Shape::of(3).more(&more).installing() }
}

#[test]
fn nginx_stands_beside_haproxy() {
    let mut world = World::new(&mixed("endpoint:\n  writes: any\n"), vec![fresh(); 3]);
    let plan = world.bootstrap().unwrap();
    let of_nginx: Vec<_> = ids(&plan).into_iter().filter(|id| id.starts_with("lb2/")).collect();
    let expected = ["install", "script", "service", "config", "run", "enable"];
    assert_eq!(of_nginx, expected.map(|what| format!("lb2/nginx/{what}")));
    world.carry_out(&plan);
    assert!(ids(&world.bootstrap().unwrap()).is_empty());
    assert_eq!(found(&world), []);

    let lb2: NodeName = "lb2".parse().unwrap();
    world.proxy_mut(&lb2).follower.as_mut().unwrap().active = "failed".into();
    let findings = judged(&world).findings;
    assert_eq!(findings.len(), 1);
    assert!(
        findings[0].evidence.starts_with("galactl-nginx.service does not run"),
        "{}",
        findings[0].evidence
    );
    assert_eq!(ids(&world.needed().unwrap())[0], "lb2/nginx/run");
    let follower = world.proxy_mut(&lb2).follower.as_mut().unwrap();
    (follower.active, follower.file) = ("active".into(), "disabled".into());
    assert_eq!(found(&world), [(codes::PROXY, Some("lb2".into()))]);
    assert_eq!(ids(&world.needed().unwrap())[0], "lb2/nginx/run");
}

#[test]
fn the_files_of_nginx_are_those_of_the_inventory() {
    for writes in ["single", "any"] {
        let endpoint = format!("endpoint:\n  writes: {writes}\n  virtual_address: 10.0.0.30/24\n");
        let (inventory, _) = inventory::parse(mixed(&endpoint).text().as_bytes()).unwrap();
        let proxy = &inventory.proxies()[1];
        for (file, text) in kinds::texts(&inventory, inventory.endpoint.unwrap(), proxy) {
            insta::assert_snapshot!(format!("nginx_{writes}_{}", file.artefact), text);
        }
        let shared = sharing_file(&inventory, &proxy.name);
        assert!(shared.contains("systemctl is-active --quiet nginx"), "{shared}");
    }
}

#[test]
fn proxies_that_do_not_agree_on_the_writer_are_told() {
    let codes = |more: &str| -> Vec<_> {
        let (_, notes) = inventory::parse(mixed(more).text().as_bytes()).unwrap();
        notes.iter().map(|note| note.code).filter(|code| *code == "several-writers").collect()
    };
    assert_eq!(codes(""), ["several-writers"]);
    assert_eq!(codes("endpoint:\n  writes: any\n"), [""; 0]);
    assert_eq!(codes("endpoint:\n  virtual_address: 10.0.0.30/24\n"), [""; 0]);
}

fn world_file(world: &World, proxy: &str) -> String {
    sharing_file(&world.inventory, &proxy.parse().unwrap())
}

/// The file with which a proxy's host shares the address.
fn sharing_file(inventory: &Inventory, proxy: &NodeName) -> String {
    let files = keepalived::settings::files(&sharing::unasked(inventory).unwrap());
    files.into_iter().find(|(name, ..)| *name == proxy).unwrap().2
}

#[test]
fn an_address_needs_two_who_share_it() {
    let one = "endpoint:\n  virtual_address: 10.0.0.30/24\nproxies:\n  - name: lb1\n    address: 10.0.0.31\n";
    for (text, code) in [
        (one, "virtual-address"),
        (&format!("endpoint:\n  virtual_address: 10.0.0.30\n{PROXIES}"), "value"),
        (&format!("endpoint:\n  virtual_address: \"10.0.0.30/24\\n}}\"\n{PROXIES}"), "value"),
        (&format!("endpoint:\n  read_port: 3306\n{PROXIES}"), "endpoint-port"),
        (&format!("endpoint:\n  health_port: 0\n{PROXIES}"), "endpoint-port"),
        (&format!("endpoint:\n  health_port: 4567\n{PROXIES}"), "endpoint-port"),
        (&format!("endpoint:\n  write_port: 9201\n{PROXIES}"), "endpoint-port"),
        (&format!("endpoint:\n  virtual_address: 10.0.0.12/24\n{PROXIES}"), "duplicate-address"),
        (&format!("endpoint:\n  virtual_address: fd00::30/64\n{PROXIES}"), "virtual-address"),
    ] {
        let notes = inventory::parse(Shape::of(3).more(text).text().as_bytes()).unwrap_err();
        assert_eq!(notes.iter().map(|note| note.code).collect::<Vec<_>>(), [code], "{text}");
    }
}

#[test]
fn a_port_that_another_program_has_is_named_with_its_setting() {
    let mut world = World::new(&shape(), vec![fresh(); 3]);
    world.health_mut(&name(1)).taken = Some("9200 java".into());
    let refusals = refusals(&world.bootstrap());
    assert_eq!(refusals.iter().map(|it| it.code).collect::<Vec<_>>(), [codes::PORTS]);
    assert!(refusals[0].to_string().contains("port 9200 is used by java"), "{}", refusals[0]);
    world.health_mut(&name(1)).taken = None;
    world.proxy_mut(&lb1()).program.taken = vec!["3306 mariadbd".into()];
    assert_eq!(guards_of(&world.bootstrap()), [codes::PORTS]);
    // It was of another kind before.
    world.proxy_mut(&lb1()).program.taken = vec!["3306 nginx".into()];
    let next = crate::support::refusals(&world.bootstrap())[0].remedy.to_string();
    assert!(next.contains("sudo systemctl disable --now galactl-nginx"), "{next}");
}

#[test]
fn a_full_disk_is_one_finding_and_keeps_nobody_waiting() {
    let full = |place: &str| Some(Answer { status: 503, why: format!("the file system of {place} is full") });
    let mut world = whole();
    world.health_mut(&name(1)).answer = full("/var/lib/mysql");
    world.facts_mut(&name(1)).room = vec![Room { path: "/var/lib/mysql".into(), free: Some(0) }];
    assert_eq!(found(&world), [(codes::DISK_FULL, Some("db2".into()))]);
    // With little left, it takes no new clients: nobody waits for it to do so, or counts on it.
    let mut world = whole();
    let why = "the file system of /var/lib/mysql is almost full".to_owned();
    world.health_mut(&name(1)).answer = Some(Answer { status: 404, why });
    assert!(ids(&world.apply_config().unwrap()).is_empty());
    let drains = restart(&world).unwrap();
    let others = drains.steps().find_map(|step| match &step.action {
        Action::Health(HealthAction::Drain { others, .. }) => Some(others.clone()),
        _ => None,
    });
    assert_eq!(others, Some(vec![name(0)]));
    // Where galactl does not look itself, what the node tells is the finding.
    let mut world = whole();
    world.health_mut(&name(1)).answer = full("/binlogs");
    let findings = judged(&world).findings;
    let [finding] = findings.as_slice() else { panic!("{findings:?}") };
    assert_eq!(finding.code, codes::HEALTH_UNIT);
    assert!(finding.remedy.to_string().contains("df -h"), "{}", finding.remedy);
    assert!(ids(&world.apply_config().unwrap()).is_empty());
}

#[test]
fn a_node_that_is_kept_from_clients_on_purpose_keeps_nothing_from_being_done() {
    let mut world = whole();
    world.health_mut(&name(2)).answer = Some(Answer { status: 503, why: "read_only is set".into() });
    assert!(ids(&world.apply_config().unwrap()).is_empty());
    // It takes no clients, so that the others need not wait for it.
    let plan = restart(&world).unwrap();
    let others = plan.steps().filter_map(|step| match &step.action {
        Action::Health(HealthAction::Drain { others, .. }) => Some(others.len()),
        _ => None,
    });
    assert_eq!(others.collect::<Vec<_>>(), [2, 1, 1]);
}

#[test]
fn a_unit_that_runs_with_an_older_file_is_told_and_reloaded() {
    let mut world = whole();
    world.proxy_mut(&lb1()).program.stale = true;
    assert_eq!(found(&world), [(codes::PROXY, Some("lb1".into()))]);
    assert_eq!(ids(&world.needed().unwrap())[0], "lb1/haproxy/run");
    let mut world = whole();
    world.health_mut(&name(0)).stale = true;
    assert_eq!(found(&world), [(codes::HEALTH_UNIT, Some("db1".into()))]);
    assert_eq!(ids(&world.needed().unwrap())[0], "db1/health/listen");
}

#[test]
fn a_run_that_ends_between_drain_and_leave_says_so() {
    let plan = restart(&whole()).unwrap();
    let done: BTreeSet<String> = ["db3/health/drain".to_owned()].into();
    let left = cut_short::drained(&plan, &done, None);
    assert_eq!(left.len(), 1);
    assert!(left[0].starts_with("db3 is still drained: galactl apply-config"), "{}", left[0]);
    // A leave that fails lets clients in again, and so does a drain.
    assert!(cut_short::drained(&plan, &done, Some("db3/galera/leave")).is_empty());
    assert!(cut_short::drained(&plan, &BTreeSet::new(), Some("db3/health/drain")).is_empty());
}

#[test]
fn nodes_come_and_go_behind_the_proxies() {
    let mut world = whole();
    let plan = world.remove(&[name(1)], &[]).unwrap();
    let of_db2: Vec<_> = ids(&plan).into_iter().filter(|id| id.starts_with("db2/")).collect();
    let expected = ["health/drain", "galera/drain", "galera/leave", "health/silence", "galera/mask"];
    assert_eq!(of_db2, expected.map(|what| format!("db2/{what}")));
    let changed: Vec<_> = ids(&plan).into_iter().filter(|id| id.starts_with("lb")).collect();
    assert_eq!(
        changed,
        [
            "lb1/haproxy/config",
            "lb1/haproxy/run",
            "lb2/haproxy/config",
            "lb2/haproxy/run",
            "lb1/haproxy/verify"
        ]
    );
    // A number in the table of writers means the same node afterwards.
    let number = settings::number(&name(2));
    let (before, after) = (world.inventory.clone(), world.inventory.without(&[name(1)]));
    for inventory in [&before, &after] {
        let text = settings::text(inventory, inventory.endpoint.unwrap(), &inventory.proxies()[0]);
        assert!(text.contains(&format!("id {number} track galactl-node-db3/db3 backup")), "{text}");
    }
    world.observation.health.clear();
    assert!(world.remove(&[name(1)], &[]).is_ok(), "a node whose health was not seen");
}

#[test]
fn keepalived_is_not_to_be_installed_where_there_is_no_apt() {
    let mut world = World::new(&sharing(), vec![fresh(); 3]);
    let machine = &mut world.sharing_mut(&lb1()).program.machine;
    (machine.os, machine.debian_family) = ("rocky 9.4".into(), false);
    assert_eq!(guards_of(&world.bootstrap()), [codes::NOT_SUPPORTED]);
}
