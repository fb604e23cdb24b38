//! The rules: one file for each kind, every rule a pure function.

mod auto_increment;
mod bodies;
mod body;
mod charsets;
mod crossed;
mod definers;
mod engines;
mod events;
mod foreign_keys;
mod fulltext;
mod hot_rows;
mod keys;
pub mod large;
mod partitions;
mod releases;
mod row_size;
mod sequences;
mod settings;

use super::place::Place;
use super::schema::Schema;
use crate::kernel::lint::Finding;

type Check = fn(&Schema, Place) -> Vec<Finding>;

const CHECKS: [Check; 17] = [
    engines::check,
    keys::check,
    fulltext::check,
    partitions::check,
    auto_increment::check,
    foreign_keys::check,
    sequences::check,
    events::check,
    definers::check,
    bodies::check,
    large::check,
    crossed::check,
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
