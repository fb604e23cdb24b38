//! The rules file of a cluster.

use serde::Serialize;

use super::alert::{Alert, Level, Maintenance};
use super::alerts::alerts;
use super::names::name;
use super::scope::Scope;
use super::severity::Severity;
use super::yaml;
use crate::galera::inventory::Inventory;

/// Where the pages about alerts are read.
#[derive(Debug, Clone, Default)]
pub enum Book {
    /// In the checkout, or in the package's folder of documents.
    #[default]
    Files,
    /// At this address, where the built book is published.
    Published(String),
}

impl Book {
    /// What leads to the page of an alert.
    pub fn page(&self, alert: &Alert) -> String {
        match self {
            Self::Files => format!("docs/alerts/{}.md", alert.page()),
            Self::Published(url) => format!("{}/alerts/{}.html", url.trim_end_matches('/'), alert.page()),
        }
    }
}

#[derive(Serialize)]
struct Rules {
    groups: [Group; 1],
}

#[derive(Serialize)]
struct Group {
    name: String,
    rules: Vec<Rule>,
}

#[derive(Serialize)]
struct Rule {
    alert: &'static str,
    expr: String,
    #[serde(rename = "for")]
    lasts: String,
    labels: Labels,
    annotations: Annotations,
}

#[derive(Serialize)]
struct Labels {
    severity: Severity,
    #[serde(skip_serializing_if = "Option::is_none")]
    maintenance: Option<&'static str>,
}

#[derive(Serialize)]
struct Annotations {
    summary: &'static str,
    runbook_url: String,
}

/// One group, `galactl-CLUSTER`, with a rule for each level of each alert that the cluster can have.
pub fn rules(inventory: &Inventory, book: &Book) -> String {
    let group = Group { name: name(inventory), rules: all(inventory, book) };
    yaml::text("For rule_files.", &Rules { groups: [group] })
}

/// How many rules that are.
pub fn number(inventory: &Inventory) -> usize {
    all(inventory, &Book::default()).len()
}

fn all(inventory: &Inventory, book: &Book) -> Vec<Rule> {
    let scope = Scope::new(inventory);
    let of = |alert: &'static Alert| alert.levels.iter().map(move |level| (alert, level));
    alerts().flat_map(of).filter_map(|(alert, level)| rule(&scope, book, alert, level)).collect()
}

fn rule(scope: &Scope<'_>, book: &Book, alert: &'static Alert, level: &Level) -> Option<Rule> {
    let maintenance = match alert.maintenance {
        Maintenance::Expected => Some("expected"),
        Maintenance::Never => None,
    };
    Some(Rule {
        alert: alert.name,
        expr: (alert.expression)(scope, level.severity)?,
        lasts: format!("{}s", level.seconds),
        labels: Labels { severity: level.severity, maintenance },
        annotations: Annotations { summary: alert.summary, runbook_url: book.page(alert) },
    })
}
