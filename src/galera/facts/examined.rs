//! What only a doctor asks of a host with a server.

use std::collections::{BTreeMap, BTreeSet};

use crate::kernel::facts::Report;

/// Of one server; what was not asked, or was not answered, is not there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Examined {
    /// Why option files are not read to their ends, in the words of who reads them.
    pub unread: Vec<String>,
    /// Settings in force.
    pub variables: BTreeMap<String, String>,
    /// Whether the account for SST that the node's option files name can log in.
    pub login: Option<Login>,
    /// Tables of users.
    pub tables: Option<Tables>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Login {
    Accepted,
    /// The server's own words.
    Refused {
        user: String,
        said: String,
    },
}

/// At most 1000 of each, as `SCHEMA.TABLE`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tables {
    /// Those whose engine Galera does not replicate, each with its engine.
    pub not_replicated: Vec<(String, String)>,
    /// Those without a primary key, and without a unique one that stands for it.
    pub keyless: Vec<String>,
}

impl Tables {
    /// No more than so many were asked for.
    pub const MOST: usize = 1000;
}

impl Examined {
    /// Reads what `examine.sh` printed.
    pub fn read(report: &Report) -> Self {
        let variables = report.rows("variables");
        let refused = || {
            let mut lines = report.lines("login_refused");
            let user = lines.next()?.to_owned();
            Some(Login::Refused { user, said: lines.next().unwrap_or_default().to_owned() })
        };
        let login = if report.has("login") { Some(Login::Accepted) } else { refused() };
        let asked = report.has("engines") && report.has("keyless");
        let tables = asked
            .then(|| Tables { not_replicated: not_replicated(report, &variables), keyless: keyless(report) });
        let unread = report.lines("unread").map(|line| line.trim_start_matches("error: ").to_owned());
        Self { unread: unread.collect(), variables, login, tables }
    }
}

fn keyless(report: &Report) -> Vec<String> {
    let sequences: BTreeSet<&str> = report.lines("sequences").collect();
    let names = report.lines("keyless").map(decoded);
    names.filter(|name| !sequences.contains(&**name)).map(|name| shown(&name)).collect()
}

/// InnoDB names tables as their files are named: `a@0020b` is `a b` (MariaDB documentation, identifier to file name
/// mapping). What is not four digits of a code point is left as it is.
fn decoded(name: &str) -> String {
    let mut text = String::new();
    let mut rest = name;
    while let Some((before, behind)) = rest.split_once('@') {
        let digits = behind.get(..4).filter(|four| four.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let code = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok());
        match code.and_then(char::from_u32) {
            Some(character) => (text, rest) = (text + before + &character.to_string(), &behind[4..]),
            None => (text, rest) = (text + before + "@", behind),
        }
    }
    text + rest
}

/// Users choose these names, and a terminal obeys control characters.
fn shown(name: &str) -> String {
    name.replace(char::is_control, "\u{fffd}")
}

/// Without those that `wsrep_mode` (before 10.6: `wsrep_replicate_myisam`) replicates all the same.
fn not_replicated(report: &Report, variables: &BTreeMap<String, String>) -> Vec<(String, String)> {
    let mode = variables.get("wsrep_mode").map_or("", String::as_str);
    let myisam = variables.get("wsrep_replicate_myisam").is_some_and(|value| value == "ON");
    let replicated = |engine: &str| match engine {
        "MyISAM" => myisam || mode.contains("REPLICATE_MYISAM"),
        "Aria" => mode.contains("REPLICATE_ARIA"),
        _ => false,
    };
    let tables = report.lines("engines").filter_map(|line| line.split_once('\t'));
    let tables = tables.filter(|(_, engine)| !replicated(engine));
    tables.map(|(table, engine)| (shown(table), shown(engine))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Examined {
        Examined::read(&Report::parse(&format!("{text}\n@end\n")).expect("a report"))
    }

    #[test]
    fn a_login_is_accepted_refused_or_not_known() {
        let said = "ERROR 1045 (28000): Access denied for user 'sst'@'localhost' (using password: YES)";
        let refused = read(&format!("\n@login_refused\n|sst\n|{said}\n"));
        assert_eq!(refused.login, Some(Login::Refused { user: "sst".into(), said: said.into() }));
        assert_eq!(read("\n@login\n|sst\n").login, Some(Login::Accepted));
        assert_eq!(read("\n").login, None);
    }

    #[test]
    fn a_name_is_read_as_it_is_typed() {
        for (file, name) in
            [("odd.a@0020b", "odd.a b"), ("a@1gb.c@", "a@1gb.c@"), ("t@20ac", "t€"), ("t@+20a", "t@+20a")]
        {
            assert_eq!(decoded(file), name);
        }
        assert_eq!(shown(&decoded("t@001b")), "t\u{fffd}");
    }

    #[test]
    fn a_file_that_is_not_read_to_its_end() {
        let words = "Found option without preceding group in config file: /etc/mysql/x.cnf at line: 1";
        assert_eq!(read(&format!("\n@unread\n|error: {words}\n")).unread, [words]);
    }

    #[test]
    fn what_the_mode_replicates_is_no_finding() {
        let tables = |mode: &str| {
            let text = format!(
                "\n@variables\n|wsrep_mode\t{mode}\n\n@engines\n|a.t\tMyISAM\n|a.u\tAria\n|a.v\tMEMORY\n\n@keyless\n|a.w\n"
            );
            let tables = read(&text).tables.expect("asked");
            (tables.not_replicated.into_iter().map(|(table, _)| table).collect::<Vec<_>>(), tables.keyless)
        };
        assert_eq!(tables(""), (vec!["a.t".into(), "a.u".into(), "a.v".into()], vec!["a.w".to_owned()]));
        assert_eq!(tables("REPLICATE_MYISAM,REPLICATE_ARIA").0, ["a.v"]);
        assert_eq!(read("\n@engines\n").tables, None, "the other was not answered");
        let sequence = read("\n@engines\n\n@keyless\n|a.s@0020s\n|a.t\n\n@sequences\n|a.s s\n");
        assert_eq!(sequence.tables.expect("asked").keyless, ["a.t"]);
    }
}
