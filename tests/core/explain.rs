//! Logs of joins that really failed, and what is made of them.
//!
//! `fixtures/logs/CASE.joiner.log` and, where it says something, `CASE.donor.log` are excerpts from
//! hosts of the lab: lines that say nothing about the failure, such as lists of copied files, are
//! left out, and of those that come again and again two are there.

use std::fs;
use std::path::{Path, PathBuf};

use galactl::galera::explain::{explain, relevant};
use galactl::kernel::judge::Invocation;
use galactl::kernel::run::event::Explanation;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/logs")
}

fn log(case: &str, role: &str) -> Option<String> {
    fs::read_to_string(folder().join(format!("{case}.{role}.log"))).ok()
}

fn explained(own: Option<&str>, others: Option<&str>) -> Option<Explanation> {
    explain(own.as_slice(), others.as_slice())
}

/// The name of the cause.
fn slug(explanation: Option<&Explanation>) -> &str {
    explanation.map_or("none", |explanation| &explanation.slug)
}

struct Case {
    name: &'static str,
    slug: &'static str,
    /// Words of the cause and of what is next.
    says: &'static [&'static str],
    /// Words of a line that is shown.
    shows: &'static str,
    /// What the joiner's log alone tells.
    alone: &'static str,
}

const fn case(
    name: &'static str,
    slug: &'static str,
    says: &'static [&'static str],
    shows: &'static str,
) -> Case {
    Case { name, slug, says, shows, alone: slug }
}

/// The donor's, or another member's, log tells it.
const fn by_donor(
    name: &'static str,
    slug: &'static str,
    says: &'static [&'static str],
    shows: &'static str,
    alone: &'static str,
) -> Case {
    Case { name, slug, says, shows, alone }
}

