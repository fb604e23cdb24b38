//! What no plan may be made on: each guard fires in a world where it must, alone, and nothing is planned then. It is silent in
//! a world that is close to it.

use std::collections::BTreeMap;

use galactl::kernel::compare::{LeftOut, Report};
use galactl::kernel::facts::Answer;
use galactl::kernel::plan::Action as _;
use galactl::mesh::facts::{Sequence, Table};
use galactl::mesh::judge::codes;
use galactl::mesh::observation::Compared;
use galactl::mesh::plan::{NoPlan, Wanted, ddl, repair};

use super::world::{World, database, one, table};

const TWO: &str = "databases: [{name: shop}, {name: stock}]";
const REGIONS: [&str; 3] = ["pg1 region: eu", "pg2 region: us", "pg3 region: asia"];

#[test]
fn the_worlds_themselves_have_plans() {
    for world in [World::blank(), World::seed(), World::members(&["pg1"]), World::members(&["pg1", "pg2"])] {
        assert!(!world.bootstrap().is_empty());
    }
    assert!(World::whole().bootstrap().is_empty());
}

#[test]
fn a_node_that_was_not_seen_may_run() {
    for mut world in [World::blank(), World::seed(), World::whole()] {
        world.unreachable("pg3");
        let finding = world.refused(codes::UNREACHABLE);
        assert_eq!(finding.node, Some(super::world::name("pg3")));
        assert!(finding.remedy.to_string().contains("remove-node"), "{}", finding.remedy);
        one(world.refusals(&["pg3"]), codes::UNREACHABLE);
    }
}

#[test]
fn methods_that_galactl_does_not_run_are_refused_before_anything_else() {
    for method in ["spock", "bdr"] {
        let world = World::seed_with(&format!("method: {method}"), &["pg1", "pg2"]);
        let finding = world.refused(codes::NOT_SUPPORTED);
        assert!(finding.remedy.to_string().contains("render"), "{}", finding.remedy);
    }
}

#[test]
fn nodes_have_one_release_which_galactl_knows() {
    let mut world = World::blank();
    world.node("pg2").machine.os = "debian 12".into();
    assert!(world.refused(codes::VERSIONS_DIFFER).evidence.contains("15 on pg2; PostgreSQL 17 on pg1, pg3"));
    for system in ["debian 11", "ubuntu 24.04", ""] {
        let mut world = World::blank();
        world.node("pg2").machine.os = system.into();
        assert!(world.refused(codes::NOT_SUPPORTED).evidence.contains(system));
    }
    let world = World::blank_with("postgresql: {version: 15}", &["pg1", "pg2"]);
    assert!(world.refused(codes::VERSIONS_DIFFER).remedy.to_string().contains("version: 17"));
}

#[test]
fn native_replication_of_15_is_refused() {
    let mut world = World::blank_with("method: native\nconflicts: {strategy: region}", &REGIONS);
    for node in ["pg1", "pg2", "pg3"] {
        world.node(node).machine.os = "debian 12".into();
    }
    world.refused(codes::VERSIONS_DIFFER);
}

#[test]
fn a_server_that_would_not_start_with_the_settings_is_not_restarted() {
    let mut world = World::seed();
    let package = |world: &mut World, node: &str, version: &str| {
        world.node(node).packages.get_mut("postgresql-17").unwrap().installed = Some(version.into());
    };
    package(&mut world, "pg1", "17.11-0+deb13u1");
    let finding = world.refused(codes::NOT_SUPPORTED);
    assert!(finding.evidence.contains("17.11"), "{}", finding.evidence);
    assert!(finding.remedy.to_string().contains("apt-get install postgresql-17"), "{}", finding.remedy);
    package(&mut world, "pg1", "17.13-1.pgdg13+1");
    assert!(!world.bootstrap().is_empty());
    // Native replication needs no plugin of others.
    let mut world = World::seed_with("method: native\nconflicts: {strategy: region}", &REGIONS);
    world.database("pg1").tables.clear();
    package(&mut world, "pg1", "17.11-0+deb13u1");
    assert!(!world.bootstrap().is_empty());
    // A setting that only PostgreSQL 15 has.
    let world = World::seed_with("postgresql: {settings: {old_snapshot_threshold: 1h}}", &["pg1"]);
    assert!(world.refused(codes::VERSIONS_DIFFER).evidence.contains("old_snapshot_threshold"));
}

