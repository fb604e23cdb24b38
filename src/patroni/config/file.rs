//! A file as it is to be on a host.

use crate::kernel::facts::ConfigFile;
use crate::kernel::model::HostName;
use crate::kernel::plan::{Check, Follows, PutFile, diff};

/// The first line of every file. [`Program`](crate::kernel::facts::Program) knows galactl's files by it.
pub const HEADER: &str = "# Written by galactl from the inventory: change it there, not here.";

/// True of a text that galactl wrote.
pub fn is_galactls(text: &str) -> bool {
    text.lines().next() == Some(HEADER)
}

/// A file: where it is, whose, and its whole text, in which secrets stand as placeholders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// What it is to its role, as [`PutFile::artefact`].
    pub artefact: &'static str,
    pub path: &'static str,
    pub owner: &'static str,
    pub group: &'static str,
    /// Octal.
    pub mode: &'static str,
    pub text: String,
}

impl File {
    /// Root's, and readable for all: there is no secret in it.
    pub(super) fn of_root(artefact: &'static str, path: &'static str, text: String) -> Self {
        Self { artefact, path, owner: "root", group: "root", mode: "644", text }
    }

    /// The same as a plan puts it in place. `there`: what is there now, its secrets replaced. Nothing tries it: Patroni's
    /// own check of a configuration fails where a server runs already. What follows is for the plan to say.
    pub fn put(&self, host: &HostName, there: Option<&ConfigFile>) -> PutFile {
        PutFile {
            artefact: self.artefact.into(),
            stage: None,
            path: self.path.into(),
            owner: self.owner.into(),
            group: self.group.into(),
            mode: self.mode.into(),
            check: Check::none(),
            follows: Follows::Nothing,
            replaces: there.is_some(),
            diff: diff(host, self.path, there.map(|it| it.text.as_str()), &self.text),
            text: self.text.clone(),
        }
    }
}
