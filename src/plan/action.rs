//! Everything that galactl can do to a host: data only.

use super::words::count;
use serde::{Deserialize, Serialize};

use crate::facts::Intent;
use crate::model::{NodeName, SecretName, UnitName, UserName};

/// One act. The executor has one arm for each, and nothing acts outside of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case")]
pub enum Action {
    /// Install packages with apt without letting their server start.
    InstallPackages { packages: Vec<String>, unit: UnitName, provider: String },
    /// Remove leftovers that would make the next start a bootstrap.
    Disarm { intents: Vec<Intent> },
    /// Stop the server and see it gone.
    StopServer { unit: UnitName },
    /// Put an option file in place, atomically, the previous one kept beside it.
    PutFile(PutFile),
    /// Found the cluster on this node with the distribution's own script.
    NewCluster { unit: UnitName },
    /// Create the donor's account for SST, or bring it into line.
    SstAccount { user: UserName, privileges: Vec<String>, password: SecretName },
    /// Start the server as a joiner and wait until it is Synced.
    /// `source` is a member of the cluster that it is to join; `data_bytes`: about how much a full
    /// state transfer would bring.
    Join { unit: UnitName, source: NodeName, patience_seconds: u64, data_bytes: u64 },
    /// Ask a crashed node how far it got, and stop unless `source`'s cluster got as far.
    RecoverPosition { source: NodeName },
    /// Start the unit at boot from now on.
    EnableUnit { unit: UnitName },
    /// Compare every node's view with the expectation.
    VerifyViews { nodes: Vec<NodeName>, most_members: usize },
    /// Write on each node, read it on every other, remove it.
    VerifyWrites { nodes: Vec<NodeName> },
}

/// The content and attributes of an option file. Secrets stand in it as placeholders.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PutFile {
    pub path: String,
    pub owner: String,
    pub group: String,
    /// Octal.
    pub mode: String,
    pub text: String,
    /// What is there now, its secrets replaced.
    pub before: Option<String>,
}

impl Action {
    /// The last part of a step's id.
    pub fn slug(&self) -> &'static str {
        match self {
            Self::InstallPackages { .. } => "install",
            Self::Disarm { .. } => "disarm",
            Self::StopServer { .. } => "stop",
            Self::PutFile(_) => "config",
            Self::NewCluster { .. } => "new-cluster",
            Self::SstAccount { .. } => "sst-account",
            Self::Join { .. } => "join",
            Self::RecoverPosition { .. } => "recover-position",
            Self::EnableUnit { .. } => "enable",
            Self::VerifyViews { .. } => "verify-views",
            Self::VerifyWrites { .. } => "verify-writes",
        }
    }

    /// What is done, in one line.
    pub fn summary(&self) -> String {
        match self {
            Self::InstallPackages { packages, .. } => format!("install {}", packages.join(" ")),
            Self::Disarm { intents } => {
                let places: Vec<_> = intents.iter().map(ToString::to_string).collect();
                format!("remove the armed bootstrap intent: {}", places.join("; "))
            }
            Self::StopServer { unit } => format!("stop {unit}.service"),
            Self::PutFile(file) => {
                let verb = if file.before.is_some() { "change" } else { "create" };
                format!("{verb} {} ({} {}:{})", file.path, file.mode, file.owner, file.group)
            }
            Self::NewCluster { unit } => format!("create the cluster here: galera_new_cluster {unit}"),
            Self::SstAccount { user, privileges, .. } => {
                format!("account {user}@localhost with {}", privileges.join(", "))
            }
            Self::Join { unit, .. } => format!("start {unit}.service and wait until Synced"),
            Self::RecoverPosition { source } => {
                format!("recover its position, and go on only if {source} is as far")
            }
            Self::EnableUnit { unit } => format!("enable {unit}.service"),
            Self::VerifyViews { nodes, .. } => {
                format!("one view on {}: Primary, Synced, same members", count(nodes.len(), "node"))
            }
            Self::VerifyWrites { nodes } => {
                format!("a row written on each of {}, read on all, removed", count(nodes.len(), "node"))
            }
        }
    }
}
