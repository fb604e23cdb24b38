//! The file with which galactl's Prometheus runs.

use serde::Serialize;

use super::inventory::Alertmanager;
use super::names::name;
use super::program::Service;
use super::scrape::{HONOR_LABELS, INTERVAL};
use super::yaml;
use crate::galera::inventory::Inventory;

#[derive(Serialize)]
struct Settings {
    global: Global,
    rule_files: [&'static str; 1],
    alerting: Alerting,
    scrape_configs: [Scrape; 1],
}

#[derive(Serialize)]
struct Global {
    scrape_interval: &'static str,
    evaluation_interval: &'static str,
}

#[derive(Serialize)]
struct Alerting {
    alertmanagers: [Static; 1],
}

#[derive(Serialize)]
struct Static {
    static_configs: [Targets; 1],
}

#[derive(Serialize)]
struct Targets {
    targets: [String; 1],
}

#[derive(Serialize)]
struct Scrape {
    job_name: String,
    honor_labels: bool,
    file_sd_configs: [Files; 1],
}

#[derive(Serialize)]
struct Files {
    files: [&'static str; 1],
}

/// Where the host of Prometheus finds the Alertmanager.
///
/// # Panics
///
/// Never: an IP address is an address.
pub fn alertmanager_of(inventory: &Inventory) -> Alertmanager {
    let anothers = inventory.monitoring.as_ref().and_then(|it| it.alertmanager.clone());
    anothers.unwrap_or_else(|| Alertmanager {
        address: "127.0.0.1".parse().expect("an address"),
        port: Service::Alertmanager.port(),
    })
}

/// The file's text. Its rules and targets stand beside it.
pub fn text(inventory: &Inventory) -> String {
    let Alertmanager { address, port } = alertmanager_of(inventory);
    let alertmanager = format!("{}:{port}", address.in_url());
    let settings = Settings {
        global: Global { scrape_interval: INTERVAL, evaluation_interval: INTERVAL },
        rule_files: ["galactl.rules.yml"],
        alerting: Alerting {
            alertmanagers: [Static { static_configs: [Targets { targets: [alertmanager] }] }],
        },
        scrape_configs: [Scrape {
            job_name: name(inventory),
            honor_labels: HONOR_LABELS,
            file_sd_configs: [Files { files: ["galactl.targets.yml"] }],
        }],
    };
    yaml::text("Prometheus asks the exporters of one cluster.", &settings)
}