const CASES: &[Case] = &[
    case(
        "reversed",
        "reversed-history",
        &["more events (", "galactl recover 'our shop.yaml'"],
        "Reversing history:",
    ),
    case(
        "diverged",
        "inconsistent",
        &["shop.t, Duplicate entry '20' for key 'PRIMARY'", "galactl recover 'our shop.yaml'"],
        "Inconsistency detected",
    ),
    case(
        "vote",
        "inconsistent",
        &["shop.t, Duplicate entry '30' for key 'PRIMARY'", "galactl recover 'our shop.yaml'"],
        "Inconsistency detected",
    ),
    case(
        "not-safe",
        "not-safe-to-bootstrap",
        &["safe_to_bootstrap: 0", "galactl recover 'our shop.yaml'"],
        "It may not be safe to bootstrap",
    ),
    case("disk-full", "disk-full", &["./ddl_recovery.log cannot be written"], "No space left on device"),
    case("disk-full-innodb", "disk-full", &["./ib_logfile101 cannot be written"], "failed with error 28"),
    case(
        "no-room-for-gcache",
        "no-room-for-gcache",
        &["galera.cache needs 536872216 bytes, and 299917312 are free"],
        "exceeds available storage space",
    ),
    case("no-provider", "no-provider", &["/usr/lib/galera/nowhere.so"], "cannot open shared object file"),
    case(
        "unknown-option",
        "unknown-option",
        &["configuration: no_such_option=1"],
        "unknown variable 'no_such_option=1'",
    ),
    case(
        "unknown-value",
        "bad-value",
        &["does not accept CHUNKS as binlog_format"],
        "Error while setting value 'CHUNKS'",
    ),
    case(
        "bad-provider-option",
        "provider-option",
        &["it knows no gcache.sise"],
        "Unrecognized parameter 'gcache.sise'",
    ),
    case(
        "bad-provider-value",
        "provider-option",
        &["evs.suspect_timeout cannot be soon"],
        "Bad value 'soon'",
    ),
    case(
        "provider-value-type",
        "provider-option",
        &["lots is not of the type integer, in: gcache.size=lots"],
        "Invalid value 'lots'",
    ),
    case(
        "provider-value-range",
        "provider-option",
        &["gcs.fc_factor is 9.000000, and must be in [0.000000, 1.000000]"],
        "value out of range",
    ),
    case(
        "no-ssl-file",
        "provider-option",
        &["socket.ssl_cert is /nowhere/cert.pem", "No such file"],
        "Bad value '/nowhere/cert.pem'",
    ),
    case(
        "server-port-taken",
        "port-taken",
        &["the server's port 3306", "sport = :3306"],
        "already have another server running",
    ),
    case("group-port-taken", "port-taken", &["sport = :4567"], "Address already in use"),
    case(
        "donor-lacks-a-view",
        "donor-lacks-a-view",
        &["up to 3, and this node needs 4", "galactl recover 'our shop.yaml'"],
        "IST didn't contain all write sets",
    ),
    case("ist-port-taken", "port-taken", &["tcp://10.77.2.12:4568"], "Failed to open IST listener"),
    case(
        "sst-port-taken",
        "port-taken",
        &["the port 4444", "sport = :4444"],
        "unable to bind any inbound sockets on port 4444",
    ),
    case(
        "wrong-owner",
        "wrong-owner",
        &["/var/lib/mysql/aria_log_control", "chown -R mysql:"],
        "Permission denied",
    ),
    case("corrupt-innodb", "damaged-data", &["galactl recover 'our shop.yaml'"], "Data structure corruption"),
    case("corrupt-redo", "damaged-data", &["galactl recover 'our shop.yaml'"], "Data structure corruption"),
    by_donor(
        "sst-password",
        "sst-login",
        &["'sst'@'localhost'", "SHOW GRANTS FOR 'sst'@'localhost'"],
        "Access denied for user 'sst'@'localhost'",
        "transfer-failed",
    ),
    by_donor(
        "sst-account-missing",
        "sst-login",
        &["'sst'@'localhost'"],
        "Access denied for user 'sst'@'localhost'",
        "transfer-failed",
    ),
    by_donor(
        "sst-grant",
        "sst-grant",
        &["RELOAD on *.*", "TO 'sst'@'localhost'"],
        "missing required privilege RELOAD",
        "transfer-failed",
    ),
    by_donor(
        "sst-grant-binlog-monitor",
        "sst-grant",
        &["SUPER, BINLOG MONITOR", "TO 'sst'@'localhost'"],
        "BINLOG MONITOR privilege(s)",
        "transfer-failed",
    ),
    by_donor(
        "backup-file",
        "sst-grant",
        &["RELOAD on *.*"],
        "missing required privilege RELOAD",
        "transfer-failed",
    ),
    case(
        "joiner-without-mariabackup",
        "missing-program",
        &["on this node: mariadb-backup", "sudo apt-get install mariadb-backup"],
        "mariadb-backup binary not found",
    ),
    case("joiner-without-socat", "missing-program", &["on this node: socat"], "'socat' not found in path"),
    case("joiner-without-rsync", "missing-program", &["on this node: rsync"], "'rsync' not found in path"),
    by_donor(
        "donor-without-mariabackup",
        "missing-program",
        &["on the donor: mariadb-backup"],
        "mariadb-backup binary not found",
        "transfer-failed",
    ),
    by_donor(
        "donor-without-socat",
        "missing-program",
        &["on the donor: socat"],
        "'socat' not found in path",
        "transfer-failed",
    ),
    by_donor(
        "donor-without-rsync",
        "missing-program",
        &["on the donor: rsync"],
        "'rsync' not found in path",
        "transfer-failed",
    ),
    case("tls-without-stunnel", "missing-stunnel", &["VERIFY_CA", "stunnel4"], "Please install stunnel"),
    by_donor(
        "other-cluster-name",
        "other-cluster-name",
        &["`other`, and they `shop`"],
        "peer group: 'other'",
        "cluster-not-reached",
    ),
    case("joiner-tls", "tls-against-plaintext", &["this node speaks TLS"], "wrong version number"),
    case("unknown-host", "no-such-host", &["nosuchhost"], "Failed to resolve"),
    case(
        "not-primary",
        "not-primary",
        &["10.77.2.11:4567", "galactl recover 'our shop.yaml'"],
        "failed to reach primary view",
    ),
    case("ports-refused", "peer-refuses", &["galactl check 'our shop.yaml'"], "Connection refused"),
    case(
        "ports-blocked",
        "port-blocked",
        &["10.77.3.11:4567", "galactl check 'our shop.yaml'"],
        "timed out, no messages seen",
    ),
    case("wrong-address", "port-blocked", &["10.77.2.99:4567"], "timed out, no messages seen"),
    case(
        "unknown-option-10.5",
        "unknown-option",
        &["configuration: wrong_opt=1", "grep -rn 'wrong_opt'"],
        "unknown variable",
    ),
    case("joiner-disk-full-rsync", "disk-full", &["ibtmp1"], "No space left on device"),
    case("joiner-disk-full-mariabackup", "disk-full", &["ib_logfile101"], "failed with error 28"),
    by_donor(
        "sst-grant-10.5",
        "sst-grant",
        &["TO 'sst'@'localhost'"],
        "missing required privilege",
        "transfer-failed",
    ),
    by_donor("sst-password-10.5", "sst-login", &["'sst'@'localhost'"], "Access denied", "transfer-failed"),
    case("older-joiner", "sst-versions", &["a newer MariaDB than this node"], "without creating magic file"),
    case("unknown-option-11.8", "unknown-option", &["configuration: no_such_option=1"], "unknown variable"),
    case(
        "bad-provider-option-11.8",
        "provider-option",
        &["it knows no gcache.sise"],
        "Unrecognized parameter",
    ),
    by_donor(
        "donor-tmp-full",
        "disk-full",
        &["the donor's disk is full"],
        "No space left on device",
        "transfer-failed",
    ),
    case("other-ca", "tls-certificate", &["self-signed certificate"], "certificate verify failed"),
    case(
        "tls-expired",
        "tls-certificate",
        &["do not let this one back in: its certificate has expired", "galactl apply-config 'our shop.yaml'"],
        "alert certificate expired",
    ),
    case(
        "tls-not-yet",
        "tls-certificate",
        &["its certificate is not yet valid", "timedatectl"],
        "alert bad certificate",
    ),
    case(
        "tls-expired-start",
        "tls-certificate",
        &["this node's own certificate has expired", "galactl apply-config 'our shop.yaml'"],
        "alert certificate expired",
    ),
    case(
        "tls-key-mismatch",
        "server-tls",
        &["the key in /etc/mysql/galactl/tls.pem", "both must print the same"],
        "Unable to get private key",
    ),
    case(
        "tls-key-mismatch-provider",
        "provider-option",
        &["does not belong to the certificate", "both must print the same"],
        "key values mismatch",
    ),
    case(
        "tls-sst-expired",
        "sst-tls",
        &["or it has expired", "galactl apply-config 'our shop.yaml'"],
        "was issued by the CA",
    ),
    case("tls-sst-foreign", "sst-tls", &["trusts another authority", "alert unknown ca"], "SSL_accept()"),
    case(
        "tls-sst-joiner-clear",
        "sst-stream",
        &["encrypts the state transfer, and the other does not"],
        "wrong chunk magic",
    ),
    case(
        "tls-unreadable",
        "server-tls",
        &["cannot read a certificate from /etc/mysql/galactl/tls.pem"],
        "Unable to get certificate",
    ),
    case(
        "tls-unreadable-provider",
        "provider-option",
        &["socket.ssl_cert is /etc/mysql/galactl/tls.pem", "Permission denied"],
        "Permission denied",
    ),
    by_donor(
        "allowlist",
        "allowlist",
        &["10.77.2.12", "INSERT INTO mysql.wsrep_allowlist VALUES ('10.77.2.12')"],
        "not found in allowlist",
        "cluster-not-reached",
    ),
    by_donor(
        "member-tls",
        "tls-against-plaintext",
        &["does not speak TLS", "10.77.2.11:4567"],
        "unexpected eof while reading",
        "silent-peer",
    ),
    case("sst-tls-one-side", "sst-tls", &["wrong version number"], "SSL_accept()"),
    case(
        "sst-timeout",
        "no-free-donor",
        &["sst-initial-timeout"],
        "Possible timeout in receiving first data",
    ),
    by_donor(
        "sst-port-dropped",
        "sst-port-blocked",
        &["10.77.2.12:4444", "Connection timed out"],
        "Connection timed out",
        "none",
    ),
    by_donor(
        "sst-port-refused",
        "sst-port-blocked",
        &["10.77.2.12:4444", "Connection refused"],
        "Connection refused",
        "transfer-failed",
    ),
    by_donor(
        "rsync-port-dropped",
        "sst-port-blocked",
        &["10.77.2.12, port 4444", "Connection timed out"],
        "Connection timed out",
        "none",
    ),
    by_donor(
        "rsync-port-refused",
        "sst-port-blocked",
        &["10.77.2.12, port 4444", "Connection refused"],
        "Connection refused",
        "transfer-failed",
    ),
    case(
        "start-timeout",
        "start-timeout",
        &["TimeoutStartSec", "state transfer (rsync) was under way", "TimeoutStartSec=infinity"],
        "start operation timed out. Terminating.",
    ),
    case("node-address", "node-address", &["198.51.100.34", "ist.recv_bind"], "Failed to open IST listener"),
    case(
        "node-address-galera-3",
        "node-address",
        &["198.51.100.34", "ist.recv_bind"],
        "Failed to open IST listener",
    ),
    case(
        "no-such-donor",
        "no-such-donor",
        &["wsrep_sst_donor is `rep1`", "end the list with a comma"],
        "Requested donor is not available",
    ),
    case(
        "no-such-donor-galera-3",
        "no-such-donor",
        &["wsrep_sst_donor", "end the list with a comma"],
        "-113(No route to host)",
    ),
    case(
        "grastate-of-root",
        "wrong-owner",
        &["/var/lib/mysql//grastate.dat", "chown -R mysql:"],
        "13 (Permission denied)",
    ),
    case(
        "grastate-of-root-galera-3",
        "wrong-owner",
        &["/var/lib/mysql//grastate.dat", "chown -R mysql:"],
        "13 (Permission denied)",
    ),
    case(
        "upgrade-after-crash",
        "upgrade-after-crash",
        &["not shut down cleanly", "MariaDB 10.6.19", "install the old packages", "--discard"],
        "Upgrade after a crash",
    ),
    case("sst-running", "sst-running", &["wsrep_sst.pid", "pgrep -af wsrep_sst_"], "still running"),
    case(
        "two-primaries",
        "two-primaries",
        &["two Primary components", "galactl recover 'our shop.yaml'"],
        "last prims not consistent",
    ),
    case("sst-timeout-10.4", "sst-timeout", &["sst-initial-timeout"], "Possible timeout in receving"),
    case(
        "rsync-port-taken-galera-3",
        "port-taken",
        &["the port 15007", "sport = :15007"],
        "rsync daemon port '15007' has been taken",
    ),
    case(
        "rsync-cannot-create",
        "sst-write",
        &["on the joiner", "/mysql/wsrep_allowlist.frm", "No such file or directory"],
        "rsync: [receiver] open",
    ),
    case("binlog-index-elsewhere", "no-binlog-index", &["foobar.index", "log_bin_index"], "cannot open"),
];

