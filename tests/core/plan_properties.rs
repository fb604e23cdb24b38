//! What holds of every plan, whatever the hosts look like.

use std::collections::BTreeSet;

use galactl::galera::config::{fill_in, lines_in_force, redact};
use galactl::galera::facts::{
    ClusterStatus, Grastate, Live, NodePort, NodeState, PortState, Reach, ServerAnswer, Way, fingerprint,
};
use galactl::galera::inventory::ROLE;
use galactl::galera::judge::codes;
use galactl::galera::judge::whole::{Expectation, judge};
use galactl::galera::model::{SST_PASSWORD, Seqno, Service};
use galactl::galera::plan::{Action, NoPlan, Plan, ServerAction};
use galactl::kernel::judge::Finding;
use galactl::kernel::judge::preflight::Level;
use galactl::kernel::model::{NodeName, Secrets};
use galactl::kernel::plan::text;
use proptest::prelude::*;

use crate::support::recipe::{Recipe, anything, foundable};
use crate::support::simulation::{Cut, Ending};
use crate::support::{Ports, Shape, World, guards_of, name};

/// Planning renders every node's file; more cases than this cost more time than they find.
const CASES: u32 = 128;

fn config() -> ProptestConfig {
    ProptestConfig { cases: CASES, failure_persistence: None, ..ProptestConfig::default() }
}

/// Both ways of joining, as the inventory says them.
fn join() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["", "join: waves\n"])
}

fn shape() -> impl Strategy<Value = Shape> {
    (1..=5_usize, any::<bool>(), any::<bool>(), any::<bool>(), any::<prop::sample::Index>(), join()).prop_map(
        |(nodes, install, rsync, arbitrator, seed, join)| Shape {
            install,
            rsync,
            arbitrator,
            seed: seed.index(nodes),
            ..Shape::of(nodes).more(join)
        },
    )
}

/// Hosts of any kind.
fn any_world() -> impl Strategy<Value = World> {
    shape().prop_flat_map(|shape| {
        let recipes = prop::collection::vec(anything(), shape.nodes);
        recipes.prop_map(move |recipes| World::of(&shape, &recipes))
    })
}

/// Hosts of which a cluster can be bootstrapped.
fn fresh_world() -> impl Strategy<Value = World> {
    shape().prop_flat_map(|shape| {
        let recipes: Vec<_> =
            (0..shape.nodes).map(|index| foundable(index == shape.seed, shape.install)).collect();
        recipes.prop_map(move |recipes| World::of(&shape, &recipes))
    })
}

/// A whole cluster of which some nodes are taken away again: they are as [`foundable`] says.
fn growing_world() -> impl Strategy<Value = (World, Vec<NodeName>)> {
    let shape = (2..=5_usize, join()).prop_map(|(nodes, join)| Shape::of(nodes).more(join));
    let hosts = shape.prop_flat_map(|shape| {
        let recipes = prop::collection::vec(foundable(false, false), shape.nodes);
        (Just(shape), recipes, any::<prop::sample::Index>())
    });
    hosts.prop_map(|(shape, recipes, old)| {
        let old = 1 + old.index(shape.nodes - 1);
        let world = grown(&shape, &recipes, old);
        (world, (old..shape.nodes).map(name).collect())
    })
}

/// Bootstraps a cluster of the first `old` nodes with an inventory of its own, then adds the others.
fn grown(shape: &Shape, recipes: &[Recipe], old: usize) -> World {
    let small = Shape { nodes: old, ..shape.clone() };
    let mut cluster = World::of(&small, &recipes[..old]);
    let plan = cluster.bootstrap().unwrap();
    cluster.carry_out(&plan);
    let mut world = World::of(shape, recipes);
    for index in 0..old {
        world.set(&name(index), cluster.facts(&name(index)).clone());
    }
    world
}

