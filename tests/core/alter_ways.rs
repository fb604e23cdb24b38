//! Changes of tables that do not stop writes: by pt-online-schema-change, and one node after the other.

use galactl::galera::alter::pt_osc::{Left, OscTrigger, Work};
use galactl::galera::alter::{Algorithm, Asked, TableSeen, Try, Way};
use galactl::galera::judge::codes;
use galactl::galera::plan::{self, Action, Altering, NoPlan, Plan, ServerAction};
use galactl::kernel::facts::Seen;
use galactl::kernel::plan::text;

use crate::alter::{BEFORE, planned, seen, studied, tell};
use crate::endpoint::ids;
use crate::support::{Changes, Shape, World, fresh, guards_of, name, refusals};

const PROXIES: &str =
    "proxies:\n  - name: lb1\n    address: 10.0.0.31\n  - name: lb2\n    address: 10.0.0.32\n";

fn each(world: &mut World, change: impl Fn(&mut TableSeen)) {
    for asked in world.observation.study.as_mut().unwrap().nodes.values_mut() {
        let Asked::Told(seen) = asked else { panic!("all told") };
        change(seen);
    }
}

/// A cluster of three, a change that copies all rows, and the tool on every node.
fn with_tool(change: impl Fn(&mut TableSeen)) -> World {
    let mut world = studied(Algorithm::Copy, |_| ());
    each(&mut world, |seen| {
        seen.osc.installed = Some("3.2.1-1".into());
        seen.osc.writes = Some(0);
        change(seen);
    });
    world
}

fn trigger(end: &str, on: &str) -> OscTrigger {
    let statement = "REPLACE INTO `shop`.`_orders_galactl_new` (`id`) VALUES (NEW.`id`)".into();
    OscTrigger { name: format!("pt_osc_shop_orders_{end}"), on: on.into(), statement }
}

/// The triggers of galactl's own, and its copy.
fn interrupted(seen: &mut TableSeen) {
    seen.osc.triggers = ["del", "upd", "ins"].map(|end| trigger(end, "orders")).to_vec();
    seen.triggers = seen.osc.triggers.iter().map(|it| it.name.clone()).collect();
    seen.osc.beside = vec!["_orders_galactl_new".into()];
}

/// Triggers of somebody else's.
fn foreign(seen: &mut TableSeen, copy: &str) {
    interrupted(seen);
    for trigger in &mut seen.osc.triggers {
        trigger.statement = trigger.statement.replace("_orders_galactl_new", copy);
    }
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
    refusals(planned).iter().map(|it| format!("{it}; {}", it.remedy)).collect()
}

#[test]
fn plan_alter_by_pt_osc() {
    insta::assert_snapshot!(text(&planned(&with_tool(|_| ()), None, 1000).unwrap()));
}

#[test]
fn the_limit_chooses_the_way() {
    let world = with_tool(|_| ());
    let by = |longest| ids(&planned(&world, None, longest).unwrap())[0].to_owned();
    assert_eq!((by(2425).as_str(), by(2426).as_str()), ("db1/galera/pt-osc", "db3/galera/alter"));
    let wanted = planned(&world, Some(Way::PtOsc), 60_000).unwrap();
    assert_eq!(ids(&wanted)[0], "db1/galera/pt-osc");
}

#[test]
fn the_package_is_installed_where_the_inventory_lets_galactl_install() {
    let without = with_tool(|seen| seen.osc.installed = None);
    let said = evidence(&planned(&without, Some(Way::PtOsc), 0));
    assert!(said.contains("percona-toolkit is not installed") && said.contains("cluster.install"), "{said}");
    let mut world = World::new(&Shape::of(3).installing(), vec![fresh().standalone(); 3]);
    world.carry_out(&world.bootstrap().unwrap());
    tell(&mut world, Algorithm::Copy, |_| ());
    each(&mut world, |seen| seen.osc.writes = Some(0));
    let plan = planned(&world, None, 0).unwrap();
    assert_eq!(ids(&plan)[..2], ["db1/galera/install", "db1/galera/pt-osc"]);
}

#[test]
fn plan_alter_after_an_interrupted_pt_osc() {
    insta::assert_snapshot!(text(&planned(&with_tool(interrupted), None, 1000).unwrap()));
}

/// Whatever way: each write goes on into the copy.
#[test]
fn what_was_left_is_removed_before_any_way() {
    let plan = planned(&with_tool(interrupted), Some(Way::Toi), 0).unwrap();
    assert_eq!(ids(&plan)[..2], ["db3/galera/clear-pt-osc", "db3/galera/alter"]);
    let Action::Server(ServerAction::ClearPtOsc { left, .. }) = &plan.stages[0].steps[0].action else {
        panic!("{:?}", plan.stages[0])
    };
    let Left { triggers, tables } = left;
    assert_eq!((triggers.len(), tables.as_slice()), (3, ["_orders_galactl_new".to_owned()].as_slice()));
}

