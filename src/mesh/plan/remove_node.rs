//! Nodes leave the mesh for good, while the inventory still lists them, because they must be reached.

use std::collections::BTreeSet;

use super::begin::begin;
use super::no_plan::refuse;
use super::stages::verify;
use super::unheard;
use super::{Command, Heirs, NoPlan, NodeAction, Plan, Step};
use crate::kernel::judge::{Finding, PLACE, Remedy};
use crate::kernel::model::NodeName;
use crate::kernel::model::words::names;
use crate::kernel::plan::Width;
use crate::mesh::config::{lines, shutting_out};
use crate::mesh::facts::{Database, HostFacts, SubscriptionState};
use crate::mesh::inventory::{Inventory, Node};
use crate::mesh::judge::directions::directions;
use crate::mesh::judge::standing::foreign;
use crate::mesh::judge::{Basis, codes, held_up, hosts, reach};
use crate::mesh::model::{Cluster, DatabaseName, Link, subscription};

/// What the user decides of a removal.
#[derive(Debug, Clone, Copy)]
pub struct Removing<'a> {
    pub nodes: &'a [NodeName],
    /// Those of them that may be out of reach.
    pub unseen: &'a [NodeName],
}

/// A node that leaves, and its server answers.
#[derive(Clone, Copy)]
struct Leaving<'a> {
    node: &'a Node,
    facts: &'a HostFacts,
}

/// Plans the removal of nodes. Their data stays in place.
///
/// Errors: every reason not to go on.
pub fn remove_node(basis: &Basis<'_>, removing: &Removing<'_>) -> Result<Plan, NoPlan> {
    let whole = basis;
    let inventory = with_its_databases(whole);
    let basis = &Basis { inventory: &inventory, ..*whole };
    let rest = inventory.without(removing.nodes);
    let rest = Basis { inventory: &rest, ..*basis };
    refuse(somebody_stays(&rest))?;
    refuse(reachable(basis, removing))?;
    refuse(hosts::refusals(&rest))?;
    refuse(foreign(basis))?;
    refuse(answering(basis, &rest, removing))?;
    let stays = rest.entered();
    refuse(no_mesh(&stays))?;
    let leaving = leaving(basis, removing);
    refuse(leaving.iter().flat_map(|it| undelivered(basis, it, &stays)).collect())?;
    let gone = given_up(basis, removing, &leaving, &stays);
    let command = Command::RemoveNode {
        nodes: removing.nodes.to_vec(),
        unseen: removing.unseen.to_vec(),
        given_up: gone.iter().map(|node| node.name.clone()).collect(),
    };
    let mut plan = begin(whole, command);
    for it in &leaving {
        part(basis, it, &stays, &mut plan)?;
    }
    let silent = removing.nodes.iter().filter(|name| leaving.iter().all(|it| &it.node.name != *name));
    for name in silent {
        plan.stage(&format!("Take {name} out of the others"), Width::Serial, forget(basis, name, &stays));
    }
    plan.stage("Let them in no more", Width::NodesInParallel, narrower(&rest, &stays));
    if plan.is_empty() {
        return Ok(plan);
    }
    plan.consequences = consequences(basis, removing, &leaving, &gone, &stays);
    let is_whole = inventory.databases.len() == whole.inventory.databases.len();
    prove(&rest, removing, &stays, is_whole, &mut plan);
    Ok(plan)
}

/// The inventory with those of its databases that are part of the mesh. One that is still to come has nothing to take away.
fn with_its_databases(basis: &Basis<'_>) -> Inventory {
    let mesh = basis.inventory.cluster.as_str();
    let entered = basis.entered();
    let mut inventory = basis.inventory.clone();
    inventory.databases.retain(|it| {
        entered.is_empty()
            || entered.iter().any(|(node, facts)| facts.is_member(&node.name, mesh, &[&it.name]))
    });
    inventory
}

fn databases(basis: &Basis<'_>) -> Vec<DatabaseName> {
    basis.databases().into_iter().cloned().collect()
}

fn somebody_stays(rest: &Basis<'_>) -> Vec<Finding> {
    let next = Remedy::from("name fewer of them");
    let evidence = "these are all nodes of the inventory, and none would remain";
    if rest.inventory.nodes.is_empty() {
        vec![Finding::new(codes::NOT_MEMBER, evidence, next)]
    } else {
        Vec::new()
    }
}

/// Whoever is not seen may be writing, unless the user says that it is gone.
fn reachable(basis: &Basis<'_>, removing: &Removing<'_>) -> Vec<Finding> {
    let mut refusals = reach::unseen(basis);
    refusals.retain(|refusal| refusal.node.as_ref().is_none_or(|node| !removing.unseen.contains(node)));
    refusals
}

