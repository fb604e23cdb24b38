//! The lines of a log that are worth showing.

use super::pattern::{Caught, catch};
use super::{CAUSES, last_words};

/// Lines that speak of errors, and those that tell a known cause. Of lines that say the same again
/// and again, the last.
pub fn relevant(log: &str, most: usize) -> Vec<&str> {
    let mut lines: Vec<&str> = Vec::new();
    for line in log.lines().rev().filter(|line| is_telling(line)) {
        if lines.len() == most {
            break;
        }
        if !lines.iter().any(|shown| words(shown) == words(line)) {
            lines.push(line);
        }
    }
    lines.reverse();
    lines
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
    /// What a server says at every start, and Galera's own notes of things that are not there yet.
    const USUAL: [&str; 4] = ["[INFO]", "uring", "access file(", "restore pc from disk"];
    let has = |words: &[&str]| words.iter().any(|word| line.contains(word));
    (has(&TELLING) && !has(&USUAL)) || tells_a_cause(line)
}

fn tells_a_cause(line: &str) -> bool {
    let mut causes = CAUSES.into_iter().flatten().chain(last_words::CAUSES);
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
    fn what_is_said_again_and_again_is_shown_once() {
        let log = "1 0 [ERROR] a\n2 0 [ERROR] b\n3 0 [Note] c\n4 0 [ERROR] a\n";
        assert_eq!(relevant(log, 9), ["2 0 [ERROR] b", "4 0 [ERROR] a"]);
        assert_eq!(relevant(log, 1), ["4 0 [ERROR] a"]);
    }
}
