//! The secrets of an inventory, read before any host is asked.

use std::path::Path;

use super::inventory::Inventory;
use super::model::SST_PASSWORD;
use super::proxy::proxysql;
use crate::galera::model::escape;
use crate::kernel::model::Secrets;
use crate::kernel::secrets::{self, SecretError};

/// `base`: the inventory's directory.
///
/// Errors: a secret cannot be read, or its value cannot stand in an option file.
pub fn resolve(inventory: &Inventory, base: &Path) -> Result<Secrets, SecretError> {
    let mut secrets = Secrets::default();
    let fits = |value: &str| escape(value).map(drop).map_err(|why| format!("its value {why}"));
    if let Some(value) = secrets::resolve(&inventory.sst.password, base, fits)? {
        secrets.insert(SST_PASSWORD, value);
    }
    for (name, source, fits) in inventory.proxysql.iter().flat_map(proxysql::secrets::all) {
        if let Some(value) = secrets::resolve(source, base, fits)? {
            secrets.insert_both(&name, value);
        }
    }
    Ok(secrets)
}