/// The causes that the fixtures have.
pub fn told() -> impl Iterator<Item = &'static str> {
    CASES.iter().flat_map(|case| [case.slug, case.alone])
}

/// Logs of starts that went well.
const HEALTHY: &[&str] =
    &["healthy-10.5", "healthy-11.8-from-10.11", "healthy-ist", "healthy-mariabackup", "healthy-rsync"];

/// As many lines of a log as a failure shows.
const SHOWN: usize = 12;

/// Joiner's and donor's; or the donor's, where it is the one that is asked about.
fn logs(case: &Case) -> (String, Option<String>) {
    let (joiner, donor) = (log(case.name, "joiner"), log(case.name, "donor"));
    match (joiner, donor) {
        (Some(joiner), donor) => (joiner, donor),
        (None, Some(donor)) => (donor, None),
        (None, None) => panic!("{}: no log", case.name),
    }
}

#[test]
fn every_failure_has_its_cause() {
    for case in CASES {
        let (joiner, donor) = logs(case);
        let found = explained(Some(&joiner), donor.as_deref());
        assert_eq!(slug(found.as_ref()), case.slug, "{}: {found:#?}", case.name);
        let invocation = Invocation::new(Path::new("our shop.yaml"), None, Vec::new());
        let Explanation { cause, next, .. } = found.unwrap().settled(&invocation);
        let text = format!("{cause}\n{next}");
        for words in case.says {
            assert!(text.contains(words), "{}: {words:?} is not in {text}", case.name);
        }
        assert!(!text.contains(['{', '}']), "{}: {text}", case.name);
    }
}

