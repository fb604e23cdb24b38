//! serde's errors in words for people who run databases.

use serde_yaml::Value;

use super::note::Note;
use super::places::join;
use super::raw::NO_VALUE;
use super::secret_lines::{secret_in, tells_secret};
use super::text::shown;

/// What may stand in the place of a secret.
pub const SOURCES: &str = "use one of {env: NAME}, {file: PATH}, {command: [PROGRAM, ARG]}, {generate: true}";

const SPACE: &str = "a space follows the colon";
const LINES: &str = "lines of `name: value`";

/// serde's words and ours.
const EXPECTED: [(&str, &str); 9] = [
    ("a string", "text"),
    ("a boolean", "true or false"),
    ("a sequence", "a list"),
    ("a map", LINES),
    ("a YAML mapping", LINES),
    ("a Value::Tagged enum", "one word"),
    ("u8", "a whole number from 0 to 255"),
    ("u16", "a port from 1 to 65535"),
    ("struct ", LINES),
];

/// Turns an error of serde into a note with its place, relative to the section at `base`.
pub fn note(base: &str, error: &serde_path_to_error::Error<serde_yaml::Error>) -> Note {
    let inner = error.path().to_string();
    let path = match inner.as_str() {
        "." => base.to_owned(),
        inner if inner.starts_with('[') => format!("{base}{inner}"),
        inner => join(base, inner),
    };
    let text = error.inner().to_string();
    // The place that serde names is one within the section's value.
    let message = text.split(" at line ").next().unwrap_or(&text);
    match secret_in(&path) {
        Some(place) => secret(place, message),
        None => describe(path, message),
    }
}

/// What stands there may be the password: nothing of it is said, unless it is nearly a word of ours.
fn secret(place: &str, message: &str) -> Note {
    let words = quoted(message);
    let near = |wrong: &&str| words[1..].iter().any(|known| strsim::damerau_levenshtein(wrong, known) <= 1);
    let note = match words.first().filter(|wrong| message.starts_with("unknown field ") && near(wrong)) {
        Some(wrong) => return describe(join(place, wrong), message).discreet(),
        None => place_of_secret(place),
    };
    match expectation(message) {
        Some((_, expected)) if !expected.starts_with("struct ") => {
            note.hint(format!("expected {} here; {SOURCES}", ours(expected)))
        }
        _ => note,
    }
}

fn place_of_secret(path: &str) -> Note {
    Note::error("secret-in-clear", path, "this says where the secret comes from, never the secret itself")
        .discreet()
        .hint(SOURCES)
}

fn describe(path: String, message: &str) -> Note {
    let words = quoted(message);
    if let Some(rest) = message.strip_prefix("unknown field ") {
        let wrong = words.first().copied().unwrap_or(rest);
        let note =
            Note::error("unknown-field", path, format!("unknown field `{}`", shown(wrong))).at_unknown_name();
        return match words.get(1..) {
            Some(known) if !known.is_empty() => note.hint(suggest(wrong, known)),
            _ => note,
        };
    }
    if message.starts_with("unknown variant ") {
        let (wrong, known) = words.split_first().unwrap_or((&"", &[]));
        let message = format!("`{}` is none of {}", shown(wrong), known.join(", "));
        let note = Note::error("type", path, message);
        return match suggest(wrong, known) {
            // The message has the list already.
            hint if hint.starts_with("known here") => note,
            hint => note.hint(hint),
        };
    }
    if message.starts_with("missing field ") {
        return Note::error("missing-field", path, message).at_key();
    }
    match expectation(message) {
        Some((found, expected)) => mismatch(path, found, expected),
        None if message == NO_VALUE => {
            Note::error("type", path, message).hint("write one, or remove the line")
        }
        None => Note::error("type", path, message),
    }
}

/// `invalid type: FOUND, expected EXPECTED`, and the same for `invalid value`.
fn expectation(message: &str) -> Option<(&str, &str)> {
    let rest = message.strip_prefix("invalid type: ").or_else(|| message.strip_prefix("invalid value: "))?;
    rest.rsplit_once(", expected ")
}

fn ours(expected: &str) -> &str {
    let ours = EXPECTED
        .iter()
        .find(|(theirs, _)| *theirs == expected || *theirs == "struct " && expected.starts_with(theirs));
    ours.map_or(expected, |(_, ours)| ours)
}

fn mismatch(path: String, found: &str, expected: &str) -> Note {
    let expected = ours(expected);
    let found = match found {
        "unit value" => "nothing".to_owned(),
        "map" => LINES.to_owned(),
        "sequence" => "a list".to_owned(),
        "enum" => "a YAML tag".to_owned(),
        other if tells_secret(other) => return mistaken_secret(path, expected),
        other => value_in(other).map_or_else(|| other.to_owned(), |value| format!("`{}`", shown(value))),
    };
    let note = Note::error("type", path, format!("expected {expected}, found {found}"));
    match (expected, found.as_str()) {
        ("text", "nothing") => note.hint("write one, or remove the line"),
        ("text", found) if found.starts_with('`') => {
            note.hint(format!("put it in quotes: \"{}\"", found.trim_matches('`')))
        }
        (LINES, found) if found.contains(':') => note.hint(SPACE),
        (LINES, "a list") => note.hint("write one option a line, without dashes"),
        _ => note,
    }
}

/// `password:x`, without a space, is text.
fn mistaken_secret(path: String, expected: &str) -> Note {
    Note::error("type", path, format!("expected {expected}, found text")).discreet().hint(SPACE)
}

/// The value itself in `string "x"`, ``integer `5` `` and the like.
fn value_in(found: &str) -> Option<&str> {
    let (_, value) = found.split_once(' ')?;
    let bare = |mark: char| value.strip_prefix(mark)?.strip_suffix(mark);
    bare('`').or_else(|| bare('"'))
}

/// The words that stand between backticks.
fn quoted(message: &str) -> Vec<&str> {
    message.split('`').skip(1).step_by(2).collect()
}

/// A key that is not text, as it would be written.
pub fn text_of(key: &Value) -> String {
    serde_yaml::to_string(key).map_or_else(|_| String::new(), |text| text.trim_end().to_owned())
}

/// A longer list is no help.
const READABLE: usize = 18;

/// "did you mean …" where one of `known` is near, otherwise all of them.
pub fn suggest(wrong: &str, known: &[&str]) -> String {
    let nearest = known
        .iter()
        .map(|word| (strsim::damerau_levenshtein(wrong, word), word))
        .filter(|(distance, word)| *distance <= word.len().div_ceil(3))
        .min();
    match nearest {
        Some((_, word)) => format!("did you mean `{word}`?"),
        None if known.len() > READABLE => "no known name is near it".into(),
        None => format!("known here: {}", known.join(", ")),
    }
}
