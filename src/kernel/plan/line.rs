//! Lines of a plan's text, and what they are to the reader.

/// How a line is to be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    Plain,
    Heading,
    Faint,
    Added,
    Removed,
    Warning,
    /// It says what is lost.
    Loss,
}

/// One line of a plan's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub tone: Tone,
    pub text: String,
    /// Where the line goes on in a terminal that is too narrow for it: that many columns in.
    pub hang: usize,
}

impl Line {
    pub(super) fn new(tone: Tone, text: impl Into<String>) -> Self {
        Self { tone, text: text.into(), hang: 2 }
    }

    pub(super) fn hang(self, hang: usize) -> Self {
        Self { hang, ..self }
    }
}
