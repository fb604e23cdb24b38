//! A host with a running server → its schema.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::galera::facts::{HostFacts, Tables};
use crate::galera::inventory::Inventory;
use crate::galera::inventory::options::{Fate, fate};
use crate::galera::judge::Basis;
use crate::galera::lint;
use crate::galera::lint::{Name, Outdated, Place, Schema, codes, server};
use crate::galera::observation::{Observation, SeedSchema};
use crate::galera::sql::Database;
use crate::kernel::facts::{HEAD, Report};
use crate::kernel::inventory::text::visible;
use crate::kernel::lint::Source;
use crate::kernel::model::{NodeName, ServerVersion};
use crate::kernel::transport::{Fleet, Host, RemoteCommand};

const SCHEMA: &str = include_str!("schema.sh");
/// Long enough for hundreds of thousands of tables.
const DEADLINE: Duration = Duration::from_secs(300);
/// For commands that ask it beside other things.
const BESIDE: Duration = Duration::from_secs(20);
/// The release series of Debian's MariaDB that galactl is tried with, each as it is called.
const RELEASES: [((u16, u16), &str); 3] = [((10, 5), "10.5"), ((10, 11), "10.11"), ((11, 8), "11.8")];

/// Asks a host's server for its schema.
///
/// Errors: the host or its server does not answer.
async fn ask(host: &Host, facts: &HostFacts, deadline: Duration) -> Result<Schema, String> {
    let command = RemoteCommand::of_pieces(&[HEAD, SCHEMA], [&facts.socket]).deadline(deadline);
    let told = host.succeed(command).await.map_err(|error| error.to_string())?;
    let report = Report::parse(&told).map_err(|error| error.to_string())?;
    let mut schema = server::read(&report)?;
    schema.outdated = outdated(facts, schema.version);
    Ok(schema)
}

/// The schema on a node's host, with what its logs of statements tell; of a member, also which events the other members
/// run.
///
/// Errors: the host or its server does not answer.
pub async fn whole(
    fleet: &Fleet,
    observation: &Observation,
    node: (&NodeName, &HostFacts),
    host: &Host,
) -> Result<Schema, String> {
    let mut schema = ask_among(fleet, observation, node, host, DEADLINE).await?;
    super::statements::add(&mut schema, host, node.1).await;
    Ok(schema)
}

/// As [`whole`], for so long at most.
async fn ask_among(
    fleet: &Fleet,
    observation: &Observation,
    (node, facts): (&NodeName, &HostFacts),
    host: &Host,
    deadline: Duration,
) -> Result<Schema, String> {
    let others = observation.seen().filter(|(name, facts)| *name != node && facts.is_primary());
    let others = async {
        match facts.is_primary() {
            true => timeout(deadline, events(fleet, others)).await.ok().flatten(),
            false => None,
        }
    };
    let (schema, elsewhere) = tokio::join!(ask(host, facts, deadline), others);
    Ok(Schema { events_elsewhere: elsewhere, ..schema? })
}

/// Asks all at once; `None` where a member does not tell them.
async fn events<'a>(
    fleet: &Fleet,
    members: impl Iterator<Item = (&'a NodeName, &'a HostFacts)>,
) -> Option<BTreeSet<Name>> {
    const RUN: &str = "SELECT event_schema, event_name FROM information_schema.events WHERE status = 'ENABLED' AND @@GLOBAL.event_scheduler = 'ON'";
    let (mut events, mut asked) = (BTreeSet::new(), JoinSet::new());
    for (node, facts) in members {
        let database = Database::new(fleet.host_of(node)?, &facts.socket);
        asked.spawn(async move { database.run(&[RUN]).await.ok() });
    }
    for rows in asked.join_all().await {
        events.extend(rows?.iter().filter_map(|row| Some(Name::new(row.first()?, row.get(1)?))));
    }
    Some(events)
}

/// What a doctor tells of the schema on a member's host.
///
/// Errors: the host or its server does not answer in time.
pub async fn tables(
    basis: &Basis<'_>,
    fleet: &Fleet,
    node: &NodeName,
    facts: &HostFacts,
) -> Result<Tables, String> {
    let host = fleet.host_of(node).ok_or("its host was not reached")?;
    let inventory = basis.inventory;
    let schema = ask_among(fleet, basis.observation, (node, facts), &host, BESIDE).await?;
    let engines: BTreeMap<String, String> = schema
        .tables
        .iter()
        .map(|table| (table.name.to_string(), visible(&table.engine).into_owned()))
        .collect();
    let report = judged(schema, inventory, node, facts.is_primary());
    let engine = |table: &str| (table.to_owned(), engines.get(table).cloned().unwrap_or_default());
    Ok(Tables {
        unread: unread(&report),
        engine_fix: report.fix(codes::TABLE_ENGINE).map(str::to_owned),
        key_fix: report.fix(codes::PRIMARY_KEY).map(str::to_owned),
        not_replicated: report.objects(codes::TABLE_ENGINE).map(engine).collect(),
        keyless: report.objects(codes::PRIMARY_KEY).map(str::to_owned).collect(),
        more: report.serious(&[codes::TABLE_ENGINE, codes::DURABILITY]),
    })
}

/// What `lint` finds worse than a note in the databases of a seed.
pub async fn of_seed(host: &Host, inventory: &Inventory, facts: &HostFacts) -> SeedSchema {
    let schema = match ask(host, facts, BESIDE).await {
        Ok(schema) => schema,
        Err(why) => return SeedSchema { found: Vec::new(), not_looked_at: Some(why) },
    };
    let report = judged(schema, inventory, &inventory.seed, false);
    // The option file that galactl writes has another value, or the inventory's own.
    let serious = report.serious(&[codes::DURABILITY]).into_iter();
    let found = serious.map(|(rule, count)| (rule.to_owned(), count)).collect();
    SeedSchema { found, not_looked_at: unread(&report) }
}

/// What the server did not tell, if anything.
fn unread(report: &lint::Report) -> Option<String> {
    let first = report.unread.first()?;
    let more = match report.unread.len() - 1 {
        0 => String::new(),
        more => format!("; and {more} more"),
    };
    Some(format!("{}: {}{more}", first.at, first.what))
}

fn judged(schema: Schema, inventory: &Inventory, node: &NodeName, member: bool) -> lint::Report {
    let place = Place {
        nodes: inventory.nodes.len() as u64,
        arbitrators: inventory.arbitrators().len() as u64,
        member,
    };
    lint::lint(schema, Source::Server(node.clone()), place, &inventory.lint_accepts)
}

/// Options of the server's option files that a later release does not take.
fn outdated(facts: &HostFacts, version: Option<ServerVersion>) -> Vec<Outdated> {
    let Some(version) = version else { return Vec::new() };
    let at = |(major, minor): (u16, u16)| Some(ServerVersion { major, minor, patch: 0 });
    let accepted = facts.options.keys().filter(|option| fate(option, Some(version)) == Fate::Accepted);
    let later = || RELEASES.into_iter().filter(|(series, _)| *series > version.series());
    let outdated = |option: &String| {
        let (release, end) = later().find_map(|(series, name)| match fate(option, at(series)) {
            Fate::Accepted => None,
            end => Some((name, end)),
        })?;
        // A server that does not know an option with `loose_` before it starts all the same.
        let fatal = end == Fate::Fatal && !facts.loose.contains(option);
        Some(Outdated { option: option.clone(), release, fatal })
    };
    accepted.filter_map(outdated).collect()
}
