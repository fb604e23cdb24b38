//! Everything that steps act with.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;

use super::join::Entrance;
use crate::galera::config::Renderer;
use crate::galera::facts::HostFacts;
use crate::galera::inventory::Inventory;
use crate::galera::monitoring::silence::Silence;
use crate::galera::observation::Observation;
use crate::galera::observe;
use crate::galera::sql::Database;
use crate::kernel::model::{NodeName, Secrets};
use crate::kernel::run::event::{Event, Reporter};
use crate::kernel::run::interrupt::Interrupt;
use crate::kernel::run::step_error::StepError;
use crate::kernel::transport::{Fleet, Host, RemoteCommand};

/// Where a host's server has its things.
pub struct Place {
    pub socket: String,
    pub datadir: String,
    /// How much data was there before the run.
    pub data_bytes: u64,
    /// By which other hosts may know it.
    pub addresses: BTreeSet<IpAddr>,
}

/// The means of one run, shared by all its tasks.
pub struct Context {
    pub inventory: Inventory,
    pub fleet: Fleet,
    pub secrets: Secrets,
    pub renderer: Renderer,
    /// Where things are on each host, as observed.
    pub places: BTreeMap<NodeName, Place>,
    /// The id of the plan that is carried out.
    pub plan: String,
    /// Who carries it out, and since when.
    pub who: String,
    pub reporter: Arc<dyn Reporter>,
    pub interrupt: Interrupt,
    /// Joiners enter the cluster's view one after the other.
    pub entrance: Entrance,
    /// Alerts that the run causes are silent until it has ended.
    pub silence: Silence,
}

impl Context {
    pub fn report(&self, event: &Event) {
        self.reporter.event(event);
    }

    pub(crate) fn host(&self, name: &NodeName) -> Result<Arc<Host>, StepError> {
        self.fleet.host_of(name).ok_or_else(|| StepError::new(format!("{name} is not connected")))
    }

    /// Statements run past the host's own fence, so it is asked in the moment before those that
    /// change something.
    ///
    /// Errors: the lock is no longer this run's, or a step is at work there.
    pub(crate) async fn still_ours(&self, node: &NodeName) -> Result<(), StepError> {
        self.host(node)?.succeed(RemoteCommand::act("true", [""; 0])).await?;
        Ok(())
    }

    pub(crate) fn database(&self, name: &NodeName) -> Result<Database, StepError> {
        Ok(Database::new(self.host(name)?, &self.place(name)?.socket))
    }

    pub(super) fn place(&self, name: &NodeName) -> Result<&Place, StepError> {
        self.places.get(name).ok_or_else(|| StepError::new(format!("{name} was not observed")))
    }

    /// What all hosts are like at this moment.
    pub(super) async fn observe(&self) -> Observation {
        observe::ask(&self.inventory, &self.fleet).await.observation(&self.secrets)
    }
}

impl Place {
    /// The places of every node that was seen.
    pub fn all(observation: &Observation) -> BTreeMap<NodeName, Self> {
        let place = |facts: &HostFacts| Self {
            socket: facts.socket.clone(),
            datadir: facts.datadir.path.clone(),
            data_bytes: facts.datadir.bytes,
            addresses: facts.machine.addresses.clone(),
        };
        observation.seen().map(|(name, facts)| (name.clone(), place(facts))).collect()
    }
}
