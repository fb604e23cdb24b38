//! Inventories of nodes db1, db2, … at 10.0.0.11, 10.0.0.12, …

use std::fmt::Write;

use galactl::galera::inventory;
use galactl::galera::inventory::Inventory;
use galactl::kernel::model::NodeName;

/// What may differ between the inventories of tests.
#[derive(Debug, Clone, Default)]
pub struct Shape {
    pub nodes: usize,
    pub install: bool,
    pub rsync: bool,
    pub arbitrator: bool,
    /// Index of the seed; the first node unless said.
    pub seed: usize,
    /// Whole lines of YAML.
    pub more: String,
}

impl Shape {
    pub fn of(nodes: usize) -> Self {
        Self { nodes, ..Self::default() }
    }

    pub fn installing(self) -> Self {
        Self { install: true, ..self }
    }

    pub fn more(self, lines: &str) -> Self {
        Self { more: lines.to_owned(), ..self }
    }

    pub fn text(&self) -> String {
        let mut text = format!("version: 1\ncluster:\n  name: shop\n  seed: {}\n", name(self.seed));
        let _ = writeln!(text, "  install: {}", self.install);
        let _ = writeln!(text, "sst:\n  method: {}", if self.rsync { "rsync" } else { "mariabackup" });
        text.push_str(&self.more);
        text.push_str("nodes:\n");
        for index in 0..self.nodes {
            let _ = writeln!(text, "  - name: {}\n    address: {}", name(index), address(index));
        }
        if self.arbitrator {
            text.push_str("arbitrators:\n  - name: arb1\n    address: 10.0.0.20\n");
        }
        text
    }
}

/// The node at an index, counted from 0: `db1` is the first.
pub fn name(index: usize) -> NodeName {
    format!("db{}", index + 1).parse().unwrap()
}

pub fn address(index: usize) -> String {
    format!("10.0.0.{}", index + 11)
}

pub fn inventory(shape: &Shape) -> Inventory {
    match inventory::parse(shape.text().as_bytes()) {
        Ok((inventory, _)) => inventory,
        Err(notes) => panic!("{notes:?}\n{}", shape.text()),
    }
}
