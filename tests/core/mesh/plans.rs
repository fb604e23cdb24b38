//! Plans as they are shown: a birth, nodes that come, and what is left of it after a cut.

use galactl::kernel::plan::{Input, NotUsable, text};
use galactl::mesh::judge::numbers::numbers;
use galactl::mesh::plan::{Plan, Saved};
use proptest::prelude::*;

use super::world::{World, name, table};

const REGIONS: [&str; 3] = ["eu region: eu", "us region: us", "asia region: asia"];

fn shown(plan: &Plan) -> String {
    let text = text(plan);
    assert!(text.lines().all(|line| line.chars().count() <= 400), "{text}");
    text
}

fn ids(plan: &Plan) -> Vec<&str> {
    plan.steps().map(|step| step.id.as_str()).collect()
}

#[test]
fn a_server_with_data_becomes_the_first_node() {
    let mut world = World::seed();
    world.live("pg1").settings.insert("wal_level".into(), "replica".into());
    world.live("pg1").databases.insert("wiki".into(), 9 << 20);
    insta::assert_snapshot!(shown(&world.bootstrap()));
}

#[test]
fn blank_hosts_become_a_mesh() {
    let mut world = World::blank();
    for node in ["pg1", "pg2", "pg3"] {
        let facts = world.node(node);
        facts.packages.values_mut().for_each(|it| it.installed = None);
        facts.clusters.clear();
        facts.datadir.exists = false;
    }
    insta::assert_snapshot!(shown(&world.bootstrap()));
}

#[test]
fn two_databases_and_tables_by_patterns() {
    let sections = "databases: [{name: shop, tables: [public.*], except: [public.*_log]}, {name: stock}]";
    let mut world = World::seed_with(sections, &["pg1", "pg2"]);
    world.database("pg1").tables.push(table("web_log"));
    insta::assert_snapshot!(shown(&world.bootstrap()));
}

#[test]
fn a_mesh_of_regions() {
    let mut world = World::seed_with("method: native\nconflicts: {strategy: region, column: land}", &REGIONS);
    let mut orders = table("orders");
    orders.key = vec!["land".into(), "id".into()];
    world.database("eu").tables = vec![orders];
    insta::assert_snapshot!(shown(&world.bootstrap()));
}

#[test]
fn a_birth_that_was_cut_off_goes_on() {
    // The first node is open, and nobody has come.
    let world = World::members(&["pg1"]);
    let steps = ids(&world.bootstrap()).join("\n");
    assert!(!steps.contains("open"), "{steps}");
    assert!(steps.contains("pg2/mesh/copy") && steps.contains("pg3/mesh/copy"), "{steps}");
    // One has come, and the copy of another was cut off.
    let mut world = World::members(&["pg1", "pg2"]);
    world.joins("pg3");
    insta::assert_snapshot!(shown(&world.bootstrap()));
}

#[test]
fn a_node_comes_while_all_write() {
    let world = World::members_with("", &["pg1", "pg2", "pg3", "pg4"], &["pg1", "pg2", "pg3"]);
    insta::assert_snapshot!(shown(&world.add(&["pg4"])));
    assert!(World::whole().add(&["pg3"]).is_empty(), "it is a member already");
}

#[test]
fn members_get_what_the_inventory_says_by_now() {
    let mut world = World::whole();
    world.inventory.clients.push("10.9.0.0/16".parse().unwrap());
    let plan = world.bootstrap();
    assert_eq!(
        ids(&plan),
        [
            "pg1/mesh/configure",
            "pg2/mesh/configure",
            "pg3/mesh/configure",
            "pg1/mesh/verify-links",
            "pg1/mesh/verify-rows"
        ]
    );
    let restarted = |plan: &Plan| plan.consequences.iter().filter(|it| it.contains("is restarted")).count();
    assert_eq!(restarted(&plan), 0, "{:?}", plan.consequences);
    assert!(plan.consequences.iter().any(|it| it.contains("host all all 10.9.0.0/16 scram-sha-256")));
    let mut world = World::whole();
    for node in &mut world.inventory.nodes {
        node.settings.insert("max_connections".into(), "200".into());
    }
    for node in ["pg1", "pg2", "pg3"] {
        world.live(node).at_restart.insert("max_connections".into());
    }
    let plan = world.bootstrap();
    let restarts: Vec<_> = plan.steps().filter(|step| step.id.ends_with("/restart")).collect();
    assert_eq!(restarts.len(), 3);
    assert_eq!(restarted(&plan), 3, "{:?}", plan.consequences);
}

#[test]
fn numbers_are_given_once_for_all() {
    let given = |world: &World| -> Vec<u16> {
        let numbers = numbers(&world.basis()).unwrap();
        world.inventory.nodes.iter().map(|node| numbers[&node.name]).collect()
    };
    assert_eq!(given(&World::blank()), [1, 2, 3]);
    let written = ["pg1 number: 2", "pg2", "pg3 number: 16"];
    assert_eq!(given(&World::blank_with("", &written)), [2, 1, 16]);
    // Members keep theirs, whoever stands first in the inventory.
    let mut world = World::members_with("", &["pg1", "pg2", "pg3"], &["pg2", "pg3"]);
    assert_eq!(given(&world), [3, 1, 2]);
    // The number of a node that is gone is free again once its row is.
    world.database("pg2").members.as_mut().unwrap().retain(|row| row.name != "pg2");
    world.database("pg3").members.as_mut().unwrap().retain(|row| row.name != "pg2");
    assert_eq!(given(&world), [1, 3, 2]);
}

