//! Which options may be set, which are required, and what each server version makes of them.

use crate::galera::model::escape;
use crate::kernel::inventory::wording::suggest;
use crate::kernel::model::ServerVersion;

/// Why an option cannot be taken from an inventory.
#[derive(Debug)]
pub struct Wrong {
    pub code: &'static str,
    pub message: String,
    pub hint: String,
    /// The name is at fault, not the value.
    pub on_name: bool,
}

/// Written by galactl itself; the second word says where the value comes from.
const MANAGED: [(&str, &str); 14] = [
    ("wsrep_on", "it is always ON"),
    ("wsrep_provider", "set `host.provider`"),
    ("wsrep_provider_options", "set `provider_options`"),
    ("wsrep_cluster_name", "set `cluster.name`"),
    ("wsrep_cluster_address", "it is made from the list of nodes"),
    ("wsrep_node_name", "it is the node's `name`"),
    ("wsrep_node_address", "it is the node's `address`"),
    ("wsrep_sst_method", "set `sst.method`"),
    ("wsrep_sst_auth", "set `sst.user` and `sst.password`"),
    ("wsrep_new_cluster", "in a file it would bootstrap at every start; `galactl bootstrap` does it once"),
    ("wsrep_start_position", "the server's own start script finds it"),
    ("datadir", "set `host.datadir`"),
    ("socket", "set `host.socket`"),
    ("user", "the server runs as the package's own user"),
];

/// Options whose value is a secret (MariaDB's list of server and client options).
const SECRETS: [&str; 10] = [
    "s3_access_key",
    "s3_secret_key",
    "wsrep_sst_auth",
    "password",
    "encrypt_key",
    "report_password",
    "ssl_passphrase",
    "file_key_management_filekey",
    "hashicorp_key_management_token",
    "tls_passphrase",
];

/// Galera requires these values (galeracluster.com, system configuration).
pub const REQUIRED: [(&str, &str); 3] =
    [("binlog_format", "ROW"), ("default_storage_engine", "InnoDB"), ("innodb_autoinc_lock_mode", "2")];

/// Provider options of galera 26.4.23, as the provider prints them.
const PROVIDER_OPTIONS: &[&str] = &[
    "allocator.disk_pages_encryption",
    "base_dir",
    "base_host",
    "base_port",
    "cert.log_conflicts",
    "cert.optimistic_pa",
    "debug",
    "evs.auto_evict",
    "evs.causal_keepalive_period",
    "evs.debug_log_mask",
    "evs.delay_margin",
    "evs.delayed_keep_period",
    "evs.inactive_check_period",
    "evs.inactive_timeout",
    "evs.info_log_mask",
    "evs.install_timeout",
    "evs.join_retrans_period",
    "evs.keepalive_period",
    "evs.max_install_timeouts",
    "evs.send_window",
    "evs.stats_report_period",
    "evs.suspect_timeout",
    "evs.use_aggregate",
    "evs.user_send_window",
    "evs.version",
    "evs.view_forget_timeout",
    "gcache.debug",
    "gcache.dir",
    "gcache.keep_pages_count",
    "gcache.keep_pages_size",
    "gcache.keep_plaintext_size",
    "gcache.mem_size",
    "gcache.name",
    "gcache.page_size",
    "gcache.recover",
    "gcache.size",
    "gcomm.thread_prio",
    "gcs.fc_debug",
    "gcs.fc_factor",
    "gcs.fc_limit",
    "gcs.fc_master_slave",
    "gcs.fc_single_primary",
    "gcs.max_packet_size",
    "gcs.max_throttle",
    "gcs.recv_q_hard_limit",
    "gcs.recv_q_soft_limit",
    "gcs.sync_donor",
    "gcs.check_appl_proto",
    "gmcast.isolate",
    "gmcast.listen_addr",
    "gmcast.mcast_addr",
    "gmcast.mcast_ttl",
    "gmcast.peer_addr",
    "gmcast.peer_timeout",
    "gmcast.segment",
    "gmcast.time_wait",
    "gmcast.version",
    "ist.recv_addr",
    "ist.recv_bind",
    "pc.announce_timeout",
    "pc.checksum",
    "pc.linger",
    "pc.npvo",
    "pc.recovery",
    "pc.version",
    "pc.wait_prim",
    "pc.wait_prim_timeout",
    "pc.wait_restored_prim_timeout",
    "pc.weight",
    "protonet.backend",
    "protonet.version",
    "repl.causal_read_timeout",
    "repl.commit_order",
    "repl.key_format",
    "repl.max_ws_size",
    "repl.proto_max",
    "socket.checksum",
    "socket.dynamic",
    "socket.recv_buf_size",
    "socket.send_buf_size",
    "socket.ssl",
    "socket.ssl_ca",
    "socket.ssl_cert",
    "socket.ssl_cipher",
    "socket.ssl_compression",
    "socket.ssl_key",
    "socket.ssl_password_file",
    "socket.ssl_reload",
];

