//! All hosts of an inventory, connected at once.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::task::JoinSet;
use tokio::time::sleep;

use super::command::TransportError;
use super::host::Host;
use super::lock::{self, Claim, Lock};
use super::run_dir::RunDir;
use super::ssh_config;
use crate::kernel::inventory::{Hosts, Machine};
use crate::kernel::model::{HostName, NodeName};

/// How long a lost host is tried again, and how often.
const RECONNECT: Duration = Duration::from_secs(60);
const AGAIN: Duration = Duration::from_secs(2);

/// Connections to the machines of one inventory, each once, and the reasons why some could not be made.
pub struct Fleet {
    /// The machines, and who stands on which.
    inventory: Hosts,
    hosts: Mutex<BTreeMap<HostName, Arc<Host>>>,
    pub unreachable: BTreeMap<HostName, TransportError>,
    claim: Mutex<Option<Claim>>,
    locks: Mutex<BTreeMap<HostName, Lock>>,
    /// Two tasks that find the same connection lost must not both take its lock again. Holds the host
    /// that was given up: the run ends then, and the other tasks need not wait for it as long again.
    restoring: tokio::sync::Mutex<Option<(HostName, String)>>,
    /// Numbers the connections; a lost one's files are not used again.
    connections: AtomicUsize,
    /// Holds the control sockets; dropped last.
    run_dir: RunDir,
}

impl Fleet {
    /// Connects to every machine. A host that cannot be reached is recorded, not an error.
    ///
    /// Errors: the run's own directory cannot be made.
    pub async fn connect(inventory: Hosts, base: &Path) -> io::Result<Self> {
        let mut fleet = Self::unconnected(inventory, base)?;
        let mut tasks = JoinSet::new();
        for (number, machine) in fleet.inventory.iter().cloned().enumerate() {
            let directory = fleet.run_dir.path().to_owned();
            tasks.spawn(async move {
                let host = Host::connect(&machine, number, &directory).await;
                (machine.name, host)
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
    pub fn unconnected(inventory: Hosts, base: &Path) -> io::Result<Self> {
        let run_dir = RunDir::new()?;
        for machine in inventory.iter() {
            std::fs::write(run_dir.ssh_config(&machine.name), ssh_config::text(&inventory, machine, base))?;
        }
        let connections = AtomicUsize::new(inventory.len());
        Ok(Self {
            inventory,
            hosts: Mutex::default(),
            unreachable: BTreeMap::new(),
            claim: Mutex::default(),
            locks: Mutex::default(),
            restoring: tokio::sync::Mutex::default(),
            connections,
            run_dir,
        })
    }

    /// The connected host on which a member stands.
    pub fn host_of(&self, member: &NodeName) -> Option<Arc<Host>> {
        self.host(self.inventory.of(member)?)
    }

    pub fn host(&self, name: &HostName) -> Option<Arc<Host>> {
        held(&self.hosts).get(name).cloned()
    }

    /// Why the host on which a member stands could not be reached.
    pub fn why_unreachable(&self, member: &NodeName) -> Option<&TransportError> {
        self.unreachable.get(self.inventory.of(member)?)
    }

    pub fn hosts(&self) -> Vec<Arc<Host>> {
        held(&self.hosts).values().cloned().collect()
    }

    /// A host, connected anew where its connection is gone. It takes no lock: for looking only.
    pub async fn reach(&self, name: &HostName) -> Result<Arc<Host>, TransportError> {
        if let Some(host) = self.host(name)
            && host.is_alive().await
        {
            return Ok(host);
        }
        let machine = self.inventory.machine(name);
        let machine =
            machine.ok_or_else(|| TransportError::Connect("the inventory has no such host".into()))?;
        let number = self.connections.fetch_add(1, Ordering::SeqCst);
        let host = Arc::new(Host::connect(machine, number, self.run_dir.path()).await?);
        held(&self.hosts).insert(name.clone(), Arc::clone(&host));
        Ok(host)
    }

    /// Takes the locks of all hosts at once, and holds them as long as their connections last.
    /// `Err`: who has them, or why they cannot be had.
    pub async fn lock(&self, claim: Claim) -> Result<(), BTreeMap<HostName, String>> {
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
    pub fn lost_lock(&self, matters: impl Fn(&HostName) -> bool) -> Option<HostName> {
        let locks = held(&self.locks);
        locks.iter().find(|(name, lock)| lock.is_lost() && matters(name)).map(|(name, _)| name.clone())
    }

    /// Makes every connection that is gone anew (one that never was is none), and takes its lock again. That
    /// waits until what was at work there when the connection broke has ended. A host that is not needed is
    /// only tried: the run goes on without it, and a step there fails by itself.
    ///
    /// Errors: the host that cannot be had again, and why. So it is, too, where another run has had
    /// the lock in the meantime: a machine that was asleep must not go on with its old plan.
    pub async fn restore(&self, needed: impl Fn(&HostName) -> bool) -> Result<(), (HostName, String)> {
        let mut given_up = self.restoring.lock().await;
        if let Some(lost) = given_up.as_ref() {
            return Err(lost.clone());
        }
        for machine in self.inventory.iter().filter(|machine| !self.unreachable.contains_key(&machine.name)) {
            let name = &machine.name;
            let alive = match self.host(name) {
                Some(host) => host.is_alive().await,
                None => false,
            };
            let locked = held(&self.locks).get(name).is_some_and(|lock| !lock.is_lost());
            if !alive || !locked {
                let restored = self.reconnect(machine).await.map_err(|why| (name.clone(), why));
                if needed(name) {
                    restored.inspect_err(|lost| *given_up = Some(lost.clone()))?;
                }
            }
        }
        Ok(())
    }

    async fn reconnect(&self, machine: &Machine) -> Result<(), String> {
        let started = Instant::now();
        loop {
            let number = self.connections.fetch_add(1, Ordering::SeqCst);
            let why = match Host::connect(machine, number, self.run_dir.path()).await {
                Ok(host) => match self.take_place(&machine.name, host).await {
                    Ok(()) => return Ok(()),
                    Err(why) => why,
                },
                Err(error) => error.to_string(),
            };
            if started.elapsed() > RECONNECT || why.ends_with(lock::FOR_GOOD) {
                return Err(why);
            }
            sleep(AGAIN).await;
        }
    }

    async fn take_place(&self, name: &HostName, host: Host) -> Result<(), String> {
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
