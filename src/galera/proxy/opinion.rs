//! How a running proxy sees the data nodes, whatever its kind.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::kernel::model::NodeName;

/// The state of the nodes, as the running proxy itself reports it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opinion {
    /// The nodes to which it sends new clients because they answer that they serve.
    pub takes: BTreeSet<NodeName>,
    /// The node that takes the writes, where one does.
    pub writer: Option<NodeName>,
}

impl Opinion {
    pub fn takes(&self, node: &NodeName) -> bool {
        self.takes.contains(node)
    }
}
