//! Changes of tables beside a pt-online-schema-change of others, and one node after the other.

use galactl::galera::alter::pt_osc::OscTrigger;
use galactl::galera::alter::{Algorithm, Asked, TableSeen, Try, Way};
use galactl::galera::judge::codes;
use galactl::galera::plan::{self, Altering, NoPlan, Plan};
use galactl::kernel::plan::text;

use crate::alter::{BEFORE, planned, seen, studied, tell};
use crate::endpoint::ids;
use crate::support::{Shape, World, guards_of, name, refusals};

const PROXIES: &str =
    "proxies:\n  - name: lb1\n    address: 10.0.0.31\n  - name: lb2\n    address: 10.0.0.32\n";

fn each(world: &mut World, change: impl Fn(&mut TableSeen)) {
    for asked in world.observation.study.as_mut().unwrap().nodes.values_mut() {
        let Asked::Told(seen) = asked else { panic!("all told") };
        change(seen);
    }
}

/// A cluster of three, and a change that copies all rows.
fn with(change: impl Fn(&mut TableSeen)) -> World {
    let mut world = studied(Algorithm::Copy, |_| ());
    each(&mut world, change);
    world
}

fn trigger(end: &str, copy: &str) -> OscTrigger {
    let statement = format!("REPLACE INTO `shop`.`{copy}` (`id`) VALUES (NEW.`id`)");
    OscTrigger { name: format!("pt_osc_shop_orders_{end}"), on: "orders".into(), statement }
}

/// Its triggers, and what may be its copy.
fn interrupted(seen: &mut TableSeen, copy: &str) {
    seen.osc.triggers = ["del", "upd", "ins"].map(|end| trigger(end, copy)).to_vec();
    seen.osc.beside = vec!["_orders_new".into()];
}

/// The same world, asked of another change.
fn planned_for(world: &mut World, change: &str, by: Option<Way>) -> Result<Plan, NoPlan> {
    let (table, change) = ("shop.orders".parse().unwrap(), change.parse().unwrap());
    world.observation.study.as_mut().unwrap().change = change;
    let change = world.observation.study.as_ref().unwrap().change.clone();
    let wanted = Altering { table: &table, change: &change, by, longest_stall_ms: 60_000, agreed: None };
    plan::alter(&world.basis(), &wanted)
}

fn evidence(planned: &Result<Plan, NoPlan>) -> String {
    let said: Vec<_> = refusals(planned).iter().map(|it| format!("{it}; {}", it.remedy)).collect();
    said.concat()
}

/// Whatever the way: its copy takes the table's place at the end.
#[test]
fn nothing_is_done_while_one_is_at_work() {
    type Works = fn(&mut TableSeen);
    let at_work: [(&str, Works); 2] = [
        ("root@10.0.0.9:1", |seen| seen.osc.sessions = vec!["root@10.0.0.9:1: INSERT".into()]),
        ("process 77", |seen| seen.osc.processes = vec![77]),
    ];
    for (told, (words, works)) in (0..2).zip(at_work) {
        for before in [|_: &mut TableSeen| (), |seen: &mut TableSeen| interrupted(seen, "_orders_new")] {
            let mut world = with(before);
            let Asked::Told(seen) =
                world.observation.study.as_mut().unwrap().nodes.get_mut(&name(told)).unwrap()
            else {
                panic!("all told")
            };
            works(seen);
            for way in [None, Some(Way::Toi), Some(Way::Rsu)] {
                let said = evidence(&planned(&world, way, 60_000));
                assert!(said.contains("at work here") && said.contains(words), "{said}");
            }
        }
    }
}

/// It may run on any host, whatever its copy is called.
#[test]
fn its_triggers_stand_against_every_way() {
    for copy in ["_orders_new", "orders_v2"] {
        let world = with(|seen| interrupted(seen, copy));
        for way in [None, Some(Way::Toi), Some(Way::Rsu)] {
            let said = evidence(&planned(&world, way, 60_000));
            assert!(said.contains("may be at work on shop.orders"), "{said}");
            assert!(
                said.contains("sudo mariadb -e 'SET SESSION wsrep_OSU_method=TOI; DROP TRIGGER IF EXISTS `shop`.`pt_osc_shop_orders_del`"),
                "{said}"
            );
        }
    }
}

/// A job may fill a table of such a name just now.
#[test]
fn a_table_without_triggers_is_no_obstacle() {
    let world = with(|seen| seen.osc.beside = vec!["_orders_new".into()]);
    assert_eq!(ids(&planned(&world, Some(Way::Toi), 0).unwrap())[0], "db3/galera/alter");
}

/// The names stay, and the values would be others.
#[test]
fn a_name_that_comes_to_stand_for_other_values_goes_by_toi_only() {
    for change in [
        "DROP COLUMN item, RENAME COLUMN item_new TO item",
        "RENAME COLUMN a TO b, RENAME COLUMN b TO a",
        "DROP COLUMN item, ADD COLUMN item INT",
        "CHANGE item thing BIGINT",
    ] {
        let said = evidence(&planned_for(&mut with(|_| ()), change, Some(Way::Rsu)));
        assert!(said.contains("the change has "), "{change}: {said}");
        let mut world = with(|_| ());
        assert_eq!(ids(&planned_for(&mut world, change, None).unwrap())[0], "db3/galera/alter");
        let mut same = studied(Algorithm::Metadata, |_| ());
        each(&mut same, |seen| seen.tries.iter_mut().for_each(|it| it.after = BEFORE.into()));
        let plan = planned_for(&mut same, change, None).unwrap();
        assert_eq!(ids(&plan)[0], "db3/galera/alter", "it is never done already: {change}");
    }
}

