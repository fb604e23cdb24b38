//! One pass over a YAML text's events, before anything is built from them.
//!
//! It finds what serde cannot tell later: the place of every key and value, duplicate keys, and
//! how large the document becomes once its aliases are expanded.

use std::collections::{BTreeMap, HashMap};

use saphyr_parser::{Event, Parser, ScalarStyle, ScanError};

use super::note::{Note, Span};
use super::places::{Places, join};
use super::secret_lines::secret_in;
use super::text::shown;

/// What a document may weigh once aliases are expanded; a thousand nodes weigh about 20,000.
const MOST_WEIGHT: usize = 100_000;
const DEEPEST: usize = 16;
/// Longer than any name that may stand in an inventory.
const LONGEST_KEY: usize = 128;
/// Past this the text is refused with these; a page of them helps more than all.
const MOST_DUPLICATES: usize = 20;

/// The places of a text's keys and values. Errors: what makes it no inventory at all.
pub fn survey(text: &str) -> Result<Places, Vec<Note>> {
    let mut survey = Survey::default();
    for step in Parser::new_from_str(text) {
        let (event, span) = step.map_err(|error| vec![scan_error(&error)])?;
        let fatal = survey.event(event, span_of(&span)).err();
        survey.notes.extend(fatal.clone());
        if fatal.is_some() || survey.notes.len() >= MOST_DUPLICATES {
            return Err(survey.notes);
        }
    }
    if survey.notes.is_empty() { Ok(survey.places) } else { Err(survey.notes) }
}

/// The walk over the events of one document.
#[derive(Default)]
struct Survey {
    places: Places,
    frames: Vec<Frame>,
    /// Expanded weight of every closed anchor.
    anchors: HashMap<usize, usize>,
    weight: usize,
    documents: usize,
    notes: Vec<Note>,
}

/// An open mapping or sequence.
struct Frame {
    path: String,
    anchor: usize,
    /// The weight when it was opened; the difference at its end is its own.
    opened_at: usize,
    kind: Kind,
}

enum Kind {
    Sequence { next: usize },
    Mapping { seen: BTreeMap<String, Span>, key: Option<(String, Span)> },
}

