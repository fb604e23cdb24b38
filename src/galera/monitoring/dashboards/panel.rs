//! What a panel is.

use serde::Serialize;

use crate::galera::inventory::Threshold;
use crate::galera::monitoring::scope::Scope;

/// Stands in expressions for the member that the reader has chosen, as part of a regular expression. Grafana replaces
/// it itself, because it has a variable of this name.
pub const CHOSEN: &str = "$node";

/// Stands in expressions for the time over which a rate is taken: it grows with the time between two points, so that
/// nothing is left out. Grafana replaces it itself.
pub const WINDOW: &str = "$__rate_interval";

/// A page of panels.
pub struct Page {
    /// In addresses: `node`.
    pub name: &'static str,
    pub title: &'static str,
    pub panels: &'static [Panel],
}

/// Some lines over time, or their last values.
pub struct Panel {
    pub title: &'static str,
    /// What it tells, and what is bad.
    pub doc: &'static str,
    pub kind: Kind,
    pub unit: Unit,
    /// From where on it is bad, where the inventory says so.
    pub limits: Option<fn(&Scope<'_>) -> Threshold>,
    pub lines: &'static [Line],
}

/// One expression, which may have several series.
pub struct Line {
    /// A text with labels as Grafana writes them: `{{node}} {{command}}`.
    pub legend: &'static str,
    /// In PromQL; `None`: this cluster has none.
    pub expression: fn(&Scope<'_>) -> Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The value at this moment, one for each member.
    Now,
    Graph,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Unit {
    Number,
    /// With all of its digits.
    Exact,
    /// Each second.
    Rate,
    /// 1 is the whole.
    Share,
    Seconds,
    /// Bytes each second.
    Throughput,
    /// 1 is yes.
    Truth,
    /// `wsrep_local_state`.
    State,
}

/// The names of `wsrep_local_state` from 1 on (MariaDB, "Galera Cluster Status Variables").
pub const STATES: [&str; 4] = ["Joining", "Donor", "Joined", "Synced"];
