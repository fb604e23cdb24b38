//! Changes of tables: what stands against one, which way it takes, and when its plan is no longer right.

use std::collections::BTreeMap;

use galactl::galera::alter::{
    Algorithm, Asked, Definition, Forecast, Sample, Study, TableSeen, Tmpdir, Try, Way,
};
use galactl::galera::judge::codes;
use galactl::galera::plan::{self, Action, Altering, Command, NoPlan, Plan, ServerAction};
use galactl::kernel::judge::{Code, Finding};
use galactl::kernel::plan::{other_work, text};

use crate::support::{Changes, Shape, World, fresh, guards_of, name, refusals};

pub const BEFORE: &str = "CREATE TABLE `orders` (\n  `id` int(11) NOT NULL AUTO_INCREMENT,\n  `item` int(11) NOT NULL,\n  PRIMARY KEY (`id`)\n) ENGINE=InnoDB AUTO_INCREMENT=200001 DEFAULT CHARSET=utf8mb4";
const CHANGE: &str = "MODIFY item BIGINT";

pub fn after() -> String {
    BEFORE
        .replace("`item` int(11) NOT NULL", "`item` bigint(20) DEFAULT NULL")
        .replace(" AUTO_INCREMENT=200001", "")
}

/// A table of 200,000 rows; the forecast of its change is 2,426 ms where rows are touched.
pub fn seen(algorithm: Algorithm) -> TableSeen {
    let words = |it| format!("ERROR 1846: ALGORITHM={it} is not supported. Try ALGORITHM=COPY");
    let tries = Algorithm::ALL.into_iter().map(|it| {
        let error = (it < algorithm).then(|| words(it));
        let after = if error.is_some() { BEFORE.to_owned() } else { after() };
        Try { algorithm: it, error, after }
    });
    TableSeen {
        definition: BEFORE.into(),
        engine: "InnoDB".into(),
        kind: "BASE TABLE".into(),
        rows: 200_000,
        counted: true,
        bytes: 64 << 20,
        buffer_pool: 128 << 20,
        columns: vec!["id".into(), "item".into()],
        copy: BEFORE.replace(" AUTO_INCREMENT=200001", ""),
        tries: tries.collect(),
        sample: Some(Sample { rows: 20_000, empty: Some(10_000), full: Some(209_000), ..Sample::default() }),
        ..TableSeen::default()
    }
}

/// A whole cluster of three whose members have told this of the table; `differ` changes what db2 told.
pub fn studied(algorithm: Algorithm, differ: impl Fn(&mut TableSeen)) -> World {
    let mut world = World::new(&Shape::of(3), vec![fresh().standalone(); 3]);
    world.carry_out(&world.bootstrap().unwrap());
    tell(&mut world, algorithm, differ);
    world
}

/// What the members of a whole cluster tell of the table.
pub fn tell(world: &mut World, algorithm: Algorithm, differ: impl Fn(&mut TableSeen)) {
    let told = |index: usize| {
        let mut seen = seen(algorithm);
        if index == 1 {
            differ(&mut seen);
        }
        (name(index), Asked::Told(Box::new(seen)))
    };
    let (table, change) = ("shop.orders".parse().unwrap(), CHANGE.parse().unwrap());
    let nodes: BTreeMap<_, _> = (0..3).map(told).collect();
    world.observation.study = Some(Study { table, change, nodes });
}

pub fn planned(world: &World, by: Option<Way>, longest_stall_ms: u64) -> Result<Plan, NoPlan> {
    let (table, change) = ("shop.orders".parse().unwrap(), CHANGE.parse().unwrap());
    let wanted = Altering { table: &table, change: &change, by, longest_stall_ms, agreed: None };
    plan::alter(&world.basis(), &wanted)
}

