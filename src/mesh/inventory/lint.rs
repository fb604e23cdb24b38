//! What is legal in an inventory but unwise.

use super::Inventory;
use super::raw::RawInventory;
use crate::kernel::inventory::note::Note;
use crate::kernel::inventory::unwise::{addresses, without_root};

/// Runs every rule; the raw form tells where a value was written.
pub fn lint(inventory: &Inventory, raw: &RawInventory) -> Vec<Note> {
    let mut notes = addresses(&inventory.entries());
    notes.extend(without_root(&inventory.nodes, &raw.nodes));
    notes.extend(alone(inventory));
    notes.extend(never_run(inventory));
    notes.extend(clients(inventory));
    notes
}

fn alone(inventory: &Inventory) -> Option<Note> {
    let note = || Note::info("single-node", "nodes", "one node is no mesh").at_key().hint("add a second one");
    (inventory.nodes.len() == 1).then(note)
}

fn never_run(inventory: &Inventory) -> Option<Note> {
    let message = format!("galactl renders the statements of {}, and has never run them", inventory.method);
    let note = Note::warning("never-run", "method", message);
    (!inventory.method.is_run())
        .then(|| note.hint("read them before you run them; pglogical is what galactl runs"))
}

fn clients(inventory: &Inventory) -> Vec<Note> {
    let everywhere = inventory.clients.iter().enumerate().filter(|(_, network)| network.is_everywhere());
    let note = |(index, _)| {
        let message = "clients may connect from every address";
        let note = Note::warning("clients-anywhere", format!("clients[{index}]"), message);
        note.hint("name the networks from which applications connect")
    };
    everywhere.map(note).collect()
}
