//! Plans for clusters with a ProxySQL in front of them.

use std::path::PathBuf;

use galactl::galera::judge::codes;
use galactl::galera::plan::{Action, Plan};
use galactl::galera::proxy::action::ProxyAction;
use galactl::galera::proxy::proxysql::inventory::Local;
use galactl::galera::status::Health;
use galactl::kernel::facts::Seen;
use galactl::kernel::model::NodeName;
use galactl::kernel::plan::{Action as _, Width, text};

use crate::endpoint::{ids, judged, restart};
use crate::support::endpoint::bare_proxy;
use crate::support::{Shape, World, fresh, guards_of, name};
use crate::tls::change;

const PROXIES: &str = "proxies:\n  - name: lb1\n    address: 10.0.0.31\n    kind: proxysql\n";
const SECTION: &str = "proxysql:\n  users:\n    - {name: shop, password: {env: SHOP_PASSWORD}}\n";

fn shape_of(more: &str) -> Shape {
    Shape { rsync: true, ..Shape::of(3).more(&format!("{PROXIES}{SECTION}{more}")).installing() }
}

fn shape() -> Shape {
    shape_of("")
}

fn lb1() -> NodeName {
    "lb1".parse().unwrap()
}

fn found(world: &World) -> Vec<String> {
    judged(world).findings.iter().map(|it| format!("{} {}", it.code.name, it.evidence)).collect()
}

fn writer(world: &World) -> String {
    let opinion = world.observation.proxy(&lb1()).and_then(|facts| facts.opinion.as_ref());
    opinion.and_then(|opinion| opinion.writer.as_ref()).map_or_else(String::new, ToString::to_string)
}

/// Who takes over from whom, in order.
fn moves(plan: &Plan) -> Vec<(String, Vec<String>)> {
    let of = |action: &Action| match action {
        Action::Proxy(ProxyAction::MoveWrites { from, to, .. }) => {
            Some((from.to_string(), to.iter().map(ToString::to_string).collect()))
        }
        _ => None,
    };
    plan.steps().filter_map(|step| of(&step.action)).collect()
}

#[test]
fn a_bootstrap_sets_it_up_and_says_that_no_test_runs_one() {
    let mut world = World::new(&shape(), vec![fresh(); 3]);
    let plan = world.bootstrap().unwrap();
    insta::assert_snapshot!(text(&plan));
    world.carry_out(&plan);
    assert!(ids(&world.bootstrap().unwrap()).is_empty());
    assert_eq!(judged(&world).health, Health::Healthy, "{:?}", found(&world));
}

#[test]
fn a_restart_moves_the_writes_away_from_each_node_and_in_fact_once() {
    let mut world = World::whole(&shape());
    let plan = restart(&world).unwrap();
    insta::assert_snapshot!(text(&plan));
    assert_eq!(writer(&world), "db1");
    let mut writers = vec![writer(&world)];
    for step in plan.steps() {
        world.apply(step);
        if writers.last() != Some(&writer(&world)) {
            writers.push(writer(&world));
        }
    }
    assert_eq!(writers, ["db1", "db2"]);
}

/// Whoever takes the writes leaves last, and they move to a node that has been away already.
#[test]
fn the_writes_move_once_wherever_they_are() {
    for start in 0..3 {
        let mut world = World::whole(&shape());
        world.proxy_mut(&lb1()).opinion.as_mut().unwrap().writer = Some(name(start));
        let plan = restart(&world).unwrap();
        let moves = moves(&plan);
        assert_eq!(moves[2].0, name(start).to_string());
        assert_eq!(moves[2].1.len(), 2);
        let mut moved = 0;
        for step in plan.steps() {
            let before = writer(&world);
            world.apply(step);
            moved += usize::from(before != writer(&world));
        }
        assert_eq!(moved, 1, "from {}", name(start));
    }
}

