//! A standalone PostgreSQL as the seed of a cluster: what is planned, and on what no plan may be made.

use galactl::kernel::judge::{Code, Finding};
use galactl::patroni::facts::{
    Answer, Beside, DataState, Database, DebianCluster, Initialize, Inside, SeedFacts, Setting, Standalone,
};
use galactl::patroni::inventory::SyncMode;
use galactl::patroni::judge::birth::{Standing, standing};
use galactl::patroni::judge::{Basis, codes};
use galactl::patroni::plan::{NoPlan, Plan, bootstrap};

use super::world::{World, facts, name};

/// Fresh hosts, but for pg1, on which a standalone server runs.
fn beside_a_standalone_server() -> World {
    let mut world = World::of(["bookworm-installed"; 3]);
    let old = facts("bookworm-whole-primary");
    let own = world.node("pg1");
    own.datadir = old.datadir.clone();
    own.datadir.patroni_dynamic = false;
    own.servers = old.servers.clone();
    own.server = old.server.clone();
    let live = world.live("pg1");
    (live.standbys, live.slots, live.databases) = (Vec::new(), Vec::new(), Some(Vec::new()));
    world
}

fn seeded() -> World {
    let mut world = beside_a_standalone_server();
    world.inventory.seed = Some(name("pg1"));
    world
}

fn setting(name: &str, value: &str, without: &str) -> Setting {
    Setting { name: name.into(), value: value.into(), without: without.into() }
}

fn told(mut standalone: Standalone) -> Option<SeedFacts> {
    let usual = [
        ("max_connections", "100"),
        ("max_locks_per_transaction", "64"),
        ("max_prepared_transactions", "0"),
        ("max_wal_senders", "10"),
        ("max_worker_processes", "8"),
    ];
    for (name, value) in usual {
        if standalone.value(name).is_none() {
            standalone.settings.push(setting(name, value, value));
        }
    }
    let beside = ["pg2", "pg3"].map(|node| (name(node), Beside::default())).into();
    Some(SeedFacts { standalone: Ok(standalone), beside })
}

fn asked(mut world: World, standalone: Standalone) -> World {
    world.observation.seed = told(standalone);
    world
}

fn basis(world: &World) -> Basis<'_> {
    Basis { inventory: &world.inventory, observation: &world.observation }
}

#[track_caller]
fn planned(world: &World) -> Plan {
    bootstrap(&basis(world)).unwrap_or_else(|why| panic!("{why:?}"))
}

#[track_caller]
fn refused(world: &World, code: Code, words: &str) -> Finding {
    match bootstrap(&basis(world)) {
        Err(NoPlan::Refused(refusals)) => {
            let found = refusals.iter().find(|it| it.code == code && it.evidence.contains(words));
            found.unwrap_or_else(|| panic!("{words}: {refusals:#?}")).clone()
        }
        other => panic!("{words}: {other:?}"),
    }
}

#[test]
fn a_standalone_server_that_nobody_named_is_refused_and_the_line_to_write_is_told() {
    let finding = refused(&beside_a_standalone_server(), codes::DATA_WITHOUT_KEY, "holds a cluster");
    let next = finding.remedy.to_string();
    assert!(
        next.contains("write `seed: pg1` under `cluster:` in ") && next.contains("galactl recover"),
        "{next}"
    );
    // What a Patroni has worked on is no standalone server's.
    let mut world = beside_a_standalone_server();
    world.node("pg1").datadir.patroni_dynamic = true;
    let next = refused(&world, codes::DATA_WITHOUT_KEY, "holds a cluster").remedy.to_string();
    assert!(!next.contains("seed"), "{next}");
}

#[test]
fn the_seed_is_asked_before_it_is_planned_and_then_stopped_before_patroni_starts() {
    let world = seeded();
    assert!(matches!(standing(&basis(&world)), Ok(Standing::Seeded { seed, .. }) if seed == name("pg1")));
    assert!(matches!(bootstrap(&basis(&world)), Err(NoPlan::SeedWanted(seed)) if seed == name("pg1")));

    let settings = vec![
        setting("timezone", "Europe/Berlin", "GMT"),
        setting("work_mem", "16384", "4096"),
        setting("archive_command", "push --password=hunter2 %p", ""),
        setting("port", "5432", "5432"),
        setting("ident_file", "/etc/x", "y"),
    ];
    let inside = Inside { md5_accounts: vec!["app".into()], ..Inside::default() };
    let standalone = Standalone { settings, inside: Some(inside), ..Standalone::default() };
    let plan = planned(&asked(seeded(), standalone));
    let steps: Vec<_> = plan.steps().map(|step| step.id.clone()).collect();
    let at = |id: &str| steps.iter().position(|it| it == id).unwrap_or_else(|| panic!("{id}: {steps:?}"));
    let order =
        ["take-over", "found", "synchronous", "accounts"].map(|step| at(&format!("pg1/patroni/{step}")));
    assert!(order.is_sorted() && at("pg1/etcd/verify") < order[0] && order[3] < at("pg2/patroni/join"));

    let text = format!("{plan:?}");
    let warnings = plan.warnings.join("\n");
    assert!(
        warnings.contains("work_mem = 16384") && warnings.contains("archive_command (not shown)"),
        "{warnings}"
    );
    assert!(warnings.contains("the passwords of app are kept as MD5"), "{warnings}");
    assert!(!warnings.contains("ident_file") && !warnings.contains("timezone"), "{warnings}");
    assert!(text.contains("Europe/Berlin") && !text.contains("hunter2"));
    assert!(plan.consequences.iter().any(|it| it.contains("keeps its data, which become the cluster's")));
}

