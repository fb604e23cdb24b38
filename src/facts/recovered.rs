//! The position that `--wsrep-recover` finds, in all the forms in which it is printed.

use crate::model::{Gtid, Seqno, StateUuid};

/// Finds `uuid:seqno` in the output of `mariadbd --wsrep-recover` or `galera_recovery`. With
/// wsrep_gtid_mode the server's own GTID stands before or after the seqno
/// (`uuid:12,0-1-7`, `uuid:0-1-7,12`). The last position printed counts.
pub fn recovered_position(text: &str) -> Option<Gtid> {
    text.lines().rev().find_map(position_in)
}

fn position_in(line: &str) -> Option<Gtid> {
    let marks = ["Recovered position:", "--wsrep_start_position=", "WSREP_START_POSITION="];
    let rest = marks.iter().find_map(|mark| line.split_once(mark))?.1.trim_start();
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
