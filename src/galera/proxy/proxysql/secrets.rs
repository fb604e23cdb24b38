//! The secrets of a ProxySQL: where they come from, where they stand in its files, and how they are hidden there.

use super::inventory::{ADMIN_PASSWORD, MONITOR_PASSWORD, Proxysql, user_secret};
use crate::galera::config::FOREIGN_SECRET;
use crate::kernel::model::{SecretName, SecretRef, Secrets};

/// Every secret of the section, its source, and the check of its value.
pub fn all(proxysql: &Proxysql) -> Vec<(SecretName, &SecretRef, Fits)> {
    let own = [
        (MONITOR_PASSWORD, &proxysql.monitor_password, fits_own as Fits),
        (ADMIN_PASSWORD, &proxysql.admin_password, fits_own),
    ];
    let user = |it: &'_ super::inventory::User| user_secret(&it.name);
    let users = proxysql.users.iter().map(|it| (user(it), &it.password, fits_user as Fits));
    own.into_iter().chain(users).collect()
}

/// A check that says why a value cannot be written where the secret has to stand.
pub type Fits = fn(&str) -> Result<(), String>;

/// ProxySQL's list of credentials has `:` and `;` between its parts, and its first file quotes.
fn fits_own(value: &str) -> Result<(), String> {
    const LEAST: usize = 8;
    if value.len() < LEAST {
        return Err(format!("its value is shorter than {LEAST} characters"));
    }
    let bad = |c: &char| !c.is_ascii_graphic() || ":;'\"\\#$".contains(*c);
    match value.chars().find(bad) {
        Some(bad) => Err(format!("its value holds {bad:?}, which cannot stand in ProxySQL's settings")),
        None => Ok(()),
    }
}

fn fits_user(value: &str) -> Result<(), String> {
    const MOST: usize = 512;
    if value.len() > MOST {
        return Err(format!("its value is longer than {MOST} bytes"));
    }
    match value.starts_with('*') || value.contains('\0') {
        true => {
            Err("its value begins with `*`, so ProxySQL would take it for a hash, or holds a zero byte"
                .into())
        }
        false => Ok(()),
    }
}

/// A file's text with its secrets replaced: each by its placeholder where it has the value of that secret, else by
/// what stands for a secret of somebody else.
pub fn hide(text: &str, secrets: &Secrets) -> String {
    let line = |line: &str| match Place::in_line(line) {
        None => line.to_owned(),
        Some(place) => {
            let known = secrets.get(&place.spelled()) == Some(place.value);
            let shown = if known { place.spelled().placeholder() } else { FOREIGN_SECRET.to_owned() };
            format!("{}{shown}{}", place.before, place.behind)
        }
    };
    text.lines().map(|it| line(it) + "\n").collect()
}

/// Adds the `wanted` secrets that are not known yet, where these files hold their values.
pub fn take_over(texts: &[&str], wanted: impl Fn(&SecretName) -> bool, secrets: &mut Secrets) {
    for place in texts.iter().flat_map(|text| text.lines()).filter_map(Place::in_line) {
        if let Some(value) =
            place.decoded().filter(|_| wanted(&place.name) && secrets.get(&place.name).is_none())
        {
            secrets.insert_both(&place.name, value);
        }
    }
}

/// Adds the secrets that galactl generates: the value in one of these files where there is one, else a new one.
pub fn complete(proxysql: &Proxysql, texts: &[&str], secrets: &mut Secrets) {
    let made: Vec<_> =
        all(proxysql).into_iter().filter(|(_, source, _)| **source == SecretRef::Generated).collect();
    take_over(texts, |name| made.iter().any(|(it, ..)| it == name), secrets);
    for (name, ..) in made {
        if secrets.get(&name).is_none() {
            secrets.insert_both(&name, crate::kernel::secrets::generate());
        }
    }
}

/// Where a secret stands in a line of one of the files.
struct Place<'a> {
    name: SecretName,
    /// It is written as hexadecimal digits.
    hex: bool,
    before: &'a str,
    value: &'a str,
    behind: &'a str,
}

impl<'a> Place<'a> {
    fn in_line(line: &'a str) -> Option<Self> {
        Self::in_statement(line).or_else(|| Self::in_settings(line))
    }

