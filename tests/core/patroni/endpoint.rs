//! Proxies before a PostgreSQL cluster: their file, who may come through them, what is planned and what is found.

use std::collections::BTreeMap;

use galactl::kernel::facts::{ConfigFile, Machine, ProgramFacts, Reach, Seen, UnitFacts, Way};
use galactl::kernel::judge::preflight::Level;
use galactl::kernel::judge::{Code, Finding};
use galactl::kernel::keepalived;
use galactl::kernel::keepalived::facts::SharingFacts;
use galactl::kernel::plan::Action as _;
use galactl::patroni::check::check;
use galactl::patroni::config::{files, patroni_file};
use galactl::patroni::doctor::examine;
use galactl::patroni::inventory::Inventory;
use galactl::patroni::judge::{Basis, codes};
use galactl::patroni::model::Service;
use galactl::patroni::plan::{Choice, NoPlan, Plan, bootstrap, needed, recover};
use galactl::patroni::proxy::facts::{ProxyFacts, Routes};
use galactl::patroni::proxy::{settings, sharing};

use super::world::{World, name};
use super::{debian, with};

const PROXIES: &str = "clients: [10.1.0.0/16]
proxies:
  - {name: lb1, address: 10.77.3.21}
  - {name: lb2, address: 10.77.3.22}";

fn file_of(inventory: &Inventory) -> String {
    settings::text(inventory, inventory.endpoint.unwrap())
}

#[test]
fn a_proxy_knows_every_node_and_who_may_come() {
    insta::assert_snapshot!(file_of(&with(PROXIES)));
    let inventory = with(
        "clients: ['fd00:1::/64']\nproxies: [{name: lb1, address: 'fd00::21'}]\nendpoint: {write_port: 6432}",
    );
    let text = file_of(&inventory);
    assert!(
        text.contains("    bind [::]:6432 v4v6\n    # ") && text.contains("    bind [::]:5001 v4v6\n"),
        "{text}"
    );
    assert!(
        text.contains("    acl may-connect src fd00:1::/64\n    acl may-connect src 10.0.0.11\n"),
        "{text}"
    );
    let rendered = files(&inventory, debian(13));
    assert!(rendered.iter().any(|(name, file)| name.as_str() == "lb1" && file.text == text));
}

/// The first line that fits counts: no account of Patroni comes in from a proxy.
#[test]
fn the_nodes_let_in_what_comes_from_a_proxy() {
    let inventory = with(PROXIES);
    let text = patroni_file(&inventory, &inventory.nodes[0], debian(13)).text;
    let lines: Vec<_> =
        text.lines().map(|line| line.trim().trim_start_matches("- ").trim_matches('"')).collect();
    let at = |wanted: &str| {
        lines.iter().position(|line| *line == wanted).unwrap_or_else(|| panic!("{wanted}: {text}"))
    };
    let reject = at("host all postgres,replicator,rewind_user all reject");
    for line in ["host all all 10.77.3.21/32 scram-sha-256", "host all all 10.77.3.22/32 scram-sha-256"] {
        assert!(at(line) > reject, "{text}");
    }
    let text = patroni_file(&with(""), &with("").nodes[0], debian(13)).text;
    assert!(!text.contains("10.77.3.21"), "{text}");
}

/// A proxy that runs as the inventory says, and sends clients where they belong.
fn right(world: &World, proxy: &str) -> ProxyFacts {
    let text = file_of(&world.inventory);
    let config = ConfigFile { mode: "644".into(), owner: "root".into(), group: "root".into(), text };
    let address = world.inventory.proxy(&name(proxy)).unwrap().address.ip().unwrap();
    let machine = Machine {
        os: "debian 12".into(),
        debian_family: true,
        addresses: [address].into(),
        ..Machine::default()
    };
    let unit = UnitFacts {
        load: "loaded".into(),
        active: "active".into(),
        sub: "running".into(),
        file: "enabled".into(),
        ..UnitFacts::default()
    };
    let files = [("config".to_owned(), config)].into();
    let program =
        ProgramFacts { machine, package: Some("2.6.12".into()), unit, files, ..ProgramFacts::default() };
    let routes = Routes { writes: [name("pg1")].into(), reads: [name("pg2"), name("pg3")].into() };
    ProxyFacts { program, routes: Some(routes) }
}

