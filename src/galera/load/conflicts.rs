//! Conflicts that servers write into their logs, by table and key.
//!
//! With `wsrep_log_conflicts` a server writes for each of its transactions that it aborts for a replicated one what
//! both were doing: the winner's statement names the row. With `innodb_print_all_deadlocks` it writes the locks of each
//! deadlock between its own clients: the table, the index and the bytes of the key. 10.5, 10.11 and 11.8 write the
//! same lines. What lost certification alone is logged as hashes (`cert.log_conflicts`), which name nothing.

use std::collections::{BTreeMap, BTreeSet};

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

/// Whose lines come next.
#[derive(Clone, Copy, PartialEq)]
enum Next {
    Nothing,
    Winner,
    Victim,
}

/// Connections on one server, and the database in which they work: a statement that names a table without its
/// database means a table there.
#[derive(Debug, Clone, Copy)]
pub struct Own<'a> {
    pub database: &'a str,
    pub connections: &'a BTreeSet<u32>,
}

impl Told {
    /// Reads the lines of one server's log, and adds what they tell.
    pub fn read(&mut self, log: &str, own: Own<'_>) {
        let mut reader =
            Reader { told: self, own, next: Next::Nothing, conflict: None, deadlock: Deadlock::None };
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
    own: Own<'a>,
    next: Next,
    conflict: Option<Conflict>,
    deadlock: Deadlock,
}

/// A conflict that is being read.
#[derive(Default)]
struct Conflict {
    /// As soon as a statement names it.
    place: Option<Place>,
    /// The transaction that was aborted was one of the load test's.
    own: bool,
}

/// A deadlock that is being read. Its first lock tells where the two met; the others are its mirror.
enum Deadlock {
    None,
    TableWanted,
    KeyWanted(String),
}

impl Reader<'_> {
    fn line(&mut self, line: &str) {
        if line.contains("WSREP: cluster conflict") {
            self.conflict_ends();
            self.conflict = Some(Conflict::default());
            self.next = Next::Nothing;
        } else if line.contains("WSREP: Winning thread:") {
            self.next = Next::Winner;
        } else if line.contains("WSREP: Victim thread:") {
            self.next = Next::Victim;
        } else if let Some(thread) = line.trim_start().strip_prefix("THD: ") {
            self.thread(thread);
        } else if let Some(statement) = line.trim_start().strip_prefix("SQL: ") {
            self.statement(statement);
        } else if line.contains("InnoDB: Transactions deadlock detected") {
            self.deadlock = Deadlock::TableWanted;
        } else {
            self.lock(line);
        }
    }

    fn thread(&mut self, thread: &str) {
        let id = thread.split(',').next().and_then(|id| id.parse().ok());
        if let (Next::Victim, Some(conflict), Some(id)) = (self.next, &mut self.conflict, id) {
            conflict.own = self.own.connections.contains(&id);
        }
    }

    fn statement(&mut self, statement: &str) {
        let next = std::mem::replace(&mut self.next, Next::Nothing);
        let Some(conflict) = &mut self.conflict else { return };
        match next {
            Next::Winner => conflict.place = place_of(statement),
            // The victim's own statement names the row only where it was waiting for it.
            Next::Victim if conflict.place.is_none() => conflict.place = place_of(statement),
            Next::Victim | Next::Nothing => {}
        }
        if next == Next::Victim {
            self.conflict_ends();
        }
    }

    fn conflict_ends(&mut self) {
        let Some(Conflict { mut place, own }) = self.conflict.take() else { return };
        if let Some(place) = place.as_mut().filter(|place| own && !place.table.contains('.')) {
            place.table = format!("{}.{}", self.own.database, place.table);
        }
        self.told.add(BETWEEN_NODES, place);
    }

    fn lock(&mut self, line: &str) {
        match &self.deadlock {
            Deadlock::None => {}
            Deadlock::TableWanted => {
                if let Some(table) = locked_table(line) {
                    self.deadlock = Deadlock::KeyWanted(table);
                }
            }
            Deadlock::KeyWanted(table) => {
                if let Some(key) = first_field(line) {
                    let place = Place { table: table.clone(), key: Some(key) };
                    self.deadlock = Deadlock::None;
                    self.told.add(ON_A_NODE, Some(place));
                }
            }
        }
    }
}

/// The table of a statement that changes rows, and the condition that names them. What the server prints behind the
/// statement, bytes that are no text, is left out.
pub fn place_of(statement: &str) -> Option<Place> {
    let statement =
        statement.split(|c: char| c == char::REPLACEMENT_CHARACTER || (c.is_control() && c != '\t'));
    let statement = statement.into_iter().next().unwrap_or_default();
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

    /// One byte of a time whose second byte is zero stood behind the statement (10.11).
    #[test]
    fn bytes_behind_a_statement_are_no_part_of_the_key() {
        let place =
            place_of("UPDATE counters SET amount = amount + 1 WHERE id = 1\u{fffd}").expect("a place");
        assert_eq!((place.table.as_str(), place.key.as_deref()), ("counters", Some("id = 1")));
        let place = place_of("DELETE FROM t WHERE id = 7\u{1}\u{2}").expect("a place");
        assert_eq!(place.key.as_deref(), Some("id = 7"));
    }

    fn told(log: &str) -> Told {
        let mut told = Told::default();
        told.read(log, Own { database: "lt", connections: &BTreeSet::new() });
        told
    }

    /// A table without its database is the load test's where the transaction that was aborted is.
    #[test]
    fn a_table_without_its_database_is_that_of_the_connection() {
        let log = "x [Note] WSREP: cluster conflict due to high priority abort for threads:\n\
            x [Note] WSREP: Winning thread:\n   THD: 6, mode: high priority\n   SQL: UPDATE o SET paid = 1 WHERE id = 7\n\
            x [Note] WSREP: Victim thread:\n   THD: 56, mode: local\n   SQL: COMMIT\n";
        for (connection, own) in [(56, 1), (6, 0)] {
            let mut told = Told::default();
            told.read(log, Own { database: "d", connections: &BTreeSet::from([connection]) });
            let (ours, others) = told.of("d");
            assert_eq!((ours.len(), others.len()), (own, 1 - own));
            let place = &ours.iter().chain(&others).next().unwrap().place;
            assert_eq!((&*place.table, place.key.is_some()), ("o", own == 1));
        }
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
