//! What holds of every plan, whatever the hosts are like.

use std::collections::BTreeSet;

use galactl::kernel::facts::Answer;
use galactl::kernel::model::NodeName;
use galactl::mesh::judge::standing::{Place, place};
use galactl::mesh::plan::{Action, NoPlan, NodeAction, Plan, Saved, add_node, bootstrap};
use proptest::prelude::*;

use super::world::{World, name};

const NODES: [&str; 4] = ["pg1", "pg2", "pg3", "pg4"];

/// What a host may be like.
#[derive(Debug, Clone, Copy)]
enum Host {
    Bare,
    Blank,
    BlankRuns,
    Serves,
    Stopped,
    Standby,
    Joining,
    JoiningOther,
    Unseen,
    Unreadable,
    Member,
    MemberStopped,
    MemberOfOther,
    HalfMember,
    MemberUnlinked,
    DatabaseUnseen,
}

fn host() -> impl Strategy<Value = Host> {
    use Host::*;
    prop_oneof![
        4 => Just(Blank), 2 => Just(Bare), 1 => Just(BlankRuns), 2 => Just(Serves), 1 => Just(Stopped), 1 => Just(Standby),
        2 => Just(Joining), 1 => Just(JoiningOther), 1 => Just(Unseen), 1 => Just(Unreadable), 6 => Just(Member),
        1 => Just(MemberStopped), 1 => Just(MemberOfOther), 1 => Just(HalfMember), 1 => Just(MemberUnlinked), 1 => Just(DatabaseUnseen)
    ]
}

/// Who is a member by its own table, in all databases.
fn is_member(host: Host) -> bool {
    matches!(host, Host::Member | Host::MemberStopped | Host::MemberUnlinked)
}

fn world(hosts: [Host; 4], databases: usize, forgets: bool) -> World {
    let sections = match databases {
        1 => "databases: [{name: shop}]",
        _ => "databases: [{name: shop}, {name: stock}]",
    };
    let members: Vec<_> =
        NODES.iter().zip(hosts).filter(|(_, host)| is_member(*host)).map(|(node, _)| *node).collect();
    let mut world = World::members_with(sections, &NODES, &members);
    if forgets {
        // Rows of others have not come yet.
        for node in &members {
            for database in world.node(node).databases.values_mut() {
                let Answer::Told(database) = database else { continue };
                database.members.as_mut().unwrap().retain(|row| row.name == *node);
            }
        }
    }
    for (node, host) in NODES.into_iter().zip(hosts) {
        change(&mut world, node, host);
    }
    world
}

fn change(world: &mut World, node: &str, host: Host) {
    match host {
        Host::Blank | Host::Member => {}
        Host::Bare => {
            let facts = world.node(node);
            facts.packages.values_mut().for_each(|it| it.installed = None);
            facts.clusters.clear();
            facts.datadir.exists = false;
        }
        Host::BlankRuns => {
            world.serves(node);
            world.node(node).datadir.of_users = 0;
            world.node(node).databases.clear();
            world.live(node).databases.clear();
        }
        Host::Serves => world.serves(node),
        Host::Stopped => {
            world.serves(node);
            world.stop(node);
        }
        Host::Standby => {
            world.serves(node);
            world.live(node).in_recovery = true;
        }
        Host::Joining => world.joins(node),
        Host::JoiningOther => {
            world.joins(node);
            world.node(node).datadir.joining = Some("pg9".into());
        }
        Host::Unseen => world.unreachable(node),
        Host::Unreadable => world.node(node).datadir.unseen = Some("it cannot be read".into()),
        Host::MemberStopped => world.stop(node),
        Host::MemberOfOther => {
            world.serves(node);
            world.knows(node, node, 1);
            world.database(node).members.as_mut().unwrap()[0].mesh = "other".into();
        }
        Host::HalfMember => {
            world.serves(node);
            let rows = World::members(&["pg1"]).database("pg1").members.clone();
            world.database(node).members = rows;
            let row = &mut world.database(node).members.as_mut().unwrap()[0];
            (row.name, row.number) = (node.into(), 9);
        }
        Host::MemberUnlinked => world.database(node).subscriptions.clear(),
        Host::DatabaseUnseen => {
            world.serves(node);
            let first = world.inventory.databases[0].name.clone();
            world.node(node).databases.insert(first, Answer::Unseen("timeout".into()));
        }
    }
}

fn action(step: &galactl::mesh::plan::Step) -> Option<&NodeAction> {
    match &step.action {
        Action::Node(action) => Some(action),
        Action::Host(_) => None,
    }
}

/// Who is a member by any node's word, or by its own.
fn known(world: &World) -> BTreeSet<NodeName> {
    let told = world.basis().told_members();
    let mut all: BTreeSet<_> = world.inventory.nodes.iter().map(|node| node.name.clone()).collect();
    all.retain(|node| told.contains_key(node.as_str()));
    all
}

