//! YAML text → a value and an index of where each path stands.
//!
//! One pass over the parser's events finds what serde cannot tell later: the place of every key
//! and value, duplicate keys, and how large the document becomes once its aliases are expanded.
//! Only a text that passes is given to serde, so that hostile input ends here, cheaply.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};

use saphyr_parser::{Event, Parser, ScanError};

use super::note::{Note, Part, Span};

/// An inventory of a thousand nodes is about 150 KB.
pub const LONGEST_TEXT: usize = 2 << 20;
/// Values in the document once aliases are expanded.
const MOST_VALUES: usize = 500_000;
const DEEPEST: usize = 32;
/// Past this the text is refused with these; a page of them helps more than all.
const MOST_DUPLICATES: usize = 20;

/// A parsed inventory text.
#[derive(Debug)]
pub struct Document {
    pub value: serde_yaml::Value,
    places: HashMap<String, Place>,
}

#[derive(Debug, Clone, Copy)]
struct Place {
    key: Option<Span>,
    value: Span,
}

impl Document {
    /// Parses the bytes of an inventory. Errors are notes that carry their place.
    pub fn parse(bytes: &[u8]) -> Result<Self, Vec<Note>> {
        let text = decode(bytes).map_err(|note| vec![note])?;
        let places = Survey::of(text)?;
        let value = serde_yaml::from_str(text).map_err(|error| vec![yaml_error(&error)])?;
        Ok(Self { value, places })
    }

    /// Fills in the span of each note that has none, from its path or the nearest parent's.
    pub fn locate(&self, notes: &mut [Note]) {
        for note in notes.iter_mut().filter(|note| note.span.is_none()) {
            note.span = self.find(&note.path, note.part);
        }
    }

    fn find(&self, path: &str, part: Part) -> Option<Span> {
        if let Some(place) = self.places.get(path) {
            return Some(match part {
                Part::Key => place.key.unwrap_or(place.value),
                Part::Value => place.value,
            });
        }
        let parent = path.rfind(['.', '[']).map(|at| &path[..at])?;
        self.find(parent, Part::Key)
    }
}

