//! YAML text → a value and an index of where each path stands.
//!
//! Only a text that passes the survey is given to serde, so that hostile input ends there,
//! cheaply.

use serde_yaml::Value;

use super::note::{Note, Span};
use super::places::{Places, join};
use super::survey::survey;
use super::tabs::or_a_tab;
use super::text::decode;

/// A parsed inventory text.
#[derive(Debug)]
pub struct Document {
    pub value: Value,
    places: Places,
}

impl Document {
    /// Parses the bytes of an inventory. Errors are notes that carry their place.
    pub fn parse(bytes: &[u8]) -> Result<Self, Vec<Note>> {
        let text = decode(bytes).map_err(|note| vec![note])?;
        let places = survey(text).map_err(|notes| with_tabs(text, notes))?;
        let value = serde_yaml::from_str(text).map_err(|error| with_tabs(text, vec![yaml_error(&error)]));
        let mut value = value?;
        keep_fractions(&mut value, "", &places);
        Ok(Self { value, places })
    }

    /// Fills in the span of each note that has none, from its path or the nearest parent's.
    pub fn locate(&self, notes: &mut [Note]) {
        for note in notes.iter_mut().filter(|note| note.span.is_none()) {
            note.span = self.places.find(&note.path, note.part);
        }
    }
}

/// Numbers with a fraction, and those too large for an integer, become the text that was written:
/// an option's value `1.10` must not be rendered as `1.1`.
fn keep_fractions(value: &mut Value, path: &str, places: &Places) {
    match value {
        Value::Number(number) if number.is_f64() => {
            if let Some(written) = places.written(path) {
                *value = Value::String(written.to_owned());
            }
        }
        Value::Sequence(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                keep_fractions(item, &format!("{path}[{index}]"), places);
            }
        }
        Value::Mapping(map) => {
            for (key, item) in map.iter_mut() {
                keep_fractions(item, &join(path, key.as_str().unwrap_or_default()), places);
            }
        }
        _ => {}
    }
}

/// Of a text that is not YAML because of a tab, that is said.
fn with_tabs(text: &str, notes: Vec<Note>) -> Vec<Note> {
    let called = |note: Note| if note.code == "yaml" { or_a_tab(text, note) } else { note };
    notes.into_iter().map(called).collect()
}

fn yaml_error(error: &serde_yaml::Error) -> Note {
    let text = error.to_string();
    let note = Note::error("yaml", "", text.split(" at line ").next().unwrap_or(&text));
    match error.location() {
        Some(at) => note.at(Span { line: at.line(), column: at.column(), length: 1 }),
        None => note,
    }
}
