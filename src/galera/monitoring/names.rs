//! What things are called. Every name has the cluster's in it, so that one folder serves several clusters.

use crate::galera::inventory::Inventory;
use crate::kernel::model::sha256;

/// The rules' group and the scrape job.
pub fn name(inventory: &Inventory) -> String {
    format!("galactl-{}", inventory.cluster)
}

/// A file: `galactl-shop.rules.yml`.
pub fn file(inventory: &Inventory, part: &str) -> String {
    format!("galactl-{}.{part}", inventory.cluster.in_path())
}

/// Characters of an identifier, which Grafana limits for dashboards.
const LONGEST: usize = 40;

/// What a dashboard and a file of series are called: letters, digits, `-` and `_`; the same for the same cluster.
pub fn identifier(inventory: &Inventory) -> String {
    let named = format!("galactl-{}", inventory.cluster.in_path());
    match named.len() <= LONGEST && !named.contains(['%', '.']) {
        true => named,
        false => format!("galactl-{}", &sha256(inventory.cluster.as_str())[..24]),
    }
}

/// The file of targets, which the scrape configuration names.
pub fn targets_file(inventory: &Inventory) -> String {
    file(inventory, "targets.yml")
}

/// The units of the timer that asks `galactl status`. No unit of galactl's on hosts has such a name, whatever the cluster is
/// called.
pub fn status_unit(inventory: &Inventory) -> String {
    identifier(inventory).replacen("galactl-", "galactl-status-", 1)
}

/// The file for the node exporter, with what `galactl status` tells.
pub fn series_file(inventory: &Inventory) -> String {
    format!("{}.prom", identifier(inventory))
}
