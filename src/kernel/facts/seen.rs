//! Whether a host was seen.

use serde::{Deserialize, Serialize};

use super::unseen::Unseen;

/// What came of looking at one host.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Seen<Facts> {
    /// The host was reached and told everything that was asked.
    Facts(Box<Facts>),
    /// The host was not reached, or did not tell. Nothing follows from it about the host.
    Unreachable(Unseen),
}