/// A whole cluster with its proxies, but for a change of lb1.
fn world(change: impl FnOnce(&mut ProxyFacts)) -> World {
    let mut world = World::whole_with(PROXIES);
    let (mut first, second) = (right(&world, "lb1"), right(&world, "lb2"));
    change(&mut first);
    for (proxy, facts) in [("lb1", first), ("lb2", second)] {
        world.observation.proxies.insert(name(proxy), Seen::Facts(Box::new(facts)));
    }
    world
}

fn basis(world: &World) -> Basis<'_> {
    Basis { inventory: &world.inventory, observation: &world.observation }
}

fn steps(plan: &Plan) -> Vec<&str> {
    plan.steps().map(|step| step.id.as_str()).collect()
}

fn planned(world: &World) -> Vec<String> {
    let plan = bootstrap(&basis(world)).unwrap_or_else(|why| panic!("{why:?}"));
    steps(&plan).into_iter().map(str::to_owned).collect()
}

fn refused(world: &World) -> Vec<(Code, Option<String>)> {
    match bootstrap(&basis(world)) {
        Err(NoPlan::Refused(refusals)) => {
            refusals.iter().map(|it| (it.code, it.node.as_ref().map(ToString::to_string))).collect()
        }
        other => panic!("{other:?}"),
    }
}

fn found(world: &World) -> Vec<Finding> {
    world.status().findings
}

/// The nodes let proxies in that come later, without a restart.
#[test]
fn a_running_cluster_learns_of_its_proxies() {
    let mut world = world(|facts| facts.program.unit.active = "inactive".into());
    let before = World::whole_with("clients: [10.1.0.0/16]");
    world.observation.nodes = before.observation.nodes;
    let planned = planned(&world);
    let place =
        |id: String| planned.iter().position(|it| *it == id).unwrap_or_else(|| panic!("{id}: {planned:?}"));
    for node in ["pg1", "pg2", "pg3"] {
        assert!(place(format!("{node}/patroni/config")) < place(format!("{node}/patroni/reload")));
        assert!(place(format!("{node}/patroni/reload")) < place("lb1/haproxy/run".into()));
    }
}

#[test]
fn proxies_that_are_right_are_left_alone() {
    let world = world(|_| {});
    assert_eq!(planned(&world), [""; 0]);
    assert_eq!(found(&world), []);
    let status = world.status();
    assert_eq!(status.ports, Some([5000, 5001]));
    insta::assert_snapshot!(galactl::cli::patroni_status_text(&status, None));
}

/// What is done to lb1, and what `status` says of it.
#[track_caller]
fn mended(change: impl FnOnce(&mut ProxyFacts), expected: &[&str], said: &str) {
    let world = world(change);
    let verify = ["lb1/haproxy/verify"];
    assert_eq!(planned(&world), [expected, &verify].concat());
    let found = found(&world);
    assert_eq!(found.iter().map(|it| it.code).collect::<Vec<_>>(), [codes::PROXY], "{found:#?}");
    let text = format!("{}: {}", found[0], found[0].remedy);
    assert!(text.contains(said), "{text}");
}

#[test]
fn what_is_wrong_with_a_proxy_is_found_and_put_right() {
    let run = "lb1/haproxy/run";
    mended(|it| it.program.unit.active = "inactive".into(), &[run], "haproxy.service is inactive");
    // Its file is right, so no bootstrap is needed.
    let start = "on lb1: sudo systemctl start haproxy; why it ended: on lb1: sudo journalctl";
    mended(|it| it.program.unit.active = "inactive".into(), &[run], start);
    mended(|it| it.program.stale = true, &[run], "runs with an older file");
    mended(|it| it.program.stale = true, &[run], "on lb1: sudo systemctl reload haproxy");
    let both = |it: &mut ProxyFacts| {
        it.program.unit.active = "failed".into();
        it.program.files.clear();
    };
    mended(both, &["lb1/haproxy/config", run], "galactl bootstrap INVENTORY starts it");
    let older = |it: &mut ProxyFacts| {
        let config = it.program.files.get_mut("config").unwrap();
        config.text = config.text.replace(":5000", ":5002");
    };
    mended(older, &["lb1/haproxy/config", run], "/etc/haproxy/haproxy.cfg is not what the inventory says");
    let to = |writes: &[&str]| writes.iter().map(|it| name(it)).collect();
    let routes = |it: &mut ProxyFacts| it.routes.as_mut().unwrap().writes = to(&["pg2"]);
    mended(routes, &[run], "it sends writes to pg2, and pg1 is the primary");
    let routes = |it: &mut ProxyFacts| it.routes.as_mut().unwrap().writes.clear();
    mended(routes, &[run], "it sends writes to no node, and pg1 is the primary");
    mended(|it| it.routes = None, &[run], "does not tell where it sends clients");
}

