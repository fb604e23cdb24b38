//! The secrets of an inventory, read before any host is asked.

use std::path::Path;

use super::inventory::Inventory;
use super::model::SST_PASSWORD;
use super::monitoring;
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

/// The URL to which alerts go, where it can be had. Nothing for the database waits for it.
///
/// Errors: why it cannot be had.
pub fn add_webhook(inventory: &Inventory, base: &Path, secrets: &mut Secrets) -> Result<(), SecretError> {
    let Some(source) = inventory.monitoring.as_ref().and_then(|section| section.webhook.as_ref()) else {
        return Ok(());
    };
    if let Some(value) = secrets::resolve(source, base, monitoring::inventory::fits)? {
        secrets.insert(monitoring::WEBHOOK, value);
    }
    Ok(())
}
