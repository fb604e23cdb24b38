//! Everything that steps act with.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::event::{Event, Reporter};
use super::interrupt::Interrupt;
use super::step_error::StepError;
use crate::config::Renderer;
use crate::db::Database;
use crate::inventory::Inventory;
use crate::model::{NodeName, Secrets};
use crate::transport::{Fleet, Host};

/// The means of one run, shared by all its tasks.
pub struct Context {
    pub inventory: Inventory,
    pub fleet: Fleet,
    pub secrets: Secrets,
    pub renderer: Renderer,
    /// Where each node's server listens, as observed.
    pub sockets: BTreeMap<NodeName, String>,
    /// Each node's data directory, as observed.
    pub datadirs: BTreeMap<NodeName, String>,
    pub reporter: Arc<dyn Reporter>,
    pub interrupt: Interrupt,
}

impl Context {
    pub fn report(&self, event: &Event) {
        self.reporter.event(event);
    }

    pub(super) fn host(&self, name: &NodeName) -> Result<Arc<Host>, StepError> {
        self.fleet.host(name).ok_or_else(|| StepError::new(format!("{name} is not connected")))
    }

    pub(super) fn database(&self, name: &NodeName) -> Result<Database, StepError> {
        let socket =
            self.sockets.get(name).ok_or_else(|| StepError::new(format!("{name} was not observed")))?;
        Ok(Database::new(self.host(name)?, socket))
    }

    pub(super) fn datadir(&self, name: &NodeName) -> &str {
        self.datadirs.get(name).map_or("/var/lib/mysql", String::as_str)
    }
}