fn decode(bytes: &[u8]) -> Result<&str, Note> {
    if bytes.len() > LONGEST_TEXT {
        return Err(Note::error(
            "too-large",
            "",
            format!("the inventory is larger than {} MiB", LONGEST_TEXT >> 20),
        )
        .hint("an inventory of a thousand nodes is about 150 KB; is this the right file?"));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        Note::error("not-utf8", "", format!("the text is not UTF-8 (byte {})", error.valid_up_to()))
            .hint("save the file as UTF-8")
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

fn yaml_error(error: &serde_yaml::Error) -> Note {
    let note = Note::error("yaml", "", error.to_string());
    match error.location() {
        Some(at) => note.at(Span { line: at.line(), column: at.column(), length: 1 }),
        None => note,
    }
}

fn scan_error(error: &ScanError) -> Note {
    let at = error.marker();
    Note::error("yaml", "", format!("this is not YAML: {}", error.info())).at(Span {
        line: at.line(),
        column: at.col() + 1,
        length: 1,
    })
}

/// The walk over the events of one document.
struct Survey {
    places: HashMap<String, Place>,
    frames: Vec<Frame>,
    /// Expanded size of every closed anchor.
    anchors: HashMap<usize, usize>,
    values: usize,
    documents: usize,
    notes: Vec<Note>,
}

/// An open mapping or sequence.
struct Frame {
    path: String,
    anchor: usize,
    /// `values` when it was opened; the difference at its end is its expanded size.
    opened_at: usize,
    kind: Kind,
}

enum Kind {
    Sequence { next: usize },
    Mapping { seen: BTreeMap<String, Span>, key: Option<(String, Span)> },
}

impl Survey {
    fn of(text: &str) -> Result<HashMap<String, Place>, Vec<Note>> {
        let mut survey = Self {
            places: HashMap::new(),
            frames: Vec::new(),
            anchors: HashMap::new(),
            values: 0,
            documents: 0,
            notes: Vec::new(),
        };
        for step in Parser::new_from_str(text) {
            let event = step.map_err(|error| vec![scan_error(&error)])?;
            let fatal = survey.event(event.0, span_of(&event.1)).err();
            survey.notes.extend(fatal.clone());
            if fatal.is_some() || survey.notes.len() >= MOST_DUPLICATES {
                return Err(survey.notes);
            }
        }
        if survey.notes.is_empty() { Ok(survey.places) } else { Err(survey.notes) }
    }

    fn event(&mut self, event: Event<'_>, span: Span) -> Result<(), Note> {
        match event {
            Event::DocumentStart(_) => self.document(span),
            Event::Scalar(text, _, anchor, _) => self.scalar(&text, anchor, span),
            Event::Alias(anchor) => self.alias(anchor, span),
            Event::SequenceStart(anchor, _) => self.open(anchor, span, Kind::Sequence { next: 0 }),
            Event::MappingStart(anchor, _) => {
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

    fn scalar(&mut self, text: &str, anchor: usize, span: Span) -> Result<(), Note> {
        if self.takes_key(text, span) {
            return Ok(());
        }
        self.count(1, span)?;
        self.anchors.insert(anchor, 1);
        self.place(span);
        Ok(())
    }

    /// Consumes the scalar as the next key, if the innermost mapping waits for one.
    fn takes_key(&mut self, text: &str, span: Span) -> bool {
        let Some(Frame { kind: Kind::Mapping { seen, key: key @ None }, .. }) = self.frames.last_mut() else {
            return false;
        };
        if let Some(first) = seen.insert(text.to_owned(), span) {
            self.notes.push(
                Note::error("duplicate-key", "", format!("`{}` stands here a second time", brief(text)))
                    .at(span)
                    .hint(format!("the first one is in line {}", first.line)),
            );
        }
        *key = Some((text.to_owned(), span));
        true
    }

    fn alias(&mut self, anchor: usize, span: Span) -> Result<(), Note> {
        self.needs_no_key(span)?;
        let size = *self.anchors.get(&anchor).ok_or_else(|| {
            Note::error("alias", "", "this alias refers to something that contains it").at(span)
        })?;
        self.count(size, span)?;
        self.place(span);
        Ok(())
    }

    fn open(&mut self, anchor: usize, span: Span, kind: Kind) -> Result<(), Note> {
        self.needs_no_key(span)?;
        if self.frames.len() >= DEEPEST {
            return Err(Note::error("too-deep", "", format!("more than {DEEPEST} levels deep")).at(span));
        }
        let opened_at = self.values;
        self.count(1, span)?;
        let path = self.place(span);
        self.frames.push(Frame { path, anchor, opened_at, kind });
        Ok(())
    }

    fn close(&mut self) {
        if let Some(frame) = self.frames.pop() {
            self.anchors.insert(frame.anchor, self.values - frame.opened_at);
        }
    }

    /// A mapping that waits for a key can take only a scalar.
    fn needs_no_key(&self, span: Span) -> Result<(), Note> {
        match self.frames.last() {
            Some(Frame { kind: Kind::Mapping { key: None, .. }, .. }) => {
                Err(Note::error("key", "", "a key must be a plain word").at(span))
            }
            _ => Ok(()),
        }
    }

    fn count(&mut self, size: usize, span: Span) -> Result<(), Note> {
        self.values = self.values.saturating_add(size);
        if self.values > MOST_VALUES {
            return Err(Note::error("too-many-values", "", format!("more than {MOST_VALUES} values"))
                .at(span)
                .hint("aliases count as often as they are used"));
        }
        Ok(())
    }

    /// Records where the value that begins at `span` stands, and returns its path.
    fn place(&mut self, span: Span) -> String {
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
        self.places.insert(path.clone(), Place { key, value: span });
        path
    }
}

/// `nodes[0]` and `name` make `nodes[0].name`, as serde_path_to_error spells it.
pub fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

fn span_of(span: &saphyr_parser::Span) -> Span {
    let length = if span.start.line() == span.end.line() {
        span.end.index().saturating_sub(span.start.index())
    } else {
        1
    };
    Span { line: span.start.line(), column: span.start.col() + 1, length: length.max(1) }
}

/// Long foreign text must not flood the terminal.
fn brief(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(40) {
        Some((at, _)) => Cow::Owned(format!("{}…", &text[..at])),
        None => Cow::Borrowed(text),
    }
}
