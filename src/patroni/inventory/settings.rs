//! Which settings of PostgreSQL may be set, where, and to what.

use crate::postgresql::settings;
pub use crate::postgresql::settings::{Wrong, canonical, is_missing_in, merged, notes};

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

/// It must have the same value on every server.
pub fn is_shared(name: &str) -> bool {
    SHARED.iter().any(|(shared, _)| *shared == name)
}

/// Checks a setting for every server.
pub fn check(name: &str, value: &str) -> Result<(), Wrong> {
    let name = settings::check_writing(name, value)?;
    refuse_managed(&name)?;
    settings::check_known(&name)?;
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
            let known = settings::is_known(name);
            assert!(known || recovery.contains(&name), "{name}");
        }
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
