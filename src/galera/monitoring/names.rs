//! What things are called. Every name has the cluster's in it, so that one folder serves several clusters.

use crate::galera::inventory::Inventory;

/// The rules' group and the scrape job.
pub fn name(inventory: &Inventory) -> String {
    format!("galactl-{}", inventory.cluster)
}

/// A file: `galactl-shop.rules.yml`.
pub fn file(inventory: &Inventory, part: &str) -> String {
    format!("galactl-{}.{part}.yml", inventory.cluster.in_path())
}

/// The file of targets, which the scrape configuration names.
pub fn targets_file(inventory: &Inventory) -> String {
    file(inventory, "targets")
}
