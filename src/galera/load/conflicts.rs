//! Conflicts that servers write into their logs, by table and key.
//!
//! With `wsrep_log_conflicts` a server writes for each of its transactions that it aborts for a replicated one what
//! both were doing: the winner's statement names the row. With `innodb_print_all_deadlocks` it writes the locks of each
//! deadlock between its own clients: the table, the index and the bytes of the key. 10.5, 10.11 and 11.8 write the
//! same lines. What lost certification alone is logged as hashes (`cert.log_conflicts`), which name nothing.

use std::collections::BTreeMap;

use serde::Serialize;

/// Where transactions met.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Place {
    /// `database.table`.
    pub table: String,
    /// The condition or the key that names the row, where the log tells it.
    pub key: Option<String>,
}

/// How often transactions met at one place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Met {
    #[serde(flatten)]
    pub place: Place,
    /// Transactions that were aborted for one of another node.
    pub between_nodes: u64,
    /// Deadlocks between clients of one node.
    pub on_a_node: u64,
}

/// What the logs of some servers told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told {
    places: BTreeMap<Place, [u64; 2]>,
    /// Conflicts of which the log names no row: the server keeps no statements (`binlog_annotate_row_events`).
    pub unnamed: u64,
}

const BETWEEN_NODES: usize = 0;
const ON_A_NODE: usize = 1;

/// Whose statement comes next.
#[derive(Clone, Copy, PartialEq)]
enum Next {
    Nothing,
    Winner,
    Victim,
}

impl Told {
    /// Reads the lines of one server's log, and adds what they tell.
    pub fn read(&mut self, log: &str) {
        let mut reader = Reader { told: self, next: Next::Nothing, conflict: None, deadlock: None };
        log.lines().for_each(|line| reader.line(line));
        reader.conflict_ends();
    }

    fn add(&mut self, kind: usize, place: Option<Place>) {
        match place {
            Some(place) => self.places.entry(place).or_default()[kind] += 1,
            None => self.unnamed += 1,
        }
    }

    /// The places of one database, those where most transactions met first; and how many conflicts there were in
    /// other databases, by table.
    pub fn of(&self, database: &str) -> (Vec<Met>, Vec<Met>) {
        let (mut own, mut others) = (Vec::new(), BTreeMap::<String, [u64; 2]>::new());
        for (place, [between_nodes, on_a_node]) in &self.places {
            match place.table.strip_prefix(database).and_then(|rest| rest.strip_prefix('.')) {
                Some(table) => own.push(Met {
                    place: Place { table: table.to_owned(), key: place.key.clone() },
                    between_nodes: *between_nodes,
                    on_a_node: *on_a_node,
                }),
                // A key of an application may be somebody's name: it is not shown.
                None => {
                    let sums = others.entry(place.table.clone()).or_default();
                    sums[BETWEEN_NODES] += between_nodes;
                    sums[ON_A_NODE] += on_a_node;
                }
            }
        }
        let other = |(table, [between_nodes, on_a_node]): (String, [u64; 2])| Met {
            place: Place { table, key: None },
            between_nodes,
            on_a_node,
        };
        (most_first(own), most_first(others.into_iter().map(other).collect()))
    }
}

fn most_first(mut met: Vec<Met>) -> Vec<Met> {
    met.sort_by_key(|it| std::cmp::Reverse((it.between_nodes + it.on_a_node, it.between_nodes)));
    met
}

struct Reader<'a> {
    told: &'a mut Told,
    next: Next,
    /// The place of the conflict that is being read, as soon as a statement names it.
    conflict: Option<Option<Place>>,
    /// The table of the deadlock that is being read, until its key has come.
    deadlock: Option<Option<String>>,
}