#[test]
fn the_joiners_log_alone_tells_nothing_wrong() {
    for case in CASES {
        let found = explained(Some(&logs(case).0), None);
        assert_eq!(slug(found.as_ref()), case.alone, "{}: {found:#?}", case.name);
    }
}

#[test]
fn the_donors_log_alone_tells_nothing_wrong() {
    for case in CASES {
        let Some(donor) = logs(case).1.filter(|_| case.alone != case.slug) else { continue };
        let found = explained(Some(&donor), None);
        assert!([case.slug, "none"].contains(&slug(found.as_ref())), "{}: {found:#?}", case.name);
    }
}

/// In a wave others join at the same time.
#[test]
fn a_joiner_beside_that_did_well_changes_no_cause() {
    for case in CASES {
        let (joiner, donor) = logs(case);
        for name in HEALTHY {
            let beside = log(name, "joiner").unwrap();
            let others: Vec<_> = donor.as_deref().into_iter().chain([beside.as_str()]).collect();
            let found = explain(&[&joiner], &others);
            assert_eq!(slug(found.as_ref()), case.slug, "{} beside {name}: {found:#?}", case.name);
        }
    }
}

#[test]
fn a_start_that_went_well_is_not_explained() {
    for name in HEALTHY {
        let (joiner, donor) = (log(name, "joiner").unwrap(), log(name, "donor"));
        let found = [
            explained(Some(&joiner), donor.as_deref()),
            explained(Some(&joiner), None),
            explained(donor.as_deref(), Some(&joiner)),
            explained(donor.as_deref(), None),
        ];
        assert_eq!(found, [None, None, None, None], "{name}");
    }
}

