//! The birth of a mesh from a first node, or on from where an earlier run stopped.

use super::begin::begin;
use super::joining::{Joining, members};
use super::merging::tried;
use super::no_plan::refuse;
use super::stages::{needs_restart, prepare, verify};
use super::whole::not_running;
use super::{Command, NoPlan, NodeAction, Plan, SentTable, Step};
use crate::kernel::judge::PLACE;
use crate::kernel::model::NodeName;
use crate::kernel::model::words::names;
use crate::kernel::plan::Width;
use crate::mesh::config::lines;
use crate::mesh::facts::HostFacts;
use crate::mesh::inventory::{Database, Node};
use crate::mesh::judge::drift::{settings_file, staying};
use crate::mesh::judge::standing::{Place, foreign, forgotten, lost, new_databases, place, seed, strangers};
use crate::mesh::judge::{Basis, codes, hosts, merges, numbers, reach, schema};
use crate::mesh::model::DatabaseName;
use crate::postgresql::Major;

/// Plans the birth of the inventory's mesh.
///
/// Where there are members already, the others come to them and nothing is opened; where all are members, it is empty.
///
/// Errors: every reason not to go on.
pub fn bootstrap(basis: &Basis<'_>) -> Result<Plan, NoPlan> {
    refuse(reach::unseen(basis))?;
    refuse(hosts::refusals(basis))?;
    refuse(foreign(basis))?;
    refuse(forgotten(basis))?;
    refuse(strangers(basis))?;
    refuse(new_databases(basis))?;
    refuse(lost(basis))?;
    match (basis.members().first(), basis.entered().first()) {
        (None, None) => birth(basis, &basis.inventory.seed),
        // The only node there is; a database is still to be opened on it. Another one that has entered has data, for which
        // it is refused.
        (None, Some((first, _))) => birth(basis, &first.name),
        (Some((first, _)), _) => {
            let seed = first.name.clone();
            let missing = basis.nodes().filter(|(node, facts)| !basis.is_member(node, facts));
            let joiners = missing.collect();
            completing(basis, Command::Bootstrap { seed }, joiners)
        }
    }
}

/// The mesh begins on this node: in every database in which it is not there yet.
fn birth(basis: &Basis<'_>, first: &NodeName) -> Result<Plan, NoPlan> {
    let (first, facts) = one(basis, first)?;
    refuse(seed(basis, first, facts))?;
    refuse(schema::refusals(basis, &first.name, facts))?;
    refuse(schema::increments(basis, &first.name, facts))?;
    tried(basis, first, facts)?;
    let major = major(facts)?;
    let numbers = numbers::numbers(basis)?;
    let others: Vec<_> = basis.nodes().filter(|(node, _)| node.name != first.name).collect();
    let joining = Joining {
        major,
        source: (first, facts),
        members: vec![first],
        joiners: others,
        numbers: numbers.clone(),
    };
    joining.check(basis)?;
    let mut plan = begin(basis, Command::Bootstrap { seed: first.name.clone() });
    let own = prepare(basis, first, facts, major, true);
    let restart = needs_restart(basis, facts, &own);
    plan.consequences = consequences(basis, first, facts, restart);
    plan.stage("Prepare", Width::NodesInParallel, own.into_iter().chain(joining.prepare(basis)).collect());
    let mut steps = Vec::new();
    if facts.live().is_none() || restart {
        let action = NodeAction::Serve { version: major, restart };
        steps.push(Step::new(first, action, "a mesh needs logical WAL"));
    }
    steps.push(Step::new(first, NodeAction::Account, "the others log in with it"));
    let number = numbers.get(&first.name).copied().unwrap_or(1);
    let mesh = basis.inventory.cluster.as_str();
    let is_open = |it: &&Database| facts.is_member(&first.name, mesh, &[&it.name]);
    for database in basis.inventory.databases.iter().filter(|it| !is_open(it)) {
        let open = NodeAction::Open {
            database: database.name.clone(),
            number,
            tables: tables(facts, database),
            merges: database.merges.clone(),
        };
        steps.push(Step::new(first, open, "the others copy it as it is then"));
    }
    plan.stage("Open the first node", Width::Serial, steps);
    joining.stages(basis, &mut plan);
    let all: Vec<_> = basis.inventory.nodes.iter().map(|node| node.name.clone()).collect();
    verify(&mut plan, first, &all);
    Ok(plan)
}

