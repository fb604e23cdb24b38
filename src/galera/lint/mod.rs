//! A schema → what Galera will not do well with it. Pure.
//!
//! [`Schema`] has two sources: [`server`] reads what a running server tells, [`sql`] a dump. [`rules`] do not know
//! which of them it was.

mod altered;
pub mod codes;
pub mod log;
mod name;
mod place;
mod region;
mod report;
pub mod rules;
mod schema;
pub mod server;
pub mod sql;
mod token;
pub mod written;

pub use name::{Name, OF_THE_SERVER, quoted};
pub use place::Place;
pub use region::{Ownership, watched};
pub use report::{Regions, Report, lint, with_regions};
pub use schema::{Outdated, Schema};
