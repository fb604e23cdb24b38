//! The general log → its statements.

use std::collections::BTreeMap;

use super::Logged;

/// Commands that run a statement. What is only prepared changes nothing.
const RUNS: [&str; 2] = ["Query", "Execute"];

/// Reads the end of such a log. An entry is a line `[time]<tab>thread command<tab>text`, and the lines behind it that are
/// none.
pub fn statements(text: &str) -> Vec<Logged> {
    let mut databases: BTreeMap<u64, String> = BTreeMap::new();
    let mut all: Vec<Logged> = Vec::new();
    // The entry to which a further line belongs is a statement.
    let mut open = false;
    for line in text.lines() {
        let Some((thread, command, text)) = entry(line) else {
            if let Some(last) = all.last_mut().filter(|_| open) {
                last.text += "\n";
                last.text += line;
            }
            continue;
        };
        open = RUNS.contains(&command);
        match command {
            _ if open => {
                let database = databases.get(&thread).cloned().unwrap_or_default();
                all.push(Logged { thread, database, rows: None, text: text.to_owned() });
            }
            "Init DB" => drop(databases.insert(thread, text.to_owned())),
            "Connect" => drop(databases.insert(thread, connected_to(text))),
            // What it has not committed is undone.
            "Quit" => {
                all.push(Logged { thread, database: String::new(), rows: None, text: "ROLLBACK".into() });
            }
            _ => {}
        }
    }
    all
}

fn entry(line: &str) -> Option<(u64, &str, &str)> {
    let (time, rest) = line.split_once('\t')?;
    let is_time = time.bytes().all(|byte| byte.is_ascii_digit() || b" :".contains(&byte));
    let rest = rest.trim_start_matches(['\t', ' ']);
    let (thread, rest) = rest.split_once(' ').filter(|_| is_time)?;
    let (command, text) = rest.split_once('\t')?;
    let is_command =
        !command.is_empty() && command.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b' ');
    Some((thread.parse().ok().filter(|_| is_command)?, command, text))
}

/// `root@localhost on shop using Socket`
fn connected_to(text: &str) -> String {
    let database = text.split_once(" on ").and_then(|(_, rest)| rest.rsplit_once(" using "));
    database.map(|(database, _)| database.trim().to_owned()).unwrap_or_default()
}
