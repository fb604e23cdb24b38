//! What a rule has found.

use serde::Serialize;

use crate::kernel::inventory::text::visible;
use crate::kernel::judge::{Code, Severity};

/// One thing in a schema or in settings that does not fit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The code of the rule.
    pub rule: Code,
    pub severity: Severity,
    /// `shop.orders`, or the name of a setting.
    pub object: String,
    /// The same of the partitioned table, where the object is one of a partition.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part_of: Option<String>,
    /// What was seen, as the end of a sentence that begins with the object.
    pub evidence: String,
    /// What comes of it.
    pub why: &'static str,
    /// Where that is known from: the name of a page of the server's documentation, or a measurement.
    pub source: &'static str,
    /// The statement or the setting that mends it.
    pub fix: String,
}

impl Finding {
    pub fn new(
        rule: Rule,
        object: impl Into<String>,
        evidence: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        let Rule { code, source } = rule;
        // Names are the users' own, and a terminal obeys control characters.
        let shown = |text: String| visible(&text).into_owned();
        let (object, evidence, fix) = (shown(object.into()), shown(evidence.into()), shown(fix.into()));
        Self {
            rule: code,
            severity: code.severity,
            object,
            part_of: None,
            evidence,
            why: code.why,
            source,
            fix,
        }
    }

    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }
}

/// A code with where its rule is known from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    pub code: Code,
    pub source: &'static str,
}

/// Declares rules, and `ALL` of them for the reference: the doc comment is the documentation; then come the name, the severity,
/// what comes of it, and where that is known from.
macro_rules! declare_rules {
    ($($(#[doc = $doc:literal])+ $name:ident = $text:literal, $severity:ident, $why:literal, $source:expr;)+) => {
        $(
            $(#[doc = $doc])+
            pub const $name: $crate::kernel::lint::Rule = $crate::kernel::lint::Rule {
                code: $crate::kernel::judge::Code {
                    name: $text,
                    doc: concat!($($doc),+),
                    severity: $crate::kernel::judge::Severity::$severity,
                    why: $why,
                },
                source: $source,
            };
        )+

        /// All of these, in the order in which they are documented.
        pub const ALL: &[$crate::kernel::lint::Rule] = &[$($name),+];
    };
}

pub(crate) use declare_rules;
