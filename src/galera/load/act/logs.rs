//! The servers' logs of a run.

use std::collections::{BTreeMap, BTreeSet};

use tokio::task::JoinSet;

use crate::galera::guest::act::Way;
use crate::galera::load::conflicts::{Own, Told};
use crate::kernel::model::NodeName;
use crate::kernel::transport::{Host, RemoteCommand};

const SCRIPT: &str = include_str!("conflicts.sh");

/// Lines of one log that are read: as many as fit into memory without a thought.
const MOST_LINES: usize = 60_000;

/// What the logs of a run have told.
#[derive(Default)]
pub struct Logs {
    pub told: Told,
    /// Nodes whose log could not be read.
    pub not_read: Vec<NodeName>,
    /// Nodes whose log had more lines than are read.
    pub cut: Vec<NodeName>,
}

/// Where each node's log ended when a run began.
pub struct Marks(BTreeMap<NodeName, Mark>);

struct Mark {
    /// The file that the server writes to; empty: the journal.
    file: String,
    bytes: String,
    /// The journal's last entry; empty: it has none.
    cursor: String,
}

impl Marks {
    /// Nodes that do not answer have none.
    pub async fn set(way: &Way<'_>) -> Self {
        let mut marks = BTreeMap::new();
        for node in &way.inventory.nodes {
            if let Some(mark) = mark(way, &node.name).await {
                marks.insert(node.name.clone(), mark);
            }
        }
        Self(marks)
    }

    /// What the logs have told since then. `connections`: those of the clients on each node.
    pub async fn read(
        &self,
        way: &Way<'_>,
        database: &str,
        connections: &BTreeMap<String, BTreeSet<u32>>,
    ) -> Logs {
        let none = BTreeSet::new();
        let (mut logs, mut tasks) = (Logs::default(), JoinSet::new());
        for node in way.inventory.nodes.iter().map(|node| node.name.clone()) {
            let (Some(mark), Some(host)) = (self.0.get(&node), way.fleet.host_of(&node)) else {
                logs.not_read.push(node);
                continue;
            };
            let unit = way.inventory.host.unit.to_string();
            // One more than is read tells that there were more.
            let most = (MOST_LINES + 1).to_string();
            let words = [mark.file.clone(), unit, mark.bytes.clone(), mark.cursor.clone(), most];
            tasks.spawn(async move { (node, host.succeed(RemoteCommand::new(SCRIPT, words)).await) });
        }
        while let Some(Ok((node, log))) = tasks.join_next().await {
            match log {
                Ok(log) => {
                    let connections = connections.get(node.as_str()).unwrap_or(&none);
                    logs.told.read(&log, Own { database, connections });
                    if log.lines().count() > MOST_LINES {
                        logs.cut.push(node);
                    }
                }
                Err(_) => logs.not_read.push(node),
            }
        }
        logs
    }
}

async fn mark(way: &Way<'_>, node: &NodeName) -> Option<Mark> {
    let rows = way.database(node)?.run(&["SELECT @@log_error, @@datadir"]).await.ok()?;
    let [file, datadir] = &rows.first()?[..] else { return None };
    let file = match file.as_str() {
        "" | "stderr" => String::new(),
        absolute if absolute.starts_with('/') => absolute.to_owned(),
        relative => format!("{}/{relative}", datadir.trim_end_matches('/')),
    };
    ended(&*way.fleet.host_of(node)?, file).await
}

async fn ended(host: &Host, file: String) -> Option<Mark> {
    let said = host.succeed(RemoteCommand::new(SCRIPT, [file.clone(), String::new()])).await.ok()?;
    let (bytes, cursor) = said.split_once(' ')?;
    let is_number = !bytes.is_empty() && bytes.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| Mark { file, bytes: bytes.to_owned(), cursor: cursor.trim().to_owned() })
}
