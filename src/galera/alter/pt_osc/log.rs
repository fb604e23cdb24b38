//! What pt-online-schema-change prints.

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
            return (without_time(line).to_owned(), None);
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

    /// Why it failed, in its own words; `None`: it was ended from outside.
    pub fn why(&self) -> Option<String> {
        if self.0.lines().any(|line| line.starts_with("# Exiting on SIG")) {
            return None;
        }
        let told = |line: &&str| {
            let told = ["rror", "annot", "failed", "denied", "can't", "Can't"];
            told.iter().any(|word| line.contains(word)) && !line.contains("No more warnings")
        };
        let line = self.0.lines().rev().find(told)?;
        Some(without_time(line.trim().trim_start_matches("(in cleanup) ")).to_owned())
    }
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
