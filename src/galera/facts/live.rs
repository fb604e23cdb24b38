//! What a running server says of itself and its cluster.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::local_state::LocalState;
use super::no_answer::NoAnswer;
use super::spoken::Spoken;
use crate::galera::model::{Seqno, StateUuid};
use crate::kernel::model::{ServerVersion, without_port};

/// Whether the server could be asked.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ServerAnswer {
    /// Nothing listens on its socket.
    NoSocket,
    /// Something does, and it did not answer as a server.
    Refused(NoAnswer),
    Live(Box<Live>),
}

/// `wsrep_cluster_status`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ClusterStatus {
    Primary,
    NonPrimary,
    Disconnected,
    Other(String),
}

/// The wsrep view of a server that answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a variable of the server, and they go together in any way"
)]
pub struct Live {
    pub version: Option<ServerVersion>,
    /// `wsrep_on`. A standalone server says OFF.
    pub wsrep_on: bool,
    pub cluster_name: String,
    pub node_name: String,
    pub cluster_status: ClusterStatus,
    pub ready: bool,
    pub connected: bool,
    /// `wsrep_local_state_comment`: Synced, Donor/Desynced, Joined, Joining, Initialized, Inconsistent.
    pub local_state: LocalState,
    pub cluster_size: u64,
    pub state_uuid: Option<StateUuid>,
    /// `wsrep_cluster_conf_id`; all members of one view have the same. 0 without a view.
    pub conf_id: u64,
    pub last_committed: Seqno,
    /// Addresses of the view's members without ports, sorted; empty where the server does not say, or
    /// says an earlier view's.
    pub members: Vec<String>,
    /// Data nodes of the view that do not say their address, because they listen at 127.0.0.1 only (`AUTO`); they are
    /// not among `members`.
    #[serde(default)]
    pub unnamed: u64,
    /// Bytes that the write-set cache no longer holds start below this seqno.
    pub cached_downto: Seqno,
    pub receive_queue: u64,
    /// Write-sets of its own clients since its start (`wsrep_replicated`).
    #[serde(default)]
    pub replicated: u64,
    /// Bytes of write-sets since its start, its own clients' and the others'.
    #[serde(default)]
    pub written_bytes: u64,
    /// The name that this process has in the group's views and in gvwstate.dat.
    #[serde(default)]
    pub gcomm_uuid: String,
    /// `skip_networking`: it takes connections over its socket only.
    #[serde(default)]
    pub skip_networking: bool,
    /// How it speaks with the other members; `None` where it does not tell.
    #[serde(default)]
    pub spoken: Option<Spoken>,
}

impl Live {
    /// From the rows of `SHOW GLOBAL STATUS LIKE 'wsrep%'` and of the global variables `wsrep_on`,
    /// `wsrep_cluster_name`, `wsrep_node_name`, `wsrep_desync`, `version`, `skip_networking` and `wsrep_provider_options`. A missing row reads as the value
    /// that proves least.
    pub fn from_rows(status: &BTreeMap<String, String>, variables: &BTreeMap<String, String>) -> Self {
        let text = |name: &str| status.get(name).map_or("", String::as_str);
        let variable = |name: &str| variables.get(name).map_or("", String::as_str);
        let number = |name: &str| text(name).parse::<u64>().unwrap_or(0);
        let seqno = |name: &str| text(name).parse::<i64>().map_or(Seqno::Unknown, Seqno::from);
        let (members, unnamed) = members(text("wsrep_incoming_addresses"), number("wsrep_cluster_size"));
        Self {
            version: variable("version").parse().ok(),
            wsrep_on: is_on(variable("wsrep_on")),
            cluster_name: variable("wsrep_cluster_name").to_owned(),
            node_name: variable("wsrep_node_name").to_owned(),
            cluster_status: ClusterStatus::parse(text("wsrep_cluster_status")),
            ready: is_on(text("wsrep_ready")),
            connected: is_on(text("wsrep_connected")),
            local_state: LocalState::told(text("wsrep_local_state_comment"), is_on(variable("wsrep_desync"))),
            cluster_size: number("wsrep_cluster_size"),
            state_uuid: text("wsrep_cluster_state_uuid").parse().ok(),
            // A server without a view says -1, as an unsigned number.
            conf_id: Some(number("wsrep_cluster_conf_id")).filter(|id| *id != u64::MAX).unwrap_or(0),
            last_committed: seqno("wsrep_last_committed"),
            members,
            unnamed,
            cached_downto: seqno("wsrep_local_cached_downto"),
            receive_queue: number("wsrep_local_recv_queue"),
            replicated: number("wsrep_replicated"),
            written_bytes: number("wsrep_replicated_bytes").saturating_add(number("wsrep_received_bytes")),
            gcomm_uuid: text("wsrep_gcomm_uuid").to_ascii_lowercase(),
            skip_networking: is_on(variable("skip_networking")),
            spoken: Spoken::told(variable("wsrep_provider_options")),
        }
    }

    /// Members that hold data; `None` where the view's list is not told.
    pub fn data_nodes(&self) -> Option<u64> {
        let told = self.members.len() as u64 + self.unnamed;
        (told > 0).then_some(told)
    }

    pub fn is_primary(&self) -> bool {
        self.wsrep_on && self.cluster_status == ClusterStatus::Primary
    }

    /// Both are in one view. Two nodes of which each was made a cluster by itself have one state UUID and
    /// one conf_id, too; the members tell them apart, where both are told.
    pub fn shares_view(&self, other: &Self) -> bool {
        let view = |live: &Self| (live.conf_id, live.state_uuid.clone(), live.cluster_size);
        let members = self.members.is_empty() || other.members.is_empty() || self.members == other.members;
        members && view(self) == view(other)
    }

    pub fn is_synced(&self) -> bool {
        self.is_primary() && self.ready && self.connected && self.local_state.is_synced()
    }
}

/// The server's own word, in galactl's spelling.
impl std::fmt::Display for ClusterStatus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Primary => "Primary",
            Self::NonPrimary => "NonPrimary",
            Self::Disconnected => "Disconnected",
            Self::Other(word) if word.is_empty() => "unknown",
            Self::Other(word) => word,
        })
    }
}

impl ClusterStatus {
    fn parse(text: &str) -> Self {
        match text.to_ascii_lowercase().as_str() {
            "primary" => Self::Primary,
            "non-primary" => Self::NonPrimary,
            "disconnected" => Self::Disconnected,
            _ => Self::Other(text.to_owned()),
        }
    }
}

fn is_on(text: &str) -> bool {
    text.eq_ignore_ascii_case("on") || text == "1"
}

/// `10.0.0.1:3306,AUTO,` → sorted addresses, and how many there are of `AUTO`; an arbitrator's place is empty. A
/// joiner whose state transfer holds a later view already skips that view, and its list stays that of the view in
/// which it arrived, until the next one. The list's length tells.
fn members(list: &str, size: u64) -> (Vec<String>, u64) {
    let places: Vec<_> = list.split(',').map(str::trim).collect();
    if places.len() as u64 != size {
        return (Vec::new(), 0);
    }
    let (unnamed, named): (Vec<_>, Vec<_>) =
        places.into_iter().filter(|member| !member.is_empty()).partition(|member| *member == "AUTO");
    let mut members: Vec<_> = named.into_iter().map(|member| without_port(member).to_owned()).collect();
    members.sort();
    (members, unnamed.len() as u64)
}