#[test]
fn hosts_are_what_the_inventory_says() {
    let mut world = World::blank();
    world.node("pg2").machine.machine_id = format!("{:032x}", 0);
    assert!(world.refused(codes::SAME_MACHINE).evidence.contains("pg1 and pg2"));
    let mut world = World::blank();
    world.node("pg2").machine.addresses.clear();
    assert!(world.refused(codes::WRONG_ADDRESS).evidence.contains("10.77.0.12"));
    let mut world = World::blank();
    world.node("pg2").unit.load = "masked".into();
    world.refused(codes::UNIT_MASKED);
}

#[test]
fn packages_are_there_or_may_be_installed() {
    let none = |world: &mut World| world.node("pg2").packages.values_mut().for_each(|it| it.installed = None);
    let mut world = World::blank();
    none(&mut world);
    assert!(world.bootstrap().steps().any(|step| step.id.starts_with("pg2/mesh/install")));
    let mut world = World::blank_with("cluster: {name: shop}", &["pg1", "pg2"]);
    none(&mut world);
    let finding = world.refused(codes::NOT_INSTALLED);
    assert!(finding.evidence.contains("postgresql-17 postgresql-17-pglogical"), "{}", finding.evidence);
    let mut world = World::blank();
    world.node("pg2").packages.clear();
    assert!(world.refused(codes::NOT_INSTALLED).remedy.to_string().contains("apt-get update"));
}

#[test]
fn data_that_cannot_be_seen_may_be_there() {
    let mut world = World::blank();
    world.node("pg2").datadir.unseen =
        Some("/var/lib/postgresql/17/main holds other files than those of a cluster".into());
    world.refused(codes::DATA_UNKNOWN);
    let mut world = World::seed();
    world
        .node("pg1")
        .databases
        .insert(database("shop"), Answer::Unseen("canceling statement due to timeout".into()));
    assert!(world.refused(codes::DATA_UNKNOWN).evidence.contains("timeout"));
}

#[test]
fn a_database_of_another_mesh_is_left_alone() {
    let mut world = World::whole();
    world.database("pg2").members.as_mut().unwrap()[0].mesh = "other".into();
    let finding = one(world.refusals(&[]), codes::OTHER_MESH);
    assert!(finding.evidence.contains("`other`"), "{}", finding.evidence);
    // All of them: the inventory has a name of its own for one mesh, or it is not this one.
    let world = World::whole();
    let mut renamed = world.clone();
    renamed.inventory.cluster = "renamed".parse().unwrap();
    let refusals = renamed.refusals(&[]);
    assert_eq!(refusals.len(), 3, "{refusals:#?}");
    assert!(refusals.iter().all(|finding| finding.code == codes::OTHER_MESH), "{refusals:#?}");
}

#[test]
fn replication_of_others_is_left_alone() {
    type Change = fn(&mut World);
    let changes: [(Change, &str); 3] = [
        (|world| world.database("pg1").publications.push("debezium".into()), "publication debezium"),
        (|world| world.database("pg1").pglogical_node = Some("provider".into()), "pglogical's node provider"),
        (
            |world| {
                let mut own = World::whole();
                let subscription = own.database("pg1").subscriptions[0].clone();
                world.database("pg1").subscriptions.push(subscription);
            },
            "subscription pg1_from_pg2",
        ),
    ];
    for (change, said) in changes {
        let mut world = World::seed();
        change(&mut world);
        let finding = world.refused(codes::FOREIGN);
        assert!(finding.evidence.contains(said), "{}", finding.evidence);
    }
    // A member has them of its own, and its owner may have others beside.
    let mut world = World::whole();
    world.database("pg1").publications.push("debezium".into());
    assert!(world.bootstrap().is_empty());
}

