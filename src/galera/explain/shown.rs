//! The lines of a log that are worth showing.

use super::{CAUSES, Starts, VAGUE, newest_start};
use crate::kernel::explain::pattern::{Caught, catch};
use crate::kernel::inventory::secret_lines::says_password;

/// Lines about errors, and lines of a known cause. Of lines that say the same again
/// and again, the last.
pub fn relevant(log: &str, most: usize) -> Vec<&str> {
    let lines: Vec<_> = log.lines().collect();
    picked(&lines, most, 0)
}

/// The relevant lines of these starts. Where no cause is known, the newest lines are added, whatever they say.
pub fn shown(server: &str, starts: Starts, cause_is_known: bool, most: usize) -> Vec<&str> {
    let lines = match starts {
        Starts::Newest => newest_start(server),
        Starts::All => server.lines().collect(),
    };
    picked(&lines, most, if cause_is_known { 0 } else { most / 2 })
}

/// The last `newest` lines, and before them the relevant ones: at most `most` in all.
fn picked<'a>(lines: &[&'a str], most: usize, newest: usize) -> Vec<&'a str> {
    let mut picked: Vec<&str> = Vec::new();
    let mut says_something = 0;
    for line in lines.iter().rev().filter(|line| !line.trim().is_empty() && !says_password(line)) {
        says_something += 1;
        if picked.len() == most {
            break;
        }
        let wanted = says_something <= newest || is_telling(line);
        if wanted && !picked.iter().any(|shown| words(shown) == words(line)) {
            picked.push(line);
        }
    }
    picked.reverse();
    picked
}

fn is_telling(line: &str) -> bool {
    const TELLING: [&str; 8] = [
        "[ERROR]",
        "Access denied",
        "WSREP_SST",
        "handshake failed",
        "failed",
        "Error: missing",
        "FATAL",
        "No space left",
    ];
    /// Lines that a server writes at every start, and Galera's notes about files that do not exist yet.
    const USUAL: [&str; 4] = ["[INFO]", "uring", "access file(", "restore pc from disk"];
    let has = |words: &[&str]| words.iter().any(|word| line.contains(word));
    (has(&TELLING) && !has(&USUAL)) || tells_a_cause(line)
}

fn tells_a_cause(line: &str) -> bool {
    let mut causes = CAUSES.into_iter().chain(VAGUE).flatten();
    causes.any(|cause| catch(cause.told_by[0].pattern, line, &Caught::new()).is_some())
}

/// The line without its time, which is digits and what stands between them.
fn words(line: &str) -> &str {
    line.trim_start_matches(|c: char| c.is_ascii_digit() || "-:. ".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_password_is_shown() {
        let log = "x\n[ERROR] in 'CREATE USER shop IDENTIFIED BY 's3cr3t''\n[ERROR] SET PASSWORD = PassWord('s3cr3t')\ny";
        assert_eq!(shown(log, Starts::All, false, 12), ["x", "y"]);
    }

    #[test]
    fn what_is_said_again_and_again_is_shown_once() {
        let log = "1 0 [ERROR] a\n2 0 [ERROR] b\n3 0 [Note] c\n4 0 [ERROR] a\n";
        assert_eq!(relevant(log, 9), ["2 0 [ERROR] b", "4 0 [ERROR] a"]);
        assert_eq!(relevant(log, 1), ["4 0 [ERROR] a"]);
        assert_eq!(relevant(log, 0), [""; 0]);
    }

    #[test]
    fn where_nothing_is_known_the_newest_lines_are_shown() {
        let log = "1 0 [ERROR] a\n2 0 [Note] b\n3 0 [Note] c\n\n4 0 [Note] d\n";
        assert_eq!(shown(log, Starts::All, true, 4), ["1 0 [ERROR] a"]);
        assert_eq!(shown(log, Starts::All, false, 4), ["1 0 [ERROR] a", "3 0 [Note] c", "4 0 [Note] d"]);
    }

    #[test]
    fn of_a_start_that_goes_on_no_earlier_ones_lines_are_shown() {
        let start = "[Note] Starting MariaDB 10.11.6 source revision  as process 7";
        let log = format!("{start}\n[ERROR] old\n{start}\n[ERROR] new\n");
        assert_eq!(shown(&log, Starts::Newest, true, 4), ["[ERROR] new"]);
    }
}
