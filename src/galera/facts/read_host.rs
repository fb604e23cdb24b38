//! The text that `observe.sh` prints → [`HostFacts`].

use std::collections::{BTreeMap, BTreeSet};

use super::bootstrap_record::{BootstrapRecord, Passed};
use super::group_peers::group_peers;
use super::host::{HostFacts, Intent, LaterOption};
use super::live::{Live, ServerAnswer};
use super::next_start::NextStart;
use super::no_answer::nobody_listens;
use super::option_line::{SWITCHED_ON, option, option_or};
use super::peer_address::PeerAddress;
use super::read_datadir::datadir;
use super::removal::Removal;
use super::room::Room;
use super::start::ServerStart;
use super::variable::Variable;
use crate::galera::config::{redact, redact_value};
use crate::galera::inventory::options::{canonical, holds_secret};
use crate::kernel::facts::{ConfigFile, Machine, Malformed, Report, UnitFacts};
use crate::kernel::model::Secrets;

const SLOW_LOOKUP_MS: u64 = 1000;
/// With these before it, an option's name is another name of the same option (MariaDB's mysys/my_getopt.c).
const PREFIXES: [&str; 3] = ["skip_", "disable_", "enable_"];

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
            options: of_server(report, secrets),
            loose: loose(report),
            void_provider_options: void_provider_options(report),
            sst_options: options(report, "sst_options", "", secrets),
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
            next_start: NextStart::parse(report.lines("next_start")),
            outside_run: report.lines("outside_run").next().map(str::to_owned),
            room: report.lines("room").filter_map(Room::parse).collect(),
            peers: report.lines("peers").map(PeerAddress::parse).collect(),
        })
    }
}

/// The options that the server takes. An option that stands without a value has the value that the server tells.
fn of_server(report: &Report, secrets: &Secrets) -> BTreeMap<String, String> {
    let mut options = options(report, "options", SWITCHED_ON, secrets);
    let optional = report.lines("optional").filter_map(|line| line.split_once('\t'));
    for (name, value) in optional.map(|(name, value)| (canonical(name), value)) {
        if !holds_secret(&name) {
            options.entry(name).and_modify(|there| value.clone_into(there));
        }
    }
    options
}

fn void_provider_options(report: &Report) -> Vec<String> {
    let set = report.lines("options").filter_map(option).filter(|(name, _)| name == "wsrep_provider_options");
    let mut values: Vec<_> = set.map(|(_, value)| value).collect();
    values.pop();
    values
}

/// Names that stand in the files with this prefix only.
fn loose(report: &Report) -> BTreeSet<String> {
    let prefix = |line: &&str| ["--loose-", "--loose_"].iter().any(|prefix| line.starts_with(prefix));
    let names = |(name, _)| name;
    let (loose, plain): (Vec<_>, Vec<_>) = report.lines("options").partition(prefix);
    let plain: BTreeSet<String> = plain.into_iter().filter_map(option).map(names).collect();
    loose.into_iter().filter_map(option).map(names).filter(|name| !plain.contains(name)).collect()
}

/// `bare`: what an option without `=` is to whoever reads it. The SST scripts take it for an empty text.
fn options(report: &Report, section: &str, bare: &str, secrets: &Secrets) -> BTreeMap<String, String> {
    let shown = |(name, value): (String, String)| {
        let value = redact_value(&name, &value, secrets)?;
        Some((name, value))
    };
    let mut options = BTreeMap::new();
    for (name, value) in report.lines(section).filter_map(|line| option_or(line, bare)).filter_map(shown) {
        // `skip_log_bin` behind `log_bin` takes it back, and the other way round: the last one counts.
        let plain = PREFIXES.iter().find_map(|prefix| name.strip_prefix(prefix)).unwrap_or(&name).to_owned();
        options.retain(|other: &String, _| {
            other == &name
                || other != &plain && PREFIXES.iter().all(|it| other.strip_prefix(it) != Some(&*plain))
        });
        options.insert(name, value);
    }
    options
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

/// The client puts a backslash before a backslash.
fn as_text(rows: BTreeMap<String, String>) -> BTreeMap<String, String> {
    rows.into_iter().map(|(name, value)| (name, value.replace(r"\\", r"\"))).collect()
}

/// Without its `wsrep_on` a member would look like a standalone server, so that an answer
/// that breaks off is none.
pub(super) fn server_answer(report: &Report) -> ServerAnswer {
    if report.has("status") {
        let variables = as_text(report.rows("variables"));
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
