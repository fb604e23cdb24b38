//! Plans and refusals as the person who must decide reads them.

use galactl::galera::facts::{
    ClusterStatus, HostFacts, Intent, LaterOption, PeerAddress, PortMatrix, Reach, Room, ServerAnswer,
    ServerStart, Variable,
};
use galactl::galera::judge::{codes, listed};
use galactl::galera::model::Service;
use galactl::galera::plan;
use galactl::galera::plan::{Action, ConfigChoice, NoPlan, Plan, ServerAction};
use galactl::kernel::facts::ConfigFile;
use galactl::kernel::judge::{Code, Finding};
use galactl::kernel::model::HostName;
use galactl::kernel::plan::{NotUsable, markdown, refusals_text, text};

use crate::support::simulation::{Cut, Ending};
use crate::support::{
    Changes, Component, Ports, Shape, World, bare, fresh, guards_of, inventory, name, refusals, uuid,
};

fn told(outcome: &Result<Plan, NoPlan>) -> String {
    match outcome {
        Ok(plan) => text(plan),
        Err(_) => refusals_text(&refusals(outcome)),
    }
}

fn run_file() -> Intent {
    Intent::File("/run/mariadb-wsrep-new-cluster".into())
}

/// Three fresh hosts as Debian leaves them.
fn three() -> World {
    World::new(&Shape::of(3), vec![fresh().standalone(); 3])
}

/// A cluster that galactl has bootstrapped and finished.
fn whole(shape: &Shape) -> World {
    let mut world = World::new(shape, vec![fresh().standalone(); shape.nodes]);
    world.carry_out(&world.bootstrap().unwrap());
    world
}

/// A whole cluster of two, with an inventory that knows a third node.
fn third_node(host: HostFacts) -> World {
    let old = whole(&Shape::of(2));
    let hosts = [old.facts(&name(0)).clone(), old.facts(&name(1)).clone(), host];
    World::new(&Shape::of(3), hosts)
}

#[test]
fn plan_fresh_hosts() {
    insta::assert_snapshot!(told(&three().bootstrap()));
}

#[test]
fn plan_bare_hosts() {
    let world = World::new(&Shape::of(3).installing(), vec![bare(); 3]);
    insta::assert_snapshot!(told(&world.bootstrap()));
}

#[test]
fn plan_one_node_alone() {
    insta::assert_snapshot!(told(&World::new(&Shape::of(1), [fresh()]).bootstrap()));
}

#[test]
fn plan_seed_with_databases() {
    let mut world = three();
    let seed = fresh().standalone().schema("customers", 3 << 30).schema("shop", 700 << 20);
    world.set(&name(0), seed);
    insta::assert_snapshot!(told(&world.bootstrap()));
}

#[test]
fn plan_arbitrator_slow_names_and_two_versions() {
    let shape = Shape { arbitrator: true, rsync: true, ..Shape::of(2) };
    let mut world = World::new(&shape, [fresh(), fresh().of_version("10.11.6")]);
    world.facts_mut(&name(1)).slow_lookups.insert("10.0.0.11".into(), 5004);
    insta::assert_snapshot!(told(&world.bootstrap()));
}

#[test]
fn plan_another_option_file_is_there() {
    let mut world = three();
    let text = "[mysqld]\nmax_connections = 77\n";
    world.set(&name(1), fresh().standalone().configured(text));
    insta::assert_snapshot!(told(&world.bootstrap()));
}

#[test]
fn plan_goes_on_after_the_founding() {
    let mut world = three();
    let plan = world.bootstrap().unwrap();
    world.carry_out_until(&plan, &Cut { stage: 1, lanes: vec![1], ending: Ending::Clean });
    insta::assert_snapshot!(told(&world.bootstrap()));
}

#[test]
fn plan_goes_on_with_a_joiner_that_starts() {
    let mut world = three();
    let plan = world.bootstrap().unwrap();
    world.carry_out_until(&plan, &Cut { stage: 2, lanes: vec![0], ending: Ending::JoinUnderway });
    insta::assert_snapshot!(told(&world.bootstrap()));
}

#[test]
fn plan_goes_on_after_a_broken_transfer() {
    let mut world = three();
    let plan = world.bootstrap().unwrap();
    world.carry_out_until(&plan, &Cut { stage: 2, lanes: vec![0], ending: Ending::JoinFailed });
    insta::assert_snapshot!(told(&world.bootstrap()));
}

