//! A description → the text of an inventory, with comments.

use std::fmt::Write;

use super::{Description, Sst};
use crate::kernel::inventory::Settings;
use crate::kernel::inventory::raw::RawSsh;
use crate::kernel::model::Address;

/// An inventory with which to look at hosts of which nothing is known; its nodes are called `host1`,
/// `host2` and so on.
pub fn provisional(hosts: &[Address], ssh: &RawSsh) -> String {
    let mut out = format!("version: 1\ncluster:\n  name: not-known-yet\n{}nodes:\n", ssh_section(ssh));
    for (index, host) in hosts.iter().enumerate() {
        let _ = writeln!(out, "  - {{name: host{}, address: {}}}", index + 1, word(&host.to_string()));
    }
    out
}

pub(super) fn text(cluster: &Description, ssh: &RawSsh) -> String {
    let mut out = format!("{HEAD}  name: {}\n\n", word(&cluster.cluster));
    out += &ssh_section(ssh);
    sst_section(&mut out, cluster);
    section(
        &mut out,
        "# Server options that the nodes' own files set, on all of them alike.",
        "mysqld",
        &cluster.mysqld,
    );
    section(&mut out, "# Options of the wsrep provider.", "provider_options", &cluster.provider_options);
    section(&mut out, "# Where things are on the hosts.", "host", &cluster.host);
    out += "# In the order in which they start. The address is the one at which the nodes reach each other.\nnodes:\n";
    for node in &cluster.nodes {
        let _ = writeln!(out, "  - name: {}\n    address: {}", word(&node.name), word(&node.address));
        for (name, value) in [("ssh_address", &node.ssh_address), ("segment", &node.segment)] {
            let _ = value.as_ref().map(|value| writeln!(out, "    {name}: {}", word(value)));
        }
        for (name, settings) in [("mysqld", &node.mysqld), ("provider_options", &node.provider_options)] {
            if !settings.is_empty() {
                let _ = writeln!(out, "    {name}:");
                entries(&mut out, "      ", settings);
            }
        }
    }
    if cluster.arbitrators > 0 {
        out += "\n# The cluster does not tell where its arbitrators are.\n# arbitrators:\n#   - name: arb1\n#     address: 192.0.2.20\n";
    }
    out
}

const HEAD: &str = "\
# A galactl inventory of a cluster that was there already, written by `galactl init --from`.
# It holds what the nodes' own option files say; what is galactl's default or the packages' is left out.
# Those files stay in force until something here is changed: then galactl writes one of its own.
# Editors complete and check it with the output of `galactl schema`.
version: 1

cluster:
  # The same on every node.
";

fn ssh_section(ssh: &RawSsh) -> String {
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

fn sst_section(out: &mut String, cluster: &Description) {
    let Sst { method, user, options } = &cluster.sst;
    let _ = writeln!(out, "# How a new node gets the data.\nsst:\n  method: {}", method.as_str());
    if let Some(user) = user {
        let _ = writeln!(
            out,
            "  # Its password stands in no inventory: it is read back from the nodes.\n  user: {}",
            word(user)
        );
    }
    if !options.is_empty() {
        out.push_str("  options:\n");
        entries(out, "    ", options);
    }
    out.push('\n');
}

fn section(out: &mut String, comment: &str, name: &str, settings: &Settings) {
    if !settings.is_empty() {
        let _ = writeln!(out, "{comment}\n{name}:");
        entries(out, "  ", settings);
        out.push('\n');
    }
}

fn entries(out: &mut String, indent: &str, settings: &Settings) {
    for (name, value) in settings {
        let _ = writeln!(out, "{indent}{name}: {}", word(value));
    }
}

/// A value as YAML: without quotes where YAML reads it as this very text.
pub(super) fn word(value: &str) -> String {
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
