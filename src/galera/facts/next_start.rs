//! What a stopped server would do if it was started now.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::option_line::option;

/// The server's own answer (`--verbose --help`), with every option file and every word of its unit that it reads:
/// names of options with `_`, and their values.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NextStart(pub BTreeMap<String, String>);

impl NextStart {
    /// Reads `wsrep-on=FALSE` lines; others are none of it. A server without an answer says nothing. A plug-in (11.8) has a row of its own,
    /// and the option's comes after it.
    pub fn parse<'a>(lines: impl Iterator<Item = &'a str>) -> Option<Self> {
        let options: BTreeMap<_, _> = lines
            .filter(|line| line.starts_with("wsrep-"))
            .filter_map(|line| option(&format!("--{line}")))
            .map(|(name, value)| (name, value.trim().to_owned()))
            .collect();
        (!options.is_empty()).then_some(Self(options))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_row_of_an_option_counts() {
        let lines = [
            "version=mariadbd  Ver 11.8.3",
            "wsrep-on=FALSE",
            "wsrep-provider=ON",
            "wsrep-provider=/usr/lib/galera/libgalera_smm.so  ",
        ];
        let NextStart(options) = NextStart::parse(lines.into_iter()).expect("an answer");
        assert_eq!((options.len(), options["wsrep_on"].as_str()), (2, "FALSE"));
        assert_eq!(options["wsrep_provider"], "/usr/lib/galera/libgalera_smm.so");
        assert_eq!(NextStart::parse([].into_iter()), None);
    }
}
