//! A file of HAProxy as sections of lines. Nothing is refused: what is not understood is kept as words.

/// Words that begin a section (HAProxy's configuration manual, 2.1).
const SECTIONS: [&str; 19] = [
    "global",
    "defaults",
    "frontend",
    "backend",
    "listen",
    "peers",
    "mailers",
    "resolvers",
    "userlist",
    "program",
    "cache",
    "ring",
    "log-forward",
    "log-profile",
    "http-errors",
    "fcgi-app",
    "crt-store",
    "traces",
    "acme",
];

/// A section: its first line, and those below it.
#[derive(Debug)]
pub struct Section {
    pub head: Line,
    pub lines: Vec<Line>,
}

/// A line that says something.
#[derive(Debug)]
pub struct Line {
    /// Counted from 1.
    pub number: usize,
    /// Never empty.
    pub words: Vec<String>,
}

impl Line {
    /// The word at this place; empty where there is none.
    pub fn word(&self, at: usize) -> &str {
        self.words.get(at).map_or("", String::as_str)
    }
}

impl Section {
    pub fn is(&self, kind: &str) -> bool {
        self.head.word(0) == kind
    }

    /// True where both are the same section of one file.
    pub fn is_at(&self, other: &Self) -> bool {
        self.head.number == other.head.number
    }

    pub fn name(&self) -> &str {
        self.head.word(1)
    }

    /// As a note says it: `listen galera`.
    pub fn title(&self) -> String {
        match self.name() {
            "" => self.head.word(0).to_owned(),
            name => format!("{} {name}", self.head.word(0)),
        }
    }

    /// The lines with this first word.
    pub fn all<'a>(&'a self, word: &'a str) -> impl Iterator<Item = &'a Line> {
        self.lines.iter().filter(move |line| line.word(0) == word)
    }
}

/// Reads a file. What stands above the first section belongs to none, and HAProxy refuses it.
pub fn sections(text: &str) -> Vec<Section> {
    let mut sections: Vec<Section> = Vec::new();
    for (index, text) in text.lines().enumerate() {
        let words = words(text);
        if words.is_empty() {
            continue;
        }
        let line = Line { number: index + 1, words };
        if SECTIONS.contains(&line.word(0)) {
            sections.push(Section { head: line, lines: Vec::new() });
        } else if let Some(section) = sections.last_mut() {
            section.lines.push(line);
        }
    }
    sections
}

/// HAProxy quotes as a shell does (2.2). A line that no shell would read is taken word by word.
fn words(line: &str) -> Vec<String> {
    shlex::split(line).unwrap_or_else(|| {
        let bare = line.split_whitespace().take_while(|word| !word.starts_with('#'));
        bare.map(str::to_owned).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_quotes_and_indents_make_no_difference() {
        let text = "# first\nglobal\n\tmaxconn 10 # many\n\nlisten a\\ b\n  server \"x y\" 10.0.0.1:3306 check\n\
                    # server z 10.0.0.2\ndefaults\n  errorfile 400 it's\n";
        let read = sections(text);
        let titles: Vec<_> = read.iter().map(Section::title).collect();
        assert_eq!(titles, ["global", "listen a b", "defaults"]);
        assert_eq!(read[0].lines[0].words, ["maxconn", "10"]);
        assert_eq!((read[1].lines[0].word(1), read[1].lines[0].number), ("x y", 6));
        assert_eq!(read[1].lines.len(), 1);
        assert_eq!(read[2].lines[0].words, ["errorfile", "400", "it's"]);
        assert!(sections("maxconn 10\n\"").is_empty());
    }
}