/// As [`growing_world`], but the first of the new nodes may be anything at all.
fn strange_joiner() -> impl Strategy<Value = (World, Vec<NodeName>)> {
    (growing_world(), anything(), any::<bool>()).prop_filter_map(
        "a node out of sight",
        |((world, new), strange, install)| {
            let nodes = world.inventory.nodes.len();
            let index = nodes - new.len();
            let shape = Shape { install, ..Shape::of(nodes) };
            let mut all = World::of(&shape, &vec![strange.clone(); nodes]);
            for other in (0..nodes).filter(|other| *other != index) {
                all.set(&name(other), world.facts(&name(other)).clone());
            }
            strange.reached.then_some((all, new))
        },
    )
}

fn cut() -> impl Strategy<Value = Cut> {
    use Ending::{Clean, JoinFailed, JoinUnderway, StillArmed};
    let ending = prop::sample::select(vec![Clean, JoinFailed, JoinUnderway, StillArmed]);
    (0..7_usize, prop::collection::vec(0..8_usize, 5), ending).prop_map(|(stage, lanes, ending)| Cut {
        stage,
        lanes,
        ending,
    })
}

fn bootstraps(plan: &Plan) -> usize {
    plan.steps().filter(|step| matches!(step.action, Action::Server(ServerAction::NewCluster { .. }))).count()
}

fn joins(plan: &Plan) -> Vec<&NodeName> {
    plan.steps()
        .filter(|step| matches!(step.action, Action::Server(ServerAction::Join { .. })))
        .map(|step| &step.node)
        .collect()
}

fn unreachable(world: &World) -> usize {
    world.inventory.nodes.len() - world.observation.seen().count()
}

/// What a node holds that joining this cluster would delete, and that was not the cluster's own.
fn own_data(world: &World, node: &NodeName, cluster: &Live) -> Option<&'static str> {
    let facts = world.facts(node);
    let wanted = world.wanted(node);
    let ours =
        facts.config.as_ref().is_some_and(|config| lines_in_force(&config.text) == lines_in_force(&wanted));
    let other = |uuid| cluster.state_uuid.as_ref() != Some(uuid);
    let ahead = |seqno| matches!((seqno, cluster.last_committed), (Seqno::At(a), Seqno::At(b)) if a > b);
    if let Some(live) = facts.live().filter(|live| live.wsrep_on) {
        return match &live.state_uuid {
            Some(uuid) if other(uuid) => Some("a running server of another history"),
            Some(_) if ahead(live.last_committed) => Some("a running server that is ahead"),
            _ => None,
        };
    }
    match (&facts.datadir.grastate, facts.state()) {
        (_, NodeState::Unclear { .. }) if !(ours && facts.datadir.schemas.is_empty()) => {
            Some("an unknown state")
        }
        (Grastate::Saved(saved), _) if other(&saved.position.uuid) && !saved.position.uuid.is_zero() => {
            Some("another history")
        }
        (Grastate::Saved(saved), _) if ahead(saved.position.seqno) => Some("commits that the cluster lacks"),
        (Grastate::Absent | Grastate::Empty, _) if !facts.datadir.schemas.is_empty() => Some("databases"),
        _ => None,
    }
}

fn the_cluster(world: &World) -> Option<Live> {
    world.primary().first().and_then(|node| world.facts(node).live().cloned())
}

const AILMENTS: u8 = 5;

/// Takes one member's health away.
fn sicken(world: &mut World, node: &NodeName, how: u8) {
    let mut live = world.facts(node).live().unwrap().clone();
    match how {
        0 => live.ready = false,
        1 => live.local_state = "Donor/Desynced".into(),
        2 => live.cluster_status = ClusterStatus::NonPrimary,
        3 => live.wsrep_on = false,
        _ => live.cluster_name = "another".into(),
    }
    world.facts_mut(node).server_answer = ServerAnswer::Live(Box::new(live));
}

