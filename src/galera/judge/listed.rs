//! The codes as the reference lists them.

#[allow(clippy::wildcard_imports, reason = "all of them are listed here")]
use super::codes::*;
use crate::kernel::judge::Code;

/// For what a plan is refused, in the order of the reference.
pub const GUARDS: &[Code] = &[
    UNREACHABLE,
    PRIMARY_ALIVE,
    CLUSTER_STATE,
    NON_PRIMARY,
    USER_SCHEMAS,
    CONFIG_DRIFT,
    VERSIONS_DIFFER,
    UNIT_MASKED,
    REMOVED,
    QUORUM,
    STRAY_SERVER,
    ARMED_OPTION,
    OUTSIDE_CLUSTER,
    CERTIFICATE,
    UNKNOWN_OPTION,
    NOT_INSTALLED,
    MISSING,
    DISK,
    DISK_FULL,
    OTHER_CLUSTER,
    UNLISTED,
    UNHEALTHY,
    NOT_SUPPORTED,
    WRONG_ADDRESS,
    SAME_MACHINE,
    PATH_DIFFERS,
    PORTS,
    MISSING_LINK,
    FULL_TRANSFER,
    TABLE_CHANGE,
    TABLE_DIFFERS,
    WRITE_STALL,
    FOREIGN_FILE,
    DIVERGED,
    UNCLEAR,
    AHEAD,
    NOTHING_TO_RECOVER,
    BUSY,
    STALE,
    PLAN_FILE,
];

/// What `doctor`, `status` and `check` find, by what it is about.
pub const FINDINGS: &[(&str, &[Code])] = &[
    (
        "the next start or reboot",
        &[
            ARMED_INTENT,
            ARMED_OPTION,
            OUTSIDE_CLUSTER,
            UNIT_DISABLED,
            UNIT_MASKED,
            REMOVED,
            SAFE_TO_BOOTSTRAP,
            UNKNOWN_OPTION,
            OLD_PROCESS,
            ADDRESS_LIST,
            STRAY_SERVER,
        ],
    ),
    (
        "drift from the inventory",
        &[
            CONFIG_DRIFT,
            OPTION_FILE,
            STRAY_OPTION,
            UNREAD_FILE,
            IGNORED_OPTION,
            VOID_OPTIONS,
            SUPERSEDED,
            PATH_DIFFERS,
            WRONG_ADDRESS,
            SAME_MACHINE,
        ],
    ),
    (
        "the next state transfer",
        &[
            GCACHE,
            DISK,
            SST_ACCOUNT,
            DONOR,
            MISSING,
            START_TIMEOUT,
            VERSIONS,
            VERSIONS_DIFFER,
            LOOKUP,
            CONFINEMENT,
            PORTS,
        ],
    ),
    (
        "the cluster now",
        &[
            SPLIT,
            NO_PRIMARY,
            UNKNOWN,
            NOT_WHOLE,
            SIZE,
            MISSING_LINK,
            ARBITRATOR,
            SERVER_STATE,
            DISK_FULL,
            OTHER_CLUSTER,
            NO_NETWORK,
            FLOW_CONTROL,
            RECEIVE_QUEUE,
            SEND_QUEUE,
            UNREACHABLE,
            NOT_INSTALLED,
            NOT_SUPPORTED,
            EVEN_VOTES,
            CLOCK,
            MEMORY,
            ARCHITECTURE,
        ],
    ),
    ("encryption", &[TLS, CERTIFICATE]),
    ("the endpoint", &[HEALTH_UNIT, DRAINED, PROXY, SHARED_ADDRESS, FOREIGN_FILE]),
    ("who watches the cluster", &[MONITORING]),
    ("what the data rests on", &[DURABILITY, FORCE_RECOVERY, TABLE_ENGINE, PRIMARY_KEY, SCHEMA]),
    (
        "left by earlier runs",
        &[CUT_OFF, SST_LEFTOVERS, KEPT_DATA, WRITE_TEST, TRIED_CHANGE, PT_OSC, BOOTSTRAP_RECORD],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::galera::judge::codes;

    #[test]
    fn every_code_is_in_the_reference_and_has_a_name_of_its_own() {
        let all: Vec<_> =
            crate::kernel::judge::codes::ALL.iter().chain(codes::ALL).chain(&codes::OF_LINT).collect();
        let mut listed = GUARDS.iter().chain(FINDINGS.iter().flat_map(|(_, codes)| *codes));
        for (at, code) in all.iter().enumerate() {
            assert!(listed.clone().any(|known| known == *code), "{code} is in no list");
            assert!(all[..at].iter().all(|other| other.name != code.name), "{code} twice");
        }
        assert!(listed.all(|code| all.contains(&code)));
    }
}
