//! Something that is wrong.

use serde::Serialize;

use super::{Code, Remedy, Severity};
use crate::kernel::model::NodeName;

/// One thing that is wrong, unwise, or a reason not to go on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub code: Code,
    pub severity: Severity,
    /// Whom it is about; without a node it is about all of them.
    pub node: Option<NodeName>,
    /// What was seen.
    pub evidence: String,
    /// What to do about it.
    pub remedy: Remedy,
}

impl Finding {
    /// A reason not to go on.
    pub fn refusal(code: Code, evidence: impl Into<String>, remedy: impl Into<Remedy>) -> Self {
        let (evidence, remedy) = (evidence.into(), remedy.into());
        Self { code, severity: Severity::Degraded, node: None, evidence, remedy }
    }

    pub fn on(mut self, node: &NodeName) -> Self {
        self.node = Some(node.clone());
        self
    }
}
