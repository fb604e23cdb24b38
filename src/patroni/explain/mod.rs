//! The journal of a host with PostgreSQL, Patroni and etcd → the cause in two sentences, and the next command.

mod causes;
mod message;

use causes::{CAUSES, Known};
use message::messages;

use crate::kernel::explain::Logs;
use crate::kernel::explain::pattern::{Caught, catch_at_start};
use crate::kernel::inventory::secret_lines::says_password;
use crate::kernel::run::event::Explanation;

pub use causes::DOCUMENTED;

/// The cause that a log shows, if it is a known one that is not over. Of several, the most specific.
pub fn explain(log: &str) -> Option<Explanation> {
    // The newest line counts: what it names is what there is to be mended.
    let newest_first: Vec<String> = log.lines().rev().flat_map(messages).collect();
    let newest_first: Vec<&str> = newest_first.iter().map(String::as_str).collect();
    CAUSES.iter().find_map(|known| known.told(&newest_first))
}

/// The lines that are worth showing, at most so many: those about errors and of known causes, and where no cause is
/// known the newest as well. Of lines that say the same again and again, the last.
pub fn shown(log: &str, cause_is_known: bool, most: usize) -> Vec<&str> {
    let newest = if cause_is_known { 0 } else { most / 2 };
    let mut picked: Vec<&str> = Vec::new();
    let lines = log.lines().rev().filter(|line| !line.trim().is_empty() && !says_password(line));
    for (at, line) in lines.enumerate() {
        if picked.len() == most {
            break;
        }
        if (at < newest || is_telling(line)) && picked.iter().all(|known| words(known) != words(line)) {
            picked.push(line);
        }
    }
    picked.reverse();
    picked
}

impl Known {
    fn told(&self, newest_first: &[&str]) -> Option<Explanation> {
        let is_over = |message: &&str| self.over.iter().any(|pattern| begins(pattern, message));
        let since = newest_first.iter().position(is_over).unwrap_or(newest_first.len());
        self.cause.told(&Logs { own: &newest_first[..since], others: &[] })
    }
}

fn is_telling(line: &str) -> bool {
    let errors =
        ["[ALERT]", "FATAL", "PANIC", "CRITICAL", "ERROR", "\"level\":\"fatal\"", "\"level\":\"error\""];
    // Patroni and galactl end connections; that is no error of anybody's.
    let usual = ["due to administrator command", "the database system is starting up"];
    let has = |words: &[&str]| words.iter().any(|word| line.contains(word));
    let messages = messages(line);
    let of_cause =
        |known: &Known| messages.iter().any(|message| begins(known.cause.told_by[0].pattern, message));
    has(&errors) && !has(&usual) || CAUSES.iter().any(of_cause)
}

fn begins(pattern: &'static str, message: &str) -> bool {
    catch_at_start(pattern, message, &Caught::new()).is_some()
}

/// The line without times and numbers of processes.
fn words(line: &str) -> String {
    line.chars().filter(|c| !c.is_ascii_digit()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MISMATCH: &str =
        "CRITICAL: system ID mismatch, node pg3 belongs to a different cluster: 7713 != 7714";

    #[test]
    fn a_cause_that_is_over_is_none() {
        assert_eq!(explain(MISMATCH).unwrap().slug, "other-system");
        let over = format!("{MISMATCH}\nLOG:  database system is ready to accept read-only connections");
        assert_eq!(explain(&over), None);
        let again = format!("{over}\n{MISMATCH}");
        assert_eq!(explain(&again).unwrap().slug, "other-system");
        assert_eq!(explain("INFO: no action. I am (pg1), a secondary, and following a leader (pg2)"), None);
    }

    /// PostgreSQL logs the text of statements, names and errors that clients choose.
    #[test]
    fn what_clients_write_into_the_log_is_no_cause() {
        let server = "2026-11-29T16:45:00+00:00 patroni[65]: 2026-11-29 16:45:00.028 UTC [65] ";
        let denied = "PermissionError: [Errno 13] Permission denied: '/etc/patroni/config.yml'";
        for written in [MISMATCH, denied, "FATAL:  could not access file \"x\": No such file or directory"] {
            let plain = format!("2026-11-29T16:45:00+00:00 patroni[65]: {written}");
            assert!(explain(&plain).is_some(), "{plain}");
            for line in [
                format!("{server}ERROR:  {written}"),
                format!("{server}STATEMENT:  SELECT 1 /* {written} */"),
                format!("{server}FATAL:  role \"{written}\" does not exist"),
                format!("{server}ERROR:  patroni[1]: {written}"),
                format!("2026-11-29T16:45:00+00:00 patroni[65]: \t{written}"),
                format!("\t2026-11-29T16:45:00+00:00 patroni[65]: {written}"),
                format!("2026-11-29 16:45:00 UTC ERROR:  patroni[65]: {written}"),
            ] {
                assert_eq!(explain(&line), None, "{line}");
            }
            // Nor does it end one.
            let over = format!("{plain}\n{server}LOG:  statement: LOG:  database system is ready to accept");
            assert!(explain(&over).is_some(), "{over}");
        }
        let key = r#"{"level":"info","msg":"x","request":"cannot process message to mismatch member"}"#;
        assert_eq!(explain(&format!("2026-11-29T16:45:00+00:00 etcd[65]: {key}")), None);
    }

    #[test]
    fn no_password_is_shown() {
        let log = "x\nERROR:  role \"shop\" exists\nSTATEMENT:  create user shop PASSWORD 's3cr3t'\n\tpassword E's3cr3t'\ny";
        assert_eq!(shown(log, false, 12), ["x", "ERROR:  role \"shop\" exists", "y"]);
    }

    #[test]
    fn no_other_file_is_given_to_postgres() {
        assert_eq!(explain("PermissionError: [Errno 13] Permission denied: '/etc/shadow'"), None);
    }

    #[test]
    fn what_is_said_again_and_again_is_shown_once() {
        let log = "1 FATAL: a\n2 FATAL: a\n3 INFO: b\n4 INFO: c\n";
        assert_eq!(shown(log, true, 4), ["2 FATAL: a"]);
        assert_eq!(shown(log, false, 4), ["2 FATAL: a", "3 INFO: b", "4 INFO: c"]);
    }

    #[test]
    fn every_cause_is_documented_once_and_can_be_filled() {
        use crate::kernel::explain::pattern::places;
        for Known { cause, .. } in CAUSES {
            assert_eq!(
                DOCUMENTED.iter().filter(|(_, slug, _)| *slug == cause.slug).count(),
                1,
                "{}",
                cause.slug
            );
            let caught: Vec<_> = cause.told_by.iter().flat_map(|told| places(told.pattern)).collect();
            for place in places(cause.cause).chain(places(cause.next)) {
                assert!(place == "inventory" || caught.contains(&place), "{}: {place}", cause.slug);
            }
            // The reader has just run it.
            assert!(!cause.next.contains("galactl explain"), "{}", cause.slug);
        }
        assert_eq!(CAUSES.len(), DOCUMENTED.len());
    }
}