/// Reads are not the bootstrap's to put right: HAProxy asks the nodes itself.
#[test]
fn reads_that_go_astray_are_found() {
    let first = |world: &World| found(world).first().map(ToString::to_string).unwrap_or_default();
    let missing = world(|it| it.routes.as_mut().unwrap().reads.retain(|node| *node != name("pg2")));
    assert!(first(&missing).contains("it sends no reads to pg2, which follows pg1"), "{}", first(&missing));
    let mut astray = world(|_| {});
    let row = |row: &&mut galactl::patroni::facts::Standby| row.application_name == "pg2";
    astray.live("pg1").standbys.iter_mut().find(row).unwrap().state = Some("startup".into());
    let astray = found(&astray);
    let proxy = astray.iter().find(|it| it.code == codes::PROXY).unwrap();
    assert!(proxy.remedy.to_string().starts_with("on pg2: "), "{}", proxy.remedy);
    let said: Vec<_> = astray.iter().map(ToString::to_string).collect();
    assert!(
        said.iter().any(|it| it.contains("it sends reads to pg2, which does not follow pg1")),
        "{said:#?}"
    );
}

#[test]
fn a_proxy_that_cannot_be_set_up_is_a_refusal() {
    let lb1 = || Some("lb1".to_owned());
    let refuses = |change: &dyn Fn(&mut ProxyFacts)| refused(&world(change));
    assert_eq!(refuses(&|it| it.program.package = None), [(codes::NOT_INSTALLED, lb1())]);
    assert_eq!(refuses(&|it| it.program.unit.load = "masked".into()), [(codes::UNIT_MASKED, lb1())]);
    assert_eq!(refuses(&|it| it.program.taken = vec!["5000 python3".into()]), [(codes::PORTS, lb1())]);
    assert_eq!(refuses(&|it| it.program.machine.addresses.clear()), [(codes::WRONG_ADDRESS, lb1())]);
    let foreign = |it: &mut ProxyFacts| it.program.files.get_mut("config").unwrap().text = "# mine\n".into();
    assert_eq!(refuses(&foreign), [(codes::FOREIGN_FILE, lb1())]);
    // What keeps `bootstrap` from putting it right is what is to be done first.
    let found = found(&world(foreign));
    assert_eq!(found[0].code, codes::FOREIGN_FILE, "{found:#?}");
}

#[test]
fn a_proxy_that_was_not_seen_keeps_nobody_from_a_recovery() {
    let mut world = world(|_| {});
    world.observation.proxies.insert(name("lb2"), Seen::Unreachable("connection timed out".into()));
    assert_eq!(refused(&world), [(codes::UNREACHABLE, Some("lb2".to_owned()))]);
    assert!(found(&world)[0].to_string().contains("the proxy was not seen"));
    world.observation.recovered = Some(BTreeMap::new());
    let plan = recover(&basis(&world), &Choice::default()).unwrap();
    assert_eq!(steps(&plan), [""; 0]);
    assert!(
        plan.rests_on.keys().all(|host| host.to_string().starts_with("pg")),
        "{:?}",
        plan.rests_on.keys()
    );
    // Nobody is told to see to the proxy while no server is a primary.
    for node in ["pg1", "pg2", "pg3"] {
        world.live(node).in_recovery = true;
    }
    assert_eq!(refused(&world).first().map(|it| it.0), Some(codes::NO_PRIMARY));
    assert!(
        !matches!(needed(&basis(&world)), Err(NoPlan::Refused(all)) if all.iter().any(|it| it.code == codes::UNREACHABLE))
    );
}

const SHARING: &str = "endpoint: {virtual_address: 10.77.3.30/24}";

/// How a proxy's host shares the address that the inventory says; lb1 has it.
fn shares(world: &World, proxy: &str) -> SharingFacts {
    let files = keepalived::settings::files(&sharing::unasked(&world.inventory).unwrap());
    let (_, _, text) = files.into_iter().find(|(own, ..)| own.as_str() == proxy).unwrap();
    let config = ConfigFile { mode: "644".into(), owner: "root".into(), group: "root".into(), text };
    let program = ProgramFacts {
        package: Some("2.2.7".into()),
        files: [("config".to_owned(), config)].into(),
        ..right(world, proxy).program
    };
    SharingFacts { program, interface: Some("eth0".into()), systemctl: None, holds: proxy == "lb1" }
}