/// For `plan_snapshots`, which has one world for each guard.
pub fn refused_by(guard: Code) -> Vec<Finding> {
    let world = match guard {
        codes::TABLE_CHANGE => studied(Algorithm::Copy, |seen| {
            let words = "ERROR 1054: Unknown column 'item' in 'orders'".to_owned();
            seen.tries.iter_mut().for_each(|it| it.error = Some(words.clone()));
        }),
        codes::TABLE_DIFFERS => {
            studied(Algorithm::Copy, |seen| (seen.definition, seen.copy) = (after(), after()))
        }
        _ => studied(Algorithm::Copy, |_| ()),
    };
    refusals(&planned(&world, None, 1000))
}

#[test]
fn nobody_is_asked_before_the_cluster_is_whole() {
    let mut world = studied(Algorithm::Copy, |_| ());
    world.observation.study = None;
    assert!(matches!(planned(&world, None, 1000), Err(NoPlan::StudyWanted(..))));
    world.lose(&name(1));
    assert_eq!(guards_of(&planned(&world, None, 1000)), [codes::UNREACHABLE]);
}

/// What was told of another change says nothing of this one.
#[test]
fn each_change_is_asked_for() {
    let mut world = studied(Algorithm::Copy, |_| ());
    world.observation.study.as_mut().unwrap().change = "FORCE".parse().unwrap();
    assert!(matches!(planned(&world, None, 60_000), Err(NoPlan::StudyWanted(..))));
}

#[test]
fn plan_alter_by_toi() {
    insta::assert_snapshot!(text(&planned(&studied(Algorithm::Copy, |_| ()), Some(Way::Toi), 1000).unwrap()));
}

#[test]
fn plan_alter_instant() {
    let world = studied(Algorithm::Metadata, |seen| seen.parents.push("shop/customers".into()));
    insta::assert_snapshot!(text(&planned(&world, None, 0).unwrap()));
}

#[test]
fn the_limit_decides_where_no_way_is_named() {
    let world = studied(Algorithm::Copy, |_| ());
    assert_eq!(guards_of(&planned(&world, None, 2425)), [codes::WRITE_STALL]);
    assert!(planned(&world, None, 2426).is_ok());
    assert!(planned(&world, Some(Way::Toi), 0).is_ok());
}

/// A member of another release may copy what the others do instantly, and all wait for it.
#[test]
fn the_dearest_member_decides() {
    let world = studied(Algorithm::Metadata, |told| *told = seen(Algorithm::Copy));
    assert_eq!(guards_of(&planned(&world, None, 1000)), [codes::WRITE_STALL]);
}

/// A node whose disk is full fails where the others do not.
#[test]
fn a_table_that_is_written_again_needs_its_room_on_every_node() {
    for (algorithm, expected) in [(Algorithm::Nocopy, vec![codes::DISK]), (Algorithm::Metadata, vec![])] {
        let mut world = studied(algorithm, |_| ());
        world.facts_mut(&name(2)).datadir.free = (64 << 20) - 1;
        assert_eq!(guards_of(&planned(&world, Some(Way::Toi), 0)), expected);
        world.facts_mut(&name(2)).datadir.free = 64 << 20;
        assert_eq!(guards_of(&planned(&world, Some(Way::Toi), 0)), []);
    }
}

#[test]
fn what_all_members_say_is_said_once() {
    let mut world = studied(Algorithm::Copy, |_| ());
    for asked in world.observation.study.as_mut().unwrap().nodes.values_mut() {
        let Asked::Told(seen) = asked else { panic!("all told") };
        seen.sample.as_mut().unwrap().error =
            Some("ERROR 1265: Data truncated for column 'item' at row 7".into());
    }
    let refused = refusals(&planned(&world, Some(Way::Toi), 0));
    assert_eq!(refused.len(), 1);
    assert!(refused[0].evidence.contains("on the first rows of shop.orders: ERROR 1265"), "{refused:?}");
}

#[test]
fn a_table_that_is_like_that_already_is_left_alone() {
    let mut world = studied(Algorithm::Metadata, |_| ());
    for asked in world.observation.study.as_mut().unwrap().nodes.values_mut() {
        let Asked::Told(seen) = asked else { panic!("all told") };
        seen.tries.iter_mut().for_each(|it| it.after = BEFORE.into());
    }
    assert!(planned(&world, None, 0).unwrap().is_empty());
}

