//! Reading an inventory section by section, so that one wrong word does not hide the others.

use serde::de::DeserializeOwned;
use serde_yaml::{Mapping, Value};

use super::RawEntry;
use super::note::Note;
use super::text::shown;
use super::wording;

const VERSION: u64 = 1;

/// Reads a document section by section.
pub struct Reader<'a> {
    map: &'a Mapping,
    pub notes: Vec<Note>,
}

impl<'a> Reader<'a> {
    /// A document that is a mapping; no section of it is read yet.
    pub fn new(map: &'a Mapping) -> Self {
        Self { map, notes: Vec::new() }
    }

    /// The version of the format, which is written first.
    pub fn version(&mut self) {
        let note = match self.map.get("version") {
            None => Note::error("version", "", "`version: 1` is missing").hint("write it as the first line"),
            Some(value) if value.as_u64() == Some(VERSION) => return,
            Some(Value::String(_)) => Note::error("version", "version", "the version is a number")
                .hint("write `version: 1`, without quotes"),
            Some(_) => Note::error("version", "version", "this galactl reads inventories of version 1 only"),
        };
        self.notes.push(note);
    }

    /// Notes the sections that are none of `known`.
    pub fn unknown_sections(&mut self, known: &[&str]) {
        // A text with more sections than that is none of ours, and its first ones tell so.
        for key in self.map.keys().take(100) {
            let name = key.as_str().map_or_else(|| wording::text_of(key), str::to_owned);
            if key.as_str().is_none_or(|key| !known.contains(&key)) {
                let message = format!("unknown field `{}`", shown(&name));
                let hint = wording::suggest(&name, known);
                self.notes.push(Note::error("unknown-field", name, message).at_unknown_name().hint(hint));
            }
        }
    }

    /// A section that must be there.
    pub fn required<T: DeserializeOwned>(&mut self, section: &str) -> Option<T> {
        let Some(value) = self.map.get(section) else {
            self.notes.push(missing(section));
            return None;
        };
        self.parse(section, value)
    }

    /// A section in which everything is commented out is as good as none.
    pub fn optional<T: DeserializeOwned>(&mut self, section: &str) -> Option<T> {
        let value = self.map.get(section).filter(|value| !value.is_null())?;
        self.parse(section, value)
    }

    /// Notes a section that is missing.
    pub fn need(&mut self, section: &str) {
        if !self.map.contains_key(section) {
            self.notes.push(missing(section));
        }
    }

    /// The list of entries of one kind; those that cannot be read are left out, and noted.
    pub fn list<T: RawEntry>(&mut self) -> Vec<T> {
        let section = T::LIST;
        let Some(value) = self.map.get(section) else { return Vec::new() };
        let items = match value {
            Value::Sequence(items) => items.as_slice(),
            Value::Null if section != "nodes" => &[],
            _ => {
                let note = Note::error("type", section, format!("expected a list of {section}"));
                self.notes.push(note.at_key().hint("begin each entry with `- name: …`"));
                return Vec::new();
            }
        };
        let mut list = Vec::new();
        for (index, item) in items.iter().enumerate() {
            if let Some(mut entry) = self.parse::<T>(&format!("{section}[{index}]"), item) {
                entry.stand_at(index);
                list.push(entry);
            }
        }
        list
    }

    fn parse<T: DeserializeOwned>(&mut self, base: &str, value: &Value) -> Option<T> {
        match serde_path_to_error::deserialize(value) {
            Ok(parsed) => Some(parsed),
            Err(error) => {
                self.notes.push(wording::note(base, &error));
                None
            }
        }
    }
}

fn missing(section: &str) -> Note {
    Note::error("missing-field", "", format!("missing field `{section}`"))
        .hint("`galactl init` writes an inventory with every section explained")
}
