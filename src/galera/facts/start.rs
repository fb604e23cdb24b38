//! How the running server process was started.

use serde::{Deserialize, Serialize};

use super::recovered::position_of;
use crate::galera::model::Gtid;

/// What the command line of the running server says. It is the only witness of a bootstrap that
/// somebody made by hand.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerStart {
    /// `--wsrep-new-cluster`: this process began its component.
    pub new_cluster: bool,
    /// The position that its data had then (`--wsrep_start_position`).
    pub position: Option<Gtid>,
    /// Seconds since then.
    pub age: u64,
}

impl ServerStart {
    /// Reads `age=SECONDS` and `argument=WORD` lines.
    pub fn parse(text: &str) -> Self {
        let values = |key: &'static str| {
            text.lines().filter_map(move |line| line.split_once('=').filter(|(name, _)| *name == key))
        };
        let arguments = || values("argument").map(|(_, word)| word);
        Self {
            new_cluster: arguments().any(|word| word.replace('_', "-").starts_with("--wsrep-new-cl")),
            position: arguments().find_map(position_of),
            age: values("age").find_map(|(_, age)| age.trim().parse().ok()).unwrap_or(0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_line_is_read() {
        let text = "age=75\nargument=--wsrep-new-cluster\nargument=--wsrep_start_position=b819de78-9b4f-11ee-8000-0123456789ab:6\n";
        let start = ServerStart::parse(text);
        assert!(start.new_cluster);
        assert_eq!(start.age, 75);
        assert_eq!(start.position.expect("a position").to_string(), "b819de78-9b4f-11ee-8000-0123456789ab:6");
        assert_eq!(ServerStart::parse("age=3\n"), ServerStart { age: 3, ..ServerStart::default() });
    }
}