/// A saved plan rests on the table's definition, not on its number of rows; and on the cost that was agreed to.
#[test]
fn a_saved_plan_is_for_the_table_that_was_seen() {
    let mut world = studied(Algorithm::Copy, |_| ());
    let plan = planned(&world, Some(Way::Toi), 0).unwrap();
    let each = |world: &mut World, change: &dyn Fn(&mut TableSeen)| {
        for asked in world.observation.study.as_mut().unwrap().nodes.values_mut() {
            let Asked::Told(seen) = asked else { panic!("all told") };
            change(seen);
        }
    };
    each(&mut world, &|seen| (seen.rows, seen.definition) = (210_000, BEFORE.replace("=200001", "=210001")));
    assert_eq!(other_work(&plan, &plan::again(&plan, &world.basis()).unwrap()), []);
    each(&mut world, &|seen| seen.rows = 2_000_000);
    assert_eq!(guards_of(&plan::again(&plan, &world.basis())), [codes::STALE], "ten times as long");
    each(&mut world, &|seen| {
        seen.definition = BEFORE.replace("NULL,\n  PRI", "NULL,\n  `x` int(11),\n  PRI");
        seen.copy = seen.definition.clone();
    });
    each(&mut world, &|seen| seen.rows = 200_000);
    let again = plan::again(&plan, &world.basis()).unwrap();
    assert_eq!(other_work(&plan, &again).len(), 1, "somebody has altered it");
}

#[test]
fn the_step_knows_the_table_before_and_after() {
    let plan = planned(&studied(Algorithm::Copy, |_| ()), Some(Way::Toi), 0).unwrap();
    assert!(matches!(plan.command, Command::Alter { by: Some(Way::Toi), .. }));
    let Action::Server(ServerAction::AlterTable { before, after: then, .. }) =
        &plan.stages[0].steps[0].action
    else {
        panic!("{:?}", plan.stages[0])
    };
    assert_eq!(before, &Definition::of(BEFORE).whole);
    assert_eq!(then, &Definition::of(&after()).as_copied);
}

/// The same on all members.
fn all(algorithm: Algorithm, change: impl Fn(&mut TableSeen)) -> World {
    let mut world = studied(algorithm, |_| ());
    for asked in world.observation.study.as_mut().unwrap().nodes.values_mut() {
        let Asked::Told(seen) = asked else { panic!("all told") };
        change(seen);
    }
    world
}

fn all_become(after: &str) -> World {
    all(Algorithm::Copy, |seen| seen.tries.iter_mut().for_each(|it| it.after = after.to_owned()))
}

#[track_caller]
fn is_refused(world: &World, code: Code, words: &str, next: &str) {
    let refused = refusals(&planned(world, Some(Way::Toi), 0));
    assert_eq!(refused.iter().map(|it| it.code).collect::<Vec<_>>(), [code], "{refused:?}");
    assert!(refused[0].evidence.contains(words), "{refused:?}");
    assert!(refused[0].remedy.to_string().contains(next), "{refused:?}");
}

/// What the table becomes must be one that Galera replicates, the same on all nodes.
#[test]
fn a_table_that_galera_does_not_replicate_well_is_not_made() {
    for engine in ["MyISAM", "Aria"] {
        let after = after().replace("InnoDB", engine);
        is_refused(&all_become(&after), codes::TABLE_CHANGE, engine, "leave it an InnoDB table");
    }
    let unkeyed = after().replace(",\n  PRIMARY KEY (`id`)", "");
    is_refused(&all_become(&unkeyed), codes::TABLE_CHANGE, "no primary key", "in the same change");
    let never = all(Algorithm::Copy, |seen| {
        (seen.definition, seen.copy) = (unkeyed.clone(), unkeyed.clone());
        seen.tries.iter_mut().for_each(|it| it.after = unkeyed.clone());
    });
    is_refused(&never, codes::TABLE_CHANGE, "no primary key", "first give it");
    let of_each = after().replace("  PRIMARY", "  `u` uuid DEFAULT uuid(),\n  PRIMARY");
    is_refused(
        &all_become(&of_each),
        codes::TABLE_CHANGE,
        "values of its own",
        "ALTER COLUMN `u` SET DEFAULT",
    );
    let numbered = all(Algorithm::Copy, |seen| {
        (seen.definition, seen.copy) =
            (unkeyed.replace("  `id` int(11) NOT NULL AUTO_INCREMENT,\n", ""), String::new());
        seen.copy = seen.definition.clone();
    });
    is_refused(&numbered, codes::TABLE_CHANGE, "values of its own", "make a new table");
}

