//! What pt-online-schema-change prints. Values of rows stand in it, and are shown to nobody.

use crate::galera::alter::server_error::without_values;

/// How many lines are shown where none of them says why.
const LINES: usize = 3;

/// The end of its output.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Log<'a>(pub &'a str);

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// The table is changed.
    Well,
    /// With a status other than 0.
    Failed(i32),
    /// Nobody wrote down how: all of its unit was killed, or the host has lost its power.
    Cut,
}

impl Log<'_> {
    /// The last line of progress, in words, and the share that is done where it is known. 30 % of the time in flow
    /// control makes it pause.
    pub fn progress(&self) -> (String, Option<f64>) {
        let Some(line) = self.0.lines().rfind(|line| !line.trim().is_empty()) else {
            return ("it starts".into(), None);
        };
        if line.starts_with("Pausing because PXC Flow Control")
            || line.starts_with("Waiting for Flow Control")
        {
            return ("it pauses, because flow control holds the cluster's writes back".into(), None);
        }
        let Some((_, copied)) = line.strip_prefix("Copying ").and_then(|rest| rest.rsplit_once(": ")) else {
            return (self.shown(line), None);
        };
        let (share, rest) = copied.trim().split_once('%').unwrap_or_default();
        let percent: f64 = share.trim().parse().unwrap_or_default();
        let left = rest.trim().trim_end_matches(" remain");
        (format!("copying rows, {percent:.0} %, {left} left"), Some((percent / 100.0).clamp(0.0, 0.99)))
    }

    pub fn ended(&self) -> Ended {
        let code = self.0.lines().rev().find_map(|line| line.strip_prefix("galactl: ended "));
        match code.and_then(|code| code.trim().parse().ok()) {
            Some(0) => Ended::Well,
            Some(code) => Ended::Failed(code),
            None => Ended::Cut,
        }
    }

    /// Why it failed, in its own words without values of rows; `None`: it was ended from outside.
    pub fn why(&self) -> Option<String> {
        if self.0.lines().any(|line| line.starts_with("# Exiting on SIG")) {
            return None;
        }
        let told = |line: &&str| {
            let told = ["rror", "annot", "failed", "denied", "can't", "Can't", "caused", "You are trying"];
            told.iter().any(|word| line.contains(word))
                && !line.contains("No more warnings")
                && !of_server(line)
        };
        let mut lines = self.0.lines().rev();
        if let Some(line) = lines.find(told) {
            return Some(self.shown(line));
        }
        let own = |line: &&str| !line.trim().is_empty() && !line.starts_with("galactl: ") && !of_server(line);
        let last: Vec<_> =
            self.0.lines().rev().filter(own).take(LINES).map(|line| self.shown(line)).collect();
        (!last.is_empty()).then(|| last.into_iter().rev().collect::<Vec<_>>().join("; "))
    }

    /// A line without its time, and without values. A server's words may stand in a line `Message:` below.
    fn shown(&self, line: &str) -> String {
        let line = without_time(line.trim().trim_start_matches("(in cleanup) "));
        let line = line.split(" [for Statement").next().unwrap_or_default();
        if let Some((before, error)) = line.split_once("MySQL error ") {
            let (code, words) = error.split_once(':').unwrap_or((error, ""));
            let below = self.0.lines().find_map(|line| line.trim().strip_prefix("Message: "));
            let words = if words.trim().is_empty() { below.unwrap_or_default() } else { words };
            let told = without_values(&format!("ERROR {code}: {}", words.trim()));
            return format!("{before}MySQL error {}", told.trim_start_matches("ERROR "));
        }
        match line.rsplit_once(" failed: ").filter(|_| line.contains("DBD::")) {
            Some((before, words)) => {
                let told = without_values(&format!("ERROR 0: {words}"));
                format!("{before} failed: {}", told.trim_start_matches("ERROR 0: "))
            }
            None => line.to_owned(),
        }
    }
}

