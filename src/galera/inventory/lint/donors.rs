//! `wsrep_sst_donor` names members by their names.

use crate::galera::inventory::Inventory;
use crate::galera::inventory::raw::RawInventory;
use crate::kernel::inventory::note::Note;
use crate::kernel::inventory::text::shown;
use crate::kernel::inventory::wording::suggest;

pub fn check(inventory: &Inventory, raw: &RawInventory) -> Vec<Note> {
    let known: Vec<_> = inventory.nodes.iter().map(|node| node.name.as_str()).collect();
    let note = |path: &str, donor: &str| {
        let message = format!("`{}` is no node of this inventory", shown(donor));
        Note::warning("unknown-donor", path, message).hint(suggest(donor, &known))
    };
    crate::galera::inventory::lint::server_options(raw)
        .filter(|(_, name, _)| name == "wsrep_sst_donor")
        .flat_map(|(path, _, list)| {
            strangers(inventory, list).into_iter().map(|donor| note(&path, donor)).collect::<Vec<_>>()
        })
        .collect()
}

/// The names in a list of donors that are no data nodes. A comma at the list's end means "any other donor": no name.
pub fn strangers<'a>(inventory: &Inventory, list: &'a str) -> Vec<&'a str> {
    let names = list.split(',').map(str::trim).filter(|name| !name.is_empty());
    names.filter(|name| inventory.nodes.iter().all(|node| node.name.as_str() != *name)).collect()
}
