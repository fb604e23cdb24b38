//! The walk of `galactl compare` over simulated nodes: what differs is found, whatever it is, and nothing else, while
//! rows are being written to.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use galactl::kernel::compare::{
    Asked, Column, Digest, Key, Limits, Outcome, Range, Report, Row, Table, TableName, Trouble, Verdict,
    What, compare,
};
use galactl::kernel::model::NodeName;
use galactl::ui::compare_text;
use proptest::prelude::*;

type Rows = BTreeMap<u32, String>;
/// A key, and what is written to it; `None`: its row is deleted.
type Write = (u32, Option<String>);

/// Nodes that write to each other: a write is seen on the first node at once, and on the others some answers later.
struct Simulated {
    nodes: Vec<NodeName>,
    rows: RefCell<Vec<Rows>>,
    tables: Vec<Table>,
    /// Writes that are still to come.
    script: RefCell<Vec<Write>>,
    /// For each node what it has not applied yet.
    on_the_way: RefCell<Vec<Vec<Write>>>,
    /// One key that another value is written to before every answer.
    hot: Option<u32>,
    /// A node reads no range with more rows in the time of an answer.
    longest: u64,
    /// After so many answers, the last node gives none any more.
    dies: u64,
    /// There is a second table with the same rows.
    twice: bool,
    asked: Cell<u64>,
}

fn name(number: usize) -> NodeName {
    format!("n{number}").parse().unwrap()
}

fn column(name: &str, kind: &str) -> Column {
    Column { name: name.into(), kind: kind.into(), definition: kind.into(), computed: false }
}

fn table() -> Table {
    Table {
        name: TableName::new("s", "t"),
        part_of: None,
        key: vec!["id".into()],
        index: "key".into(),
        columns: vec![column("id", "int"), column("word", "text")],
        estimate: 0,
        apart: None,
    }
}

fn number(key: &Key) -> u32 {
    key.0[0].parse().unwrap()
}

impl Simulated {
    fn new(rows: Vec<Rows>) -> Self {
        let count = rows.len();
        Self {
            nodes: (0..count).map(name).collect(),
            rows: RefCell::new(rows),
            tables: vec![table(); count],
            script: RefCell::default(),
            on_the_way: RefCell::new(vec![Vec::new(); count]),
            hot: None,
            longest: u64::MAX,
            dies: u64::MAX,
            twice: false,
            asked: Cell::new(0),
        }
    }

    fn place(&self, node: &NodeName) -> usize {
        self.nodes.iter().position(|it| it == node).unwrap()
    }

    fn apply(&self, place: usize, (key, value): Write) {
        let mut rows = self.rows.borrow_mut();
        match value {
            Some(value) => drop(rows[place].insert(key, value)),
            None => drop(rows[place].remove(&key)),
        }
    }

    /// Time goes on with each answer: a write is made, and each node applies what came two answers ago.
    fn tick(&self) {
        let now = self.asked.get() + 1;
        self.asked.set(now);
        let next = match self.hot {
            Some(key) => Some((key, Some(format!("hot {now}")))),
            None => self.script.borrow_mut().pop(),
        };
        if let Some(write) = next {
            self.apply(0, write.clone());
            self.on_the_way.borrow_mut().iter_mut().skip(1).for_each(|it| it.push(write.clone()));
        }
        for place in 1..self.nodes.len() {
            while self.on_the_way.borrow()[place].len() > 2 + place {
                let write = self.on_the_way.borrow_mut()[place].remove(0);
                self.apply(place, write);
            }
        }
    }

    fn answers(&self, node: &NodeName) -> Result<(), Trouble> {
        let dead = self.asked.get() >= self.dies && self.nodes.last() == Some(node);
        if dead { Err(Trouble::Failed("gone".into())) } else { Ok(()) }
    }

