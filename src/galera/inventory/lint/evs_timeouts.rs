//! Group communication timeouts depend on each other.

use crate::galera::inventory::Inventory;
use crate::galera::inventory::raw::RawInventory;
use crate::kernel::inventory::Settings;
use crate::kernel::inventory::note::Note;

/// Each must be shorter than the next; with Galera's defaults in seconds.
const LADDER: [(&str, f64); 3] =
    [("evs.keepalive_period", 1.0), ("evs.suspect_timeout", 5.0), ("evs.inactive_timeout", 15.0)];

pub fn check(inventory: &Inventory, raw: &RawInventory) -> Vec<Note> {
    let mut notes: Vec<Note> = Vec::new();
    for (index, node) in inventory.nodes.iter().enumerate() {
        let Some((message, names)) = broken_rung(&node.provider_options) else { continue };
        let path = written_at(index, raw, names);
        let note = Note::error("evs-timeouts", path, message).hint(
            "a node must be asked several times before it is suspected, and suspected before it is given up",
        );
        if !notes.contains(&note) {
            notes.push(note);
        }
    }
    notes
}

/// The first two neighbours in [`LADDER`] of which the first is not the shorter one, in words.
fn broken_rung(options: &Settings) -> Option<(String, [&'static str; 2])> {
    LADDER.windows(2).find_map(|pair| {
        let [(low, _), (high, _)] = [pair[0], pair[1]];
        let (less, more) = (seconds(options, pair[0])?, seconds(options, pair[1])?);
        let message = format!("{low} ({less} s) must be shorter than {high} ({more} s)");
        (less >= more).then_some((message, [low, high]))
    })
}

/// Where the inventory sets one of the two: at least one is not the default.
fn written_at(index: usize, raw: &RawInventory, names: [&str; 2]) -> String {
    let own = raw.nodes[index].provider_options.as_ref();
    let own = own.map(|options| (format!("nodes[{index}].provider_options"), options));
    let common = raw.provider_options.as_ref().map(|options| ("provider_options".to_owned(), options));
    let places = own.into_iter().chain(common);
    let found = places.flat_map(|(path, options)| names.map(|name| (path.clone(), options, name)));
    let mut set = found.filter(|(_, options, name)| options.contains_key(*name));
    set.next().map_or_else(|| "provider_options".into(), |(path, _, name)| format!("{path}.{name}"))
}

/// An ISO 8601 duration as Galera writes it (`PT7.5S`, `PT1M`), in seconds.
fn seconds(options: &Settings, (name, default): (&str, f64)) -> Option<f64> {
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
