//! The accounts that Patroni works with, and their passwords.

use crate::kernel::model::SecretName;

pub const SUPERUSER_PASSWORD: &SecretName = &SecretName::new("superuser-password");
pub const REPLICATION_PASSWORD: &SecretName = &SecretName::new("replication-password");
pub const REWIND_PASSWORD: &SecretName = &SecretName::new("rewind-password");

/// An account of PostgreSQL that Patroni logs in with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Account {
    /// Does everything on its own server, through the unix socket; over TCP only between members.
    Superuser,
    /// Streams changes from the leader.
    Replication,
    /// Reads the leader's files for pg_rewind.
    Rewind,
}

impl Account {
    pub const ALL: [Self; 3] = [Self::Superuser, Self::Replication, Self::Rewind];

    /// The account's name in PostgreSQL.
    pub fn user(self) -> &'static str {
        match self {
            Self::Superuser => "postgres",
            Self::Replication => "replicator",
            Self::Rewind => "rewind_user",
        }
    }

    /// The key of Patroni's `postgresql.authentication`, and of the inventory's `secrets`.
    pub fn key(self) -> &'static str {
        match self {
            Self::Superuser => "superuser",
            Self::Replication => "replication",
            Self::Rewind => "rewind",
        }
    }

    pub fn password(self) -> &'static SecretName {
        match self {
            Self::Superuser => SUPERUSER_PASSWORD,
            Self::Replication => REPLICATION_PASSWORD,
            Self::Rewind => REWIND_PASSWORD,
        }
    }
}
