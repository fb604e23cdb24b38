//! Values that would be more than one line. A value may end up in a line of a file on a host, in a comment there or in a
//! message, and what stands behind a line break would be a line of its own.

use std::collections::BTreeSet;

use serde_yaml::Value;

use super::note::{Note, Severity};
use super::places::join;
use super::text::is_invisible;

/// Fields with text of several lines: words of a program on this machine, and the source of a function.
const LONGER: [&str; 2] = ["command", "function"];
/// What galactl replaces in the files that it writes.
const PLACEHOLDER: &str = "${secret:";

/// A note for each value and key that is more than one line, or holds a placeholder. `known`: what was said already. Of one
/// value, one error is enough, and nothing is said of what stands below a name that nobody knows.
pub fn notes(value: &Value, known: &[Note]) -> Vec<Note> {
    let known = known.iter().filter(|note| note.severity == Severity::Error);
    let known = known.map(|note| note.path.as_str()).collect();
    let mut notes = Vec::new();
    gather(value, "", &known, &mut notes);
    notes
}

fn gather(value: &Value, path: &str, known: &BTreeSet<&str>, notes: &mut Vec<Note>) {
    if known.contains(path) {
        return;
    }
    match value {
        Value::String(text) => notes.extend(wrong(text, path)),
        Value::Sequence(items) => {
            for (index, item) in items.iter().enumerate() {
                gather(item, &format!("{path}[{index}]"), known, notes);
            }
        }
        Value::Mapping(map) => {
            for (key, item) in map {
                let key = key.as_str().unwrap_or_default();
                let path = join(path, key);
                if !known.contains(path.as_str()) {
                    notes.extend(wrong(key, &path).map(Note::at_key));
                }
                if !LONGER.contains(&key) {
                    gather(item, &path, known, notes);
                }
            }
        }
        _ => {}
    }
}

fn wrong(text: &str, path: &str) -> Option<Note> {
    if let Some(bad) = text.chars().find(|c| is_invisible(*c)) {
        let message =
            format!("the text here ends a line, or holds what cannot be seen: U+{:04X}", u32::from(bad));
        return Some(Note::error("control-character", path, message).hint("write it on one line"));
    }
    text.contains(PLACEHOLDER).then(|| {
        Note::error("value", path, format!("it holds `{PLACEHOLDER}`, which is galactl's own"))
            .hint("remove it")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Vec<(String, &'static str)> {
        let value = serde_yaml::from_str(text).unwrap();
        notes(&value, &[]).into_iter().map(|note| (note.path, note.code)).collect()
    }

    #[test]
    fn every_text_of_an_inventory_is_one_line() {
        for bad in ["\\n", "\\r", "\\t", "\\e", "\\N", "\\L", "\\P", "\\u202e"] {
            let text = format!("a: [{{b: x, c: \"x{bad}y\"}}]\n\"k{bad}\": 1\n");
            let said = said(&text);
            assert_eq!(said.len(), 2, "{bad}: {said:?}");
            assert_eq!(said[0], ("a[0].c".into(), "control-character"), "{bad}");
        }
        assert_eq!(said("a: |\n  two\n  lines\n"), [("a".into(), "control-character")]);
        assert_eq!(said("a: 'x${secret:y}'\n"), [("a".into(), "value")]);
        assert!(said("a: it's ok\nb: [1, true, 'déjà vu']\n").is_empty());
    }

    #[test]
    fn words_of_a_program_and_functions_may_have_several() {
        assert!(said("key: {command: [sh, -c, \"a\\nb\"]}\nfunction: |\n  a\n  b\n").is_empty());
    }

    #[test]
    fn of_one_value_one_error_is_enough() {
        let value = serde_yaml::from_str("a: \"x\\ny\"\n").unwrap();
        assert!(notes(&value, &[Note::error("value", "a", "it is wrong")]).is_empty());
        assert_eq!(notes(&value, &[Note::warning("value", "a", "it is unusual")]).len(), 1);
    }
}
