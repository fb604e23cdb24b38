//! `galactl lint` for a mesh of PostgreSQL servers: the schema of the seed, or of every member.

use super::Args;
use crate::cli::engine::{Engine as _, Mesh};
use crate::cli::inputs::Inputs;
use crate::cli::look;
use crate::exit::{CommandError, End, Kind};
use crate::kernel::judge::PLACE;
use crate::kernel::lint::{Report, Unread};
use crate::kernel::model::{NodeName, Secrets};
use crate::kernel::transport::Fleet;
use crate::mesh::facts::{HostFacts, Schema};
use crate::mesh::inventory::{Database, Node};
use crate::mesh::judge::{Basis, schema};
use crate::mesh::lint::rules::members;
use crate::mesh::lint::{Asked, Subject, lint};
use crate::mesh::observation::Observation;
use crate::mesh::observe;

pub fn run(args: &Args, inputs: &Inputs<Mesh>) -> Result<End, CommandError> {
    not_for_a_mesh(args)?;
    let report = look::run(async {
        let fleet = look::connect(inputs.inventory.hosts(), &inputs.base).await?;
        let observation = Mesh::look(&inputs.inventory, &fleet, &Secrets::default()).await;
        let report = ask(args, inputs, &fleet, &observation).await;
        fleet.close().await;
        report
    });
    let report = report.map_err(|error| error.settled(&inputs.invocation()))?;
    Ok(args.shown(&report, ""))
}

fn not_for_a_mesh(args: &Args) -> Result<(), CommandError> {
    if args.dump.is_some() {
        let error =
            CommandError::error("lint reads dumps of MariaDB and MySQL, and this inventory is of a mesh");
        return Err(
            error.hint("leave --dump out: lint asks the seed's server, which may be a standalone one")
        );
    }
    if args.region.is_some() {
        let error = CommandError::error("the column of a mesh's regions stands in its inventory");
        return Err(
            error.hint("write `conflicts: {strategy: region, column: COLUMN}` there, and leave --region out")
        );
    }
    Ok(())
}

/// Asks the node that was named, or the members that answer, or the seed.
async fn ask(
    args: &Args,
    inputs: &Inputs<Mesh>,
    fleet: &Fleet,
    observation: &Observation,
) -> Result<Report, CommandError> {
    let basis = Basis { inventory: &inputs.inventory, observation };
    let asked = nodes(args, fleet, &basis)?;
    let Some((first, facts)) = asked.first().copied() else { return Err(nobody(&basis, fleet)) };
    let (mut subjects, mut unread, mut of_members) = (Vec::new(), Vec::new(), Vec::new());
    let mut told: Vec<(&Database, Schema)> = Vec::new();
    for database in &basis.inventory.databases {
        if facts.database(&database.name).is_none() {
            let what = match facts.databases.get(&database.name).and_then(|it| it.why()) {
                Some(why) => why.to_owned(),
                None => "its server has no such database".to_owned(),
            };
            unread.push(Unread { at: database.name.to_string(), what });
            continue;
        }
        match observe::schema(basis.inventory.port, fleet, &first.name, &database.name).await {
            Ok(schema) => told.push((database, schema)),
            Err(why) => unread.push(Unread { at: database.name.to_string(), what: why.to_string() }),
        }
        let places = asked.iter().filter_map(|(node, facts)| {
            Some((&node.name, schema::subject(&basis, &node.name, facts, database)?))
        });
        // What a seed does not send yet is nothing that is wrong.
        if basis.is_member(first, facts) {
            of_members.extend(members(&places.collect::<Vec<_>>()));
        }
    }
    if told.is_empty() {
        let why = unread.first().map_or_else(String::new, |it| format!(": {}: {}", it.at, it.what));
        let error = CommandError::error(format!("{}: no database tells its schema{why}", first.name));
        return Err(error.hint(format!("galactl status {PLACE} tells what is on the hosts")));
    }
    for (database, schema) in &told {
        let subject = schema::subject(&basis, &first.name, facts, database);
        subjects.extend(subject.map(|it| Subject { more: Some(schema), ..it }));
    }
    let asked = Asked {
        node: first.name.clone(),
        version: facts.live().map(|live| live.version.clone()),
        nodes: basis.inventory.nodes.len(),
        member: basis.is_member(first, facts),
    };
    Ok(lint(asked, &subjects, of_members, unread, &basis.inventory.lint_accepts))
}

/// Whose tables are held against each other; the first one tells the rest.
fn nodes<'a>(
    args: &Args,
    fleet: &Fleet,
    basis: &Basis<'a>,
) -> Result<Vec<(&'a Node, &'a HostFacts)>, CommandError> {
    let seen =
        |name: &NodeName| basis.nodes().find(|(node, facts)| &node.name == name && facts.live().is_some());
    if let Some(name) = &args.node {
        if basis.inventory.node(name).is_none() {
            let known: Vec<_> = basis.inventory.nodes.iter().map(|node| node.name.as_str()).collect();
            let error = CommandError::error(format!("the inventory has no node `{name}`"));
            return Err(error.hint(format!("its nodes are {}", known.join(", "))));
        }
        return seen(name).map(|it| vec![it]).ok_or_else(|| unseen(name, basis, fleet));
    }
    let living = basis.members().into_iter().filter(|(_, facts)| facts.live().is_some()).collect::<Vec<_>>();
    if !living.is_empty() {
        return Ok(living);
    }
    let seed = &basis.inventory.seed;
    seen(seed).map(|it| vec![it]).ok_or_else(|| unseen(seed, basis, fleet))
}

fn nobody(basis: &Basis<'_>, fleet: &Fleet) -> CommandError {
    unseen(&basis.inventory.seed, basis, fleet)
}

fn unseen(name: &NodeName, basis: &Basis<'_>, fleet: &Fleet) -> CommandError {
    let hint =
        format!("galactl status {PLACE} tells what is wrong with it; or name another node with --node");
    match basis.nodes().find(|(node, _)| &node.name == name) {
        Some((_, facts)) => {
            let why = facts.server.why().unwrap_or("it gives no answer").to_owned();
            CommandError::error(format!("{name}: its server does not tell its schema: {why}")).hint(hint)
        }
        None => {
            let why =
                fleet.why_unreachable(name).map_or_else(|| "it was not seen".into(), ToString::to_string);
            CommandError::new(Kind::Unreachable, format!("{name}: {why}")).hint(hint)
        }
    }
}