#[test]
fn plan_disarms_what_a_founding_left() {
    let mut world = three();
    let plan = world.bootstrap().unwrap();
    world.carry_out_until(&plan, &Cut { stage: 1, lanes: vec![0], ending: Ending::StillArmed });
    insta::assert_snapshot!(told(&world.bootstrap()));
}

#[test]
fn plan_disarms_before_the_founding() {
    let mut world = three();
    let armed = fresh().armed(Intent::Environment("_WSREP_NEW_CLUSTER".into())).armed(run_file());
    world.set(&name(2), armed);
    insta::assert_snapshot!(told(&world.bootstrap()));
}

/// A cluster of three whose third node is another one than it was; the others have noticed.
fn without_the_third(host: impl FnOnce(&World) -> HostFacts) -> World {
    let mut world = whole(&Shape::of(3));
    world.set(&name(2), host(&world));
    for index in 0..2 {
        let two = Component { uuid: uuid(101), conf_id: 4, ..Component::of(2) };
        world.facts_mut(&name(index)).become_member(name(index).as_str(), &two);
    }
    world
}

#[test]
fn plan_a_stopped_member_comes_back() {
    let world = without_the_third(|world| fresh().saved(uuid(101), 2).configured(&world.wanted(&name(2))));
    insta::assert_snapshot!(told(&world.bootstrap()));
}

#[test]
fn plan_a_crashed_member_is_asked_first() {
    let crashed =
        |world: &World| fresh().saved(uuid(101), -1).schema("shop", 9).configured(&world.wanted(&name(2)));
    let plan = without_the_third(crashed).bootstrap();
    insta::assert_snapshot!(told(&plan));
}

/// Its databases are the cluster's: it was a member of this very history.
#[test]
fn plan_a_member_that_starts_again_is_waited_for() {
    let starting = |world: &World| {
        fresh().saved(uuid(101), -1).schema("shop", 9).configured(&world.wanted(&name(2))).activating()
    };
    insta::assert_snapshot!(told(&without_the_third(starting).bootstrap()));
}

#[test]
fn plan_nothing_to_do() {
    insta::assert_snapshot!(told(&whole(&Shape::of(3)).bootstrap()));
}

#[test]
fn plan_add_a_fresh_node() {
    insta::assert_snapshot!(told(&third_node(fresh().standalone()).add(&[name(2)], &[])));
}

#[test]
fn plan_add_a_node_and_discard_its_data() {
    let host = fresh().saved(uuid(9), 4711).schema("old_shop", 12 << 30).free(80 << 30);
    insta::assert_snapshot!(told(&third_node(host).add(&[name(2)], &[name(2)])));
}

#[test]
fn plan_add_a_node_that_is_a_member_already() {
    insta::assert_snapshot!(told(&whole(&Shape::of(3)).add(&[name(2)], &[])));
}

/// The seed stopped after its bootstrap, before anybody had joined.
fn founded_and_stopped() -> World {
    let mut world = three();
    let plan = world.bootstrap().unwrap();
    world.carry_out_until(&plan, &Cut { stage: 1, lanes: vec![1], ending: Ending::Clean });
    let seed = world.facts(&name(0)).clone();
    let flag = |host: HostFacts| host.saved(uuid(101), -1).safe_to_bootstrap();
    let mut stopped = flag(seed);
    stopped.become_stopped();
    world.set(&name(0), stopped);
    world
}

#[test]
fn plan_starts_the_founded_cluster_again() {
    let mut world = founded_and_stopped();
    let plan = world.bootstrap();
    insta::assert_snapshot!(told(&plan));
    world.carry_out(&plan.unwrap());
    assert_eq!(world.births, 1);
}

/// The first joiner vanished in its state transfer, and the seed lost its majority with it.
fn without_a_majority() -> World {
    let mut world = three();
    let plan = world.bootstrap().unwrap();
    world.carry_out_until(&plan, &Cut { stage: 2, lanes: vec![0], ending: Ending::JoinFailed });
    let seed = world.facts(&name(0)).clone();
    let two = Component { uuid: uuid(101), ..Component::of(2) };
    world.set(&name(0), seed.non_primary("db1", &two));
    world
}

