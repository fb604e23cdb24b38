//! The secrets of an inventory, read before any host is asked.

use std::path::Path;

use super::config::fits;
use super::inventory::Inventory;
use super::model::MESH_PASSWORD;
use crate::kernel::model::Secrets;
use crate::kernel::secrets::{self, SecretError};

/// `base`: the inventory's directory.
///
/// Errors: the secret cannot be read, or its value cannot stand in libpq's file.
pub fn resolve(inventory: &Inventory, base: &Path) -> Result<Secrets, SecretError> {
    let mut values = Secrets::default();
    if let Some(value) = secrets::resolve(&inventory.mesh_password, base, fits)? {
        values.insert(MESH_PASSWORD, value);
    }
    Ok(values)
}