/// Cut off after any step and begun again, it ends with a whole cluster, and nobody is left drained.
#[test]
fn a_restart_that_was_cut_off_is_begun_again() {
    let whole = World::whole(&shape());
    let plan = restart(&whole).unwrap();
    for cut in 0..=plan.steps().count() {
        let mut world = whole.clone();
        for step in plan.steps().take(cut) {
            world.apply(step);
        }
        for again in [World::start_again, restart] {
            if let Ok(plan) = again(&world) {
                world.carry_out(&plan);
            }
        }
        assert!(world.drained().is_empty(), "cut after {cut} steps: {:?}", world.drained());
        assert_eq!(world.primary().len(), 3, "cut after {cut} steps");
        assert!(!writer(&world).is_empty(), "cut after {cut} steps");
    }
}

#[test]
fn where_all_nodes_take_writes_there_is_no_role_to_move_and_the_plan_says_what_that_means() {
    let world = World::whole(&shape_of("endpoint:\n  writes: any\n"));
    let plan = restart(&world).unwrap();
    assert!(moves(&plan).is_empty());
    let told = plan.consequences.iter().find(|line| line.contains("ProxySQL")).unwrap();
    assert!(told.contains("writes and reads"), "{told}");
}

#[test]
fn a_proxy_that_does_not_run_is_not_asked_to_move_anything() {
    let mut world = World::whole(&shape());
    let proxy = world.proxy_mut(&lb1());
    (proxy.program.unit.active, proxy.opinion) = ("failed".into(), None);
    assert!(moves(&restart(&world).unwrap()).is_empty());
    assert!(found(&world)[0].starts_with("proxy proxysql.service is failed"), "{:?}", found(&world));
}

#[test]
fn it_is_installed_from_the_file_that_is_named_and_only_if_that_can_be_read() {
    let file =
        shape_of("").more.replace("proxysql:\n  users", "proxysql:\n  package: ./proxysql.deb\n  users");
    let shape = Shape { rsync: true, ..Shape::of(3).more(&file).installing() };
    let mut world = World::new(&shape, vec![fresh(); 3]);
    world.proxy_mut(&lb1()).candidate = None;
    assert_eq!(guards_of(&world.bootstrap()), [codes::NOT_INSTALLED]);
    let package = world.inventory.proxysql.as_mut().unwrap().package.as_mut().unwrap();
    package.local = Some(Local { path: PathBuf::from("/nonexistent"), sha256: "0123456789abcdef".repeat(4) });
    let plan = world.bootstrap().unwrap();
    let of_proxy: Vec<_> =
        plan.steps().filter(|step| step.node == lb1()).map(|step| step.action.summary()).collect();
    assert!(of_proxy[0].contains("install mariadb-client"), "{of_proxy:?}");
    assert!(of_proxy[1].contains("install ./proxysql.deb (sha256 0123456789abcdef)"), "{of_proxy:?}");
    world.carry_out(&plan);
}

#[test]
fn a_package_is_needed_only_where_a_proxy_is_not_seen_to_have_it() {
    let mut world = World::whole(&shape());
    let lacks = |world: &World| world.observation.may_lack_proxysql(world.inventory.proxies());
    assert!(!lacks(&world));
    world.proxy_mut(&lb1()).program.package = None;
    assert!(lacks(&world));
    world.observation.proxies.insert(lb1(), Seen::Unreachable("no route".into()));
    assert!(lacks(&world));
}

#[test]
fn a_host_whose_apt_has_none_is_refused_beforehand() {
    let mut world = World::new(&shape(), vec![fresh(); 3]);
    world.proxy_mut(&lb1()).candidate = None;
    assert_eq!(guards_of(&world.bootstrap()), [codes::NOT_INSTALLED]);
}

#[test]
fn settings_that_others_made_are_not_replaced() {
    let mut world = World::new(&shape(), vec![fresh(); 3]);
    world.proxy_mut(&lb1()).foreign = Some("/var/lib/proxysql/proxysql.db".into());
    assert_eq!(guards_of(&world.bootstrap()), [codes::FOREIGN_FILE]);
}

