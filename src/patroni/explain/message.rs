//! A line of a journal or of a log → what the program itself says in it.
//!
//! ```text
//! 2026-11-29T16:45:21+00:00 patroni[64]: 2026-11-29 16:45:21,375 CRITICAL: system ID mismatch, …
//! 2026-11-29 16:02:34.761 UTC [1788] LOG:  new timeline 2 forked off …
//! 2026-11-29T16:48:18+00:00 etcd[66]: {"level":"warn","msg":"…","error":"…"}
//! ```
//!
//! Servers log what clients write as well: statements, names, errors. That stands behind the first words of a message, or in
//! lines that begin with a tab. So a message is only what follows the heads above, and PostgreSQL with another
//! `log_line_prefix` is not understood.

use serde_json::Value;

/// What the line says. etcd says it in two fields.
pub fn messages(line: &str) -> Vec<String> {
    let said = behind_journal(line);
    match serde_json::from_str::<Value>(said) {
        Ok(Value::Object(fields)) => {
            let text = |name| fields.get(name).and_then(Value::as_str).map(str::to_owned);
            ["msg", "error"].into_iter().filter_map(text).collect()
        }
        _ => vec![behind_time(said).to_owned()],
    }
}

/// Behind the journal's own words, which end with a program's name and its process: `patroni[64]: `.
fn behind_journal(line: &str) -> &str {
    if line.starts_with(char::is_whitespace) {
        return line;
    }
    // Before the program stand a time, in one to three words, and the host's name where it is shown.
    let mut rest = line;
    for _ in 0..5 {
        let Some((word, behind)) = rest.split_once(' ') else { return line };
        if is_program(word) {
            return behind;
        }
        if word.ends_with(':') {
            return line;
        }
        rest = behind;
    }
    line
}

fn is_program(word: &str) -> bool {
    let process = word.strip_suffix("]:").and_then(|word| word.split_once('['));
    process.is_some_and(|(name, number)| !name.is_empty() && is_number(number))
}

/// Behind the time and, in PostgreSQL's lines, the zone and the process.
fn behind_time(text: &str) -> &str {
    stamped(text).unwrap_or(text)
}

fn stamped(text: &str) -> Option<&str> {
    const TIME: &[u8] = b"0000-00-00 00:00:00";
    let (time, rest) = text.split_at_checked(TIME.len())?;
    let fits = |(byte, form): (u8, &u8)| if *form == b'0' { byte.is_ascii_digit() } else { byte == *form };
    if !time.bytes().zip(TIME).all(fits) {
        return None;
    }
    let rest = rest.trim_start_matches(|c: char| c.is_ascii_digit() || ".,".contains(c)).strip_prefix(' ')?;
    let is_zone =
        |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || "+-".contains(c));
    let rest = rest.split_once(' ').filter(|(zone, _)| is_zone(zone)).map_or(rest, |(_, behind)| behind);
    let process = rest.strip_prefix('[').and_then(|rest| rest.split_once("] "));
    Some(process.filter(|(number, _)| is_number(number)).map_or(rest, |(_, behind)| behind))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
