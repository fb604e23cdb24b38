//! Looks at the servers' counters while clients work.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use crate::galera::guest::act::Way;
use crate::galera::load::counters::Look;
use crate::galera::sql::Database;
use crate::kernel::model::NodeName;

const BETWEEN: Duration = Duration::from_secs(1);
/// A server that has not answered by then is counted as one that gives no answer.
const PATIENCE: Duration = Duration::from_secs(4);
/// How long a host that was lost is waited for.
const RECONNECT: Duration = Duration::from_secs(10);

/// The looks at all nodes, as they are taken.
pub struct Looks {
    began: Instant,
    stop: Arc<AtomicBool>,
    nodes: Vec<(NodeName, JoinHandle<Vec<Look>>)>,
}

impl Looks {
    /// Takes the first look at each node, and goes on.
    pub async fn begin(way: &Way<'_>) -> Self {
        let (stop, began, mut nodes) = (Arc::new(AtomicBool::new(false)), Instant::now(), Vec::new());
        for node in way.inventory.nodes.iter().map(|node| &node.name) {
            let server = way.database(node);
            let first = look(server.as_ref(), began).await;
            let task = tokio::spawn(go_on(server, began, vec![first], Arc::clone(&stop)));
            nodes.push((node.clone(), task));
        }
        Self { began, stop, nodes }
    }

    /// Takes the last look at each node; over a new connection where its host has lost the old one.
    pub async fn end(self, way: &Way<'_>) -> Vec<(NodeName, Vec<Look>)> {
        self.stop.store(true, Ordering::Relaxed);
        let mut all = Vec::new();
        for (node, task) in self.nodes {
            let mut looks = task.await.unwrap_or_default();
            if looks.last().is_some_and(|last| last.status.is_none()) {
                if let Some(machine) = way.inventory.node(&node) {
                    let _ = timeout(RECONNECT, way.fleet.reach(&machine.host)).await;
                }
                looks.push(look(way.database(&node).as_ref(), self.began).await);
            }
            all.push((node, looks));
        }
        all
    }
}

async fn go_on(
    server: Option<Database>,
    began: Instant,
    mut looks: Vec<Look>,
    stop: Arc<AtomicBool>,
) -> Vec<Look> {
    loop {
        // Before the look, so that the last one is taken after the clients have ended.
        let last = stop.load(Ordering::Relaxed);
        looks.push(look(server.as_ref(), began).await);
        if last {
            return looks;
        }
        sleep(BETWEEN).await;
    }
}

async fn look(server: Option<&Database>, began: Instant) -> Look {
    let at = began.elapsed().as_secs_f64();
    let Some(server) = server else { return Look { at, status: None } };
    let status = timeout(PATIENCE, server.status()).await.ok().and_then(Result::ok);
    Look { at, status }
}