#[test]
fn a_seed_can_give_its_data() {
    let mut world = World::seed();
    world.live("pg1").in_recovery = true;
    assert!(world.refused(codes::SEED).evidence.contains("standby"));
    let mut world = World::seed();
    world.live("pg1").prepared = 2;
    assert!(world.refused(codes::SEED).evidence.contains("2 prepared"));
    let mut world = World::seed();
    world.node("pg1").datadir.tablespaces = 1;
    assert!(world.refused(codes::SEED).evidence.contains("tablespaces"));
    let mut world = World::seed();
    world.stop("pg1");
    assert!(world.refused(codes::SEED).remedy.to_string().contains("systemctl start postgresql@17-main"));
    // What a join has copied is a part of somebody's data, and no beginning.
    let mut world = World::blank();
    world.joins("pg1");
    assert!(world.refused(codes::SEED).evidence.contains("a join of pg1 was cut off"));
}

#[test]
fn nobody_loses_data_by_a_join() {
    let mut world = World::seed();
    world.serves("pg2");
    let finding = world.refused(codes::OTHER_DATA);
    assert!(finding.evidence.contains("databases of its own: shop"), "{}", finding.evidence);
    assert!(finding.remedy.to_string().contains("if nobody needs them"), "{}", finding.remedy);
    // A server that does not run is started, and not dropped: it may be a member of a mesh.
    for of_users in [1, 20] {
        let mut world = World::blank();
        world.node("pg2").datadir.of_users = of_users;
        let finding = world.refused(codes::NOT_RUNNING);
        assert!(
            finding.remedy.to_string().contains("systemctl start postgresql@17-main"),
            "{}",
            finding.remedy
        );
        assert!(!finding.remedy.to_string().contains("dropcluster"), "{}", finding.remedy);
    }
    // A standby without databases of users: what it follows is somebody's.
    let mut world = World::seed();
    world.serves("pg2");
    world.node("pg2").datadir.of_users = 0;
    world.live("pg2").databases.clear();
    world.node("pg2").databases.clear();
    let mut standby = world.clone();
    standby.live("pg2").in_recovery = true;
    assert!(standby.refused(codes::OTHER_DATA).evidence.contains("standby"));
    assert!(!world.bootstrap().is_empty());
    // A copy of another node's join is not this node's own.
    let mut world = World::members(&["pg1"]);
    world.joins("pg2");
    world.node("pg2").datadir.joining = Some("pg9".into());
    let finding = world.refused(codes::OTHER_DATA);
    // Its server, once started, would read on in the place of the one that was copied.
    assert!(!finding.remedy.to_string().contains("systemctl start"), "{}", finding.remedy);
    let status = world.status();
    assert!(
        status.findings.iter().all(|it| !it.remedy.to_string().contains("systemctl start")),
        "{:?}",
        status.findings
    );
}

#[test]
fn a_member_whose_server_does_not_run_is_no_newcomer() {
    let mut world = World::whole();
    world.stop("pg3");
    for finding in [world.refused(codes::NOT_RUNNING), one(world.refusals(&["pg3"]), codes::NOT_RUNNING)] {
        assert_eq!(finding.node, Some(super::world::name("pg3")));
        assert!(finding.remedy.to_string().contains("systemctl start"), "{}", finding.remedy);
    }
}

/// It may have written what some of the others never got.
#[test]
fn a_member_that_has_lost_its_data_does_not_come_back_by_itself() {
    let blank = World::blank().node("pg3").clone();
    let mut world = World::whole();
    *world.node("pg3") = blank;
    for finding in [world.refused(codes::MEMBER_LOST), one(world.refusals(&["pg3"]), codes::MEMBER_LOST)] {
        assert!(finding.remedy.to_string().contains("remove-node"), "{}", finding.remedy);
    }
    // A join that was cut off once its row was written is begun again.
    world.joins("pg3");
    assert!(world.bootstrap().steps().any(|step| step.id == "pg3/mesh/copy"));
}

#[test]
fn a_node_that_the_inventory_has_forgotten_is_not_left_out() {
    let mut world = World::members(&["pg1", "pg2"]);
    for node in ["pg1", "pg2"] {
        world.knows(node, "pg4", 4);
    }
    for finding in [world.refused(codes::STRANGER), one(world.refusals(&["pg3"]), codes::STRANGER)] {
        assert!(finding.evidence.contains("pg4"), "{}", finding.evidence);
    }
}

