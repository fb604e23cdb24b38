//! Everything that galactl can do to a proxy: data only.

use std::borrow::Cow;
use std::net::IpAddr;

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
    /// Write a row through each of these proxies, see that it is on the primary, and read all rows through each. `shared`:
    /// the same through the address that they share.
    Verify {
        proxies: Vec<NodeName>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        shared: Option<IpAddr>,
    },
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
            Self::Verify { proxies, shared } => {
                let own = proxies.iter().map(ToString::to_string);
                let ways: Vec<_> = own.chain(shared.map(|it| it.to_string())).collect();
                format!(
                    "a row written through {}, read there and on the primary, removed",
                    names(&ways, "and")
                )
            }
        }
    }

    fn file(&self) -> Option<&PutFile> {
        None
    }
}