/// A server that does not run can neither give its last changes nor forget the node.
fn answering(basis: &Basis<'_>, rest: &Basis<'_>, removing: &Removing<'_>) -> Vec<Finding> {
    let silent = basis.nodes().filter(|(_, facts)| facts.live().is_none() && !facts.datadir.is_blank());
    let mut found = Vec::new();
    for (node, facts) in silent {
        let unit = facts.major().map(|major| Cluster(major).unit()).unwrap_or_default();
        let start = Remedy::on_host(format!("sudo systemctl start {unit}, then run this again"));
        let next = match rest.inventory.node(&node.name) {
            _ if removing.unseen.contains(&node.name) => continue,
            Some(_) if removing.unseen.is_empty() => start,
            _ => start.and("; if it cannot start: ").and(without(removing, &node.name)),
        };
        found.push(Finding::new(codes::NOT_RUNNING, "its server gives no answer", next).on(&node.name));
    }
    found
}

/// The same removal, that of this node too, which gives no answer.
fn without(removing: &Removing<'_>, gone: &NodeName) -> Remedy {
    let with = |names: &[NodeName]| {
        let mut all: Vec<_> = names.iter().map(NodeName::to_string).collect();
        if !names.contains(gone) {
            all.push(gone.to_string());
        }
        all
    };
    let unseen = with(removing.unseen).into_iter().flat_map(|name| ["--unseen".to_owned(), name]);
    let args: Vec<_> = with(removing.nodes).into_iter().chain(unseen).collect();
    Remedy::galactl("remove-node", &args.iter().map(String::as_str).collect::<Vec<_>>())
}

fn no_mesh(stays: &[(&Node, &HostFacts)]) -> Vec<Finding> {
    let next = Remedy::galactl("status", &[]);
    let evidence = "none of the nodes that stay is a member of the mesh";
    if stays.is_empty() { vec![Finding::new(codes::NOT_MEMBER, evidence, next)] } else { Vec::new() }
}

/// Those of them that still have something of the mesh, and answer. A copy that was cut off is nobody's node yet.
fn leaving<'a>(basis: &Basis<'a>, removing: &Removing<'_>) -> Vec<Leaving<'a>> {
    let named = basis.nodes().filter(|(node, _)| removing.nodes.contains(&node.name));
    named
        .filter(|(_, facts)| facts.live().is_some() && facts.datadir.joining.is_none())
        .filter(|(node, facts)| has_parts(basis, node, facts))
        .map(|(node, facts)| Leaving { node, facts })
        .collect()
}

/// galactl's schema goes last, so it shows whether a node has left a database.
fn has_parts(basis: &Basis<'_>, node: &Node, facts: &HostFacts) -> bool {
    let is_own = |it: &Database| {
        it.members.is_some() || it.subscriptions.iter().any(|sub| reads(sub.name.as_str(), node))
    };
    basis.databases().into_iter().filter_map(|name| facts.database(name)).any(is_own)
}

fn reads(subscription: &str, node: &Node) -> bool {
    subscription.strip_prefix(node.name.as_str()).is_some_and(|rest| rest.starts_with("_from_"))
}

/// Links by which a node that leaves cannot give its last changes, and prepared transactions that would come later.
fn undelivered(basis: &Basis<'_>, leaving: &Leaving<'_>, stays: &[(&Node, &HostFacts)]) -> Vec<Finding> {
    let leaver = &leaving.node.name;
    let mut found = Vec::new();
    for (node, facts) in stays {
        for database in basis.databases() {
            let name = subscription(&node.name, leaver);
            let Some(own) = facts.database(database).and_then(|it| it.subscription(&name)) else { continue };
            if own.state == SubscriptionState::Replicating && held_up::error(facts, own).is_none() {
                continue;
            }
            let evidence = format!(
                "{name} in database {database} does not read, so the last changes of {leaver} do not come"
            );
            let next = Remedy::galactl("doctor", &[])
                .and(" says why. To go on without these changes: ")
                .and(stopped(leaving))
                .and(", then ")
                .and(Remedy::galactl("remove-node", &[leaver.as_str(), "--unseen", leaver.as_str()]));
            found.push(Finding::new(codes::LINK, evidence, next).on(&node.name));
        }
    }
    if leaving.facts.live().is_some_and(|live| live.prepared > 0) {
        let next = Remedy::on_host(
            "sudo -u postgres psql -c 'SELECT gid, database FROM pg_prepared_xacts', then COMMIT PREPARED or ROLLBACK PREPARED each",
        );
        found.push(Finding::new(codes::PREPARED, "prepared transactions are open", next).on(leaver));
    }
    found
}

