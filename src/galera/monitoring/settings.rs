//! The file with which galactl's Prometheus runs.

use serde::Serialize;

use super::names::name;
use super::program::Service;
use super::scrape::INTERVAL;
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
    file_sd_configs: [Files; 1],
}

#[derive(Serialize)]
struct Files {
    files: [&'static str; 1],
}

/// The file's text. Its rules and targets stand beside it.
pub fn text(inventory: &Inventory) -> String {
    let alertmanager = format!("127.0.0.1:{}", Service::Alertmanager.port());
    let settings = Settings {
        global: Global { scrape_interval: INTERVAL, evaluation_interval: INTERVAL },
        rule_files: ["galactl.rules.yml"],
        alerting: Alerting {
            alertmanagers: [Static { static_configs: [Targets { targets: [alertmanager] }] }],
        },
        scrape_configs: [Scrape {
            job_name: name(inventory),
            file_sd_configs: [Files { files: ["galactl.targets.yml"] }],
        }],
    };
    yaml::text("Prometheus asks the exporters of one cluster.", &settings)
}