impl Reader<'_> {
    fn line(&mut self, line: &str) {
        if line.contains("WSREP: cluster conflict") {
            self.conflict_ends();
            self.conflict = Some(None);
            self.next = Next::Nothing;
        } else if line.contains("WSREP: Winning thread:") {
            self.next = Next::Winner;
        } else if line.contains("WSREP: Victim thread:") {
            self.next = Next::Victim;
        } else if let Some(statement) = line.trim_start().strip_prefix("SQL: ") {
            self.statement(statement);
        } else if line.contains("InnoDB: Transactions deadlock detected") {
            self.deadlock = Some(None);
        } else if let Some(table) = locked_table(line) {
            // The first lock of a deadlock tells where the two met; the others are its mirror.
            if self.deadlock == Some(None) {
                self.deadlock = Some(Some(table));
            }
        } else if let (Some(Some(table)), Some(key)) = (&self.deadlock, first_field(line)) {
            let place = Place { table: table.clone(), key: Some(key) };
            self.deadlock = None;
            self.told.add(ON_A_NODE, Some(place));
        }
    }

    fn statement(&mut self, statement: &str) {
        let next = std::mem::replace(&mut self.next, Next::Nothing);
        let Some(place) = &mut self.conflict else { return };
        match next {
            Next::Winner => *place = place_of(statement),
            // The victim's own statement names the row only where it was waiting for it.
            Next::Victim if place.is_none() => *place = place_of(statement),
            Next::Victim | Next::Nothing => {}
        }
        if next == Next::Victim {
            self.conflict_ends();
        }
    }

    fn conflict_ends(&mut self) {
        if let Some(place) = self.conflict.take() {
            self.told.add(BETWEEN_NODES, place);
        }
    }
}

/// The table of a statement that changes rows, and the condition that names them.
pub fn place_of(statement: &str) -> Option<Place> {
    let words: Vec<&str> = statement.split_whitespace().collect();
    let is = |at: usize, word: &str| words.get(at).is_some_and(|it| it.eq_ignore_ascii_case(word));
    let find = |word: &str| words.iter().position(|it| it.eq_ignore_ascii_case(word));
    let table = if is(0, "UPDATE") {
        words.iter().skip(1).find(|word| !["LOW_PRIORITY", "IGNORE"].contains(&word.to_uppercase().as_str()))
    } else if is(0, "INSERT") || is(0, "REPLACE") {
        find("INTO").and_then(|at| words.get(at + 1))
    } else if is(0, "DELETE") {
        find("FROM").and_then(|at| words.get(at + 1))
    } else {
        None
    }?;
    // `INSERT INTO t(id)` has no space before the names of the columns.
    let table = table.split('(').next().unwrap_or_default().replace('`', "");
    let key = find("WHERE").map(|at| words[at + 1..].join(" ")).filter(|key| !key.is_empty());
    (!table.is_empty()).then_some(Place { table, key })
}

/// The table in `RECORD LOCKS … index PRIMARY of table `db`.`table` trx id …`.
fn locked_table(line: &str) -> Option<String> {
    let (_, rest) = line.strip_prefix("RECORD LOCKS ")?.split_once(" of table ")?;
    let (table, _) = rest.split_once(" trx id ")?;
    Some(table.replace('`', ""))
}

/// The first field of a record, ` 0: len 8; hex 8000000000000001; asc …`: a number, a text, or its bytes.
fn first_field(line: &str) -> Option<String> {
    let (length, rest) = line.trim_start().strip_prefix("0: len ")?.split_once("; hex ")?;
    let hex: String = rest.chars().take_while(char::is_ascii_hexdigit).collect();
    match length.parse().ok()? {
        1 | 2 | 3 | 4 | 8_usize => number(&hex),
        _ => Some(text(&hex).unwrap_or(format!("0x{hex}"))),
    }
}

/// InnoDB stores a signed number with its sign turned round. One without that bit is an unsigned one, or is negative,
/// which keys hardly are.
fn number(hex: &str) -> Option<String> {
    let value = u64::from_str_radix(hex, 16).ok()?;
    let sign = 1_u64 << (hex.len() * 4).saturating_sub(1).min(63);
    Some((value & !sign).to_string())
}

