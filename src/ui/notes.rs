//! Notes about an inventory, with the line they speak of and a caret under the place.

use std::borrow::Cow;

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use crate::kernel::inventory::note::{Excerpt, Note, Part, Severity, Span};
use crate::kernel::inventory::secret_lines::{names_secret, secret_lines, tells_secret};
use crate::kernel::inventory::text::{showable, visible};

/// The most notes that are shown: more would scroll the first ones out of sight, with which the user should begin.
const MOST_NOTES: usize = 100;
/// Bytes. A longer line of the inventory is not shown.
const LONGEST_LINE: usize = 400;

/// Shown in place of the value of an unknown name.
const NOT_SHOWN: &str = " …";

/// All notes, errors and warnings counted at the end. Lines that may hold a secret are named and not shown.
pub fn notes_text(notes: &[Note], origin: &str, bytes: &[u8], colour: bool) -> String {
    let text = showable(bytes);
    let lines: Vec<(&str, bool)> = text.lines().zip(secret_lines(&text)).collect();
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

fn group<'a>(note: &'a Note, origin: &'a str, lines: &[(&'a str, bool)]) -> Group<'a> {
    let level = match note.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Info => Level::INFO,
    };
    let message =
        if note.path.is_empty() { note.message.clone() } else { format!("{}: {}", note.path, note.message) };
    let title = level.primary_title(visible(&message).into_owned()).id(note.code);
    let group = match note.span.and_then(|span| excerpt(lines, note, span)) {
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

/// What may be shown of the span's line, with its number, and the span as byte offsets in it.
fn excerpt<'a>(
    lines: &[(&'a str, bool)],
    note: &Note,
    span: Span,
) -> Option<(Cow<'a, str>, usize, usize, usize)> {
    let (line, hidden) = *lines.get(span.line.checked_sub(1)?)?;
    let offset = |chars: usize| line.char_indices().nth(chars).map_or(line.len(), |(at, _)| at);
    let (from, to) = (offset(span.column - 1), offset(span.column - 1 + span.length));
    // The name of a secret may be shown, if no other secret stands before it.
    let name = || note.part == Part::Key && names_secret(&line[from..to]) && !tells_secret(&line[..from]);
    let line = match note.excerpt {
        Excerpt::Nothing => return None,
        _ if hidden && !name() => return None,
        Excerpt::Line if !hidden => Cow::Borrowed(line),
        _ => Cow::Owned(name_only(line, to)),
    };
    (line.len() <= LONGEST_LINE).then_some((line, span.line, from, to.max(from)))
}

/// A line as far as the name that ends at `to`, and its colon.
fn name_only(line: &str, to: usize) -> String {
    let (name, rest) = line.split_at(to);
    match rest.split_once(':') {
        Some((before, value)) if value.trim().is_empty() => format!("{name}{before}:"),
        Some((before, _)) if before.trim().is_empty() => format!("{name}{before}:{NOT_SHOWN}"),
        _ if rest.trim().is_empty() => line.to_owned(),
        _ => format!("{name}{NOT_SHOWN}"),
    }
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
