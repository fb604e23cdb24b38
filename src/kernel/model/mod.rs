//! Names, addresses, secrets and words, valid by construction.
//!
//! Every value here is checked when it is made, so that the rest of the code never asks again
//! whether a node name may stand on a command line.

mod address;
mod digest;
mod name;
mod secret;
mod version;
pub mod words;

pub use address::{Address, with_port, without_port};
pub use digest::sha256;
pub use name::{ClusterName, HostName, NodeName, UnitName, UserName, one_line};
pub use secret::{SecretName, SecretRef, Secrets};
pub use version::ServerVersion;

/// Why a text is not a value of the domain, as a phrase that completes "`text` …".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Invalid(pub String);

impl Invalid {
    pub fn new(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}
