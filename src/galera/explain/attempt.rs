//! A log holds many starts of a server. The newest start is searched first.

#[derive(Debug, Default)]
pub struct Attempt<'a> {
    pub lines: Vec<&'a str>,
    /// This start succeeded, and `lines` are the ones after it.
    pub came_up: bool,
}

/// The starts, the newest first, back to the last one that succeeded: what failed before that is over.
pub fn attempts(log: &str) -> Vec<Attempt<'_>> {
    let lines: Vec<_> = log.lines().collect();
    let begins = if lines.iter().any(|line| unit_begins(line)) { unit_begins } else { server_begins };
    let mut attempts = vec![Attempt::default()];
    for (line, came_up) in lines.iter().zip(coming_up(&lines)) {
        if came_up {
            attempts = vec![Attempt { lines: Vec::new(), came_up }];
        } else if begins(line) {
            attempts.push(Attempt::default());
        }
        attempts.last_mut().into_iter().for_each(|attempt| attempt.lines.push(*line));
    }
    attempts.reverse();
    attempts
}

/// systemd logs that it starts the unit: older versions with the unit's description, newer ones with its name, too.
fn unit_begins(line: &str) -> bool {
    let starting = line.split_once("Starting ").map(|(_, what)| what);
    starting.is_some_and(|what| what.ends_with("database server...") || what.contains(".service - "))
}

fn server_begins(line: &str) -> bool {
    line.contains("[Note] Starting MariaDB ") || line.contains("starting as process ")
}

/// For each line: whether it says that a joiner has become Synced. A donor gets
/// to Synced after every state transfer, even after one that failed, so that does not count.
fn coming_up(lines: &[&str]) -> Vec<bool> {
    let mut from_donor = false;
    let came_up = |line: &&str| {
        let change = line.split_once("Server status change ").map(|(_, change)| change);
        match change.and_then(|change| change.split_once(" -> ")) {
            Some((from, "joined")) => from_donor = from == "donor",
            Some(("joined", "synced")) => return !from_donor,
            _ => {}
        }
        false
    };
    lines.iter().map(came_up).collect()
}

/// The lines without those of the SST script, if the server said afterwards that the transfer is complete:
/// Galera 3 says so once it has received everything.
pub fn without_a_finished_transfer(lines: Vec<&str>) -> Vec<&str> {
    let complete = |line: &&str| {
        let seqno = line.split_once("WSREP: SST complete, seqno: ").map(|(_, seqno)| seqno);
        seqno.is_some_and(|seqno| !seqno.starts_with('-'))
    };
    let end = lines.iter().rposition(complete).unwrap_or(0);
    let scripts = |line: &str| line.contains("WSREP_SST: ") || line.contains("error: wsrep_sst_");
    let kept = lines.into_iter().enumerate().filter(|(at, line)| *at >= end || !scripts(line));
    kept.map(|(_, line)| line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const UNIT: &str = "Starting mariadb.service - MariaDB 10.11.19 database server...";
    const SERVER: &str = "2026-01-01 0:00:01 0 [Note] Starting MariaDB 10.11.19-MariaDB source as process 7";
    const UP: &str = "WSREP: Server status change initialized -> joined\n\
                      WSREP: Server status change joined -> synced";

    fn of(lines: &[&str]) -> Vec<String> {
        attempts(&lines.join("\n")).iter().map(|attempt| attempt.lines.join("|")).collect()
    }

    #[test]
    fn the_newest_start_comes_first() {
        assert_eq!(
            of(&["a", UNIT, SERVER, "b", UNIT, "c"]),
            [format!("{UNIT}|c"), format!("{UNIT}|{SERVER}|b"), "a".into()]
        );
        assert_eq!(of(&[SERVER, "b"]), [format!("{SERVER}|b"), String::new()]);
        assert_eq!(of(&["a", "b"]), ["a|b"]);
        assert_eq!(of(&["Starting MariaDB 10.5.29 database server...", "a"]).len(), 2);
    }

    #[test]
    fn a_script_that_failed_after_the_data_was_taken_in_hindered_nothing() {
        let failed = "[ERROR] WSREP: Process completed with error: wsrep_sst_rsync --role 'joiner'";
        let complete = "[Note] WSREP: SST complete, seqno: 7";
        assert_eq!(without_a_finished_transfer(vec!["a", failed, complete, "b"]), ["a", complete, "b"]);
        assert_eq!(without_a_finished_transfer(vec![complete, failed]), [complete, failed]);
        let not = "[Note] WSREP: SST complete, seqno: -1";
        assert_eq!(without_a_finished_transfer(vec![failed, not]), [failed, not]);
    }

    #[test]
    fn what_came_before_a_good_end_is_over() {
        let found = of(&["a", UNIT, "b", UP, "c"]);
        assert_eq!(found, ["WSREP: Server status change joined -> synced|c"]);
        let donor = UP.replace("initialized", "donor");
        assert_eq!(of(&["a", UNIT, "b", &donor, "c"]).len(), 2);
    }
}