#[test]
fn one_that_others_follow_or_that_follows_others_is_no_seed() {
    let change = |change: &dyn Fn(&mut World)| {
        let mut world = seeded();
        change(&mut world);
        world
    };
    let whole = facts("bookworm-whole-primary");
    let old = whole.live().expect("a server");
    let standbys = old.standbys.clone();
    let slots = old.slots.clone();
    assert!(!standbys.is_empty() && !slots.is_empty());
    let world = change(&|world| world.live("pg1").standbys.clone_from(&standbys));
    refused(&world, codes::SEED, "it sends its changes to");
    let world = change(&|world| world.live("pg1").slots.clone_from(&slots));
    let next = refused(&world, codes::SEED, "it has the replication slots").remedy.to_string();
    assert!(next.contains("pg_drop_replication_slot("), "{next}");
    let world = change(&|world| world.live("pg1").in_recovery = true);
    refused(&world, codes::SEED, "it is a standby");
    let world = change(&|world| world.node("pg1").datadir.patroni_dynamic = true);
    refused(&world, codes::DATA_WITHOUT_KEY, "a Patroni has worked on its data");
    let world = change(&|world| world.inventory.seed = Some(name("pg2")));
    refused(&world, codes::SEED, "it is to be the seed, and");
}

#[test]
fn a_stopped_seed_has_stopped_in_an_orderly_way() {
    let stopped = |state: DataState| {
        let mut world = asked(seeded(), Standalone::default());
        let own = world.node("pg1");
        own.server = Answer::Nobody("no socket".into());
        own.servers.clear();
        if let Answer::Told(control) = &mut own.datadir.control {
            control.state = state;
        }
        world
    };
    assert!(planned(&stopped(DataState::ShutDown)).steps().any(|step| step.id == "pg1/patroni/take-over"));
    refused(&stopped(DataState::InProduction), codes::SEED, "did not stop in an orderly way");
    refused(&stopped(DataState::ShutDownInRecovery), codes::SEED, "it is a standby");
}

#[test]
fn nobody_else_has_data_and_everybody_can_follow() {
    let mut world = seeded();
    let data = world.node("pg1").datadir.clone();
    world.node("pg2").datadir = data;
    let finding = refused(&world, codes::SEED, "a copy of pg1's data");
    assert_eq!(finding.node, Some(name("pg2")));

    let settings = vec![setting("max_connections", "150", "100")];
    let small = Standalone { settings, ..Standalone::default() };
    let next = refused(&asked(seeded(), small.clone()), codes::SEED, "150 instead of 100").remedy.to_string();
    assert!(next.contains("{max_connections: 150}"), "{next}");
    let mut world = asked(seeded(), small);
    world.inventory.postgresql.shared.insert("max_connections".into(), "200".into());
    planned(&world);

    let far = Standalone { tablespaces: vec!["/srv/far".into()], ..Standalone::default() };
    let finding = refused(&asked(seeded(), far.clone()), codes::SEED, "/srv/far");
    assert!(finding.remedy.to_string().contains("install -d -m 700 -o postgres -g postgres /srv/far"));
    let mut world = asked(seeded(), far);
    for beside in world.observation.seed.as_mut().expect("asked").beside.values_mut() {
        beside.ready_places.insert("/srv/far".into());
    }
    planned(&world);

    let mut world = asked(seeded(), Standalone::default());
    for node in &mut world.inventory.nodes {
        node.settings.insert("shared_preload_libraries".into(), "pg_stat_statements, other".into());
    }
    let beside = &mut world.observation.seed.as_mut().expect("asked").beside;
    beside.get_mut(&name("pg2")).expect("asked").libraries.insert("pg_stat_statements".into());
    let finding = refused(&world, codes::SEED, "`shared_preload_libraries` has other");
    assert_eq!(finding.node, Some(name("pg2")));
}

