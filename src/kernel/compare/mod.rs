//! Are the tables of several nodes equal? The walk over a table in chunks, and what is made of the answers.
//!
//! An engine implements [`Asked`]: it tells its tables, cuts a table by its key, and gives digests of chunks. All that
//! is decided is decided here. Nothing is locked, so that clients write meanwhile: what differs at one look is looked at
//! again, and counts only where it stays as it is.

mod asked;
mod chunks;
mod columns;
mod looks;
mod report;
mod side_by_side;
mod table;
mod whole;

pub use asked::{Asked, Progress, Trouble};
pub use chunks::Limits;
pub use columns::{ColumnDifference, What};
pub use report::{Difference, LeftOut, Outcome, Report, TableReport, Verdict};
pub use side_by_side::side_by_side;
pub use table::{Column, Digest, Key, Range, Row, Table, TableName};
pub use whole::compare;
