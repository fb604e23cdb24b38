//! Everything that galactl can do to a data node: data only.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::galera::alter::{Algorithm, Change, Table, Way};
use crate::galera::facts::Intent;
use crate::galera::model::{Gtid, Seqno, StateUuid};
use crate::kernel::model::words::count;
use crate::kernel::model::{NodeName, SecretName, UnitName, UserName};
use crate::kernel::plan::{Action, PutFile};

/// One act on a data node. The executor has one arm for each.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "do", rename_all = "kebab-case")]
pub enum ServerAction {
    /// Install packages with apt without letting their server start.
    InstallPackages { packages: Vec<String>, unit: UnitName, provider: String },
    /// Remove leftovers that would make the next start a bootstrap.
    Disarm { intents: Vec<Intent> },
    /// Stop a server that is no member of a Primary component, and see it gone.
    StopServer { unit: UnitName },
    /// Delete what an unfinished state transfer left in the data directory.
    ClearTransfer { datadir: String },
    /// Set variables of the running server.
    SetVariables { settings: Vec<Setting> },
    /// Bootstrap the cluster on this node with the distribution's own script. With `state`: start the
    /// cluster again that was bootstrapped here, and stop unless its state UUID is still that one.
    NewCluster { unit: UnitName, state: Option<StateUuid> },
    /// Create the donor's account for SST, or bring it into line.
    SstAccount { user: UserName, privileges: Vec<String>, password: SecretName },
    /// Start the server as a joiner and wait until it is Synced.
    /// `source` is a member of the cluster that it is to join. `after`: restarts of that cluster's
    /// history, which the node is then known to have gone through. `switching`: while TLS is switched on or off
    /// between the nodes, its provider may take TLS for clear text, and end; then it is started again.
    Join {
        unit: UnitName,
        source: NodeName,
        patience_seconds: u64,
        after: Vec<Gtid>,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        switching: bool,
    },
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
    /// Change a table by TOI and this algorithm, and by no dearer one. `before` and `after` are digests of its definition; as copied, so without foreign keys,
    /// is the second one. `by` and `longest_stall_ms`: as the user gave them, for what is to be typed after a failure.
    AlterTable {
        table: Table,
        change: Change,
        algorithm: Algorithm,
        before: String,
        after: String,
        by: Option<Way>,
        longest_stall_ms: u64,
    },
    /// The same on this node only, which no client reaches (RSU), and wait until it is Synced again.
    AlterAlone { table: Table, change: Change, algorithm: Algorithm, before: String, after: String },
    /// See that all of these nodes have the same definition of a table, and that it is this one.
    VerifyTable { table: Table, after: String, nodes: Vec<NodeName> },
    /// Compare every node's view with the expectation.
    VerifyViews { nodes: Vec<NodeName>, most_members: usize },
    /// Write on each node, read it on every other, remove it.
    VerifyWrites { nodes: Vec<NodeName> },
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

impl Action for ServerAction {
    fn slug(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::InstallPackages { .. } => "install",
            Self::Disarm { .. } => "disarm",
            Self::StopServer { .. } => "stop",
            Self::ClearTransfer { .. } => "clear-transfer",
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
            Self::AlterTable { .. } => "alter",
            Self::AlterAlone { .. } => "alter-alone",
            Self::VerifyTable { .. } => "verify-table",
            Self::VerifyViews { .. } => "verify-views",
            Self::VerifyWrites { .. } => "verify-writes",
        })
    }

    fn summary(&self) -> String {
        match self {
            Self::InstallPackages { packages, .. } => format!("install {}", packages.join(" ")),
            Self::Disarm { intents } => {
                let places: Vec<_> = intents.iter().map(ToString::to_string).collect();
                format!("remove the bootstrap intent: {}", places.join("; "))
            }
            Self::StopServer { unit } => format!("stop {unit}.service"),
            Self::ClearTransfer { datadir } => {
                format!("delete what an unfinished state transfer left in {datadir}")
            }
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
            Self::VerifyStopped { .. } => {
                "it alone is safe to bootstrap, and no other node has a higher seqno".into()
            }
            Self::RestorePrimary { state, .. } => format!(
                "make its component of {state} Primary again; if Galera leaves it alone as a donor, start its server again"
            ),
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
            Self::AlterTable { table, change, algorithm, .. } => {
                format!("by TOI: ALTER TABLE {table} ALGORITHM={algorithm}, {change}")
            }
            Self::AlterAlone { table, change, algorithm, .. } => format!(
                "on this node only (RSU): ALTER TABLE {table} ALGORITHM={algorithm}, {change}; wait until it is Synced"
            ),
            Self::VerifyTable { table, nodes, .. } => {
                format!("one definition of {table} on {}, the new one", count(nodes.len(), "node"))
            }
            Self::VerifyViews { nodes, .. } => {
                format!("one view on {}: Primary, Synced, same members", count(nodes.len(), "node"))
            }
            Self::VerifyWrites { nodes } => {
                format!("a row written on each of {}, read on all, removed", count(nodes.len(), "node"))
            }
        }
    }

    fn file(&self) -> Option<&PutFile> {
        None
    }
}
