//! What is wrong with the schemas of databases, in the form in which every engine tells it. Pure.

mod accepted;
mod finding;
mod raw;
mod report;

pub use accepted::{ANY, Acceptance};
pub(crate) use finding::declare_rules;
pub use finding::{Finding, Rule};
pub use raw::RawLint;
pub use report::{Looked, Report, Source, Unread};
