//! Everything that galactl can do with a member's certificates: data only.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::kernel::model::NodeName;
use crate::kernel::plan::{Action, PutFile};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "do", rename_all = "kebab-case")]
pub enum TlsAction {
    /// Put certificate and key in place. `file.text` holds a placeholder for both.
    Put { file: Box<PutFile> },
    /// Have the running server load its files, and see that it serves the certificate among them.
    Load {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        stage: Option<String>,
    },
    /// Have the running server load files of somebody else, which the operator may have changed. One that cannot use
    /// them goes on with those that it has.
    Reload,
    /// Restart an arbitrator, which loads its files only at its start, once `nodes` are whole; and see that they count it.
    Restart {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        stage: Option<String>,
        nodes: Vec<NodeName>,
        most_members: usize,
    },
}

impl Action for TlsAction {
    fn slug(&self) -> Cow<'static, str> {
        let with = |word: &'static str, stage: &Option<String>| match stage {
            Some(stage) => Cow::Owned(format!("{word}-{stage}")),
            None => Cow::Borrowed(word),
        };
        match self {
            Self::Put { file } => Cow::Owned(file.what()),
            Self::Load { stage } => with("load", stage),
            Self::Reload => Cow::Borrowed("reload"),
            Self::Restart { stage, .. } => with("restart", stage),
        }
    }

    fn summary(&self) -> String {
        match self {
            Self::Put { file } => format!("{}, with a new key, readable by its program only", file.path),
            Self::Load { .. } => {
                "have the running server load its certificates, and see what it serves".into()
            }
            Self::Reload => "have the running server load the files that it uses now".into(),
            Self::Restart { .. } => {
                "restart the arbitrator, which loads its certificates at its start".into()
            }
        }
    }

    fn file(&self) -> Option<&PutFile> {
        match self {
            Self::Put { file } => Some(file),
            Self::Load { .. } | Self::Reload | Self::Restart { .. } => None,
        }
    }
}
