//! How long all writes will wait, from a sample that each member has changed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Algorithm, Sample, Study, TableSeen};
use crate::kernel::model::NodeName;
use crate::kernel::model::words::{bytes, count};

/// What the change costs if all nodes do it at once, as by TOI.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Forecast {
    pub algorithm: Algorithm,
    pub rows: u64,
    pub bytes: u64,
    /// Milliseconds in which no node takes a write; `None` where that cannot be told, and `untold` says why.
    pub stall_ms: Option<u64>,
    pub untold: Option<String>,
    /// The node that takes longest.
    pub slowest: NodeName,
    /// Rows of the sample that was measured there.
    pub sample_rows: u64,
    /// Bytes that the change writes beside the table before it ends, on the node that needs most.
    pub room: u64,
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
    /// The table, and what the change writes beside it, are larger than the buffer pool, so that the disk decides.
    LargerThanMemory,
}

impl Sureness {
    /// As it stands behind the figure.
    pub fn words(self) -> &'static str {
        match self {
            Self::Sure => "",
            Self::Counted => "; expect between half and double of that",
            Self::Estimated => {
                "; the number of rows is InnoDB's estimate, so expect between a third and three times of that"
            }
            Self::LargerThanMemory => {
                "; the table and its change do not fit into the buffer pool, so the disk decides, and it may take several times as long"
            }
        }
    }
}

/// A wait that nobody notices, in milliseconds.
pub const NO_WAIT: u64 = 200;
/// The longest wait, in seconds, that galactl makes where the user names no way and no other limit.
pub const LONGEST_STALL: u32 = 1;
/// Two measures of one change may differ by this many microseconds on a server that is at rest.
const JITTER: u64 = 5_000;
/// What the rows cost must be that many times larger than what one measure differs from the next.
const CLEAR: u64 = 3;

/// The forecast for the slowest member; `None` where a member tells nothing of the change.
pub fn forecast(study: &Study, algorithm: Algorithm) -> Option<Forecast> {
    let told = study.told().map(|(node, seen)| of_member(node, seen, algorithm));
    let told = told.collect::<Option<Vec<_>>>()?;
    let room = told.iter().map(|it| it.room).max()?;
    let slowest = told.into_iter().max_by_key(|it| (it.stall_ms.is_none(), it.stall_ms))?;
    Some(Forecast { room, ..slowest })
}

fn of_member(node: &NodeName, seen: &TableSeen, algorithm: Algorithm) -> Option<Forecast> {
    let touched = algorithm != Algorithm::Metadata;
    let none = Sample::default();
    let sample = match &seen.sample {
        Some(sample) => sample,
        None if touched => return None,
        None => &none,
    };
    let stall = if touched { stall(seen, sample) } else { Ok(0) };
    let room = if touched { room(seen, sample, algorithm) } else { 0 };
    Some(Forecast {
        algorithm,
        rows: seen.rows,
        bytes: seen.bytes,
        stall_ms: stall.as_ref().ok().map(|micros| micros / 1000),
        untold: stall.err(),
        slowest: node.clone(),
        sample_rows: sample.rows,
        room,
        sureness: if touched { sureness(seen, sample.rows, room) } else { Sureness::Sure },
    })
}

/// Microseconds for all rows, or why that cannot be told. A server's row counts may be any number.
fn stall(seen: &TableSeen, sample: &Sample) -> Result<u64, String> {
    if let Some(why) = &sample.untold {
        return Err(why.clone());
    }
    let (Some(empty), Some(full)) = (sample.empty, sample.full) else {
        return Err("the server did not tell its time".into());
    };
    if sample.rows >= seen.rows {
        return Ok(full);
    }
    let (rows, noise) = (full.saturating_sub(empty), sample.noise.max(JITTER));
    let all = |micros: u64| {
        let grown = u128::from(micros).saturating_mul(work(seen.rows)) / work(sample.rows);
        u64::try_from(grown).unwrap_or(u64::MAX).saturating_add(empty)
    };
    let clear = rows >= noise.saturating_mul(CLEAR) || all(rows.saturating_add(noise)) / 1000 < NO_WAIT;
    clear.then(|| all(rows)).ok_or_else(|| {
        format!("{} rows take no longer than an empty table does, as far as can be measured", sample.rows)
    })
}

/// A larger sample may tell what this one did not.
pub fn wants_a_larger_sample(seen: &TableSeen) -> bool {
    seen.sample.as_ref().is_some_and(|sample| sample.untold.is_none() && stall(seen, sample).is_err())
}

/// A table that is written again stands there twice. A new index is written beside it, and sorted in files before.
fn room(seen: &TableSeen, sample: &Sample, algorithm: Algorithm) -> u64 {
    let Sample { rows, size, size_after, .. } = *sample;
    if rows == 0 || size_after == 0 {
        return seen.bytes;
    }
    let written = match algorithm {
        Algorithm::Nocopy => u128::from(size_after.saturating_sub(size)) * 2,
        _ => u128::from(size_after),
    };
    let all = written.saturating_mul(u128::from(seen.rows.max(rows))) / u128::from(rows);
    u64::try_from(all).unwrap_or(u64::MAX)
}

/// Indexes are sorted, or searched for each row: n log n.
fn work(rows: u64) -> u128 {
    let rows = rows.max(2);
    u128::from(rows) * u128::from(rows.ilog2())
}

/// The table and what the change writes beside it share the buffer pool.
fn sureness(seen: &TableSeen, sampled: u64, room: u64) -> Sureness {
    if sampled >= seen.rows && seen.counted {
        Sureness::Sure
    } else if seen.bytes.saturating_add(room) > seen.buffer_pool {
        Sureness::LargerThanMemory
    } else if !seen.counted {
        Sureness::Estimated
    } else {
        Sureness::Counted
    }
}

