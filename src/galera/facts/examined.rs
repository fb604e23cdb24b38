//! What only a doctor asks of a host with a server.

use std::collections::BTreeMap;

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
    /// Triggers that a pt-online-schema-change works by: schema, name, table, what each does.
    pub osc_triggers: Vec<[String; 4]>,
    /// One is at work.
    pub osc_at_work: bool,
    /// Of the one member whose schema was asked for; why not, where it was not told.
    pub tables: Option<Result<Tables, String>>,
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

/// What `lint` finds in the databases of users, as far as a doctor tells it. Tables are `SCHEMA.TABLE`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tables {
    /// Those whose engine Galera does not replicate, each with its engine.
    pub not_replicated: Vec<(String, String)>,
    /// Those without a primary key, and without a unique one that stands for it.
    pub keyless: Vec<String>,
    /// What the server did not tell, and why.
    pub unread: Option<String>,
    /// What mends the first table of either kind.
    pub engine_fix: Option<String>,
    pub key_fix: Option<String>,
    /// What else is worse than a note: the codes of rules, each with how often.
    pub more: Vec<(&'static str, usize)>,
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
        let unread = report.lines("unread").map(|line| line.trim_start_matches("error: ").to_owned());
        let osc_triggers = report.lines("osc_triggers").filter_map(osc_trigger).collect();
        let osc_at_work = report.lines("osc_work").next().is_some();
        Self { unread: unread.collect(), variables, login, osc_triggers, osc_at_work, tables: None }
    }
}

fn osc_trigger(line: &str) -> Option<[String; 4]> {
    let cells: Vec<_> = line.split('\t').map(str::to_owned).collect();
    cells.try_into().ok()
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
    fn a_file_that_is_not_read_to_its_end() {
        let words = "Found option without preceding group in config file: /etc/mysql/x.cnf at line: 1";
        assert_eq!(read(&format!("\n@unread\n|error: {words}\n")).unread, [words]);
    }
}
