//! Nodes that leave a mesh, and transactions that a node leaves out.

use galactl::kernel::facts::Answer;
use galactl::kernel::judge::Invocation;
use galactl::kernel::plan::{Command as _, text};
use galactl::mesh::facts::SubscriptionState;
use galactl::mesh::judge::codes;
use galactl::mesh::plan::{NoPlan, Plan, Removing, Skipping, add_node, again, remove_node, skip};

use super::reports::{World, ids, name, names, refused, transaction};

fn remove(world: &World, nodes: &[&str], unseen: &[&str]) -> Result<Plan, NoPlan> {
    remove_node(&world.basis(), &Removing { nodes: &names(nodes), unseen: &names(unseen) })
}

fn shown(plan: &Plan) -> String {
    text(&plan.clone().settled(&Invocation::new(std::path::Path::new("shop.yaml"), None, Vec::new())))
}

#[test]
fn a_node_gives_its_last_changes_before_anything_is_taken_away() {
    let world = World::whole();
    let plan = remove(&world, &["pg3"], &[]).unwrap();
    assert!(!plan.command.is_forced());
    let steps = ids(&plan);
    let before = ["shut-out", "deliver", "stop-reading"].map(|what| format!("pg3/mesh/{what}"));
    assert_eq!(steps[..3], before, "{steps:?}");
    let at = |id: &str| steps.iter().position(|it| *it == id).unwrap_or_else(|| panic!("{id}: {steps:?}"));
    assert!(at("pg2/mesh/forget-pg3") < at("pg3/mesh/leave"), "{steps:?}");
    assert_eq!(steps[steps.len() - 3], "pg1/mesh/verify-gone");
    insta::assert_snapshot!(shown(&plan));
    let saved: Plan = serde_json::from_value(serde_json::to_value(&plan).unwrap()).unwrap();
    assert_eq!(saved, plan);
    assert_eq!(again(&saved, &world.basis()).unwrap(), plan);
}

#[test]
fn what_a_node_that_is_gone_had_is_told_and_needs_the_clusters_name() {
    let mut world = World::whole();
    world.unreachable("pg3");
    let finding = refused(remove(&world, &["pg3"], &[]), codes::UNREACHABLE);
    assert!(
        finding.remedy.to_string().contains("remove-node PLACE pg3 --unseen pg3")
            || finding.remedy.to_string().contains("--unseen pg3")
    );
    for node in ["pg1", "pg2"] {
        world.subscription(node, "pg3").applied = Some("0/5000".parse().unwrap());
    }
    let same = remove(&world, &["pg3"], &["pg3"]).unwrap();
    assert!(same.command.is_forced());
    assert!(shown(&same).contains("pg1 and pg2 have applied its changes up to 0/5000"), "{}", shown(&same));
    assert!(!shown(&same).contains("compare"), "they have the same of it");
    assert!(!shown(&same).contains("pg3/mesh/"), "nothing is done on it: {}", shown(&same));

    world.subscription("pg1", "pg3").applied = Some("0/6000".parse().unwrap());
    let parted = shown(&remove(&world, &["pg3"], &["pg3"]).unwrap());
    assert!(parted.contains("pg2 has them only up to 0/5000"), "{parted}");
    assert!(parted.contains("galactl compare shop.yaml"), "{parted}");
    world.subscription("pg2", "pg3").applied = None;
    let unknown = shown(&remove(&world, &["pg3"], &["pg3"]).unwrap());
    assert!(unknown.contains("how far pg2 has them cannot be seen"), "{unknown}");
}

#[test]
fn a_server_that_does_not_run_is_started_first_or_given_up() {
    let mut world = World::whole();
    world.stop("pg3");
    let next = refused(remove(&world, &["pg3"], &[]), codes::NOT_RUNNING).remedy.to_string();
    assert!(next.contains("systemctl start") && next.contains("--unseen pg3"), "{next}");
    assert!(remove(&world, &["pg3"], &["pg3"]).unwrap().command.is_forced());
    // One that stays has to forget it.
    let next = refused(remove(&world, &["pg2"], &[]), codes::NOT_RUNNING).remedy.to_string();
    assert!(!next.contains("--unseen"), "{next}");
}