    fn within(&self, node: &NodeName, range: &Range) -> Result<Vec<(u32, String)>, Trouble> {
        self.tick();
        self.answers(node)?;
        let (from, to) = (range.from.as_ref().map(number), range.to.as_ref().map(number));
        let rows = &self.rows.borrow()[self.place(node)];
        let rows = rows.iter().filter(|(key, _)| from.is_none_or(|from| **key >= from));
        let rows = rows.filter(|(key, _)| to.is_none_or(|to| **key < to));
        let rows: Vec<_> = rows.map(|(key, value)| (*key, value.clone())).collect();
        if rows.len() as u64 > self.longest { Err(Trouble::TooLong) } else { Ok(rows) }
    }

    fn compared(&self) -> Report {
        self.compared_within(&Limits { first: 16, least: 4, rows: 5, ..Limits::default() })
    }

    fn compared_within(&self, limits: &Limits) -> Report {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(compare(self, &self.nodes, &|_| Some(false), (limits, 0), &|_| {}))
    }
}

impl Asked for Simulated {
    async fn tables(&self, node: &NodeName) -> Result<Vec<Table>, Trouble> {
        self.answers(node)?;
        let place = self.place(node);
        let estimate = self.rows.borrow()[place].len() as u64;
        let table = Table { estimate, ..self.tables[place].clone() };
        let copy = Table { name: TableName::new("s", "t2"), ..table.clone() };
        Ok(if self.twice { vec![table, copy] } else { vec![table] })
    }

    async fn key_after(
        &self,
        node: &NodeName,
        _: &Table,
        range: &Range,
        rows: u64,
    ) -> Result<Option<Key>, Trouble> {
        self.tick();
        let from = range.from.as_ref().map_or(0, number);
        let to = range.to.as_ref().map_or(u32::MAX, number);
        let place = usize::try_from(rows).unwrap();
        let key = self.rows.borrow()[self.place(node)].range(from..to).nth(place).map(|(key, _)| *key);
        Ok(key.map(|key| Key(vec![key.to_string()])))
    }

    async fn digest(&self, node: &NodeName, _: &Table, range: &Range) -> Result<Digest, Trouble> {
        let rows = self.within(node, range)?;
        Ok(Digest { rows: rows.len() as u64, hash: format!("{rows:?}"), took: Duration::from_millis(500) })
    }

    async fn rows(&self, node: &NodeName, _: &Table, range: &Range) -> Result<Vec<Row>, Trouble> {
        let row = |(key, hash): (u32, String)| Row { key: Key(vec![key.to_string()]), hash };
        Ok(self.within(node, range)?.into_iter().map(row).collect())
    }

    async fn values(
        &self,
        node: &NodeName,
        _: &Table,
        key: &Key,
    ) -> Result<Option<Vec<Option<String>>>, Trouble> {
        let value = self.rows.borrow()[self.place(node)].get(&number(key)).cloned();
        Ok(value.map(|value| vec![Some(key.0[0].clone()), Some(value)]))
    }

    async fn settle(&self, node: &NodeName, _: u32) -> Result<(), Trouble> {
        self.answers(node)?;
        let place = self.place(node);
        let writes = std::mem::take(&mut self.on_the_way.borrow_mut()[place]);
        for write in writes {
            self.apply(place, write);
        }
        Ok(())
    }
}

fn found(report: &Report) -> BTreeSet<u32> {
    report.tables.iter().flat_map(|table| &table.differences).map(|it| number(&it.key)).collect()
}

fn rows() -> impl Strategy<Value = Rows> {
    prop::collection::btree_map(0..400u32, "[a-c]", 0..120)
}

/// Node, key, and what it has there instead.
fn changes() -> impl Strategy<Value = Vec<(usize, u32, Option<String>)>> {
    prop::collection::vec((0..3usize, 0..400u32, prop::option::of("[d-f]")), 0..12)
}

/// The keys under which the nodes do not have the same.
fn unequal(nodes: &[Rows]) -> BTreeSet<u32> {
    let keys: BTreeSet<u32> = nodes.iter().flat_map(|rows| rows.keys().copied()).collect();
    keys.into_iter().filter(|key| nodes.iter().any(|rows| rows.get(key) != nodes[0].get(key))).collect()
}

