//! Everything that galactl can do to an arbitrator: data only.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::UNIT;
use crate::kernel::model::NodeName;
use crate::kernel::plan::{Action, PutFile};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "do", rename_all = "kebab-case")]
pub enum GarbdAction {
    /// Start it, and see that all of `nodes`, the data nodes of the cluster, count it. `again`: it runs, and is
    /// restarted once they are whole.
    Start { nodes: Vec<NodeName>, most_members: usize, again: bool },
    /// Stop it, and see it gone. `for_good`: it does not start at boot any more.
    Stop { for_good: bool },
}

impl Action for GarbdAction {
    fn slug(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Start { .. } => "vote",
            Self::Stop { .. } => "stop",
        })
    }

    fn summary(&self) -> String {
        match self {
            Self::Start { nodes, again, .. } => {
                let verb = if *again { "restart" } else { "start" };
                let names: Vec<_> = nodes.iter().map(ToString::to_string).collect();
                format!("{verb} {UNIT}.service and wait until {} count it", names.join(", "))
            }
            Self::Stop { for_good } => {
                let more = if *for_good { ", and disable it" } else { "" };
                format!("stop {UNIT}.service{more}")
            }
        }
    }

    fn file(&self) -> Option<&PutFile> {
        None
    }
}