#[test]
fn plan_restores_the_component_that_a_joiner_took_along() {
    let mut world = without_a_majority();
    let plan = world.bootstrap();
    insta::assert_snapshot!(told(&plan));
    world.carry_out(&plan.unwrap());
    assert_eq!(world.births, 1);
    assert!(world.bootstrap().unwrap().is_empty());
}

/// A node that ever had the state may be ahead of the seed, and one that runs may form its own
/// component.
#[test]
fn refused_to_restore_where_another_node_may_have_the_data() {
    let mut worlds = vec![without_a_majority(); 5];
    worlds[0].facts_mut(&name(0)).bootstrap_record = None;
    worlds[1].facts_mut(&name(0)).bootstrap_record.as_mut().unwrap().state_uuid = Some(uuid(102));
    let had_it = worlds[2].facts(&name(2)).clone().saved(uuid(101), -1);
    worlds[2].set(&name(2), had_it);
    worlds[4].facts_mut(&name(0)).bootstrap_record.as_mut().unwrap().joined = true;
    let runs = worlds[3].facts(&name(1)).clone().activating();
    worlds[3].set(&name(1), runs);
    for world in worlds {
        let guards: Vec<_> = refusals(&world.bootstrap()).iter().map(|refusal| refusal.code).collect();
        assert!(guards.contains(&codes::NON_PRIMARY), "{guards:?} {world:?}");
    }
}

/// Without galactl's own record, of another bootstrap, not alone when it stopped, or not always alone:
/// all of that is a cluster to recover.
#[test]
fn refused_to_start_again_what_is_not_certainly_its_own() {
    let mut worlds = vec![founded_and_stopped(); 5];
    let seed = name(0);
    worlds[0].facts_mut(&seed).bootstrap_record = None;
    worlds[1].facts_mut(&seed).bootstrap_record.as_mut().unwrap().state_uuid = Some(uuid(102));
    worlds[2].facts_mut(&seed).bootstrap_record.as_mut().unwrap().cluster = "archive".into();
    let unsafe_seed = worlds[3].facts(&seed).clone().saved(uuid(101), -1);
    worlds[3].set(&seed, unsafe_seed);
    // The flag says only that the others had left before it.
    worlds[4].facts_mut(&seed).bootstrap_record.as_mut().unwrap().joined = true;
    for world in worlds {
        let guards: Vec<_> = refusals(&world.bootstrap()).iter().map(|refusal| refusal.code).collect();
        assert_eq!(guards, [codes::CLUSTER_STATE], "{world:?}");
    }
}

/// A bootstrap that was cut off before it could write down its state UUID.
#[test]
fn a_record_without_a_state_uuid_is_enough() {
    let mut world = founded_and_stopped();
    world.facts_mut(&name(0)).bootstrap_record.as_mut().unwrap().state_uuid = None;
    world.carry_out(&world.bootstrap().unwrap());
    assert_eq!(world.births, 1);
}

/// A cluster of three that runs with one setting, and an inventory that wants another.
fn other_setting(world: &World) -> World {
    let shape = Shape::of(3).more("mysqld:\n  max_connections: 77\n");
    let hosts = (0..3).map(|index| world.facts(&name(index)).clone());
    World::new(&shape, hosts)
}

#[test]
fn plan_changes_the_configuration_one_node_after_the_other() {
    let mut world = other_setting(&whole(&Shape::of(3)));
    let plan = world.apply_config();
    assert_eq!(world.needed().unwrap(), *plan.as_ref().unwrap());
    insta::assert_snapshot!(told(&plan));
    world.carry_out(&plan.unwrap());
    assert!(world.needed().unwrap().is_empty());
}

/// What every running server takes is set; a node where one setting takes a restart has all of it then.
#[test]
fn plan_sets_what_the_running_servers_take() {
    let shape = Shape::of(3).more(
        "mysqld:
  max_connections: 77
  sort_buffer_size: 4M
",
    );
    let hosts = (0..3).map(|index| whole(&Shape::of(3)).facts(&name(index)).clone());
    let mut world = World::new(&shape, hosts);
    let variable = |kind: &str, per_session| Variable { kind: kind.into(), per_session };
    for index in 0..3 {
        let changeable = &mut world.facts_mut(&name(index)).changeable;
        changeable.insert("max_connections".into(), variable("BIGINT UNSIGNED", false));
        if index != 1 {
            changeable.insert("sort_buffer_size".into(), variable("BIGINT UNSIGNED", true));
        }
    }
    let restart = ConfigChoice { restart: true, ..ConfigChoice::default() };
    let by_restart = plan::apply_config(&world.basis(), restart).unwrap();
    assert!(
        !by_restart
            .steps()
            .any(|step| matches!(step.action, Action::Server(ServerAction::SetVariables { .. })))
    );
    let plan = world.apply_config();
    insta::assert_snapshot!(told(&plan));
    world.carry_out(&plan.unwrap());
    assert!(world.needed().unwrap().is_empty());
}