fn changed(rows: &Rows, changes: Vec<(usize, u32, Option<String>)>) -> Vec<Rows> {
    let mut nodes = vec![rows.clone(); 3];
    for (node, key, value) in changes {
        match value {
            Some(value) => drop(nodes[node].insert(key, value)),
            None => drop(nodes[node].remove(&key)),
        }
    }
    nodes
}

proptest! {
    #[test]
    fn exactly_the_rows_that_differ_are_found(rows in rows(), changes in changes(), longest in 20..200u64) {
        let nodes = changed(&rows, changes);
        let wanted = unequal(&nodes);
        let mut simulated = Simulated::new(nodes);
        simulated.longest = longest;
        let report = simulated.compared();
        prop_assert_eq!(found(&report), wanted.clone());
        let verdict = if wanted.is_empty() { Verdict::Equal } else { Verdict::Differs };
        prop_assert_eq!(report.verdict(), verdict);
    }

    #[test]
    fn writes_on_their_way_are_no_difference(
        rows in rows(),
        writes in prop::collection::vec((0..400u32, prop::option::of("[g-z]")), 0..300),
    ) {
        let simulated = Simulated::new(vec![rows; 3]);
        simulated.script.replace(writes);
        let report = simulated.compared();
        prop_assert_eq!(found(&report), BTreeSet::new());
        prop_assert!(report.verdict() <= Verdict::Busy, "{:?}", report.verdict());
    }

    /// Keys below 400 differ for good, and writes go to others.
    #[test]
    fn what_differs_is_found_among_writes(
        rows in rows(),
        changes in changes(),
        writes in prop::collection::vec((400..800u32, prop::option::of("[g-z]")), 0..300),
    ) {
        let nodes = changed(&rows, changes);
        let wanted = unequal(&nodes);
        let simulated = Simulated::new(nodes);
        simulated.script.replace(writes);
        prop_assert_eq!(found(&simulated.compared()), wanted);
    }
}

fn many(count: u32) -> Rows {
    (0..count).map(|key| (key, "a".to_owned())).collect()
}

#[test]
fn a_row_that_is_written_to_at_each_look_is_told_apart() {
    let mut simulated = Simulated::new(vec![many(100), many(100)]);
    simulated.hot = Some(40);
    let report = simulated.compared();
    assert_eq!((report.verdict(), found(&report)), (Verdict::Busy, BTreeSet::new()));
    assert_eq!(report.tables[0].busy, [Key(vec!["40".into()])]);
}

/// The node that lacks a table's rows is the last to cut it, and all others read it in pieces all the same.
#[test]
fn an_empty_table_on_one_node_is_found_without_long_reads() {
    let mut simulated = Simulated::new(vec![many(0), many(1000)]);
    simulated.longest = 60;
    let report = simulated.compared();
    assert_eq!(found(&report).len(), 1000);
    assert_eq!(report.tables[0].rows, [(name(0), 0), (name(1), 1000)].into());
}

/// An index of rows differs, and nobody reads all of them by name.
#[test]
fn after_many_differences_pieces_are_only_counted() {
    let simulated = Simulated::new(vec![many(0), many(1000)]);
    let limits = Limits { first: 16, least: 4, most: 64, rows: 5, suspects: 30, ..Limits::default() };
    let report = simulated.compared_within(&limits);
    let table = &report.tables[0];
    assert!((30..80).contains(&table.differences.len()), "{}", table.differences.len());
    assert!(table.unopened > 3 && table.outcome == Outcome::Differs, "{table:?}");
}