#[test]
fn changes_that_do_not_arrive_keep_a_node_in_the_mesh() {
    for state in [SubscriptionState::Down, SubscriptionState::Disabled, SubscriptionState::Initializing] {
        let mut world = World::whole();
        world.subscription("pg2", "pg3").state = state;
        let finding = refused(remove(&world, &["pg3"], &[]), codes::LINK);
        assert_eq!(finding.node, Some(name("pg2")));
    }
    let mut world = World::whole();
    world.live("pg3").prepared = 1;
    refused(remove(&world, &["pg3"], &[]), codes::PREPARED);
    // Between others, it is no reason.
    let mut world = World::whole();
    world.subscription("pg2", "pg1").state = SubscriptionState::Down;
    let plan = remove(&world, &["pg3"], &[]).unwrap();
    assert!(!ids(&plan).contains(&"pg1/mesh/verify-links"), "{:?}", ids(&plan));
}

#[test]
fn somebody_stays_and_the_seed_may_go() {
    let world = World::whole();
    refused(remove(&world, &["pg1", "pg2", "pg3"], &[]), codes::NOT_MEMBER);
    let plan = remove(&world, &["pg1", "pg2"], &[]).unwrap();
    let text = shown(&plan);
    assert!(text.contains("`cluster.seed`, where it is written, must name another one"), "{text}");
    assert!(text.contains("wait until all that was committed here is on pg3"), "{text}");
    assert!(!ids(&plan).contains(&"pg3/mesh/verify-links"), "there is nobody to read from");
}

