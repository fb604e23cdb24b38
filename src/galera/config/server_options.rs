//! The options that an option file sets for the server, and for its state transfers.

use std::collections::BTreeMap;

use crate::galera::inventory::options::{canonical, holds_secret};

/// Sections that MariaDB's server reads, whatever its version.
const SERVER: [&str; 5] = ["mysqld", "server", "mariadb", "mariadbd", "galera"];

/// Names and values that a text gives the server; secrets are left out.
pub fn server_options(text: &str) -> BTreeMap<String, String> {
    let mut options = in_sections(text, &SERVER);
    options.retain(|name, _| !holds_secret(name));
    options
}

/// All names and values that a text gives the server.
pub(super) fn of_server(text: &str) -> BTreeMap<String, String> {
    in_sections(text, &SERVER)
}

/// All names and values that a text gives the SST scripts.
pub(super) fn of_sst(text: &str) -> BTreeMap<String, String> {
    in_sections(text, &["sst"])
}

/// The last value of each option, as `my_print_defaults` understands it.
fn in_sections(text: &str, sections: &[&str]) -> BTreeMap<String, String> {
    let (mut inside, mut options) = (false, BTreeMap::new());
    for line in text.lines().map(str::trim) {
        if let Some(section) = line.strip_prefix('[') {
            inside = sections.contains(&section.trim_end_matches(']').trim());
        } else if inside && !line.is_empty() && !line.starts_with(['#', ';']) {
            let (name, value) = line.split_once('=').unwrap_or((line, "ON"));
            let name = canonical(name.trim());
            let name = name.strip_prefix("loose_").unwrap_or(&name);
            options.insert(name.to_owned(), unquoted(value.trim()));
        }
    }
    options
}

/// A value without the quotes around it, and without what escapes others.
fn unquoted(value: &str) -> String {
    let inside = value.strip_prefix('"').and_then(|value| value.strip_suffix('"'));
    let Some(inside) = inside else { return value.to_owned() };
    inside.replace("\\\"", "\"").replace("\\\\", "\\")
}

#[cfg(test)]
mod tests {
    use super::server_options;

    #[test]
    fn only_the_servers_section_counts_and_no_secret_is_told() {
        let text = "# a = 1\n[client]\nx = 1\n[mysqld]\n# b = 2\nbind-address = \"0.0.0.0\"\nwsrep_on = ON\n\
            wsrep_sst_auth = \"sst:x\"\npath = \"a\\\\b\"\n\n[sst]\ncompressor = \"gzip\"\n";
        let options = server_options(text);
        let told: Vec<_> = options.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(told, ["bind_address=0.0.0.0", r"path=a\b", "wsrep_on=ON"]);
    }
}
