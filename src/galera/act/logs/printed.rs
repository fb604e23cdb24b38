//! What `logs.sh` prints.

use std::time::Duration;

use crate::galera::explain::now::Now;
use crate::galera::explain::timeline::{merged, of_file, of_journal};

const JOURNAL: &str = "journal";
const LOG_ERROR: &str = "log_error ";
const NOW: &str = "now";

/// Its parts, as they were printed.
#[derive(Debug, Default)]
pub struct Printed {
    /// How long ago the unit was last started.
    pub began: Option<Duration>,
    /// How far back the logs were read.
    pub looked_back: Option<Duration>,
    /// Name and text of each.
    pub parts: Vec<(String, String)>,
}

/// Each part's name with its text. Lines before the first name belong to none.
pub fn split(said: &str) -> Printed {
    let mut printed = Printed::default();
    let span = |seconds: &str| seconds.parse().ok().map(Duration::from_secs);
    for line in said.lines() {
        if let Some(seconds) = line.strip_prefix('+') {
            printed.began = span(seconds);
        } else if let Some(seconds) = line.strip_prefix('=') {
            printed.looked_back = span(seconds);
        } else if let Some(name) = line.strip_prefix('@') {
            printed.parts.push((name.to_owned(), String::new()));
        } else if let (Some(text), Some((_, part))) = (line.strip_prefix('|'), printed.parts.last_mut()) {
            part.push_str(text);
            part.push('\n');
        }
    }
    printed
}

/// The logs of one host, and what it does now.
#[derive(Debug, Default)]
pub struct Logs {
    pub began: Option<Duration>,
    pub looked_back: Option<Duration>,
    /// The server's, from the journal and its own file, in the order of time.
    pub server: String,
    /// As whose lines they are shown.
    pub server_name: String,
    /// Name and text of the state transfer script's.
    pub beside: Vec<(String, String)>,
    pub now: Now,
}

impl Logs {
    pub fn read(printed: Printed) -> Self {
        let Printed { began, looked_back, parts } = printed;
        let mut logs = Self { began, looked_back, server_name: JOURNAL.into(), ..Self::default() };
        let (mut journal, mut file) = (String::new(), String::new());
        for (name, text) in parts {
            match (&*name, name.strip_prefix(LOG_ERROR)) {
                (JOURNAL, _) => journal = text,
                (NOW, _) => logs.now = Now::read(&text),
                (_, Some(path)) => {
                    logs.server_name = format!("{JOURNAL} and {path}");
                    file = text;
                }
                (_, None) => logs.beside.push((name, text)),
            }
        }
        logs.server = merged(&of_journal(&journal), &of_file(&file));
        logs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_servers_own_file_and_the_journal_are_one_log() {
        let said = "motd\n+12\n=600\n@journal\n|2026-11-28T09:10:52+0000 db1 systemd[1]: b\n\
                    |2026-11-28T09:10:50+0000 db1 systemd[1]: a\n@log_error /var/log/mysql/error.log\n\
                    |2026-11-28  9:10:51 0 [ERROR] x\n@/tmp/mariabackup.backup.log\n|c\n@now\n|NRestarts=3\n";
        let logs = Logs::read(split(said));
        let spans = [logs.began, logs.looked_back].map(|it| it.unwrap().as_secs());
        assert_eq!(spans, [12, 600]);
        assert_eq!(logs.server, "a\n2026-11-28  9:10:51 0 [ERROR] x\nb\n");
        assert_eq!(logs.server_name, "journal and /var/log/mysql/error.log");
        assert_eq!(logs.beside, [("/tmp/mariabackup.backup.log".to_owned(), "c\n".to_owned())]);
        assert_eq!(logs.now.restarts, 3);
    }
}
