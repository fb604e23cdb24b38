//! How Prometheus asks the targets.

use serde::Serialize;

use super::names::{name, targets_file};
use super::yaml;
use crate::galera::inventory::Inventory;

/// The rules are made for this: a minute has four samples, so that one that is lost does no harm.
pub(super) const INTERVAL: &str = "15s";

/// The labels `cluster` and `node` of what `galactl status` tells are its own, and not those of the host where the node
/// exporter found it.
pub(super) const HONOR_LABELS: bool = true;

#[derive(Serialize)]
struct Scrape {
    scrape_configs: [Config; 1],
}

#[derive(Serialize)]
struct Config {
    job_name: String,
    scrape_interval: &'static str,
    scrape_timeout: &'static str,
    honor_labels: bool,
    file_sd_configs: [FileSd; 1],
}

#[derive(Serialize)]
struct FileSd {
    files: [String; 1],
}

/// A file for `scrape_config_files`; its list can be copied into a prometheus.yml as well. It finds the targets beside
/// itself. The label `job` of each series comes from them.
pub fn scrape(inventory: &Inventory) -> String {
    let config = Config {
        job_name: name(inventory),
        scrape_interval: INTERVAL,
        scrape_timeout: "10s",
        honor_labels: HONOR_LABELS,
        file_sd_configs: [FileSd { files: [targets_file(inventory)] }],
    };
    yaml::text(
        "For scrape_config_files, or for the list in prometheus.yml.",
        &Scrape { scrape_configs: [config] },
    )
}
