//! The nouns of the domain, valid by construction.
//!
//! Every value here is checked when it is made, so that the rest of the code never asks again
//! whether a node name may stand on a command line or a seqno is a number.

mod address;
mod distribution;
mod gtid;
mod name;
mod option_text;
mod secret;
mod version;

pub use address::Address;
pub use distribution::Distribution;
pub use gtid::{Gtid, Seqno, StateUuid};
pub use name::{ClusterName, NodeName, UnitName, UserName};
pub use option_text::{escape, escape_into};
pub use secret::{SecretName, SecretRef, Secrets};
pub use version::{Flavour, ServerVersion, SstMethod};

/// Why a text is not a value of the domain, as a phrase that completes "`text` …".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Invalid(pub String);

impl Invalid {
    pub(crate) fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

/// The database in which galactl's write test works, for a moment; never a user's.
pub const WRITE_TEST_SCHEMA: &str = "galactl_write_test";