/// It was killed behind the swap: the table is like that already, and the one of before is still there.
#[test]
fn what_was_left_is_removed_where_nothing_else_is_to_do() {
    let mut world = studied(Algorithm::Metadata, |_| ());
    each(&mut world, |seen| {
        seen.tries.iter_mut().for_each(|it| it.after = BEFORE.into());
        seen.osc.triggers = vec![trigger("ins", "_orders_old")];
        seen.osc.beside = vec!["_orders_old".into()];
    });
    let plan = planned(&world, None, 0).unwrap();
    assert_eq!(ids(&plan)[..2], ["db3/galera/clear-pt-osc", "db3/galera/verify-table"]);
    each(&mut world, |seen| {
        let words = "ERROR 1060: Duplicate column name 'item'".to_owned();
        seen.tries.iter_mut().for_each(|it| it.error = Some(words.clone()));
    });
    let said = evidence(&planned(&world, None, 0));
    assert!(
        said.contains("Duplicate column") && said.contains("DROP TABLE IF EXISTS `shop`.`_orders_old`"),
        "{said}"
    );
}

/// Whatever the way: its copy takes the table's place at the end.
#[test]
fn nothing_is_done_while_one_is_at_work() {
    let at_work: [(&str, fn(&mut TableSeen)); 3] = [
        ("root@10.0.0.9:1", |seen| seen.osc.sessions = vec!["root@10.0.0.9:1: INSERT".into()]),
        ("process 77", |seen| seen.osc.processes = vec![77]),
        ("galactl's own: FORCE", |seen| {
            let table = "shop.orders".parse().unwrap();
            seen.osc.work = Some(Work { table, change: "FORCE".parse().unwrap() });
        }),
    ];
    for (told, (words, works)) in (0..3).zip(at_work) {
        for before in [|_: &mut TableSeen| (), interrupted] {
            let mut world = with_tool(before);
            let Asked::Told(seen) =
                world.observation.study.as_mut().unwrap().nodes.get_mut(&name(told)).unwrap()
            else {
                panic!("all told")
            };
            works(seen);
            for way in [None, Some(Way::Toi), Some(Way::PtOsc), Some(Way::Rsu)] {
                let said = evidence(&planned(&world, way, 60_000));
                assert!(said.contains("at work here") && said.contains(words), "{said}");
            }
        }
    }
}

