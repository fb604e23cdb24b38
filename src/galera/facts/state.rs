//! What a node is, in one word, from its facts.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::grastate::Grastate;
use super::host::HostFacts;
use super::live::ServerAnswer;
use super::no_answer::NoAnswer;
use crate::galera::model::{Gtid, StateUuid};

/// The states that planning tells apart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NodeState {
    /// No server installed.
    Bare,
    /// Installed; never part of a cluster.
    Fresh,
    /// Member of a Primary component.
    Primary { uuid: Option<StateUuid> },
    /// Runs with wsrep on, outside any Primary component.
    NonPrimary { status: String },
    /// Runs and cannot be asked.
    Mute { why: NoAnswer },
    /// Stopped, and belongs to a cluster's history.
    Member { position: Gtid },
    /// Took part in a cluster, and what it holds is not known: zero UUID, unreadable grastate,
    /// an unfinished state transfer.
    Unclear { why: String },
}

impl fmt::Display for NodeState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bare => f.write_str("nothing installed"),
            Self::Fresh => f.write_str("never in a cluster"),
            Self::Primary { uuid: Some(uuid) } => {
                write!(f, "member of a Primary component, state UUID {uuid}")
            }
            Self::Primary { uuid: None } => f.write_str("member of a Primary component"),
            Self::NonPrimary { status } => write!(f, "runs without a Primary component: {status}"),
            Self::Mute { why } => write!(f, "runs, gives no answer: {why}"),
            Self::Member { position } => write!(f, "stopped at {position}"),
            Self::Unclear { why } => f.write_str(why),
        }
    }
}

impl HostFacts {
    /// Judges by the strongest evidence of a cluster: a live server before files.
    pub fn state(&self) -> NodeState {
        match &self.server_answer {
            ServerAnswer::Live(live) if live.is_primary() => {
                NodeState::Primary { uuid: live.state_uuid.clone() }
            }
            ServerAnswer::Live(live) if live.wsrep_on => {
                NodeState::NonPrimary { status: format!("{}, {}", live.cluster_status, live.local_state) }
            }
            ServerAnswer::Refused(why) if self.server_runs() => NodeState::Mute { why: why.clone() },
            ServerAnswer::NoSocket if self.server_runs() => {
                NodeState::Mute { why: format!("the unit is {}, no socket yet", self.unit.active).into() }
            }
            _ => self.saved_state(),
        }
    }

    fn saved_state(&self) -> NodeState {
        let datadir = &self.datadir;
        if !datadir.sst_leftovers.is_empty() {
            let why = format!("an unfinished state transfer left {}", datadir.sst_leftovers.join(", "));
            return NodeState::Unclear { why };
        }
        match &datadir.grastate {
            Grastate::Unreadable(why) => NodeState::Unclear { why: format!("grastate.dat: {why}") },
            Grastate::Saved(state) if state.position.uuid.is_zero() => {
                NodeState::Unclear { why: "grastate.dat has the zero UUID".into() }
            }
            Grastate::Saved(state) => NodeState::Member { position: state.position.clone() },
            Grastate::Absent | Grastate::Empty if datadir.gvwstate.is_there() => NodeState::Unclear {
                why: "it was a member of a view (gvwstate.dat), and never got its state".into(),
            },
            Grastate::Absent | Grastate::Empty if self.server.is_none() => NodeState::Bare,
            Grastate::Absent | Grastate::Empty => NodeState::Fresh,
        }
    }
}
