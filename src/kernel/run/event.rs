//! What happens during a run, as data. Displays depend on these types and on nothing else.

use serde::{Deserialize, Serialize};

use crate::kernel::judge::Invocation;
use crate::kernel::model::NodeName;

/// One moment of a run.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    RunStarted {
        steps: usize,
    },
    StageStarted {
        title: String,
    },
    StepStarted {
        id: String,
        node: NodeName,
        what: String,
    },
    /// `fraction` is between 0 and 1 where the end can be known.
    StepProgress {
        id: String,
        message: String,
        fraction: Option<f64>,
    },
    StepFinished {
        id: String,
        seconds: f64,
        detail: Option<String>,
    },
    StepFailed {
        id: String,
        seconds: f64,
        error: String,
    },
    RunFinished {
        seconds: f64,
    },
    RunFailed(Failure),
    /// A second SIGINT ends the process at once.
    InterruptRequested,
}

/// A run that did not reach its end: what failed, what is known of it, and how things were left.
#[derive(Debug, Clone, PartialEq, Serialize, thiserror::Error)]
#[error("{step}: {error}")]
pub struct Failure {
    pub step: String,
    pub node: NodeName,
    pub error: String,
    pub explanation: Option<Explanation>,
    /// Lines of logs that bear on it, by node.
    pub logs: Vec<Excerpt>,
    /// What was left as it is.
    pub left: Vec<String>,
    /// How to go on, where it is not by the same command.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resume: Option<String>,
    pub kind: FailureKind,
    /// Nothing but this node was touched.
    #[serde(skip)]
    pub contained: bool,
}

/// What sort of end it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureKind {
    Failed,
    /// The world is not what the plan was made for; a new plan is needed.
    Surprise,
    Interrupted,
}

/// Some lines of one log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Excerpt {
    pub node: NodeName,
    pub log: String,
    pub lines: Vec<String>,
}

/// Why a node did not come up, as far as its and other hosts' logs tell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explanation {
    /// The cause's name, the same in every release.
    #[serde(default)]
    pub slug: String,
    pub cause: String,
    pub next: String,
}

impl Explanation {
    /// With the commands that it names as this invocation would type them.
    pub fn settled(mut self, invocation: &Invocation) -> Self {
        self.next = invocation.fill(&self.next);
        self
    }
}

/// Takes events as they happen, from any task.
pub trait Reporter: Send + Sync {
    fn event(&self, event: &Event);
}
