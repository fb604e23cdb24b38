//! The slow query log as a file → its statements.

use super::Logged;

/// The first line of an entry; before it, there may be the time.
const BEGINS: &str = "# User@Host: ";

/// Reads the end of such a file: what stands before the first entry is dropped.
pub fn statements(text: &str) -> Vec<Logged> {
    let mut lines = text.lines().skip_while(|line| !line.starts_with(BEGINS)).peekable();
    let mut all = Vec::new();
    while lines.next().is_some() {
        let mut entry = Vec::new();
        while let Some(line) = lines.next_if(|line| !line.starts_with(BEGINS)) {
            entry.push(line);
        }
        all.extend(statement(&entry));
    }
    all
}

/// Lines with a `#` tell about the statement; behind them come `use`, a time, and the statement. `None`: it is not whole.
fn statement(entry: &[&str]) -> Option<Logged> {
    let head = entry.iter().take_while(|line| line.starts_with("# ")).count();
    let value = |name: &str| {
        let line = entry[..head].iter().find_map(|line| Some(line.split_once(name)?.1))?;
        Some(line.split_once("  ").map_or(line, |(value, _)| value).trim())
    };
    let thread = value("Thread_id: ")?.parse().ok()?;
    let database = value("Schema: ")?.to_owned();
    let rows = value("Rows_affected: ")?.parse().ok()?;
    let body = &entry[head..];
    let begin = body.iter().position(|line| line.starts_with("SET ") && line.contains("timestamp="))? + 1;
    // The time of the next entry.
    let body = match body.last() {
        Some(last) if last.starts_with("# Time: ") && begin < body.len() => &body[begin..body.len() - 1],
        _ => &body[begin..],
    };
    Some(Logged { thread, database, rows: Some(rows), text: body.join("\n") })
}
