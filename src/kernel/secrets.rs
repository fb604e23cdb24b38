//! References to secrets → their values. The only place that reads them.

use std::path::Path;
use std::process::{Command, Stdio};

use secrecy::SecretString;

use super::model::SecretRef;
use super::random;

/// Why a secret has no value. The value never stands in it.
#[derive(Debug, thiserror::Error)]
#[error("{what}: {why}")]
pub struct SecretError {
    what: String,
    why: String,
}

/// Reads the value of a secret that does not depend on what the hosts say; `None`: it is generated. Paths are
/// relative to `base`, the inventory's directory. `fits`: why a value cannot stand where it is to go.
pub fn resolve(
    reference: &SecretRef,
    base: &Path,
    fits: impl Fn(&str) -> Result<(), String>,
) -> Result<Option<String>, SecretError> {
    let value = value(reference, base)?;
    if let Some(value) = &value {
        let wrong = if value.is_empty() { Err("it is empty".into()) } else { fits(value) };
        wrong.map_err(|why| SecretError { what: describe(reference), why })?;
    }
    Ok(value)
}

/// The whole text of a secret that has many lines, such as a key.
///
/// Errors: it cannot be read, or it is one that is generated.
pub fn text(reference: &SecretRef, base: &Path) -> Result<SecretString, SecretError> {
    let wrong = |why: String| SecretError { what: describe(reference), why };
    let text = match reference {
        SecretRef::File(file) => {
            std::fs::read_to_string(base.join(file)).map_err(|error| wrong(error.to_string()))?
        }
        SecretRef::Command(words) => output(words).map_err(wrong)?,
        SecretRef::Env(_) | SecretRef::Generated => {
            value(reference, base)?.ok_or_else(|| wrong("nobody has made it".into()))?
        }
    };
    Ok(SecretString::from(text))
}

fn value(reference: &SecretRef, base: &Path) -> Result<Option<String>, SecretError> {
    let wrong = |why: String| SecretError { what: describe(reference), why };
    match reference {
        SecretRef::Generated => Ok(None),
        SecretRef::Env(name) => std::env::var(name).map(Some).map_err(|error| wrong(error.to_string())),
        SecretRef::File(file) => {
            let text = std::fs::read_to_string(base.join(file)).map_err(|error| wrong(error.to_string()))?;
            Ok(Some(text.strip_suffix('\n').unwrap_or(&text).trim_end_matches('\r').to_owned()))
        }
        SecretRef::Command(words) => run(words).map(Some).map_err(wrong),
    }
}

fn run(words: &[String]) -> Result<String, String> {
    output(words)?.lines().next().map(str::to_owned).ok_or_else(|| "it printed nothing".into())
}

fn output(words: &[String]) -> Result<String, String> {
    let (program, arguments) = words.split_first().ok_or("no command")?;
    let output = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(format!("it ended with {}", output.status));
    }
    Ok(String::from_utf8(output.stdout).map_err(|_| "its output is not UTF-8")?)
}

fn describe(reference: &SecretRef) -> String {
    match reference {
        SecretRef::Env(name) => format!("secret from the environment variable {name}"),
        SecretRef::File(file) => format!("secret from the file {file}"),
        SecretRef::Command(words) => {
            format!("secret from the command {}", words.first().map_or("", String::as_str))
        }
        SecretRef::Generated => "generated secret".into(),
    }
}

/// A new password: 32 letters and digits, about 190 bits.
pub fn generate() -> String {
    const ALPHABET: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz0123456789";
    let mut password = String::new();
    let mut bytes = [0u8; 64];
    while password.len() < 32 {
        random::fill(&mut bytes);
        // Rejecting the bytes past the last whole alphabet keeps every letter equally likely.
        let whole = 256 - 256 % ALPHABET.len();
        let letters = bytes.iter().filter(|byte| usize::from(**byte) < whole);
        password.extend(letters.map(|byte| char::from(ALPHABET[usize::from(*byte) % ALPHABET.len()])));
    }
    password.truncate(32);
    password
}
