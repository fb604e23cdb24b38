//! The server does not come up because InnoDB or Aria finds its files damaged.

use super::innodb::KEEP;
use crate::kernel::explain::{Cause, Told, own};

/// Each cause of this table, as the reference says it.
pub const DOCUMENTED: &[(&str, &str)] = &[
    ("damaged-data", "InnoDB finds its files damaged"),
    ("damaged-aria", "Aria, which holds the system tables, finds its files damaged"),
];

/// A running server can log this damage, too.
const INNODB_FAILED: Told = own("[ERROR] Plugin 'InnoDB' ");

pub const CAUSES: &[Cause] = &[
    Cause {
        slug: "damaged-data",
        told_by: &[own("InnoDB: Plugin initialization aborted with error Data structure corruption")],
        cause: "InnoDB finds its files on this node damaged",
        next: KEEP,
    },
    Cause {
        slug: "damaged-data",
        told_by: &[own("We detected index corruption in an InnoDB type table")],
        cause: "InnoDB finds an index on this node damaged",
        next: KEEP,
    },
    Cause {
        slug: "damaged-data",
        told_by: &[own("InnoDB: Database page corruption on disk or a failed")],
        cause: "InnoDB finds a page of its files on this node damaged",
        next: KEEP,
    },
    Cause {
        slug: "damaged-data",
        told_by: &[own("InnoDB: Header page consists of zero bytes in datafile: {file}")],
        cause: "InnoDB finds its file {file} on this node damaged: it begins with zeros",
        next: KEEP,
    },
    Cause {
        slug: "damaged-data",
        told_by: &[own("InnoDB: Missing {what}_CHECKPOINT"), own("InnoDB: Plugin initialization aborted")],
        cause: "InnoDB finds its redo log on this node damaged: it has no {what}_CHECKPOINT",
        next: KEEP,
    },
    Cause {
        slug: "damaged-data",
        told_by: &[
            own("is in the future! Current system log sequence number"),
            own("Plugin 'InnoDB' init function returned error"),
        ],
        cause: "InnoDB's pages on this node are newer than its redo log: the redo log was removed, or the files were copied while a server wrote them",
        next: KEEP,
    },
    Cause {
        slug: "damaged-data",
        told_by: &[
            own("Your database may be corrupt or you may have copied the InnoDB tablespace but not"),
            own("InnoDB: Assertion failure"),
        ],
        cause: "InnoDB's files on this node do not belong together: the redo log was removed, or the files were copied while a server wrote them",
        next: KEEP,
    },
    Cause {
        slug: "damaged-data",
        told_by: &[own("InnoDB: Space id and page no stored in the page"), own("InnoDB: Assertion failure")],
        cause: "InnoDB finds a page of its files on this node that belongs to another place",
        next: KEEP,
    },
    Cause {
        slug: "damaged-data",
        told_by: &[own("InnoDB: Ignoring the redo log due to missing MLOG_CHECKPOINT"), INNODB_FAILED],
        cause: "InnoDB finds its redo log on this node damaged: it has no MLOG_CHECKPOINT",
        next: KEEP,
    },
    Cause {
        slug: "damaged-data",
        told_by: &[own("InnoDB: Error: Attempted to open a previously opened tablespace")],
        cause: "two files on this node claim to be one tablespace of InnoDB",
        next: KEEP,
    },
    Cause {
        slug: "damaged-aria",
        told_by: &[own("Aria recovery failed. Please run aria_chk")],
        cause: "Aria, which holds the system tables, finds its files on this node damaged",
        next: ARIA,
    },
    Cause {
        slug: "damaged-aria",
        told_by: &[own("Got error '{reason}' when trying to use aria control file '{file}'")],
        cause: "Aria, which holds the system tables, cannot use its control file {file}: {reason}",
        next: ARIA,
    },
    Cause {
        slug: "damaged-data",
        told_by: &[own("InnoDB: space header page consists of zero bytes in data file {file}")],
        cause: "InnoDB finds its file {file} on this node damaged: it begins with zeros",
        next: KEEP,
    },
    Cause {
        slug: "damaged-data",
        told_by: &[own("due to corruption on [page id: {page}]")],
        cause: "InnoDB finds a page of its files on this node damaged ({page})",
        next: KEEP,
    },
    Cause {
        slug: "damaged-data",
        told_by: &[own("[FATAL] InnoDB: Aborting because of a corrupt database page")],
        cause: "InnoDB finds a page of its files on this node damaged",
        next: KEEP,
    },
    Cause {
        slug: "damaged-data",
        told_by: &[own("InnoDB: No valid checkpoint found (corrupted redo log)")],
        cause: "InnoDB finds its redo log on this node damaged: it has no checkpoint",
        next: KEEP,
    },
    Cause {
        slug: "damaged-data",
        told_by: &[own("InnoDB: Invalid redo log header checksum")],
        cause: "InnoDB finds the header of its redo log on this node damaged",
        next: KEEP,
    },
    Cause {
        slug: "damaged-data",
        told_by: &[own("InnoDB: Invalid log header checksum")],
        cause: "InnoDB finds the header of its redo log on this node damaged",
        next: KEEP,
    },
    Cause {
        slug: "damaged-data",
        told_by: &[own("InnoDB: Log scan aborted at LSN {lsn}"), INNODB_FAILED],
        cause: "InnoDB cannot read its redo log on this node past {lsn}",
        next: KEEP,
    },
    Cause {
        slug: "damaged-data",
        told_by: &[
            own("InnoDB: Missing FILE_CREATE, FILE_DELETE or FILE_MODIFY before FILE_CHECKPOINT"),
            INNODB_FAILED,
        ],
        cause: "InnoDB's redo log on this node tells of files that are not there: the log and the files are not of one time",
        next: KEEP,
    },
    Cause {
        slug: "damaged-data",
        told_by: &[own("InnoDB: The first page of file {file} is corrupted"), INNODB_FAILED],
        cause: "InnoDB finds its file {file} on this node damaged",
        next: KEEP,
    },
    Cause {
        slug: "damaged-data",
        told_by: &[own("InnoDB: Datafile '{file}' is corrupted"), INNODB_FAILED],
        cause: "InnoDB finds its file {file} on this node damaged",
        next: KEEP,
    },
    Cause {
        slug: "damaged-data",
        told_by: &[own("InnoDB: Unable to apply log to corrupted page {} in file {file}"), INNODB_FAILED],
        cause: "InnoDB finds its file {file} on this node damaged",
        next: KEEP,
    },
    Cause {
        slug: "damaged-data",
        told_by: &[own("InnoDB: The change buffer is corrupted"), INNODB_FAILED],
        cause: "InnoDB finds its change buffer on this node damaged",
        next: KEEP,
    },
    Cause {
        slug: "damaged-data",
        told_by: &[own("InnoDB: Failed to read the system tablespace header page"), INNODB_FAILED],
        cause: "InnoDB cannot read the header of its system tablespace on this node",
        next: KEEP,
    },
    Cause {
        slug: "damaged-data",
        told_by: &[
            own("InnoDB: Tablespace {} has been found in two places: '{one}' and '{other}'"),
            INNODB_FAILED,
        ],
        cause: "two files on this node claim to be one tablespace of InnoDB: {one} and {other}",
        next: KEEP,
    },
];

const ARIA: &str = "sudo cp -a /var/lib/mysql /var/lib/mysql.damaged; in /var/lib/mysql: sudo -u mysql aria_chk -r */*.MAI, and remove aria_log.*; then start the node again";