#[test]
fn nodes_come_one_inventory_at_a_time() {
    let world = World::members(&["pg1"]);
    let finding = one(world.refusals(&["pg2"]), codes::NOT_MEMBER);
    assert_eq!(finding.node, Some(super::world::name("pg3")));
    assert!(!world.add(&["pg2", "pg3"]).is_empty());
    let finding = one(World::seed().refusals(&["pg2"]), codes::NOT_MEMBER);
    assert!(finding.remedy.to_string().contains("bootstrap"), "{}", finding.remedy);
}

/// The members have data, which nobody must be told to drop.
#[test]
fn a_mesh_of_several_nodes_gets_no_new_database() {
    let mut world = World::whole();
    let new = World::blank_with(TWO, &["pg1", "pg2", "pg3"]).inventory;
    world.inventory.databases = new.databases;
    for refusals in [world.refusals(&[]), world.refusals(&["pg3"])] {
        let finding = one(refusals, codes::NEW_DATABASE);
        assert!(finding.evidence.contains("database stock"), "{}", finding.evidence);
        assert!(!finding.remedy.to_string().contains("dropcluster"), "{}", finding.remedy);
    }
    // A birth that was cut off between two databases goes on, from the node that it has begun with.
    let mut world = World::seed_with(TWO, &["pg1", "pg2", "pg3"]);
    let row = World::members(&["pg1"]).database("pg1").members.clone();
    world.database("pg1").members = row;
    for seed in ["pg1", "pg2"] {
        world.inventory.seed = super::world::name(seed);
        let plan = world.bootstrap();
        assert!(plan.steps().any(|step| step.id == "pg1/mesh/open-stock"), "{seed}");
        assert!(plan.steps().all(|step| step.id != "pg1/mesh/open-shop"), "it is open");
    }
}

/// It is neither a beginning beside members, nor a newcomer.
#[test]
fn a_node_that_is_a_member_in_some_of_the_databases_is_not_gone_on_with() {
    let mut world = World::members_with(TWO, &["pg1", "pg2", "pg3"], &["pg1", "pg2"]);
    let stock = database("stock");
    let Some(Answer::Told(half)) = world.node("pg1").databases.get_mut(&stock) else { panic!("stock") };
    half.members.as_mut().unwrap().retain(|row| row.name != "pg1");
    half.subscriptions.clear();
    let finding = world.refused(codes::NEW_DATABASE);
    assert_eq!(finding.node, Some(super::world::name("pg1")));
}

#[test]
fn every_table_that_is_sent_has_a_key() {
    let mut world = World::seed();
    world.database("pg1").tables[0].key.clear();
    let finding = world.refused(codes::NO_KEY);
    assert!(finding.evidence.contains("public.customers"), "{}", finding.evidence);
    assert!(finding.remedy.to_string().contains("ADD PRIMARY KEY"), "{}", finding.remedy);
    let mut world = World::seed();
    world.database("pg1").tables[0].unlogged = true;
    world.refused(codes::UNLOGGED);
    // Neither matters where the table is not sent.
    let mut world =
        World::seed_with("databases: [{name: shop, except: [public.customers]}]", &["pg1", "pg2"]);
    world.database("pg1").tables[0].key.clear();
    world.database("pg1").tables[0].unlogged = true;
    assert!(!world.bootstrap().is_empty());
}

#[test]
fn a_row_tells_its_region_by_its_key() {
    let mut world = World::seed_with("conflicts: {strategy: region}", &REGIONS);
    let finding = world.refused(codes::REGION_KEY);
    assert!(finding.evidence.contains("`region`"), "{}", finding.evidence);
    let mut of_region = table("orders");
    of_region.key = vec!["region".into(), "id".into()];
    world.database("pg1").tables = vec![of_region];
    assert!(!world.bootstrap().is_empty());
}

