//! A table and a change of it → what each member makes of them, on copies that are not replicated.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use super::{pt_osc, tmpdir};
use crate::galera::alter::script;
use crate::galera::alter::{
    Algorithm, Asked, Change, Reading, Sample, Sampling, Study, Table, TableSeen, rsu_rest,
    wants_a_larger_sample,
};
use crate::galera::facts::HostFacts;
use crate::galera::judge::table::{algorithm, unfit};
use crate::galera::model::{SCRATCH_SCHEMA, is_scratch_schema};
use crate::galera::observation::Observation;
use crate::galera::sql::{Database, DbError};
use crate::kernel::model::NodeName;
use crate::kernel::model::words::bytes;
use crate::kernel::random;
use crate::kernel::transport::Fleet;

/// The session's own limits end each statement earlier.
const DEADLINE: Duration = Duration::from_secs(150);
/// The size of a sample, in bytes, and the most rows of one.
const SAMPLE: u64 = 16 << 20;
const MOST: u64 = 100_000;
/// How many times larger a second sample is, where the first does not tell.
const LARGER: u64 = 8;
/// A sample, its changed copy, and what both need besides, in sizes of the sample.
const ROOM: u64 = 4;

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
    tmpdir::add(fleet, observation, &mut study).await;
    // Members that a change by RSU has done before it was cut off take it no second time.
    let rest = rsu_rest(&study);
    let touches_rows = |it: &Algorithm| *it != Algorithm::Metadata && unfit(&rest).is_empty();
    if let Some(algorithm) = algorithm(&rest).filter(touches_rows) {
        measure_all(&members, &mut study, algorithm, 1).await;
        if study.told().any(|(_, seen)| wants_a_larger_sample(seen)) {
            measure_all(&members, &mut study, algorithm, LARGER).await;
        }
    }
    study
}

fn asked_of(seen: Result<TableSeen, DbError>) -> Asked {
    match seen {
        Ok(seen) => Asked::Told(Box::new(seen)),
        Err(why) => Asked::Silent(why.to_string()),
    }
}

/// A member's server, and the free bytes of its disk.
#[derive(Clone)]
struct Member {
    database: Database,
    free: u64,
}

fn members(fleet: &Fleet, observation: &Observation) -> BTreeMap<NodeName, Member> {
    let member = |(name, facts): (&NodeName, &HostFacts)| {
        let host = fleet.host_of(name).filter(|_| facts.is_primary())?;
        let database = Database::new(host, &facts.socket);
        Some((name.clone(), Member { database, free: facts.datadir.free }))
    };
    observation.seen().filter_map(member).collect()
}

/// Asks all of them at once.
async fn each<T, F>(
    members: &BTreeMap<NodeName, Member>,
    ask: impl Fn(Database) -> F,
) -> BTreeMap<NodeName, Result<T, DbError>>
where
    T: Send + 'static,
    F: Future<Output = Result<T, DbError>> + Send + 'static,
{
    let mut tasks = JoinSet::new();
    for (node, member) in members {
        let (node, asked) = (node.clone(), ask(member.database.clone()));
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

/// `larger`: how many times larger than usual the sample is.
async fn measure_all(
    members: &BTreeMap<NodeName, Member>,
    study: &mut Study,
    algorithm: Algorithm,
    larger: u64,
) {
    let Some(sampling) = sampling(study, algorithm, larger) else { return };
    let free = |node: &NodeName| members.get(node).map(|member| member.free);
    if let Some(why) = no_room(study, sampling.bytes, free) {
        let untold = Sample { untold: Some(why), ..Sample::default() };
        for asked in study.nodes.values_mut() {
            if let Asked::Told(seen) = asked {
                seen.sample.get_or_insert_with(|| untold.clone());
            }
        }
        return;
    }
    let samples = each(members, |database| {
        let lines = sampling.script(&scratch());
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

/// The same number of rows everywhere.
fn sampling(study: &Study, algorithm: Algorithm, larger: u64) -> Option<Sampling> {
    let rows = study.told().map(|(_, seen)| sample_rows(seen, larger)).max()?;
    let columns = study.told().next()?.1.columns.clone();
    let (table, change) = (study.table.clone(), study.change.clone());
    Some(Sampling { table, change, algorithm, columns, rows, bytes: SAMPLE * larger })
}

/// A node on whose disk the sample of so many bytes may not fit.
fn no_room(study: &Study, sample: u64, free: impl Fn(&NodeName) -> Option<u64>) -> Option<String> {
    study.told().find_map(|(node, seen)| {
        let (wanted, free) = (sample.min(seen.bytes) * ROOM, free(node)?);
        (free < wanted).then(|| {
            let [wanted, free] = [wanted, free].map(bytes);
            format!("a sample of the rows takes up to {wanted} on {node}, and {free} are free there")
        })
    })
}

async fn measure(database: &Database, lines: &[String]) -> Result<Sample, DbError> {
    let printed = database.apart(lines, DEADLINE).await?;
    Ok(Reading::sample(&printed))
}

/// By the average length of a row. A single row may be larger than a sample should be.
fn sample_rows(seen: &TableSeen, larger: u64) -> u64 {
    let row = (seen.bytes / seen.rows.max(1)).max(1);
    (SAMPLE * larger / row).clamp(1, MOST * larger)
}

fn scratch() -> String {
    format!("{SCRATCH_SCHEMA}{}", &random::id()[..16])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(rows: u64, bytes: u64) -> TableSeen {
        TableSeen { rows, bytes, ..TableSeen::default() }
    }

    #[test]
    fn a_sample_is_no_larger_than_wanted_whatever_the_rows_are() {
        assert_eq!(sample_rows(&of(500, 5 << 30), 1), 1, "rows of 10 MiB");
        assert_eq!(sample_rows(&of(200_000, 64 << 20), 1), 50_081);
        assert_eq!(sample_rows(&of(1 << 30, 1 << 30), 1), MOST);
        assert_eq!(sample_rows(&of(0, 0), LARGER), MOST * LARGER);
    }

    #[test]
    fn a_sample_is_made_only_where_there_is_room_for_it() {
        let (table, change) = ("shop.orders".parse().expect("a table"), "FORCE".parse().expect("a change"));
        let node: NodeName = "db1".parse().expect("a name");
        let seen = Asked::Told(Box::new(of(1000, 1 << 30)));
        let study = Study { table, change, nodes: BTreeMap::from([(node, seen)]) };
        let why = |free: u64| no_room(&study, SAMPLE, |_| Some(free));
        assert_eq!(why(SAMPLE * ROOM), None);
        assert!(why(SAMPLE * ROOM - 1).is_some_and(|why| why.contains("64.0 MiB on db1")));
    }
}
