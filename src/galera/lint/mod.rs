//! A schema → what Galera will not do well with it. Pure.
//!
//! [`Schema`] has two sources: [`server`] reads what a running server tells, [`sql`] a dump. [`rules`] do not know
//! which of them it was.

mod accepted;
mod altered;
pub mod codes;
mod finding;
pub mod inventory;
pub mod log;
mod name;
mod region;
mod report;
pub mod rules;
mod schema;
pub mod server;
pub mod sql;
mod token;
pub mod written;

pub use accepted::{ANY, Acceptance};
pub use finding::{Finding, Place, Rule};
pub use name::{Name, OF_THE_SERVER, quoted};
pub use region::{Ownership, watched};
pub use report::{Regions, Report, Source, lint, with_regions};
pub use schema::{Outdated, Schema, Unread};
