//! How a whole cluster is, by the worst that was found.

use serde::Serialize;

use super::{Finding, Severity};

/// Worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Health {
    Healthy,
    /// It serves, and something is missing or out of line.
    Degraded,
    /// It does not serve, or is about to lose data or service.
    Critical,
}

impl Health {
    /// That of a cluster with these findings.
    pub fn of(findings: &[Finding]) -> Self {
        findings.iter().map(|finding| finding.severity.into()).max().unwrap_or(Self::Healthy)
    }

    /// In a word; the worst one in capitals, because nobody may overlook it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Healthy => "healthy",
            Self::Degraded => "degraded",
            Self::Critical => "CRITICAL",
        }
    }
}

impl From<Severity> for Health {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Note => Self::Healthy,
            Severity::Degraded => Self::Degraded,
            Severity::Critical => Self::Critical,
        }
    }
}
