//! The text that `observe.sh` prints → [`HostFacts`].

use std::collections::BTreeMap;

use super::bootstrap_record::{BootstrapRecord, Passed};
use super::group_peers::group_peers;
use super::host::{HostFacts, Intent, LaterOption};
use super::live::{Live, ServerAnswer};
use super::no_answer::nobody_listens;
use super::read_datadir::datadir;
use super::removal::Removal;
use super::start::ServerStart;
use super::variable::Variable;
use crate::galera::config::{redact, redact_value};
use crate::galera::inventory::options::{canonical, holds_secret};
use crate::kernel::facts::{ConfigFile, Machine, Malformed, Report, UnitFacts};
use crate::kernel::model::Secrets;

const SLOW_LOOKUP_MS: u64 = 1000;

impl HostFacts {
    /// Reads what `observe.sh` found; secrets in it are replaced.
    ///
    /// Errors: a part is missing without which nothing may be concluded.
    pub fn read(report: &Report, secrets: &Secrets) -> Result<Self, Malformed> {
        let paths = report.pairs("paths");
        if !report.has("unit") || !paths.contains_key("datadir") {
            return Err(Malformed("no unit or no data directory in it"));
        }
        let listed = report.lines("directories").any(|line| line.ends_with("\tmysql"));
        if paths.contains_key("initialised") && !listed {
            return Err(Malformed("the data directory could not be listed"));
        }
        Ok(Self {
            machine: Machine::read(report),
            apparmor: report.pairs("machine").remove("apparmor"),
            packages: report.packages(),
            candidate: report.text("candidate").parse().ok(),
            server: report.text("server").parse().ok(),
            unit: UnitFacts::read(report),
            processes: report.pids("processes"),
            intents: report.lines("intent").filter_map(intent).collect(),
            tools: report.lines("tools").map(str::to_owned).collect(),
            providers: report.lines("providers").map(str::to_owned).collect(),
            socket: paths.get("socket").cloned().unwrap_or_default(),
            datadir: datadir(report, &paths),
            config: ConfigFile::read(report, |text| redact(text, secrets)),
            options: options(report, "options", secrets),
            sst_options: options(report, "sst_options", secrets),
            wsrep_files: report.lines("wsrep_files").map(str::to_owned).collect(),
            later_options: later_options(report),
            server_answer: server_answer(report),
            group_peers: group_peers(report),
            changeable: Variable::parse_all(report.lines("changeable")),
            sst_grants: report
                .lines("sst_grants")
                .filter(|line| line.starts_with("GRANT"))
                .map(str::to_owned)
                .collect(),
            slow_lookups: slow_lookups(report),
            bootstrap_record: report.section("founding").map(BootstrapRecord::parse),
            removal: report.section("removed").map(Removal::parse),
            passed: passed(report),
            start: report.section("start").map(ServerStart::parse),
        })
    }
}

fn options(report: &Report, section: &str, secrets: &Secrets) -> BTreeMap<String, String> {
    let shown = |(name, value): (String, String)| {
        let value = redact_value(&name, &value, secrets)?;
        Some((name, value))
    };
    report.lines(section).filter_map(option).filter_map(shown).collect()
}

fn later_options(report: &Report) -> Vec<LaterOption> {
    let later = |line: &str| {
        let (file, rest) = line.split_once('\t')?;
        let (name, value) = option(rest)?;
        let value = if holds_secret(&name) { String::new() } else { value };
        Some(LaterOption { file: file.to_owned(), name, value })
    };
    report.lines("later_options").filter_map(later).collect()
}

/// Without its `wsrep_on` a member would look like a standalone server, so that an answer
/// that breaks off is none.
pub(super) fn server_answer(report: &Report) -> ServerAnswer {
    if report.has("status") {
        let variables = report.rows("variables");
        return match variables.contains_key("wsrep_on") {
            true => ServerAnswer::Live(Box::new(Live::from_rows(&report.rows("status"), &variables))),
            false => ServerAnswer::Refused("it does not say whether wsrep is on".into()),
        };
    }
    match report.section("status_error").map(str::trim) {
        Some(error) if nobody_listens(error) => ServerAnswer::NoSocket,
        // `timeout` ends the client without a word.
        Some("") => ServerAnswer::Refused("no answer within 5 s".into()),
        Some(error) => ServerAnswer::Refused(error.into()),
        None => ServerAnswer::NoSocket,
    }
}

fn passed(report: &Report) -> Vec<Passed> {
    let clock = report.pairs("machine").get("clock").and_then(|text| text.parse().ok()).unwrap_or_default();
    report.lines("passed").filter_map(|line| Passed::parse(line, clock)).collect()
}

fn slow_lookups(report: &Report) -> BTreeMap<String, u64> {
    report
        .lines("lookups")
        .filter_map(|line| line.split_once(' '))
        .filter_map(|(ms, peer)| Some((peer.to_owned(), ms.parse().ok()?)))
        .filter(|(_, ms)| *ms > SLOW_LOOKUP_MS)
        .collect()
}

/// `--bind-address=0.0.0.0`, as my_print_defaults prints it.
pub(super) fn option(line: &str) -> Option<(String, String)> {
    let line = line.strip_prefix("--")?;
    let (name, value) = line.split_once('=').unwrap_or((line, ""));
    let name = canonical(name);
    Some((name.strip_prefix("loose_").unwrap_or(&name).to_owned(), value.to_owned()))
}

fn intent(line: &str) -> Option<Intent> {
    let (kind, what) = line.split_once(' ')?;
    let what = what.to_owned();
    match kind {
        "environment" => Some(Intent::Environment(what.split('=').next().unwrap_or_default().to_owned())),
        "file" => Some(Intent::File(what)),
        "option" => Some(Intent::Option(what)),
        _ => None,
    }
}