/// The node that clients write to leaves last.
#[test]
fn plan_restarts_one_node_after_the_other() {
    let mut world = whole(&Shape::of(3));
    let ServerAnswer::Live(live) = &mut world.facts_mut(&name(2)).server_answer else { panic!("no member") };
    live.replicated = 90_000;
    let plan = world.plan_restart(&[]);
    insta::assert_snapshot!(told(&plan));
    world.carry_out(&plan.unwrap());
}

#[test]
fn plan_stops_the_seed_last() {
    let world = whole(&Shape::of(3));
    insta::assert_snapshot!(told(&world.plan_stop(&[])));
    insta::assert_snapshot!(told(&world.plan_stop(&[name(1)])));
    insta::assert_snapshot!(told(&world.plan_stop(&[name(0), name(1), name(2)])));
}

#[test]
fn plan_as_markdown() {
    let world = other_setting(&whole(&Shape::of(3)));
    insta::assert_snapshot!(markdown(&world.apply_config().unwrap()));
}

#[test]
fn plan_of_nothing_as_markdown() {
    insta::assert_snapshot!(markdown(&whole(&Shape::of(3)).bootstrap().unwrap()));
}

#[test]
fn plan_offline() {
    let world = World::new(&Shape::of(3), []);
    let renderer = galactl::galera::config::Renderer::new(None).unwrap();
    insta::assert_snapshot!(told(&galactl::galera::plan::bootstrap_offline(&world.inventory, &renderer)));
}

#[test]
fn what_is_needed_is_the_command_for_it() {
    use galactl::galera::plan::Command;
    let cases = [
        (three(), Some(Command::Bootstrap { seed: name(0) })),
        (third_node(fresh().standalone()), Some(Command::AddNode { nodes: vec![name(2)] })),
        (
            other_setting(&whole(&Shape::of(3))),
            Some(Command::ApplyConfig { allow_sst: false, restart: false, first_round: false }),
        ),
        (whole(&Shape::of(3)), None),
    ];
    for (world, expected) in cases {
        let plan = world.needed().unwrap();
        assert_eq!((!plan.is_empty()).then_some(plan.command), expected);
    }
}

/// galactl has taken the second of three out, and the inventory was not edited.
fn without_a_removed_node() -> World {
    let mut world = whole(&Shape::of(3));
    world.carry_out(&world.remove(&[name(1)], &[]).unwrap());
    world
}

