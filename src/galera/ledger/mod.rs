//! The ledger: a small writer that runs during maintenance, and a report of what became of each of its writes.
//!
//! A write is *confirmed*, *failed* (the server said so, or was never asked) or *unknown* (the connection was cut
//! before the answer). At the end every node is read: a confirmed row that is missing is lost.

pub mod act;
pub mod attempt;
pub mod report;
pub mod timeline;

pub use report::Report;