const INDEX: &str = "CREATE TABLE `orders` (\n  `id` int(11) NOT NULL AUTO_INCREMENT,\n  `item` int(11) NOT NULL,\n  PRIMARY KEY (`id`),\n  KEY `by_item` (`item`)\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4";

/// Three nodes behind two proxies, and an index that is to come.
fn with_index() -> World {
    let mut world = World::whole(&Shape { rsync: true, ..Shape::of(3).more(PROXIES).installing() });
    tell(&mut world, Algorithm::Nocopy, |_| ());
    each(&mut world, |seen| {
        for Try { error, after, .. } in &mut seen.tries {
            *after = if error.is_none() { INDEX.into() } else { BEFORE.into() };
        }
    });
    world
}

#[test]
fn plan_alter_by_rsu() {
    insta::assert_snapshot!(text(&planned(&with_index(), Some(Way::Rsu), 0).unwrap()));
}

/// Carried out, and cut off at every place: nobody stays drained.
#[test]
fn each_node_is_drained_changed_and_let_in_again() {
    let mut world = with_index();
    let plan = planned(&world, Some(Way::Rsu), 0).unwrap();
    let done: Vec<_> =
        plan.steps().filter(|step| step.id.ends_with("/alter-alone")).map(|it| &it.node).collect();
    assert_eq!(done, [&name(2), &name(1), &name(0)], "the one that takes the writes comes last");
    world.carry_out(&plan);
    assert_eq!(world.drained(), []);
}

#[test]
fn what_does_not_fit_both_ways_is_named() {
    let mut world = with_index();
    each(&mut world, |told| *told = seen(Algorithm::Copy));
    let said = evidence(&planned(&world, Some(Way::Rsu), 0));
    assert!(said.contains("`- `item` int(11) NOT NULL`, `+ `item` bigint(20) DEFAULT NULL`"), "{said}");
}

#[test]
fn without_an_endpoint_nobody_can_be_sent_elsewhere() {
    let mut world = studied(Algorithm::Nocopy, |_| ());
    each(&mut world, |seen| seen.tries.iter_mut().for_each(|it| it.after = INDEX.into()));
    let said = evidence(&planned(&world, Some(Way::Rsu), 0));
    assert!(said.contains("the inventory has no endpoint"), "{said}");
}

/// The nodes that are done have the index already, and refuse it.
#[test]
fn a_change_that_was_cut_off_goes_on_with_the_others() {
    let mut world = with_index();
    let Asked::Told(seen) = world.observation.study.as_mut().unwrap().nodes.get_mut(&name(2)).unwrap() else {
        panic!("all told")
    };
    seen.definition = INDEX.into();
    seen.copy = INDEX.into();
    let words = "ERROR 1061: Duplicate key name 'by_item'".to_owned();
    seen.tries.iter_mut().for_each(|it| it.error = Some(words.clone()));
    let plan = planned(&world, Some(Way::Rsu), 0).unwrap();
    let to_do: Vec<_> = ids(&plan).into_iter().filter(|id| id.ends_with("/alter-alone")).collect();
    assert_eq!(to_do, ["db2/galera/alter-alone", "db1/galera/alter-alone"]);
    assert!(plan.consequences.iter().any(|it| it.starts_with("db3 has the new definition already")));
    let planned = planned(&world, Some(Way::Toi), 0);
    assert_eq!(guards_of(&planned), [codes::TABLE_DIFFERS]);
    assert!(evidence(&planned).contains("--by rsu goes on"), "{}", evidence(&planned));
}

/// The node that sorts first is done, and takes the change once more: what it makes of it then is nobody's aim.
#[test]
fn a_node_that_would_do_it_twice_is_done() {
    let mut world = with_index();
    let Asked::Told(seen) = world.observation.study.as_mut().unwrap().nodes.get_mut(&name(0)).unwrap() else {
        panic!("all told")
    };
    (seen.definition, seen.copy) = (INDEX.into(), INDEX.into());
    let twice = INDEX.replace("(`item`)\n", "(`item`),\n  KEY `item_2` (`item`)\n");
    seen.tries.iter_mut().for_each(|it| it.after = twice.clone());
    let plan = planned(&world, Some(Way::Rsu), 0).unwrap();
    let to_do: Vec<_> = ids(&plan).into_iter().filter(|id| id.ends_with("/alter-alone")).collect();
    assert_eq!(to_do, ["db3/galera/alter-alone", "db2/galera/alter-alone"]);
}

/// A node that does not apply keeps what the others write.
#[test]
fn what_the_others_write_meanwhile_needs_room() {
    let mut world = with_index();
    each(&mut world, |seen| (seen.received, seen.binlog) = (5 << 20, true));
    let plan = planned(&world, Some(Way::Rsu), 0).unwrap();
    let says = |words: &str| plan.consequences.iter().any(|it| it.contains(words));
    assert!(
        says("5.0 MiB a second") && says("about 15.0 MiB") && says("leave each replica"),
        "{:?}",
        plan.consequences
    );
    world.facts_mut(&name(1)).datadir.free = (79 << 20) - 1;
    assert_eq!(guards_of(&planned(&world, Some(Way::Rsu), 0)), [codes::DISK]);
    assert_eq!(guards_of(&planned(&world, Some(Way::Toi), 0)), []);
    world.facts_mut(&name(1)).datadir.free = 79 << 20;
    assert_eq!(guards_of(&planned(&world, Some(Way::Rsu), 0)), []);
}

#[test]
fn a_stall_that_is_too_long_names_rsu_where_it_is_possible() {
    let world = with_index();
    let said = evidence(&planned(&world, None, 1000));
    assert!(said.contains("--by toi") && said.contains("--by rsu"), "{said}");
    assert!(plan::again(&planned(&world, Some(Way::Rsu), 0).unwrap(), &world.basis()).is_ok());
}
