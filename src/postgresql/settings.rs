//! Which settings PostgreSQL has, and what may stand in an inventory for one.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::Major;
use crate::kernel::inventory::Settings;
use crate::kernel::inventory::note::Note;
use crate::kernel::inventory::places::join;
use crate::kernel::inventory::raw::RawSettings;
use crate::kernel::inventory::secret_lines::names_secret;
use crate::kernel::inventory::text::shown;
use crate::kernel::inventory::wording::suggest;
use crate::kernel::model::one_line;

/// Why a setting cannot be taken from an inventory.
#[derive(Debug)]
pub struct Wrong {
    pub code: &'static str,
    pub message: String,
    pub hint: String,
    /// The name is at fault, not the value.
    pub on_name: bool,
}

/// Every setting of a server: `NAME`, or `NAME 15` of one version alone. Source: `postgres --describe-config` of 15.20 and
/// 17.12, and the validators of Patroni 3.0.2 and 4.0.7, which hands on no other name.
const NAMES: &str = include_str!("setting_names.txt");

/// A name, and the one version that has it; `None`: all have it.
type Known = (&'static str, Option<Major>);

static SETTINGS: LazyLock<Vec<Known>> = LazyLock::new(|| NAMES.lines().map(known).collect());

fn known(line: &'static str) -> Known {
    match line.split_once(' ') {
        Some((name, "15")) => (name, Some(Major::Fifteen)),
        Some((name, _)) => (name, Some(Major::Seventeen)),
        None => (line, None),
    }
}

const LONGEST_VALUE: usize = 4000;

/// PostgreSQL takes names in any case; this is the one spelling used inside.
pub fn canonical(name: &str) -> String {
    name.to_ascii_lowercase()
}

/// PostgreSQL itself has a setting of this name.
pub fn is_known(name: &str) -> bool {
    SETTINGS.iter().any(|(known, _)| *known == name)
}

/// Some version has no setting of this name. Settings of extensions, which have a dot, are not known.
pub fn is_missing_in(name: &str, major: Major) -> bool {
    let only = SETTINGS.iter().find(|(known, _)| *known == name).and_then(|(_, only)| *only);
    only.is_some_and(|only| only != major)
}

/// With so many errors, no more settings are checked: nobody reads more, and finding the nearest known name takes time.
const ENOUGH: usize = 100;

/// What is wrong with a map of settings, each note at its setting. `path`: that of the map. `check`: what else must hold.
pub fn notes(
    raw: Option<&RawSettings>,
    path: &str,
    check: impl Fn(&str, &str) -> Result<(), Wrong>,
) -> Vec<Note> {
    let (mut spellings, mut notes) = (BTreeMap::new(), Vec::new());
    for (name, value) in raw.into_iter().flatten() {
        if notes.len() >= ENOUGH {
            break;
        }
        if let Some(other) = spellings.insert(canonical(name), name) {
            let message = format!("`{}` and `{}` are one setting", shown(name), shown(other));
            let note = Note::error("duplicate-setting", join(path, name), message).at_key();
            notes.push(note.hint("keep one of them"));
        }
        if let Err(wrong) = check(name, &value.0) {
            let note = Note::error(wrong.code, join(path, name), wrong.message).hint(wrong.hint);
            let note = match wrong.code {
                "unknown-setting" | "setting-name" => note.at_unknown_name(),
                _ if wrong.on_name => note.at_key(),
                _ => note,
            };
            notes.push(if holds_secret(name) { note.discreet() } else { note });
        }
    }
    notes
}

/// The settings of one server: those of all, and its own before them.
pub fn merged(common: Option<&RawSettings>, own: Option<&RawSettings>) -> Settings {
    let entries = common.into_iter().chain(own).flatten();
    entries.map(|(name, value)| (canonical(name), value.0.clone())).collect()
}

/// Checks how a setting is written, and gives its one spelling.
pub fn check_writing(name: &str, value: &str) -> Result<String, Wrong> {
    check_name(name)?;
    check_value(value)?;
    Ok(canonical(name))
}

/// Checks that there is a setting of this name, and that its value is no secret. Those of extensions, which have a dot, are
/// not known.
pub fn check_known(name: &str) -> Result<(), Wrong> {
    refuse_secret(name)?;
    if name.contains('.') || is_known(name) {
        return Ok(());
    }
    let names: Vec<_> = SETTINGS.iter().map(|(known, _)| *known).collect();
    Err(Wrong {
        code: "unknown-setting",
        message: format!("`{name}` is no setting of PostgreSQL 15 or 17"),
        hint: suggest(name, &names),
        on_name: true,
    })
}

/// Only an extension has settings whose value is a secret.
fn refuse_secret(name: &str) -> Result<(), Wrong> {
    if !holds_secret(name) {
        return Ok(());
    }
    Err(Wrong {
        code: "secret-in-clear",
        message: format!("`{name}` looks like a secret, which never stands in an inventory"),
        hint: "set it in the database: ALTER SYSTEM, or ALTER ROLE … SET".into(),
        on_name: true,
    })
}

/// True of a setting whose value may be a secret.
pub fn holds_secret(name: &str) -> bool {
    let is_known = SETTINGS.iter().any(|(known, _)| name.eq_ignore_ascii_case(known));
    !is_known && names_secret(name)
}

fn check_name(name: &str) -> Result<(), Wrong> {
    let begins = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
    if begins && name.chars().all(fits) && name.len() <= 63 && !name.ends_with('.') {
        return Ok(());
    }
    Err(Wrong {
        code: "setting-name",
        message: format!("`{}` is no name of a setting", name.escape_debug()),
        hint: "it is made of letters, digits and `_`; of an extension, with a dot".into(),
        on_name: true,
    })
}

/// It is put between quotes, and those in it are doubled. A line break would end the line.
fn check_value(value: &str) -> Result<(), Wrong> {
    if value.is_empty() {
        return Ok(());
    }
    one_line(value, LONGEST_VALUE).map_err(|reason| Wrong {
        code: "value",
        message: format!("the value {reason}"),
        hint: "a setting's value is one line of text".into(),
        on_name: false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_are_in_order() {
        assert!(SETTINGS.len() > 300);
        assert!(SETTINGS.is_sorted_by_key(|(name, _)| *name));
    }

    #[test]
    fn a_setting_of_one_version_is_missing_in_the_other() {
        assert!(is_missing_in("transaction_timeout", Major::Fifteen));
        assert!(!is_missing_in("transaction_timeout", Major::Seventeen));
        assert!(is_missing_in("old_snapshot_threshold", Major::Seventeen));
        assert!(!is_missing_in("work_mem", Major::Fifteen));
        assert!(!is_missing_in("pglogical.conflict_resolution", Major::Fifteen));
    }
}
