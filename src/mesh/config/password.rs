//! The password with which nodes read each other's changes: where it stands, and how it is kept out of everything else.

use super::server::HEADER;
use crate::kernel::facts::ConfigFile;
use crate::kernel::model::{HostName, SecretName, Secrets, one_line};
use crate::kernel::plan::{Check, Follows, PutFile, diff};
use crate::mesh::model::{ACCOUNT, MESH_PASSWORD, PASSWORD_FILE};

/// The least length of a secret that is searched for in a text: a shorter one could stand there by chance.
const TELLING: usize = 8;
const LONGEST: usize = 500;

/// Why a value cannot be the password: it stands in one line of the file that libpq reads.
pub fn fits(value: &str) -> Result<(), String> {
    // What is wrong with it may show a part of it.
    one_line(value, LONGEST).map_err(|_| format!("its value is not one line of 1 to {LONGEST} bytes"))
}

/// The file from which libpq takes the password. libpq reads it only while nobody else may.
pub fn password_file(host: &HostName, there: Option<&ConfigFile>) -> PutFile {
    let text = format!("{HEADER}\n*:*:*:{ACCOUNT}:{MESH_PASSWORD}\n");
    PutFile {
        artefact: "password".into(),
        stage: None,
        path: PASSWORD_FILE.into(),
        owner: "postgres".into(),
        group: "postgres".into(),
        mode: "600".into(),
        check: Check::none(),
        follows: Follows::Nothing,
        replaces: there.is_some(),
        diff: diff(host, PASSWORD_FILE, there.map(|it| it.text.as_str()), &text),
        text,
    }
}

/// Puts the secrets' values where a text holds their placeholders.
///
/// Errors: a placeholder without a value, or a value that does not [fit](fits).
pub fn fill_in(text: &str, secrets: &Secrets) -> Result<String, String> {
    let mut filled = text.to_owned();
    for name in SecretName::all_in(text) {
        let value = secrets.get(&name).ok_or_else(|| format!("no value for {name}"))?;
        fits(value).map_err(|why| format!("{name}: {why}"))?;
        filled = filled.replace(&name.placeholder(), &escaped(value));
    }
    Ok(filled)
}

/// The password that a node's file has.
pub fn password_in(text: &str) -> Option<String> {
    let line = text.lines().find_map(|line| line.strip_prefix(&format!("*:*:*:{ACCOUNT}:")))?;
    let mut value = String::new();
    let mut letters = line.chars();
    while let Some(letter) = letters.next() {
        value.push(if letter == '\\' { letters.next()? } else { letter });
    }
    (!value.is_empty()).then_some(value)
}

/// A text without the secrets' values, in either spelling.
pub fn redact(text: &str, secrets: &Secrets) -> String {
    let mut text = text.to_owned();
    for (name, secret) in secrets.iter().filter(|(_, secret)| secret.len() >= TELLING) {
        for spelling in [escaped(secret), secret.to_owned()] {
            text = text.replace(&spelling, &name.placeholder());
        }
    }
    text
}

/// As a field of libpq's password file has it. Source: PostgreSQL's documentation, "The Password File".
fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace(':', "\\:")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_comes_back_as_it_was() {
        let mut secrets = Secrets::default();
        for value in ["plain-and-long", r"a:b\c:\\d", "ends in \\"] {
            secrets.insert(MESH_PASSWORD, value.into());
            let file = password_file(&"pg1".parse().unwrap(), None);
            let filled = fill_in(&file.text, &secrets).unwrap();
            assert_eq!(password_in(&filled).as_deref(), Some(value));
            assert_eq!(filled.lines().count(), 2, "{filled}");
            assert_eq!(redact(&filled, &secrets), file.text);
        }
        secrets.insert(MESH_PASSWORD, "a\nb".into());
        assert!(fill_in(&format!("{MESH_PASSWORD}"), &secrets).is_err());
    }
}