/// A whole cluster whose proxies share an address, but for a change of how lb1 does.
fn sharing_world(change: impl FnOnce(&mut SharingFacts)) -> World {
    let mut world = World::whole_with(&format!("{SHARING}\n{PROXIES}"));
    let mut first = shares(&world, "lb1");
    change(&mut first);
    let second = shares(&world, "lb2");
    for (proxy, facts) in [("lb1", first), ("lb2", second)] {
        let own = Seen::Facts(Box::new(right(&world, proxy)));
        world.observation.proxies.insert(name(proxy), own);
        world.observation.sharing.insert(name(proxy), Seen::Facts(Box::new(facts)));
    }
    world
}

#[test]
fn proxies_share_an_address() {
    let mut world = sharing_world(|_| {});
    assert_eq!(planned(&world), [""; 0]);
    assert_eq!(found(&world), []);
    let text = galactl::cli::patroni_status_text(&world.status(), None);
    assert!(text.contains("the proxies share the address 10.77.3.30: lb1 has it\n"), "{text}");
    let rendered = files(&world.inventory, debian(12));
    let file =
        rendered.iter().find(|(name, file)| name.as_str() == "lb2" && file.path.contains("keepalived"));
    insta::assert_snapshot!("keepalived", file.unwrap().1.text);

    // Where it is missing, it comes after the proxies run, and the address is one of the ways that are proved.
    for proxy in ["lb1", "lb2"] {
        let bare = SharingFacts { interface: Some("eth0".into()), ..SharingFacts::default() };
        let mut bare = SharingFacts { program: right(&world, proxy).program, ..bare };
        bare.program.files.clear();
        bare.program.unit.active = "inactive".into();
        world.observation.sharing.insert(name(proxy), Seen::Facts(Box::new(bare)));
    }
    let plan = bootstrap(&basis(&world)).unwrap();
    let own = |proxy: &str| ["config", "share"].map(|what| format!("{proxy}/keepalived/{what}"));
    let expected = [own("lb1").to_vec(), own("lb2").to_vec(), vec!["lb1/haproxy/verify".to_owned()]].concat();
    assert_eq!(steps(&plan), expected);
    let proof = plan.steps().last().unwrap().action.summary();
    assert!(proof.starts_with("a row written through lb1, lb2 and 10.77.3.30, "), "{proof}");
}

/// What is done to lb1, and what `status` says.
#[track_caller]
fn shared_again(change: impl FnOnce(&mut SharingFacts), expected: &[&str], said: &str) {
    let world = sharing_world(change);
    let planned = planned(&world);
    assert_eq!(planned.iter().filter(|id| id.contains("/keepalived/")).collect::<Vec<_>>(), expected);
    let found = found(&world);
    assert_eq!(found.iter().map(|it| it.code).collect::<Vec<_>>(), [codes::SHARED_ADDRESS], "{found:#?}");
    let text = format!("{}: {}", found[0], found[0].remedy);
    assert!(text.contains(said), "{text}");
}

#[test]
fn what_is_wrong_with_the_shared_address_is_found_and_put_right() {
    let share = "lb1/keepalived/share";
    let stopped = |it: &mut SharingFacts| it.program.unit.active = "failed".into();
    shared_again(stopped, &[share], "keepalived.service is failed: the address cannot come here");
    shared_again(stopped, &[share], "galactl bootstrap INVENTORY starts it");
    shared_again(|it| it.program.stale = true, &[share], "runs with an older file");
    let older = |it: &mut SharingFacts| {
        let config = it.program.files.get_mut("config").unwrap();
        config.text = config.text.replace("10.77.3.30", "10.77.3.31");
    };
    shared_again(older, &["lb1/keepalived/config", share], "keepalived.conf is not what the inventory says");
    shared_again(|it| it.holds = false, &[], "no proxy has the address 10.77.3.30: the proxies must reach");

    let mut both = sharing_world(|_| {});
    let facts = SharingFacts { holds: true, ..shares(&both, "lb2") };
    both.observation.sharing.insert(name("lb2"), Seen::Facts(Box::new(facts)));
    assert!(found(&both)[0].to_string().contains("lb1 and lb2 have the address 10.77.3.30 at once"));

    let at_boot = sharing_world(|it| it.program.unit.file = "disabled".into());
    let found = examine(&at_boot.inventory, &at_boot.observation, None).findings;
    let finding = found.iter().find(|it| it.code == codes::NOT_AT_BOOT && it.node == Some(name("lb1")));
    assert_eq!(finding.unwrap().remedy.to_string(), "on lb1: sudo systemctl enable keepalived");
}

