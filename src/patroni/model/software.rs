//! What runs on a cluster's hosts, as far as its files depend on it.

use super::Major;
use crate::kernel::model::ServerVersion;

/// The versions of a cluster's programs. They are one for all hosts: members of different Debian releases have
/// different major versions of PostgreSQL, which do not replicate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Software {
    /// The Debian release: 12 or 13.
    pub debian: u16,
    pub patroni: ServerVersion,
    /// Of the members of etcd; where it is somebody else's, as far as it is known.
    pub etcd: Option<ServerVersion>,
    pub postgresql: Major,
    /// The API by which the cluster's keys were written, where there are any. Patroni of any version goes on with it: the
    /// keys of one API are not there for the other, and a Patroni that does not see them founds a cluster of its own.
    pub founded: Option<Api>,
}

/// The API by which Patroni reaches etcd.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Api {
    V2,
    V3,
}

impl Api {
    /// The section of Patroni's configuration.
    pub fn section(self) -> &'static str {
        match self {
            Self::V2 => "etcd",
            Self::V3 => "etcd3",
        }
    }
}

impl Software {
    /// What Debian's own packages of a release are; `None`: galactl does not know the release.
    pub fn of_debian(release: u16) -> Option<Self> {
        let version = |major, minor, patch| ServerVersion { major, minor, patch };
        let postgresql = Major::of_debian(release)?;
        let (patroni, etcd) = match postgresql {
            Major::Fifteen => (version(3, 0, 2), version(3, 4, 23)),
            Major::Seventeen => (version(4, 0, 7), version(3, 5, 16)),
        };
        Some(Self { debian: release, patroni, etcd: Some(etcd), postgresql, founded: None })
    }

    /// That of the cluster's keys, or else the newest that is safe.
    pub fn api(self) -> Api {
        let newest = if self.loses_by_v3() { Api::V2 } else { Api::V3 };
        self.founded.unwrap_or(newest)
    }

    /// Before 3.0.3, Patroni with the v3 API puts the leader's key without a comparison after its lease has expired: a
    /// leader that comes back from a cut network overwrites its successor, and acknowledged commits are lost (Patroni
    /// #2693; seen with 3.0.2). The v2 API compares.
    pub fn loses_by_v3(self) -> bool {
        self.patroni < ServerVersion { major: 3, minor: 0, patch: 3 }
    }

    /// etcd offers the v2 API: up to 3.5, if it is told to. What is not known is not in the way.
    pub fn etcd_has(self, api: Api) -> bool {
        api == Api::V3 || self.etcd.is_none_or(|etcd| etcd.series() < (3, 6))
    }

    /// Tags with `failover_priority` (Patroni 3.2).
    pub fn has_priorities(self) -> bool {
        self.patroni.series() >= (3, 2)
    }

    /// `synchronous_mode: quorum` (Patroni 4.0).
    pub fn has_quorum_commit(self) -> bool {
        self.patroni.series() >= (4, 0)
    }
}
