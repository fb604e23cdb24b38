//! Which engine an inventory is for: `engine: NAME`.
//!
//! The kernel knows no database, so whoever asks brings the names of all engines. The first of them is the one of an
//! inventory that names none.

use serde_yaml::Value;

use super::document::Document;
use super::note::Note;
use super::text::shown;
use super::wording::suggest;

/// The section's name.
pub const SECTION: &str = "engine";

/// The engine of an inventory's text, one of `engines`.
///
/// Errors: located notes, if the text is no YAML or names none of the engines.
pub fn of(bytes: &[u8], engines: &[&'static str]) -> Result<&'static str, Vec<Note>> {
    let document = Document::parse(bytes)?;
    read(&document.value, engines).map_err(|note| {
        let mut notes = vec![note];
        document.locate(&mut notes);
        notes
    })
}

/// The engine that a parsed inventory names. What else is wrong with it is for the engine's own parser to say.
fn read(value: &Value, engines: &[&'static str]) -> Result<&'static str, Note> {
    let usual = engines.first().copied().unwrap_or_default();
    let Some(written) = value.as_mapping().and_then(|map| map.get(SECTION)) else { return Ok(usual) };
    // A section in which everything is commented out is as good as none.
    if written.is_null() {
        return Ok(usual);
    }
    let named = written.as_str().and_then(|name| engines.iter().find(|it| **it == name));
    named.copied().ok_or_else(|| unknown(written, engines))
}

fn unknown(written: &Value, engines: &[&str]) -> Note {
    let names = engines.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" or ");
    let Some(name) = written.as_str() else {
        return Note::error("engine", SECTION, format!("the engine is one word: {names}"))
            .hint(format!("write `engine: {}`", engines.first().unwrap_or(&"")));
    };
    let message = format!("`{}` is no engine of galactl: {names} is", shown(name));
    let hint = match suggest(name, engines) {
        near if near.starts_with("did you mean") => near,
        _ => format!(
            "write {}",
            engines.iter().map(|it| format!("`engine: {it}`")).collect::<Vec<_>>().join(" or ")
        ),
    };
    Note::error("engine", SECTION, message).hint(hint)
}

/// What stands against reading an inventory as one of the engine `own`. Of a text that is no mapping, the engine's own
/// parser says so.
pub fn check(value: &Value, own: &str, engines: &[&'static str]) -> Option<Note> {
    let map = value.as_mapping()?;
    let named = match read(value, engines) {
        Ok(named) if named == own => return None,
        Ok(named) => named,
        Err(note) => return Some(note),
    };
    let message = format!("this inventory is for the engine {named}, and was read as one for {own}");
    // Of a key that is not there, the place is the whole text.
    let path = if map.contains_key(SECTION) { SECTION } else { "" };
    let note = Note::error("engine", path, message);
    Some(note.hint(format!("write `engine: {own}`, if that is what the hosts run")))
}

/// Tells of sections and fields that only another engine has: `elsewhere` are their names, with what to do instead. All
/// other notes stay as they are.
pub fn tell_elsewhere(notes: &mut [Note], own: &str, elsewhere: &[(&str, &str)]) {
    for note in notes.iter_mut().filter(|note| note.code == "unknown-field") {
        let name = note.path.rsplit('.').next().unwrap_or_default();
        if let Some((name, instead)) = elsewhere.iter().find(|(known, _)| *known == name) {
            let message = format!("`{name}` does not apply to engine {own}");
            *note = Note::error("other-engine", note.path.clone(), message).at_key().hint(*instead);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENGINES: &[&str] = &["first", "second"];

    #[test]
    fn an_inventory_that_names_no_engine_is_for_the_first() {
        for text in ["version: 1\n", "engine:\n", "engine: first\n", "[]\n"] {
            assert_eq!(of(text.as_bytes(), ENGINES), Ok("first"), "{text}");
        }
        assert_eq!(of(b"engine: second\n", ENGINES), Ok("second"));
    }

    #[test]
    fn an_unknown_engine_is_an_error_at_its_place_that_names_all() {
        for text in ["version: 1\nengine: frist\n", "version: 1\nengine: {x: 1}\n", "version: 1\nengine: 3\n"]
        {
            let notes = of(text.as_bytes(), ENGINES).unwrap_err();
            assert_eq!(notes.len(), 1);
            assert_eq!(notes[0].span.map(|it| (it.line, it.column)), Some((2, 9)), "{text}");
            assert!(notes[0].message.contains("`first` or `second`"), "{}", notes[0].message);
        }
        assert_eq!(
            of(b"engine: frist\n", ENGINES).unwrap_err()[0].hint.as_deref(),
            Some("did you mean `first`?")
        );
    }

    #[test]
    fn an_inventory_of_another_engine_is_not_read() {
        let value = serde_yaml::from_str("engine: second").unwrap();
        assert!(check(&value, "second", ENGINES).is_none());
        assert!(check(&value, "first", ENGINES).is_some());
    }
}
