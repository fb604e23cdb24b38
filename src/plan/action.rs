//! Everything that galactl can do to a host: data only.

use crate::model::words::count;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::facts::Intent;
use crate::model::{Gtid, NodeName, SecretName, Seqno, StateUuid, UnitName, UserName};

/// One act. The executor has one arm for each, and nothing acts outside of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "do", rename_all = "kebab-case")]
pub enum Action {
    /// Install packages with apt without letting their server start.
    InstallPackages { packages: Vec<String>, unit: UnitName, provider: String },
    /// Remove leftovers that would make the next start a bootstrap.
    Disarm { intents: Vec<Intent> },
    /// Stop a server that is no member of a Primary component, and see it gone.
    StopServer { unit: UnitName },
    /// Delete what an unfinished state transfer left in the data directory.
    ClearTransfer { datadir: String },
    /// Put an option file in place, atomically, the previous one kept beside it.
    PutFile(PutFile),
    /// Let the server on the host try an option file without putting it in place.
    TryFile(PutFile),
    /// Set variables of the running server.
    SetVariables { settings: Vec<Setting> },
    /// Found the cluster on this node with the distribution's own script. With `state`: start the
    /// cluster again that was founded here, and stop unless its state UUID is still that one.
    NewCluster { unit: UnitName, state: Option<StateUuid> },
    /// Create the donor's account for SST, or bring it into line.
    SstAccount { user: UserName, privileges: Vec<String>, password: SecretName },
    /// Start the server as a joiner and wait until it is Synced.
    /// `source` is a member of the cluster that it is to join. `after`: restarts of that cluster's
    /// history, which the node is then known to have gone through.
    Join { unit: UnitName, source: NodeName, patience_seconds: u64, after: Vec<Gtid> },
    /// Wait until these members are Synced, so that each is free to be a donor.
    AwaitDonors { nodes: Vec<NodeName>, patience_seconds: u64 },
    /// Stop a member of a whole cluster that `nodes` form; the others stay a Primary component.
    /// `ist_only`: and only while another member can bring it back by IST.
    Leave { unit: UnitName, nodes: Vec<NodeName>, most_members: usize, ist_only: bool },
    /// Wait until no client's statement or transaction runs on the node, but no longer than this.
    Drain { seconds: u64 },
    /// Keep the unit of a stopped node from starting, at boot as well, and write down on its host which
    /// cluster it was removed from.
    Mask { unit: UnitName, state: StateUuid },
    /// Let the unit of a node start again that was removed.
    Unmask { unit: UnitName },
    /// See that this node, which stopped last, has everything and alone is safe to bootstrap.
    VerifyStopped { others: Vec<NodeName> },
    /// Make this node's component Primary again, in the state that it has (pc.bootstrap). `nodes`
    /// are other running servers, which become members by that.
    RestorePrimary { state: StateUuid, nodes: Vec<NodeName> },
    /// Start all members of the last view, which form it again by themselves.
    Reform { unit: UnitName, nodes: Vec<NodeName>, state: StateUuid, patience_seconds: u64 },
    /// Say in grastate.dat that a cluster may be started from here, its state UUID kept; put
    /// gvwstate.dat aside.
    MarkSafe { datadir: String, state: StateUuid, seqno: Seqno },
    /// Start the cluster again from this node with the distribution's own script, and stop unless its
    /// state UUID is still the old one. `unseen` nodes were given up by name.
    RestartCluster { unit: UnitName, position: Gtid, unseen: Vec<NodeName> },
    /// Put files of Galera's own aside that would keep a stopped node from joining.
    Forget { datadir: String, files: Vec<String> },
    /// Rename the data directory, and leave an empty one in its place.
    KeepAside { datadir: String, kept: String },
    /// Ask a crashed node how far it got, and stop unless `source`'s cluster got as far. `restarts`:
    /// the cluster was started again there, and the node is not known to have been in it since.
    RecoverPosition { source: NodeName, restarts: Vec<Gtid> },
    /// Start the unit at boot from now on.
    EnableUnit { unit: UnitName },
    /// Install garbd without letting it start.
    InstallArbitrator { package: String },
    /// Start an arbitrator, and see that all of `nodes`, the data nodes of the cluster, count it. `again`:
    /// it runs, and is restarted once they are whole.
    StartArbitrator { nodes: Vec<NodeName>, most_members: usize, again: bool },
    /// Stop an arbitrator, and see it gone. `for_good`: it does not start at boot any more.
    StopArbitrator { for_good: bool },
    /// Compare every node's view with the expectation.
    VerifyViews { nodes: Vec<NodeName>, most_members: usize },
    /// Write on each node, read it on every other, remove it.
    VerifyWrites { nodes: Vec<NodeName> },
}

/// A file of settings, the server's or garbd's: where it goes, and by digest what goes there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PutFile {
    pub path: String,
    pub owner: String,
    pub group: String,
    /// Octal.
    pub mode: String,
    /// Of the rendered text, in which secrets stand as placeholders.
    pub sha256: String,
    /// The wsrep provider's library on this host, which the text names; an arbitrator's names none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub library: Option<String>,
    /// Nodes of the inventory that the text does not know, because they are being removed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub without: Vec<NodeName>,
    /// There is a file of this name, which is kept beside the new one.
    pub replaces: bool,
    /// A unified diff of what is there now and the new text, secrets replaced on both sides.
    pub diff: String,
}