/// What the steps of every plan are, whatever the command.
fn well_formed(plan: &Plan) {
    let ids: Vec<_> = plan.steps().map(|step| step.id.as_str()).collect();
    let unique: BTreeSet<_> = ids.iter().collect();
    assert_eq!(unique.len(), ids.len(), "{ids:?}");
    let json = serde_json::to_string(plan).unwrap();
    let back: Plan = serde_json::from_str(&json).unwrap();
    assert_eq!(&back, plan);
    let text = text(plan);
    let mut rest = text.as_str();
    for id in ids {
        let at =
            rest.find(&format!("\n  {id} ")).unwrap_or_else(|| panic!("{id} is not in its place:\n{text}"));
        rest = &rest[at + 1..];
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_cluster_is_founded_once_first_on_the_seed_and_only_where_there_was_none(world in any_world()) {
        let Ok(plan) = world.bootstrap() else { return Ok(()) };
        well_formed(&plan);
        let actions: Vec<_> = plan.steps().collect();
        let creation = actions.iter().position(|step| matches!(step.action, Action::Server(ServerAction::NewCluster { .. })));
        prop_assert!(bootstraps(&plan) <= 1);
        let Some(creation) = creation else { return Ok(()) };
        prop_assert_eq!(&actions[creation].node, &world.inventory.seed);
        let first_join = actions.iter().position(|step| matches!(step.action, Action::Server(ServerAction::Join { .. })));
        prop_assert!(first_join.is_none_or(|join| creation < join));
        for (node, facts) in world.observation.seen() {
            prop_assert!(matches!(facts.state(), NodeState::Bare | NodeState::Fresh), "{} {:?}", node, facts.state());
            prop_assert!(matches!(facts.datadir.grastate, Grastate::Absent | Grastate::Empty));
            prop_assert!(facts.datadir.sst_leftovers.is_empty());
            prop_assert!(node == &world.inventory.seed || facts.datadir.schemas.is_empty());
        }
    }

    #[test]
    fn nothing_is_planned_while_a_node_is_out_of_sight(world in any_world(), new in 0..5_usize) {
        if unreachable(&world) == 0 {
            return Ok(());
        }
        for outcome in [world.bootstrap(), world.add(&[name(new)], &[])] {
            prop_assert_eq!(guards_of(&outcome), vec![codes::UNREACHABLE; unreachable(&world)]);
        }
    }

    #[test]
    fn where_a_primary_component_lives_nothing_is_founded(world in any_world()) {
        let Ok(plan) = world.bootstrap() else { return Ok(()) };
        prop_assert!(world.primary().is_empty() || bootstraps(&plan) == 0);
    }

    #[test]
    fn the_executor_refuses_what_the_planner_refuses(world in any_world()) {
        let Ok(plan) = world.bootstrap() else { return Ok(()) };
        prop_assert_eq!(bootstraps(&plan) == 1, world.seed_guards().is_empty());
    }

    #[test]
    fn a_join_deletes_nothing_that_only_the_joiner_has((world, _) in strange_joiner()) {
        let cluster = the_cluster(&world).unwrap();
        let Ok(plan) = world.bootstrap() else { return Ok(()) };
        well_formed(&plan);
        prop_assert_eq!(bootstraps(&plan), 0);
        for node in joins(&plan) {
            prop_assert_eq!(own_data(&world, node, &cluster), None, "{}", node);
        }
    }

    #[test]
    fn growing_founds_nothing_and_deletes_only_what_was_agreed((world, new) in strange_joiner(), agreed in any::<bool>()) {
        let cluster = the_cluster(&world).unwrap();
        let strange = &new[0];
        let discard = if agreed { vec![strange.clone()] } else { vec![] };
        let Ok(plan) = world.add(&new, &discard) else { return Ok(()) };
        well_formed(&plan);
        prop_assert_eq!(bootstraps(&plan), 0);
        prop_assert!(joins(&plan).iter().all(|node| new.contains(node)));
        let loses = joins(&plan).contains(&strange).then(|| own_data(&world, strange, &cluster)).flatten();
        prop_assert!(agreed || loses.is_none(), "{:?}", loses);
        prop_assert_eq!(plan.discards.contains(strange), loses.is_some(), "{:?}", loses);
        prop_assert!(plan.discards.iter().all(|node| discard.contains(node)));
    }

    #[test]
    fn an_unhealthy_cluster_is_not_grown((mut world, new) in growing_world(), sick in any::<prop::sample::Index>(), how in 0..AILMENTS) {
        let members = world.primary();
        sicken(&mut world, &members[sick.index(members.len())], how);
        let outcome = world.add(&new, &[]);
        // A donor is free again by itself, and is waited for.
        if matches!(outcome, Err(NoPlan::Donating(_))) { return Ok(()) }
        let guards = guards_of(&outcome);
        let told = guards.iter().all(|guard| [codes::UNHEALTHY, codes::PRIMARY_ALIVE].contains(guard));
        prop_assert!(told && !guards.is_empty(), "{:?}", guards);
    }

    #[test]
    fn an_empty_plan_means_a_whole_cluster(mut world in fresh_world(), sick in any::<prop::sample::Index>(), how in 0..AILMENTS) {
        world.carry_out(&world.bootstrap().unwrap());
        let nodes = world.inventory.nodes.len();
        sicken(&mut world, &name(sick.index(nodes)), how);
        let Ok(plan) = world.bootstrap() else { return Ok(()) };
        prop_assert!(!plan.is_empty());
    }

    #[test]
    fn a_bootstrap_carried_out_leaves_nothing_to_do(mut world in fresh_world()) {
        let plan = world.bootstrap().map_err(|why| fail(&why))?;
        well_formed(&plan);
        world.carry_out(&plan);
        prop_assert_eq!(world.births, 1);
        assert_whole(&world);
        assert_nothing_to_do(&world.bootstrap());
    }

    #[test]
    fn a_bootstrap_that_stops_anywhere_is_continued_to_the_same_end(
        mut world in fresh_world(),
        cuts in prop::collection::vec(cut(), 1..4),
    ) {
        let mut straight = world.clone();
        straight.carry_out(&world.bootstrap().map_err(|why| fail(&why))?);
        for cut in &cuts {
            let plan = world.bootstrap().map_err(|why| fail(&why))?;
            world.carry_out_until(&plan, cut);
        }
        let plan = world.bootstrap().map_err(|why| fail(&why))?;
        world.carry_out(&plan);
        prop_assert_eq!(world.births, 1);
        assert_whole(&world);
        assert_same_end(&world, &straight);
        assert_nothing_to_do(&world.bootstrap());
    }

    #[test]
    fn nodes_that_are_added_leave_nothing_to_do((mut world, new) in growing_world(), cuts in prop::collection::vec(cut(), 0..3)) {
        let mut straight = world.clone();
        straight.carry_out(&world.add(&new, &[]).map_err(|why| fail(&why))?);
        for cut in &cuts {
            let plan = world.add(&new, &[]).map_err(|why| fail(&why))?;
            world.carry_out_until(&plan, cut);
        }
        let plan = world.add(&new, &[]).map_err(|why| fail(&why))?;
        world.carry_out(&plan);
        assert_whole(&world);
        assert_same_end(&world, &straight);
        assert_nothing_to_do(&world.add(&new, &[]));
        assert_nothing_to_do(&world.bootstrap());
    }

    #[test]
    fn nothing_is_planned_over_ports_that_are_closed(
        mut world in fresh_world(),
        closed in prop::collection::vec((0..5_usize, 0..5_usize, 0..4_usize, 0..4_usize), 0..4),
        taken in prop::option::of((0..5_usize, 0..4_usize)),
    ) {
        let open = world.bootstrap().map_err(|why| fail(&why))?;
        let how = [Reach::Refused, Reach::Filtered("no answer".into()), Reach::Stranger, Reach::NotTried("x".into())];
        world.observation.ports = world.open_ports();
        for (from, to, service, reach) in closed {
            world.observation.ports.close(from, to, &[Service::ALL[service]], &how[reach]);
        }
        if let Some((node, service)) = taken {
            world.observation.ports.take(node, Service::ALL[service], "socat (pid 311)");
        }
        let ports = &world.observation.ports;
        let shut = |way: &Way| way.service.is_essential() && !matches!(way.reach, Reach::Open | Reach::NotTried(_));
        let foreign = |port: &NodePort| matches!(port.state, PortState::InUse(_));
        let stands = ports.ways.iter().any(shut) || ports.of_nodes.iter().any(foreign);
        match world.bootstrap() {
            Ok(plan) => prop_assert!(!stands && plan.stages == open.stages),
            Err(_) => {
                let guards = guards_of(&world.bootstrap());
                prop_assert!(stands && guards.iter().all(|guard| *guard == codes::PORTS), "{:?}", guards);
            }
        }
        prop_assert_eq!(world.check().verdict == Level::Fail, stands);
    }

    #[test]
    fn no_plan_tells_a_secret(mut world in fresh_world(), secret in "[!-~]{8,24}", foreign in any::<bool>()) {
        let mut secrets = Secrets::default();
        secrets.insert(SST_PASSWORD, secret.clone());
        for index in 0..world.inventory.nodes.len() {
            let node = name(index);
            let host = world.facts_mut(&node);
            let Some(config) = &mut host.config else { continue };
            let on_disk = fill_in(&config.text, &secrets).unwrap();
            let known = if foreign { Secrets::default() } else { secrets.clone() };
            config.text = redact(&on_disk, &known);
        }
        let Ok(plan) = world.bootstrap() else { return Ok(()) };
        prop_assert!(!text(&plan).contains(&secret));
        let json = serde_json::to_string(&plan).unwrap();
        let escaped = serde_json::to_string(&secret).unwrap();
        prop_assert!(!json.contains(escaped.trim_matches('"')));
    }
}

fn fail(why: &NoPlan) -> TestCaseError {
    let refusals = match why {
        NoPlan::Refused(refusals) => galactl::kernel::plan::refusals_text(refusals),
        other => other.to_string(),
    };
    TestCaseError::fail(refusals)
}

fn assert_whole(world: &World) {
    let nodes = world.inventory.start_order().map(|node| node.name.clone()).collect();
    let expected = Expectation { cluster: "shop".into(), nodes, most_members: world.inventory.size() };
    assert_eq!(judge(&expected, &world.views()), []);
}

fn assert_nothing_to_do(outcome: &Result<Plan, NoPlan>) {
    match outcome {
        Ok(plan) => assert!(plan.is_empty(), "{}", text(plan)),
        Err(why) => panic!("{:?}", fail(why)),
    }
}

/// What galactl decides by is the same on every node. How often views changed may differ; who is in
/// them, [`assert_whole`] sees.
fn assert_same_end(world: &World, straight: &World) {
    for (node, facts) in world.observation.seen() {
        let differences = fingerprint(ROLE, straight.facts(node)).differences(&fingerprint(ROLE, facts));
        let differences: Vec<_> = differences.iter().filter(|difference| difference.fact != "view").collect();
        assert!(differences.is_empty(), "{node}: {differences:?}");
    }
}

// Refusals to continue that are meant: what was bootstrapped has stopped again, so it must be
// recovered, not bootstrapped a second time.

#[test]
fn a_seed_that_stopped_after_the_founding_is_not_founded_again() {
    let mut world = World::new(
        &Shape::of(3),
        [crate::support::fresh(), crate::support::fresh(), crate::support::fresh()],
    );
    let plan = world.bootstrap().unwrap();
    world.carry_out_until(&plan, &Cut { stage: 1, lanes: vec![1], ending: Ending::Clean });
    assert_eq!(world.births, 1);
    let seed = world.facts_mut(&name(0));
    crate::support::Changes::become_stopped(seed);
    let refused: Vec<Finding> = crate::support::refusals(&world.bootstrap());
    assert_eq!(refused.iter().map(|refusal| refusal.code).collect::<Vec<_>>(), [codes::CLUSTER_STATE]);
}
