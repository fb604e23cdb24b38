//! What there is to say about an inventory: typed, located, all of it in one go.

use serde::Serialize;

/// How much a note matters. Errors stop; warnings and hints do not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    Error,
    Warning,
    Info,
}

/// A place in the inventory's text. Lines and columns count from 1, in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Span {
    pub line: usize,
    pub column: usize,
    /// Characters, at least 1 and within the line.
    pub length: usize,
}

/// Whether a note speaks of a key or of what stands behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Key,
    Value,
}

/// What may be shown of the line that a note speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Excerpt {
    Line,
    /// The line as far as the name: nobody knows what the value behind it is.
    Name,
    /// The line may hold a secret, so it is named and not shown.
    Nothing,
}

/// One remark about the inventory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Note {
    pub severity: Severity,
    /// Stable, for programs and for searching the documentation.
    pub code: &'static str,
    /// `nodes[1].address`; empty for the document as a whole.
    pub path: String,
    #[serde(skip)]
    pub part: Part,
    #[serde(skip)]
    pub excerpt: Excerpt,
    /// Filled in from the path once the text is known.
    pub span: Option<Span>,
    pub message: String,
    pub hint: Option<String>,
    /// The inventory says that this warning is known and not to be said again.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub accepted: bool,
}

impl Note {
    pub fn error(code: &'static str, path: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, path, message)
    }

    pub fn warning(code: &'static str, path: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, path, message)
    }

    pub fn info(code: &'static str, path: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(Severity::Info, code, path, message)
    }

    fn new(
        severity: Severity,
        code: &'static str,
        path: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            severity,
            code,
            path: path.into(),
            part: Part::Value,
            excerpt: Excerpt::Line,
            span: None,
            message: message.into(),
            hint: None,
            accepted: false,
        }
    }

    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Points at the key instead of its value.
    pub fn at_key(mut self) -> Self {
        self.part = Part::Key;
        self
    }

    /// Keeps the line out of the terminal and of whatever records it.
    pub fn discreet(mut self) -> Self {
        self.excerpt = Excerpt::Nothing;
        self
    }

    /// Points at a name that nobody knows, so that the value behind it is not shown.
    pub fn at_unknown_name(mut self) -> Self {
        self.excerpt = Excerpt::Name;
        self.at_key()
    }

    pub fn at(mut self, span: Span) -> Self {
        self.span = Some(span);
        self
    }
}

/// True when at least one of the notes is an error.
pub fn any_error(notes: &[Note]) -> bool {
    notes.iter().any(|note| note.severity == Severity::Error)
}