/// A variable of the server and its new value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    pub name: String,
    pub value: String,
    /// The value is a number and stands without quotes.
    pub number: bool,
}

impl Action {
    /// The last part of a step's id.
    pub fn slug(&self) -> &'static str {
        match self {
            Self::InstallPackages { .. } | Self::InstallArbitrator { .. } => "install",
            Self::Disarm { .. } => "disarm",
            Self::StopServer { .. } | Self::StopArbitrator { .. } => "stop",
            Self::ClearTransfer { .. } => "clear-transfer",
            Self::PutFile(_) => "config",
            Self::TryFile(_) => "try-config",
            Self::SetVariables { .. } => "set",
            Self::NewCluster { .. } => "new-cluster",
            Self::SstAccount { .. } => "sst-account",
            Self::Join { .. } => "join",
            Self::AwaitDonors { .. } => "await-donors",
            Self::Leave { .. } => "leave",
            Self::Drain { .. } => "drain",
            Self::Mask { .. } => "mask",
            Self::Unmask { .. } => "unmask",
            Self::VerifyStopped { .. } => "verify-stopped",
            Self::RestorePrimary { .. } => "restore-primary",
            Self::Reform { .. } => "reform",
            Self::MarkSafe { .. } => "mark-safe",
            Self::RestartCluster { .. } => "restart-cluster",
            Self::Forget { .. } => "forget",
            Self::KeepAside { .. } => "keep-aside",
            Self::RecoverPosition { .. } => "recover-position",
            Self::EnableUnit { .. } => "enable",
            Self::StartArbitrator { .. } => "vote",
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
            Self::ClearTransfer { datadir } => {
                format!("delete what an unfinished state transfer left in {datadir}")
            }
            Self::PutFile(file) => {
                let verb = if file.replaces { "change" } else { "create" };
                format!("{verb} {} ({} {}:{})", file.path, file.mode, file.owner, file.group)
            }
            Self::TryFile(file) => format!("try the new {} on the installed server", file.path),
            Self::SetVariables { settings } => {
                let list: Vec<_> =
                    settings.iter().map(|setting| format!("{} = {}", setting.name, setting.value)).collect();
                format!("set on the running server: {}", list.join(", "))
            }
            Self::NewCluster { unit, state: None } => {
                format!("create the cluster here: galera_new_cluster {unit}")
            }
            Self::NewCluster { unit, state: Some(uuid) } => {
                format!("start the cluster {uuid} here again: galera_new_cluster {unit}")
            }
            Self::SstAccount { user, privileges, .. } => {
                format!("account {user}@localhost with {}", privileges.join(", "))
            }
            Self::Join { unit, .. } => format!("start {unit}.service and wait until Synced"),
            Self::AwaitDonors { nodes, .. } => {
                format!("wait until {} are Synced", count(nodes.len(), "member"))
            }
            Self::Leave { unit, .. } => format!("see the cluster whole, then stop {unit}.service"),
            Self::Drain { seconds } => {
                format!("wait until no client's statement or transaction runs here, {seconds} s at most")
            }
            Self::Mask { unit, .. } => format!("mask {unit}.service, and record the removal"),
            Self::Unmask { unit } => format!("unmask {unit}.service, which galactl masked"),
            Self::VerifyStopped { .. } => "it alone is safe to bootstrap, and nobody is ahead of it".into(),
            Self::RestorePrimary { state, .. } => format!("make its component of {state} Primary again"),
            Self::Reform { nodes, unit, .. } => {
                let names: Vec<_> = nodes.iter().map(ToString::to_string).collect();
                format!(
                    "start {unit}.service on {}, and wait until they have found each other",
                    names.join(", ")
                )
            }
            Self::MarkSafe { datadir, state, seqno } => {
                format!("safe_to_bootstrap: 1 in {datadir}/grastate.dat, which stays at {state}:{seqno}")
            }
            Self::RestartCluster { unit, position, .. } => {
                format!("start the cluster again here, from {position}: galera_new_cluster {unit}")
            }
            Self::Forget { datadir, files } => format!("put aside in {datadir}: {}", files.join(", ")),
            Self::KeepAside { datadir, kept } => format!("keep {datadir} as {kept}"),
            Self::RecoverPosition { source, .. } => {
                format!("recover its position, and go on only if {source} is as far")
            }
            Self::EnableUnit { unit } => format!("enable {unit}.service"),
            Self::InstallArbitrator { package } => format!("install {package}"),
            Self::StartArbitrator { nodes, again, .. } => {
                let verb = if *again { "restart" } else { "start" };
                let names: Vec<_> = nodes.iter().map(ToString::to_string).collect();
                format!("{verb} {}.service and wait until {} count it", UnitName::garbd(), names.join(", "))
            }
            Self::StopArbitrator { for_good } => {
                let more = if *for_good { ", and disable it" } else { "" };
                format!("stop {}.service{more}", UnitName::garbd())
            }
            Self::VerifyViews { nodes, .. } => {
                format!("one view on {}: Primary, Synced, same members", count(nodes.len(), "node"))
            }
            Self::VerifyWrites { nodes } => {
                format!("a row written on each of {}, read on all, removed", count(nodes.len(), "node"))
            }
        }
    }
}
