//! Everything that galactl can do to a proxy: data only.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ROLE;
use crate::kernel::model::NodeName;
use crate::kernel::model::words::names;
use crate::kernel::plan::{Action, PutFile};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "do", rename_all = "kebab-case")]
pub enum ProxyAction {
    /// Reload HAProxy, or start it, and wait until it sends writes to the primary.
    Run,
    /// Write a row through each of these proxies, see that it is on the primary, and read all rows through each.
    Verify { proxies: Vec<NodeName> },
}

impl Action for ProxyAction {
    fn slug(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Run => "run",
            Self::Verify { .. } => "verify",
        })
    }

    fn summary(&self) -> String {
        match self {
            Self::Run => {
                format!("reload or start {ROLE}.service, and wait until it sends writes to the primary")
            }
            Self::Verify { proxies } => {
                let proxies = names(proxies, "and");
                format!("a row written through {proxies}, read there and on the primary, removed")
            }
        }
    }

    fn file(&self) -> Option<&PutFile> {
        None
    }
}
