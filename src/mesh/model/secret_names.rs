//! The account with which nodes read each other's changes, and its password.

use crate::kernel::model::SecretName;

pub const MESH_PASSWORD: &SecretName = &SecretName::new("mesh-password");

/// The account's name on every server.
pub const ACCOUNT: &str = "galactl_mesh";
