//! Where each path of a document stands.

use std::collections::HashMap;

use super::note::{Part, Span};

/// No path that an inventory knows is as long; hostile ones would add up to gigabytes.
const LONGEST_PATH: usize = 256;

/// The places of a document's keys and values.
#[derive(Debug, Default)]
pub struct Places(HashMap<String, Place>);

#[derive(Debug)]
struct Place {
    key: Option<Span>,
    value: Span,
    /// The text of a number, because `1.10` is another text than `1.1`.
    written: Option<String>,
}

impl Places {
    pub fn insert(&mut self, path: &str, key: Option<Span>, value: Span, written: Option<String>) {
        if path.len() <= LONGEST_PATH {
            self.0.insert(path.to_owned(), Place { key, value, written });
        }
    }

    /// The span of a path, or that of its nearest parent.
    pub fn find(&self, path: &str, part: Part) -> Option<Span> {
        if let Some(place) = self.0.get(path) {
            return Some(match part {
                Part::Key => place.key.unwrap_or(place.value),
                Part::Value => place.value,
            });
        }
        let parent = path.rfind(['.', '[']).map(|at| &path[..at])?;
        self.find(parent, Part::Key)
    }

    /// The text of the number at a path.
    pub fn written(&self, path: &str) -> Option<&str> {
        self.0.get(path)?.written.as_deref()
    }
}

/// `nodes[0]` and `name` make `nodes[0].name`, as serde_path_to_error spells it.
pub fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}
