//! Logs of joins that really failed, and what is made of them.

use std::fs;
use std::path::Path;

use galactl::explain::{explain, relevant};

/// Logs of one failure on hosts of the lab, the joiner's first: `@node`, then its lines behind `|`.
/// Lines that say nothing about it, such as lists of copied files, are left out.
fn logs(case: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/fixtures/logs/{case}.txt"));
    let mut logs: Vec<String> = Vec::new();
    for line in fs::read_to_string(path).unwrap().lines() {
        match (line.strip_prefix('|'), logs.last_mut()) {
            (Some(text), Some(log)) => log.extend([text, "\n"]),
            _ => logs.push(String::new()),
        }
    }
    logs
}

fn cause(logs: &[String]) -> String {
    let texts: Vec<_> = logs.iter().map(String::as_str).collect();
    explain(&texts).map_or_else(|| "unknown".into(), |explanation| explanation.cause)
}

/// Failure, words of its cause, and what the lines that are shown must hold.
const CASES: [(&str, &str, &str); 16] = [
    ("wrong-password", "could not log in with the SST account", "Access denied for user 'sst'@'localhost'"),
    ("missing-privilege", "lacks a privilege", "missing required privilege RELOAD"),
    ("other-cluster-name", "names another cluster", "peer group: 'other'"),
    ("ports-blocked", "could not reach the cluster", "failed to reach primary view"),
    ("provider-tls", "one side speaks TLS", "failed to reach primary view"),
    ("disk-full", "the disk is full", "No space left on device"),
    ("disk-full-innodb", "the disk is full", "failed with error 28"),
    ("no-room-for-gcache", "no room for the write-set cache", "exceeds available storage space"),
    ("unknown-option", "does not know an option", "unknown variable 'no_such_option=1'"),
    ("tls-without-stunnel", "needs stunnel", "Please install stunnel"),
    ("joiner-without-mariabackup", "mariabackup is not installed", "mariadb-backup binary not found in path"),
    ("donor-without-mariabackup", "mariabackup is not installed", "mariadb-backup binary not found in path"),
    (
        "joiner-without-socat",
        "a program that the state transfer runs is missing",
        "'socat' not found in path",
    ),
    ("not-safe-to-bootstrap", "refuses to found a cluster", "It may not be safe to bootstrap"),
    ("port-taken", "taken by another program", "Address already in use"),
    ("no-provider", "provider library cannot be loaded", "cannot open shared object file"),
];

/// As many lines of a log as a failure shows.
const SHOWN: usize = 12;

#[test]
fn every_failure_has_its_cause() {
    for (case, expected, _) in CASES {
        let found = cause(&logs(case));
        assert!(found.contains(expected), "{case}: {found}");
    }
}

#[test]
fn the_telling_line_is_shown() {
    for (case, _, telling) in CASES {
        let logs = logs(case);
        let shown: Vec<_> = logs.iter().flat_map(|log| relevant(log, SHOWN)).collect();
        assert!(shown.iter().any(|line| line.contains(telling)), "{case}: {shown:#?}");
    }
}

#[test]
fn what_every_start_says_is_not_shown() {
    for (case, _, _) in CASES {
        for log in logs(case) {
            let noise: Vec<_> =
                relevant(&log, SHOWN).into_iter().filter(|line| line.contains("uring")).collect();
            assert_eq!(noise, [""; 0], "{case}");
        }
    }
}

#[test]
fn every_fixture_is_a_case() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/logs");
    for entry in fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let case = name.trim_end_matches(".txt");
        assert!(case == "join-that-succeeds" || CASES.iter().any(|(known, _, _)| *known == case), "{case}");
    }
}

#[test]
fn a_join_that_succeeds_is_not_explained() {
    assert_eq!(cause(&logs("join-that-succeeds")), "unknown");
}

#[test]
fn a_clients_wrong_password_is_not_the_donors() {
    let client =
        "2026-11-23 16:42:06 51 [Warning] Access denied for user 'app'@'10.0.0.9' (using password: YES)";
    let last_words = "2026-11-23 16:42:07 0 [ERROR] WSREP: Will never receive state. Need to abort.";
    assert!(cause(&[last_words.into(), client.into()]).contains("state transfer failed"));
}

#[test]
fn an_option_that_is_only_warned_of_is_not_the_cause() {
    assert_eq!(cause(&["[Warning] /usr/sbin/mariadbd: unknown variable 'loose-x=1'".into()]), "unknown");
}

#[test]
fn the_order_of_the_logs_does_not_matter() {
    for (case, _, _) in CASES {
        let mut reversed = logs(case);
        reversed.reverse();
        assert_eq!(cause(&reversed), cause(&logs(case)), "{case}");
    }
}

#[test]
fn only_the_last_lines_are_shown() {
    let lines: Vec<_> = (0..40).map(|number| format!("[ERROR] {number}")).collect();
    let log = lines.join("\n");
    let shown = relevant(&log, SHOWN);
    assert_eq!((shown.len(), shown[11]), (SHOWN, "[ERROR] 39"));
    assert_eq!(relevant("", SHOWN), [""; 0]);
}
