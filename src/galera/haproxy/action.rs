//! Everything that galactl can do to a proxy: data only.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::UNIT;
use crate::kernel::model::NodeName;
use crate::kernel::model::words::names;
use crate::kernel::plan::{Action, PutFile};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "do", rename_all = "kebab-case")]
pub enum HaproxyAction {
    /// Reload it, or start it, and wait until it sends clients to these nodes.
    Run { nodes: Vec<NodeName> },
    /// Write a row through each of these proxies, and read it through each of them and on every node.
    Verify { proxies: Vec<NodeName>, nodes: Vec<NodeName> },
}

impl Action for HaproxyAction {
    fn slug(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Run { .. } => "run",
            Self::Verify { .. } => "verify",
        })
    }

    fn summary(&self) -> String {
        match self {
            Self::Run { nodes } => {
                format!(
                    "reload or start {UNIT}.service, and wait until it sends clients to {}",
                    names(nodes, "and")
                )
            }
            Self::Verify { proxies, nodes } => format!(
                "a row written through {}, read through them and on {}, removed",
                names(proxies, "and"),
                names(nodes, "and")
            ),
        }
    }

    fn file(&self) -> Option<&PutFile> {
        None
    }
}