impl Survey {
    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), Note> {
        match event {
            Event::DocumentStart(_) => self.document(span),
            Event::Scalar(.., Some(_))
            | Event::SequenceStart(_, Some(_))
            | Event::MappingStart(_, Some(_)) => {
                Err(Note::error("tag", "", "a YAML tag has no meaning in an inventory")
                    .at(span)
                    .hint("remove the word that begins with `!`, or put the text in quotes"))
            }
            Event::Scalar(text, style, anchor, None) => self.scalar(&text, style, anchor, span),
            Event::Alias(anchor) => self.alias(anchor, span),
            Event::SequenceStart(anchor, None) => self.open(anchor, span, Kind::Sequence { next: 0 }),
            Event::MappingStart(anchor, None) => {
                self.open(anchor, span, Kind::Mapping { seen: BTreeMap::new(), key: None })
            }
            Event::SequenceEnd | Event::MappingEnd => {
                self.close();
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn document(&mut self, span: Span) -> Result<(), Note> {
        self.documents += 1;
        if self.documents > 1 {
            return Err(Note::error("many-documents", "", "a second YAML document begins here")
                .at(span)
                .hint("an inventory is one document; remove the `---` and what follows"));
        }
        Ok(())
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, anchor: usize, span: Span) -> Result<(), Note> {
        let weight = weight_of(text);
        self.anchors.insert(anchor, weight);
        self.weigh(weight, span)?;
        if self.takes_key(text, span)? {
            return Ok(());
        }
        let written = (style == ScalarStyle::Plain && text.parse::<f64>().is_ok()).then(|| text.to_owned());
        self.place(span, written);
        Ok(())
    }

    /// Consumes the scalar as the next key, if the innermost mapping waits for one.
    fn takes_key(&mut self, text: &str, span: Span) -> Result<bool, Note> {
        let Some(Frame { path, kind: Kind::Mapping { seen, key: key @ None }, .. }) = self.frames.last_mut()
        else {
            return Ok(false);
        };
        if seen.contains_key(text) && secret_in(path).is_some() {
            return Err(Note::error("duplicate-key", "", "a name stands here a second time")
                .at(span)
                .discreet());
        }
        if text.len() > LONGEST_KEY {
            let message = "this is longer than any name in an inventory";
            return Err(Note::error("key", "", message).at(span).discreet());
        }
        if text == "<<" {
            return Err(Note::error("merge-key", "", "`<<` does not merge in an inventory")
                .at(span)
                .hint("what holds for all nodes stands in the sections beside `nodes`"));
        }
        if let Some(first) = seen.insert(text.to_owned(), span) {
            let message = format!("`{}` stands here a second time", shown(text));
            let hint = format!("the first one is in line {}", first.line);
            self.notes.push(Note::error("duplicate-key", "", message).at(span).hint(hint));
        }
        *key = Some((text.to_owned(), span));
        Ok(true)
    }

    fn alias(&mut self, anchor: usize, span: Span) -> Result<(), Note> {
        self.needs_no_key(span)?;
        let weight = *self.anchors.get(&anchor).ok_or_else(|| {
            Note::error("alias", "", "this alias stands within what it refers to")
                .at(span)
                .hint("write the value out instead")
        })?;
        self.weigh(weight, span)?;
        self.place(span, None);
        Ok(())
    }

    fn open(&mut self, anchor: usize, span: Span, kind: Kind) -> Result<(), Note> {
        self.needs_no_key(span)?;
        if self.frames.len() >= DEEPEST {
            return Err(Note::error("too-deep", "", format!("more than {DEEPEST} levels deep"))
                .at(span)
                .hint("an inventory needs four; is a bracket or brace left open?"));
        }
        let opened_at = self.weight;
        self.weigh(1, span)?;
        let path = self.place(span, None);
        self.frames.push(Frame { path, anchor, opened_at, kind });
        Ok(())
    }

    fn close(&mut self) {
        if let Some(frame) = self.frames.pop() {
            self.anchors.insert(frame.anchor, self.weight - frame.opened_at);
        }
    }

    /// A mapping that waits for a key can take only a scalar.
    fn needs_no_key(&self, span: Span) -> Result<(), Note> {
        match self.frames.last() {
            Some(Frame { kind: Kind::Mapping { key: None, .. }, .. }) => {
                Err(Note::error("key", "", "a key must be a plain word")
                    .at(span)
                    .hint("put it in quotes if it begins with one of { [ *"))
            }
            _ => Ok(()),
        }
    }

    fn weigh(&mut self, weight: usize, span: Span) -> Result<(), Note> {
        self.weight = self.weight.saturating_add(weight);
        if self.weight > MOST_WEIGHT {
            return Err(Note::error("too-many-values", "", "more keys and values than any inventory has")
                .at(span)
                .hint("aliases count as often as they are used"));
        }
        Ok(())
    }

    /// Records where the value that begins at `span` stands, and returns its path.
    fn place(&mut self, span: Span, written: Option<String>) -> String {
        let (path, key) = match self.frames.last_mut() {
            None => (String::new(), None),
            Some(Frame { path, kind: Kind::Sequence { next }, .. }) => {
                let index = *next;
                *next += 1;
                (format!("{path}[{index}]"), None)
            }
            Some(Frame { path, kind: Kind::Mapping { key, .. }, .. }) => {
                let (name, span) = key.take().unwrap_or_else(|| (String::new(), span));
                (join(path, &name), Some(span))
            }
        };
        self.places.insert(&path, key, span, written);
        path
    }
}

/// A long text weighs as much as many short ones: an alias repeats it whole.
fn weight_of(text: &str) -> usize {
    1 + text.len() / 32
}

fn span_of(span: &saphyr_parser::Span) -> Span {
    let length = if span.start.line() == span.end.line() {
        span.end.index().saturating_sub(span.start.index())
    } else {
        1
    };
    Span { line: span.start.line(), column: span.start.col() + 1, length: length.max(1) }
}

fn scan_error(error: &ScanError) -> Note {
    /// What usually lies behind the scanner's words.
    const CAUSES: [(&str, &str); 6] = [
        ("mapping values", "put a value with `: ` or ` #` in it in quotes"),
        ("unknown anchor", "put text that begins with `*` in quotes"),
        ("quoted scalar", "is a quote left open?"),
        ("recursion limit", "is a bracket or brace left open?"),
        ("flow ", "is a bracket or brace left open?"),
        ("block ", "does this line begin in the same column as its neighbours?"),
    ];
    let at = error.marker();
    let place = Span { line: at.line(), column: at.col() + 1, length: 1 };
    let note = Note::error("yaml", "", format!("this is not YAML: {}", error.info())).at(place);
    match CAUSES.iter().find(|(words, _)| error.info().contains(words)) {
        Some((_, hint)) => note.hint(*hint),
        None => note,
    }
}
