//! All hosts of an inventory, connected at once.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use tokio::time::sleep;

use super::command::TransportError;
use super::host::Host;
use super::lock::{Claim, Lock};
use super::run_dir::RunDir;
use super::ssh_config;
use crate::inventory::{Inventory, SshTarget};
use crate::model::NodeName;

/// How long a lost host is tried again, and how often.
const RECONNECT: Duration = Duration::from_secs(60);
const AGAIN: Duration = Duration::from_secs(2);

/// Connections to the nodes of one inventory, and the reasons why some could not be made.
pub struct Fleet {
    hosts: Mutex<BTreeMap<NodeName, Arc<Host>>>,
    pub unreachable: BTreeMap<NodeName, TransportError>,
    claim: Mutex<Option<Claim>>,
    locks: Mutex<BTreeMap<NodeName, Lock>>,
    /// Two tasks that find the same connection lost must not both take its lock again. Holds the node
    /// that was given up: the run ends then, and the other tasks need not wait for it as long again.
    restoring: tokio::sync::Mutex<Option<(NodeName, String)>>,
    config: PathBuf,
    /// Numbers the connections; a lost one's files are not used again.
    connections: AtomicUsize,
    /// Holds the control sockets; dropped last.
    run_dir: RunDir,
}

impl Fleet {
    /// Connects to every node and arbitrator. A host that cannot be reached is recorded, not an error.
    ///
    /// Errors: the run's own directory cannot be made.
    pub async fn connect(inventory: &Inventory, base: &Path) -> io::Result<Self> {
        let mut fleet = Self::unconnected(inventory, base)?;
        let mut tasks = JoinSet::new();
        for (number, (name, ssh)) in inventory.hosts().enumerate() {
            let (name, ssh) = (name.clone(), ssh.clone());
            let (config, directory) = (fleet.config.clone(), fleet.run_dir.path().to_owned());
            tasks.spawn(async move {
                let host = Host::connect(&name, &ssh, number, &config, &directory).await;
                (name, host)
            });
        }
        while let Some(result) = tasks.join_next().await {
            let (name, outcome) = result.map_err(io::Error::other)?;
            match outcome {
                Ok(host) => drop(held(&fleet.hosts).insert(name, Arc::new(host))),
                Err(error) => drop(fleet.unreachable.insert(name, error)),
            }
        }
        Ok(fleet)
    }

    /// A fleet whose hosts are connected when they are asked for ([`Fleet::reach`]).
    ///
    /// Errors: the run's own directory cannot be made.
    pub fn unconnected(inventory: &Inventory, base: &Path) -> io::Result<Self> {
        let run_dir = RunDir::new()?;
        let config = run_dir.path().join("ssh_config");
        std::fs::write(&config, ssh_config::text(inventory, base))?;
        Ok(Self {
            hosts: Mutex::default(),
            unreachable: BTreeMap::new(),
            claim: Mutex::default(),
            locks: Mutex::default(),
            restoring: tokio::sync::Mutex::default(),
            config,
            connections: AtomicUsize::new(inventory.size()),
            run_dir,
        })
    }

    pub fn host(&self, name: &NodeName) -> Option<Arc<Host>> {
        held(&self.hosts).get(name).cloned()
    }

    pub fn hosts(&self) -> Vec<Arc<Host>> {
        held(&self.hosts).values().cloned().collect()
    }

    /// A host, connected anew where its connection is gone. It takes no lock: for looking only.
    pub async fn reach(&self, name: &NodeName, ssh: &SshTarget) -> Result<Arc<Host>, TransportError> {
        if let Some(host) = self.host(name)
            && host.is_alive().await
        {
            return Ok(host);
        }
        let number = self.connections.fetch_add(1, Ordering::SeqCst);
        let host = Arc::new(Host::connect(name, ssh, number, &self.config, self.run_dir.path()).await?);
        held(&self.hosts).insert(name.clone(), Arc::clone(&host));
        Ok(host)
    }