/// ProxySQL binds its ports at the start only.
#[test]
fn what_a_change_means_for_clients_is_said_and_restarts_come_one_after_the_other() {
    let said = |before: &str, after: &str| {
        let mut world = behind_two("");
        for proxy in ["lb1", "lb2"] {
            let files = &mut world.proxy_mut(&proxy.parse().unwrap()).program.files;
            let statements = files.get_mut("statements").unwrap();
            assert!(statements.text.contains(before));
            statements.text = statements.text.replace(before, after);
        }
        let plan = world.apply_config().unwrap();
        let stage = plan.stages.iter().find(|stage| stage.title == "Proxies").unwrap();
        let run = stage.steps.iter().find(|step| step.id.as_str() == "lb1/proxysql/run").unwrap();
        (run.why.clone(), stage.width)
    };
    let mut cut_off = behind_two("");
    cut_off.proxy_mut(&lb1()).program.stale = true;
    let plan = cut_off.apply_config().unwrap();
    let run = plan.steps().find(|step| step.id.as_str() == "lb1/proxysql/run").unwrap();
    assert_eq!(run.why, "it has not loaded its file yet; if its ports change, its connections are cut");
    let (why, width) = said("'shop'", "'other'");
    assert_eq!(why, "open sessions go on; until its next check, in a second, all nodes take writes");
    assert_eq!(width, Width::NodesInParallel);
    let (why, width) = said("0.0.0.0:3307", "0.0.0.0:3309");
    assert_eq!(why, "its ports change, so it restarts: all its connections are cut");
    assert_eq!(width, Width::Serial);
}

const TWO: &str = "proxies:\n  - {name: lb1, address: 10.0.0.31, kind: proxysql}\n  - {name: lb2, address: 10.0.0.32, kind: proxysql}\n";

fn behind_two(more: &str) -> World {
    World::whole(&Shape { rsync: true, ..Shape::of(3).more(&format!("{TWO}{SECTION}{more}")).installing() })
}

fn hide(world: &mut World, proxy: &str) {
    world.observation.proxies.insert(proxy.parse().unwrap(), Seen::Unreachable("no SSH".into()));
}

fn makes_account(plan: &Plan) -> bool {
    ids(plan).iter().any(|id| id.ends_with("/health/monitor-account"))
}

/// lb2 is to be installed while lb1, which alone has the password, is not seen: a new one would lock it out.
#[test]
fn no_password_is_made_for_the_monitor_while_one_that_may_have_it_is_not_seen() {
    let mut world = behind_two("");
    let lb2: NodeName = "lb2".parse().unwrap();
    *world.proxy_mut(&lb2) = bare_proxy();
    assert!(makes_account(&world.apply_config().unwrap()), "both are seen");
    hide(&mut world, "lb1");
    assert_eq!(guards_of(&world.apply_config()), [codes::UNREACHABLE, codes::PROXY], "nothing else is to do");
    // Beside what has to be done anyway.
    world.health_mut(&name(0)).user = false;
    let plan = world.apply_config().unwrap();
    assert!(!plan.steps().any(|step| step.node == lb2) && !makes_account(&plan), "{:?}", ids(&plan));
    let told =
        "lb2: left as it is, lb1 was not seen: the password of galactl-monitor that galactl made is there";
    assert!(plan.warnings.iter().any(|it| it.starts_with(told)), "{:?}", plan.warnings);
}

/// lb2 has the password, but lb1 may have another one.
#[test]
fn the_account_of_the_monitor_is_left_as_it_is_while_a_proxysql_is_not_seen() {
    let mut world = behind_two("");
    world.proxy_mut(&"lb2".parse().unwrap()).opinion.as_mut().unwrap().takes.clear();
    assert!(makes_account(&world.apply_config().unwrap()), "both are seen");
    hide(&mut world, "lb1");
    let plan = world.apply_config().unwrap();
    assert!(!makes_account(&plan) && ids(&plan).contains(&"lb2/proxysql/run"), "{:?}", ids(&plan));
    let told = "the account galactl-monitor is left as it is: lb1 was not seen, and may log in with another password";
    assert!(plan.warnings.iter().any(|it| it.starts_with(told)), "{:?}", plan.warnings);
}

