//! A schema → what a mesh will not do well with it. Pure.
//!
//! Bootstrap and doctor ask some of the same rules of what every look tells; lint asks all of them.

mod report;
pub mod rules;
mod subject;

pub use report::{Asked, lint};
pub use subject::{Place, Subject, wanted};