/// A world whose outcome is refused by this guard. A new code needs one here.
fn refused_by(guard: Code) -> Vec<Finding> {
    let mut world = three();
    let foreign = Component { cluster: "archive".into(), uuid: uuid(9), ..Component::of(1) };
    match guard {
        codes::TABLE_CHANGE | codes::TABLE_DIFFERS | codes::WRITE_STALL => {
            return crate::alter::refused_by(guard);
        }
        codes::UNREACHABLE => world.lose(&name(1)),
        codes::PRIMARY_ALIVE => world.set(&name(1), fresh().member("db2", &foreign)),
        codes::CLUSTER_STATE => {
            world.set(&name(0), fresh().saved(uuid(9), 4711));
            world.set(&name(1), fresh().saved(crate::support::host::zero(), -1));
            world.set(&name(2), fresh().sst_leftovers());
        }
        codes::NON_PRIMARY => {
            world.set(&name(0), fresh().non_primary("db1", &Component::of(2)));
            world.set(&name(1), fresh().mute("ERROR 1040 (08004): Too many connections"));
            world.set(&name(2), fresh().activating());
        }
        codes::USER_SCHEMAS => {
            world.set(&name(1), fresh().schema("customers", 3 << 30).schema("shop", 1 << 20));
        }
        codes::VERSIONS_DIFFER => world.set(&name(1), fresh().of_version("11.8.6")),
        codes::UNIT_MASKED => world.set(&name(1), fresh().masked()),
        codes::REMOVED => world = without_a_removed_node(),
        codes::QUORUM => return refusals(&whole(&Shape::of(2)).remove(&[name(1)], &[])),
        codes::STRAY_SERVER => world.set(&name(1), fresh().stray()),
        codes::NOT_INSTALLED => world.set(&name(1), bare()),
        codes::MISSING => {
            world.set(&name(1), fresh().without_tools());
            world.set(&name(2), fresh().without_provider());
        }
        codes::UNKNOWN_OPTION => {
            let shape = Shape::of(3).more("mysqld:\n  wsrep_strict_ddl: 1\n");
            world = World::new(&shape, vec![fresh(); 3]);
        }
        codes::CONFIG_DRIFT => world = drifted(),
        codes::ARMED_OPTION => {
            world.set(&name(1), fresh().armed(Intent::Option("--wsrep-new-cluster".into())));
        }
        codes::OUTSIDE_CLUSTER => return led_out(),
        codes::CERTIFICATE => return crate::tls::refused(),
        codes::DISK => {
            world.set(&name(0), fresh().schema("shop", 90 << 30));
            world.set(&name(1), fresh().free(20 << 30));
        }
        codes::DISK_FULL => fill(&mut world),
        codes::OTHER_CLUSTER => return of_another_inventory(),
        codes::UNLISTED => {
            return refusals(&with_an_unlisted_member().recover(&[(0, uuid(1), 9), (1, uuid(1), 9)]));
        }
        codes::UNHEALTHY => return unhealthy(),
        codes::FULL_TRANSFER => return without_a_cache(),
        codes::DIVERGED => {
            world.set(&name(0), fresh().saved(uuid(1), 12));
            world.set(&name(1), fresh().saved(uuid(2), 40));
            return refusals(&world.recover(&[(0, uuid(1), 12), (1, uuid(2), 40)]));
        }
        codes::UNCLEAR => {
            world.set(&name(0), fresh().saved(uuid(1), -1));
            world.set(&name(1), fresh().saved(uuid(1), 12));
            return refusals(&world.recover(&[(1, uuid(1), 9)]));
        }
        codes::AHEAD => {
            world.set(&name(0), fresh().saved(uuid(1), 9));
            world.set(&name(1), fresh().saved(crate::support::host::zero(), -1).safe_to_bootstrap());
            return refusals(&world.recover(&[(0, uuid(1), 9), (1, uuid(1), 12)]));
        }
        codes::NOTHING_TO_RECOVER => return refusals(&world.recover(&[])),
        codes::NOT_SUPPORTED => {
            world = World::new(&Shape::of(3).installing(), vec![bare(); 3]);
            let host = world.facts_mut(&name(1));
            (host.machine.os, host.machine.debian_family) = ("rocky 9.4".into(), false);
        }
        codes::BUSY => {
            let holder = "held by root@ops1, process 4711, since 2026-01-01 03:00:00 UTC";
            return galactl::kernel::plan::busy(&[(HostName::from(&name(1)), holder.to_owned())].into());
        }
        codes::SAME_MACHINE => {
            for node in [name(0), name(2)] {
                world.facts_mut(&node).machine.addresses =
                    ["10.0.0.11", "10.0.0.13"].map(|ip| ip.parse().unwrap()).into();
            }
        }
        codes::PATH_DIFFERS => {
            let shape = Shape::of(3).more("host:\n  datadir: /srv/mysql\n");
            world = World::new(&shape, vec![fresh(); 3]);
        }
        codes::WRONG_ADDRESS => {
            world.facts_mut(&name(1)).machine.addresses =
                ["127.0.0.1", "10.0.0.99"].map(|ip| ip.parse().unwrap()).into();
        }
        codes::FOREIGN_FILE => world = with_a_proxy_of_somebody_else(),
        codes::MISSING_LINK => return cut_off_from_each_other(),
        codes::PORTS => world.observation.ports = blocked_ports(&world),
        codes::STALE => return stale(&world),
        codes::PLAN_FILE => return vec![NotUsable::Digest.refusal("plan.json")],
        code => panic!("no world is refused with {code}"),
    }
    refusals(&world.bootstrap())
}

