//! The actions of a mesh's plans: one arm a role.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::NodeAction;
use crate::kernel::plan::{self, HostAction, PutFile};

/// One act. The executor has one arm for each, and nothing acts outside of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// On any host, whatever runs there.
    Host(HostAction),
    /// On a node.
    Node(NodeAction),
}

impl plan::Action for Action {
    fn slug(&self) -> Cow<'static, str> {
        match self {
            Self::Host(action) => action.slug(),
            Self::Node(action) => action.slug(),
        }
    }

    fn summary(&self) -> String {
        match self {
            Self::Host(action) => action.summary(),
            Self::Node(action) => action.summary(),
        }
    }

    fn file(&self) -> Option<&PutFile> {
        match self {
            Self::Host(action) => action.file(),
            Self::Node(action) => action.file(),
        }
    }
}

impl From<HostAction> for Action {
    fn from(action: HostAction) -> Self {
        Self::Host(action)
    }
}

impl From<NodeAction> for Action {
    fn from(action: NodeAction) -> Self {
        Self::Node(action)
    }
}
