//! Nodes that come and go, with their members of etcd.

use galactl::kernel::judge::Code;
use galactl::kernel::model::NodeName;
use galactl::patroni::inventory::Inventory;
use galactl::patroni::judge::codes;
use galactl::patroni::plan::{NoPlan, Plan, Removing, add_node, bootstrap, remove_node};

use super::world::{World, name};
use super::{inventory_of, with};

impl World {
    fn removing(&self, nodes: &[&str], unseen: &[&str]) -> Result<Plan, NoPlan> {
        let names = |words: &[&str]| words.iter().map(|word| name(word)).collect::<Vec<NodeName>>();
        remove_node(&self.basis(), &Removing { nodes: &names(nodes), unseen: &names(unseen) })
    }

    /// The data of this member's etcd is gone.
    fn wipe_etcd(&mut self, node: &str) {
        self.stop_etcd(node);
        self.node(node).etcd.datadirs.clear();
    }
}

fn ids(plan: &Plan) -> Vec<&str> {
    plan.steps().map(|step| step.id.as_str()).collect()
}

#[track_caller]
fn refused(outcome: Result<Plan, NoPlan>) -> Vec<(Code, String)> {
    match outcome {
        Err(NoPlan::Refused(findings)) => findings
            .into_iter()
            .map(|it| (it.code, it.node.map_or_else(String::new, |node| node.to_string())))
            .collect(),
        other => panic!("{other:?}"),
    }
}

fn members(inventory: &Inventory) -> Vec<&str> {
    inventory.etcd.members().iter().map(|member| member.name.as_str()).collect()
}

#[test]
fn who_leaves_stops_first_and_the_others_forget_it() {
    let plan = World::whole().removing(&["pg2"], &[]).unwrap();
    let expected = [
        "pg2/patroni/stop",
        "pg1/patroni/config",
        "pg1/patroni/reload",
        "pg3/patroni/config",
        "pg3/patroni/reload",
        "pg1/etcd/remove-pg2",
        "pg2/etcd/leave",
        "pg1/etcd/remove-pg3",
        "pg3/etcd/leave",
        "pg1/etcd/verify",
        "pg1/patroni/verify-members",
        "pg1/patroni/verify-writes",
    ];
    assert_eq!(ids(&plan), expected, "of two members etcd needs both, so one is left");
}

/// While a member that is gone counts, etcd takes no new one, and a majority must agree that it goes.
#[test]
fn a_node_that_is_gone_is_taken_off_etcds_list_by_the_others() {
    let mut world = World::whole();
    world.unreachable("pg3");
    let unseen = refused(world.removing(&["pg3"], &[]));
    assert_eq!(unseen, [(codes::UNREACHABLE, "pg3".to_owned())]);
    world.live("pg1").standbys.retain(|row| row.application_name != "pg3");
    // Nobody is synchronous yet of the two that are left; the plan proves it at its end.
    let plan = world.removing(&["pg3"], &["pg3"]).unwrap();
    let expected = [
        "pg1/etcd/remove-pg3",
        "pg1/patroni/config",
        "pg1/patroni/reload",
        "pg2/patroni/config",
        "pg2/patroni/reload",
        "pg1/etcd/remove-pg2",
        "pg2/etcd/leave",
    ];
    assert_eq!(ids(&plan)[..7], expected);
    assert!(plan.consequences.iter().any(|it| it.starts_with("pg3 is out of reach")), "{plan:?}");
}

#[test]
fn a_primary_hands_over_before_it_leaves() {
    let plan = World::whole().removing(&["pg1"], &[]).unwrap();
    let ids = ids(&plan);
    assert_eq!(ids[..2], ["pg1/patroni/switchover", "pg1/patroni/stop"]);
    assert!(ids.contains(&"pg2/etcd/remove-pg1") && !ids.contains(&"pg1/etcd/remove-pg1"), "{ids:?}");
}

#[test]
fn what_a_cluster_cannot_do_without_is_not_removed() {
    let all = refused(World::whole().removing(&["pg1", "pg2", "pg3"], &[]));
    assert_eq!(all, [(codes::NOT_FOLLOWING, String::new())]);
    let strict = World::whole_with("synchronous: {mode: strict}");
    let nobody = refused(strict.removing(&["pg2", "pg3"], &[]));
    assert_eq!(nobody, [(codes::NOT_SYNCHRONOUS, String::new())]);
    let mut paused = World::whole();
    paused.stop_etcd("pg1");
    assert_eq!(refused(paused.removing(&["pg2"], &[])), [(codes::ETCD_MEMBER, "pg1".to_owned())]);
}

/// It cannot come back as the member that it was.
#[test]
fn a_member_whose_data_is_gone_comes_as_a_new_one() {
    let mut world = World::whole();
    world.wipe_etcd("pg3");
    let plan = bootstrap(&world.basis()).unwrap();
    let expected = [
        "pg1/etcd/remove-pg3",
        "pg1/etcd/add-pg3",
        "pg3/etcd/config",
        "pg3/etcd/start",
        "pg1/etcd/promote-pg3",
    ];
    assert_eq!(ids(&plan)[..5], expected);
    let mut stopped = World::whole();
    stopped.stop_etcd("pg3");
    let plan = bootstrap(&stopped.basis()).unwrap();
    assert_eq!(ids(&plan)[..2], ["pg3/etcd/start", "pg1/etcd/verify"], "it has its data");
}

/// Whoever the file of a running node lists besides is no drift; anything else is.
#[test]
fn a_file_that_differs_in_more_than_its_nodes_is_left_alone() {
    let mut world = World::whole();
    let config = world.node("pg3").config.as_mut().unwrap();
    config.text = config.text.replace("use_slots: true", "use_slots: false");
    assert_eq!(refused(world.removing(&["pg2"], &[])), [(codes::CONFIG_DRIFT, "pg3".to_owned())]);
}

#[test]
fn a_smaller_cluster_has_an_odd_number_of_members_of_etcd() {
    let five = inventory_of(
        "version: 1\nengine: patroni\ncluster: {name: shop}\nnodes:\n  - {name: a, address: 10.0.0.1}\n  - {name: b, address: 10.0.0.2}\n  - {name: c, address: 10.0.0.3}\n  - {name: d, address: 10.0.0.4}\n  - {name: e, address: 10.0.0.5}\n",
    );
    assert_eq!(members(&five), ["a", "b", "c"]);
    assert_eq!(members(&five.without(&[name("b")])), ["a", "c", "d"], "the next node takes the place");
    assert_eq!(members(&five.without(&[name("e")])), ["a", "b", "c"]);
    assert_eq!(members(&five.without(&[name("a"), name("d"), name("e")])), ["b"]);
    assert_eq!(members(&five.only(&[name("c"), name("d"), name("e")])), ["c", "d", "e"]);
    let theirs = with("etcd: {endpoints: ['10.0.0.31:2379']}");
    assert!(theirs.without(&[name("pg1")]).etcd.members().is_empty());
}

/// What it has cannot be compared while it runs, and Patroni would rewind it without that.
#[test]
fn a_server_that_runs_without_patroni_is_not_added() {
    let mut world = World::whole();
    world.stop_patroni("pg2");
    world.live("pg1").standbys.retain(|row| row.application_name != "pg2");
    world.observation.recovered = Some(std::collections::BTreeMap::new());
    let outcome = refused(add_node(&world.basis(), &[name("pg2")]));
    assert_eq!(outcome, [(codes::NOT_FOLLOWING, "pg2".to_owned())]);
}
