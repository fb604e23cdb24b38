//! Keeping passwords out of everything that is shown, and putting them in at the very end.

use serde_yaml::Value;

use super::file::HEADER;
use super::foreign::{self, FOREIGN_SECRET};
use super::yaml::escaped;
use crate::kernel::inventory::secret_lines::secret_lines;
use crate::kernel::model::{SecretName, Secrets, one_line};
use crate::patroni::model::Account;

/// Shown in place of lines of a file that galactl did not write, and that may hold secrets.
const HIDDEN: &str = "# (not shown)";
/// The least length of a secret that is searched for in a text: a shorter one could stand there by chance.
const TELLING: usize = 8;
const LONGEST: usize = 500;

/// Why a value cannot be a password: it stands in one line of Patroni's file, and of the file that libpq reads.
pub fn fits(value: &str) -> Result<(), String> {
    // What is wrong with it may show a part of it.
    one_line(value, LONGEST).map_err(|_| format!("its value is not one line of 1 to {LONGEST} bytes"))
}

/// Puts the secrets' values where a rendered text holds their placeholders.
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

/// The passwords that a configuration of Patroni holds, whoever wrote it.
pub fn passwords_in(text: &str) -> Vec<(&'static SecretName, String)> {
    let Ok(config) = serde_yaml::from_str::<Value>(text) else { return Vec::new() };
    let password = |account: Account| {
        let login = config.get("postgresql")?.get("authentication")?.get(account.key())?;
        let value = login.get("password")?.as_str()?;
        let is_one = !value.is_empty() && !value.starts_with("${secret:");
        is_one.then(|| (account.password(), value.to_owned()))
    };
    Account::ALL.into_iter().filter_map(password).collect()
}

/// Replaces secrets in a file's text: the inventory's own by their placeholder, any other value that could be one by
/// [`FOREIGN_SECRET`].
pub fn redact(text: &str, secrets: &Secrets) -> String {
    if text.lines().next() != Some(HEADER) {
        return foreign::redact(text, secrets);
    }
    let text = without_values(text, secrets);
    by_lines(&text, &text.lines().map(|line| redact_own(line, secrets)).collect::<Vec<_>>())
}

/// The same of any other text, such as what a program says: lines that may hold a secret are hidden.
pub fn redact_words(text: &str, secrets: &Secrets) -> String {
    let text = without_values(text, secrets);
    let hidden = secret_lines(&text);
    let line = |(line, hidden): (&str, bool)| if hidden { HIDDEN.to_owned() } else { line.to_owned() };
    by_lines(&text, &text.lines().zip(hidden).map(line).collect::<Vec<_>>())
}

fn without_values(text: &str, secrets: &Secrets) -> String {
    let mut text = text.to_owned();
    for (name, secret) in secrets.iter().filter(|(_, secret)| secret.len() >= TELLING) {
        for spelling in [escaped(secret), secret.to_owned()] {
            text = text.replace(&spelling, &name.placeholder());
        }
    }
    text
}

/// A line of a file as galactl writes it: one key, one value.
fn redact_own(line: &str, secrets: &Secrets) -> String {
    let Some((name, value)) = line.split_once(": ") else { return line.to_owned() };
    if name.trim() != "password" {
        return line.to_owned();
    }
    let bare = value.trim_matches('"');
    let ours = |account: Account| {
        let password = account.password();
        bare == password.placeholder() || secrets.get(password).is_some_and(|secret| escaped(secret) == bare)
    };
    match Account::ALL.into_iter().find(|account| ours(*account)) {
        Some(_) if bare.starts_with("${secret:") => line.to_owned(),
        Some(account) => format!("{name}: \"{}\"", account.password()),
        None => format!("{name}: \"{FOREIGN_SECRET}\""),
    }
}

fn by_lines(text: &str, lines: &[String]) -> String {
    let end = if text.ends_with('\n') { "\n" } else { "" };
    lines.join("\n") + end
}
