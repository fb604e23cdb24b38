//! All files together.

use super::alertmanager::alertmanager;
use super::dashboards::{console, grafana};
use super::file::File;
use super::names::{file, targets_file};
use super::rules::{Book, rules};
use super::scrape::scrape;
use super::status_timer::{Asking, units};
use super::targets::targets;
use crate::galera::inventory::Inventory;

/// All files of a cluster. Those for Prometheus belong into its folder, with `consoles` below it.
/// `asking`: what a timer runs, where it can read the inventory.
pub fn files(inventory: &Inventory, book: &Book, asking: Option<&Asking>) -> Vec<File> {
    let files = [
        File { name: file(inventory, "rules.yml"), text: rules(inventory, book) },
        File { name: targets_file(inventory), text: targets(inventory) },
        File { name: file(inventory, "scrape.yml"), text: scrape(inventory) },
        File { name: file(inventory, "alertmanager.yml"), text: alertmanager(inventory, None) },
        File { name: file(inventory, "dashboard.json"), text: grafana(inventory) },
        File { name: format!("consoles/{}", file(inventory, "html")), text: console(inventory) },
    ];
    files.into_iter().chain(asking.into_iter().flat_map(|asking| units(inventory, asking))).collect()
}
