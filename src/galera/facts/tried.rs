//! What an installed server says of option files, before it is stopped for them.

use serde::{Deserialize, Serialize};

use crate::galera::config::redact;
use crate::galera::inventory::options::canonical;
use crate::kernel::facts::Report;
use crate::kernel::inventory::wording::suggest;
use crate::kernel::model::Secrets;

/// Of one host; what was not tried is not there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tried {
    /// Why the server does not start with the file that is to be put in place.
    pub new: Option<NotAccepted>,
    /// As `new`: with the files that are there.
    pub own: Option<NotAccepted>,
}

/// A server's refusal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct NotAccepted {
    /// The option that the server does not know, where that is the reason.
    pub option: Option<String>,
    /// The server's own words, or a sentence in their place.
    pub said: String,
    /// What may have been meant.
    pub advice: Option<String>,
}

impl Tried {
    /// Reads what `tries.sh` printed; secrets in it are replaced.
    pub fn read(report: &Report, secrets: &Secrets) -> Self {
        let known: Vec<String> = report.lines("known").map(canonical).collect();
        let of = |section: &str| {
            report.section(section).and_then(|said| NotAccepted::read(&redact(said, secrets), &known))
        };
        Self { new: of("new_refused"), own: of("own_refused") }
    }
}

impl NotAccepted {
    /// `None` where the server does not call it an error of its options: then it says nothing of its next start.
    fn read(said: &str, known: &[String]) -> Option<Self> {
        let words = of_an_option_file(said).or_else(|| {
            let line = said.lines().rfind(|line| line.contains("[ERROR]"))?;
            line.split_once("[ERROR]").map(|(_, words)| words)
        })?;
        let words = words.trim();
        let words = words.split_once("mariadbd: ").or(words.split_once("mysqld: ")).map_or(words, |it| it.1);
        let Some(option) = unknown(words) else {
            return Some(Self { option: None, said: words.to_owned(), advice: None });
        };
        let known: Vec<&str> = known.iter().map(String::as_str).collect();
        let advice = (!known.is_empty()).then(|| suggest(&option, &known));
        // Its value may be a secret.
        Some(Self { said: format!("it does not know the option {option}"), option: Some(option), advice })
    }
}

/// `error: Found option without preceding group in config file: /etc/mysql/conf.d/x.cnf at line: 1`
fn of_an_option_file(said: &str) -> Option<&str> {
    let error = |line: &&str| line.contains(" in config file: ");
    said.lines().find(error)?.split_once("error: ").map(|(_, words)| words)
}

/// `unknown variable 'max_conections=77'`, `unknown option '--skip-nothing'`.
fn unknown(words: &str) -> Option<String> {
    let quoted = words.strip_prefix("unknown variable '").or(words.strip_prefix("unknown option '"))?;
    let name = quoted.split(['=', '\'']).next()?.trim_start_matches('-');
    Some(canonical(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> Option<NotAccepted> {
        let text = format!(
            "\n@new_refused\n|2026-11-28 15:49:24 0 [Warning] Could not increase number of max_open_files\n|{line}\n\n@known\n|max-connections\n|max-connect-errors\n\n@end\n"
        );
        Tried::read(&Report::parse(&text).expect("a report"), &Secrets::default()).new
    }

    #[test]
    fn an_option_that_the_server_does_not_know_is_named_without_its_value() {
        let line =
            "2026-11-28 15:49:24 0 [ERROR] /usr/sbin/mariadbd: unknown variable 'max-conections=s3cret'";
        let refused = read(line).expect("a refusal");
        assert_eq!(refused.said, "it does not know the option max_conections");
        assert_eq!(refused.option.as_deref(), Some("max_conections"));
        assert!(refused.advice.is_some_and(|it| it.contains("max_connections")));
    }

    #[test]
    fn a_file_that_cannot_be_read_is_named() {
        let words = "Found option without preceding group in config file: /etc/mysql/conf.d/x.cnf at line: 1";
        assert_eq!(read(&format!("error: {words}")).expect("a refusal").said, words);
        assert_eq!(read(&format!("/usr/sbin/mariadbd: error: {words}")).expect("a refusal").said, words);
    }

    #[test]
    fn what_the_server_does_not_call_an_error_is_none() {
        assert_eq!(read("Terminated"), None);
        let other = "2026-11-28 0 [ERROR] mariadbd: Error while setting value 'BRICKS' to 'sql_mode'";
        assert_eq!(read(other).expect("a refusal").said, "Error while setting value 'BRICKS' to 'sql_mode'");
    }
}