fn stopped(leaving: &Leaving<'_>) -> Remedy {
    let unit = leaving.facts.major().map(|major| Cluster(major).unit()).unwrap_or_default();
    Remedy::OnHost {
        node: Some(leaving.node.name.clone()),
        command: format!("sudo systemctl disable --now {unit}"),
    }
}

/// Members that are to leave, and whose last changes nobody can ask for.
fn given_up<'a>(
    basis: &Basis<'a>,
    removing: &Removing<'_>,
    leaving: &[Leaving<'_>],
    stays: &[(&Node, &HostFacts)],
) -> Vec<&'a Node> {
    let nodes = basis.inventory.nodes.iter().filter(|node| removing.nodes.contains(&node.name));
    let answers = |node: &Node| leaving.iter().any(|it| it.node.name == node.name);
    // A copy that was cut off has written nothing of its own. Any other server that answers and has nothing of the mesh is a new
    // one in place of the member's.
    let is_copy = |node: &Node| {
        basis.observation.facts(&node.name).is_some_and(|facts| facts.datadir.joining.is_some())
    };
    let known = |node: &Node| {
        let mut all = stays.iter().flat_map(|(it, facts)| {
            basis
                .databases()
                .into_iter()
                .filter_map(|name| facts.database(name))
                .map(move |database| (*it, database))
        });
        all.any(|(it, database)| {
            database.member(&node.name).is_some()
                || database.subscription(&subscription(&it.name, &node.name)).is_some()
        })
    };
    nodes.filter(|node| !answers(node) && !is_copy(node) && known(node)).collect()
}

/// The stages of a node that answers: it gives what it has, and goes.
fn part(
    basis: &Basis<'_>,
    leaving: &Leaving<'_>,
    stays: &[(&Node, &HostFacts)],
    plan: &mut Plan,
) -> Result<(), NoPlan> {
    let Leaving { node, facts } = *leaving;
    let version = facts.major().map_err(|_| NoPlan::Refused(Vec::new()))?;
    let shut = NodeAction::ShutOut {
        version,
        access: shutting_out(&basis.inventory.nodes),
        databases: databases(basis),
    };
    let mut steps = vec![Step::new(node, shut, "what a client wrote from now on would be on no other node")];
    let heirs = heirs(basis, node, stays);
    if !heirs.is_empty() && basis.is_member(node, facts) {
        let deliver = NodeAction::Deliver { heirs };
        steps.push(Step::new(node, deliver, "nothing that was committed on it is lost"));
    }
    steps.push(Step::new(
        node,
        NodeAction::StopReading { databases: databases(basis) },
        "the others need to keep nothing for it",
    ));
    steps.extend(forget(basis, &node.name, stays));
    let leave = NodeAction::Leave { version, access: shutting_out(&[]), databases: databases(basis) };
    steps.push(Step::new(node, leave, "it is a server of its own, with its data"));
    plan.stage(&format!("Let {} go", node.name), Width::Serial, steps);
    Ok(())
}

/// Those that read from this node, database by database. One that has ended that has got its last changes in an earlier run, or
/// cannot get them.
fn heirs(basis: &Basis<'_>, leaver: &Node, stays: &[(&Node, &HostFacts)]) -> Vec<Heirs> {
    let of = |database: &DatabaseName| {
        let reads = |node: &Node, facts: &HostFacts| {
            let name = subscription(&node.name, &leaver.name);
            facts.database(database).is_some_and(|it| it.subscription(&name).is_some())
        };
        let members = stays.iter().filter(|(node, facts)| reads(node, facts));
        members.map(|(node, _)| node.name.clone()).collect()
    };
    let all = basis.databases().into_iter().map(|it| Heirs { database: it.clone(), members: of(it) });
    all.filter(|it| !it.members.is_empty()).collect()
}

/// On each of those that stay and that have something of the node.
fn forget(basis: &Basis<'_>, leaver: &NodeName, stays: &[(&Node, &HostFacts)]) -> Vec<Step> {
    let has = stays.iter().filter(|(node, facts)| knows(basis, node, facts, leaver));
    has.map(|(node, _)| {
        let action = NodeAction::Forget { node: leaver.clone(), databases: databases(basis) };
        Step::new(*node, action, "it reads from it no more, and keeps no WAL for it")
    })
    .collect()
}

