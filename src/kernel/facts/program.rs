//! A program of a package on a host: its unit, and the files that it reads.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::fingerprint::list;
use super::{ConfigFile, Fingerprint, Machine, Malformed, Report, UnitFacts};

/// The script that looks at a program; it follows [`super::HEAD`], and is called with [`Program::arguments`].
pub const PROGRAM: &str = include_str!("program.sh");

/// What the first or the second line of each file that galactl writes says behind the marks of a comment.
const OURS: &str = "Written by galactl";

/// What a program is made of on its host.
#[derive(Debug, Clone)]
pub struct Program<'a> {
    /// Its name, which its unit has too.
    pub name: &'a str,
    /// TCP ports that no other program may have.
    pub ports: Vec<u16>,
    /// The packages, the one with the program itself first.
    pub packages: &'a [&'a str],
    pub files: &'a [File],
}

/// A file that a program reads.
#[derive(Debug)]
pub struct File {
    /// Its name among the program's files, which is that of its section in a report.
    pub artefact: &'static str,
    pub path: &'static str,
    /// The systemd unit that reads it when it starts or reloads; empty where it takes effect in another way.
    pub unit: &'static str,
}

impl Program<'_> {
    /// What [`PROGRAM`] is called with.
    pub fn arguments(&self) -> Vec<String> {
        let ports: Vec<_> = self.ports.iter().map(u16::to_string).collect();
        let own = [self.name.to_owned(), ports.join(" "), self.packages.join(" ")];
        let files = self.files.iter().flat_map(|file| [file.artefact, file.path, file.unit]);
        own.into_iter().chain(files.map(str::to_owned)).collect()
    }
}

/// A program as one look found it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ProgramFacts {
    #[serde(flatten)]
    pub machine: Machine,
    /// The version of the first package; `None`: one of its packages is not installed.
    pub package: Option<String>,
    pub unit: UnitFacts,
    /// A unit was started before a file of its was written that is there now.
    pub stale: bool,
    /// Its files, by their names among them.
    pub files: BTreeMap<String, ConfigFile>,
    /// Those of them that are as the package has them.
    pub pristine: Vec<String>,
    /// Its ports that other programs have: `3306 mariadbd`.
    pub taken: Vec<String>,
}

impl ProgramFacts {
    /// Reads what [`PROGRAM`] printed. `shown`: a file as it may be shown, its secrets replaced.
    ///
    /// Errors: it does not tell of the unit.
    pub fn read(
        program: &Program<'_>,
        report: &Report,
        shown: impl Fn(&str) -> String,
    ) -> Result<Self, Malformed> {
        if !report.has("unit") {
            return Err(Malformed("no unit in it"));
        }
        let installed = report.packages();
        let all = program.packages.iter().all(|package| installed.contains_key(*package));
        let file =
            |file: &File| Some((file.artefact.to_owned(), ConfigFile::of(report, file.artefact, &shown)?));
        Ok(Self {
            machine: Machine::read(report),
            package: installed.get(program.packages[0]).filter(|_| all).cloned(),
            unit: UnitFacts::read(report),
            stale: report.has("stale"),
            files: program.files.iter().filter_map(file).collect(),
            pristine: report.lines("pristine").map(str::to_owned).collect(),
            taken: report.lines("taken").map(str::to_owned).collect(),
        })
    }

    /// What of it decides what a plan does there, and what else a role knows.
    pub fn fingerprint(&self, role: &str, more: Vec<(&'static str, String)>) -> Fingerprint {
        let file = |(name, file): (&String, &ConfigFile)| format!("{name} {}", file.in_words());
        let mut facts = vec![
            ("packages", list(&self.package, Clone::clone)),
            ("unit", self.unit.in_words()),
            ("settings", list(self.files.iter(), file)),
        ];
        facts.extend(more);
        Fingerprint::of(self.machine.fingerprint(), role, facts)
    }

    /// One of its files.
    pub fn file(&self, artefact: &str) -> Option<&ConfigFile> {
        self.files.get(artefact)
    }

    /// The file is as the package has it.
    pub fn is_pristine(&self, artefact: &str) -> bool {
        self.pristine.iter().any(|it| it == artefact)
    }

    /// A file that is another one's work: its name among the files.
    pub fn anothers(&self) -> Option<&str> {
        let foreign =
            |(name, there): &(&String, &ConfigFile)| !self.is_pristine(name) && !is_ours(&there.text);
        self.files.iter().find(foreign).map(|(name, _)| name.as_str())
    }
}

/// The file says that galactl wrote it, whatever begins a comment there.
pub fn is_ours(text: &str) -> bool {
    text.lines().take(2).any(|line| line.trim_start_matches(['#', '-', ' ', '<', '!']).starts_with(OURS))
}
