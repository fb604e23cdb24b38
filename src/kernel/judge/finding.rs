//! Something that is wrong.

use std::fmt;

use serde::Serialize;

use super::{Code, Invocation, Remedy, Severity};
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
    /// What comes of it.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub why: String,
    /// What to do about it.
    pub remedy: Remedy,
}

impl Finding {
    /// As bad as the code says, with what the code says comes of it.
    pub fn new(code: Code, evidence: impl Into<String>, remedy: impl Into<Remedy>) -> Self {
        let (evidence, remedy) = (evidence.into(), remedy.into());
        Self { code, severity: code.severity, node: None, evidence, why: code.why.to_owned(), remedy }
    }

    pub fn on(mut self, node: &NodeName) -> Self {
        self.remedy.on(node);
        self.node = Some(node.clone());
        self
    }

    pub fn because(mut self, why: impl Into<String>) -> Self {
        self.why = why.into();
        self
    }

    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// With this remedy instead.
    pub fn remedy(mut self, remedy: impl Into<Remedy>) -> Self {
        self.remedy = remedy.into();
        self.node.iter().for_each(|node| self.remedy.on(node));
        self
    }

    /// With its remedy in the words of this invocation, to be shown or written.
    pub fn settled(mut self, invocation: &Invocation) -> Self {
        self.remedy = self.remedy.settled(invocation);
        self
    }
}

/// Whom it is about, and what was seen.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(node) = &self.node {
            write!(f, "{node}: ")?;
        }
        f.write_str(&self.evidence)
    }
}
