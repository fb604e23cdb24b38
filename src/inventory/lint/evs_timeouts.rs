//! Group communication timeouts depend on each other.

use super::super::note::Note;
use super::super::{Inventory, Settings, raw::RawInventory};

pub fn check(inventory: &Inventory, _raw: &RawInventory) -> Vec<Note> {
    let mut notes: Vec<Note> = Vec::new();
    for (index, node) in inventory.nodes.iter().enumerate() {
        let options = &node.provider_options;
        let (Some(keepalive), Some(suspect), Some(inactive)) = (
            seconds(options, "evs.keepalive_period", 1.0),
            seconds(options, "evs.suspect_timeout", 5.0),
            seconds(options, "evs.inactive_timeout", 15.0),
        ) else {
            continue;
        };
        if keepalive < suspect && suspect < inactive {
            continue;
        }
        let message = format!(
            "evs.keepalive_period ({keepalive} s) < evs.suspect_timeout ({suspect} s) < evs.inactive_timeout ({inactive} s) does not hold"
        );
        let own = format!("nodes[{index}].provider_options");
        let note = Note::error("evs-timeouts", own, message).hint("Galera refuses or misjudges slow peers otherwise");
        if notes.iter().all(|earlier| earlier.message != note.message) {
            notes.push(note);
        }
    }
    notes
}

/// An ISO 8601 duration as Galera writes it (`PT7.5S`, `PT1M`), in seconds.
fn seconds(options: &Settings, name: &str, default: f64) -> Option<f64> {
    let Some(text) = options.get(name) else { return Some(default) };
    let mut total = 0.0;
    let mut number = String::new();
    for c in text.strip_prefix("PT")?.chars() {
        let unit = match c {
            'H' => 3600.0,
            'M' => 60.0,
            'S' => 1.0,
            other => {
                number.push(other);
                continue;
            }
        };
        total += number.parse::<f64>().ok()? * unit;
        number.clear();
    }
    number.is_empty().then_some(total)
}
