//! Option files that an installed server refuses: found before anything is stopped for them, and said once.

use galactl::galera::facts::{NotAccepted, Tried};
use galactl::galera::judge::codes;
use galactl::kernel::judge::preflight::Level;

use crate::support::{Changes, Shape, World, fresh, guards_of, name, refusals};

fn refused() -> NotAccepted {
    NotAccepted {
        option: Some("max_conections".into()),
        said: "it does not know the option max_conections".into(),
        advice: Some("did you mean `max_connections`?".into()),
    }
}

fn new() -> Tried {
    Tried { new: Some(refused()), own: None }
}

fn own() -> Tried {
    Tried { new: None, own: Some(refused()) }
}

fn tell(world: &mut World, nodes: &[usize], tried: &Tried) {
    for index in nodes {
        world.observation.tried.insert(name(*index), tried.clone());
    }
}

#[test]
fn what_all_servers_refuse_is_said_once() {
    let mut world = World::standalone(&Shape::of(3));
    tell(&mut world, &[0, 1, 2], &new());
    let told = refusals(&world.bootstrap());
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(
        told[0].to_string(),
        "the server does not start with the new option file of db1, db2, db3: it does not know the option max_conections"
    );
    assert_eq!(told[0].remedy.to_string(), "did you mean `max_connections`? Correct it in INVENTORY");
    let report = world.check();
    let rows: Vec<_> = report.of(Level::Fail).map(|row| (row.check, row.node())).collect();
    assert_eq!(rows, [("options", None)]);
}

#[test]
fn every_command_that_puts_files_in_place_is_refused() {
    let mut world = World::whole(&Shape::of(3));
    world.set(&name(1), world.facts(&name(1)).clone().configured("[mysqld]\n"));
    tell(&mut world, &[1], &new());
    assert_eq!(guards_of(&world.apply_config()), [codes::UNKNOWN_OPTION]);
    assert!(world.plan_restart(&[name(0)]).is_ok(), "it puts no file in place");
    let mut world = World::new(
        &Shape::of(3),
        World::whole(&Shape::of(3)).observation.seen().map(|(_, facts)| facts.clone()).take(2),
    );
    world.set(&name(2), fresh().standalone());
    tell(&mut world, &[2], &new());
    let told = refusals(&world.add(&[name(2)], &[]));
    assert_eq!((told[0].code, &told[0].node), (codes::UNKNOWN_OPTION, &Some(name(2))));
}

/// A file that somebody has edited since the server was started.
#[test]
fn no_server_is_stopped_that_does_not_start_with_its_own_files() {
    let mut world = World::whole(&Shape::of(3));
    tell(&mut world, &[2], &own());
    let told = refusals(&world.plan_restart(&[]));
    assert_eq!((told.len(), told[0].code, &told[0].node), (1, codes::UNKNOWN_OPTION, &Some(name(2))));
    let next = told[0].remedy.to_string();
    assert!(next.contains("grep -rnE 'max[-_]conections'") && next.contains("max_connections"), "{next}");
    assert!(world.plan_restart(&[name(0), name(1)]).is_ok(), "it is not restarted");
    let mut world = World::standalone(&Shape::of(3));
    tell(&mut world, &[2], &own());
    assert_eq!(guards_of(&world.bootstrap()), [codes::UNKNOWN_OPTION]);
}
