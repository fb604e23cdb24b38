//! Everything that steps act with.

use std::sync::Arc;

use crate::kernel::model::{NodeName, Secrets};
use crate::kernel::run::event::Reporter;
use crate::kernel::run::interrupt::Interrupt;
use crate::kernel::run::step_error::StepError;
use crate::kernel::transport::{Fleet, Host};
use crate::mesh::inventory::{Inventory, Node};
use crate::mesh::observation::Observation;
use crate::mesh::observe;

/// The means of one run, shared by all its tasks.
pub struct Context {
    pub inventory: Inventory,
    pub fleet: Fleet,
    pub secrets: Secrets,
    pub reporter: Arc<dyn Reporter>,
    pub interrupt: Interrupt,
}

impl Context {
    pub fn host(&self, name: &NodeName) -> Result<Arc<Host>, StepError> {
        self.fleet.host_of(name).ok_or_else(|| StepError::new(format!("{name} is not connected")))
    }

    pub(super) fn node(&self, name: &NodeName) -> Result<&Node, StepError> {
        let node = self.inventory.node(name);
        node.ok_or_else(|| StepError::new(format!("the inventory has no node {name}")))
    }

    pub(super) fn nodes(&self, names: &[NodeName]) -> Result<Vec<&Node>, StepError> {
        names.iter().map(|name| self.node(name)).collect()
    }

    /// What the nodes are like at this moment.
    pub async fn observe(&self) -> Observation {
        observe::ask(&self.inventory, &self.fleet).await.observation(&self.secrets)
    }
}
