//! Everything that galactl can do to a node's health unit: data only.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{SOCKET_UNIT, USER};
use crate::kernel::model::words::names;
use crate::kernel::model::{NodeName, SecretName, UserName};
use crate::kernel::plan::{Action, PutFile};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "do", rename_all = "kebab-case")]
pub enum HealthAction {
    /// Create the system's user that runs the script.
    CreateUser,
    /// Create the database account of the same name, which has no rights.
    CreateAccount,
    /// Create an account without rights for proxies that log in to see how a node is.
    CreateMonitor { user: UserName, password: SecretName },
    /// Let systemd listen, now and after each boot.
    Listen,
    /// Tell the proxies to send no new client here, and wait until its sessions have ended, but no longer than
    /// `seconds`. `others`: those that served when the plan was made must do so meanwhile. None: the node took no
    /// clients then, and must not do so now.
    Drain { others: Vec<NodeName>, seconds: u64 },
    /// Let the proxies send clients here again.
    Serve,
    /// Stop listening, now and after each boot.
    Silence,
}

impl Action for HealthAction {
    fn slug(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::CreateUser => "user",
            Self::CreateAccount => "account",
            Self::CreateMonitor { .. } => "monitor-account",
            Self::Listen => "listen",
            Self::Drain { .. } => "drain",
            Self::Serve => "serve",
            Self::Silence => "silence",
        })
    }

    fn summary(&self) -> String {
        match self {
            Self::CreateUser => format!("create the system user {USER}"),
            Self::CreateAccount => format!("create the account {USER}@localhost, without any right"),
            Self::CreateMonitor { user, .. } => format!("create the account {user}, without any right"),
            Self::Listen => format!("enable and start {SOCKET_UNIT}"),
            Self::Drain { others, .. } if others.is_empty() => "see that it takes no clients".into(),
            Self::Drain { others, seconds } => format!(
                "send new clients to {}, and wait up to {seconds} s until its sessions have ended",
                names(others, "and")
            ),
            Self::Serve => "let clients in again".into(),
            Self::Silence => format!("stop and disable {SOCKET_UNIT}"),
        }
    }

    fn file(&self) -> Option<&PutFile> {
        None
    }
}
