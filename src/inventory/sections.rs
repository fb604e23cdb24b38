//! Value → [`RawInventory`], section by section, so that one wrong word does not hide the others.

use serde::de::DeserializeOwned;
use serde_yaml::{Mapping, Value};

use super::document::join;
use super::note::Note;
use super::raw::{RawArbitrator, RawInventory, RawNode};

const VERSION: u64 = 1;
const SECTIONS: [&str; 9] =
    ["version", "cluster", "ssh", "sst", "mysqld", "provider_options", "host", "nodes", "arbitrators"];

/// Reads every section; the errors of all of them come together.
pub fn read(value: &Value) -> Result<RawInventory, Vec<Note>> {
    let Value::Mapping(map) = value else {
        return Err(vec![
            Note::error("not-an-inventory", "", "an inventory is a mapping that begins with `version: 1`")
                .hint("`galactl init` writes one to start from"),
        ]);
    };
    let mut reader = Reader { map, notes: Vec::new() };
    reader.version();
    reader.unknown_sections();
    let cluster = reader.required("cluster");
    let ssh = reader.optional("ssh");
    let sst = reader.optional("sst");
    let mysqld = reader.optional("mysqld");
    let provider_options = reader.optional("provider_options");
    let host = reader.optional("host");
    let nodes: Vec<RawNode> = reader.list("nodes");
    let arbitrators: Vec<RawArbitrator> =
        if map.contains_key("arbitrators") { reader.list("arbitrators") } else { Vec::new() };
    if !map.contains_key("nodes") {
        reader.notes.push(missing("nodes"));
    }
    match cluster {
        Some(cluster) if reader.notes.is_empty() => Ok(RawInventory {
            version: 1,
            cluster,
            ssh,
            sst,
            mysqld,
            provider_options,
            host,
            nodes,
            arbitrators: Some(arbitrators),
        }),
        _ => Err(reader.notes),
    }
}

struct Reader<'a> {
    map: &'a Mapping,
    notes: Vec<Note>,
}

impl Reader<'_> {
    fn version(&mut self) {
        let note = match self.map.get("version") {
            None => Note::error("version", "", "`version: 1` is missing").hint("write it as the first line"),
            Some(value) if value.as_u64() == Some(VERSION) => return,
            Some(_) => Note::error("version", "version", "this galactl reads inventories of version 1"),
        };
        self.notes.push(note);
    }

    fn unknown_sections(&mut self) {
        for key in self.map.keys().filter_map(Value::as_str) {
            if !SECTIONS.contains(&key) {
                let note = Note::error("unknown-field", key, format!("unknown field `{key}`")).at_key();
                self.notes.push(note.hint(suggest(key, &SECTIONS)));
            }
        }
    }

    fn required<T: DeserializeOwned>(&mut self, section: &str) -> Option<T> {
        if !self.map.contains_key(section) {
            self.notes.push(missing(section));
        }
        self.optional(section)
    }

    fn optional<T: DeserializeOwned>(&mut self, section: &str) -> Option<T> {
        let value = self.map.get(section)?;
        self.parse(section.to_owned(), value)
    }

    fn list<T: DeserializeOwned>(&mut self, section: &str) -> Vec<T> {
        let Some(value) = self.map.get(section) else { return Vec::new() };
        let Value::Sequence(items) = value else {
            self.notes.push(Note::error("type", section, format!("`{section}` is a list")));
            return Vec::new();
        };
        items
            .iter()
            .enumerate()
            .filter_map(|(index, item)| self.parse(format!("{section}[{index}]"), item))
            .collect()
    }

    fn parse<T: DeserializeOwned>(&mut self, base: String, value: &Value) -> Option<T> {
        match serde_path_to_error::deserialize(value) {
            Ok(parsed) => Some(parsed),
            Err(error) => {
                self.notes.push(type_error(&base, &error));
                None
            }
        }
    }
}

fn missing(section: &str) -> Note {
    Note::error("missing-field", "", format!("missing field `{section}`"))
        .hint("`galactl init` writes an inventory with every section explained")
}

/// Turns serde's words into a note with its place and, for a misspelt field, the nearest one.
fn type_error(base: &str, error: &serde_path_to_error::Error<serde_yaml::Error>) -> Note {
    let inner = error.path().to_string();
    let path = match inner.as_str() {
        "." => base.to_owned(),
        inner if inner.starts_with('[') => format!("{base}{inner}"),
        inner => join(base, inner),
    };
    let message = without_location(&error.inner().to_string());
    let (code, note_is_on_key) = match () {
        () if message.contains("unknown field") => ("unknown-field", true),
        () if message.contains("missing field") => ("missing-field", true),
        () => ("type", false),
    };
    let note = Note::error(code, path, message.clone());
    let note = if note_is_on_key { note.at_key() } else { note };
    match quoted(&message).split_first() {
        Some((wrong, known)) if code == "unknown-field" && !known.is_empty() => {
            note.hint(suggest(wrong, known))
        }
        _ => note,
    }
}

/// Drops ` at line 1 column 1`: the place within the section's value, not within the file.
fn without_location(message: &str) -> String {
    message.split(" at line ").next().unwrap_or(message).to_owned()
}

/// The words that stand between backticks.
fn quoted(message: &str) -> Vec<&str> {
    message.split('`').skip(1).step_by(2).collect()
}

/// "did you mean …" where one of `known` is near, otherwise all of them.
pub fn suggest(wrong: &str, known: &[&str]) -> String {
    let nearest = known
        .iter()
        .map(|word| (strsim::damerau_levenshtein(wrong, word), word))
        .filter(|(distance, word)| *distance <= word.len().div_ceil(3))
        .min();
    match nearest {
        Some((_, word)) => format!("did you mean `{word}`?"),
        None => format!("known here: {}", known.join(", ")),
    }
}
