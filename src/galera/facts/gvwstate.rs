//! gvwstate.dat, the last view of a member that did not leave it cleanly.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// What gvwstate.dat says. The provider deletes the file when the server stops cleanly; if every
/// member of one view has it, plain starts form that view again (galera gcomm, pc.recovery).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Gvwstate {
    #[default]
    Absent,
    /// It is there, and is empty, cut off or not understood.
    Unreadable,
    View(LastView),
}

/// A Primary view. The UUIDs are those that each server gives itself at its start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastView {
    pub my_uuid: String,
    /// The whole of `view_id`, the same on all members of a view.
    pub view_id: String,
    pub members: BTreeSet<String>,
}

impl Gvwstate {
    /// Reads the file's text, `None` when there is no file (galera gcomm/src/view.cpp,
    /// ViewState::write_stream).
    pub fn parse(text: Option<&str>) -> Self {
        let Some(text) = text else { return Self::Absent };
        let values = |key: &'static str| {
            let fields = text.lines().filter_map(|line| line.split_once(':'));
            fields.filter(move |(name, _)| name.trim() == key).map(|(_, value)| value.trim())
        };
        let members: BTreeSet<String> = values("member")
            .filter_map(|value| value.split_whitespace().next())
            .map(str::to_ascii_lowercase)
            .collect();
        let whole = text.lines().any(|line| line.trim() == "#vwend");
        match (values("my_uuid").next(), values("view_id").next()) {
            (Some(my_uuid), Some(view_id)) if whole && !my_uuid.is_empty() && !members.is_empty() => {
                let view_id = view_id.split_whitespace().collect::<Vec<_>>().join(" ");
                Self::View(LastView { my_uuid: my_uuid.to_ascii_lowercase(), view_id, members })
            }
            _ => Self::Unreadable,
        }
    }

    pub fn is_there(&self) -> bool {
        *self != Self::Absent
    }

    pub fn view(&self) -> Option<&LastView> {
        match self {
            Self::View(view) => Some(view),
            Self::Absent | Self::Unreadable => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "my_uuid: 2aa2a9d3-ca1b-11f0-9c3c-9b3f0e3f35f2\n#vwbeg\nview_id: 3 2aa2a9d3-ca1b-11f0-9c3c-9b3f0e3f35f2 3\nbootstrap: 0\nmember: 2aa2a9d3-ca1b-11f0-9c3c-9b3f0e3f35f2 0\nmember: 4BE3A4A6-ca1b-11f0-8a5e-17d5ee5f3e0a 1\n#vwend\n";

    #[test]
    fn a_view_is_read() {
        let read = Gvwstate::parse(Some(TEXT));
        let view = read.view().expect("a view");
        assert_eq!(view.view_id, "3 2aa2a9d3-ca1b-11f0-9c3c-9b3f0e3f35f2 3");
        assert!(view.members.contains(&view.my_uuid));
        assert!(view.members.contains("4be3a4a6-ca1b-11f0-8a5e-17d5ee5f3e0a"));
    }

    #[test]
    fn what_is_not_whole_is_no_view() {
        assert_eq!(Gvwstate::parse(None), Gvwstate::Absent);
        for text in ["", "garbage", &TEXT.replace("#vwend", ""), &TEXT.replace("member:", "m:")] {
            assert_eq!(Gvwstate::parse(Some(text)), Gvwstate::Unreadable, "{text}");
        }
    }
}
