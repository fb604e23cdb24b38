//! What is legal in an inventory but unwise: one rule a file, every rule a pure function.

mod addresses;
mod donors;
mod durability;
mod evs_timeouts;
mod flavour;
mod line_length;
mod option_fate;
mod privileges;
mod proxysql;
mod segments;
mod sst_transport;
mod unwise_values;
mod votes;
mod wave_donors;

use super::Inventory;
use super::raw::RawInventory;
use crate::kernel::inventory::note::Note;

pub use donors::strangers as strange_donors;
pub use votes::even as even_votes;

/// Looks at an inventory; the raw form tells where a value was written.
type Rule = fn(&Inventory, &RawInventory) -> Vec<Note>;

const RULES: [Rule; 14] = [
    addresses::check,
    donors::check,
    durability::check,
    evs_timeouts::check,
    flavour::check,
    line_length::check,
    option_fate::check,
    privileges::check,
    proxysql::check,
    segments::check,
    sst_transport::check,
    unwise_values::check,
    votes::check,
    wave_donors::check,
];

/// Runs every rule.
pub fn lint(inventory: &Inventory, raw: &RawInventory) -> Vec<Note> {
    RULES.iter().flat_map(|rule| rule(inventory, raw)).collect()
}

/// Every server option that the inventory sets: its path, canonical name and value.
pub(super) fn server_options(raw: &RawInventory) -> impl Iterator<Item = (String, String, &str)> {
    let common = raw.mysqld.iter().flatten().map(|option| ("mysqld".to_owned(), option));
    let own = raw.nodes.iter().enumerate().flat_map(|(index, node)| {
        node.mysqld.iter().flatten().map(move |option| (format!("nodes[{index}].mysqld"), option))
    });
    common.chain(own).map(|(path, (name, value))| {
        (format!("{path}.{name}"), crate::galera::inventory::options::canonical(name), value.0.as_str())
    })
}