/// Nothing is concluded from a copy that is another table.
#[test]
fn a_copy_that_lacks_something_tells_nothing() {
    let world = all(Algorithm::Copy, |seen| seen.definition = format!("{BEFORE} DATA DIRECTORY='/srv/'"));
    is_refused(&world, codes::TABLE_CHANGE, "lacks ) ENGINE=InnoDB", "by a client");
    let none = "ERROR 1205: Lock wait timeout exceeded";
    let world = all(Algorithm::Copy, |seen| {
        seen.error = Some(none.into());
        seen.tries.iter_mut().for_each(|it| it.error = Some("ERROR 1146: no such table".into()));
    });
    is_refused(&world, codes::TABLE_CHANGE, none, "mend what these words say");
}

/// Only "not by this algorithm" leads on to the next one.
#[test]
fn another_error_is_not_answered_by_a_dearer_algorithm() {
    let world =
        all(Algorithm::Copy, |seen| seen.tries[0].error = Some("ERROR 1205: Lock wait timeout".into()));
    is_refused(&world, codes::TABLE_CHANGE, "ERROR 1205", "run this again");
}

/// For example where a default character set differs among the servers.
#[test]
fn nodes_that_would_make_different_tables_of_it_are_named() {
    let world = studied(Algorithm::Copy, |seen| {
        seen.tries.iter_mut().for_each(|it| it.after = it.after.replace("utf8mb4", "latin1"));
    });
    is_refused(
        &world,
        codes::TABLE_DIFFERS,
        "another table of shop.orders on db2 than on db1 and db3",
        "sql_mode",
    );
}

#[test]
fn a_stall_that_cannot_be_told_needs_a_way_that_is_named() {
    let untold = |seen: &mut TableSeen| {
        (seen.rows, seen.sample.as_mut().unwrap().full) = (20_000_000, Some(10_000));
    };
    let world = all(Algorithm::Copy, untold);
    let refused = refusals(&planned(&world, None, 3_600_000));
    assert_eq!(refused.iter().map(|it| it.code).collect::<Vec<_>>(), [codes::WRITE_STALL]);
    assert!(refused[0].evidence.contains("would wait by TOI: 20000 rows take no longer"), "{refused:?}");
    assert!(refused[0].remedy.to_string().contains("--by toi"), "{refused:?}");
    let plan = planned(&world, Some(Way::Toi), 0).unwrap();
    let Command::Alter { forecast: Forecast { stall_ms, .. }, .. } = &plan.command else { panic!() };
    assert_eq!(*stall_ms, None);
    assert!(
        text(&plan).contains("nobody can tell for how long all writes of all nodes wait"),
        "{}",
        text(&plan)
    );
    assert!(plan::again(&plan, &world.basis()).is_ok(), "nothing was told when it was agreed to either");
    let told = planned(&all(Algorithm::Copy, |_| ()), Some(Way::Toi), 0).unwrap();
    assert_eq!(guards_of(&plan::again(&told, &world.basis())), [codes::STALE]);
}

/// Nobody can see later whether it was done.
#[test]
fn a_change_without_a_trace_says_so() {
    let says =
        |world: &World| text(&planned(world, Some(Way::Toi), 0).unwrap()).contains("does it once more");
    assert!(says(&all_become(&BEFORE.replace(" AUTO_INCREMENT=200001", ""))));
    assert!(!says(&all_become(&after())));
}