const LONGEST_PROVIDER_VALUE: usize = 512;

/// The server takes `-` for `_` in option names; this is the one spelling used inside.
pub fn canonical(name: &str) -> String {
    name.replace('-', "_").to_ascii_lowercase()
}

/// galactl writes this option by itself, or from another place of the inventory.
pub fn is_managed(name: &str) -> bool {
    MANAGED.iter().any(|(managed, _)| *managed == name)
        || REQUIRED.iter().any(|(required, _)| *required == name)
}

/// The name without a prefix that the server takes before any option; some prefixes turn the option into its opposite.
fn without_prefix(name: &str) -> &str {
    let prefixes = ["loose_", "skip_", "disable_", "enable_", "maximum_"];
    prefixes.iter().find_map(|prefix| name.strip_prefix(prefix)).unwrap_or(name)
}

/// Checks an option for the `[mysqld]` section.
pub fn check_server_option(name: &str, value: &str) -> Result<(), Wrong> {
    check_name(name)?;
    check_value(value)?;
    let name = canonical(name);
    let plain = without_prefix(&name);
    // Since MariaDB 11.4, each provider option is a variable of its own, too.
    let own = plain.strip_prefix("wsrep_provider_").map(|_| "wsrep_provider_options");
    let managed_name = own.unwrap_or(plain);
    if let Some((_, source)) = MANAGED.iter().find(|(managed, _)| *managed == managed_name) {
        return Err(Wrong {
            code: "managed-option",
            message: format!("`{plain}` is written by galactl itself"),
            hint: (*source).to_owned(),
            on_name: true,
        });
    }
    refuse_secret(plain)?;
    match REQUIRED.iter().find(|(required, _)| *required == plain) {
        Some((_, needed)) if !needed.eq_ignore_ascii_case(value) => Err(Wrong {
            code: "required-value",
            message: format!("Galera needs `{plain}` to be {needed}"),
            hint: "leave it out: galactl writes it".into(),
            on_name: false,
        }),
        _ => Ok(()),
    }
}

/// Checks an option for `wsrep_provider_options`.
pub fn check_provider_option(name: &str, value: &str) -> Result<(), Wrong> {
    check_name(name)?;
    check_value(value)?;
    check_provider_value(value)?;
    let wrong =
        |code, message: String, hint: &str| Err(Wrong { code, message, hint: hint.into(), on_name: true });
    match name {
        "gmcast.segment" => wrong(
            "managed-option",
            "`gmcast.segment` is made from `segment`".into(),
            "set the node's `segment`",
        ),
        "pc.bootstrap" | "pc.ignore_sb" | "pc.ignore_quorum" => wrong(
            "dangerous-option",
            format!("`{name}` in a file lets a node form a cluster of its own"),
            "leave it out; a lost quorum is restored once, by hand",
        ),
        known if PROVIDER_OPTIONS.contains(&known) => Ok(()),
        unknown => wrong(
            "unknown-provider-option",
            format!("`{unknown}` is no option of the wsrep provider"),
            &suggest(unknown, PROVIDER_OPTIONS),
        ),
    }
}

/// The provider cuts its options at `;` and `=`, takes `\` for an escape, and drops spaces at both
/// ends (galerautils/src/gu_config.cpp).
fn check_provider_value(value: &str) -> Result<(), Wrong> {
    let hint = match value {
        value if value.contains([';', '=', '\\']) => "it must hold none of ; = \\",
        value if value.trim() != value => "remove the spaces at its ends",
        value if value.len() > LONGEST_PROVIDER_VALUE => "it must be shorter than 512 bytes",
        _ => return Ok(()),
    };
    Err(Wrong {
        code: "value",
        message: "this value cannot stand in wsrep_provider_options".into(),
        hint: hint.into(),
        on_name: false,
    })
}

/// Checks an option for the `[sst]` section.
pub fn check_sst_option(name: &str, value: &str) -> Result<(), Wrong> {
    check_name(name)?;
    check_value(value)?;
    if canonical(name) == "wsrep_sst_auth" {
        return Err(Wrong {
            code: "managed-option",
            message: "`wsrep_sst_auth` is written by galactl itself".into(),
            hint: "set `sst.user` and `sst.password`".into(),
            on_name: true,
        });
    }
    refuse_secret(&canonical(name))
}

