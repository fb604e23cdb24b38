//! The record that a bootstrap leaves on the seed. Its path, `founding`, stays what it was: hosts have it.

use serde::{Deserialize, Serialize};

use super::recovered::position_of;
use crate::galera::model::{Gtid, StateUuid};

/// What `/var/lib/galactl/founding` says: written before the cluster is bootstrapped, or started again
/// from this node after an outage; completed with the state UUID after, and with the first node
/// that joined. A bootstrap that was cut off has no UUID in it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BootstrapRecord {
    /// The id of the plan that was carried out.
    pub plan: String,
    pub cluster: String,
    /// Who carried it out, and since when.
    pub by: String,
    pub state_uuid: Option<StateUuid>,
    /// Another node has been in this cluster, so it may live on elsewhere.
    pub joined: bool,
    /// Of a cluster that was started again: the position that it had.
    #[serde(default)]
    pub recovered: Option<Gtid>,
    /// Seconds since the record was last written.
    #[serde(default)]
    pub age: u64,
}

impl BootstrapRecord {
    /// Reads `KEY=value` lines. A key that is missing proves nothing and is left empty.
    pub fn parse(text: &str) -> Self {
        let value = |key: &str| value(text, key);
        Self {
            plan: value("plan").to_owned(),
            cluster: value("cluster").to_owned(),
            by: value("by").to_owned(),
            state_uuid: value("state_uuid").parse().ok(),
            joined: !value("joined").is_empty(),
            recovered: position_of(value("recovered")),
            age: value("age").parse().unwrap_or(0),
        }
    }
}

/// The value in the first `KEY=value` line of this key; empty where there is none.
pub(super) fn value<'t>(text: &'t str, key: &str) -> &'t str {
    let mut lines = text.lines().filter_map(|line| line.split_once('='));
    lines.find(|(name, _)| *name == key).map_or("", |(_, value)| value)
}

/// A restart of its cluster's history that galactl has seen a node go through.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passed {
    pub position: Gtid,
    /// Seconds since it was written down, where that is known.
    pub age: Option<u64>,
}

impl Passed {
    /// Reads a line of `/var/lib/galactl/passed`: the position, and when it was written down, in
    /// seconds of the host's `clock`.
    pub fn parse(line: &str, clock: f64) -> Option<Self> {
        let written = line.split_whitespace().nth(1).and_then(|word| word.parse::<f64>().ok());
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "not below 0, and far below 2^64"
        )]
        let age = written.map(|written| (clock - written).max(0.0) as u64);
        Some(Self { position: position_of(line)?, age })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_read_as_far_as_it_was_written() {
        let begun = "plan=1f\ncluster=shop\nby=root@ops, process 7, since 2026-01-01\n";
        let record = BootstrapRecord::parse(begun);
        assert_eq!((record.plan.as_str(), record.cluster.as_str()), ("1f", "shop"));
        assert_eq!((record.by.as_str(), record.state_uuid), ("root@ops, process 7, since 2026-01-01", None));
        let whole =
            BootstrapRecord::parse(&format!("{begun}state_uuid=b819de78-9b4f-11ee-8000-0123456789ab\n"));
        assert!(whole.state_uuid.is_some() && !whole.joined);
        assert!(BootstrapRecord::parse(&format!("{begun}joined=db2\n")).joined);
        assert_eq!(BootstrapRecord::parse("garbage"), BootstrapRecord::default());
    }
}