    /// `… CAST(X'` digits `' AS TEXT) …`: of the account or the variable that the line names.
    fn in_statement(line: &'a str) -> Option<Self> {
        const BEFORE: &str = "CAST(X'";
        let at = line.find(BEFORE)? + BEFORE.len();
        let length = line[at..].find('\'')?;
        let quoted = |mark: &str| line.split_once(mark)?.1.split_once('\'').map(|(name, _)| name);
        let name = match (quoted("variable_name = '"), quoted("VALUES ('")) {
            (Some("mysql-monitor_password"), _) => MONITOR_PASSWORD,
            (Some(_), _) => ADMIN_PASSWORD,
            (None, Some(user)) => user_secret(&user.parse().ok()?),
            (None, None) => return None,
        };
        let (value, behind) = line[at..].split_at(length);
        Some(Self { name, hex: true, before: &line[..at], value, behind })
    }

    /// `password="` value `"`, or `admin_credentials="admin:` value `"`.
    fn in_settings(line: &'a str) -> Option<Self> {
        let start = ["password=\"", "admin_credentials=\"admin:"];
        let before = start.into_iter().find(|start| line.trim_start().starts_with(start))?;
        let at = line.len() - line.trim_start().len() + before.len();
        let value = line[at..].strip_suffix('"')?;
        Some(Self { name: ADMIN_PASSWORD, hex: false, before: &line[..at], value, behind: "\"" })
    }

    /// Its name as it stands in the file.
    fn spelled(&self) -> SecretName {
        if self.hex { self.name.in_hex() } else { self.name.clone() }
    }

    fn decoded(&self) -> Option<String> {
        let value = if self.hex { from_hex(self.value)? } else { self.value.to_owned() };
        (!value.is_empty() && !value.starts_with("${secret:")).then_some(value)
    }
}

/// The value behind hexadecimal digits.
fn from_hex(digits: &str) -> Option<String> {
    let byte = |at: usize| u8::from_str_radix(digits.get(at..at + 2)?, 16).ok();
    let bytes = (0..digits.len()).step_by(2).map(byte).collect::<Option<Vec<u8>>>()?;
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "INSERT INTO mysql_users (username, password, default_hostgroup) VALUES ('shop', CAST(X'78' AS TEXT), 10);\n\
        INSERT INTO mysql_users (username, password, default_hostgroup) VALUES ('two', CAST(X'78' AS TEXT), 10);\n\
        UPDATE global_variables SET variable_value = 'admin:' || CAST(X'61' AS TEXT) WHERE variable_name = 'admin-admin_credentials';\n\
        UPDATE global_variables SET variable_value = CAST(X'6d' AS TEXT) WHERE variable_name = 'mysql-monitor_password';\n\
        password=\"a\"\n\tadmin_credentials=\"admin:a\"\n";

    #[test]
    fn each_secret_is_known_by_its_place_and_nothing_of_it_is_left() {
        let mut secrets = Secrets::default();
        for user in ["shop", "two"] {
            secrets.insert_both(&user_secret(&user.parse().unwrap()), "x".into());
        }
        secrets.insert_both(&ADMIN_PASSWORD, "a".into());
        let hidden = hide(FILE, &secrets);
        let shown: Vec<_> =
            hidden.split("${secret:").skip(1).map(|it| it.split_once('}').unwrap().0).collect();
        let admin = "proxysql-admin";
        let hex = ["hex:proxysql-user-shop", "hex:proxysql-user-two", "hex:proxysql-admin", "another-value"];
        assert_eq!(shown, [&hex[..], &[admin, admin]].concat());
        assert!(!hidden.contains("'78'") && !hidden.contains("\"a\""), "{hidden}");
        assert_eq!(hide(&hidden, &secrets).matches(FOREIGN_SECRET).count(), 6, "a placeholder is no value");
    }

    #[test]
    fn what_the_files_hold_is_read_back_unless_it_is_known_better() {
        let mut secrets = Secrets::default();
        secrets.insert_both(&ADMIN_PASSWORD, "new".into());
        take_over(&[FILE], |_| true, &mut secrets);
        assert_eq!(secrets.get(&ADMIN_PASSWORD), Some("new"));
        assert_eq!(secrets.get(&MONITOR_PASSWORD), Some("m"));
        assert_eq!(secrets.get(&user_secret(&"two".parse().unwrap()).in_hex()), Some("78"));
        assert_eq!(from_hex("4c656F").as_deref(), Some("Leo"));
        assert_eq!(from_hex("4"), None);
    }

    #[test]
    fn a_value_that_would_end_its_place_is_refused() {
        for bad in
            ["short", "with a blank", "a:bcdefgh", "a;bcdefgh", "a\"bcdefgh", "a\\bcdefgh", "a$bcdefgh"]
        {
            assert!(fits_own(bad).is_err(), "{bad}");
        }
        assert!(fits_own("aB3-_.,+/=").is_ok());
        assert!(fits_user("*2470C0C06DEE42FD1618BB99005ADCA2EC9D1E19").is_err());
        assert!(fits_user("it's \\ fine").is_ok());
    }
}
