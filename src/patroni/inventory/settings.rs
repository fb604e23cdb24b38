//! Which settings of PostgreSQL may be set, where, and to what.

use std::sync::LazyLock;

use crate::kernel::inventory::secret_lines::names_secret;
use crate::kernel::inventory::wording::suggest;
use crate::kernel::model::one_line;
use crate::patroni::model::Major;

/// Why a setting cannot be taken from an inventory.
#[derive(Debug)]
pub struct Wrong {
    pub code: &'static str,
    pub message: String,
    pub hint: String,
    /// The name is at fault, not the value.
    pub on_name: bool,
}

/// Every setting that Patroni hands on to a server: `NAME`, or `NAME 15` of one version alone. Patroni drops a name
/// that it does not know, with a line in its log and no error. Source: `postgres --describe-config` of 15.20 and 17.12,
/// and the validators of Patroni 3.0.2 and 4.0.7.
const KNOWN: &str = include_str!("settings.txt");

/// A name, and the one version that has it; `None`: all have it.
type Known = (&'static str, Option<Major>);

static SETTINGS: LazyLock<Vec<Known>> = LazyLock::new(|| KNOWN.lines().map(known).collect());

fn known(line: &'static str) -> Known {
    match line.split_once(' ') {
        Some((name, "15")) => (name, Some(Major::Fifteen)),
        Some((name, _)) => (name, Some(Major::Seventeen)),
        None => (line, None),
    }
}

const RECOVERY: &str = "leave it out: Patroni writes what concerns recovery and replication itself";

/// Written by galactl or by Patroni; the second word says where the value comes from.
const MANAGED: [(&str, &str); 18] = [
    ("archive_cleanup_command", RECOVERY),
    ("cluster_name", "set `cluster.name`"),
    ("config_file", "leave it out: it lies in the data directory"),
    ("data_directory", "leave it out: it is /var/lib/postgresql/VERSION/main"),
    ("external_pid_file", "leave it out: Patroni starts and stops the server"),
    ("hba_file", "set `clients`"),
    ("hot_standby", "leave it out: it is always on"),
    ("ident_file", "leave it out: it lies in the data directory"),
    ("listen_addresses", "leave it out: it is made from the node's `address`"),
    ("password_encryption", "leave it out: it is scram-sha-256, with which accounts log in"),
    ("port", "set `postgresql.port`"),
    ("primary_conninfo", RECOVERY),
    ("primary_slot_name", RECOVERY),
    ("promote_trigger_file", RECOVERY),
    ("restore_command", RECOVERY),
    ("synchronous_standby_names", "set `synchronous`: Patroni writes it with each change of the leader"),
    ("unix_socket_directories", "leave it out: the socket is in /var/run/postgresql"),
    ("wal_log_hints", "leave it out: it is always on, for pg_rewind"),
];

/// What a setting that must be the same everywhere may be. Outside of it, Patroni takes the default, and says nothing.
#[derive(Clone, Copy)]
enum Takes {
    AtLeast(u32),
    Megabytes(u64),
    Switch,
    OneOf(&'static [&'static str]),
}

/// The settings that Patroni takes from its dynamic configuration alone, and hands to every server on its command line.
/// Source: `ConfigHandler.CMDLINE_OPTIONS` of Patroni 3.0.2 and 4.0.7.
const SHARED: [(&str, Takes); 9] = [
    ("max_connections", Takes::AtLeast(25)),
    ("max_locks_per_transaction", Takes::AtLeast(32)),
    ("max_prepared_transactions", Takes::AtLeast(0)),
    ("max_replication_slots", Takes::AtLeast(4)),
    ("max_wal_senders", Takes::AtLeast(3)),
    ("max_worker_processes", Takes::AtLeast(2)),
    ("track_commit_timestamp", Takes::Switch),
    ("wal_keep_size", Takes::Megabytes(16)),
    ("wal_level", Takes::OneOf(&["replica", "logical"])),
];