#[test]
fn a_plan_comes_back_as_it_was_saved() {
    let worlds = [
        World::seed().bootstrap(),
        World::blank().bootstrap(),
        World::members(&["pg1"]).add(&["pg2", "pg3"]),
        World::whole().bootstrap(),
    ];
    let input = || Input { path: "shop.yaml".into(), sha256: "0".repeat(64) };
    for plan in worlds {
        let saved = Saved::new(plan.clone(), "20261130-000000-abcd".into(), "now".into(), input(), None);
        assert_eq!(Saved::parse(&saved.text()).unwrap().plan, plan);
        let changed = saved.text().replacen("\"reserve\"", "\"feed\"", 1);
        if changed != saved.text() {
            assert!(Saved::parse(&changed).is_err());
        }
        let other = saved.text().replace("\"engine\": \"postgresql-mesh\"", "\"engine\": \"patroni\"");
        assert_eq!(Saved::parse(&other).err(), Some(NotUsable::Engine("patroni".into(), "postgresql-mesh")));
        assert!(!saved.text().contains("hunter2"));
    }
}

#[test]
fn a_fact_that_matters_makes_a_plan_stale_and_others_do_not() {
    let hosts = World::seed().inventory.hosts();
    let host = World::seed().inventory.node(&name("pg1")).unwrap().host.clone();
    let print = |change: &dyn Fn(&mut World)| {
        let mut world = World::seed();
        change(&mut world);
        world.observation.fingerprint(&hosts, &host).unwrap()
    };
    let usual = print(&|_| ());
    let same: [&dyn Fn(&mut World); 5] = [
        &|world| world.node("pg1").machine.clock += 9.0,
        &|world| world.node("pg1").datadir.free -= 4096,
        &|world| world.live("pg1").current = Some("0/6000000".parse().unwrap()),
        &|world| *world.live("pg1").databases.get_mut("shop").unwrap() += 8192,
        &|world| world.database("pg1").sequences[0].next += 1,
    ];
    for change in same {
        assert_eq!(print(change), usual);
    }
    let other: [&dyn Fn(&mut World); 9] = [
        &|world| world.knows("pg1", "pg1", 1),
        &|world| world.stop("pg1"),
        &|world| world.joins("pg1"),
        &|world| world.database("pg1").tables.push(table("new")),
        &|world| world.database("pg1").publications.push("other".into()),
        &|world| world.database("pg1").pglogical_node = Some("pg1".into()),
        &|world| world.node("pg1").access.push("host all all all trust".into()),
        &|world| world.node("pg1").datadir.unseen = Some("x".into()),
        &|world| world.live("pg1").system_id = "7300000000000000002".parse().unwrap(),
    ];
    for (at, change) in other.into_iter().enumerate() {
        assert_ne!(print(change), usual, "{at}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// A plan made twice of what was seen is one plan.
    #[test]
    fn a_plan_depends_on_nothing_else(members in 0usize..3) {
        let names = ["pg1", "pg2", "pg3"];
        let world = if members == 0 { World::seed() } else { World::members(&names[..members]) };
        prop_assert_eq!(world.bootstrap(), world.clone().bootstrap());
    }
}

/// What the seed's server has more of than a mesh needs stays, and who follows it is named before its restart.
#[test]
fn the_seed_keeps_its_larger_settings_and_its_standbys_are_named() {
    let mut world = World::seed();
    let live = world.live("pg1");
    live.own = [("max_worker_processes", "500"), ("max_wal_senders", "3")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
    live.standbys = vec!["standby1 at 10.77.0.50".into()];
    let plan = world.bootstrap();
    let text = galactl::kernel::plan::text(&plan);
    assert!(
        text.contains("max_worker_processes = '500'") && text.contains("max_wal_senders = '40'"),
        "{text}"
    );
    assert!(
        text.contains("max_worker_processes of pg1 stays 500, which is more than the 48 that a mesh needs"),
        "{text}"
    );
    assert!(text.contains("come back by themselves: standby1 at 10.77.0.50; give each"), "{text}");
    assert!(text.contains("max_worker_processes = '500' and max_wal_senders = '40' first"), "{text}");
    // On a member nothing differs afterwards.
    let mut world = World::whole();
    let own = world.inventory.nodes[0].clone();
    let larger = [("max_worker_processes".to_owned(), "500".to_owned())].into();
    let file = galactl::mesh::config::server_file(
        &world.inventory,
        &own,
        galactl::postgresql::Major::Seventeen,
        None,
        &larger,
    );
    world.live("pg1").own = larger;
    world.node("pg1").settings.as_mut().unwrap().text = file.text;
    assert!(world.status().findings.is_empty(), "{:#?}", world.status().findings);
}

#[test]
fn sequences_of_no_column_are_named() {
    let mut world = World::seed();
    let mut alone = world.database("pg1").sequences[0].clone();
    (alone.name, alone.owner) = ("invoices".into(), None);
    world.database("pg1").sequences.push(alone);
    let text = galactl::kernel::plan::text(&world.bootstrap());
    assert!(
        text.contains("so do sequences of database shop that belong to no column: public.invoices"),
        "{text}"
    );
}
