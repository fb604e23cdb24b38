//! Whether a server that takes its options from other files has the settings that an option file wants.

use std::collections::BTreeMap;
use std::fmt;

use super::server_options::{of_server, of_sst};
use crate::galera::inventory::size_in_bytes;
use crate::kernel::inventory::Settings;
use crate::kernel::model::Address;

/// MariaDB's built-in values of the options that galactl writes by itself, in force where no file sets them
/// (`mariadbd --help --verbose` of 10.5, 10.11 and 11.8).
const BUILT_IN: [(&str, &str); 8] = [
    ("bind_address", "*"),
    ("binlog_format", "MIXED"),
    ("default_storage_engine", "InnoDB"),
    ("innodb_autoinc_lock_mode", "1"),
    ("wsrep_auto_increment_control", "ON"),
    ("wsrep_provider_options", ""),
    ("wsrep_slave_threads", "1"),
    ("wsrep_sst_method", "rsync"),
];
/// The same for the wsrep provider (galera 26.4.23).
const PROVIDER_BUILT_IN: [(&str, &str); 3] =
    [("gcache.size", "128M"), ("gmcast.segment", "0"), EVERYWHERE_ON_IPV4];

/// Where the provider listens when no option says so.
pub const EVERYWHERE_ON_IPV4: (&str, &str) = ("gmcast.listen_addr", "tcp://0.0.0.0:4567");

/// An option that the server has not set as a file wants it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    pub option: String,
    pub wanted: String,
    /// The value in force; `None`: no file sets the option, and no built-in value is known here.
    pub there: Option<String>,
}

/// The value that a server takes for an option from these, its files' options.
pub fn taken<'a>(options: &'a Settings, name: &str) -> Option<&'a str> {
    let built_in = || BUILT_IN.iter().find(|(option, _)| *option == name).map(|(_, value)| *value);
    options.get(name).map(String::as_str).or_else(built_in)
}

/// The provider's options in `wsrep_provider_options`, with its built-in values for the others.
pub fn provider_options(text: &str) -> Settings {
    let built_in = PROVIDER_BUILT_IN.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    let set = text.split(';').filter_map(|pair| pair.split_once('='));
    built_in.chain(set.map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))).collect()
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { option, wanted, there } = self;
        match there {
            None => write!(f, "`{option}` is not set there, and `{wanted}` in the inventory"),
            Some(there) => write!(f, "`{option}` is `{there}` there, and `{wanted}` in the inventory"),
        }
    }
}

/// The options of the text `wanted` that have another effect than what a server (`server`) and its
/// SST scripts (`sst`) take from their files. The address list is not compared: it is read only at
/// the next start.
pub fn differences(wanted: &str, server: &Settings, sst: &Settings) -> Vec<Difference> {
    let of_server = of_server(wanted).into_iter().filter(|(name, _)| name != "wsrep_cluster_address");
    let of_server = of_server.map(|(name, wanted)| {
        // Where the server's options hold no login for the SST, its scripts take the one in their own section.
        let of_sst = || sst.get(&name).filter(|_| name == "wsrep_sst_auth").map(String::as_str);
        let there = taken(server, &name).or_else(of_sst).map(str::to_owned);
        Difference { option: name, wanted, there }
    });
    let of_sst = of_sst(wanted).into_iter().map(|(name, wanted)| {
        let there = sst.get(&name).cloned();
        Difference { option: name, wanted, there }
    });
    let differs = |option: &Difference| {
        let there = option.there.as_deref();
        there.is_none_or(|there| !same_effect(&option.option, there, &option.wanted))
    };
    of_server.chain(of_sst).filter(differs).collect()
}

/// True where both are spellings of the same value.
pub fn same_effect(name: &str, one: &str, other: &str) -> bool {
    if name != "wsrep_provider_options" {
        return plain(name, one) == plain(name, other);
    }
    let set = |text: &str| -> BTreeMap<String, String> {
        provider_options(text).into_iter().map(|(name, value)| (name, plain("", &value))).collect()
    };
    set(one) == set(other)
}

/// One spelling for all that mean the same. An empty value is an empty text, whatever the option: a switch that is
/// on without a value is given as `ON`.
fn plain(name: &str, value: &str) -> String {
    // Here upper and lower case differ: Galera turns a node away whose cluster name is spelled otherwise.
    if matches!(name, "wsrep_cluster_name" | "wsrep_node_name" | "wsrep_sst_auth" | "wsrep_sst_donor") {
        return value.to_owned();
    }
    let value = value.trim();
    if name == "wsrep_node_address" {
        return value.parse().map_or_else(|_| value.to_owned(), |address: Address| address.to_string());
    }
    let lower = value.to_ascii_lowercase();
    match lower.as_str() {
        "0.0.0.0" | "::" if name == "bind_address" => "*".into(),
        "on" | "true" => "1".into(),
        "off" | "false" => "0".into(),
        _ => match size_in_bytes(value) {
            Some(bytes) => bytes.to_string(),
            // The words of switches, enumerations and sets.
            None if value.chars().all(|c| c.is_ascii_alphabetic() || "_-,".contains(c)) => lower,
            None => value.to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(pairs: &[(&str, &str)]) -> Settings {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn spellings_of_one_value_have_one_effect() {
        for (name, one, other) in [
            ("x", "128M", "134217728"),
            ("x", "ON", "1"),
            ("x", "", " "),
            ("binlog_format", "row", "ROW"),
            ("bind_address", "*", "0.0.0.0"),
            ("wsrep_node_address", "fd00:0::1", "[fd00::1]"),
            (
                "wsrep_provider_options",
                "gcache.size=1G;gcs.fc_limit = 16;",
                "gcs.fc_limit=16; gcache.size=1024M",
            ),
            ("wsrep_provider_options", "gmcast.segment=0; gcache.size=128M", ""),
        ] {
            assert!(same_effect(name, one, other), "{name}: {one} {other}");
        }
        for (name, one, other) in [
            ("x", "128M", "129M"),
            ("wsrep_cluster_name", "a b", "A b"),
            ("wsrep_cluster_name", "a b", "a b "),
            ("x", "/A", "/a"),
            ("x", "SET @a = 'X'", "SET @a = 'x'"),
            ("x", "", "1"),
            ("x", "", "ON"),
            ("x", "", "0"),
            ("wsrep_provider_options", "gcs.fc_limit=16", "gcs.fc_limit=17"),
            ("wsrep_provider_options", "gcs.fc_limit=16", ""),
        ] {
            assert!(!same_effect(name, one, other), "{name}: {one} {other}");
        }
    }

    fn named(wanted: &str, server: &Settings, sst: &Settings) -> Vec<String> {
        differences(wanted, server, sst).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_no_file_says_is_what_the_server_does_by_itself() {
        let none = Settings::new();
        let wanted =
            "[mysqld]\nwsrep_slave_threads = \"1\"\nwsrep_cluster_address = \"gcomm://a\"\nx = \"7\"\n";
        assert_eq!(named(wanted, &none, &none), ["`x` is not set there, and `7` in the inventory"]);
    }

    #[test]
    fn the_sections_of_server_and_scripts_are_told_apart() {
        let wanted = "[mysqld]\nwsrep_sst_auth = \"sst:x\"\n[sst]\nencrypt = \"3\"\n";
        let both = settings(&[("wsrep_sst_auth", "sst:x"), ("encrypt", "3")]);
        assert!(named(wanted, &Settings::new(), &both).is_empty());
        let missing = ["`encrypt` is not set there, and `3` in the inventory"];
        assert_eq!(named(wanted, &both, &Settings::new()), missing);
    }
}