#[test]
fn two_nodes_never_give_the_same_numbers() {
    // Somebody has the number that is wanted.
    let nodes = ["pg1", "pg2", "pg3 number: 1"];
    let world = World::members_with("", &nodes, &["pg1", "pg2"]);
    assert!(world.refused(codes::NUMBER).evidence.contains("pg1 has the number 1"));
    // A member keeps its own.
    let world = World::members_with("", &["pg1 number: 5", "pg2", "pg3"], &["pg1", "pg2"]);
    assert!(world.refused(codes::NUMBER).remedy.to_string().contains("number: 1"));
    // Two have one, by whatever accident.
    let mut world = World::members(&["pg1", "pg2"]);
    for node in ["pg1", "pg2"] {
        world.database(node).members.as_mut().unwrap()[1].number = 1;
    }
    let finding = world.refused(codes::NUMBER);
    assert!(finding.evidence.contains("pg1 and pg2 both have the number 1"), "{}", finding.evidence);
    // None is left.
    let mut world = World::members_with("sequences: {step: 3}", &["pg1", "pg2", "pg3"], &["pg1", "pg2"]);
    for node in ["pg1", "pg2"] {
        for (row, number) in world.database(node).members.as_mut().unwrap().iter_mut().zip([1, 3]) {
            row.number = number;
        }
    }
    assert!(!world.bootstrap().is_empty(), "2 is left");
    world.inventory.sequence_step = 2;
    // Its sequences count by 3 by now.
    world.database("pg1").sequences.clear();
    assert!(world.refusals(&[]).iter().all(|finding| finding.code == codes::NUMBER));
}

/// A sequence that is left as it is gives the same numbers everywhere.
#[test]
fn a_sequence_counts_by_the_step_or_can() {
    let sequence = |increment| Sequence {
        schema: "public".into(),
        name: "odd_id_seq".into(),
        increment,
        next: 1,
        last: i64::MAX,
        owner: None,
    };
    for increment in [2, -1, 10] {
        let mut world = World::seed();
        world.database("pg1").sequences.push(sequence(increment));
        let finding = world.refused(codes::SEQUENCE_INCREMENT);
        assert!(finding.evidence.contains("public.odd_id_seq"), "{}", finding.evidence);
    }
    for increment in [1, 16] {
        let mut world = World::seed();
        world.database("pg1").sequences.push(sequence(increment));
        assert!(!world.bootstrap().is_empty());
    }
    // The inventory's step has changed since the mesh was made.
    let mut world = World::members(&["pg1", "pg2"]);
    world.inventory.sequence_step = 8;
    assert!(world.refused(codes::SEQUENCE_INCREMENT).remedy.to_string().contains("sequences.step"));
}

#[test]
fn a_copy_has_room() {
    let mut world = World::seed();
    world.node("pg2").datadir.free = 1 << 30;
    let finding = world.refused(codes::DISK);
    assert_eq!(finding.node, Some(super::world::name("pg2")));
    world.node("pg2").datadir.free = 2 << 30;
    assert!(!world.bootstrap().is_empty());
    // The source needs none.
    world.node("pg1").datadir.free = 0;
    assert!(!world.bootstrap().is_empty());
}

#[test]
fn a_table_that_is_found_by_something_else_than_its_key_is_not_sent() {
    let mut world = World::seed();
    world.database("pg1").tables[0].identity = "full".into();
    let finding = world.refused(codes::REPLICA_IDENTITY);
    assert!(finding.remedy.to_string().contains("REPLICA IDENTITY DEFAULT"), "{}", finding.remedy);
    // Another index does.
    world.database("pg1").tables[0].identity = "customers_code_key".into();
    assert!(!world.bootstrap().is_empty());
}

#[test]
fn a_table_without_a_merge_function_is_not_merged() {
    let merges = "conflicts: {strategy: custom}\ndatabases:\n  - name: shop\n    merges:\n      - {table: public.customers, function: 'BEGIN RETURN mine; END'}";
    let world = World::seed_with(merges, &["pg1", "pg2"]);
    let finding = world.refused(codes::MERGE);
    assert!(finding.evidence.contains("public.orders has no merge function"), "{}", finding.evidence);
    assert!(finding.remedy.to_string().contains("databases.merges"), "{}", finding.remedy);
}

