//! The nouns of the domain, valid by construction.
//!
//! Every value here is checked when it is made, so that the rest of the code never asks again
//! whether a node name may stand on a command line or a seqno is a number.

mod address;
mod digest;
mod distribution;
mod gtid;
mod name;
mod option_text;
mod secret;
mod service;
mod version;
pub mod words;

pub use address::{Address, without_port};
pub use digest::sha256;
pub use distribution::Distribution;
pub use gtid::{Gtid, Seqno, StateUuid};
pub use name::{ClusterName, NodeName, UnitName, UserName};
pub use option_text::{escape, escape_into};
pub use secret::{SecretName, SecretRef, Secrets};
pub use service::Service;
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

/// The databases in which galactl's write test works for a moment begin with this; 16 random
/// hexadecimal digits follow, so that no user's database is ever taken for one.
pub const WRITE_TEST_SCHEMA: &str = "galactl_write_test_";

/// True of a database that a write test has made.
pub fn is_write_test_schema(name: &str) -> bool {
    let digits = name.strip_prefix(WRITE_TEST_SCHEMA).unwrap_or_default();
    digits.len() == 16 && digits.chars().all(|c| c.is_ascii_digit() || ('a'..='f').contains(&c))
}