/// A standby does not start with less than the primary has of these.
pub const GREAT_ON_STANDBYS: [&str; 5] = [
    "max_connections",
    "max_locks_per_transaction",
    "max_prepared_transactions",
    "max_wal_senders",
    "max_worker_processes",
];

/// What Patroni gives a server of these where the dynamic configuration does not say it (`CMDLINE_OPTIONS` of Patroni 3.0.2
/// and 4.0.7).
pub fn usual(name: &str) -> Option<u32> {
    Some(match name {
        "max_connections" => 100,
        "max_locks_per_transaction" => 64,
        "max_prepared_transactions" => 0,
        "max_wal_senders" => 10,
        "max_worker_processes" => 8,
        _ => return None,
    })
}

/// Written by galactl or by Patroni, whatever an inventory says.
pub fn is_managed(name: &str) -> bool {
    refuse_managed(name).is_err()
}

const LONGEST_VALUE: usize = 4000;

/// PostgreSQL takes names in any case; this is the one spelling used inside.
pub fn canonical(name: &str) -> String {
    name.to_ascii_lowercase()
}

/// It must have the same value on every server.
pub fn is_shared(name: &str) -> bool {
    SHARED.iter().any(|(shared, _)| *shared == name)
}

/// Some version has no setting of this name. Settings of extensions, which have a dot, are not known.
pub fn is_missing_in(name: &str, major: Major) -> bool {
    let only = SETTINGS.iter().find(|(known, _)| *known == name).and_then(|(_, only)| *only);
    only.is_some_and(|only| only != major)
}

/// Checks a setting for every server.
pub fn check(name: &str, value: &str) -> Result<(), Wrong> {
    check_name(name)?;
    check_value(value)?;
    let name = canonical(name);
    refuse_managed(&name)?;
    refuse_secret(&name)?;
    let is_known = name.contains('.') || SETTINGS.iter().any(|(known, _)| *known == name);
    if !is_known {
        let names: Vec<_> = SETTINGS.iter().map(|(known, _)| *known).collect();
        return Err(Wrong {
            code: "unknown-setting",
            message: format!("`{name}` is no setting of PostgreSQL 15 or 17"),
            hint: suggest(&name, &names),
            on_name: true,
        });
    }
    match SHARED.iter().find(|(shared, _)| *shared == name) {
        Some((_, takes)) => takes.check(&name, value),
        None => Ok(()),
    }
}

/// Checks a setting for one server.
pub fn check_own(name: &str, value: &str) -> Result<(), Wrong> {
    let plain = canonical(name);
    if is_shared(&plain) {
        return Err(Wrong {
            code: "shared-setting",
            message: format!("`{plain}` must be the same on every node"),
            hint: "write it under the inventory's own `postgresql.settings`".into(),
            on_name: true,
        });
    }
    check(name, value)
}

fn refuse_managed(name: &str) -> Result<(), Wrong> {
    let managed = MANAGED.iter().find(|(managed, _)| *managed == name).map(|(_, source)| *source);
    let Some(source) = managed.or_else(|| name.starts_with("recovery_").then_some(RECOVERY)) else {
        // A recovery's own settings, but for these two, which concern crashes and prefetching.
        return Ok(());
    };
    if ["recovery_init_sync_method", "recovery_prefetch"].contains(&name) {
        return Ok(());
    }
    Err(Wrong {
        code: "managed-setting",
        message: format!("`{name}` is written by galactl or by Patroni"),
        hint: source.to_owned(),
        on_name: true,
    })
}

/// Only an extension has settings whose value is a secret.
fn refuse_secret(name: &str) -> Result<(), Wrong> {
    if !holds_secret(name) {
        return Ok(());
    }
    Err(Wrong {
        code: "secret-in-clear",
        message: format!("`{name}` looks like a secret, which never stands in an inventory"),
        hint: "set it in the database: ALTER SYSTEM, or ALTER ROLE … SET".into(),
        on_name: true,
    })
}

/// True of a setting whose value may be a secret.
pub fn holds_secret(name: &str) -> bool {
    let is_known = SETTINGS.iter().any(|(known, _)| name.eq_ignore_ascii_case(known));
    !is_known && names_secret(name)
}