fn knows(basis: &Basis<'_>, node: &Node, facts: &HostFacts, leaver: &NodeName) -> bool {
    let own = subscription(&node.name, leaver);
    let claimed: BTreeSet<&str> = basis
        .nodes()
        .filter(|(other, _)| other.name != *leaver)
        .flat_map(|(_, facts)| facts.databases.values().filter_map(|it| it.told()))
        .flat_map(|it| it.subscriptions.iter().filter_map(|sub| sub.slot.as_deref()))
        .collect();
    basis.databases().into_iter().any(|database| {
        let link = Link { subscriber: leaver, provider: &node.name, database };
        let told = facts.database(database);
        let slots = facts.live().into_iter().flat_map(|live| &live.slots);
        let has_slot = slots
            .filter(|slot| !claimed.contains(slot.name.as_str()))
            .any(|slot| link.may_have_slot(basis.inventory.method, &slot.name));
        has_slot || told.is_some_and(|it| it.member(leaver).is_some() || it.subscription(&own).is_some())
    })
}

/// Nodes that are gone may log in no more.
fn narrower(rest: &Basis<'_>, stays: &[(&Node, &HostFacts)]) -> Vec<Step> {
    let access = lines(rest.inventory);
    let differ = stays.iter().filter(|(_, facts)| facts.access != access);
    differ
        .filter_map(|(node, facts)| {
            let action = NodeAction::Configure { version: facts.major().ok()?, access: access.clone() };
            Some(Step::new(*node, action, "whoever is no member logs in with the members' account no more"))
        })
        .collect()
}

/// That nothing of the nodes is left, and that the others still are one mesh where they were. `is_whole`: the mesh has all
/// databases of the inventory.
fn prove(
    rest: &Basis<'_>,
    removing: &Removing<'_>,
    stays: &[(&Node, &HostFacts)],
    is_whole: bool,
    plan: &mut Plan,
) {
    let Some((first, _)) = stays.first() else { return };
    let members: Vec<_> = stays.iter().map(|(node, _)| node.name.clone()).collect();
    let action = NodeAction::VerifyGone {
        nodes: removing.nodes.to_vec(),
        members: members.clone(),
        databases: databases(rest),
    };
    let replicates = directions(rest).iter().all(|it| it.state() == Some(SubscriptionState::Replicating));
    let step = Step::new(*first, action, "what is left of it would keep WAL for ever");
    if is_whole && replicates && members.len() > 1 {
        verify(plan, first, &members);
        plan.stages.last_mut().into_iter().for_each(|stage| stage.steps.insert(0, step.clone()));
    } else {
        plan.stage("Verify", Width::Serial, vec![step]);
    }
}

fn consequences(
    basis: &Basis<'_>,
    removing: &Removing<'_>,
    leaving: &[Leaving<'_>],
    gone: &[&Node],
    stays: &[(&Node, &HostFacts)],
) -> Vec<String> {
    let mut told = Vec::new();
    for it in leaving {
        told.extend(of_leaving(basis, it, stays));
    }
    for node in gone {
        told.extend(unheard::told(basis, node, stays));
    }
    told.push(format!("afterwards: {}", left_to_do(basis.inventory, removing.nodes)));
    told
}

fn of_leaving(basis: &Basis<'_>, leaving: &Leaving<'_>, stays: &[(&Node, &HostFacts)]) -> Vec<String> {
    let name = &leaving.node.name;
    let heirs = heirs(basis, leaving.node, stays);
    let mut told = Vec::new();
    for Heirs { database, members } in &heirs {
        told.push(format!(
            "clients of {name} in database {database} are disconnected; what they have committed is given to {} first",
            names(members, "and")
        ));
    }
    for database in basis.databases() {
        let gets =
            |node: &NodeName| heirs.iter().any(|it| it.database == *database && it.members.contains(node));
        let without: Vec<_> = stays.iter().map(|(node, _)| &node.name).filter(|node| !gets(node)).collect();
        if !without.is_empty() {
            told.push(format!(
                "there is no subscription to {name} on {} in database {database}, so what {name} has written there since there was one is not given to {}",
                names(&without, "and"),
                if without.len() == 1 { "it" } else { "them" }
            ));
        }
    }
    let version = leaving.facts.major().map(|major| major.to_string()).unwrap_or_default();
    let settings = format!("/etc/postgresql/{version}/main");
    told.push(format!(
        "{name} stays a server of its own with its data and its galactl.conf; galactl's lines of {settings}/pg_hba.conf refuse \
         clients there, because what they wrote would be in no mesh. To let them in: take these lines away, and reload it"
    ));
    told
}

/// What is left to a person once the plan is carried out.
pub fn left_to_do(inventory: &Inventory, nodes: &[NodeName]) -> String {
    let gone = names(nodes, "and");
    let seed = if nodes.contains(&inventory.seed) {
        "; `cluster.seed`, where it is written, must name another one"
    } else {
        ""
    };
    format!("delete {gone} from `nodes` in the inventory{seed}; then galactl status {PLACE}")
}
