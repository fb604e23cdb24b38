//! The servers' logs of a run.

use std::collections::{BTreeMap, BTreeSet};

use tokio::task::JoinSet;

use crate::galera::guest::act::Way;
use crate::galera::load::conflicts::{Own, Told};
use crate::kernel::model::NodeName;
use crate::kernel::transport::{Host, RemoteCommand};

const SCRIPT: &str = include_str!("conflicts.sh");

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

    /// What the logs have told since then, and the nodes whose log could not be read.
    /// `connections`: those of the clients on each node.
    pub async fn read(
        &self,
        way: &Way<'_>,
        database: &str,
        connections: &BTreeMap<NodeName, BTreeSet<u32>>,
    ) -> (Told, Vec<NodeName>) {
        let none = BTreeSet::new();
        let (mut told, mut not_read, mut tasks) = (Told::default(), Vec::new(), JoinSet::new());
        for node in way.inventory.nodes.iter().map(|node| node.name.clone()) {
            let (Some(mark), Some(host)) = (self.0.get(&node), way.fleet.host_of(&node)) else {
                not_read.push(node);
                continue;
            };
            let unit = way.inventory.host.unit.to_string();
            let words = [mark.file.clone(), unit, mark.bytes.clone(), mark.cursor.clone()];
            tasks.spawn(async move { (node, host.succeed(RemoteCommand::new(SCRIPT, words)).await) });
        }
        while let Some(Ok((node, log))) = tasks.join_next().await {
            match log {
                Ok(log) => {
                    let connections = connections.get(&node).unwrap_or(&none);
                    told.read(&log, Own { database, connections });
                }
                Err(_) => not_read.push(node),
            }
        }
        (told, not_read)
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