/// An admin's own, which may run on any host, whatever its copy is called.
#[test]
fn triggers_of_somebody_elses_stand_against_every_way() {
    for copy in ["_orders_new", "orders_v2"] {
        let world = with_tool(|seen| foreign(seen, copy));
        for way in [None, Some(Way::Toi), Some(Way::PtOsc), Some(Way::Rsu)] {
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
fn a_table_without_triggers_is_left_alone_and_named() {
    for algorithm in [Algorithm::Metadata, Algorithm::Copy] {
        let mut world = studied(algorithm, |_| ());
        each(&mut world, |seen| seen.osc.beside = vec!["_orders_new".into()]);
        let plan = planned(&world, Some(Way::Toi), 0).unwrap();
        assert_eq!(ids(&plan)[0], "db3/galera/alter");
        assert!(text(&plan).contains("there are _orders_new: if a pt-online"), "{}", text(&plan));
    }
}

/// The copy has the same names, and the values would be others.
#[test]
fn a_name_that_comes_to_stand_for_other_values_goes_by_toi_only() {
    for change in [
        "DROP COLUMN item, RENAME COLUMN item_new TO item",
        "RENAME COLUMN a TO b, RENAME COLUMN b TO a",
        "DROP COLUMN item, ADD COLUMN item INT",
        "CHANGE item thing BIGINT",
    ] {
        for way in [Way::PtOsc, Way::Rsu] {
            let said = evidence(&planned_for(&mut with_tool(|_| ()), change, Some(way)));
            assert!(said.contains("the change has "), "{change}: {said}");
        }
        let mut world = with_tool(|_| ());
        assert_eq!(ids(&planned_for(&mut world, change, None).unwrap())[0], "db3/galera/alter");
        let mut same = studied(Algorithm::Metadata, |_| ());
        each(&mut same, |seen| seen.tries.iter_mut().for_each(|it| it.after = BEFORE.into()));
        let plan = planned_for(&mut same, change, None).unwrap();
        assert_eq!(ids(&plan)[0], "db3/galera/alter", "it is never done already: {change}");
    }
}

/// A row that another node deletes while it is copied would come back.
#[test]
fn it_is_used_only_where_clients_write_at_one_node() {
    let mut world = with_tool(|_| ());
    let Asked::Told(seen) = world.observation.study.as_mut().unwrap().nodes.get_mut(&name(2)).unwrap() else {
        panic!("all told")
    };
    seen.osc.writes = Some(1);
    let said = evidence(&planned(&world, Some(Way::PtOsc), 0));
    assert!(said.contains("clients wrote at db3 too") && said.contains("--by toi"), "{said}");
    let unknown = with_tool(|seen| seen.osc.writes = None);
    assert!(evidence(&planned(&unknown, Some(Way::PtOsc), 0)).contains("does not tell whether clients"));
    // What the node that acts writes itself is what the tool is for.
    let mut world = with_tool(|_| ());
    let Asked::Told(seen) = world.observation.study.as_mut().unwrap().nodes.get_mut(&name(0)).unwrap() else {
        panic!("all told")
    };
    seen.osc.writes = Some(1);
    assert_eq!(ids(&planned(&world, Some(Way::PtOsc), 0).unwrap())[0], "db1/galera/pt-osc");
}

/// Behind proxies that send the writes to one node, what galactl itself writes elsewhere is no obstacle.
#[test]
fn an_endpoint_with_one_writer_is_enough() {
    for (writes, writers, is_enough) in
        [("single", [0, 0], true), ("single", [0, 1], false), ("any", [0, 0], false)]
    {
        let more = format!("endpoint:\n  writes: {writes}\n{PROXIES}");
        let mut world = World::whole(&Shape { rsync: true, ..Shape::of(3).more(&more).installing() });
        tell(&mut world, Algorithm::Copy, |_| ());
        each(&mut world, |seen| {
            (seen.osc.writes, seen.osc.installed) = (Some(5), Some("3.2.1-1".into()));
        });
        for (proxy, writer) in world.observation.proxies.values_mut().zip(writers) {
            let Seen::Facts(facts) = proxy else { panic!("each is seen") };
            facts.opinion.as_mut().unwrap().writer = Some(name(writer));
        }
        let planned = planned(&world, Some(Way::PtOsc), 0);
        assert_eq!(planned.is_ok(), is_enough, "{writes}: {}", evidence(&planned));
        assert_eq!(evidence(&planned).contains("clients wrote at"), !is_enough);
    }
}

#[test]
fn it_is_not_used_on_a_replica_of_another_server() {
    let world = with_tool(|seen| seen.osc.replicas = 2);
    let said = evidence(&planned(&world, Some(Way::PtOsc), 0));
    assert!(said.contains("is a replica of another server"), "{said}");
}

/// galactl was killed: its own goes on, and is waited for where it is.
#[test]
fn one_that_goes_on_is_waited_for() {
    let mut world = with_tool(interrupted);
    let (table, change) = ("shop.orders".parse().unwrap(), "MODIFY item BIGINT".parse().unwrap());
    let Asked::Told(seen) = world.observation.study.as_mut().unwrap().nodes.get_mut(&name(1)).unwrap() else {
        panic!("all told")
    };
    seen.osc.work = Some(Work { table, change });
    let plan = planned(&world, None, 60_000).unwrap();
    assert_eq!(ids(&plan)[0], "db2/galera/pt-osc");
    assert!(plan.consequences.iter().any(|it| it.contains("is waited for")), "{:?}", plan.consequences);
    let said = evidence(&planned(&world, Some(Way::Toi), 0));
    assert!(said.contains("--by pt-osc"), "{said}");
}

#[test]
fn where_it_cannot_be_used_each_reason_is_a_sentence() {
    let world = with_tool(|seen| {
        seen.triggers = vec!["mine".into()];
        seen.children = vec!["shop/lines".into()];
        seen.osc.beside = vec!["_orders_old".into()];
    });
    for way in [None, Some(Way::PtOsc)] {
        let said = evidence(&planned(&world, way, 1000));
        for words in ["triggers: mine", "foreign keys of shop.lines", "_orders_old is there", "--by toi"] {
            assert!(said.contains(words), "{words}: {said}");
        }
    }
    assert_eq!(guards_of(&planned(&world, None, 1000)), [codes::WRITE_STALL]);
    assert_eq!(guards_of(&planned(&world, Some(Way::PtOsc), 1000)), [codes::TABLE_CHANGE]);
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
    let mut world = with_index();
    each(&mut world, |seen| seen.triggers = vec!["mine".into()]);
    let said = evidence(&planned(&world, None, 1000));
    assert!(said.contains("--by toi") && said.contains("--by rsu"), "{said}");
    assert!(plan::again(&planned(&world, Some(Way::Rsu), 0).unwrap(), &world.basis()).is_ok());
}