#[test]
fn a_host_that_cannot_share_the_address_is_a_refusal() {
    let lb1 = || Some("lb1".to_owned());
    let refuses = |change: &dyn Fn(&mut SharingFacts)| refused(&sharing_world(change));
    assert_eq!(refuses(&|it| it.program.package = None), [(codes::NOT_INSTALLED, lb1())]);
    assert_eq!(refuses(&|it| it.program.unit.load = "masked".into()), [(codes::UNIT_MASKED, lb1())]);
    assert_eq!(refuses(&|it| it.interface = None), [(codes::WRONG_ADDRESS, lb1())]);
    let foreign =
        |it: &mut SharingFacts| it.program.files.get_mut("config").unwrap().text = "# mine\n".into();
    assert_eq!(refuses(&foreign), [(codes::FOREIGN_FILE, lb1())]);
    let report = check(&basis(&sharing_world(foreign)));
    let told: Vec<_> = report.findings(Level::Fail).map(|(check, it)| (check, it.code)).collect();
    assert_eq!(told, [("files", codes::FOREIGN_FILE)]);
}

/// A run that was killed in its proof has left an account, which the next proof removes.
#[test]
fn a_proof_that_was_cut_off_is_made_again() {
    let mut world = world(|_| {});
    world.live("pg1").endpoint_proofs = 1;
    assert_eq!(planned(&world), ["lb1/haproxy/verify"]);
}

#[test]
fn a_proxy_that_does_not_start_at_boot_is_found() {
    let world = world(|it| it.program.unit.file = "disabled".into());
    let found = examine(&world.inventory, &world.observation, None).findings;
    let finding = found.iter().find(|it| it.code == codes::NOT_AT_BOOT && it.node == Some(name("lb1")));
    assert_eq!(finding.unwrap().remedy.to_string(), "on lb1: sudo systemctl enable haproxy");
}

/// `check` says of a proxy's host what `bootstrap` would be refused for, and whether it reaches the nodes.
#[test]
fn a_preflight_looks_at_proxies() {
    let passes = |world: &World, proxy: &str| {
        let report = check(&basis(world));
        let own = report.of(Level::Pass).filter(|row| row.node() == Some(&name(proxy)));
        own.map(|row| row.check).collect::<Vec<_>>()
    };
    let fails = |world: &World| {
        let report = check(&basis(world));
        let told = report.findings(Level::Fail).map(|(check, it)| (check, it.code, it.evidence.clone()));
        told.collect::<Vec<_>>()
    };
    let whole = world(|_| {});
    assert_eq!(fails(&whole), []);
    assert_eq!(passes(&whole, "lb1"), ["login", "identity", "packages", "files"]);
    let ill = world(|it| {
        it.program.files.get_mut("config").unwrap().text = "# mine\n".into();
        it.program.machine.addresses.clear();
        it.program.unit.load = "masked".into();
    });
    let told: Vec<_> = fails(&ill).into_iter().map(|(check, code, _)| (check, code)).collect();
    let expected = [
        ("identity", codes::WRONG_ADDRESS),
        ("packages", codes::UNIT_MASKED),
        ("files", codes::FOREIGN_FILE),
    ];
    assert_eq!(told, expected);

    let mut closed = world(|_| {});
    for (service, port) in [(Service::Server, 5432), (Service::Rest, 8008), (Service::EtcdClients, 2379)] {
        closed.observation.ports.ways.push(Way {
            from: name("lb1"),
            to: name("pg1"),
            service,
            port,
            reach: Reach::Refused,
        });
    }
    let told = fails(&closed);
    assert!(
        matches!(told.as_slice(), [("ports", codes::PORTS, evidence)]
            if evidence.starts_with("lb1 cannot reach its ports 5432 (PostgreSQL), 8008 (Patroni's REST API): ")),
        "{told:#?}"
    );

    let mut unseen = world(|_| {});
    unseen.observation.proxies.insert(name("lb2"), Seen::Unreachable("connection timed out".into()));
    assert!(check(&basis(&unseen)).unreachable);
    assert_eq!(passes(&unseen, "lb2"), [""; 0]);
}
