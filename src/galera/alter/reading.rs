//! What a session printed → what the server has told.

use std::collections::BTreeMap;

use super::server_error::{is_of_the_moment, without_values};
use super::{Algorithm, Sample, TableSeen, Try};
use crate::galera::model::unescaped;

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

    /// The answer to `Sampling::script`.
    pub fn sample(printed: &str) -> Sample {
        let mut reading = Self::default();
        for row in rows(printed) {
            reading.row(&row);
        }
        let took = |from: &str, to: &str| {
            let at = |place| reading.clock.get(place).copied();
            at(to)?.checked_sub(at(from)?)
        };
        let empty = [took("one", "two"), took("two", "three")];
        let [shorter, longer] = [empty.iter().flatten().min(), empty.iter().flatten().max()];
        let noise = longer.zip(shorter).map_or(0, |(longer, shorter)| longer - shorter);
        let sample = &reading.sample;
        let full = took("sample", "done").filter(|_| sample.error.is_none() && sample.untold.is_none());
        Sample { empty: shorter.copied(), noise, full, ..reading.sample }
    }

    fn row(&mut self, row: &[String]) {
        let cells: Vec<&str> = row.iter().map(String::as_str).collect();
        // First of all, because the first cell is the table's name.
        if let [_, text] = cells.as_slice()
            && self.shows_a_table()
            && text.starts_with("CREATE ")
        {
            return self.table_shown(text);
        }
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
            ["table", kind, engine, rows, bytes] => {
                (seen.kind, seen.engine) = ((*kind).to_owned(), (*engine).to_owned());
                (seen.rows, seen.bytes) = (number(rows), number(bytes));
            }
            [what, value] => self.fact(what, value),
            _ => {}
        }
    }

    /// The session prints a `SHOW CREATE TABLE` next, and nothing else.
    fn shows_a_table(&self) -> bool {
        ["definition", "copied", "after"].contains(&&*self.place)
    }

    fn table_shown(&mut self, text: &str) {
        let text = text.to_owned();
        match self.place.as_str() {
            "definition" => self.seen.definition = text,
            "copied" => self.seen.copy = text,
            _ => {
                if let Some(last) = self.seen.tries.last_mut() {
                    last.after = text;
                }
            }
        }
    }

    fn fact(&mut self, what: &str, value: &str) {
        let seen = &mut self.seen;
        let value_too = value.to_owned();
        match what {
            "file" => seen.bytes = number(value).max(seen.bytes),
            "pool" => seen.buffer_pool = number(value),
            "binlog" => seen.binlog = number(value) != 0,
            "tmpdir" => seen.tmpdir.path = value_too,
            "received" => seen.received = number(value),
            "zone" => seen.zone = value_too,
            "counted" => (seen.rows, seen.counted) = (number(value), true),
            "column" => seen.columns.push(value_too),
            "parent" => seen.parents.push(value_too),
            "child" => seen.children.push(value_too),
            "sampled" => self.sample.rows = number(value),
            "size" => self.sample.size = number(value),
            "size-after" => self.sample.size_after = number(value),
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
            "fill" => drop(self.sample.untold.get_or_insert_with(|| without_values(&words))),
            "change" if is_of_the_moment(&words) => drop(self.sample.untold.get_or_insert(words)),
            "change" => drop(self.sample.error.get_or_insert_with(|| without_values(&words))),
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

#[cfg(test)]
mod tests {
    use super::*;

    /// As 10.11 printed it, some columns left out.
    const PRINTED: &str =
        "at\tdefinition\norders\tCREATE TABLE `orders` (\\n  `id` int(11) NOT NULL\\n) ENGINE=InnoDB
at\tfacts
table\tBASE TABLE\tInnoDB\t197579\t64667648
file\t75497472
pool\t134217728
counted\t200000
column\tid
column\titem
column\tCREATE x
at\tcopy
at\tcopied
orders\tCREATE TABLE `orders` (\\n  `id` int(11) NOT NULL\\n) ENGINE=InnoDB
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
        assert_eq!(seen.columns, ["id", "item", "CREATE x"]);
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

    /// Whatever a table is called, its row is no other one.
    #[test]
    fn names_are_not_taken_for_marks() {
        for name in ["at", "Error", "clock", "file", "counted"] {
            let seen = Reading::table(&PRINTED.replace("orders\t", &format!("{name}\t")));
            assert!(
                seen.definition.starts_with("CREATE TABLE") && seen.copy == seen.definition,
                "{name}: {seen:?}"
            );
            assert_eq!((seen.rows, seen.tries.len()), (200_000, 2), "{name}");
        }
    }

    /// Another error than "by another algorithm" is the server's answer.
    #[test]
    fn only_an_algorithm_that_is_not_supported_leads_on_to_the_next() {
        let seen = Reading::table(&PRINTED.replace("1846", "1205"));
        let answer = seen.answer().expect("one");
        assert_eq!((answer.algorithm, seen.accepted()), (Algorithm::Metadata, None));
    }

    const CLOCK: &str = "at\tfill\nsampled\t5000\nclock\tone\t1000000\nclock\ttwo\t1020000\nclock\tthree\t1050000\nsize\t9\nat\tchange\nclock\tsample\t1050000\n";

    #[test]
    fn a_sample_has_its_times_and_its_error() {
        let sample = Reading::sample(&format!("{CLOCK}clock\tdone\t1450000\nsize-after\t12\n"));
        let (empty, full) = (Some(20_000), Some(400_000));
        let expected =
            Sample { rows: 5000, empty, noise: 10_000, full, size: 9, size_after: 12, ..Sample::default() };
        assert_eq!(sample, expected);
        let failed = |error: &str| Reading::sample(&format!("{CLOCK}Error\t{error}\nclock\tdone\t1450000\n"));
        let of_rows = failed("1062\tDuplicate entry 'ann' for key 'k'");
        assert_eq!(
            of_rows.error.as_deref(),
            Some("ERROR 1062: Duplicate entry (value not shown) for key 'k'")
        );
        assert_eq!((of_rows.full, of_rows.untold), (None, None));
        let in_vain = failed("1969\tQuery execution was interrupted (max_statement_time exceeded)");
        assert!(in_vain.error.is_none() && in_vain.untold.is_some(), "{in_vain:?}");
    }

    #[test]
    fn a_clock_that_was_not_read_is_no_zero() {
        let sample = Reading::sample(CLOCK);
        assert_eq!((sample.empty, sample.full), (Some(20_000), None));
        assert_eq!(Reading::sample("").empty, None);
    }
}
