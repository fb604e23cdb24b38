//! The names of findings, each with its documentation.

use std::fmt;

use schemars::JsonSchema;
use serde::{Serialize, Serializer};

use super::Severity;

/// What a finding is about. The name is stable: it stands in messages, JSON and the documentation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, JsonSchema)]
#[schemars(with = "String")]
pub struct Code {
    pub name: &'static str,
    /// One sentence or two for the reference.
    pub doc: &'static str,
    /// How bad it is, as a rule.
    pub severity: Severity,
    /// What comes of it, as a rule.
    pub why: &'static str,
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name)
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name)
    }
}

/// Declares codes, and `ALL` of them for the reference: the doc comment is the documentation; then come the
/// name, the severity, and what comes of it.
macro_rules! declare_codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $text:literal, $severity:ident, $why:literal;)+) => {
        $(
            $(#[doc = $doc])+
            pub const $name: $crate::kernel::judge::Code = $crate::kernel::judge::Code {
                name: $text,
                doc: concat!($($doc),+),
                severity: $crate::kernel::judge::Severity::$severity,
                why: $why,
            };
        )+

        /// All of these, in the order in which they are documented.
        pub const ALL: &[$crate::kernel::judge::Code] = &[$($name),+];
    };
}

pub(crate) use declare_codes;
