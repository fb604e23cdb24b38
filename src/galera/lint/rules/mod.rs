//! The rules: one file for each kind, every rule a pure function.

mod auto_increment;
mod bodies;
mod body;
mod charsets;
mod definers;
mod engines;
mod events;
mod foreign_keys;
mod fulltext;
mod hot_rows;
mod keys;
mod releases;
mod row_size;
mod sequences;
mod settings;

use super::finding::{Finding, Place};
use super::schema::Schema;

type Check = fn(&Schema, Place) -> Vec<Finding>;

const CHECKS: [Check; 14] = [
    engines::check,
    keys::check,
    fulltext::check,
    auto_increment::check,
    foreign_keys::check,
    sequences::check,
    events::check,
    definers::check,
    bodies::check,
    row_size::check,
    hot_rows::check,
    charsets::check,
    releases::check,
    settings::check,
];

/// Everything that every rule finds.
pub fn check(schema: &Schema, place: Place) -> Vec<Finding> {
    CHECKS.iter().flat_map(|check| check(schema, place)).collect()
}
