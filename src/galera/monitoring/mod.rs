//! What a Prometheus needs in order to watch a cluster, from its inventory: targets, a scrape configuration, rules, and
//! the routes and inhibitions of an Alertmanager. Pure: nothing here touches a host.
//!
//! Every series has the labels `cluster`, `node` (the member's name in the inventory) and `job`.

mod alert;
mod alertmanager;
mod alerts;
mod files;
mod job;
mod names;
mod promql;
mod rules;
mod scope;
mod scrape;
mod severity;
mod targets;
mod yaml;

pub use alert::{Alert, Level, Maintenance};
pub use alertmanager::{RECEIVER, alertmanager};
pub use alerts::alerts;
pub use files::{File, files};
pub use job::Job;
pub use rules::{Book, rules};
pub use scrape::scrape;
pub use severity::Severity;
pub use targets::{Target, list as target_list, targets};