    /// Takes the locks of all hosts at once, and holds them as long as their connections last.
    /// `Err`: who has them, or why they cannot be had.
    pub async fn lock(&self, claim: Claim) -> Result<(), BTreeMap<NodeName, String>> {
        let mut tasks = JoinSet::new();
        for host in self.hosts() {
            let claim = claim.clone();
            tasks.spawn(async move { (host.name.clone(), host.lock(&claim, false).await) });
        }
        *held(&self.claim) = Some(claim);
        let mut busy = BTreeMap::new();
        for (name, outcome) in tasks.join_all().await {
            match outcome {
                Ok(Ok(lock)) => drop(held(&self.locks).insert(name, lock)),
                Ok(Err(holder)) => drop(busy.insert(name, holder)),
                Err(error) => drop(busy.insert(name, error.to_string())),
            }
        }
        if busy.is_empty() { Ok(()) } else { Err(busy) }
    }

    /// A host among those that matter whose lock this run has lost, if there is one.
    pub fn lost_lock(&self, matters: impl Fn(&NodeName) -> bool) -> Option<NodeName> {
        let locks = held(&self.locks);
        locks.iter().find(|(name, lock)| lock.is_lost() && matters(name)).map(|(name, _)| name.clone())
    }

    /// Makes every connection that is gone anew (one that never was is none), and takes its lock again. That
    /// waits until what was at work there when the connection broke has ended. An arbitrator's host is only
    /// tried: the nodes go on without it, and a step there fails by itself.
    ///
    /// Errors: the node that cannot be had again, and why. So it is, too, where another run has had
    /// the lock in the meantime: a machine that was asleep must not go on with its old plan.
    pub async fn restore(&self, inventory: &Inventory) -> Result<(), (NodeName, String)> {
        let mut given_up = self.restoring.lock().await;
        if let Some(lost) = given_up.as_ref() {
            return Err(lost.clone());
        }
        for (name, ssh) in inventory.hosts().filter(|(name, _)| !self.unreachable.contains_key(name)) {
            let alive = match self.host(name) {
                Some(host) => host.is_alive().await,
                None => false,
            };
            let locked = held(&self.locks).get(name).is_some_and(|lock| !lock.is_lost());
            if !alive || !locked {
                let restored = self.reconnect(name, ssh).await.map_err(|why| (name.clone(), why));
                if inventory.node(name).is_some() {
                    restored.inspect_err(|lost| *given_up = Some(lost.clone()))?;
                }
            }
        }
        Ok(())
    }

    async fn reconnect(&self, name: &NodeName, ssh: &SshTarget) -> Result<(), String> {
        let started = Instant::now();
        loop {
            let number = self.connections.fetch_add(1, Ordering::SeqCst);
            let why = match Host::connect(name, ssh, number, &self.config, self.run_dir.path()).await {
                Ok(host) => match self.take_place(name, host).await {
                    Ok(()) => return Ok(()),
                    Err(why) => why,
                },
                Err(error) => error.to_string(),
            };
            if started.elapsed() > RECONNECT {
                return Err(why);
            }
            sleep(AGAIN).await;
        }
    }

    async fn take_place(&self, name: &NodeName, host: Host) -> Result<(), String> {
        let claim = held(&self.claim).clone().ok_or("this run holds no lock")?;
        let lock = host.lock(&claim, true).await.map_err(|error| error.to_string())??;
        held(&self.locks).insert(name.clone(), lock);
        held(&self.hosts).insert(name.clone(), Arc::new(host));
        Ok(())
    }

    /// Gives the locks back and ends every connection.
    pub async fn close(self) {
        held(&self.locks).clear();
        let hosts = std::mem::take(&mut *held(&self.hosts));
        let mut tasks = JoinSet::new();
        for host in hosts.into_values().filter_map(Arc::into_inner) {
            tasks.spawn(host.close());
        }
        while tasks.join_next().await.is_some() {}
    }
}

/// A task that panicked leaves these maps whole.
fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
