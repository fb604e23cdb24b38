//! The data directory, as `observe.sh` tells of it.

use std::collections::BTreeMap;

use super::grastate::Grastate;
use super::gvwstate::Gvwstate;
use super::host::{Datadir, Schema};
use crate::galera::model::{is_scratch_schema, is_write_test_schema};
use crate::kernel::facts::Report;
use crate::kernel::model::ServerVersion;

/// Databases that every server has.
const OWN_SCHEMAS: [&str; 4] = ["mysql", "performance_schema", "information_schema", "lost+found"];
/// MariaDB has a `sys` of its own since this series; before, a database of that name is a user's.
const SYS_SINCE: (u16, u16) = (10, 6);

pub(super) fn datadir(report: &Report, paths: &BTreeMap<String, String>) -> Datadir {
    let number = |key: &str| paths.get(key).and_then(|text| text.parse().ok()).unwrap_or(0);
    let (write_tests, schemas): (Vec<_>, Vec<_>) =
        schemas(report).into_iter().partition(|schema| is_write_test_schema(&schema.name));
    let (tried_changes, schemas): (Vec<_>, Vec<_>) =
        schemas.into_iter().partition(|schema| is_scratch_schema(&schema.name));
    Datadir {
        path: paths.get("datadir").cloned().unwrap_or_default().trim_end_matches('/').to_owned(),
        exists: report.has("directories"),
        mount_point: paths.contains_key("mount_point"),
        initialised: paths.contains_key("initialised"),
        missing: paths.get("missing").cloned(),
        bytes: number("bytes"),
        cache: number("cache"),
        free: number("free"),
        schemas,
        write_tests: write_tests.into_iter().map(|schema| schema.name).collect(),
        tried_changes: tried_changes.into_iter().map(|schema| schema.name).collect(),
        grastate: grastate(report),
        grastate_edited: paths.contains_key("grastate_edited"),
        grastate_age: paths.get("grastate_age").and_then(|text| text.parse().ok()),
        gvwstate: Gvwstate::parse(report.section("gvwstate")),
        kept: report
            .lines("paths")
            .filter_map(|line| line.strip_prefix("kept="))
            .map(str::to_owned)
            .collect(),
        sst_leftovers: report.lines("sst_leftovers").map(str::to_owned).collect(),
    }
}

fn grastate(report: &Report) -> Grastate {
    if report.has("grastate_empty") {
        return Grastate::Empty;
    }
    Grastate::parse(report.section("grastate"))
}

/// The databases that are not the server's own: what the data directory holds, and what a running server lists.
/// Neither alone is enough: a server can be stopped, and its directory can be another one
/// than it seems.
fn schemas(report: &Report) -> Vec<Schema> {
    let directories = report.lines("directories").filter_map(|line| line.split_once('\t'));
    let mut schemas: BTreeMap<String, u64> = directories
        .filter(|(_, name)| !name.starts_with(['.', '#']))
        .map(|(bytes, name)| (database_name(name), bytes.parse().unwrap_or(0)))
        .collect();
    for name in report.lines("schemata") {
        schemas.entry(name.to_owned()).or_insert(0);
    }
    let server: Option<ServerVersion> = report.text("server").parse().ok();
    let sys_is_own = server.is_none_or(|version| version.series() >= SYS_SINCE);
    let own = |name: &str| OWN_SCHEMAS.contains(&name) || (name == "sys" && sys_is_own);
    schemas.retain(|name, _| !own(name));
    schemas.into_iter().map(|(name, bytes)| Schema { name, bytes }).collect()
}

/// The server writes characters that a file name should not hold as `@` and four hexadecimal
/// digits (MariaDB documentation, identifier to file name mapping). Shorter codes stay as they are.
fn database_name(directory: &str) -> String {
    let mut parts = directory.split('@');
    let mut name = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let decoded =
            part.get(..4).and_then(|code| u32::from_str_radix(code, 16).ok()).and_then(char::from_u32);
        match decoded {
            Some(character) => {
                name.push(character);
                name += &part[4..];
            }
            None => {
                name.push('@');
                name += part;
            }
        }
    }
    name
}
