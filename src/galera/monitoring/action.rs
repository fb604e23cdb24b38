//! Everything that galactl can do for monitoring: data only.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ACCOUNT;
use crate::kernel::model::words::{count, names};
use crate::kernel::model::{NodeName, UnitName};
use crate::kernel::plan::{Action, PutFile};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "do", rename_all = "kebab-case")]
pub enum MonitoringAction {
    /// Create the database account with which the exporter logs in through the unix socket. It has no right. One that
    /// is there stays as it is.
    CreateAccount,
    /// Let a program read its files: start it, now and after each boot, or let a running one reload. Then wait until it
    /// answers.
    Run { unit: UnitName, restart: bool },
    /// Wait until Prometheus gets an answer from all targets of its cluster, and has the cluster's rules.
    Verify { targets: usize },
    /// Silence the alerts that the plan's own work causes at these nodes, for as long as the plan is carried out. Where
    /// Alertmanager does not take the silence, the plan goes on without.
    Silence { nodes: Vec<NodeName> },
    /// Stop a program for good.
    Retire { unit: UnitName },
}

impl Action for MonitoringAction {
    fn slug(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::CreateAccount => "account",
            Self::Run { .. } => "run",
            Self::Verify { .. } => "verify",
            Self::Silence { .. } => "silence",
            Self::Retire { .. } => "retire",
        })
    }

    fn summary(&self) -> String {
        match self {
            Self::CreateAccount => format!("create the account {ACCOUNT}@localhost, without any right"),
            Self::Run { unit, restart: true } => {
                format!("enable and start {unit}.service, and see that it answers")
            }
            Self::Run { unit, restart: false } => format!("reload {unit}.service, and see that it answers"),
            Self::Verify { targets } => {
                format!(
                    "see that Prometheus has the rules, and an answer from {}",
                    count(*targets, "exporter")
                )
            }
            Self::Silence { nodes } => {
                format!("silence what this plan causes at {}, until it has ended", names(nodes, "and"))
            }
            Self::Retire { unit } => format!("stop and disable {unit}.service"),
        }
    }

    fn file(&self) -> Option<&PutFile> {
        None
    }
}
