//! How joiners follow each other while a cluster is founded.

use galactl::galera::config::Renderer;
use galactl::galera::inventory;
use galactl::galera::plan::{Action, Plan, ServerAction, bootstrap_offline};
use galactl::kernel::plan::Width;

use crate::support::simulation::{Cut, Ending};
use crate::support::{Changes, Shape, World, fresh};

/// The stage in which nodes join: its width, and who waits for whom to be in the view.
fn joins(plan: &Plan) -> (Width, Vec<(String, Option<String>)>) {
    let behind = |action: &Action| match action {
        Action::Server(ServerAction::Join { behind, .. }) => Some(behind.as_ref().map(ToString::to_string)),
        _ => None,
    };
    let stage =
        plan.stages.iter().find(|stage| stage.steps.iter().any(|step| behind(&step.action).is_some()));
    let stage = stage.expect("a stage with joins");
    let joins = stage.steps.iter().filter_map(|step| Some((step.node.to_string(), behind(&step.action)?)));
    (stage.width, joins.collect())
}

fn of(shape: &Shape) -> Width {
    joins(&World::new(shape, vec![fresh().standalone(); shape.nodes]).bootstrap().unwrap()).0
}

#[test]
fn each_joiner_of_a_new_cluster_starts_when_the_one_before_it_is_in_the_view() {
    let world = World::new(&Shape::of(4), vec![fresh().standalone(); 4]);
    let (width, joins) = joins(&world.bootstrap().unwrap());
    let expected = [("db2", None), ("db3", Some("db2")), ("db4", Some("db3"))];
    let expected = expected.map(|(node, behind)| (node.to_owned(), behind.map(str::to_owned)));
    assert_eq!((width, joins), (Width::Overlapping, expected.to_vec()));
}

#[test]
fn the_data_of_the_seed_decides_whether_joins_overlap() {
    let seed_of = |bytes: u64, nodes: usize| {
        let mut hosts = vec![fresh().standalone(); nodes];
        hosts[0] = fresh().standalone().schema("shop", bytes);
        joins(&World::new(&Shape::of(nodes), hosts).bootstrap().unwrap()).0
    };
    // The server's own files have 157 MB. A third of 300 s, at 10 MB a second, besides 15 s for each transfer before one's own.
    assert_eq!(seed_of(650_000_000, 3), Width::Overlapping);
    assert_eq!(seed_of(750_000_000, 3), Width::OneByOne);
    assert_eq!(seed_of(150_000_000, 5), Width::Overlapping);
    assert_eq!(seed_of(250_000_000, 5), Width::OneByOne);
}

#[test]
fn many_joiners_sites_apart_and_the_inventorys_own_word_are_one_after_the_other() {
    assert_eq!(of(&Shape::of(16)), Width::Overlapping);
    assert_eq!(of(&Shape::of(17)), Width::OneByOne);
    for more in ["join: serial\n", "mysqld:\n  wsrep_sst_donor: db1\n"] {
        assert_eq!(of(&Shape::of(3).more(more)), Width::OneByOne, "{more}");
    }
    let apart = Shape::of(3).text() + "    segment: 1\n";
    let inventory = inventory::parse(apart.as_bytes()).unwrap().0;
    let plan = bootstrap_offline(&inventory, &Renderer::new(None).unwrap()).unwrap();
    assert_eq!(joins(&plan).0, Width::OneByOne);
}

#[test]
fn what_was_cut_off_goes_on_one_after_the_other() {
    let mut world = World::new(&Shape::of(4), vec![fresh().standalone(); 4]);
    let plan = world.bootstrap().unwrap();
    let stage = plan.stages.iter().position(|stage| stage.width == Width::Overlapping).unwrap();
    let cut = Cut { stage, lanes: vec![1, 0, 0], ending: Ending::JoinUnderway };
    world.carry_out_until(&plan, &cut);
    let rest = world.bootstrap().unwrap();
    let expected = [("db3".to_owned(), None), ("db4".to_owned(), None)];
    assert_eq!(joins(&rest), (Width::OneByOne, expected.to_vec()));
    world.carry_out(&rest);
    assert_eq!(world.births, 1);
}