#[test]
fn rows_are_compared_by_the_columns_that_all_nodes_have() {
    let mut simulated = Simulated::new(vec![many(50); 3]);
    simulated.tables[2].columns.push(column("own", "int"));
    let report = simulated.compared();
    let table = &report.tables[0];
    assert_eq!((&table.outcome, report.verdict()), (&Outcome::Equal, Verdict::Differs));
    let [difference] = &table.columns[..] else { panic!("{table:?}") };
    assert_eq!(difference.what, What::Column("own".into()));
    assert_eq!(report.in_the_minority(), [(name(2), 1)].into());

    simulated.tables[2] = Table { key: vec!["word".into()], ..table_of(&simulated) };
    let report = simulated.compared();
    assert_eq!(report.tables[0].columns[0].what, What::Key);
    assert!(matches!(report.tables[0].outcome, Outcome::NotCompared(_)));

    let mut columns = table_of(&simulated);
    columns.columns.reverse();
    simulated.tables[2] = columns;
    let report = simulated.compared();
    assert_eq!((&report.tables[0].columns[0].what, report.tables[0].columns.len()), (&What::Order, 1));
}

fn table_of(simulated: &Simulated) -> Table {
    simulated.tables[0].clone()
}

#[test]
fn a_table_without_a_key_is_compared_as_a_whole() {
    let without = |rows: Vec<Rows>| {
        let mut simulated = Simulated::new(rows);
        simulated.tables.iter_mut().for_each(|table| table.key = Vec::new());
        simulated
    };
    let report = without(vec![many(50); 3]).compared();
    assert_eq!((report.verdict(), report.tables[0].chunks), (Verdict::Equal, 1));
    let report = without(vec![many(50), many(49)]).compared();
    assert_eq!(report.tables[0].outcome, Outcome::Differs);
    let report = without(vec![many(50), many(50), many(49)]).compared();
    assert_eq!(report.in_the_minority(), [(name(2), 1)].into());
    let mut simulated = without(vec![many(50); 2]);
    simulated.hot = Some(7);
    assert_eq!(simulated.compared().tables[0].outcome, Outcome::Busy);
}

#[test]
fn a_node_that_is_lost_is_left_out_and_the_others_are_compared() {
    for dies in 1..40 {
        let mut simulated = Simulated::new(vec![many(100), many(99), many(100)]);
        (simulated.dies, simulated.twice) = (dies, true);
        let report = simulated.compared();
        let left_out: Vec<_> = report.left_out.iter().map(|it| (it.node.clone(), it.why.as_str())).collect();
        assert_eq!(left_out, [(name(2), "gone")], "{dies}");
        assert_eq!((found(&report), report.nodes.len()), ([99].into(), 2), "{dies}");
        assert_eq!(report.tables.iter().map(|table| table.differences.len()).collect::<Vec<_>>(), [1, 1]);
    }
    let mut simulated = Simulated::new(vec![many(100); 2]);
    simulated.dies = 10;
    let report = simulated.compared();
    assert_eq!((report.verdict(), report.tables.len()), (Verdict::Incomplete, 0));
}

/// The text shows so many keys, and what is in the rows where it was asked for.
#[test]
fn the_text_names_what_differs() {
    let mut nodes = vec![many(40); 3];
    nodes[2].insert(7, "x\u{1b}[31m".into());
    nodes[2].remove(&8);
    nodes[0].insert(90, "y".into());
    let mut simulated = Simulated::new(nodes);
    simulated.tables[2].columns.push(column("own", "int"));
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let mut report = runtime.block_on(compare(
        &simulated,
        &simulated.nodes,
        &|_| Some(false),
        (&Limits::default(), 2),
        &|_| {},
    ));
    report.apart.insert(TableName::new("s", "log"), "its engine does not replicate it".into());
    insta::assert_snapshot!(compare_text(&report, 2, None));
}

#[test]
fn a_table_of_one_node_is_told() {
    let mut simulated = Simulated::new(vec![many(3); 3]);
    simulated.tables[1].name = TableName::new("s", "own");
    let report = simulated.compared();
    let missing: Vec<_> =
        report.tables.iter().map(|it| (it.table.to_string(), it.missing_on.clone())).collect();
    assert_eq!(missing, [("s.own".into(), vec![name(0), name(2)]), ("s.t".into(), vec![name(1)])]);
    assert_eq!(report.in_the_minority(), [(name(1), 2)].into());
}
