//! A standalone PostgreSQL as the seed of a cluster: what is planned, and on what no plan may be made.

use galactl::kernel::judge::{Code, Finding};
use galactl::patroni::facts::{
    Answer, Beside, DataState, Initialize, Inside, SeedFacts, Setting, Standalone,
};
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

fn told(standalone: Standalone) -> Option<SeedFacts> {
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
    for world in [
        asked(seeded(), Standalone::default()),
        World::of(["bookworm-installed"; 3]),
        bare,
    ] {
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
