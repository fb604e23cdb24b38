//! A value as YAML that every reader understands alike.
//!
//! Patroni reads its configuration with PyYAML, which follows YAML 1.1: to it, `on`, `1:30`, `1_000` and `2026-01-01` are
//! no texts. The serializer of this program writes for YAML 1.2. So a text stands between double quotes here, unless it
//! is a word that means nothing to either. Placeholders of secrets stand between quotes, too, so that any value can take
//! their place (`super::secrets`).

use serde::Serialize;
use serde_yaml::Value;

/// Words that YAML 1.1 takes for something else than a text.
const MEANT: [&str; 11] = ["y", "n", "yes", "no", "on", "off", "true", "false", "null", "inf", "nan"];

/// A YAML document in block style; empty mappings and lists are left out.
///
/// # Panics
///
/// A key is no text, or a value cannot be YAML: whoever calls it brings structs and maps of texts.
pub fn document(value: &impl Serialize) -> String {
    let value = serde_yaml::to_value(value).expect("structs and maps of texts are YAML");
    let mut text = String::new();
    put(&mut text, &value, 0);
    text
}

/// Writes a collection, each of its items on lines of its own, so far to the right.
fn put(text: &mut String, value: &Value, indent: usize) {
    let space = " ".repeat(indent);
    match value {
        Value::Mapping(map) => {
            for (key, item) in map.iter().filter(|(_, item)| !is_empty(item)) {
                let key = scalar(key.as_str().expect("a key is a text"));
                text.push_str(&format!("{space}{key}:"));
                put_item(text, item, indent + 2);
            }
        }
        Value::Sequence(items) => {
            for item in items {
                // The first line of a collection stands behind the dash.
                let mut own = String::new();
                put(&mut own, item, indent + 2);
                text.push_str(&format!("{space}- {}", own.trim_start()));
            }
        }
        scalar => text.push_str(&format!("{space}{}\n", plain(scalar))),
    }
}

/// Writes what stands behind a key's colon.
fn put_item(text: &mut String, item: &Value, indent: usize) {
    match item {
        Value::Mapping(_) | Value::Sequence(_) => {
            text.push('\n');
            put(text, item, indent);
        }
        item => text.push_str(&format!(" {}\n", plain(item))),
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Mapping(map) => map.is_empty(),
        Value::Sequence(items) => items.is_empty(),
        value => value.is_null(),
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::Bool(on) => on.to_string(),
        Value::Number(number) => number.to_string(),
        other => scalar(other.as_str().unwrap_or_default()),
    }
}

fn scalar(text: &str) -> String {
    if is_word(text) { text.to_owned() } else { format!("\"{}\"", escaped(text)) }
}

/// A text that needs no quotes: letters, digits and `_ - .` and `/` that begin with a letter or `/`.
fn is_word(text: &str) -> bool {
    let begins = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/');
    begins
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "_-./".contains(c))
        && !MEANT.iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// The text as it stands between double quotes. Whatever could end a line, or cannot be seen, becomes an escape that
/// YAML 1.1 and 1.2 have.
pub fn escaped(text: &str) -> String {
    let escape = |c: char| match c {
        '"' | '\\' => format!("\\{c}"),
        c if c == ' ' || c.is_ascii_graphic() || !c.is_ascii() && c.is_alphanumeric() => c.to_string(),
        c if u32::from(c) <= 0xff => format!("\\x{:02x}", u32::from(c)),
        c if u32::from(c) <= 0xffff => format!("\\u{:04x}", u32::from(c)),
        c => format!("\\U{:08x}", u32::from(c)),
    };
    text.chars().map(escape).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn a_text_that_could_mean_something_else_stands_between_quotes() {
        for text in [
            "on",
            "No",
            "y",
            "null",
            "~",
            "1:30",
            "1_000",
            "08",
            "1e3",
            ".5",
            "2026-01-01",
            "=",
            "<<",
            "",
            " ",
            "a: b",
            "a #b",
            "%m",
            "${secret:x}",
            "*",
            "- a",
            "-",
            "a\u{2028}b",
            "{}",
            "x\ny",
        ] {
            assert!(scalar(text).starts_with('"'), "{text}");
            assert_eq!(serde_yaml::from_str::<String>(&scalar(text)).unwrap(), text);
            assert_eq!(scalar(text).lines().count(), 1, "{text}");
        }
        for text in ["replica", "/var/lib/postgresql", "C.UTF-8", "pg1"] {
            assert_eq!(scalar(text), text);
        }
    }

    #[test]
    fn collections_stand_in_block_style() {
        let inner = BTreeMap::from([("b", vec!["x", "on"]), ("c", vec![])]);
        let text = document(&BTreeMap::from([("a", vec![inner])]));
        assert_eq!(text, "a:\n  - b:\n      - x\n      - \"on\"\n");
    }
}