/// True of options whose value is a secret. Whether a line holds one is asked of files found on
/// hosts, too; so the list names options, and does not guess from words in them.
pub fn holds_secret(name: &str) -> bool {
    let name = canonical(name);
    SECRETS.contains(&without_prefix(&name))
}

fn refuse_secret(name: &str) -> Result<(), Wrong> {
    if !holds_secret(name) {
        return Ok(());
    }
    Err(Wrong {
        code: "secret-in-clear",
        message: format!("`{name}` is a secret, which never stands in an inventory"),
        hint: "put it into an option file of its own on the hosts".into(),
        on_name: true,
    })
}

fn check_name(name: &str) -> Result<(), Wrong> {
    let fits = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
    if name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.chars().all(fits) && name.len() <= 64 {
        return Ok(());
    }
    Err(Wrong {
        code: "option-name",
        message: format!("`{}` is no option name", name.escape_debug()),
        hint: "an option name is made of letters, digits, `_`, `-` and `.`".into(),
        on_name: true,
    })
}

fn check_value(value: &str) -> Result<(), Wrong> {
    let refuse =
        |message, hint: &str| Err(Wrong { code: "value", message, hint: hint.into(), on_name: false });
    if value.contains("${secret:") {
        // galactl would put a password in its place, in an option that is not redacted.
        return refuse("the value holds `${secret:`, which is galactl's own".into(), "leave it out");
    }
    match escape(value) {
        Ok(_) => Ok(()),
        Err(reason) => refuse(
            format!("the value {reason}, which an option file cannot hold"),
            "an option's value is one line of text",
        ),
    }
}

/// What a server version makes of an option.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Accepted,
    /// Accepted without any effect; the server only warns.
    Ignored,
    /// The server refuses to start.
    Fatal,
}

/// Options that not every MariaDB accepts: where, and what happens there.
/// Tried with `mariadbd --help --verbose` on MariaDB 10.5, 10.11 and 11.8.
const FATES: &[(&str, Span, Fate)] = &[
    ("innodb_support_xa", Span::Always, Fate::Fatal),
    ("tx_isolation", Span::Always, Fate::Fatal),
    ("wsrep_preordered", Span::Always, Fate::Fatal),
    ("wsrep_sync_server_uuid", Span::Always, Fate::Fatal),
    ("pxc_strict_mode", Span::Always, Fate::Fatal),
    ("wsrep_applier_threads", Span::Always, Fate::Fatal),
    ("wsrep_replicate_myisam", Span::From(10, 11), Fate::Fatal),
    ("wsrep_strict_ddl", Span::From(10, 11), Fate::Fatal),
    ("wsrep_allowlist", Span::Before(10, 10), Fate::Fatal),
    ("wsrep_mode", Span::Before(10, 6), Fate::Fatal),
    ("plugin_wsrep_provider", Span::Before(11, 4), Fate::Fatal),
    ("wsrep_causal_reads", Span::From(11, 8), Fate::Ignored),
    ("wsrep_load_data_splitting", Span::From(11, 8), Fate::Ignored),
    ("innodb_locks_unsafe_for_binlog", Span::Always, Fate::Ignored),
    ("innodb_log_files_in_group", Span::From(10, 11), Fate::Ignored),
    ("innodb_buffer_pool_instances", Span::From(10, 11), Fate::Ignored),
    ("innodb_file_format", Span::From(10, 11), Fate::Ignored),
    ("innodb_large_prefix", Span::From(10, 11), Fate::Ignored),
    ("innodb_thread_concurrency", Span::From(10, 11), Fate::Ignored),
];

/// A range of release series.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Span {
    Always,
    From(u16, u16),
    Before(u16, u16),
}

/// What a MariaDB server makes of an option; `None` asks for what holds of every version.
pub fn fate(name: &str, version: Option<ServerVersion>) -> Fate {
    let name = canonical(name);
    let applies = |span: Span| match (span, version.map(ServerVersion::series)) {
        (Span::Always, _) => true,
        (_, None) => false,
        (Span::From(major, minor), Some(series)) => series >= (major, minor),
        (Span::Before(major, minor), Some(series)) => series < (major, minor),
    };
    let entry = FATES.iter().find(|(option, span, _)| *option == name && applies(*span));
    entry.map_or(Fate::Accepted, |(_, _, fate)| *fate)
}
