//! The codes as the reference lists them.

#[allow(clippy::wildcard_imports, reason = "all of them are listed here")]
use super::codes::*;
use crate::kernel::judge::Code;
use crate::kernel::judge::codes::{BUSY, PLAN_FILE};

/// For what a plan is refused, in the order of the reference.
pub const GUARDS: &[Code] = &[
    UNREACHABLE,
    SEED,
    DATA_WITHOUT_KEY,
    NO_PRIMARY,
    TWO_CLUSTERS,
    SPLIT_BRAIN,
    STORE_UNKNOWN,
    DATA_UNKNOWN,
    FOREIGN,
    LEFT_KEYS,
    FORKED,
    UNCLEAR,
    DATA_GONE,
    MAY_NOT_LEAD,
    NOTHING_TO_RECOVER,
    FOUNDING_CUT_OFF,
    VERSIONS_DIFFER,
    CONFIG_DRIFT,
    NOT_FOLLOWING,
    NOT_SYNCHRONOUS,
    REPLAY_PAUSED,
    PAUSED,
    PATRONI_DOWN,
    LEADER_KEY,
    LAG,
    LED,
    MORE_ADVANCED,
    PRIMARY_UNKNOWN,
    ETCD_QUORUM,
    ETCD_ALARM,
    ETCD_CLUSTER,
    ETCD_MEMBER,
    DISK,
    UNIT_MASKED,
    NOT_INSTALLED,
    NOT_SUPPORTED,
    WRONG_ADDRESS,
    SAME_MACHINE,
    PORTS,
    FOREIGN_FILE,
    BUSY,
    STALE,
    PLAN_FILE,
];

/// What `status` and `doctor` find, by what it is about.
pub const FINDINGS: &[(&str, &[Code])] = &[
    (
        "who leads",
        &[
            NO_PRIMARY,
            SPLIT_BRAIN,
            PRIMARY_UNKNOWN,
            LEADER_KEY,
            DATA_WITHOUT_KEY,
            TWO_CLUSTERS,
            STORE_UNKNOWN,
            DATA_UNKNOWN,
            FOUNDING_CUT_OFF,
        ],
    ),
    (
        "who takes over",
        &[PAUSED, NOT_FOLLOWING, OTHER_TIMELINE, NOT_SYNCHRONOUS, REPLAY_PAUSED, PATRONI_DOWN, SLOT],
    ),
    ("etcd", &[ETCD_ALARM, ETCD_QUORUM, ETCD_ROOM, ETCD_MEMBER, ETCD_CLUSTER, ETCD_SIZE]),
    ("the endpoint", &[PROXY, SHARED_ADDRESS, FOREIGN_FILE]),
    ("drift from the inventory", &[CONFIG_DRIFT, PENDING_RESTART, VERSIONS_DIFFER]),
    (
        "the hosts",
        &[
            UNREACHABLE,
            FOREIGN,
            UNIT_MASKED,
            NOT_INSTALLED,
            NOT_SUPPORTED,
            WRONG_ADDRESS,
            PORTS,
            SAME_MACHINE,
            CLOCK,
        ],
    ),
    (
        "what only doctor tells",
        &[LAG, DISK, CHECKSUMS, ONE_LEADER, NOT_AT_BOOT, FILE_UNREAD, KEPT_ASIDE, CUT_OFF],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::patroni::judge::codes;

    #[test]
    fn every_code_is_in_the_reference_and_has_a_name_of_its_own() {
        let all: Vec<_> = crate::kernel::judge::codes::ALL.iter().chain(codes::ALL).collect();
        let mut listed = GUARDS.iter().chain(FINDINGS.iter().flat_map(|(_, codes)| *codes));
        for (at, code) in all.iter().enumerate() {
            assert!(listed.clone().any(|known| known == *code), "{code} is in no list");
            assert!(all[..at].iter().all(|other| other.name != code.name), "{code} twice");
        }
        assert!(listed.all(|code| all.contains(&code)));
    }
}
