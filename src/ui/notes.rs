//! Notes about an inventory, with the line they speak of and a caret under the place.

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use crate::inventory::note::{Note, Severity, Span};

/// All notes, errors and warnings counted at the end.
pub fn notes_text(notes: &[Note], origin: &str, bytes: &[u8], colour: bool) -> String {
    let text = String::from_utf8_lossy(bytes);
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.decor_style(DecorStyle::Ascii);
    let mut out = String::new();
    for note in notes {
        out += &renderer.render(&[group(note, origin, &text)]);
        out += "\n\n";
    }
    out + &count(notes)
}

fn group<'a>(note: &'a Note, origin: &'a str, text: &'a str) -> Group<'a> {
    let level = match note.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
    };
    let message = if note.path.is_empty() { note.message.clone() } else { format!("{}: {}", note.path, note.message) };
    let title = level.primary_title(message).id(note.code);
    let group = match note.span.and_then(|span| excerpt(text, span)) {
        Some((line, number, from, to)) => title.element(
            Snippet::source(line)
                .line_start(number)
                .path(origin)
                .annotation(AnnotationKind::Primary.span(from..to)),
        ),
        None => title.element(Level::NOTE.message(format!("in {origin}"))),
    };
    match &note.hint {
        Some(hint) => group.element(Level::HELP.message(hint.as_str())),
        None => group,
    }
}

/// The span's line with its number, and the span as byte offsets in it.
fn excerpt(text: &str, span: Span) -> Option<(&str, usize, usize, usize)> {
    /// A line of a megabyte would be printed whole.
    const LONGEST_LINE: usize = 400;
    let line = text.lines().nth(span.line.checked_sub(1)?)?;
    let offset = |chars: usize| line.char_indices().nth(chars).map_or(line.len(), |(at, _)| at);
    let (from, to) = (offset(span.column - 1), offset(span.column - 1 + span.length));
    (line.len() <= LONGEST_LINE).then_some((line, span.line, from, to.max(from)))
}

fn count(notes: &[Note]) -> String {
    let of = |severity| notes.iter().filter(|note| note.severity == severity).count();
    let plural = |n: usize, word: &str| format!("{n} {word}{}", if n == 1 { "" } else { "s" });
    match (of(Severity::Error), of(Severity::Warning)) {
        (0, 0) => String::new(),
        (errors, warnings) => format!("{}, {}\n", plural(errors, "error"), plural(warnings, "warning")),
    }
}
