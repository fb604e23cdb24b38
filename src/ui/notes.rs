//! Notes about an inventory, with the line they speak of and a caret under the place.

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use crate::kernel::inventory::note::{Note, Severity, Span};
use crate::kernel::inventory::text::{showable, visible};

/// More would scroll the first ones out of sight, and those are the ones to begin with.
const MOST_NOTES: usize = 100;
/// A line of a megabyte would be printed whole.
const LONGEST_LINE: usize = 400;

/// All notes, errors and warnings counted at the end.
pub fn notes_text(notes: &[Note], origin: &str, bytes: &[u8], colour: bool) -> String {
    let text = showable(bytes);
    let lines: Vec<&str> = text.lines().collect();
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let renderer = renderer.decor_style(DecorStyle::Ascii);
    let mut out = String::new();
    for note in notes.iter().take(MOST_NOTES) {
        out += &renderer.render(&[group(note, origin, &lines)]);
        out += "\n\n";
    }
    if notes.len() > MOST_NOTES {
        out += "… and more\n\n";
    }
    out + &count(notes)
}

fn group<'a>(note: &'a Note, origin: &'a str, lines: &[&'a str]) -> Group<'a> {
    let level = match note.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
    };
    let message =
        if note.path.is_empty() { note.message.clone() } else { format!("{}: {}", note.path, note.message) };
    let title = level.primary_title(visible(&message).into_owned()).id(note.code);
    let group = match note.span.and_then(|span| excerpt(lines, span)).filter(|_| !note.discreet) {
        Some((line, number, from, to)) => title.element(
            Snippet::source(line)
                .line_start(number)
                .path(origin)
                .annotation(AnnotationKind::Primary.span(from..to)),
        ),
        None => title.element(Level::NOTE.message(place(origin, note.span))),
    };
    match &note.hint {
        Some(hint) => group.element(Level::HELP.message(hint.as_str())),
        None => group,
    }
}

/// The span's line with its number, and the span as byte offsets in it.
fn excerpt<'a>(lines: &[&'a str], span: Span) -> Option<(&'a str, usize, usize, usize)> {
    let line = *lines.get(span.line.checked_sub(1)?)?;
    let offset = |chars: usize| line.char_indices().nth(chars).map_or(line.len(), |(at, _)| at);
    let (from, to) = (offset(span.column - 1), offset(span.column - 1 + span.length));
    (line.len() <= LONGEST_LINE).then_some((line, span.line, from, to.max(from)))
}

fn place(origin: &str, span: Option<Span>) -> String {
    match span {
        Some(span) => format!("in {origin}, line {}, column {}", span.line, span.column),
        None => format!("in {origin}"),
    }
}

fn count(notes: &[Note]) -> String {
    let of = |severity| notes.iter().filter(|note| note.severity == severity).count();
    let plural = |n: usize, word: &str| format!("{n} {word}{}", if n == 1 { "" } else { "s" });
    match (of(Severity::Error), of(Severity::Warning)) {
        (0, 0) => String::new(),
        (errors, warnings) => format!("{}, {}\n", plural(errors, "error"), plural(warnings, "warning")),
    }
}
