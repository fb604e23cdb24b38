//! Who watches the cluster. What a Prometheus needs for that comes from the inventory: targets, a scrape configuration,
//! rules, and the routes and inhibitions of an Alertmanager. On hosts, the exporters, Prometheus and Alertmanager are a
//! role each: [`program::Service`].
//!
//! Every series has the labels `cluster`, `node` (the member's name in the inventory) and `job`.

pub mod act;
pub mod action;
mod alert;
mod alertmanager;
mod alerts;
mod answers;
pub mod dashboards;
mod file;
mod files;
pub mod inventory;
mod job;
pub mod judge;
pub mod look;
mod names;
pub mod program;
mod promql;
mod rules;
mod scope;
mod scrape;
mod settings;
mod severity;
pub mod silence;
mod status_timer;
pub mod steps;
mod targets;
pub mod texts;
mod yaml;

pub use alert::{Alert, Level, Maintenance};
pub use alertmanager::{RECEIVER, alertmanager};
pub use alerts::alerts;
pub use answers::Watching;
pub use file::File;
pub use files::files;
pub use inventory::{Monitoring, Watcher};
pub use job::Job;
pub use rules::{Book, number as number_of_rules, rules};
pub use scrape::scrape;
pub use severity::Severity;
pub use status_timer::Asking;
pub use targets::{Target, list as target_list, targets};

use crate::kernel::model::SecretName;

/// The account of the exporter, which is the system user of Debian's packages.
pub const ACCOUNT: &str = "prometheus";
/// The URL to which alerts are sent.
pub const WEBHOOK: &SecretName = &SecretName::new("alert-webhook");
