//! Files of YAML as galactl writes them.

use serde::Serialize;

/// The text of a file: where it comes from, what it is, and the value.
pub fn text(what: &str, value: &impl Serialize) -> String {
    // Texts, numbers, lists and maps with texts as keys: YAML can write them all.
    let body = serde_yaml::to_string(value).unwrap_or_default();
    format!("# Written by galactl from the inventory: change it there, not here.\n# {what}\n{body}")
}
