//! A schema → what Galera will not do well with it. Pure.
//!
//! [`Schema`] has two sources: [`server`] reads what a running server tells, [`sql`] a dump. [`rules`] do not know
//! which of them it was.

mod accepted;
mod altered;
pub mod codes;
mod finding;
pub mod inventory;
mod region;
mod report;
mod rules;
mod schema;
pub mod server;
pub mod sql;
mod token;

pub use accepted::{ANY, Acceptance};
pub use finding::{Finding, Place, Rule};
pub use region::Ownership;
pub use report::{Regions, Report, Source, lint, with_regions};
pub use schema::{Name, Outdated, Schema, Unread};