/// A run was cut off after Patroni had taken the key, or after it had become the primary.
#[test]
fn a_birth_that_was_cut_off_is_waited_for_and_gone_on_with() {
    let mut world = World::whole();
    world.inventory.seed = Some(name("pg1"));
    for node in ["pg2", "pg3"] {
        let fresh = facts("bookworm-installed");
        let own = world.node(node);
        (own.datadir, own.server, own.servers) = (fresh.datadir, fresh.server, fresh.servers);
        own.units = fresh.units;
        own.patroni_processes.clear();
    }
    let plan = planned(&world);
    let steps: Vec<_> = plan.steps().map(|step| step.id.clone()).collect();
    assert!(steps.iter().any(|id| id == "pg1/patroni/accounts"), "{steps:?}");
    assert!(!steps.iter().any(|id| id.ends_with("/found") || id.ends_with("/take-over")), "{steps:?}");

    let id = world.node("pg1").system_id().expect("data").clone();
    world.keys(|keys| keys.initialize = Some(Initialize::By(id.clone())));
    world.node("pg1").server = Answer::Nobody("it starts".into());
    assert_eq!(standing(&basis(&world)), Ok(Standing::Founding(name("pg1"))));
}

/// Patroni's unit is enabled by its package, and waits for nothing but its file.
#[test]
fn no_boot_starts_patroni_before_its_turn() {
    let mut bare = World::of(["bookworm-bare"; 3]);
    bare.inventory.install = true;
    for world in [asked(seeded(), Standalone::default()), World::of(["bookworm-installed"; 3]), bare] {
        let plan = planned(&world);
        let steps: Vec<_> = plan.steps().map(|step| step.id.clone()).collect();
        for node in ["pg1", "pg2", "pg3"] {
            let at = |what: &str| steps.iter().position(|id| *id == format!("{node}/patroni/{what}"));
            let (off, file) = (at("disable"), at("config"));
            assert!(off.is_some() && off < file, "{node}: {steps:?}");
        }
    }
    // Who runs is left alone, and a primary without Patroni is nobody's to join.
    let mut world = World::whole();
    assert!(!planned(&world).steps().any(|step| step.id.ends_with("/disable")));
    let own = world.node("pg1");
    own.patroni_processes.clear();
    for (name, unit) in &mut own.units {
        if name.starts_with("patroni") {
            unit.active = "inactive".into();
        }
    }
    refused(&world, codes::PATRONI_DOWN, "no Patroni runs beside it");
}

#[test]
fn wal_that_no_standby_can_follow_is_refused() {
    let mut world = asked(seeded(), Standalone::default());
    if let Answer::Told(control) = &mut world.node("pg1").datadir.control {
        control.wal_level = "minimal".into();
    }
    refused(&world, codes::SEED, "wal_level = minimal");
}

#[test]
fn nobody_is_told_to_drop_the_cluster_whose_data_were_moved() {
    let mut world = asked(seeded(), Standalone::default());
    let moved = |name: &str, datadir: &str, port| DebianCluster {
        version: "15".into(),
        name: name.into(),
        port,
        status: "online".into(),
        owner: "postgres".into(),
        datadir: datadir.into(),
    };
    for (name, port) in [("main", 5433), ("shop", 5432)] {
        world.node("pg1").debian_clusters = vec![moved(name, "/data/pg15", port)];
        let next = refused(&world, codes::FOREIGN, "/data/pg15").remedy.to_string();
        let away = "sudo mv /var/lib/postgresql/15/main /var/lib/kept-var-lib-postgresql-15-main";
        assert!(next.contains(away) && !next.contains("drop"), "{next}");
    }
    world.node("pg1").debian_clusters = vec![moved("other", "/data/other", 5433)];
    let next = refused(&world, codes::FOREIGN, "15/other").remedy.to_string();
    assert!(next.contains("pg_dropcluster --stop 15 other"), "{next}");
    // Once it is away, the data come to their place, also where the folder around it is not there.
    let fresh = facts("bookworm-installed").datadir;
    let own = world.node("pg1");
    (own.datadir, own.debian_clusters) = (fresh, vec![moved("main", "/data/pg15", 5432)]);
    let next = refused(&world, codes::SEED, "holds no data").remedy.to_string();
    let (made, stopped) =
        (next.find("install -d -o postgres -g postgres /var/lib/postgresql/15 "), next.find(" stop "));
    assert!(made.is_some() && made < stopped && next.contains("mv -T /data/pg15"), "{next}");
}

#[test]
fn a_host_that_did_not_tell_is_not_taken_for_one_that_can_follow() {
    let mut world = asked(seeded(), Standalone::default());
    world.observation.seed.as_mut().expect("asked").beside.remove(&name("pg3"));
    let finding = refused(&world, codes::SEED, "it did not tell whether");
    assert_eq!(finding.node, Some(name("pg3")));
}

