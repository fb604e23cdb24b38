//! Bytes → text that every YAML parser cuts into the same lines.

use std::borrow::Cow;

use super::note::{Note, Span};

/// An inventory of a thousand nodes is about 150 KB.
pub const LONGEST_TEXT: usize = 2 << 20;

const MARK: char = '\u{feff}';

/// The inventory's text without a byte order mark.
pub fn decode(bytes: &[u8]) -> Result<&str, Note> {
    if bytes.len() > LONGEST_TEXT {
        let message = format!("the inventory is larger than {} MiB", LONGEST_TEXT >> 20);
        return Err(Note::error("too-large", "", message)
            .hint("an inventory of a thousand nodes is about 150 KB; is this the right file?"));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| not_utf8(bytes, error.valid_up_to()))?;
    let text = text.strip_prefix(MARK).unwrap_or(text);
    match text.char_indices().find(|(at, c)| is_hidden(*c) || is_lone_return(text, *at)) {
        Some((at, bad)) => Err(hidden(text, at, bad)),
        None => Ok(text),
    }
}

/// The text as far as it can be shown: nothing in it moves the terminal's cursor, and every
/// character stands where it does in the file.
pub fn showable(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let text = text.strip_prefix(MARK).unwrap_or(&text);
    text.chars().map(|c| if is_hidden(c) { char::REPLACEMENT_CHARACTER } else { c }).collect()
}

/// Characters that cannot be seen: to some YAML parsers they end a line or the text, to others
/// not, and some make a terminal show another text than the one that counts.
fn is_hidden(c: char) -> bool {
    let breaks = matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}');
    let turns = matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    breaks || turns || c == MARK || (c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
}

/// The same, and what ends a line or moves to a column.
pub fn is_invisible(c: char) -> bool {
    c.is_control() || is_hidden(c)
}

fn is_lone_return(text: &str, at: usize) -> bool {
    text[at..].starts_with('\r') && !text[at..].starts_with("\r\n")
}

fn not_utf8(bytes: &[u8], at: usize) -> Note {
    let utf16 = bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]);
    let found = if utf16 { "it looks like UTF-16".into() } else { format!("byte 0x{:02x}", bytes[at]) };
    let valid = String::from_utf8_lossy(&bytes[..at]);
    Note::error("not-utf8", "", format!("the text is not UTF-8: {found}"))
        .at(place(valid.strip_prefix(MARK).unwrap_or(&valid)))
        .hint("save the file as UTF-8")
}

fn hidden(text: &str, at: usize, bad: char) -> Note {
    Note::error("control-character", "", format!("an invisible character stands here: U+{:04X}", bad as u32))
        .at(place(&text[..at]))
        .hint(match bad {
            '\0' => "a text holds none; is this the right file, saved as UTF-8?",
            '\r' => "end lines with a line feed",
            _ => "remove it",
        })
}

/// The place that follows `before`.
fn place(before: &str) -> Span {
    let last = before.rsplit('\n').next().unwrap_or(before);
    Span { line: before.matches('\n').count() + 1, column: last.chars().count() + 1, length: 1 }
}

/// Foreign text within a message: short, and nothing in it reaches the terminal as a command.
pub fn shown(text: &str) -> Cow<'_, str> {
    const MOST: usize = 60;
    match text.char_indices().nth(MOST) {
        Some((at, _)) => Cow::Owned(visible(&text[..at]).into_owned() + "…"),
        None => visible(text),
    }
}

/// The text with all that cannot be seen spelt out.
pub fn visible(text: &str) -> Cow<'_, str> {
    spelt(text, is_invisible)
}

/// The text with its lines and tabs, and every other control character spelt out: what a host says may
/// not move the operator's cursor or colour their terminal.
pub fn harmless(text: &str) -> Cow<'_, str> {
    spelt(text, |c| c.is_control() && c != '\n' && c != '\t')
}

fn spelt(text: &str, is_spelt: impl Fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(&is_spelt) {
        return Cow::Borrowed(text);
    }
    let spell = |c: char| if is_spelt(c) { c.escape_default().to_string() } else { c.to_string() };
    Cow::Owned(text.chars().map(spell).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_text_is_cut_and_escaped() {
        assert_eq!(shown("it's ok"), "it's ok");
        assert_eq!(shown("a\u{1b}[31m\n"), "a\\u{1b}[31m\\n");
        assert_eq!(shown(&"x".repeat(90)).chars().count(), 61);
    }

    #[test]
    fn what_a_host_says_moves_no_cursor() {
        assert_eq!(harmless("a\tb\nc"), "a\tb\nc");
        assert_eq!(harmless("\u{1b}[2Jgone\r\u{7}"), "\\u{1b}[2Jgone\\r\\u{7}");
    }

    #[test]
    fn the_place_of_a_hidden_character_counts_from_one() {
        let note = decode("a: 1\nb: \u{2028}".as_bytes()).unwrap_err();
        assert_eq!(note.span, Some(Span { line: 2, column: 4, length: 1 }));
    }
}
