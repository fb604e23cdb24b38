//! What a running proxy thinks of the data nodes, whatever its kind.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::kernel::model::NodeName;

/// Read from the words of the proxy itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opinion {
    /// The nodes to which it sends new clients, by what these tell of themselves.
    pub takes: BTreeSet<NodeName>,
    /// The node that takes the writes, where one does.
    pub writer: Option<NodeName>,
}

impl Opinion {
    pub fn takes(&self, node: &NodeName) -> bool {
        self.takes.contains(node)
    }
}
