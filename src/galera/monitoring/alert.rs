//! What an alert is.

use super::scope::Scope;
use super::severity::Severity;

/// An alert. It has a page in the book, whose name is its own without `Galera`, in small letters.
pub struct Alert {
    pub name: &'static str,
    /// What it means, for the book.
    pub doc: &'static str,
    /// The levels of the alert: each has a rule of its own.
    pub levels: &'static [Level],
    /// PromQL, for one of the levels; `None` where the alert does not apply to the cluster.
    pub(super) expression: fn(&Scope<'_>, Severity) -> Option<String>,
    pub maintenance: Maintenance,
    /// One sentence; a template of Prometheus.
    pub summary: &'static str,
}

/// How bad it is, and the seconds for which it must last.
pub struct Level {
    pub severity: Severity,
    pub seconds: u64,
}

/// Whether planned work of galactl makes the alert fire by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Maintenance {
    /// It does: such an alert has the label `maintenance: expected`, and is silenced meanwhile.
    Expected,
    /// It never does.
    Never,
}

impl Level {
    pub(super) const fn warning(seconds: u64) -> Self {
        Self { severity: Severity::Warning, seconds }
    }

    pub(super) const fn critical(seconds: u64) -> Self {
        Self { severity: Severity::Critical, seconds }
    }
}

impl Alert {
    /// The name of its page in the book's folder `alerts`: `GaleraNodeDown` has `node-down`.
    pub fn page(&self) -> String {
        let mut page = String::new();
        for c in self.name.trim_start_matches("Galera").chars() {
            if c.is_ascii_uppercase() && !page.is_empty() {
                page.push('-');
            }
            page.push(c.to_ascii_lowercase());
        }
        page
    }
}
