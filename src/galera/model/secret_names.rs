//! The secrets of a Galera cluster.

use crate::kernel::model::SecretName;

/// The password of the SST account.
pub const SST_PASSWORD: &SecretName = &SecretName::new("sst-password");