#[test]
fn a_stopped_seed_with_slots_is_started_before_they_are_dropped() {
    let slots = Standalone { slots: vec!["s1".into()], ..Standalone::default() };
    let next = refused(&asked(seeded(), slots), codes::SEED, "s1").remedy.to_string();
    assert!(next.contains("start its server, then "), "{next}");
}

#[test]
fn passwords_of_pg_hba_conf_are_not_shown_and_a_strict_cluster_says_that_writes_stop() {
    let access = [
        "host all all 10.0.0.0/8 ldap ldapserver=x ldapbindpasswd=hunter2",
        "host all all 10.0.0.0/8 radius radiussecrets=\"hunter2\"",
        "host shop app 10.0.0.0/8 md5",
    ];
    let standalone = Standalone { access: access.map(str::to_owned).into(), ..Standalone::default() };
    let mut world = asked(seeded(), standalone);
    let plan = planned(&world);
    let (text, warnings) = (format!("{plan:?}"), plan.warnings.join("\n"));
    assert!(!text.contains("hunter2"), "{warnings}");
    assert!(
        warnings.contains("10.0.0.0/8 ldap (options not shown)")
            && warnings.contains("host shop app 10.0.0.0/8 md5")
    );
    let stops = |plan: &Plan| plan.consequences.iter().any(|it| it.contains("NO COMMIT IS ACKNOWLEDGED"));
    world.inventory.synchronous.mode = SyncMode::On;
    assert!(!stops(&planned(&world)));
    world.inventory.synchronous.mode = SyncMode::Strict;
    assert!(stops(&planned(&world)));
}

/// What was made while the hosts were prepared is seen before the server stops.
#[test]
fn the_step_that_stops_the_seed_knows_its_tablespaces() {
    let far = Standalone { tablespaces: vec!["/srv/far".into()], ..Standalone::default() };
    let mut world = asked(seeded(), far);
    for beside in world.observation.seed.as_mut().expect("asked").beside.values_mut() {
        beside.ready_places.insert("/srv/far".into());
    }
    let plan = planned(&world);
    let step = plan.steps().find(|step| step.id == "pg1/patroni/take-over").expect("it is stopped");
    assert!(format!("{:?}", step.action).contains("tablespaces: [\"/srv/far\"]"), "{:?}", step.action);
}

#[test]
fn libraries_of_alter_system_and_of_packages_that_are_not_there_yet_are_refused() {
    let altered = Standalone {
        settings: vec![setting("shared_preload_libraries", "pg_stat_statements,timescaledb", "")],
        altered: ["shared_preload_libraries".to_owned()].into(),
        ..Standalone::default()
    };
    let finding = refused(&asked(seeded(), altered.clone()), codes::SEED, "has timescaledb, and this host");
    assert!(finding.remedy.to_string().contains("create_main_cluster = false"), "{finding:?}");
    let mut world = asked(seeded(), altered);
    for beside in world.observation.seed.as_mut().expect("asked").beside.values_mut() {
        beside.libraries.extend(["timescaledb".to_owned(), "pg_stat_statements".to_owned()]);
    }
    planned(&world);
}

#[test]
fn settings_that_were_not_read_are_not_taken_for_small_ones() {
    let settings = vec![setting("max_connections", "", "")];
    let unread = Standalone { settings, ..Standalone::default() };
    let mut world = asked(seeded(), unread);
    refused(&world, codes::SEED, "did not tell what it has of max_connections");
    world.inventory.postgresql.shared.insert("max_connections".into(), "200".into());
    planned(&world);
}

#[test]
fn locales_that_another_host_lacks_are_refused() {
    let settings = vec![setting("lc_messages", "de_DE.UTF-8", "C")];
    let german = Standalone { settings, ..Standalone::default() };
    let next = refused(&asked(seeded(), german), codes::SEED, "the locales de_DE.UTF-8").remedy.to_string();
    assert!(next.contains("'de_DE.UTF-8 UTF-8'") && next.contains("locale-gen"), "{next}");
}

#[test]
fn room_is_asked_for_by_what_was_counted_and_the_plan_says_where_nothing_was() {
    let mut world = asked(seeded(), Standalone::default());
    world.node("pg1").datadir.bytes = None;
    let database = Database { name: "shop".into(), bytes: 1 << 60 };
    world.live("pg1").databases = Some(vec![database]);
    refused(&world, codes::DISK, "is to get");
    world.live("pg1").databases = None;
    assert!(planned(&world).warnings.iter().any(|it| it.contains("was not counted in time")));
}

#[test]
fn what_patroni_decides_is_not_said_to_stay() {
    let altered = ["port", "restore_command", "work_mem"].map(str::to_owned).into();
    let plan = planned(&asked(seeded(), Standalone { altered, ..Standalone::default() }));
    assert!(
        plan.warnings.iter().any(|it| it.contains("ALTER SYSTEM has set work_mem: ")),
        "{:?}",
        plan.warnings
    );
}