fn with_a_proxy_of_somebody_else() -> World {
    let proxies = "proxies:\n  - name: lb1\n    address: 10.0.0.31\n";
    let mut world = World::new(&Shape::of(3).more(proxies).installing(), vec![fresh(); 3]);
    let foreign = ConfigFile {
        mode: "644".into(),
        owner: "root".into(),
        group: "root".into(),
        text: "global\n    daemon\n".into(),
    };
    world.proxy_mut(&"lb1".parse().unwrap()).program.files.insert("config".into(), foreign);
    world
}

fn drifted() -> World {
    let mut world = whole(&Shape::of(3));
    world.set(&name(1), world.facts(&name(1)).clone().configured("[mysqld]\n"));
    world.facts_mut(&name(2)).config = None;
    world
}

/// No byte is free on db2, and db3's option files cannot be written.
fn fill(world: &mut World) {
    world.facts_mut(&name(1)).room = ["/var/lib/mysql", "/etc/mysql"].map(room_of(0)).into();
    world.facts_mut(&name(2)).room = vec![Room { path: "/etc/mysql/mariadb.conf.d".into(), free: None }];
}

fn of_another_inventory() -> Vec<Finding> {
    let mut world = whole(&Shape::of(3));
    world.inventory.cluster = "store".parse().unwrap();
    refusals(&world.plan_restart(&[]))
}

fn room_of(bytes: u64) -> impl Fn(&str) -> Room {
    move |path| Room { path: path.to_owned(), free: Some(bytes) }
}

/// Two stopped nodes, whose option files name a third one.
fn with_an_unlisted_member() -> World {
    let mut world = World::new(&Shape::of(2), vec![fresh().saved(uuid(1), 9); 2]);
    for node in [name(0), name(1)] {
        world.facts_mut(&node).peers = ["10.0.0.11", "10.0.0.12", "10.0.0.13"].map(PeerAddress::parse).into();
    }
    world
}

/// A file that is read last on db1, and on the others the files as a whole.
fn led_out() -> Vec<Finding> {
    let mut world = whole(&Shape::of(3));
    world.facts_mut(&name(1)).options.insert("wsrep_on".into(), "OFF".into());
    world.facts_mut(&name(2)).config = None;
    let mut refused = refusals(&world.plan_restart(&[]));
    let file = "/etc/mysql/mariadb.conf.d/zz-maintenance.cnf".into();
    let option = LaterOption { file, name: "wsrep_on".into(), value: "0".into() };
    world.facts_mut(&name(0)).later_options = vec![option];
    refused.extend(refusals(&world.plan_restart(&[name(0)])));
    refused
}

fn cut_off_from_each_other() -> Vec<Finding> {
    let mut world = whole(&Shape::of(3));
    world.link_all();
    world.cut(0, 1);
    refusals(&world.plan_restart(&[]))
}

fn without_a_cache() -> Vec<Finding> {
    let mut world = whole(&Shape::of(3));
    for index in 0..3 {
        let host = world.facts_mut(&name(index));
        let ServerAnswer::Live(live) = &mut host.server_answer else { panic!("no member") };
        live.cached_downto = galactl::galera::model::Seqno::At(200);
    }
    refusals(&world.plan_restart(&[]))
}

/// db1 cannot be reached by db2 nor db3 for a state transfer, db2 by db1 at all; another program has
/// a port of db3, and something else than db1 answers db3.
fn blocked_ports(world: &World) -> PortMatrix {
    let mut ports = world.open_ports();
    let silence = Reach::Filtered("no answer within 3 s".into());
    for from in [1, 2] {
        ports.close(from, 0, &[Service::Sst, Service::Ist], &silence);
    }
    ports.close(0, 1, &Service::ALL, &Reach::Refused);
    ports.close(2, 0, &[Service::GroupCommunication], &Reach::Stranger);
    ports.take(2, Service::Sst, "socat (pid 311)");
    ports
}

/// A member is in every cache until it leaves; what counts is how long a cache lasts.
#[test]
fn a_restart_is_back_by_ist_only_where_a_cache_outlasts_it() {
    let mut world = whole(&Shape::of(3).more("provider_options:\n  gcache.size: 128M\n"));
    let mut written = |bytes| {
        for index in 0..3 {
            let host = world.facts_mut(&name(index));
            let ServerAnswer::Live(live) = &mut host.server_answer else { panic!("no member") };
            live.written_bytes = bytes;
            host.start = Some(ServerStart { age: 3600, ..ServerStart::default() });
        }
        world.plan_restart(&[name(2)])
    };
    assert!(written(3600 * (2 << 20)).is_ok(), "128 MiB last 64 s");
    assert_eq!(guards_of(&written(3600 * (3 << 20))), [codes::FULL_TRANSFER]);
}

