//! The rules, each in a file with those that look at the same things.

mod foreign_keys;
mod keys;
mod members;
mod merges;
mod outside;
mod programs;
mod sequences;
mod triggers;
mod unique;

use super::subject::Subject;
use crate::kernel::lint::Finding;

pub use members::{Places, members};
pub use sequences::room;

/// What every look tells: bootstrap and doctor judge by it, too.
pub fn of_look(it: Subject<'_>) -> Vec<Finding> {
    let rules = [
        keys::check,
        merges::check,
        unique::check,
        foreign_keys::check,
        triggers::everywhere,
        sequences::check,
    ];
    rules.iter().flat_map(|rule| rule(it)).collect()
}

/// All of them.
pub fn check(it: Subject<'_>) -> Vec<Finding> {
    let rules = [triggers::here, sequences::cycling, programs::check, outside::check];
    of_look(it).into_iter().chain(rules.iter().flat_map(|rule| rule(it))).collect()
}
