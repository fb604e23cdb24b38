//! Values as they are written → values that are valid by their type.

use std::str::FromStr;

use super::note::Note;
use super::raw::RawSecret;
use super::text::shown;
use super::wording::SOURCES;
use crate::kernel::model::{Invalid, SecretRef};

/// Checks values; what is wrong is gathered.
#[derive(Debug, Default)]
pub struct Values {
    pub notes: Vec<Note>,
}

impl Values {
    pub fn parse<T: FromStr<Err = Invalid>>(&mut self, text: &str, path: &str) -> Option<T> {
        text.parse().map_err(|reason| self.wrong("value", path, text, &reason)).ok()
    }

    pub fn wrong(&mut self, code: &'static str, path: &str, text: &str, reason: &Invalid) {
        if path.ends_with("user") && text.contains(':') || text.split(',').any(holds_password) {
            let note = Note::error(code, path, "a login's name holds no `:`").discreet();
            self.notes.push(note.hint("a password has no place here"));
            return;
        }
        let message =
            if text.is_empty() { format!("it {reason}") } else { format!("`{}` {reason}", shown(text)) };
        let note = Note::error(code, path, message);
        self.notes.push(match code {
            "path" => note.hint("letters, digits and / . _ - + may stand here, and no `..`"),
            "ssh" => note.hint("no quotes, no line breaks, and no dash at its beginning"),
            _ => note,
        });
    }

    /// Where a secret comes from. Default: galactl generates it.
    pub fn secret(&mut self, raw: Option<&RawSecret>, path: &str) -> Option<SecretRef> {
        let Some(raw) = raw else { return Some(SecretRef::Generated) };
        let none = RawSecret::default();
        let RawSecret { env, file, command, generate } = raw;
        let sources = [env.is_some(), file.is_some(), command.is_some(), generate.is_some()];
        let one = if sources.iter().filter(|given| **given).count() == 1 { raw } else { &none };
        let reference = match one {
            RawSecret { env: Some(name), .. } if !name.is_empty() && !name.contains(['=', '\0']) => {
                Some(SecretRef::Env(name.clone()))
            }
            RawSecret { file: Some(file), .. } if !file.is_empty() => Some(SecretRef::File(file.clone())),
            RawSecret { command: Some(words), .. } if words.first().is_some_and(|word| !word.is_empty()) => {
                Some(SecretRef::Command(words.clone()))
            }
            RawSecret { generate: Some(true), .. } => Some(SecretRef::Generated),
            _ => None,
        };
        if reference.is_none() {
            let note =
                Note::error("secret", path, "exactly one source of the secret is needed here").at_key();
            self.notes.push(note.hint(SOURCES));
        }
        reference
    }

    /// An absolute path on a host, plain enough for every place it is put into.
    pub fn remote_path(&mut self, raw: Option<&String>, path: &str) -> Option<String> {
        let text = raw?;
        let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+".contains(c);
        if !text.starts_with('/') || !text.chars().all(plain) || text.split('/').any(|part| part == "..") {
            let reason = Invalid("is not a plain absolute path".into());
            self.wrong("path", path, text, &reason);
            return None;
        }
        Some(text.clone())
    }
}

/// Some write a password behind a login's name, and a `:` between them.
pub(super) fn holds_password(hop: &str) -> bool {
    hop.split_once('@').is_some_and(|(login, _)| login.contains(':'))
}
