//! A table, its key, and pieces of it.

use std::fmt;
use std::time::Duration;

use serde::{Serialize, Serializer};

use crate::kernel::inventory::text::visible;

/// `schema.name`. Where a node has databases that have schemas, `schema` is both, with a point between them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TableName {
    pub schema: String,
    pub name: String,
}

impl TableName {
    pub fn new(schema: impl Into<String>, name: impl Into<String>) -> Self {
        Self { schema: schema.into(), name: name.into() }
    }

    /// Whether a pattern means it: `schema.name`, where `*` stands for any characters. The database may be left out.
    pub fn is_meant(&self, pattern: &str) -> bool {
        let within = self.schema.split_once('.').map(|(_, schema)| schema);
        let mut schemas = [Some(self.schema.as_str()), within].into_iter().flatten();
        schemas.any(|schema| matches(pattern.as_bytes(), format!("{schema}.{}", self.name).as_bytes()))
    }

    /// Whether it is one of this database.
    pub fn is_of(&self, database: &str) -> bool {
        self.schema == database || self.schema.split_once('.').is_some_and(|(name, _)| name == database)
    }
}

/// As it is shown: a terminal obeys control characters, so that they are spelt out.
impl fmt::Display for TableName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", visible(&self.schema), visible(&self.name))
    }
}

impl Serialize for TableName {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&format!("{}.{}", self.schema, self.name))
    }
}

/// A star takes as little as it can; where the rest does not fit then, it takes one more.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let (mut at, mut taken, mut star) = (0, 0, None);
    while taken < text.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, taken));
                at += 1;
            }
            Some(byte) if *byte == text[taken] => (at, taken) = (at + 1, taken + 1),
            _ => match star {
                None => return false,
                Some((star_at, before)) => {
                    star = Some((star_at, before + 1));
                    (at, taken) = (star_at + 1, before + 1);
                }
            },
        }
    }
    pattern[at..].iter().all(|byte| *byte == b'*')
}

/// A table as one node has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    pub name: TableName,
    /// The partitioned table that its rows belong to.
    pub part_of: Option<TableName>,
    /// The columns of a key that no two rows share and that is never NULL, in the key's order. Empty: there is none.
    pub key: Vec<String>,
    /// The key's index, as the engine calls it.
    pub index: String,
    /// In the table's order.
    pub columns: Vec<Column>,
    /// Rows, as the node estimates them.
    pub estimate: u64,
    /// Why it is left out unless somebody names it, for example because the engine does not replicate it.
    pub apart: Option<String>,
}

impl Table {
    /// Whether a pattern means it, by its own name or by that of the table that it is a part of.
    pub fn is_meant(&self, pattern: &str) -> bool {
        self.name.is_meant(pattern) || self.part_of.as_ref().is_some_and(|whole| whole.is_meant(pattern))
    }

    /// The column with this name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }
}

/// A column as one node has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    /// The type's name, and all else by which the engine writes values as text. Values of columns that differ in it are
    /// not compared.
    pub kind: String,
    /// All that must be the same on all nodes, as a person reads it: type, character set, collation, whether it may be
    /// NULL.
    pub definition: String,
    /// Its values are computed from other columns when they are read, so that there is nothing to compare.
    pub computed: bool,
}

/// The values of a row's key as text, in the key's order. Only the engine that wrote them reads them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Key(pub Vec<String>);

/// Rows from a key on, up to one that is not in it, in the order of the key's index.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Range {
    /// `None`: from the first row.
    pub from: Option<Key>,
    /// `None`: to the last row.
    pub to: Option<Key>,
}

/// What a node says of a range.
#[derive(Debug, Clone)]
pub struct Digest {
    pub rows: u64,
    /// The same for the same rows in any order; a row that is there twice counts twice.
    pub hash: String,
    /// How long the node took.
    pub took: Duration,
}

impl Digest {
    /// They are of the same rows.
    pub fn agrees(&self, other: &Self) -> bool {
        (self.rows, &self.hash) == (other.rows, &other.hash)
    }
}

/// A row by its key, and a hash of all its values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub key: Key,
    pub hash: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_characters() {
        let table = TableName::new("shop", "order_lines");
        for pattern in
            ["shop.order_lines", "shop.*", "*", "*.order_*", "*lines", "s*p.*_*s", "shop.order_lines*"]
        {
            assert!(table.is_meant(pattern), "{pattern}");
        }
        for pattern in ["shop", "shop.order", "*.order", "order_lines", "", "shop.*x", "Shop.*"] {
            assert!(!table.is_meant(pattern), "{pattern}");
        }
        let table = TableName::new("shop.public", "orders");
        assert!(table.is_meant("public.orders") && table.is_meant("shop.public.*") && table.is_of("shop"));
        assert!(!table.is_meant("orders") && !table.is_of("public"));
    }
}
