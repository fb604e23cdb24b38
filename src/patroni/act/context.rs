//! Everything that steps act with.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::kernel::model::{NodeName, Secrets};
use crate::kernel::run::event::Reporter;
use crate::kernel::run::interrupt::Interrupt;
use crate::kernel::run::step_error::StepError;
use crate::kernel::transport::{Fleet, Host};
use crate::patroni::inventory::Inventory;
use crate::patroni::observation::Observation;
use crate::patroni::observe;

/// The means of one run, shared by all its tasks.
pub struct Context {
    pub inventory: Inventory,
    pub fleet: Fleet,
    pub secrets: Secrets,
    pub reporter: Arc<dyn Reporter>,
    pub interrupt: Interrupt,
    /// The data directory of each node, as observed.
    pub datadirs: BTreeMap<NodeName, String>,
}

impl Context {
    pub fn host(&self, name: &NodeName) -> Result<Arc<Host>, StepError> {
        self.fleet.host_of(name).ok_or_else(|| StepError::new(format!("{name} is not connected")))
    }

    pub(super) fn datadir(&self, name: &NodeName) -> Result<&str, StepError> {
        let datadir = self.datadirs.get(name).map(String::as_str);
        datadir.ok_or_else(|| StepError::new(format!("{name} was not observed")))
    }

    /// Seconds in which each Patroni has surely done what it does once in its loop.
    pub(super) fn loops(&self) -> u64 {
        3 * u64::from(self.inventory.failover.loop_wait()) + 30
    }

    /// What the nodes and the members of etcd are like at this moment.
    pub async fn observe(&self) -> Observation {
        self.observe_as(&self.inventory).await
    }

    /// The same of those that `inventory` has, for a plan that changes who is in the cluster.
    pub(super) async fn observe_as(&self, inventory: &Inventory) -> Observation {
        observe::ask_members(inventory, &self.fleet).await.observation(&self.secrets)
    }
}