/// An index needs its own room, and not that of the table.
#[test]
fn room_is_foretold_from_the_sample() {
    let sized = |seen: &mut TableSeen| {
        let sample = seen.sample.as_mut().unwrap();
        (sample.size, sample.size_after) = (6 << 20, 7 << 20);
    };
    for (algorithm, room) in [(Algorithm::Nocopy, 20 << 20), (Algorithm::Copy, 70 << 20)] {
        let mut world = all(algorithm, sized);
        world.facts_mut(&name(2)).datadir.free = room;
        assert_eq!(guards_of(&planned(&world, Some(Way::Toi), 0)), []);
        world.facts_mut(&name(2)).datadir.free = room - 1;
        assert_eq!(guards_of(&planned(&world, Some(Way::Toi), 0)), [codes::DISK]);
    }
}

/// /tmp may be small where the data has room, and only one node fails then.
#[test]
fn an_index_needs_room_where_it_is_sorted() {
    for (algorithm, sorted, disk) in
        [(Algorithm::Inplace, 64 << 20, 128 << 20), (Algorithm::Nocopy, 32 << 20, 64 << 20)]
    {
        let guards = |free, beside_data, on_disk| {
            let mut world = studied(algorithm, |seen| {
                seen.tmpdir = Tmpdir { path: "/tmp".into(), free: Some(free), beside_data };
            });
            world.facts_mut(&name(1)).datadir.free = on_disk;
            guards_of(&planned(&world, Some(Way::Toi), 0))
        };
        assert_eq!(guards(sorted - 1, false, 1 << 40), [codes::DISK]);
        assert_eq!(guards(sorted, false, 64 << 20), []);
        assert_eq!(guards(0, true, disk - 1), [codes::DISK], "both on one file system");
        assert_eq!(guards(0, true, disk), []);
    }
    let copied = studied(Algorithm::Copy, |seen| seen.tmpdir.free = Some(0));
    assert_eq!(guards_of(&planned(&copied, Some(Way::Toi), 0)), []);
}

#[test]
fn a_time_that_nodes_take_from_zones_of_their_own_is_refused() {
    let with = |column: &str| {
        BEFORE.replace("`item` int(11) NOT NULL", column).replace(" AUTO_INCREMENT=200001", "")
    };
    let world = |before: &str, after: &str, zone: &str| {
        let mut world = all(Algorithm::Copy, |seen| {
            (seen.definition, seen.copy, seen.zone) = (with(before), with(before), "0/0/0".into());
            seen.tries.iter_mut().for_each(|it| it.after = with(after));
        });
        let told = world.observation.study.as_mut().unwrap().nodes.get_mut(&name(2)).unwrap();
        let Asked::Told(seen) = told else { panic!("told") };
        seen.zone = zone.into();
        world
    };
    let (moment, local) = ("`item` timestamp NULL DEFAULT NULL", "`item` datetime DEFAULT NULL");
    let apart = world(moment, local, "60/120/60");
    is_refused(&apart, codes::TABLE_CHANGE, "db3 is 60/120/60 minutes before UTC", "SET GLOBAL time_zone");
    assert_eq!(guards_of(&planned(&world(moment, local, "0/0/0"), Some(Way::Toi), 0)), []);
    assert_eq!(guards_of(&planned(&world(local, local, "60/120/60"), Some(Way::Toi), 0)), []);
    let filled = world(moment, "`item` timestamp NOT NULL DEFAULT current_timestamp()", "0/0/0");
    is_refused(&filled, codes::TABLE_CHANGE, "the time of the change in its place", "by UPDATE on one node");
}

/// They stand in the line that is to be typed after a failure.
#[test]
fn the_step_knows_what_the_user_gave() {
    let world = studied(Algorithm::Copy, |_| ());
    for (by, longest) in [(Some(Way::Toi), 1000), (None, 30_000)] {
        let plan = planned(&world, by, longest).unwrap();
        let Action::Server(ServerAction::AlterTable { by: given, longest_stall_ms, .. }) =
            &plan.stages[0].steps[0].action
        else {
            panic!("{:?}", plan.stages[0])
        };
        assert_eq!((*given, *longest_stall_ms), (by, longest));
    }
}
