//! What a script that looks at a host prints, cut into its sections.

use std::collections::{BTreeMap, BTreeSet};

/// Sections that `machine.sh` prints.
const MACHINE: [&str; 3] = ["os", "machine", "host_keys"];

/// A report that is not whole, so that nothing may be concluded from it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the host's report is not whole: {0}")]
pub struct Malformed(pub &'static str);

/// The sections of a report. They may hold secrets in clear text; whoever reads facts from them replaces
/// those.
pub struct Report {
    sections: BTreeMap<String, String>,
}

impl Report {
    /// Splits a report into its sections: a line `@name`, then its lines, each behind a `|`. Text outside
    /// sections (a login banner) is dropped.
    ///
    /// Errors: it has no section `end`.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let mut sections: BTreeMap<String, String> = BTreeMap::new();
        let mut current: Option<&mut String> = None;
        for line in text.lines() {
            if let Some(name) = line.strip_prefix('@') {
                current = Some(sections.entry(name.to_owned()).or_default());
            } else if let (Some(content), Some(section)) = (line.strip_prefix('|'), current.as_mut()) {
                section.push_str(content);
                section.push('\n');
            }
        }
        if !sections.contains_key("end") {
            return Err(Malformed("it breaks off"));
        }
        Ok(Self { sections })
    }

    /// With what another report on the same host tells of the machine.
    pub fn with_machine_of(mut self, other: &Self) -> Self {
        for section in MACHINE {
            let text = other.text(section).to_owned() + self.text(section);
            self.sections.insert(section.into(), text);
        }
        self
    }

    /// A section's text, where there is one.
    pub fn section(&self, name: &str) -> Option<&str> {
        self.sections.get(name).map(String::as_str)
    }

    /// The sections whose names begin so: the rest of each name, and the text.
    pub fn named<'a>(&'a self, beginning: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.sections
            .iter()
            .filter_map(move |(name, text)| Some((name.strip_prefix(beginning)?, text.as_str())))
    }

    pub fn has(&self, section: &str) -> bool {
        self.sections.contains_key(section)
    }

    /// A section's text; empty where there is none.
    pub fn text(&self, section: &str) -> &str {
        self.section(section).unwrap_or_default()
    }

    /// The lines of a section that are not empty.
    pub fn lines(&self, section: &str) -> impl Iterator<Item = &str> {
        self.text(section).lines().filter(|line| !line.is_empty())
    }

    /// `KEY=value` lines, quotes around the value dropped.
    pub fn pairs(&self, section: &str) -> BTreeMap<String, String> {
        self.lines(section)
            .filter_map(|line| line.split_once('='))
            .map(|(key, value)| (key.to_owned(), value.trim().trim_matches('"').to_owned()))
            .collect()
    }

    /// `name<TAB>value` lines, as a database client prints rows.
    pub fn rows(&self, section: &str) -> BTreeMap<String, String> {
        self.lines(section)
            .filter_map(|line| line.split_once('\t'))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }

    /// Names and versions of the installed packages in the section `packages`, as dpkg-query prints them.
    pub fn packages(&self) -> BTreeMap<String, String> {
        self.lines("packages")
            .filter_map(|line| {
                let mut fields = line.split('\t');
                let (name, status, version) = (fields.next()?, fields.next()?, fields.next()?);
                (status == "installed").then(|| (name.to_owned(), version.to_owned()))
            })
            .collect()
    }

    /// Process ids, one a line.
    pub fn pids(&self, section: &str) -> Vec<u32> {
        self.lines(section).filter_map(|pid| pid.trim().parse().ok()).collect()
    }

    /// Lines as a set of texts.
    pub fn words(&self, section: &str) -> BTreeSet<String> {
        self.lines(section).map(str::to_owned).collect()
    }
}
