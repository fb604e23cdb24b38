//! Keeping secrets out of a file of Patroni that somebody else wrote.

use serde_yaml::Value;

use crate::kernel::inventory::secret_lines::{secret_in, tells_secret};
use crate::kernel::model::Secrets;
use crate::patroni::model::Account;

/// Shown where a file holds a secret that is not the inventory's.
pub const FOREIGN_SECRET: &str = "${secret:another-value}";
const HIDDEN: &str = "# (not shown)";
/// Values of keys with these in their names are secrets.
const TELLING: [&str; 4] = ["password", "passwd", "secret", "token"];
/// Patroni's own files have a few kilobytes.
const LONGEST: usize = 256 << 10;

/// Replaces secrets in a file of Patroni: the inventory's own by their placeholders, others by a placeholder that
/// names none. Where that cannot be done line by line, the file is shown as its values alone; where it is no
/// YAML, nothing of it is shown.
pub fn redact(text: &str, secrets: &Secrets) -> String {
    let value = Some(text).filter(|text| text.len() <= LONGEST).and_then(parsed);
    let Some(mut value) = value else { return format!("{HIDDEN}: it is not YAML with keys and values\n") };
    let mut found = Vec::new();
    replace_logins(&mut value, secrets, &mut found);
    replace(&mut value, false, secrets, &mut found);
    found.sort_by_key(|(secret, _)| std::cmp::Reverse(secret.len()));
    let lines: String = text.lines().map(|line| shown_line(line, &found) + "\n").collect();
    // The proof that no secret is left, however the file spells it.
    let shown = match parsed(&lines) {
        Some(shown) if shown == value && !holds_any(&lines, &found) => lines,
        _ => serde_yaml::to_string(&value).unwrap_or_else(|_| HIDDEN.to_owned()),
    };
    let leaks = secrets.iter().any(|(_, secret)| secret.len() >= LONG && shown.contains(secret));
    if leaks { format!("{HIDDEN}: a secret stands where none is expected\n") } else { shown }
}

fn parsed(text: &str) -> Option<Value> {
    serde_yaml::from_str(text).ok().filter(Value::is_mapping)
}

/// A secret of this length stands in no text by chance.
const LONG: usize = 8;

/// Long secrets must not stand anywhere; a short one could be a part of any word.
fn holds_any(text: &str, found: &[(String, String)]) -> bool {
    found.iter().any(|(secret, _)| secret.len() >= LONG && text.contains(secret.as_str()))
}

fn is_telling(name: &str) -> bool {
    let name = name.to_lowercase();
    // `restapi.auth` is a name and a password in one.
    name == "auth" || TELLING.iter().any(|part| name.contains(part))
}

/// A secret may stand in this value behind its name, as in `PGPASSWORD=…` or `ldapbindpasswd="…"`, or in a URL.
pub fn may_hold_secret(value: &str) -> bool {
    tells_secret(value) || has_login(value)
}

/// `scheme://user:password@host`
fn has_login(value: &str) -> bool {
    value.split("://").skip(1).any(|rest| {
        let authority = rest.split(['/', ' ', '"', '\'']).next().unwrap_or_default();
        authority.rsplit_once('@').is_some_and(|(login, _)| login.contains(':'))
    })
}

/// A value of the dynamic configuration as it may be shown. `path`: where it stands there.
pub fn shown(path: &str, value: &str) -> String {
    // Names of settings of the server tell of no secrets: `password_encryption`, `authentication_timeout`.
    let named = !path.starts_with("postgresql.parameters.") && secret_in(path).is_some();
    if named || may_hold_secret(value) { FOREIGN_SECRET.to_owned() } else { value.to_owned() }
}

/// The passwords of Patroni's accounts, each by its own name: two accounts may have the same one.
fn replace_logins(value: &mut Value, secrets: &Secrets, found: &mut Vec<(String, String)>) {
    for account in Account::ALL {
        let path = ["postgresql", "authentication", account.key(), "password"];
        let password = path.iter().try_fold(&mut *value, |value, key| value.get_mut(*key));
        let (Some(password), Some(own)) = (password, secrets.get(account.password())) else { continue };
        if !own.is_empty() && password.as_str() == Some(own) {
            found.push((own.to_owned(), account.password().placeholder()));
            *password = Value::String(account.password().placeholder());
        }
    }
}

/// Replaces the secrets in a value, and notes each with what stands in its place.
fn replace(value: &mut Value, secret: bool, secrets: &Secrets, found: &mut Vec<(String, String)>) {
    match value {
        Value::Mapping(mapping) => {
            for (key, value) in mapping.iter_mut() {
                let telling = key.as_str().is_some_and(is_telling);
                replace(value, secret || telling, secrets, found);
            }
        }
        Value::Sequence(items) => items.iter_mut().for_each(|item| replace(item, secret, secrets, found)),
        Value::Tagged(tagged) => replace(&mut tagged.value, secret, secrets, found),
        Value::Null => {}
        scalar => {
            let text = match &*scalar {
                Value::String(text) => text.clone(),
                Value::Bool(it) => it.to_string(),
                Value::Number(it) => it.to_string(),
                _ => String::new(),
            };
            if Account::ALL.iter().any(|account| text == account.password().placeholder()) {
                return;
            }
            let own = secrets
                .iter()
                .find(|(_, own)| !own.is_empty() && *own == text)
                .map(|(name, _)| name.placeholder());
            let inside = may_hold_secret(&text);
            if let Some(shown) = own.or_else(|| (secret || inside).then(|| FOREIGN_SECRET.to_owned())) {
                found.push((text, shown.clone()));
                *scalar = Value::String(shown);
            }
        }
    }
}

fn shown_line(line: &str, found: &[(String, String)]) -> String {
    let (kept, comment) = match line.find('#') {
        Some(at) if at == 0 || line[..at].ends_with(char::is_whitespace) => line.split_at(at),
        _ => (line, ""),
    };
    let comment = if is_telling(comment) || may_hold_secret(comment) { HIDDEN } else { comment };
    let mut kept = kept.to_owned();
    let inside = found.iter().find(|(secret, _)| !secret.is_empty() && kept.contains(secret));
    if let Some((secret, shown)) = inside.filter(|_| is_telling(&kept)) {
        let at = kept.rfind(secret.as_str()).unwrap_or_default();
        kept.replace_range(at..at + secret.len(), shown);
    }
    kept + comment
}