fn text(hex: &str) -> Option<String> {
    let byte = |at: usize| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok();
    let bytes: Option<Vec<u8>> = (0..hex.len()).step_by(2).map(byte).collect();
    String::from_utf8(bytes?).ok().filter(|text| !text.is_empty() && !text.chars().any(char::is_control))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From the logs of servers on which two clients of each of two nodes changed the rows 1 and 300 of `hot_rows` and
    /// one row of `shop_orders`, as `conflicts.sh` reads them.
    const LOGS: [(&str, &str); 3] = [
        ("10.5", include_str!("../../../tests/fixtures/conflicts/10.5.txt")),
        ("10.11", include_str!("../../../tests/fixtures/conflicts/10.11.txt")),
        ("11.8", include_str!("../../../tests/fixtures/conflicts/11.8.txt")),
    ];

    fn told(log: &str) -> Told {
        let mut told = Told::default();
        told.read(log);
        told
    }

    #[test]
    fn every_release_names_the_rows() {
        for (release, log) in LOGS {
            let told = told(log);
            let (own, others) = told.of("lt");
            let places: Vec<_> = own.iter().map(|it| (&*it.place.table, it.place.key.as_deref())).collect();
            for place in [
                ("hot_rows", Some("id=1")),
                ("hot_rows", Some("id=300")),
                ("shop_orders", Some("region=\"north\" AND nr=7")),
            ] {
                assert!(places.contains(&place), "{release}: {places:?}");
            }
            assert_eq!(others, [], "{release}");
            let between: u64 = own.iter().map(|it| it.between_nodes).sum();
            assert_eq!(between + told.unnamed, log.matches("cluster conflict").count() as u64, "{release}");
            let deadlocks: u64 = own.iter().map(|it| it.on_a_node).sum();
            assert_eq!(deadlocks, log.matches("deadlock detected").count() as u64, "{release}");
            assert!(told.unnamed * 10 < between, "{release}: {told:?}");
        }
    }

    #[test]
    fn keys_of_other_databases_are_not_shown() {
        let (own, others) = told(LOGS[1].1).of("another");
        assert_eq!(own, []);
        assert_eq!(others.len(), 2);
        assert!(others.iter().all(|it| it.place.key.is_none() && it.place.table.starts_with("lt.")));
    }

    #[test]
    fn statements_name_their_rows() {
        for (statement, table, key) in [
            ("UPDATE d.t SET a = 1 WHERE id = 7", "d.t", Some("id = 7")),
            ("update ignore `d`.`t` set a = 1", "d.t", None),
            ("INSERT INTO d.t(id) VALUES (1)", "d.t", None),
            ("DELETE FROM t WHERE a = 1 AND b = 2", "t", Some("a = 1 AND b = 2")),
            ("REPLACE INTO t VALUES (1)", "t", None),
        ] {
            let place = Place { table: table.into(), key: key.map(str::to_owned) };
            assert_eq!(place_of(statement), Some(place), "{statement}");
        }
        for statement in ["COMMIT", "NULL", "", "UPDATE", "INSERT INTO", "DELETE FROM"] {
            assert_eq!(place_of(statement), None, "{statement}");
        }
    }

    #[test]
    fn keys_are_read_from_their_bytes() {
        for (line, key) in [
            (" 0: len 4; hex 8000012c; asc    ,;;", "300"),
            (" 0: len 8; hex 8000000000000001; asc         ;;", "1"),
            (" 0: len 4; hex 0000012c; asc    ,;;", "300"),
            (" 0: len 5; hex 6e6f727468; asc north;;", "north"),
            (" 0: len 5; hex 6e6f727400; asc nort ;;", "0x6e6f727400"),
        ] {
            assert_eq!(first_field(line).as_deref(), Some(key), "{line}");
        }
        assert_eq!(first_field(" 1: len 6; hex 0000000009ea; asc       ;;"), None);
        assert_eq!(first_field(" 0: len 8; hex zz; asc ;;"), None);
    }
}
