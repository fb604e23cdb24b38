//! The last words of a run that did not come to its end: which servers it left down, and how to go on.

use std::collections::BTreeSet;

use galactl::galera::plan::{Plan, cut_short};

use crate::support::{Changes, Shape, World, fresh, name};

fn finished(steps: &[&str]) -> BTreeSet<String> {
    steps.iter().map(|step| format!("db{}", step.replacen(' ', "/galera/", 1))).collect()
}

fn down(plan: &Plan, steps: &[&str], failed: &str) -> Vec<String> {
    let ids: Vec<_> = plan.steps().map(|step| step.id.clone()).collect();
    assert!(finished(steps).iter().all(|step| ids.contains(step)), "{ids:?}");
    assert!(ids.contains(&failed.to_owned()), "{failed} is none of {ids:?}");
    cut_short::down(plan, &finished(steps), failed, &"mariadb".parse().unwrap())
}

#[test]
fn servers_that_a_bootstrap_stopped_and_did_not_start_are_named() {
    let plan = World::standalone(&Shape::of(3)).bootstrap().unwrap();
    let stopped = ["1 stop", "2 stop", "2 config", "3 stop"];
    let said = down(&plan, &stopped, "db1/galera/config");
    let file = "/etc/mysql/mariadb.conf.d/99-galactl.cnf";
    assert_eq!(
        said,
        [
            "db1, db2, db3 are down: this run has stopped the server there, and has not started it again"
                .to_owned(),
            "to start db1 as it was, on db1: sudo systemctl start mariadb".to_owned(),
            format!("to start db2 as it was, on db2: sudo rm -- {file} && sudo systemctl start mariadb"),
            "to start db3 as it was, on db3: sudo systemctl start mariadb".to_owned(),
        ]
    );
    let founded = [&stopped[..], &["1 config", "3 config", "1 new-cluster"]].concat();
    assert!(down(&plan, &founded[..6], "db1/galera/new-cluster")[0].starts_with("db1, db2, db3 are down"));
    // Of the one that failed to join, the join itself tells.
    assert!(down(&plan, &founded, "db2/galera/join")[0].starts_with("db3 is down"));
    assert_eq!(down(&plan, &[], "db1/galera/stop"), [""; 0]);
}

#[test]
fn a_file_that_was_there_before_is_put_back() {
    let mut world = World::standalone(&Shape::of(3));
    world.set(&name(0), fresh().standalone().configured("[mysqld]\n"));
    let said = down(&world.bootstrap().unwrap(), &["1 stop", "1 config"], "db2/galera/stop");
    let back = "sudo mv -- /etc/mysql/mariadb.conf.d/99-galactl.cnf.galactl-previous /etc/mysql/mariadb.conf.d/99-galactl.cnf && ";
    assert!(said[1].contains(back), "{said:?}");
}

#[test]
fn what_was_to_be_stopped_is_not_called_down() {
    let world = World::whole(&Shape::of(3));
    let stop = world.plan_stop(&[]).unwrap();
    assert_eq!(down(&stop, &["3 leave"], "db2/galera/leave"), [""; 0]);
    let remove = world.remove(&[name(2)], &[]).unwrap();
    assert_eq!(down(&remove, &["3 leave"], "db3/galera/mask"), [""; 0]);
    let restart = world.plan_restart(&[]).unwrap();
    assert_eq!(down(&restart, &["3 leave", "3 join"], "db2/galera/leave"), [""; 0]);
    assert!(
        down(&restart, &["3 leave", "3 join", "2 leave"], "db1/galera/leave")[0].starts_with("db2 is down")
    );
}

#[test]
fn a_restart_goes_on_with_the_nodes_that_are_left() {
    let world = World::whole(&Shape::of(3));
    let resume = |plan: &Plan, steps: &[&str]| cut_short::resume(plan, &finished(steps)).unwrap_or_default();
    let plan = world.plan_restart(&[]).unwrap();
    let again = "The same command again would begin with the nodes that are done already.";
    let goes_on = |commands: &str| format!("To go on: {commands}. {again}");
    assert_eq!(resume(&plan, &["3 leave", "3 join"]), goes_on("galactl restart {inventory} db2 db1"));
    assert_eq!(
        resume(&plan, &["3 leave", "3 join", "2 leave"]),
        goes_on("galactl start {inventory} db2, then galactl restart {inventory} db1")
    );
    let all = ["3 leave", "3 join", "2 leave", "2 join", "1 leave"];
    assert_eq!(resume(&plan, &all), goes_on("galactl start {inventory} db1"));
    assert_eq!(
        resume(&plan, &["3 leave"]),
        "To go on: galactl start {inventory} db3, then galactl restart {inventory} db2 db1."
    );
    // Nothing is done, or everything: the same command is right.
    assert_eq!(resume(&plan, &[]), "");
    assert_eq!(resume(&plan, &[&all[..], &["1 join"]].concat()), "");
    assert_eq!(resume(&World::standalone(&Shape::of(3)).bootstrap().unwrap(), &["1 stop"]), "");
}
