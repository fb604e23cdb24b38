//! Files that a plan puts in place.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use similar::TextDiff;

use crate::kernel::facts::ConfigFile;
use crate::kernel::model::{HostName, UnitName};

/// A file of settings: what it is, where it goes, and what is in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PutFile {
    /// What it is to its role: [`PutFile::SETTINGS`], or a name of its own where a role has several files.
    pub artefact: String,
    /// Which version of it, where a plan puts several in place one after the other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<String>,
    pub path: String,
    pub owner: String,
    pub group: String,
    /// Octal.
    pub mode: String,
    /// The whole text, in which secrets stand as placeholders.
    pub text: String,
    /// Who must accept it before it is put in place.
    pub check: Check,
    /// What makes it take effect.
    pub follows: Follows,
    /// There is a file of this name, which is kept beside the new one.
    pub replaces: bool,
    /// A unified diff of what is there now and the new text, secrets replaced on both sides.
    pub diff: String,
}

/// How a file is tried before it is put in place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// Who reads it, in a word: `server`, `shell`.
    pub reader: String,
    /// The program and its arguments; [`Check::CANDIDATE`] in one of them is the path of the new file.
    pub command: Vec<String>,
}

/// What makes a file take effect, once it is in place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Follows {
    /// Nothing need follow: it is read at the next start.
    Nothing,
    Reload(UnitName),
    Restart(UnitName),
}

impl Check {
    /// Stands in a check's command where the path of the file to try goes.
    pub const CANDIDATE: &str = "{candidate}";

    pub fn new(reader: &str, command: &[&str]) -> Self {
        Self { reader: reader.into(), command: command.iter().map(|word| (*word).to_owned()).collect() }
    }

    /// Nothing tries it.
    pub fn none() -> Self {
        Self::new("host", &["true"])
    }

    /// A shell reads it as settings.
    pub fn shell() -> Self {
        Self::new("shell", &["bash", "-n", Self::CANDIDATE])
    }
}

impl PutFile {
    /// The artefact of a role's own file of settings.
    pub const SETTINGS: &str = "config";

    /// A role's file of settings, root's and readable for all, in place of what is there. Nothing tries it, and
    /// nothing follows.
    pub fn of_root(host: &HostName, path: &str, text: String, there: Option<&ConfigFile>) -> Self {
        Self {
            artefact: Self::SETTINGS.into(),
            stage: None,
            path: path.into(),
            owner: "root".into(),
            group: "root".into(),
            mode: "644".into(),
            check: Check::none(),
            follows: Follows::Nothing,
            replaces: there.is_some(),
            diff: diff(host, path, there.map(|there| there.text.as_str()), &text),
            text,
        }
    }

    /// The file is there, and is this one.
    pub fn is_there(&self, there: Option<&ConfigFile>) -> bool {
        there.is_some_and(|there| self.is_in_place(there))
    }

    /// Tells it from the other files, and the other stages, of its role: the end of its step's id.
    pub fn what(&self) -> String {
        let stage = self.stage.iter().map(|stage| format!("-{stage}"));
        self.artefact.clone() + &stage.collect::<String>()
    }

    /// The file is there, and is this one.
    pub fn is_in_place(&self, there: &ConfigFile) -> bool {
        there.text == self.text
            && (&there.mode, &there.owner, &there.group) == (&self.mode, &self.owner, &self.group)
    }
}

/// What changes in a file, unified; of one that is not there, all of it is new.
pub fn diff(host: &HostName, path: &str, before: Option<&str>, text: &str) -> String {
    let new = format!("{host}:{path}");
    let old = if before.is_some() { &new } else { "/dev/null" };
    let diff = TextDiff::from_lines(before.unwrap_or_default(), text);
    diff.unified_diff().header(old, &new).to_string()
}