/// Nodes come to a mesh that is there.
pub(super) fn completing(
    basis: &Basis<'_>,
    command: Command,
    joiners: Vec<(&Node, &HostFacts)>,
) -> Result<Plan, NoPlan> {
    let there = basis.members();
    let down = there.iter().filter(|(_, facts)| facts.live().is_none());
    refuse(down.map(|(node, facts)| not_running(node, facts)).collect())?;
    let source = *there.first().expect("somebody is a member");
    refuse(merges::differing(basis))?;
    refuse(schema::increments(basis, &source.0.name, source.1))?;
    let major = major(source.1)?;
    let numbers = numbers::numbers(basis)?;
    let joining =
        Joining { major, source, members: there.iter().map(|(node, _)| *node).collect(), joiners, numbers };
    joining.check(basis)?;
    let mut plan = begin(basis, command);
    let (mut prepared, restarts) = members(basis, major, &there);
    if joining.joiners.is_empty() && prepared.is_empty() && restarts.is_empty() {
        return Ok(plan);
    }
    prepared.extend(joining.prepare(basis));
    plan.consequences = access(basis);
    plan.consequences.extend(joining.consequences());
    plan.consequences.extend(restarts.iter().map(|step| restarts_sessions(step.node.as_str())));
    plan.stage("Prepare", Width::NodesInParallel, prepared);
    plan.stage("Restart members", Width::Serial, restarts);
    joining.stages(basis, &mut plan);
    let joined = joining.joiners.iter().map(|(node, _)| node.name.clone());
    let all: Vec<_> = there.iter().map(|(node, _)| node.name.clone()).chain(joined).collect();
    verify(&mut plan, source.0, &all);
    Ok(plan)
}

fn access(basis: &Basis<'_>) -> Vec<String> {
    let mut told = vec!["pg_hba.conf of each node begins with these lines, before all others:".to_owned()];
    told.extend(lines(basis.inventory).into_iter().map(|line| format!("  {line}")));
    told
}

fn restarts_sessions(node: &str) -> String {
    format!("the server of {node} is restarted, which ends its sessions")
}

/// Standbys lose their connection, and one that has less room than its primary stops replaying.
fn standbys(basis: &Basis<'_>, first: &Node, facts: &HostFacts) -> Option<String> {
    let live = facts.live()?;
    let file = facts.major().ok().map(|major| settings_file(basis, first, facts, major).text);
    let value = |name: &str| {
        let text = file.as_deref()?;
        text.lines().find(|line| line.starts_with(&format!("{name} = "))).map(str::to_owned)
    };
    let needed: Vec<_> = ["max_worker_processes", "max_wal_senders"].into_iter().filter_map(value).collect();
    (!live.standbys.is_empty()).then(|| {
        format!(
            "physical standbys lose their connection to {} then, and come back by themselves: {}; give each of them {} first, or it stops replaying",
            first.name,
            names(&live.standbys, "and"),
            needed.join(" and ")
        )
    })
}

/// What lint finds in the schema, and no plan is refused for.
fn of_schema(basis: &Basis<'_>, first: &Node, facts: &HostFacts) -> Vec<String> {
    let mut told = Vec::new();
    for (name, database) in
        basis.databases().into_iter().filter_map(|name| Some((name, facts.database(name)?)))
    {
        let alone: Vec<_> = database.sequences.iter().filter(|it| it.owner.is_none()).collect();
        let alone: Vec<_> = alone.iter().map(|it| format!("{}.{}", it.schema, it.name)).collect();
        if !alone.is_empty() {
            told.push(format!(
                "so do sequences of database {name} that belong to no column: {}; see that nothing needs their numbers in a row",
                names(&alone, "and")
            ));
        }
    }
    let worse = [codes::EXCLUSION, codes::FOREIGN_KEY_OUTSIDE, codes::SEQUENCE_ENDS];
    let found = schema::found(basis, &first.name, facts, &worse);
    told.extend(found.iter().map(|it| format!("{}; galactl lint {PLACE} tells more", it.evidence)));
    told
}

fn one<'a>(basis: &Basis<'a>, name: &NodeName) -> Result<(&'a Node, &'a HostFacts), NoPlan> {
    basis.nodes().find(|(node, _)| &node.name == name).ok_or_else(|| NoPlan::Refused(Vec::new()))
}

fn major(facts: &HostFacts) -> Result<Major, NoPlan> {
    facts.major().map_err(|_| NoPlan::Refused(Vec::new()))
}

fn tables(facts: &HostFacts, database: &Database) -> Vec<SentTable> {
    let sent = schema::wanted(facts, database);
    sent.map(|table| SentTable { schema: table.schema.clone(), name: table.name.clone() }).collect()
}

fn consequences(basis: &Basis<'_>, first: &Node, facts: &HostFacts, restart: bool) -> Vec<String> {
    let mut told = access(basis);
    told.extend(match place(basis, first, facts) {
        Place::Free => vec![format!("{} begins empty; the others copy it", first.name)],
        Place::Member | Place::HasData => vec![format!(
            "the data of {} become those of all: the others copy its whole server, and what is on them goes",
            first.name
        )],
    });
    told.push(format!(
        "sequences count by {} from now on, so that each node gives other numbers",
        basis.inventory.sequence_step
    ));
    let files = facts.live().is_some();
    told.extend(staying(basis, first, facts).into_iter().filter(|_| files));
    if restart {
        told.push(restarts_sessions(first.name.as_str()));
        told.extend(standbys(basis, first, facts));
    }
    told.extend(of_schema(basis, first, facts));
    let listed: Vec<_> = basis.databases().into_iter().map(DatabaseName::as_str).collect();
    let others: Vec<_> = facts
        .live()
        .into_iter()
        .flat_map(|live| live.databases.keys())
        .filter(|name| !listed.contains(&name.as_str()))
        .collect();
    if !others.is_empty() {
        told.push(format!(
            "{} is copied once and not kept equal, because the inventory does not list it",
            names(&others, "and")
        ));
    }
    told
}
