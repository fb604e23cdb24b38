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
    /// Tell etcd of a new member, which gets all keys and has no vote yet. `peer`: the URL where the others reach it.
    Add { name: NodeName, peer: String },
    /// Give a new member its vote, once it has all keys.
    Promote { name: NodeName, peer: String },
    /// Take a member off etcd's list. `id`: hexadecimal, as etcdctl shows it.
    Remove { name: String, id: String },
    /// Stop the member, and do not let it start at boot.
    Leave,
    /// Stop the member.
    Stop,
    /// Move its data directory away, which is never deleted. Only where no etcd runs.
    KeepAside { datadir: String, kept: String },
    /// Remove the keys that say who led last and who was synchronous; with `founding`, also the key `initialize` of a
    /// founding that was cut off. Only where no Patroni runs on any node.
    Forget { folder: String, endpoint: String, founding: bool },
}

impl Action for EtcdAction {
    fn slug(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Add { name, .. } => return format!("add-{name}").into(),
            Self::Promote { name, .. } => return format!("promote-{name}").into(),
            Self::Remove { name, .. } => return format!("remove-{name}").into(),
            Self::Leave => "leave",
            Self::Start => "start",
            Self::Verify { .. } => "verify",
            Self::Stop => "stop",
            Self::KeepAside { .. } => "keep-aside",
            Self::Forget { .. } => "forget",
        })
    }

    fn summary(&self) -> String {
        match self {
            Self::Start => "start etcd.service, also at boot, together with the others".into(),
            Self::Verify { members } => {
                let members: Vec<_> = members.iter().map(NodeName::as_str).collect();
                format!("see that {} are healthy members of one etcd", names(&members, "and"))
            }
            Self::Add { name, peer } => {
                format!("tell etcd of the new member {name} at {peer}, which has no vote yet")
            }
            Self::Promote { name, .. } => format!("give {name} its vote in etcd, once it has all keys"),
            Self::Remove { name, id } => format!("take {name} (member {id}) off etcd's list"),
            Self::Leave => "stop etcd.service, which does not start at boot any more".into(),
            Self::Stop => "stop etcd.service".into(),
            Self::KeepAside { datadir, kept } => format!("move {datadir} to {kept}"),
            Self::Forget { folder, founding: false, .. } => {
                format!("remove the keys leader, sync, status, optime, failover and members below {folder}")
            }
            Self::Forget { folder, founding: true, .. } => {
                format!(
                    "remove the key initialize, which has no identity, and those beside it below {folder}"
                )
            }
        }
    }

    fn file(&self) -> Option<&PutFile> {
        None
    }
}