#[test]
fn a_password_that_the_inventory_names_is_given_to_the_monitor_whoever_is_seen() {
    let mut world = behind_two("  monitor_password: {env: MONITOR_PASSWORD}\n");
    *world.proxy_mut(&"lb2".parse().unwrap()) = bare_proxy();
    hide(&mut world, "lb1");
    let plan = world.apply_config().unwrap();
    assert!(makes_account(&plan) && ids(&plan).contains(&"lb2/proxysql/run"), "{:?}", ids(&plan));
}

#[test]
fn what_differs_is_found_and_put_right() {
    type Spoil = fn(&mut World);
    let cases: [(&str, Spoil); 4] = [
        ("/etc/galactl-proxysql.sql is not what", |world| {
            world.proxy_mut(&lb1()).program.files.get_mut("statements").unwrap().text += "SELECT 1;\n";
        }),
        ("/etc/galactl-proxysql.cnf is not what", |world| {
            world.proxy_mut(&lb1()).program.files.get_mut("login").unwrap().mode = "644".into();
        }),
        ("runs with an older file", |world| world.proxy_mut(&lb1()).program.stale = true),
        ("sends no client to db2", |world| {
            world.proxy_mut(&lb1()).opinion.as_mut().unwrap().takes.remove(&name(1));
        }),
    ];
    for (evidence, spoil) in cases {
        let mut world = World::whole(&shape());
        spoil(&mut world);
        assert!(found(&world)[0].contains(evidence), "{evidence}: {:?}", found(&world));
        let plan = world.apply_config().unwrap();
        assert!(ids(&plan).contains(&"lb1/proxysql/run"), "{evidence}: {:?}", ids(&plan));
    }
}

/// The place of each of these among the steps.
fn places(plan: &Plan, wanted: &[&str]) -> Vec<usize> {
    let ids = ids(plan);
    let place = |id: &&str| ids.iter().position(|it| it == id).unwrap_or_else(|| panic!("{id}: {ids:?}"));
    wanted.iter().map(place).collect()
}

#[test]
fn it_speaks_tls_before_the_first_node_requires_it_and_as_long_as_one_does() {
    let tls = |clients: &str| shape_of(&format!("tls: {{ca: {{generate: true}}, clients: {clients}}}\n"));
    let mut world = World::new(&shape(), vec![fresh(); 3]);
    let plan = world.bootstrap().unwrap();
    world.carry_out(&plan);

    for from in ["", "offered"] {
        let mut world = world.clone();
        if !from.is_empty() {
            world.with_inventory(&tls(from));
            let plan = change(&world).unwrap();
            world.carry_out(&plan);
        }
        world.with_inventory(&tls("required"));
        let plan = change(&world).unwrap();
        let first_node =
            ids(&plan).iter().position(|id| id.contains("/galera/leave") || id.contains("/galera/set"));
        let run = places(&plan, &["lb1/proxysql/statements", "lb1/proxysql/run"]);
        assert!(run[0] < run[1] && run[1] < first_node.unwrap(), "{from}: {:?}", ids(&plan));
        world.carry_out(&plan);
        assert!(ids(&change(&world).unwrap()).is_empty());

        // The other way round the nodes come first.
        world.with_inventory(&tls("offered"));
        let plan = change(&world).unwrap();
        let of_node = |id: &&str| id.contains("/galera/set") || id.contains("/galera/join");
        let last_node = ids(&plan).iter().rposition(of_node).unwrap();
        assert!(places(&plan, &["lb1/proxysql/statements"])[0] > last_node, "{:?}", ids(&plan));
    }
}
