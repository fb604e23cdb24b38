//! Value → [`RawInventory`], section by section, so that one wrong word does not hide the others.

use serde::de::DeserializeOwned;
use serde_yaml::{Mapping, Value};

use super::RawArbitrator;
use super::raw::{RawCluster, RawInventory, RawNode};
use crate::kernel::inventory::note::Note;
use crate::kernel::inventory::text::shown;
use crate::kernel::inventory::wording;

const VERSION: u64 = 1;
const SECTIONS: [&str; 11] = [
    "version",
    "cluster",
    "ssh",
    "sst",
    "join",
    "mysqld",
    "provider_options",
    "host",
    "thresholds",
    "nodes",
    "arbitrators",
];

/// Reads every section; the errors of all of them come together, with what could be read.
pub fn read(value: &Value) -> (Option<RawInventory>, Vec<Note>) {
    let Value::Mapping(map) = value else {
        let message = "an inventory is a mapping that begins with `version: 1`";
        let note = Note::error("not-an-inventory", "", message);
        return (None, vec![note.hint("`galactl init` writes one to start from")]);
    };
    let mut reader = Reader { map, notes: Vec::new() };
    let cluster = reader.required("cluster");
    let nodes = reader.nodes();
    let arbitrators = reader.list("arbitrators", |voter: &mut RawArbitrator, index| voter.index = index);
    let complete = reader.notes.is_empty();
    reader.version();
    reader.unknown_sections();
    let inventory = RawInventory {
        version: 1,
        cluster: cluster.unwrap_or_else(RawCluster::unread),
        ssh: reader.optional("ssh"),
        sst: reader.optional("sst"),
        join: reader.optional("join"),
        mysqld: reader.optional("mysqld"),
        provider_options: reader.optional("provider_options"),
        host: reader.optional("host"),
        thresholds: reader.optional("thresholds"),
        nodes,
        arbitrators: Some(arbitrators),
        complete,
    };
    (Some(inventory), reader.notes)
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
            Some(Value::String(_)) => Note::error("version", "version", "the version is a number")
                .hint("write `version: 1`, without quotes"),
            Some(_) => Note::error("version", "version", "this galactl reads inventories of version 1 only"),
        };
        self.notes.push(note);
    }

    fn unknown_sections(&mut self) {
        // A text with more sections than that is none of ours, and its first ones tell so.
        for key in self.map.keys().take(100) {
            let name = key.as_str().map_or_else(|| wording::text_of(key), str::to_owned);
            if key.as_str().is_none_or(|key| !SECTIONS.contains(&key)) {
                let message = format!("unknown field `{}`", shown(&name));
                let hint = wording::suggest(&name, &SECTIONS);
                self.notes.push(Note::error("unknown-field", name, message).at_unknown_name().hint(hint));
            }
        }
    }

    fn required<T: DeserializeOwned>(&mut self, section: &str) -> Option<T> {
        let Some(value) = self.map.get(section) else {
            self.notes.push(missing(section));
            return None;
        };
        self.parse(section, value)
    }

    /// A section in which everything is commented out is as good as none.
    fn optional<T: DeserializeOwned>(&mut self, section: &str) -> Option<T> {
        let value = self.map.get(section).filter(|value| !value.is_null())?;
        self.parse(section, value)
    }

    fn nodes(&mut self) -> Vec<RawNode> {
        if !self.map.contains_key("nodes") {
            self.notes.push(missing("nodes"));
        }
        self.list("nodes", |node: &mut RawNode, index| node.index = index)
    }

    fn list<T: DeserializeOwned>(&mut self, section: &str, number: fn(&mut T, usize)) -> Vec<T> {
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
            if let Some(mut entry) = self.parse(&format!("{section}[{index}]"), item) {
                number(&mut entry, index);
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
