//! The secrets of an inventory, read before any host is asked.

use std::path::Path;

use crate::kernel::model::{SecretRef, Secrets};
use crate::kernel::secrets::{self, SecretError};
use crate::patroni::config::fits;
use crate::patroni::inventory::Inventory;
use crate::patroni::model::Account;

/// `base`: the inventory's directory.
///
/// Errors: a secret cannot be read, or its value cannot stand in Patroni's file.
pub fn resolve(inventory: &Inventory, base: &Path) -> Result<Secrets, SecretError> {
    let mut values = Secrets::default();
    for account in Account::ALL {
        if let Some(value) = secrets::resolve(source(inventory, account), base, fits)? {
            values.insert(account.password(), value);
        }
    }
    Ok(values)
}

/// Where the password of an account comes from.
fn source(inventory: &Inventory, account: Account) -> &SecretRef {
    match account {
        Account::Superuser => &inventory.secrets.superuser,
        Account::Replication => &inventory.secrets.replication,
        Account::Rewind => &inventory.secrets.rewind,
    }
}