impl Forecast {
    /// Bytes that a node sorts in files for the change by its own ALTER; an index is sorted, and then written.
    pub fn sorted(&self) -> u64 {
        match self.algorithm {
            Algorithm::Nocopy => self.room / 2,
            Algorithm::Inplace => self.room,
            Algorithm::Metadata | Algorithm::Copy => 0,
        }
    }

    /// What it rests on, and what comes of it.
    pub fn sentences(&self) -> [String; 2] {
        let (rows, size) = (self.rows, bytes(self.bytes));
        let what = format!(
            "the server does it by {}: {}; the table has {rows} rows, {size}",
            self.algorithm,
            self.algorithm.meaning()
        );
        [what, self.wait()]
    }

    /// For how long no node takes a write.
    fn wait(&self) -> String {
        let rows = count(usize::try_from(self.sample_rows).unwrap_or(usize::MAX), "row");
        let measured = format!("measured on {rows}, which all nodes changed at the same time");
        match self.stall_ms {
            Some(_) if self.algorithm == Algorithm::Metadata => "no write has to wait".into(),
            None => format!(
                "nobody can tell for how long all writes of all nodes wait: {}",
                self.untold.as_deref().unwrap_or("no node has measured it")
            ),
            Some(0..NO_WAIT) => {
                format!("all writes of all nodes wait for less than 0.2 s, which is no wait; {measured}")
            }
            Some(stall) => format!(
                "all writes of all nodes, to any table, wait for about {}, as long as {} takes, the slowest node; {measured}{}",
                seconds(stall),
                self.slowest,
                self.sureness.words()
            ),
        }
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

    use super::super::Asked;
    use super::*;

    fn sample(full: u64) -> Sample {
        let (empty, noise, full) = (Some(20_000), 1000, Some(full));
        Sample { rows: 1000, empty, noise, full, size: 1 << 20, size_after: 3 << 20, ..Sample::default() }
    }

    fn table(rows: u64, sample: Sample) -> TableSeen {
        let (counted, bytes, buffer_pool) = (true, 1 << 20, 1 << 30);
        TableSeen { rows, counted, bytes, buffer_pool, sample: Some(sample), ..TableSeen::default() }
    }

    fn member(rows: u64, full: u64) -> Asked {
        Asked::Told(Box::new(table(rows, sample(full))))
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
        assert_eq!((told.slowest.as_str(), told.stall_ms), ("db2", Some(17_797)));
        assert_eq!(told.sureness, Sureness::Counted);
        assert_eq!(of([member(1000, 40_000), member(10, 30_000)]).and_then(|it| it.stall_ms), Some(40));
    }

    #[test]
    fn a_member_without_a_measure_leaves_no_forecast() {
        let silent = Asked::Told(Box::default());
        assert_eq!(of([member(10, 40_000), silent]), None);
    }

    /// A difference that one measure has from the next is nothing that may be multiplied.
    #[test]
    fn what_cannot_be_told_is_no_figure() {
        for full in [0, 19_000, 20_000, 34_999] {
            let told = of([member(100_000, 120_000), member(100_000, full)]).expect("both have a sample");
            assert_eq!((told.stall_ms, told.slowest.as_str()), (None, "db2"), "{full}");
            assert!(told.sentences()[1].contains("nobody can tell"), "{told:?}");
            assert!(wants_a_larger_sample(&table(100_000, sample(full))));
        }
        assert_eq!(
            of([member(100_000, 120_000), member(100_000, 35_000)]).and_then(|it| it.stall_ms),
            Some(17_797)
        );
        let no_clock = |sample: Sample| stall(&table(10, sample), &Sample { full: None, ..self::sample(1) });
        assert!(no_clock(sample(1)).is_err());
        let late = Sample { untold: Some("ERROR 1969: too slow".into()), ..sample(1) };
        assert_eq!(stall(&table(10, late.clone()), &late), Err("ERROR 1969: too slow".into()));
        assert!(!wants_a_larger_sample(&table(10, late)), "it would take longer still");
    }

    /// However often it is multiplied, it stays below what anybody notices.
    #[test]
    fn a_small_table_is_told_even_where_its_rows_cost_nothing() {
        assert_eq!(of([member(2000, 20_000), member(2000, 19_000)]).and_then(|it| it.stall_ms), Some(20));
    }

    #[test]
    fn room_is_what_the_sample_took() {
        let seen = table(10_000, sample(90_000));
        let of = |algorithm| room(&seen, seen.sample.as_ref().expect("one"), algorithm);
        assert_eq!([of(Algorithm::Nocopy), of(Algorithm::Copy)], [40 << 20, 30 << 20]);
        assert_eq!(room(&seen, &Sample::default(), Algorithm::Copy), seen.bytes);
    }

    /// While it is written again, a table stands twice in the buffer pool.
    #[test]
    fn what_does_not_fit_into_memory_is_said() {
        let of = |pool: u64| {
            let seen = TableSeen { buffer_pool: pool, ..table(10_000, sample(90_000)) };
            let room = room(&seen, &sample(90_000), Algorithm::Copy);
            sureness(&seen, 1000, room)
        };
        assert_eq!(of(31 << 20), Sureness::Counted);
        assert_eq!(of((31 << 20) - 1), Sureness::LargerThanMemory);
    }

    #[test]
    fn numbers_that_no_table_has_are_no_panic() {
        let told = of([member(u64::MAX, u64::MAX), member(1, 1)]).expect("both were measured");
        assert_eq!(told.slowest.as_str(), "db1");
    }
}