#[test]
fn a_failure_that_is_mended_is_over() {
    let healthy = log(HEALTHY[0], "joiner").unwrap();
    for case in CASES {
        let (joiner, donor) = logs(case);
        let found = explained(Some(&format!("{joiner}{healthy}")), donor.as_deref());
        assert_eq!(found, None, "{}", case.name);
    }
}

#[test]
fn the_telling_line_is_shown() {
    for case in CASES {
        let (joiner, donor) = logs(case);
        let shown: Vec<_> = [Some(&joiner), donor.as_ref()]
            .into_iter()
            .flatten()
            .flat_map(|log| relevant(log, SHOWN))
            .collect();
        assert!(shown.iter().any(|line| line.contains(case.shows)), "{}: {shown:#?}", case.name);
    }
}

#[test]
fn what_every_start_says_is_not_shown() {
    for name in HEALTHY {
        for log in [log(name, "joiner"), log(name, "donor")].into_iter().flatten() {
            let shown: Vec<_> =
                relevant(&log, SHOWN).into_iter().filter(|line| line.contains("uring")).collect();
            assert_eq!(shown, [""; 0], "{name}");
        }
    }
}

#[test]
fn every_fixture_is_a_case() {
    for entry in fs::read_dir(folder()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let case = name.trim_end_matches(".log").trim_end_matches(".donor").trim_end_matches(".joiner");
        assert!(HEALTHY.contains(&case) || CASES.iter().any(|known| known.name == case), "{name}");
    }
}

#[test]
fn a_clients_wrong_password_is_not_the_donors() {
    let client =
        "2026-11-23 16:42:06 51 [Warning] Access denied for user 'app'@'10.0.0.9' (using password: YES)";
    let last_words = "2026-11-23 16:42:07 0 [ERROR] WSREP: Will never receive state. Need to abort.";
    assert_eq!(slug(explained(Some(last_words), Some(client)).as_ref()), "transfer-failed");
}

#[test]
fn another_nodes_trouble_is_not_this_nodes() {
    let own = "0 [Note] WSREP: gcomm: connecting to group 'shop', peer '10.0.0.1:'\n\
               0 [ERROR] WSREP: failed to open gcomm backend connection: 110: failed to reach primary view";
    let members = "0 [Note] WSREP: handshake failed, my group: 'shop', peer group: 'old'\n\
                   0 [Warning] WSREP: Connection not allowed, IP 10.0.0.9 not found in allowlist.\n\
                   0 [ERROR] Do you already have another server running on port: 3306 ?";
    assert_eq!(slug(explained(Some(own), Some(members)).as_ref()), "cluster-not-reached");
}

#[test]
fn an_option_that_is_only_warned_of_is_not_the_cause() {
    let warning = "[Warning] /usr/sbin/mariadbd: unknown variable 'loose-x=1'";
    assert_eq!(explained(Some(warning), None), None);
}

#[test]
fn only_the_last_lines_are_shown() {
    let lines: Vec<_> = (0..40).map(|number| format!("[ERROR] {number}")).collect();
    let log = lines.join("\n");
    let shown = relevant(&log, SHOWN);
    assert_eq!((shown.len(), shown[11]), (SHOWN, "[ERROR] 39"));
    assert_eq!(relevant("", SHOWN), [""; 0]);
}
