//! Which rows a repair is for.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::kernel::compare::Table;
use crate::kernel::model::NodeName;

/// Which rows are meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Wanted {
    /// The node whose rows the others get.
    pub from: NodeName,
    /// Patterns of tables; empty, with `databases`: all tables.
    pub tables: Vec<String>,
    pub databases: Vec<String>,
}

impl Wanted {
    /// As a comparison asks: `Some(true)` of a table that is named in full.
    pub fn means(&self, table: &Table) -> Option<bool> {
        let pattern = self.tables.iter().find(|pattern| table.is_meant(pattern));
        match pattern {
            Some(pattern) => Some(!pattern.contains('*')),
            None if self.databases.iter().any(|name| table.name.is_of(name)) => Some(false),
            None => (self.tables.is_empty() && self.databases.is_empty()).then_some(false),
        }
    }
}
