//! What an engine has to answer, so that its nodes can be compared.

use super::table::{Digest, Key, Range, Row, Table, TableName};
use crate::kernel::model::NodeName;

/// Why a node gave no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// The range has more rows than the node reads in the time of one answer: a smaller one is asked.
    TooLong,
    /// What the node or its server said.
    Failed(String),
}

/// How far a comparison has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Progress {
    pub table: TableName,
    /// Which table it is, from 1 on, and of how many.
    pub number: usize,
    pub of: usize,
    /// Rows of the node that has most of them.
    pub rows: u64,
    /// As a node estimates them.
    pub estimate: u64,
    /// Pieces that differ so far, and are looked at again.
    pub suspected: usize,
}

/// The nodes of a cluster. Each answer is one read that locks nothing; the caller asks each node one thing at a time, and
/// the nodes side by side.
///
/// A [`Table`] that is handed in has only columns that are alike on all nodes; a digest and a hash are over these
/// columns, without those that are computed. The same values have the same hash on all nodes, and NULL has another one
/// than an empty text. Order and limits of a [`Range`] are those of the key's index.
#[allow(async_fn_in_trait, reason = "all of it runs on one thread's block_on")]
pub trait Asked {
    /// All tables with rows in databases of users.
    async fn tables(&self, node: &NodeName) -> Result<Vec<Table>, Trouble>;

    /// The key of the row that stands so many rows behind the range's first one; `None`: there are no more rows.
    async fn key_after(
        &self,
        node: &NodeName,
        table: &Table,
        range: &Range,
        rows: u64,
    ) -> Result<Option<Key>, Trouble>;

    /// Rows and digest of a range. A table without a key is asked for as a whole.
    async fn digest(&self, node: &NodeName, table: &Table, range: &Range) -> Result<Digest, Trouble>;

    /// The rows of a small range, in any order.
    async fn rows(&self, node: &NodeName, table: &Table, range: &Range) -> Result<Vec<Row>, Trouble>;

    /// The values of a row as text, in the order of the table's columns, NULL as `None`; `None`: it is not there.
    async fn values(
        &self,
        node: &NodeName,
        table: &Table,
        key: &Key,
    ) -> Result<Option<Vec<Option<String>>>, Trouble>;

    /// Waits for a moment, the longer the more looks there were, and until the node has applied what the others had
    /// committed before the call. What differs before and after it in the same way was not on its way.
    ///
    /// Errors: it did not get so far in the time that the engine gives it.
    async fn settle(&self, node: &NodeName, look: u32) -> Result<(), Trouble>;
}
