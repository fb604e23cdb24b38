//! The position that `--wsrep-recover` finds, in all the forms in which it is printed.

use serde::{Deserialize, Serialize};

use crate::galera::model::{Gtid, Seqno, StateUuid};

/// What came of asking a stopped node's data how far it got.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recovered {
    pub position: Position,
    /// Seconds since something was last written to the data.
    pub last_write: Option<u64>,
}

/// The position of the data itself. It says nothing of grastate.dat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Position {
    At(Gtid),
    /// The data has none: it was never part of a cluster, or is no data at all.
    None(String),
    /// It was not asked, or it did not tell. Nothing follows from it about the data.
    Unknown(String),
}

impl Recovered {
    /// Reads what the server printed with `--wsrep-recover`.
    pub fn parse(said: &str, last_write: Option<u64>) -> Self {
        let position = match recovered_position(said) {
            Some(position) if position.uuid.is_zero() => Position::None("its data holds no position".into()),
            Some(Gtid { seqno: Seqno::Unknown, .. }) => {
                Position::Unknown("its data holds a state UUID and no seqno".into())
            }
            Some(position) => Position::At(position),
            None if said.contains("skipping position recovery") => {
                Position::None("wsrep is off in its configuration".into())
            }
            None => Position::Unknown(last_words(said)),
        };
        Self { position, last_write }
    }
}

/// The last line that speaks of an error, or the last line.
fn last_words(said: &str) -> String {
    let lines = || said.lines().rev().map(str::trim).filter(|line| !line.is_empty());
    let telling = lines().find(|line| line.contains("[ERROR]")).or_else(|| lines().next());
    let words = telling.unwrap_or("it said nothing");
    words.chars().take(MOST_WORDS).collect()
}

/// Characters of an error that are shown.
const MOST_WORDS: usize = 300;

/// Finds `uuid:seqno` in the output of `mariadbd --wsrep-recover` or `galera_recovery`. With
/// wsrep_gtid_mode the server's own GTID stands before or after the seqno
/// (`uuid:12,0-1-7`, `uuid:0-1-7,12`). The last position printed counts.
pub fn recovered_position(text: &str) -> Option<Gtid> {
    text.lines().rev().find_map(position_in)
}

fn position_in(line: &str) -> Option<Gtid> {
    let marks = ["Recovered position:", "--wsrep_start_position=", "WSREP_START_POSITION="];
    position_of(marks.iter().find_map(|mark| line.split_once(mark))?.1)
}

/// `uuid:seqno`, with or without the name of its option before it.
pub fn position_of(text: &str) -> Option<Gtid> {
    let rest = text.split_once("start_position=").map_or(text, |(_, value)| value).trim_start();
    let (uuid, rest) = (rest.get(..36)?, rest.get(36..)?.strip_prefix(':')?);
    let numbers = rest.split(|c: char| c.is_whitespace() || c == '"').next()?;
    let seqno = numbers.split(',').find_map(|number| number.parse::<i64>().ok())?;
    Some(Gtid { uuid: uuid.parse::<StateUuid>().ok()?, seqno: Seqno::from(seqno) })
}

#[cfg(test)]
mod tests {
    use super::*;

    const UUID: &str = "b819de78-9b4f-11ee-8000-0123456789ab";

    #[test]
    fn every_known_form_is_read() {
        for (line, seqno) in [
            (format!("2026-01-01 0:00:00 0 [Note] WSREP: Recovered position: {UUID}:112"), 112),
            (format!("WSREP: Recovered position: {UUID}:135,9999-1-121"), 135),
            (format!("[WSREP] Recovered position: {UUID}:7"), 7),
            (format!("--wsrep_start_position={UUID}:48451,201-2001-48431"), 48451),
            (format!("_WSREP_START_POSITION=--wsrep_start_position={UUID}:201-2001-48431,48451"), 48451),
            (format!("--wsrep_start_position={UUID}:-1"), -1),
        ] {
            let found = recovered_position(&line).unwrap_or_else(|| panic!("{line}"));
            assert_eq!((found.uuid.as_str(), i64::from(found.seqno)), (UUID, seqno), "{line}");
        }
    }

    #[test]
    fn no_position_is_no_position() {
        for line in [
            "",
            "WSREP: skipping position recovery",
            "Recovered position: nonsense:1",
            "Recovered position: ü",
        ] {
            assert_eq!(recovered_position(line), None, "{line}");
        }
    }
}
