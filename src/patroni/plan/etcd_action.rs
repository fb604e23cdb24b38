//! Everything that galactl can do to a member of etcd: data only.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::kernel::model::NodeName;
use crate::kernel::model::words::names;
use crate::kernel::plan::{Action, PutFile};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "do", rename_all = "kebab-case")]
pub enum EtcdAction {
    /// Start the member, and let it start at boot. It is up once most members are.
    Start,
    /// See that all of `members` are healthy members of one etcd.
    Verify { members: Vec<NodeName> },
}

impl Action for EtcdAction {
    fn slug(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Start => "start",
            Self::Verify { .. } => "verify",
        })
    }

    fn summary(&self) -> String {
        match self {
            Self::Start => "start etcd.service, also at boot, together with the others".into(),
            Self::Verify { members } => {
                let members: Vec<_> = members.iter().map(NodeName::as_str).collect();
                format!("see that {} are healthy members of one etcd", names(&members, "and"))
            }
        }
    }

    fn file(&self) -> Option<&PutFile> {
        None
    }
}
