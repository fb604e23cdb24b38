//! What another member's log says about the joiner's latest state transfer, and not about an earlier one.

use super::Starts;
use crate::kernel::explain::pattern::{Caught, catch};

/// The member's log without what its script said of earlier transfers to this joiner. `start` are the lines of the
/// joiner's last start. If that start has not ended and its script has not begun, no line of the script is kept.
pub fn of_this_transfer(log: &str, start: &[&str], starts: Starts) -> String {
    const ASKED: &str = "Running: 'wsrep_sst_{} --role 'joiner' --address '{address}'";
    let caught = start.iter().rev().find_map(|line| catch(ASKED, line, &Caught::new()));
    let address = caught.and_then(|caught| caught.last().map(|(_, address)| (*address).to_owned()));
    let serves = |line: &&str| {
        let running = line.split_once("Running: 'wsrep_sst_").map(|(_, command)| command);
        let to =
            running.and_then(|command| command.split_once("--role 'donor' --address '")).map(|(_, to)| to);
        to.zip(address.as_deref()).is_some_and(|(to, address)| to.starts_with(address))
    };
    let lines: Vec<_> = log.lines().collect();
    let begins = lines.iter().rposition(serves).or((starts == Starts::Newest).then_some(lines.len()));
    let kept = lines.iter().enumerate().filter(|(at, line)| Some(*at) >= begins || is_the_servers(line));
    kept.flat_map(|(_, line)| [line, "\n"]).collect()
}

/// The line begins with a date as the server writes it. Lines of the script and its programs do not.
fn is_the_servers(line: &str) -> bool {
    let date = line.get(..11).unwrap_or_default();
    date.bytes().zip("0000-00-00 ".bytes()).all(|(is, form)| match form {
        b'0' => is.is_ascii_digit(),
        _ => is == form,
    }) && date.len() == 11
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: [&str; 1] =
        ["0 [Note] Running: 'wsrep_sst_rsync --role 'joiner' --address '192.0.2.12' --datadir"];
    const SERVES: &str = "2026-11-28 9:00:02 0 [Note] Running: 'wsrep_sst_rsync --role 'donor' --address '192.0.2.12:4444/rsync_sst'";

    #[test]
    fn an_earlier_transfers_words_are_over() {
        let log = format!("rsync: old\n2026-11-28  9:00:01 0 [Note] kept\n{SERVES}\nrsync: new\n");
        assert_eq!(
            of_this_transfer(&log, &START, Starts::All),
            format!("2026-11-28  9:00:01 0 [Note] kept\n{SERVES}\nrsync: new\n")
        );
        let failed = format!("{log}{}\n", SERVES.replace("Running: '", "Command did not run: "));
        assert!(of_this_transfer(&failed, &START, Starts::All).contains("rsync: new"), "{failed}");
        let another = log.replace("192.0.2.12", "192.0.2.13");
        assert_eq!(of_this_transfer(&another, &START, Starts::All), another, "it served somebody else since");
    }

    #[test]
    fn a_transfer_that_has_not_begun_has_said_nothing() {
        let log = "rsync: old\n2026-11-28  9:00:01 0 [Note] kept\n";
        assert_eq!(of_this_transfer(log, &START, Starts::Newest), "2026-11-28  9:00:01 0 [Note] kept\n");
        assert_eq!(of_this_transfer(log, &[], Starts::Newest), "2026-11-28  9:00:01 0 [Note] kept\n");
        assert_eq!(of_this_transfer(log, &START, Starts::All), log);
    }
}
