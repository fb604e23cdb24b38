//! What was decided, by which rule, and what it means for each node.

use serde::{Deserialize, Serialize};

use super::standing::Standing;
use crate::galera::model::{Gtid, Seqno, StateUuid};
use crate::kernel::model::NodeName;

/// The rules, in the order in which they are tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// A Primary component is alive: nothing is to be recovered.
    PrimaryAlive,
    /// Servers run without a Primary component.
    QuorumLost,
    /// Every member of the last view still has it.
    LastView,
    /// The highest recovered seqno of the only history.
    HighestSeqno,
    /// No state is certain, and the data of all nodes got equally far but for one DDL statement.
    OnePosition,
    /// The user has named the node.
    Forced,
    /// What is known does not suffice.
    Doubt,
}

impl Rule {
    /// One sentence: why it is so.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::PrimaryAlive => "rule 1: a Primary component is alive, so the others join it",
            Self::QuorumLost => {
                "rule 2: servers run without a Primary component, so the one that has committed most restores it"
            }
            Self::LastView => {
                "rule 3: every member of the last view still has it (gvwstate.dat), so starting them together forms it again"
            }
            Self::HighestSeqno => {
                "rule 4: all nodes are known and have one history, so the highest recovered seqno holds all of it"
            }
            Self::OnePosition => {
                "rule 4: a DDL statement was cut off on all nodes, and every node has all rows from before it, so no row is lost; look whether that statement took effect, and run it again if it did not"
            }
            Self::Forced => "the node was named by hand: --seed",
            Self::Doubt => "rule 5: what is known does not suffice, so nothing is started",
        }
    }
}

/// What follows from the evidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    /// Join the component that `source` is a member of.
    Join {
        source: NodeName,
        state: StateUuid,
    },
    /// Make the component of this running node Primary again.
    Restore {
        node: NodeName,
        state: StateUuid,
        seqno: Seqno,
    },
    /// Start these nodes together.
    Reform {
        nodes: Vec<NodeName>,
        state: StateUuid,
    },
    /// Start the cluster again from this stopped node.
    Start {
        node: NodeName,
        position: Gtid,
        ties: Vec<NodeName>,
    },
    /// What these nodes hold can be read only once their servers are stopped.
    Stop {
        nodes: Vec<NodeName>,
    },
    /// No node was ever in a cluster.
    NoCluster,
    Refused,
}

/// The whole verdict.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    pub rule: Rule,
    pub outcome: Decision,
    /// Every node, in the inventory's order, as it stands to the outcome; empty where there is none.
    pub standings: Vec<Standing>,
    /// Why it was refused; or, of a forced choice, what was overridden.
    pub doubts: Vec<Doubt>,
}

/// A reason not to act unasked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Doubt {
    pub kind: DoubtKind,
    pub node: Option<NodeName>,
    pub evidence: String,
    pub next: String,
}

/// What kind of doubt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DoubtKind {
    /// A Primary component is alive.
    Alive,
    /// A node was not seen.
    Unseen,
    /// There is more than one history.
    Diverged,
    /// A node's evidence does not tell what it holds.
    Unclear,
    /// A node that may not be started from is ahead of all others.
    Ahead,
}

impl Doubt {
    pub(super) fn new(kind: DoubtKind, evidence: impl Into<String>, next: impl Into<String>) -> Self {
        Self { kind, node: None, evidence: evidence.into(), next: next.into() }
    }

    pub(super) fn on(mut self, node: &NodeName) -> Self {
        self.node = Some(node.clone());
        self
    }
}

impl Verdict {
    pub(super) fn refused(doubts: Vec<Doubt>) -> Self {
        Self { rule: Rule::Doubt, outcome: Decision::Refused, standings: Vec::new(), doubts }
    }

    /// The node that the cluster's data comes from, where one was chosen.
    pub fn source(&self) -> Option<&NodeName> {
        match &self.outcome {
            Decision::Join { source: node, .. }
            | Decision::Restore { node, .. }
            | Decision::Start { node, .. } => Some(node),
            Decision::Reform { .. } | Decision::Stop { .. } | Decision::NoCluster | Decision::Refused => None,
        }
    }
}