fn check(world: &World, plan: &Plan) -> Result<(), TestCaseError> {
    let basis = world.basis();
    let members: BTreeSet<_> = basis.members().iter().map(|(node, _)| node.name.clone()).collect();
    let mut there = members.clone();
    let begins: BTreeSet<_> = plan
        .steps()
        .filter(|step| matches!(action(step), Some(NodeAction::Account)))
        .map(|step| step.node.clone())
        .collect();
    prop_assert!(begins.len() <= 1);
    let mut reserved: Option<(NodeName, BTreeSet<NodeName>)> = None;
    let mut followed: BTreeSet<NodeName> = BTreeSet::new();
    for step in plan.steps() {
        let facts = basis.observation.facts(&step.node).expect("no step is done on a host that was not seen");
        let own = basis.inventory.node(&step.node).expect("a node");
        let place = place(&basis, own, facts);
        match action(step) {
            Some(NodeAction::Open { .. }) => {
                prop_assert!(members.is_empty(), "a database is opened beside members");
                let others: Vec<_> = known(world).into_iter().filter(|node| *node != step.node).collect();
                prop_assert!(others.is_empty(), "a database is opened, and {:?} are members", others);
                there.insert(step.node.clone());
            }
            Some(NodeAction::Reserve { source, members: all, .. }) => {
                let all: BTreeSet<_> = all.iter().cloned().collect();
                prop_assert_eq!(&all, &there, "who is there keeps its changes");
                prop_assert!(all.contains(source));
                reserved = Some((step.node.clone(), all));
            }
            Some(NodeAction::Copy { source, .. }) => {
                prop_assert_eq!(place, Place::Free, "{} has data", step.node);
                prop_assert!(there.contains(source) && *source != step.node);
                let (joiner, all) = reserved.clone().expect("a copy comes after what is kept for it");
                prop_assert_eq!(&joiner, &step.node);
                prop_assert_eq!(&all, &there);
            }
            Some(NodeAction::Follow { members: all, number, .. }) => {
                prop_assert_eq!(&all.iter().cloned().collect::<BTreeSet<_>>(), &there);
                prop_assert!((1..=world.inventory.sequence_step).contains(number));
                followed.insert(step.node.clone());
            }
            Some(NodeAction::Feed { members: all }) => {
                prop_assert_eq!(&all.iter().cloned().collect::<BTreeSet<_>>(), &there);
                prop_assert!(followed.contains(&step.node));
            }
            Some(NodeAction::Admit { .. }) => {
                prop_assert!(followed.contains(&step.node), "it reads before clients write to it");
                there.insert(step.node.clone());
            }
            Some(NodeAction::VerifyRows { nodes }) => {
                prop_assert_eq!(&nodes.iter().cloned().collect::<BTreeSet<_>>(), &there);
            }
            // A joiner lets no client in before its turn.
            Some(NodeAction::Configure { access, .. })
                if !members.contains(&step.node) && !begins.contains(&step.node) =>
            {
                let lets_in =
                    |line: &&String| line.starts_with("host all all ") && !line.ends_with(" reject");
                prop_assert!(!access.iter().any(|line| lets_in(&line)), "{:?}", access);
                prop_assert!(access.iter().any(|line| line == "host all all all reject"), "{:?}", access);
            }
            _ => {}
        }
    }
    let numbers: Vec<_> = plan
        .steps()
        .filter_map(|step| match action(step)? {
            NodeAction::Follow { number, .. } => Some(*number),
            _ => None,
        })
        .collect();
    let mut taken: Vec<_> = basis
        .told_members()
        .values()
        .filter(|it| there.contains(&name(&it.name)) && members.contains(&name(&it.name)))
        .map(|it| it.number)
        .collect();
    taken.extend(numbers);
    let all = taken.len();
    prop_assert_eq!(taken.into_iter().collect::<BTreeSet<_>>().len(), all, "a number is one node's");
    let input = || galactl::kernel::plan::Input { path: "a.yaml".into(), sha256: "0".into() };
    let saved = Saved::new(plan.clone(), "id".into(), "now".into(), input(), None);
    prop_assert_eq!(&Saved::parse(&saved.text()).expect("what was saved can be read").plan, plan);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn no_plan_breaks_a_promise(hosts in prop::array::uniform4(host()), databases in 1usize..3, forgets in any::<bool>(), clients in any::<bool>(), seed in 0usize..4, added in prop::sample::subsequence(NODES.to_vec(), 1..4)) {
        let mut world = world(hosts, databases, forgets);
        if clients {
            world.inventory.clients.push("10.9.0.0/16".parse().unwrap());
        }
        world.inventory.seed = name(NODES[seed]);
        let added: Vec<_> = added.into_iter().map(name).collect();
        for plan in [bootstrap(&world.basis()), add_node(&world.basis(), &added)] {
            match plan {
                Ok(plan) => check(&world, &plan)?,
                Err(NoPlan::Ask(_) | NoPlan::Rows(_) | NoPlan::TrialWanted(_)) => prop_assert!(false, "nothing is to be asked"),
                Err(NoPlan::Refused(refusals)) => {
                    prop_assert!(!refusals.is_empty(), "a refusal says why");
                    for finding in &refusals {
                        prop_assert!(!finding.remedy.to_string().is_empty(), "{:?}", finding);
                        // Nobody is told to drop the data of a member.
                        let is_known = finding.node.as_ref().is_some_and(|node| known(&world).contains(node));
                        prop_assert!(!is_known || !finding.remedy.to_string().contains("dropcluster"), "{:?}", finding);
                    }
                }
            }
        }
        // A status is never a panic, and says something of what is not well.
        let status = world.status();
        let all_well = status.nodes.iter().all(|node| node.state == "member");
        prop_assert!(all_well || !status.findings.is_empty(), "{:?}", status);
    }
}