/// Words of the server below the line that tells of them.
fn of_server(line: &str) -> bool {
    ["Message: ", "Query: "].iter().any(|start| line.trim().starts_with(start))
}

/// A line without the time at its beginning.
fn without_time(line: &str) -> &str {
    let stamped = line.len() > 20 && line.as_bytes()[10] == b'T' && line.as_bytes()[4] == b'-';
    if stamped { line.get(20..).unwrap_or(line) } else { line }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_its_last_line() {
        let of = |text| Log(text).progress();
        assert_eq!(of(""), ("it starts".into(), None));
        let copied = of("Copying `shop`.`orders`:  65% 00:01 remain\n");
        assert_eq!(copied, ("copying rows, 65 %, 00:01 left".into(), Some(0.65)));
        assert!(
            of("Copying `a`:  65% 00:01 remain\nPausing because PXC Flow Control is active\n")
                .0
                .contains("flow control")
        );
        assert_eq!(of("2026-11-29T08:20:39 Swapping tables...\n").0, "Swapping tables...");
        assert_eq!(of("é\n").0, "é");
    }

    #[test]
    fn no_value_of_a_row_is_shown() {
        let why = |text: &str| Log(text).why().expect("a reason");
        let deadlock = "2026-11-29T08:20:37 Error copying rows from `a` to `b`: 2026-11-29T08:20:37 DBD::mysql::st execute failed: Deadlock found when trying to get lock; try restarting transaction [for Statement \"INSERT\" with ParamValues: 0='ann@x.org', 1='bob@x.org'] at /usr/bin/pt-online-schema-change line 11696.\ngalactl: ended 255\n";
        assert_eq!(
            why(deadlock),
            "Error copying rows from `a` to `b`: 2026-11-29T08:20:37 DBD::mysql::st execute failed: Deadlock found when trying to get lock; try restarting transaction"
        );
        let twice = "DBD::mysql::st execute failed: Duplicate entry 'ann@x.org' for key 'mail' [for Statement \"x\"]\n";
        assert_eq!(
            why(twice),
            "DBD::mysql::st execute failed: Duplicate entry (value not shown) for key 'mail'"
        );
        let below = "Copying rows caused a MySQL error 1366:\n    Level: Warning\n     Code: 1366\n  Message: Incorrect integer value: 'secret' for column `s`.`t`.`c` at row 7\n    Query: INSERT\n";
        assert_eq!(
            why(below),
            "Copying rows caused a MySQL error 1366: Incorrect integer value: (value not shown) for column `s`.`t`.`c` at row 7"
        );
    }

    /// A refusal of its own has none of the words of an error.
    #[test]
    fn where_no_line_says_why_the_last_ones_are_shown() {
        let refused = "a\nb\nc\n\nThe table has children.\ngalactl: ended 2\n";
        assert_eq!(Log(refused).why().as_deref(), Some("b; c; The table has children."));
        assert_eq!(Log("galactl: ended 2\n").why(), None);
    }

    #[test]
    fn how_it_ended_and_why() {
        let failed = "2026-11-29T08:20:37 Error copying rows from `a` to `b`: 2026-11-29T08:20:37 Copying rows caused a MySQL error 1265: Data truncated for column 'item' at row 1656\nNo more warnings about this MySQL error will be reported.\ngalactl: ended 255\n";
        assert_eq!(Log(failed).ended(), Ended::Failed(255));
        assert!(Log(failed).why().is_some_and(|why| why.contains("Data truncated for column 'item'")));
        let killed = "# Exiting on SIGTERM.\nNot dropping triggers because the tool was interrupted.\ngalactl: ended 1\n";
        assert_eq!((Log(killed).ended(), Log(killed).why()), (Ended::Failed(1), None));
        assert_eq!(Log("Copying `a`:  5% 00:01 remain\n").ended(), Ended::Cut);
        assert_eq!(Log("Successfully altered `a`.\ngalactl: ended 0\n").ended(), Ended::Well);
    }
}
