//! Logs of failures on hosts of the lab, and what is made of them: `fixtures/patroni-logs/CAUSE.log`.

use std::fs;
use std::path::PathBuf;

use galactl::patroni::explain::{DOCUMENTED, explain, shown};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/patroni-logs")
}

#[test]
fn each_log_tells_its_cause() {
    for (_, slug, _) in DOCUMENTED {
        let log = fs::read_to_string(folder().join(format!("{slug}.log"))).expect(slug);
        let told = explain(&log).unwrap_or_else(|| panic!("{slug}: no cause"));
        assert_eq!(told.slug, *slug, "{told:?}");
        assert!(!told.cause.contains(['{', '}']) && told.cause.ends_with(char::is_alphanumeric), "{told:?}");
        let lines = shown(&log, true, 12);
        assert!(!lines.is_empty() && lines.len() <= 12, "{slug}: {lines:#?}");
    }
    let logs = fs::read_dir(folder()).unwrap().count();
    assert_eq!(logs, DOCUMENTED.len(), "a log for each cause, and none besides");
}

#[test]
fn what_the_lines_name_stands_in_the_sentences() {
    let told = |slug: &str| {
        let log = fs::read_to_string(folder().join(format!("{slug}.log"))).expect(slug);
        let told = explain(&log).unwrap();
        format!("{}. {}", told.cause, told.next)
    };
    for (slug, words) in [
        ("other-system", "of system 7713635488358865182, and etcd names system 7713628551834010245"),
        ("file-unreadable", "sudo chown root:postgres /etc/patroni/config.yml"),
        ("replication-password", "has for replicator"),
        ("rewound", "another history than the primary from 0/12A44FE0 on timeline 4 on"),
        ("forked", "has WAL up to 0/402EFB8 on timeline 1, and the primary has left that timeline for 2"),
        ("server-port", "another program listens at port 5432"),
        ("missing-library", "the library nothing_like_it"),
    ] {
        assert!(told(slug).contains(words), "{}", told(slug));
    }
}
