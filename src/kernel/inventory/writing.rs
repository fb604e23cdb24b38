//! Values → the text of an inventory that galactl writes.

use std::fmt::Write;

use super::raw::RawSsh;
use crate::kernel::model::Address;

/// The section `ssh`, with an empty line behind it.
pub fn ssh_section(ssh: &RawSsh) -> String {
    let user = ssh.user.as_deref().unwrap_or("root");
    let mut out =
        format!("ssh:\n  # root, or a user who may `sudo` without a password.\n  user: {}\n", word(user));
    if let Some(port) = ssh.port {
        let _ = writeln!(out, "  port: {port}");
    }
    let fields =
        [("key", &ssh.key), ("jump", &ssh.jump), ("config", &ssh.config), ("known_hosts", &ssh.known_hosts)];
    for (name, value) in fields {
        let _ = value.as_ref().map(|value| writeln!(out, "  {name}: {}", word(value)));
    }
    out + "\n"
}

/// A value as YAML: without quotes where YAML reads it as this very text.
pub fn word(value: &str) -> String {
    const SAID_OTHERWISE: [&str; 8] = ["true", "false", "null", "yes", "no", "y", "n", "nan"];
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:@".contains(c);
    let number = !value.starts_with('0') && value.chars().all(|c| c.is_ascii_digit()) && value.len() < 19;
    let letters = value.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/')
        && !SAID_OTHERWISE.contains(&value.to_ascii_lowercase().as_str());
    let size = value.trim_end_matches(['k', 'K', 'm', 'M', 'g', 'G']);
    let size = size.len() + 1 == value.len() && !size.is_empty() && size.chars().all(|c| c.is_ascii_digit());
    let address = value.parse::<Address>().is_ok_and(|address| matches!(address, Address::Ip(_)));
    let bare = !value.is_empty()
        && value.chars().all(plain)
        && !value.ends_with(':')
        && (value == "0" || number || letters || size || (address && !value.contains(':')));
    if bare { value.to_owned() } else { format!("'{}'", value.replace('\'', "''")) }
}

#[cfg(test)]
mod tests {
    use super::word;

    #[test]
    fn every_value_is_read_back_as_it_was() {
        let values = [
            "",
            "1",
            "0",
            "007",
            "1.10",
            "1e3",
            "0x10",
            "128M",
            "ON",
            "yes",
            "null",
            "~",
            "a: b",
            "#x",
            "it's",
            "-x",
            ".5",
            "10.0.0.1",
            "fd00::1",
            "tcp://0.0.0.0:5567",
            "12345678901234567890",
            "/var/lib/mysql",
            "1:30",
            "%",
            "a b",
            "\"",
            "{}",
        ];
        for value in values {
            let read: serde_yaml::Value = serde_yaml::from_str(&format!("x: {}", word(value))).unwrap();
            let read = match &read["x"] {
                serde_yaml::Value::String(text) => text.clone(),
                serde_yaml::Value::Number(number) => number.to_string(),
                other => panic!("{value}: {other:?}"),
            };
            assert_eq!(read, value);
        }
    }
}
