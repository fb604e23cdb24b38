//! How long all writes will wait, from a sample that each member has changed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Algorithm, Asked, Study, TableSeen};
use crate::kernel::model::NodeName;
use crate::kernel::model::words::bytes;

/// What the change costs if all nodes do it at once, as by TOI.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Forecast {
    pub algorithm: Algorithm,
    pub rows: u64,
    pub bytes: u64,
    /// Milliseconds in which no node takes a write.
    pub stall_ms: u64,
    /// The node that takes longest.
    pub slowest: NodeName,
    /// Rows of the sample that was measured there.
    pub sample_rows: u64,
    pub sureness: Sureness,
}

/// How far the forecast can be trusted, the best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Sureness {
    /// The change touches no row, or the sample has all rows.
    Sure,
    /// From a part of the rows, which were counted.
    Counted,
    /// The number of rows is InnoDB's estimate.
    Estimated,
    /// The table is larger than the buffer pool, so that the disk decides.
    LargerThanMemory,
}

impl Sureness {
    /// As it stands behind the figure.
    pub fn words(self) -> &'static str {
        match self {
            Self::Sure => "",
            Self::Counted => "; expect half of that to double of that",
            Self::Estimated => {
                "; the number of rows is InnoDB's estimate, so expect a third of that to three times that"
            }
            Self::LargerThanMemory => {
                "; the table is larger than the buffer pool, so the disk decides, and it may take several times as long"
            }
        }
    }
}

/// The forecast for the slowest member; `None` where none was measured. A server's row counts may be any number.
pub fn forecast(study: &Study, algorithm: Algorithm) -> Option<Forecast> {
    let told = study.nodes.iter().filter_map(|(node, asked)| match asked {
        Asked::Told(seen) => Some(of_member(node, seen, algorithm)),
        Asked::Silent(_) => None,
    });
    told.collect::<Option<Vec<_>>>()?.into_iter().max_by_key(|it| it.stall_ms)
}

fn of_member(node: &NodeName, seen: &TableSeen, algorithm: Algorithm) -> Option<Forecast> {
    let sample = seen.sample.as_ref();
    let (micros, sample_rows, sureness) = match (algorithm, sample) {
        (Algorithm::Metadata, _) => (0, 0, Sureness::Sure),
        (_, None) => return None,
        (_, Some(sample)) => {
            let more = u128::from(sample.full.saturating_sub(sample.empty));
            let grown = more.saturating_mul(work(seen.rows.max(sample.rows))) / work(sample.rows);
            let micros = u64::try_from(grown).unwrap_or(u64::MAX).saturating_add(sample.empty);
            (micros, sample.rows, sureness(seen, sample.rows))
        }
    };
    Some(Forecast {
        algorithm,
        rows: seen.rows,
        bytes: seen.bytes,
        stall_ms: micros / 1000,
        slowest: node.clone(),
        sample_rows,
        sureness,
    })
}

/// Indexes are sorted, or searched for each row: n log n.
fn work(rows: u64) -> u128 {
    let rows = rows.max(2);
    u128::from(rows) * u128::from(rows.ilog2())
}

fn sureness(seen: &TableSeen, sampled: u64) -> Sureness {
    if seen.bytes > seen.buffer_pool {
        Sureness::LargerThanMemory
    } else if !seen.counted {
        Sureness::Estimated
    } else if sampled >= seen.rows {
        Sureness::Sure
    } else {
        Sureness::Counted
    }
}

impl Forecast {
    /// What it rests on, and what comes of it.
    pub fn sentences(&self) -> [String; 2] {
        let (rows, size) = (self.rows, bytes(self.bytes));
        let what = format!(
            "the server does it by {}: {}; the table has {rows} rows, {size}",
            self.algorithm,
            self.algorithm.meaning()
        );
        if self.algorithm == Algorithm::Metadata {
            return [what, "no write waits longer than for any small statement".into()];
        }
        let stall = format!(
            "all writes of all nodes, to any table, wait for about {}: so long takes {}, the slowest, by the rate of {} rows that all nodes have changed at once{}",
            seconds(self.stall_ms),
            self.slowest,
            self.sample_rows,
            self.sureness.words()
        );
        [what, stall]
    }
}

/// Milliseconds for people: `0.3 s`, `12 s`, `9 min`.
pub fn seconds(milliseconds: u64) -> String {
    match milliseconds {
        0..10_000 => format!("{}.{} s", milliseconds / 1000, milliseconds % 1000 / 100),
        _ => crate::kernel::model::words::span(milliseconds / 1000),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::Sample;
    use super::*;

    fn member(rows: u64, full: u64) -> Asked {
        let sample = Some(Sample { rows: 1000, empty: 20_000, full, error: None });
        let (counted, bytes, buffer_pool) = (true, 1 << 20, 128 << 20);
        Asked::Told(Box::new(TableSeen { rows, counted, bytes, buffer_pool, sample, ..TableSeen::default() }))
    }

    fn of(nodes: [Asked; 2]) -> Option<Forecast> {
        let nodes: BTreeMap<_, _> =
            ["db1", "db2"].into_iter().map(|name| name.parse().expect("a name")).zip(nodes).collect();
        let (table, change) = ("shop.orders".parse().expect("a table"), "FORCE".parse().expect("a change"));
        forecast(&Study { table, change, nodes }, Algorithm::Copy)
    }

    #[test]
    fn the_slowest_member_decides_and_an_empty_table_costs_something_too() {
        let told = of([member(100_000, 40_000), member(100_000, 120_000)]).expect("both were measured");
        assert_eq!((told.slowest.as_str(), told.stall_ms), ("db2", 17_797));
        assert_eq!(told.sureness, Sureness::Counted);
        assert_eq!(of([member(1000, 40_000), member(10, 30_000)]).map(|it| it.stall_ms), Some(40));
    }

    #[test]
    fn a_member_without_a_measure_leaves_no_forecast() {
        let silent = Asked::Told(Box::default());
        assert_eq!(of([member(10, 40_000), silent]), None);
    }

    #[test]
    fn numbers_that_no_table_has_are_no_panic() {
        let told = of([member(u64::MAX, u64::MAX), member(1, 1)]).expect("both were measured");
        assert_eq!(told.slowest.as_str(), "db1");
    }
}
