//! The options that an option file sets for the server.

use std::collections::BTreeMap;

use crate::inventory::options::{canonical, holds_secret};

/// Names and values in a text that galactl has written. Left out are secrets, and values with an
/// escaped character.
pub fn server_options(text: &str) -> BTreeMap<String, String> {
    let ours = text.lines().skip_while(|line| line.trim() != "[mysqld]").skip(1);
    let section = ours.take_while(|line| !line.starts_with('['));
    let option = |line: &str| {
        let (name, value) = line.split_once('=')?;
        let name = canonical(name.trim());
        let told = !name.starts_with('#') && !holds_secret(&name) && !value.contains('\\');
        told.then(|| (name, value.trim().trim_matches('"').to_owned()))
    };
    section.filter_map(option).collect()
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
        assert_eq!(told, ["bind_address=0.0.0.0", "wsrep_on=ON"]);
    }
}
