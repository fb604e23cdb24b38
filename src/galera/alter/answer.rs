//! What servers have told of a table.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::pt_osc::OscSeen;
use super::{Algorithm, Change, Table};
use crate::kernel::model::NodeName;

/// What was asked, and what each member told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Study {
    pub table: Table,
    pub change: Change,
    pub nodes: BTreeMap<NodeName, Asked>,
}

/// A member's answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Asked {
    Told(Box<TableSeen>),
    /// Why there is none.
    Silent(String),
}

/// The table on one member.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableSeen {
    /// What `SHOW CREATE TABLE` prints; empty where there is no such table.
    pub definition: String,
    /// The server's words where it does not show the table, or makes no copy of it.
    pub error: Option<String>,
    pub engine: String,
    /// `BASE TABLE`, `VIEW`, `SEQUENCE` and so on.
    pub kind: String,
    pub rows: u64,
    /// The rows were counted, not estimated.
    pub counted: bool,
    pub bytes: u64,
    pub buffer_pool: u64,
    /// Those that can be written to, in order.
    pub columns: Vec<String>,
    pub triggers: Vec<String>,
    /// Tables to which its foreign keys point, and those whose foreign keys point to it.
    pub parents: Vec<String>,
    pub children: Vec<String>,
    /// Tables of the names that pt-online-schema-change uses.
    pub beside: Vec<String>,
    /// What pt-online-schema-change has left beside it, and whether one is at work.
    #[serde(default)]
    pub osc: OscSeen,
    pub tries: Vec<Try>,
    pub sample: Option<Sample>,
}

/// What the server says to the change of an empty copy by one algorithm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Try {
    pub algorithm: Algorithm,
    /// The server's words.
    pub error: Option<String>,
    /// What `SHOW CREATE TABLE` prints afterwards.
    pub after: String,
}

/// The change of a copy of some rows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    pub rows: u64,
    /// Microseconds for the change of an empty table, and of the sample.
    pub empty: u64,
    pub full: u64,
    pub error: Option<String>,
}

impl TableSeen {
    /// The cheapest algorithm that the server takes.
    pub fn accepted(&self) -> Option<&Try> {
        self.tries.iter().find(|it| it.error.is_none())
    }
}

/// Reads what a session printed, line by line, blanks as tabs.
#[derive(Default)]
pub struct Reading {
    seen: TableSeen,
    place: String,
    clock: BTreeMap<String, u64>,
    sample: Sample,
}

impl Reading {
    /// The answer to `script::read`.
    pub fn table(printed: &str) -> TableSeen {
        let mut reading = Self::default();
        for row in rows(printed) {
            reading.row(&row);
        }
        reading.seen
    }

    /// The answer to `script::measure`.
    pub fn sample(printed: &str) -> Sample {
        let mut reading = Self::default();
        for row in rows(printed) {
            reading.row(&row);
        }
        let took = |from: &str, to: &str| {
            let at = |place| reading.clock.get(place).copied();
            Some(at(to)?.saturating_sub(at(from)?))
        };
        let (empty, full) = (took("empty", "sample"), took("sample", "done"));
        Sample { empty: empty.unwrap_or_default(), full: full.unwrap_or_default(), ..reading.sample }
    }

    fn row(&mut self, row: &[String]) {
        let cells: Vec<&str> = row.iter().map(String::as_str).collect();
        let seen = &mut self.seen;
        match cells.as_slice() {
            ["at", "try", word] => {
                self.place = "try".into();
                let algorithm = Algorithm::ALL.into_iter().find(|it| it.to_string() == *word);
                seen.tries.extend(algorithm.map(|algorithm| Try {
                    algorithm,
                    error: None,
                    after: String::new(),
                }));
            }
            ["at", place] => self.place = (*place).to_owned(),
            ["Error", code, words] => self.error(format!("ERROR {code}: {words}")),
            ["clock", what, time] => drop(self.clock.insert((*what).to_owned(), number(time))),
            [_, text] if text.starts_with("CREATE ") => match self.place.as_str() {
                "definition" => seen.definition = (*text).to_owned(),
                "after" => {
                    if let Some(last) = seen.tries.last_mut() {
                        last.after = (*text).to_owned();
                    }
                }
                _ => {}
            },
            ["table", kind, engine, rows, bytes] => {
                (seen.kind, seen.engine) = ((*kind).to_owned(), (*engine).to_owned());
                (seen.rows, seen.bytes) = (number(rows), number(bytes));
            }
            [what, value] => self.fact(what, value),
            _ => {}
        }
    }

