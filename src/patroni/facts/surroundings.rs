//! How Patroni runs on a host of which nothing is known yet.

use crate::kernel::facts::{Machine, Report};
use crate::patroni::config::FoundFile;

/// What the first look at a host tells.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Surroundings {
    pub machine: Machine,
    /// The units in which a Patroni is at work, such as `patroni` or `patroni@15-main`; empty where it runs outside.
    pub units: Vec<String>,
    /// The files with which a Patroni that is at work was started; empty: none is at work, or it names none.
    pub started_with: Vec<String>,
    /// Names of variables that a Patroni at work was given, and that go before its file, such as `PATRONI_NAME`.
    pub variables: Vec<String>,
    /// A Patroni is at work.
    pub runs: bool,
    /// Files of Patroni that are there.
    pub files: Vec<String>,
    /// `/etc/patroni/config.yml`, where it is there and can be read as one.
    pub file: Option<FoundFile>,
}

impl Surroundings {
    /// Reads what `adopt.sh` printed.
    pub fn read(report: &Report) -> Self {
        let words = |section: &str| report.words(section).into_iter().collect();
        Self {
            machine: Machine::read(report),
            units: words("patroni_units"),
            started_with: words("started_with"),
            variables: words("patroni_variables"),
            runs: !report.pids("patroni_processes").is_empty(),
            files: words("patroni_files"),
            file: report.section("config").and_then(FoundFile::read),
        }
    }
}
