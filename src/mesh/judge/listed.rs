//! The codes as the reference lists them.

#[allow(clippy::wildcard_imports, reason = "all of them are listed here")]
use super::codes::*;
use crate::kernel::judge::Code;
use crate::kernel::judge::codes::{BUSY, PLAN_FILE};

/// For what a plan is refused, in the order of the reference.
pub const GUARDS: &[Code] = &[
    UNREACHABLE,
    SEED,
    OTHER_DATA,
    DATA_UNKNOWN,
    OTHER_MESH,
    STRANGER,
    NEW_DATABASE,
    FOREIGN,
    NOT_RUNNING,
    NOT_MEMBER,
    FORGOTTEN,
    LINK,
    APPLY_ERROR,
    PREPARED,
    MEMBER_LOST,
    NO_KEY,
    UNLOGGED,
    REGION_KEY,
    REPLICA_IDENTITY,
    MERGE,
    SEQUENCE_INCREMENT,
    NUMBER,
    DISK,
    NOT_REPAIRABLE,
    DDL,
    VERSIONS_DIFFER,
    UNIT_MASKED,
    NOT_INSTALLED,
    NOT_SUPPORTED,
    WRONG_ADDRESS,
    SAME_MACHINE,
    BUSY,
    STALE,
    PLAN_FILE,
];

/// What `status` and `doctor` find, by what it is about.
pub const FINDINGS: &[(&str, &[Code])] = &[
    (
        "the nodes",
        &[
            UNREACHABLE,
            NOT_RUNNING,
            NOT_MEMBER,
            FORGOTTEN,
            MEMBER_LOST,
            FOREIGN,
            DATA_UNKNOWN,
            OTHER_MESH,
            STRANGER,
            NEW_DATABASE,
        ],
    ),
    ("replication", &[LINK, APPLY_ERROR, SLOT]),
    ("drift from the inventory", &[CONFIG_DRIFT, PENDING_RESTART, FILE_UNREAD, CUT_OFF]),
    (
        "the schema",
        &[
            NO_KEY,
            UNLOGGED,
            REGION_KEY,
            MERGE,
            NUMBER,
            TABLE_MISSING,
            COLUMNS_DIFFER,
            NOT_SENT,
            SECOND_KEY,
            EXCLUSION,
            FOREIGN_KEY,
            FOREIGN_KEY_CASCADE,
            FOREIGN_KEY_OUTSIDE,
            REPLICA_IDENTITY,
            TRIGGER,
            SEQUENCE_ENDS,
            SEQUENCE_STEP,
        ],
    ),
    ("the hosts", &[DISK, NOT_AT_BOOT, CLOCK, TIME_SOURCE]),
];