    fn fact(&mut self, what: &str, value: &str) {
        let seen = &mut self.seen;
        let value_too = value.to_owned();
        match what {
            "file" => seen.bytes = number(value).max(seen.bytes),
            "pool" => seen.buffer_pool = number(value),
            "counted" => (seen.rows, seen.counted) = (number(value), true),
            "column" => seen.columns.push(value_too),
            "trigger" => seen.triggers.push(value_too),
            "parent" => seen.parents.push(value_too),
            "child" => seen.children.push(value_too),
            "beside" => seen.beside.push(value_too),
            "sampled" => self.sample.rows = number(value),
            _ => {}
        }
    }

    fn error(&mut self, words: String) {
        match self.place.as_str() {
            "try" => {
                if let Some(last) = self.seen.tries.last_mut() {
                    last.error = Some(words);
                }
            }
            "definition" | "copy" => drop(self.seen.error.get_or_insert(words)),
            "fill" => drop(self.sample.error.get_or_insert(words)),
            _ => {}
        }
    }
}

fn number(text: &str) -> u64 {
    text.parse().unwrap_or_default()
}

/// Rows as MariaDB's client prints them in batch mode, where a tab or the end of a line within a value is escaped.
fn rows(printed: &str) -> Vec<Vec<String>> {
    let lines = printed.lines().map(|line| line.split('\t').map(unescaped).collect());
    lines.collect()
}

fn unescaped(cell: &str) -> String {
    let (mut text, mut characters) = (String::new(), cell.chars());
    while let Some(c) = characters.next() {
        match (c, c == '\\') {
            (_, false) => text.push(c),
            (_, true) => match characters.next() {
                Some('n') => text.push('\n'),
                Some('t') => text.push('\t'),
                Some('0') => text.push('\0'),
                Some(other) => text.push(other),
                None => text.push('\\'),
            },
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As 10.11 printed it, some columns left out.
    const PRINTED: &str =
        "at\tdefinition\norders\tCREATE TABLE `orders` (\\n  `id` int(11) NOT NULL\\n) ENGINE=InnoDB
table\tBASE TABLE\tInnoDB\t197579\t64667648
file\t75497472
pool\t134217728
counted\t200000
column\tid
column\titem
at\tcopy
at\ttry\tINSTANT
Error\t1846\tALGORITHM=INSTANT is not supported. Reason: Cannot change column type. Try ALGORITHM=COPY
at\tafter
orders\tCREATE TABLE `orders` (\\n  `id` int(11) NOT NULL\\n) ENGINE=InnoDB
at\ttry\tCOPY
at\tafter
orders\tCREATE TABLE `orders` (\\n  `id` bigint(20) NOT NULL\\n) ENGINE=InnoDB
";

    #[test]
    fn a_table_is_read_as_the_server_tells_of_it() {
        let seen = Reading::table(PRINTED);
        assert_eq!((seen.rows, seen.counted, seen.bytes), (200_000, true, 75_497_472));
        assert_eq!((seen.kind.as_str(), seen.engine.as_str()), ("BASE TABLE", "InnoDB"));
        assert_eq!(seen.columns, ["id", "item"]);
        assert!(seen.error.is_none() && seen.definition.lines().count() == 3);
        let accepted = seen.accepted().expect("one is taken");
        assert_eq!(accepted.algorithm, Algorithm::Copy);
        assert!(accepted.after.contains("bigint"), "{accepted:?}");
        assert!(
            seen.tries[0].error.as_ref().is_some_and(|words| words.starts_with("ERROR 1846")),
            "{seen:?}"
        );
    }

    #[test]
    fn a_table_that_is_not_there_is_told_in_the_servers_words() {
        let seen = Reading::table("at\tdefinition\nError\t1146\tTable 'shop.x' doesn't exist\nat\tcopy\n");
        assert_eq!(seen.error.as_deref(), Some("ERROR 1146: Table 'shop.x' doesn't exist"));
        assert_eq!(seen.accepted(), None);
    }

    #[test]
    fn a_sample_has_its_times_and_its_error() {
        let clock = "at\tfill\nsampled\t5000\nclock\tempty\t1000000\nclock\tsample\t1020000\n";
        let sample = Reading::sample(&format!("{clock}clock\tdone\t1420000\n"));
        assert_eq!(sample, Sample { rows: 5000, empty: 20_000, full: 400_000, error: None });
        let failed = Reading::sample(&format!("{clock}Error\t1265\tData truncated\nclock\tdone\t1420000\n"));
        assert_eq!(failed.error.as_deref(), Some("ERROR 1265: Data truncated"));
    }
}
