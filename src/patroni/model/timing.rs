//! How soon a leader that is not heard any more is followed by another one.

use schemars::JsonSchema;
use serde::Deserialize;

/// The choice of an inventory.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Timing {
    /// Patroni's own figures. A host that is lost is followed after 22 to 38 seconds.
    #[default]
    Default,
    /// The shortest that Patroni takes. A host that is lost is followed after 19 to 24 seconds; networks that stall for
    /// some seconds cause more failovers.
    Fast,
}

impl Timing {
    pub const ALL: [Self; 2] = [Self::Default, Self::Fast];

    /// Seconds for which a leader keeps its role without being heard.
    pub fn ttl(self) -> u16 {
        match self {
            Self::Default => 30,
            Self::Fast => 20,
        }
    }

    /// Seconds between two looks of Patroni.
    pub fn loop_wait(self) -> u16 {
        match self {
            Self::Default => 10,
            Self::Fast => 5,
        }
    }

    /// Seconds for which etcd and PostgreSQL are asked again before Patroni gives up.
    pub fn retry_timeout(self) -> u16 {
        match self {
            Self::Default => 10,
            Self::Fast => 5,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Timing;

    /// Patroni's documentation, "Dynamic configuration settings": otherwise the leader may lose its key while it
    /// still asks etcd again. A ttl below 20 is refused.
    #[test]
    fn a_leader_has_the_time_to_ask_twice_before_its_key_expires() {
        for timing in Timing::ALL {
            assert!(timing.loop_wait() + 2 * timing.retry_timeout() <= timing.ttl(), "{timing:?}");
            assert!(timing.ttl() >= 20, "{timing:?}");
        }
    }
}
