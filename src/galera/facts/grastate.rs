//! grastate.dat, Galera's saved state.

use serde::{Deserialize, Serialize};

use crate::galera::model::{Gtid, Seqno, StateUuid};

/// What grastate.dat says. Absence is no value of its fields: it means "never a member".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Grastate {
    Absent,
    /// A file of no bytes. The provider makes it at its first start and writes it when the node has
    /// its state: so this is a start that failed, or a state transfer that did not finish.
    Empty,
    /// The file is there and cannot be understood.
    Unreadable(String),
    Saved(SavedState),
}

/// The fields of a readable grastate.dat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SavedState {
    pub position: Gtid,
    /// `None` in files older than version 2.1.
    pub safe_to_bootstrap: Option<bool>,
}

impl std::fmt::Display for Grastate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Absent => f.write_str("there is no grastate.dat"),
            Self::Empty => f.write_str("grastate.dat is empty"),
            Self::Unreadable(why) => write!(f, "grastate.dat cannot be read: {why}"),
            Self::Saved(SavedState { position, safe_to_bootstrap }) => {
                write!(f, "grastate.dat says {position}, safe_to_bootstrap ")?;
                f.write_str(match safe_to_bootstrap {
                    Some(true) => "1",
                    Some(false) => "0",
                    None => "not given",
                })
            }
        }
    }
}

impl Grastate {
    /// Reads the file's text, `None` when there is no file.
    ///
    /// The file is overwritten in place and padded with blanks (galera saved_state.cpp,
    /// write_file), so trailing white space and unknown lines are normal.
    pub fn parse(text: Option<&str>) -> Self {
        let Some(text) = text else { return Self::Absent };
        let field = |name: &str| {
            text.lines()
                .find_map(|line| line.split_once(':').filter(|(key, _)| key.trim() == name))
                .map(|(_, v)| v.trim())
        };
        let uuid = field("uuid").and_then(|uuid| uuid.parse::<StateUuid>().ok());
        let seqno = field("seqno").and_then(|seqno| seqno.parse::<i64>().ok());
        match (uuid, seqno) {
            (Some(uuid), Some(seqno)) => Self::Saved(SavedState {
                position: Gtid { uuid, seqno: Seqno::from(seqno) },
                safe_to_bootstrap: field("safe_to_bootstrap").map(|flag| flag == "1"),
            }),
            _ => Self::Unreadable("no uuid and seqno in it".into()),
        }
    }

    /// The state UUID of a history that this node certainly took part in.
    pub fn known_uuid(&self) -> Option<&StateUuid> {
        match self {
            Self::Saved(state) if !state.position.uuid.is_zero() => Some(&state.position.uuid),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# GALERA saved state\nversion: 2.1\nuuid:    b819de78-9b4f-11ee-8000-0123456789ab\nseqno:   7\nsafe_to_bootstrap: 1      ";

    #[test]
    fn a_padded_file_is_read() {
        let Grastate::Saved(state) = Grastate::parse(Some(TEXT)) else { panic!("unreadable") };
        assert_eq!(state.position.to_string(), "b819de78-9b4f-11ee-8000-0123456789ab:7");
        assert_eq!(state.safe_to_bootstrap, Some(true));
    }

    #[test]
    fn absent_unreadable_and_zero_are_three_things() {
        assert_eq!(Grastate::parse(None), Grastate::Absent);
        assert!(matches!(Grastate::parse(Some("")), Grastate::Unreadable(_)));
        let zero = Grastate::parse(Some(
            &TEXT.replace("b819de78-9b4f-11ee-8000-0123456789ab", "00000000-0000-0000-0000-000000000000"),
        ));
        assert!(matches!(zero, Grastate::Saved(_)) && zero.known_uuid().is_none());
    }
}
