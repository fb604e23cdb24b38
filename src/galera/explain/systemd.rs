//! systemd or the kernel ended the server, or could not start it.

use crate::kernel::explain::{Cause, own};

/// Each cause of this table, as the reference says it.
pub const DOCUMENTED: &[(&str, &str)] = &[
    ("start-timeout", "systemd ended the start after `TimeoutStartSec`"),
    ("oom-killed", "the kernel killed the server because the host had no memory left"),
    ("killed", "the server was killed with SIGKILL"),
    (
        "unit-cannot-run",
        "systemd cannot run the unit: its user, its program or a path of its sandbox is missing",
    ),
];

/// In a joiner's log: a state transfer was asked for, and given.
const TRANSFER: &str = "Running: 'wsrep_sst_{method} --role 'joiner'";

pub const CAUSES: &[Cause] = &[
    Cause {
        slug: "start-timeout",
        told_by: &[own("tart operation timed out. Terminating"), own(TRANSFER)],
        cause: "systemd ended the start after TimeoutStartSec, while the state transfer ({method}) was under way",
        next: TIMEOUT,
    },
    Cause {
        slug: "start-timeout",
        told_by: &[own("tart operation timed out. {}")],
        cause: "systemd ended the start after TimeoutStartSec, before the server was up",
        next: TIMEOUT,
    },
    Cause {
        slug: "start-timeout",
        told_by: &[own("tart-pre operation timed out")],
        cause: "systemd ended the start after TimeoutStartSec, while the server still recovered its position",
        next: TIMEOUT,
    },
    Cause {
        slug: "start-timeout",
        told_by: &[own("tart-post operation timed out")],
        cause: "systemd ended the start after TimeoutStartSec, while a command of the unit ran after it (ExecStartPost)",
        next: TIMEOUT,
    },
    Cause { slug: "oom-killed", told_by: &[own(" killed by the OOM killer")], cause: OOM, next: MEMORY },
    Cause { slug: "oom-killed", told_by: &[own("Failed with result 'oom-kill'")], cause: OOM, next: MEMORY },
    Cause {
        slug: "start-timeout",
        told_by: &[own("failed because a timeout was exceeded")],
        cause: "systemd ended the start after TimeoutStartSec",
        next: TIMEOUT,
    },
    Cause {
        slug: "oom-killed",
        told_by: &[own("Out of memory: Kill{} process {} (m{}d)")],
        cause: OOM,
        next: MEMORY,
    },
    Cause {
        slug: "unit-cannot-run",
        told_by: &[own("ailed to set up mount namespacing: {path}: {reason}")],
        cause: "systemd cannot run the unit: {path}, which it names, is missing ({reason})",
        next: UNIT,
    },
    Cause {
        slug: "unit-cannot-run",
        told_by: &[own("process exited, code=exited, status={code}/USER")],
        cause: "systemd cannot run the unit: its user does not exist (status {code})",
        next: UNIT,
    },
    Cause {
        slug: "unit-cannot-run",
        told_by: &[own("process exited, code=exited, status={code}/EXEC")],
        cause: "systemd cannot run the unit: its program is not there, or cannot be run (status {code})",
        next: UNIT,
    },
    Cause {
        slug: "unit-cannot-run",
        told_by: &[own("process exited, code=exited, status={code}/NAMESPACE")],
        cause: "systemd cannot run the unit: a path of its sandbox is missing (status {code})",
        next: UNIT,
    },
    Cause {
        slug: "unit-cannot-run",
        told_by: &[own("Failed at step {step} spawning {program}: {reason}")],
        cause: "systemd cannot run {program}, at {step}: {reason}",
        next: UNIT,
    },
    Cause {
        slug: "unit-cannot-run",
        told_by: &[own("Failed to load environment files: {reason}")],
        cause: "systemd cannot run the unit: a file of environment variables that it names cannot be read ({reason})",
        next: UNIT,
    },
    Cause {
        slug: "unit-cannot-run",
        told_by: &[own("Failed to run '{task}' task: {reason}")],
        cause: "systemd cannot run the unit ({task}): {reason}",
        next: UNIT,
    },
    Cause {
        slug: "unit-cannot-run",
        told_by: &[own("was skipped because of {} condition check ({condition})")],
        cause: "systemd did not start the unit, because a condition of it does not hold: {condition}",
        next: UNIT,
    },
    Cause {
        slug: "unit-cannot-run",
        told_by: &[own("was skipped because no trigger condition checks were met")],
        cause: "systemd did not start the unit, because none of its conditions holds",
        next: UNIT,
    },
    Cause {
        slug: "unit-cannot-run",
        told_by: &[own("Condition check resulted in MariaDB {} being skipped")],
        cause: "systemd did not start the unit, because a condition of it does not hold",
        next: UNIT,
    },
    Cause {
        slug: "unit-cannot-run",
        told_by: &[own("Dependency failed for MariaDB")],
        cause: "systemd did not start the unit, because another one that it needs failed",
        next: "systemctl list-dependencies mariadb; systemctl --failed",
    },
    Cause {
        slug: "unit-cannot-run",
        told_by: &[own("nit m{unit}.service is masked")],
        cause: "the unit m{unit} is masked, so that nobody starts it",
        next: "systemctl status m{unit}; sudo systemctl unmask m{unit}, when it is known who masked it and why",
    },
    Cause {
        slug: "killed",
        told_by: &[own("Main process exited, code=killed, status=9/KILL")],
        cause: "the server was killed with SIGKILL: by the kernel for want of memory, by somebody, or by systemd when it did not stop in time",
        next: "sudo journalctl -k --grep 'Out of memory'; galactl status {inventory}, then galactl start {inventory}",
    },
];

const TIMEOUT: &str = "sudo systemctl edit mariadb, with [Service] and TimeoutStartSec=infinity, or as many seconds as a state transfer may take; then start the node again: galactl start {inventory}";
const OOM: &str = "the kernel killed the server, because the host had no memory left";
const MEMORY: &str = "free -m; sudo journalctl -k --grep 'Out of memory'; set a smaller innodb_buffer_pool_size in the inventory, or move what else runs there";
const UNIT: &str = "systemctl cat mariadb; sudo systemd-analyze verify mariadb.service";