#[test]
fn rows_that_were_not_all_compared_are_not_repaired() {
    let mut world = World::whole();
    let left_out = LeftOut { node: super::world::name("pg3"), why: "its server gives no answer".into() };
    let nodes = ["pg1", "pg2"].map(super::world::name).to_vec();
    let report = Report { nodes, left_out: vec![left_out], tables: Vec::new(), apart: BTreeMap::new() };
    let mut compared = Compared { as_of: String::new(), report, tables: Vec::new() };
    world.observation.compared = Some(compared.clone());
    let wanted = Wanted { from: super::world::name("pg1"), tables: Vec::new(), databases: Vec::new() };
    let refused = |world: &World| match repair(&world.basis(), &wanted) {
        Err(NoPlan::Refused(all)) => Some(one(all, codes::NOT_REPAIRABLE)),
        Err(why) => panic!("{why}"),
        Ok(_) => None,
    };
    let finding = refused(&world).unwrap();
    assert!(finding.remedy.to_string().contains("galactl doctor"), "{}", finding.remedy);
    compared.report.left_out.clear();
    world.observation.compared = Some(compared);
    assert!(refused(&world).is_none());
}

#[test]
fn statements_that_would_stop_replication_are_not_run() {
    let world = World::whole();
    let planned = |text: &str| ddl(&world.basis(), &database("shop"), text);
    for text in ["ALTER TABLE public.customers RENAME TO clients;", "VACUUM;"] {
        let Err(NoPlan::Refused(all)) = planned(text) else { panic!("{text}") };
        one(all, codes::DDL);
    }
    assert!(planned("ALTER TABLE public.customers ADD COLUMN note text;").is_ok());
}

/// What is changed is the whole table; what is sent are its partitions.
#[test]
fn a_partitioned_table_is_changed_with_what_its_partitions_send() {
    let mut world = World::whole();
    for node in ["pg1", "pg2", "pg3"] {
        let part = |name: &str| Table { root: Some("public.parts".into()), sent: true, ..table(name) };
        let told = world.database(node);
        told.tables.extend([part("parts_1"), part("parts_2")]);
        told.partitioned.push(table("parts"));
    }
    let planned = |text: &str| match ddl(&world.basis(), &database("shop"), text) {
        Ok(plan) => Ok(plan.steps().map(|step| step.action.summary()).collect::<Vec<_>>()),
        Err(NoPlan::Refused(all)) => Err(one(all, codes::DDL).remedy.to_string()),
        Err(why) => panic!("{why}"),
    };
    let steps = planned("ALTER TABLE parts ADD COLUMN note text;").unwrap();
    assert_eq!(steps.len(), 9, "each node sends less, changes, and sends all: {steps:#?}");
    for text in [
        "ALTER TABLE parts DROP COLUMN v;",
        "DROP TABLE parts_2;",
        "DROP TABLE parts;",
        "CREATE INDEX parts_v ON parts (v);",
        "CREATE TABLE parts_3 PARTITION OF parts FOR VALUES FROM (200) TO (300);",
        "CREATE TABLE other (id int PRIMARY KEY) PARTITION BY HASH (id); CREATE TABLE o PARTITION OF other DEFAULT;",
    ] {
        assert!(!planned(text).unwrap().is_empty(), "{text}");
    }
    for (text, instead) in [
        ("ALTER TABLE parts_1 ADD COLUMN note text;", "ALTER TABLE public.parts"),
        ("CREATE INDEX CONCURRENTLY parts_v ON parts (v);", "for each partition first"),
        ("CREATE TABLE x PARTITION OF customers DEFAULT;", "correct the name"),
    ] {
        let remedy = planned(text).unwrap_err();
        assert!(remedy.contains(instead), "{text}: {remedy}");
    }
}

/// Every guard of this engine is seen to refuse here, but for those of saved plans and of locks.
#[test]
fn every_guard_has_its_world() {
    let source = concat!(include_str!("guards.rs"), include_str!("leaving.rs"));
    let elsewhere = ["busy", "stale", "plan-file"];
    let guards = galactl::mesh::judge::listed::GUARDS.iter().filter(|code| !elsewhere.contains(&code.name));
    let name = |code: &galactl::kernel::judge::Code| code.name.to_uppercase().replace('-', "_");
    let unseen: Vec<_> =
        guards.map(name).filter(|name| !source.contains(&format!("codes::{name})"))).collect();
    assert!(unseen.is_empty(), "no world shows {unseen:?}");
}
