//! All hosts of an inventory, connected at once.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::Arc;

use tokio::task::JoinSet;

use super::command::TransportError;
use super::host::Host;
use super::lock::Lock;
use super::run_dir::RunDir;
use super::ssh_config;
use crate::inventory::Inventory;
use crate::model::NodeName;

/// Connections to the nodes of one inventory, and the reasons why some could not be made.
pub struct Fleet {
    hosts: BTreeMap<NodeName, Arc<Host>>,
    pub unreachable: BTreeMap<NodeName, TransportError>,
    /// Holds the control sockets; dropped last.
    _run_dir: RunDir,
}

impl Fleet {
    /// Connects to every node. A node that cannot be reached is recorded, not an error.
    ///
    /// Errors: the run's own directory cannot be made.
    pub async fn connect(inventory: &Inventory, base: &Path) -> io::Result<Self> {
        let run_dir = RunDir::new()?;
        let config = run_dir.path().join("ssh_config");
        std::fs::write(&config, ssh_config::text(inventory, base))?;
        let mut tasks = JoinSet::new();
        for (number, node) in inventory.nodes.iter().cloned().enumerate() {
            let (config, directory) = (config.clone(), run_dir.path().to_owned());
            tasks.spawn(async move {
                (node.name.clone(), Host::connect(&node, number, &config, &directory).await)
            });
        }
        let mut fleet = Self { hosts: BTreeMap::new(), unreachable: BTreeMap::new(), _run_dir: run_dir };
        while let Some(result) = tasks.join_next().await {
            let (name, outcome) = result.map_err(io::Error::other)?;
            match outcome {
                Ok(host) => drop(fleet.hosts.insert(name, Arc::new(host))),
                Err(error) => drop(fleet.unreachable.insert(name, error)),
            }
        }
        Ok(fleet)
    }

    pub fn host(&self, name: &NodeName) -> Option<Arc<Host>> {
        self.hosts.get(name).cloned()
    }

    pub fn hosts(&self) -> impl Iterator<Item = Arc<Host>> + '_ {
        self.hosts.values().cloned()
    }

    /// Takes the locks of all hosts at once. `Err`: who has them, or why they cannot be had.
    pub async fn lock(&self, who: &str) -> Result<Vec<Lock>, BTreeMap<NodeName, String>> {
        let mut tasks = JoinSet::new();
        for host in self.hosts() {
            let who = who.to_owned();
            tasks.spawn(async move { (host.name.clone(), host.lock(&who).await) });
        }
        let (mut locks, mut held) = (Vec::new(), BTreeMap::new());
        for (name, outcome) in tasks.join_all().await {
            match outcome {
                Ok(Ok(lock)) => locks.push(lock),
                Ok(Err(holder)) => drop(held.insert(name, holder)),
                Err(error) => drop(held.insert(name, error.to_string())),
            }
        }
        if held.is_empty() { Ok(locks) } else { Err(held) }
    }

    /// Ends every connection.
    pub async fn close(self) {
        let mut tasks = JoinSet::new();
        for host in self.hosts.into_values().filter_map(Arc::into_inner) {
            tasks.spawn(host.close());
        }
        while tasks.join_next().await.is_some() {}
    }
}
