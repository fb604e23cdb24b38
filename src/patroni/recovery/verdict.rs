//! What was decided, by which rule, and what it means for each node.

use serde::{Deserialize, Serialize};

use super::standing::Standing;
use crate::kernel::model::NodeName;
use crate::patroni::facts::Line;

/// The rules, in the order in which they are tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// A primary runs: nothing is to be recovered.
    PrimaryRuns,
    /// Something runs, and there is no primary.
    StopFirst,
    /// No node has data.
    NoData,
    /// One node's data holds that of all others.
    MostAdvanced,
    /// The user has named the node.
    Forced,
    /// What is known does not suffice.
    Doubt,
}

impl Rule {
    /// One sentence: why it is so.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::PrimaryRuns => "rule 1: a primary runs, so the others follow it",
            Self::StopFirst => {
                "rule 2: something runs and there is no primary, so it is stopped before anybody's data is read"
            }
            Self::NoData => "rule 3: no node has data, so there is nothing to recover",
            Self::MostAdvanced => {
                "rule 4: all nodes are known and have one history, so the one whose WAL ends last holds all of it"
            }
            Self::Forced => "the node was named by hand: --seed",
            Self::Doubt => "rule 5: what is known does not suffice, so nothing is started",
        }
    }
}

/// What follows from the evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    /// This primary stays; stopped nodes whose data it holds follow it.
    Led {
        leader: NodeName,
    },
    /// What these nodes hold can be read only once all that runs on them is stopped.
    Stop {
        nodes: Vec<NodeName>,
    },
    /// No node has data.
    NoData,
    /// Start this node alone, and the others once it is the primary. `ties`: others that have as much.
    Start {
        first: NodeName,
        line: Line,
        ties: Vec<NodeName>,
    },
    Refused,
}

/// The whole verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    pub rule: Rule,
    pub outcome: Decision,
    /// Every node, in the inventory's order, as it stands to the outcome; empty where there is none.
    pub standings: Vec<Standing>,
    /// Why it was refused; or, of a forced choice, what was overridden.
    pub doubts: Vec<Doubt>,
    /// What cannot be known though the choice is right.
    pub remarks: Vec<String>,
}

/// A reason not to act unasked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Doubt {
    pub kind: DoubtKind,
    pub node: Option<NodeName>,
    pub evidence: String,
}

/// What kind of doubt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DoubtKind {
    /// A primary runs, and nobody is started beside it.
    Alive,
    /// More than one primary runs.
    SplitBrain,
    /// A node was not seen.
    Unseen,
    /// There is more than one system identifier.
    TwoClusters,
    /// A node's data does not tell what it holds.
    Unclear,
    /// Two nodes hold what the other has not.
    Forked,
    /// Whoever could have all acknowledged commits has no data.
    Gone,
    /// The node cannot be started from.
    Impossible,
}

impl Doubt {
    pub(super) fn new(kind: DoubtKind, evidence: impl Into<String>) -> Self {
        Self { kind, node: None, evidence: evidence.into() }
    }

    pub(super) fn on(mut self, node: &NodeName) -> Self {
        self.node = Some(node.clone());
        self
    }
}

impl Verdict {
    pub(super) fn of(rule: Rule, outcome: Decision) -> Self {
        Self { rule, outcome, standings: Vec::new(), doubts: Vec::new(), remarks: Vec::new() }
    }

    pub(super) fn refused(doubts: Vec<Doubt>) -> Self {
        Self { doubts, ..Self::of(Rule::Doubt, Decision::Refused) }
    }

    /// The node that the others follow.
    pub fn source(&self) -> Option<&NodeName> {
        match &self.outcome {
            Decision::Led { leader: node } | Decision::Start { first: node, .. } => Some(node),
            Decision::Stop { .. } | Decision::NoData | Decision::Refused => None,
        }
    }
}
