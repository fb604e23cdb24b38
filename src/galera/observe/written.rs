//! Members with a binary log → which of them wrote the rows of which region.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::galera::facts::HostFacts;
use crate::galera::lint::written::{Written, lines, read};
use crate::galera::lint::{Schema, watched};
use crate::galera::observation::Observation;
use crate::galera::sql::Database;
use crate::kernel::facts::{HEAD, Report};
use crate::kernel::model::NodeName;
use crate::kernel::transport::{Fleet, RemoteCommand};

const WRITTEN: &str = include_str!("written.sh");
const DEADLINE: Duration = Duration::from_secs(300);
/// Values of one node and table that are counted. A region has few.
const MOST_VALUES: &str = "20000";
const ASK: &str = "SELECT @@server_id, @@log_bin";

/// Why nobody can tell who wrote a row.
#[derive(Debug, thiserror::Error)]
pub enum NotTold {
    #[error("no member writes a binary log, so nobody can tell which node wrote a row")]
    NoLog,
    #[error("{0} and {1} have the same server_id {2}, so that no binary log tells which of them wrote a row")]
    SameId(NodeName, NodeName, u64),
    #[error("{0}: its binary log was not read: {1}")]
    Unread(NodeName, String),
}

/// Reads the events of the last `seconds` on a member: on `first`, where that one has a binary log.
///
/// Errors: see [`NotTold`].
pub async fn written(
    fleet: &Fleet,
    observation: &Observation,
    first: &NodeName,
    (schema, column): (&Schema, &str),
    seconds: u64,
) -> Result<Written, NotTold> {
    let (nodes, logging) = servers(fleet, observation).await?;
    let member = logging.iter().find(|name| *name == first).or(logging.first());
    let member = member.ok_or(NotTold::NoLog)?.clone();
    let unread = |why: String| NotTold::Unread(member.clone(), why);
    let (Some(host), Some(facts)) = (fleet.host_of(&member), observation.facts(&member)) else {
        return Err(unread("its host was not reached".into()));
    };
    let watched = watched(schema, column);
    let words = [facts.socket.clone(), seconds.to_string(), MOST_VALUES.into()];
    let command = RemoteCommand::of_pieces(&[HEAD, WRITTEN], words).input(lines(&watched)).deadline(DEADLINE);
    let told = host.succeed(command).await.map_err(|error| unread(error.to_string()))?;
    let report = Report::parse(&told).map_err(|error| unread(error.to_string()))?;
    if let Some(why) = report.section("refused") {
        return Err(unread(why.trim().to_owned()));
    }
    let rows: Vec<_> = report.lines("rows").collect();
    if !rows.contains(&"@status 0") {
        return Err(unread("mariadb-binlog failed; type it there to see why".into()));
    }
    Ok(read(&rows, &watched, &nodes, (member, seconds)))
}

/// The members by their server_id, and those of them that write a binary log.
async fn servers(
    fleet: &Fleet,
    observation: &Observation,
) -> Result<(BTreeMap<u64, NodeName>, Vec<NodeName>), NotTold> {
    let (mut nodes, mut logging) = (BTreeMap::<u64, NodeName>::new(), Vec::new());
    for (name, facts) in observation.seen().filter(|(_, facts)| HostFacts::is_primary(facts)) {
        let Some(host) = fleet.host_of(name) else { continue };
        let Ok(rows) = Database::new(host, &facts.socket).run(&[ASK]).await else { continue };
        let Some([id, log]) = rows.first().map(Vec::as_slice) else { continue };
        let Ok(id) = id.parse() else { continue };
        if log == "1" {
            logging.push(name.clone());
        }
        if let Some(other) = nodes.insert(id, name.clone()) {
            return Err(NotTold::SameId(other, name.clone(), id));
        }
    }
    Ok((nodes, logging))
}