/// Whatever a run has done before it was cut off, the next one does the rest.
#[test]
fn a_removal_that_was_cut_off_goes_on() {
    let mut world = World::whole();
    world.database("pg3").subscriptions.clear();
    let steps = |world: &World| {
        ids(&remove(world, &["pg3"], &[]).unwrap()).iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert!(steps(&world).contains(&"pg3/mesh/deliver".to_owned()));
    world.forget("pg1", "pg3");
    let left = steps(&world);
    assert!(
        !left.contains(&"pg1/mesh/forget-pg3".to_owned()) && left.contains(&"pg2/mesh/forget-pg3".to_owned()),
        "{left:?}"
    );
    // A slot alone is enough to go there.
    let mut other = world.clone();
    other.forget("pg2", "pg3");
    let slot =
        World::whole().live("pg2").slots.iter().find(|it| it.name.contains("pg3_from_pg2")).unwrap().clone();
    other.live("pg2").slots.push(slot);
    assert!(steps(&other).contains(&"pg2/mesh/forget-pg3".to_owned()));
    world.forget("pg2", "pg3");
    let left = steps(&world);
    assert!(
        left.contains(&"pg3/mesh/leave".to_owned()) && !left.contains(&"pg3/mesh/deliver".to_owned()),
        "{left:?}"
    );
    let database = world.database("pg3");
    (database.members, database.pglogical_node, database.pglogical) = (None, None, None);
    assert!(
        steps(&world).iter().all(|id| id.contains("configure") || id.contains("verify")),
        "{:?}",
        steps(&world)
    );
    for node in ["pg1", "pg2"] {
        let access = galactl::mesh::config::lines(&world.inventory.without(&names(&["pg3"])));
        world.node(node).access = access;
    }
    assert!(remove(&world, &["pg3"], &[]).unwrap().is_empty());
}

#[test]
fn one_that_comes_back_after_it_was_given_up_is_no_member_to_build_on() {
    let mut world = World::whole();
    for node in ["pg1", "pg2"] {
        world.forget(node, "pg3");
    }
    let finding = world.found(codes::FORGOTTEN);
    assert_eq!(finding.node, Some(name("pg3")));
    let links = world.status().findings.into_iter().filter(|it| it.code == codes::LINK).count();
    assert_eq!(links, 0, "the others lack nothing");
    refused(add_node(&world.basis(), &names(&["pg3"])), codes::FORGOTTEN);
    let plan = remove(&world, &["pg3"], &[]).unwrap();
    assert!(!plan.command.is_forced());
    assert!(shown(&plan).contains("there is no subscription to pg3 on pg1 and pg2"), "{}", shown(&plan));
}

/// A new cluster in place of a member's answers, and knows nothing of what the member had.
#[test]
fn a_member_whose_data_are_gone_is_given_up_though_a_server_answers() {
    let mut world = World::whole();
    let database = world.database("pg3");
    (database.members, database.pglogical_node, database.pglogical) = (None, None, None);
    database.subscriptions.clear();
    world.live("pg3").slots.clear();
    world.subscription("pg1", "pg3").applied = Some("0/6000".parse().unwrap());
    world.subscription("pg2", "pg3").applied = Some("0/5000".parse().unwrap());
    let plan = remove(&world, &["pg3"], &["pg3"]).unwrap();
    assert!(plan.command.is_forced());
    assert!(shown(&plan).contains("pg2 has them only up to 0/5000"), "{}", shown(&plan));
    // A copy that was cut off has written nothing.
    world.node("pg3").datadir.joining = Some("pg3".into());
    assert!(!remove(&world, &["pg3"], &["pg3"]).unwrap().command.is_forced());
}

#[test]
fn nodes_that_are_gone_leave_together() {
    let mut world = World::whole();
    world.unreachable("pg2");
    world.unreachable("pg3");
    let next = refused(remove(&world, &["pg2"], &["pg2"]), codes::UNREACHABLE).remedy.to_string();
    assert!(next.contains("pg2 pg3 --unseen pg2 --unseen pg3"), "{next}");
    assert!(remove(&world, &["pg2", "pg3"], &["pg2", "pg3"]).unwrap().command.is_forced());
    // One of them is there, and its server cannot start.
    let mut world = World::whole();
    world.unreachable("pg2");
    world.stop("pg3");
    let next = refused(remove(&world, &["pg2"], &["pg2"]), codes::NOT_RUNNING).remedy.to_string();
    assert!(next.contains("pg2 pg3 --unseen pg2 --unseen pg3"), "{next}");
}

/// A subscription that is gone in one database keeps no other database's changes back.
#[test]
fn last_changes_are_given_database_by_database() {
    let mut world = World::whole();
    let mut second = world.inventory.databases[0].clone();
    second.name = "shop".parse().unwrap();
    for node in ["pg1", "pg2", "pg3"] {
        let told = world.database(node).clone();
        world.node(node).databases.insert(second.name.clone(), Answer::Told(told));
    }
    world.inventory.databases.push(second);
    // In `app`, the first of the two.
    world.database("pg1").subscriptions.retain(|it| it.name != "pg1_from_pg3");
    let plan = shown(&remove(&world, &["pg3"], &[]).unwrap());
    assert!(plan.contains("is on pg2 (database app); pg1 and pg2 (database shop)"), "{plan}");
    assert!(plan.contains("there is no subscription to pg3 on pg1 in database app"), "{plan}");
}

fn left_out(world: &World) -> Result<Plan, NoPlan> {
    skip(&world.basis(), &Skipping { node: &name("pg2"), from: &name("pg1"), database: None })
}

#[test]
fn a_transaction_is_asked_for_shown_and_left_out() {
    let mut world = World::whole();
    assert!(left_out(&world).unwrap().is_empty(), "none is in the way");
    let which = world.hold_up();
    let Err(NoPlan::Ask(asked)) = left_out(&world) else { panic!("{:?}", left_out(&world)) };
    assert_eq!(*asked, which);
    world.observation.held_up = Some(transaction(which));
    let plan = left_out(&world).unwrap();
    assert!(plan.command.is_forced());
    assert_eq!(ids(&plan), ["pg2/mesh/skip-pg1"]);
    insta::assert_snapshot!(shown(&plan));
    // What was asked of another transaction tells nothing.
    world.node("pg2").apply_errors[0].transaction.as_mut().unwrap().xid = 900;
    assert!(matches!(left_out(&world), Err(NoPlan::Ask(_))));
}

/// A skip goes over all that comes before it, and only this one was shown.
#[test]
fn a_transaction_that_is_not_the_next_one_is_not_left_out() {
    let mut world = World::whole();
    let mut told = transaction(world.hold_up());
    let mut before = |lsn: &str| {
        let Answer::Told(it) = &mut told.told else { panic!("told") };
        it.before = Some(lsn.parse().unwrap());
        world.observation.held_up = Some(told.clone());
        left_out(&world)
    };
    assert!(before("0/704EF00").is_ok(), "the reader has it");
    let finding = refused(before("0/704EF08"), codes::APPLY_ERROR);
    assert!(finding.evidence.contains("others come before transaction 772"), "{}", finding.evidence);
    world.subscription("pg2", "pg1").applied = None;
    refused(left_out(&world), codes::APPLY_ERROR);
}

#[test]
fn values_of_rows_do_not_paint_the_terminal() {
    let mut world = World::whole();
    let mut told = transaction(world.hold_up());
    let Answer::Told(it) = &mut told.told else { panic!("told") };
    it.changes[0] = "table public.t: INSERT: v[text]:'a\u{1b}[2J\nok pg2'".into();
    world.observation.held_up = Some(told);
    world.node("pg2").apply_errors[0].detail = Some("Key (u)=(\u{1b}[2J) already exists.".into());
    let plan = left_out(&world).unwrap();
    assert!(plan.consequences.iter().all(|it| !it.contains(char::is_control)), "{:?}", plan.consequences);
    assert!(!world.found(codes::APPLY_ERROR).evidence.contains(char::is_control));
}

/// pglogical says of any worker that runs that it replicates.
#[test]
fn an_error_counts_while_the_worker_tries_again() {
    let mut world = World::whole();
    world.hold_up();
    world.subscription("pg2", "pg1").state = SubscriptionState::Replicating;
    assert_eq!(world.found(codes::APPLY_ERROR).node, Some(name("pg2")));
    assert!(matches!(left_out(&world), Err(NoPlan::Ask(_))));
    refused(remove(&world, &["pg1"], &[]), codes::LINK);
}

#[test]
fn an_error_that_is_over_is_no_error() {
    let mut world = World::whole();
    world.hold_up();
    assert_eq!(world.found(codes::APPLY_ERROR).node, Some(name("pg2")));
    assert!(world.found(codes::APPLY_ERROR).remedy.to_string().contains("galactl skip"));
    let mut over = world.clone();
    over.subscription("pg2", "pg1").applied = Some("0/704EF60".parse().unwrap());
    let finding = refused(left_out(&over), codes::LINK);
    assert!(finding.evidence.contains("its log names no transaction"), "{}", finding.evidence);
    assert!(finding.remedy.to_string().contains("alter_subscription_enable"), "{}", finding.remedy);
    over.subscription("pg2", "pg1").state = SubscriptionState::Replicating;
    assert!(over.doctor().iter().all(|it| it.code != codes::APPLY_ERROR && it.code != codes::LINK));
    // One whose log names no transaction cannot be left out, and is told.
    world.node("pg2").apply_errors[0].transaction = None;
    assert!(
        world.found(codes::LINK).evidence.contains("duplicate key"),
        "{}",
        world.found(codes::LINK).evidence
    );
    refused(left_out(&world), codes::LINK);
    world.unreachable("pg1");
    refused(left_out(&world), codes::UNREACHABLE);
}

/// A database that is still to come is on no node, so nothing can be asked there.
#[test]
fn only_databases_of_the_mesh_are_taken_away() {
    let mut world = World::whole();
    let mut later = world.inventory.databases[0].clone();
    later.name = "later".parse().unwrap();
    world.inventory.databases.push(later);
    let plan = remove(&world, &["pg3"], &[]).unwrap();
    assert!(ids(&plan).contains(&"pg3/mesh/deliver"), "{:?}", ids(&plan));
    assert!(!ids(&plan).contains(&"pg1/mesh/verify-links"), "{:?}", ids(&plan));
    let told = serde_json::to_string(&plan.stages).unwrap();
    assert!(told.contains(r#""databases":["app"]"#) && !told.contains("later"), "{told}");
}
