//! Logs that people asked about in public, each with the cause that a person found in it.
//!
//! `fixtures/public-logs/CAUSE/SOURCE.log`: a few lines of each, with other names and addresses. The folder names the
//! cause; `none` holds logs in which nothing failed, or that do not tell what did.

use std::fs;
use std::path::{Path, PathBuf};

use galactl::galera::explain::explain;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/public-logs")
}

/// Cause, source and text of each log.
fn logs() -> Vec<(String, String, String)> {
    let mut logs = Vec::new();
    for cause in fs::read_dir(folder()).unwrap().map(Result::unwrap) {
        let name = |entry: &fs::DirEntry| entry.file_name().into_string().unwrap();
        for log in fs::read_dir(cause.path()).unwrap().map(Result::unwrap) {
            logs.push((name(&cause), name(&log), fs::read_to_string(log.path()).unwrap()));
        }
    }
    logs.sort();
    logs
}

/// The causes that these logs have.
pub fn told() -> impl Iterator<Item = String> {
    logs().into_iter().map(|(cause, ..)| cause)
}

#[test]
fn each_has_the_cause_that_was_found() {
    let wrong: Vec<_> = logs()
        .into_iter()
        .filter_map(|(cause, source, text)| {
            let found = explain(&[&text], &[]);
            let slug = found.as_ref().map_or("none", |found| &*found.slug);
            (slug != cause).then(|| format!("{source}: {slug}, not {cause}: {found:?}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), logs().len(), wrong.join("\n"));
}