fn check_name(name: &str) -> Result<(), Wrong> {
    let begins = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '.';
    if begins && name.chars().all(fits) && name.len() <= 63 && !name.ends_with('.') {
        return Ok(());
    }
    Err(Wrong {
        code: "setting-name",
        message: format!("`{}` is no name of a setting", name.escape_debug()),
        hint: "it is made of letters, digits and `_`; of an extension, with a dot".into(),
        on_name: true,
    })
}

/// Patroni puts the value between quotes, and doubles those in it. A line break would end the line.
fn check_value(value: &str) -> Result<(), Wrong> {
    if value.is_empty() {
        return Ok(());
    }
    one_line(value, LONGEST_VALUE).map_err(|reason| Wrong {
        code: "value",
        message: format!("the value {reason}"),
        hint: "a setting's value is one line of text".into(),
        on_name: false,
    })
}

impl Takes {
    fn check(self, name: &str, value: &str) -> Result<(), Wrong> {
        let (fits, needed) = match self {
            Self::AtLeast(least) => {
                (value.parse::<u32>().is_ok_and(|it| it >= least), format!("a whole number from {least} on"))
            }
            Self::Megabytes(least) => {
                (megabytes(value).is_some_and(|it| it >= least), format!("a size from {least}MB on"))
            }
            Self::Switch => (
                ["on", "off", "true", "false", "yes", "no"].iter().any(|it| value.eq_ignore_ascii_case(it)),
                "`on` or `off`".into(),
            ),
            Self::OneOf(words) => (
                words.iter().any(|word| value.eq_ignore_ascii_case(word)),
                words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(" or "),
            ),
        };
        if fits {
            return Ok(());
        }
        Err(Wrong {
            code: "required-value",
            message: format!("Patroni takes for `{name}` {needed}"),
            hint: "with another value, it would take its own default and say nothing".into(),
            on_name: false,
        })
    }
}

/// A size as PostgreSQL spells it, in whole megabytes; without a unit, it is in megabytes.
fn megabytes(value: &str) -> Option<u64> {
    let digits = value.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let number: u64 = digits.trim_end().parse().ok()?;
    match &value[digits.len()..] {
        "kB" => Some(number >> 10),
        "" | "MB" => Some(number),
        "GB" => number.checked_mul(1 << 10),
        "TB" => number.checked_mul(1 << 20),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_setting_that_is_written_elsewhere_or_shared_is_one() {
        // Recovery's own are in no list of settings that Patroni hands on.
        let recovery = [
            "archive_cleanup_command",
            "primary_conninfo",
            "primary_slot_name",
            "promote_trigger_file",
            "restore_command",
            "config_file",
        ];
        let shared = SHARED.iter().map(|(name, _)| *name);
        for name in MANAGED.iter().map(|(name, _)| *name).chain(shared) {
            let known = SETTINGS.iter().any(|(known, _)| *known == name);
            assert!(known || recovery.contains(&name), "{name}");
        }
        assert!(SETTINGS.len() > 300);
        assert!(SETTINGS.is_sorted_by_key(|(name, _)| *name));
    }

    #[test]
    fn a_setting_of_one_version_is_missing_in_the_other() {
        assert!(is_missing_in("transaction_timeout", Major::Fifteen));
        assert!(!is_missing_in("transaction_timeout", Major::Seventeen));
        assert!(is_missing_in("old_snapshot_threshold", Major::Seventeen));
        assert!(!is_missing_in("work_mem", Major::Fifteen));
        assert!(!is_missing_in("pglogical.conflict_resolution", Major::Fifteen));
    }

    #[test]
    fn sizes_are_read_in_megabytes() {
        for (text, size) in [
            ("128MB", Some(128)),
            ("2GB", Some(2048)),
            ("16", Some(16)),
            ("2048kB", Some(2)),
            ("x", None),
            ("1PB", None),
        ] {
            assert_eq!(megabytes(text), size, "{text}");
        }
    }
}
