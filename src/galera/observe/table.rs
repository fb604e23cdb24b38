//! A table and a change of it → what each member makes of them, on copies that are not replicated.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use super::pt_osc;
use crate::galera::alter::script;
use crate::galera::alter::{Algorithm, Asked, Change, Reading, Sample, Study, Table, TableSeen};
use crate::galera::facts::HostFacts;
use crate::galera::judge::table::{algorithm, unfit};
use crate::galera::model::{SCRATCH_SCHEMA, is_scratch_schema};
use crate::galera::observation::Observation;
use crate::galera::sql::{Database, DbError};
use crate::kernel::model::NodeName;
use crate::kernel::random;
use crate::kernel::transport::Fleet;

/// The session's own limits end each statement earlier.
const DEADLINE: Duration = Duration::from_secs(150);
/// The size of a sample, in bytes, and the fewest and most rows of one.
const SAMPLE: u64 = 16 << 20;
const FEWEST: u64 = 1000;
const MOST: u64 = 100_000;

/// Asks every member of a Primary component. All measure at the same moment, as all change the table at the same
/// moment by TOI: nodes may share a disk, or a machine.
pub async fn ask(fleet: &Fleet, observation: &Observation, table: Table, change: Change) -> Study {
    let members = members(fleet, observation);
    let wanted = Arc::new((table.clone(), change.clone()));
    let asked = each(&members, |database| {
        let wanted = Arc::clone(&wanted);
        async move { read(&database, &wanted.0, &wanted.1).await }
    });
    let nodes = asked.await.into_iter().map(|(node, seen)| (node, asked_of(seen)));
    let mut study = Study { table, change, nodes: nodes.collect() };
    pt_osc::add(fleet, observation, &mut study).await;
    match algorithm(&study).filter(|it| *it != Algorithm::Metadata && unfit(&study).is_empty()) {
        None => study,
        Some(algorithm) => {
            measure_all(&members, &mut study, algorithm).await;
            study
        }
    }
}

fn asked_of(seen: Result<TableSeen, DbError>) -> Asked {
    match seen {
        Ok(seen) => Asked::Told(Box::new(seen)),
        Err(why) => Asked::Silent(why.to_string()),
    }
}

fn members(fleet: &Fleet, observation: &Observation) -> BTreeMap<NodeName, Database> {
    let member = |(name, facts): (&NodeName, &HostFacts)| {
        let host = fleet.host_of(name).filter(|_| facts.is_primary())?;
        Some((name.clone(), Database::new(host, &facts.socket)))
    };
    observation.seen().filter_map(member).collect()
}

/// Asks all of them at once.
async fn each<T, F>(
    members: &BTreeMap<NodeName, Database>,
    ask: impl Fn(Database) -> F,
) -> BTreeMap<NodeName, Result<T, DbError>>
where
    T: Send + 'static,
    F: Future<Output = Result<T, DbError>> + Send + 'static,
{
    let mut tasks = JoinSet::new();
    for (node, database) in members {
        let (node, asked) = (node.clone(), ask(database.clone()));
        tasks.spawn(async move { (node, asked.await) });
    }
    tasks.join_all().await.into_iter().collect()
}

async fn read(database: &Database, table: &Table, change: &Change) -> Result<TableSeen, DbError> {
    sweep(database).await?;
    let scratch = scratch();
    let printed = database.apart(&script::read(table, change, &scratch), DEADLINE).await?;
    // Words of the server name the copy.
    Ok(Reading::table(&printed.replace(&scratch, &table.schema)))
}

/// What a run that was killed has left.
async fn sweep(database: &Database) -> Result<(), DbError> {
    let found = database.apart(&[script::leftovers()], DEADLINE).await?;
    let found: Vec<_> = found.lines().filter(|name| is_scratch_schema(name)).map(script::drop).collect();
    if !found.is_empty() {
        database.apart(&found, DEADLINE).await?;
    }
    Ok(())
}

async fn measure_all(members: &BTreeMap<NodeName, Database>, study: &mut Study, algorithm: Algorithm) {
    let (table, change) = (study.table.clone(), study.change.clone());
    let told = study.nodes.iter().filter_map(|(node, asked)| match asked {
        Asked::Told(seen) => Some((node, seen)),
        Asked::Silent(_) => None,
    });
    // The same number of rows everywhere.
    let rows = told.clone().map(|(_, seen)| sample_rows(seen)).max().unwrap_or(FEWEST);
    let Some(columns) = told.map(|(_, seen)| seen.columns.clone()).next() else { return };
    let lines = move || script::measure(&table, &change, algorithm, &columns, rows, &scratch());
    let samples = each(members, |database| {
        let lines = lines();
        async move { measure(&database, &lines).await }
    });
    for (node, sample) in samples.await {
        match (sample, study.nodes.get_mut(&node)) {
            (Ok(sample), Some(Asked::Told(seen))) => seen.sample = Some(sample),
            (Err(why), Some(asked)) => *asked = Asked::Silent(why.to_string()),
            _ => {}
        }
    }
}

async fn measure(database: &Database, lines: &[String]) -> Result<Sample, DbError> {
    let printed = database.apart(lines, DEADLINE).await?;
    Ok(Reading::sample(&printed))
}

fn sample_rows(seen: &TableSeen) -> u64 {
    let row = (seen.bytes / seen.rows.max(1)).max(1);
    (SAMPLE / row).clamp(FEWEST, MOST)
}

fn scratch() -> String {
    format!("{SCRATCH_SCHEMA}{}", &random::id()[..16])
}
