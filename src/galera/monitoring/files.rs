//! All files together.

use super::alertmanager::alertmanager;
use super::names::{file, targets_file};
use super::rules::{Book, rules};
use super::scrape::scrape;
use super::targets::targets;
use crate::galera::inventory::Inventory;

/// A file for a Prometheus or an Alertmanager that somebody else runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    pub name: String,
    pub text: String,
}

/// All files of a cluster. Those for Prometheus belong into one folder.
pub fn files(inventory: &Inventory, book: &Book) -> Vec<File> {
    vec![
        File { name: file(inventory, "rules"), text: rules(inventory, book) },
        File { name: targets_file(inventory), text: targets(inventory) },
        File { name: file(inventory, "scrape"), text: scrape(inventory) },
        File { name: file(inventory, "alertmanager"), text: alertmanager(inventory, None) },
    ]
}