/// Of what the members have now and have room for.
#[test]
fn a_larger_write_set_cache_must_fit() {
    let mut world = whole(&Shape::of(3));
    world.inventory = inventory(&Shape::of(3).more("provider_options:\n  gcache.size: 40G\n"));
    for (index, free) in [(0, 40), (1, 39), (2, 38)] {
        let datadir = &mut world.facts_mut(&name(index)).datadir;
        (datadir.free, datadir.cache) = (free << 30, 1 << 30);
    }
    let refused: Vec<_> = refusals(&world.apply_config()).into_iter().map(|it| (it.code, it.node)).collect();
    assert_eq!(refused, [(codes::DISK, Some(name(2)))]);
}

/// Nothing essential is closed.
#[test]
fn plan_ports_that_trouble_only_clients_or_were_not_tried() {
    let mut world = three();
    let mut ports = world.open_ports();
    ports.close(0, 1, &[Service::Clients], &Reach::Filtered("No route to host".into()));
    ports.not_tried(2, "its server is activating");
    world.observation.ports = ports;
    insta::assert_snapshot!(told(&world.bootstrap()));
}

fn unhealthy() -> Vec<Finding> {
    let mut world = third_node(fresh());
    let mut live = world.facts(&name(1)).live().unwrap().clone();
    live.cluster_status = ClusterStatus::NonPrimary;
    world.facts_mut(&name(1)).server_answer = ServerAnswer::Live(Box::new(live));
    refusals(&world.add(&[name(2)], &[]))
}

/// Hosts that changed while a person read the plan.
fn stale(world: &World) -> Vec<Finding> {
    let plan = world.bootstrap().unwrap();
    let mut now = world.clone();
    now.set(&name(1), fresh().member("db2", &Component::of(1)).configured("[mysqld]\n"));
    now.lose(&name(2));
    now.stale(&plan)
}

/// Every code that a plan may be refused with.
fn guards() -> impl Iterator<Item = Code> {
    listed::GUARDS.iter().copied()
}

#[test]
fn every_guard_says_what_was_seen_and_what_to_do() {
    for guard in guards() {
        let refusals = refused_by(guard);
        assert!(
            !refusals.is_empty() && refusals.iter().all(|refusal| refusal.code == guard),
            "{guard:?}: {refusals:?}"
        );
        insta::assert_snapshot!(format!("refused_{}", guard.name), refusals_text(&refusals));
    }
}

#[test]
fn the_reference_explains_every_guard() {
    let page = include_str!("../../docs/reference/guards.md");
    for guard in guards() {
        let row =
            page.lines().find(|line| line.starts_with("| `") && line.contains(&format!("`{}`", guard.name)));
        assert!(row.is_some(), "{} is not in the table of docs/reference/guards.md", guard.name);
    }
}

#[test]
fn refused_another_cluster_of_one_name() {
    let mut world = whole(&Shape::of(3));
    let alone = Component { uuid: uuid(101), conf_id: 9, size: 1, ..Component::of(1) };
    world.facts_mut(&name(2)).become_member("db3", &alone);
    insta::assert_snapshot!(told(&world.bootstrap()));
}

#[test]
fn refused_a_member_that_the_inventory_does_not_know() {
    let mut world = three();
    world.configure([0]);
    let host = world.facts(&name(0)).clone();
    let mut component = Component::of(2);
    component.members = vec!["10.0.0.11".into(), "10.0.0.77".into()];
    world.set(&name(0), host.member("db1", &component));
    insta::assert_snapshot!(told(&world.bootstrap()));
}

#[test]
fn refused_to_add_a_node_with_data() {
    let worlds = [
        third_node(fresh().schema("old_shop", 12 << 30).free(80 << 30)),
        third_node(fresh().saved(uuid(9), 4711)),
        third_node(fresh().saved(uuid(101), 500)),
        third_node(fresh().sst_leftovers()),
    ];
    let all: Vec<_> = worlds.iter().map(|world| told(&world.add(&[name(2)], &[]))).collect();
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn refused_to_add_to_nothing() {
    insta::assert_snapshot!(told(&three().add(&[name(2)], &[])));
}
