//! How far systemd got with the joiner's unit.

use std::time::Duration;

use tokio::time::sleep;

use crate::kernel::model::UnitName;
use crate::kernel::transport::{Host, RemoteCommand, TransportError};

/// A host that loses its power may answer wrongly in its last moment, and not at all in the next.
const LAST_MOMENT: Duration = Duration::from_secs(2);
/// `Job` is printed while a job of the unit is in systemd's queue.
const STATE: &str = r#"systemctl show "$1.service" --property=ActiveState,Result,NRestarts,Job"#;

/// The joiner's unit.
#[derive(Debug, PartialEq, Eq)]
pub enum UnitState {
    /// Its start is queued, and systemd has not come to it yet.
    Queued,
    Starting,
    Up,
    /// The server did not come up, or systemd has started it again since; in words.
    Failed(String),
}

impl UnitState {
    /// Errors: the host does not tell, also when it is asked once more.
    pub async fn ask(host: &Host, unit: &UnitName) -> Result<Self, TransportError> {
        let ask = || host.succeed(RemoteCommand::new(STATE, [unit.as_str()]));
        let said = match ask().await {
            Err(error) if !matches!(error, TransportError::Lost(_)) => {
                sleep(LAST_MOMENT).await;
                ask().await
            }
            answer => answer,
        };
        Ok(Self::parse(&said?))
    }

    fn parse(said: &str) -> Self {
        let field = |name: &str| said.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
        let field = |name: &str| field(name).unwrap_or_default();
        let is_queued = !matches!(field("Job"), "" | "0");
        match (field("ActiveState"), field("NRestarts")) {
            ("active", _) => Self::Up,
            ("activating", "0") => Self::Starting,
            ("inactive", "0") if is_queued => Self::Queued,
            (active, restarts) => {
                let result = field("Result");
                Self::Failed(format!("it is {active} ({result}) after {restarts} restarts"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(active: &str, restarts: u32, job: &str) -> UnitState {
        let said = format!("{job}NRestarts={restarts}\nResult=success\nActiveState={active}\n");
        UnitState::parse(&said)
    }

    #[test]
    fn a_unit_that_is_inactive_has_failed_unless_its_start_is_queued() {
        assert_eq!(of("inactive", 0, "Job=4711\n"), UnitState::Queued);
        let down = UnitState::Failed("it is inactive (success) after 0 restarts".into());
        for job in ["", "Job=\n", "Job=0\n"] {
            assert_eq!(of("inactive", 0, job), down, "{job}");
        }
    }

    #[test]
    fn a_server_that_systemd_starts_again_has_failed_once() {
        assert_eq!(of("activating", 0, "Job=4711\n"), UnitState::Starting);
        let again = UnitState::Failed("it is activating (success) after 1 restarts".into());
        assert_eq!(of("activating", 1, "Job=4711\n"), again);
        assert_eq!(of("active", 1, ""), UnitState::Up);
    }
}
