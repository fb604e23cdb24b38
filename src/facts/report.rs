//! The text that `observe.sh` prints → [`HostFacts`].

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::arbitrator::ArbitratorFacts;
use super::founding::{Founding, Passed};
use super::glance::Glance;
use super::grastate::Grastate;
use super::gvwstate::Gvwstate;
use super::host::{ConfigFile, Datadir, HostFacts, Intent, LaterOption, Schema, UnitFacts};
use super::live::{Live, ServerAnswer};
use super::rates::Rates;
use super::recovered::{Position, Recovered};
use super::removal::Removal;
use super::start::ServerStart;
use super::surroundings::Surroundings;
use super::variable::Variable;
use crate::config::{redact, redact_value};
use crate::inventory::options::{canonical, holds_secret};
use crate::model::{Secrets, ServerVersion, is_write_test_schema};

/// Databases that every server has.
const OWN_SCHEMAS: [&str; 4] = ["mysql", "performance_schema", "information_schema", "lost+found"];
/// MariaDB has a `sys` of its own since this series; before, a database of that name is a user's.
const SYS_SINCE: (u16, u16) = (10, 6);
const SLOW_LOOKUP_MS: u64 = 1000;

/// A report that is not whole, so that nothing may be concluded from it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the host's report is not whole: {0}")]
pub struct Malformed(&'static str);

/// The sections of a report. Holds secrets in clear text until [`Report::facts`] redacts them.
pub struct Report {
    sections: BTreeMap<String, String>,
}

impl Report {
    /// Splits a report into its sections. Text outside sections (a login banner) is dropped.
    pub fn parse(text: &str) -> Result<Self, Malformed> {
        let mut sections: BTreeMap<String, String> = BTreeMap::new();
        let mut current: Option<&mut String> = None;
        for line in text.lines() {
            if let Some(name) = line.strip_prefix('@') {
                current = Some(sections.entry(name.to_owned()).or_default());
            } else if let (Some(content), Some(section)) = (line.strip_prefix('|'), current.as_mut()) {
                section.push_str(content);
                section.push('\n');
            }
        }
        if !sections.contains_key("end") {
            return Err(Malformed("it breaks off"));
        }
        Ok(Self { sections })
    }

    /// The text of the option file that galactl owns, secrets included.
    pub fn config_text(&self) -> Option<&str> {
        self.sections.get("config").map(String::as_str)
    }

    /// The password with which this account logs in for an SST, as option files of others give it.
    pub fn sst_password_of(&self, user: &str) -> Option<String> {
        let given = |section| {
            self.lines(section).filter_map(option).filter(|(name, _)| name == "wsrep_sst_auth").last()
        };
        let (_, auth) = given("options").or_else(|| given("sst_options"))?;
        let (_, password) = auth.split_once(':').filter(|(name, _)| *name == user)?;
        (!password.is_empty()).then(|| password.to_owned())
    }

    /// What `adopt.sh` found around the server.
    pub fn surroundings(&self) -> Surroundings {
        Surroundings {
            unit: self.lines("unit").next().map(str::to_owned),
            packaged: self.lines("packaged").filter_map(option).collect(),
        }
    }

    /// Understands the sections; secrets in them are replaced.
    pub fn facts(&self, secrets: &Secrets) -> Result<HostFacts, Malformed> {
        let (os, debian_family) = self.os();
        let machine = self.pairs("machine");
        let paths = self.pairs("paths");
        let word = |map: &BTreeMap<String, String>, key: &str| map.get(key).cloned().unwrap_or_default();
        if !self.sections.contains_key("unit") || !paths.contains_key("datadir") {
            return Err(Malformed("no unit or no data directory in it"));
        }
        let listed = self.lines("directories").any(|line| line.ends_with("\tmysql"));
        if paths.contains_key("initialised") && !listed {
            return Err(Malformed("the data directory could not be listed"));
        }
        Ok(HostFacts {
            os,
            debian_family,
            arch: word(&machine, "arch"),
            memory: word(&machine, "memory_kib").parse().map_or(0, |kib: u64| kib.saturating_mul(1024)),
            systemd: word(&machine, "systemd").parse().ok(),
            selinux_enforcing: word(&machine, "selinux") == "1",
            apparmor: machine.get("apparmor").cloned(),
            machine_id: word(&machine, "machine_id"),
            host_keys: self.lines("host_keys").map(str::to_owned).collect(),
            addresses: self.addresses(),
            clock: clock(&word(&machine, "clock")),
            packages: self.packages(),
            candidate: self.version("candidate"),
            server: self.version("server"),
            unit: self.unit(),
            processes: self.processes(),
            intents: self.lines("intent").filter_map(intent).collect(),
            tools: self.lines("tools").map(str::to_owned).collect(),
            providers: self.lines("providers").map(str::to_owned).collect(),
            socket: word(&paths, "socket"),
            datadir: self.datadir(&paths),
            config: self.config(secrets),
            options: self.options("options", secrets),
            sst_options: self.options("sst_options", secrets),
            wsrep_files: self.lines("wsrep_files").map(str::to_owned).collect(),
            later_options: self.later_options(),
            server_answer: self.server_answer(),
            changeable: Variable::parse_all(self.lines("changeable")),
            sst_grants: self
                .lines("sst_grants")
                .filter(|line| line.starts_with("GRANT"))
                .map(str::to_owned)
                .collect(),
            slow_lookups: self.slow_lookups(),
            founding: self.sections.get("founding").map(|text| Founding::parse(text)),
            removal: self.sections.get("removed").map(|text| Removal::parse(text)),
            passed: self.passed(&machine),
            start: self.sections.get("start").map(|text| ServerStart::parse(text)),
        })
    }

    /// What `arbitrator.sh` found.
    pub fn arbitrator(&self) -> Result<ArbitratorFacts, Malformed> {
        if !self.sections.contains_key("unit") {
            return Err(Malformed("no unit in it"));
        }
        let (os, debian_family) = self.os();
        Ok(ArbitratorFacts {
            os,
            debian_family,
            machine_id: self.pairs("machine").remove("machine_id").unwrap_or_default(),
            host_keys: self.lines("host_keys").map(str::to_owned).collect(),
            addresses: self.addresses(),
            package: self.packages().pop_first().map(|(_, version)| version),
            unit: self.unit(),
            processes: self.lines("processes").filter_map(|pid| pid.trim().parse().ok()).collect(),
            arguments: self.lines("arguments").map(str::to_owned).collect(),
            member: self.lines("member").next().map(str::to_owned),
            config: self.config(&Secrets::default()),
        })
    }

    /// Its name and version, and whether it is one of Debian's family.
    fn os(&self) -> (String, bool) {
        let os = self.pairs("os");
        let word = |key: &str| os.get(key).map(String::as_str).unwrap_or_default();
        let family = format!("{} {}", word("ID"), word("ID_LIKE"));
        let name = format!("{} {}", word("ID"), word("VERSION_ID")).trim().to_owned();
        (name, family.split_whitespace().any(|id| id == "debian"))
    }

    fn addresses(&self) -> BTreeSet<IpAddr> {
        let addresses = self.lines("machine").filter_map(|line| line.strip_prefix("address="));
        addresses.filter_map(|address| address.parse().ok()).collect()
    }

    /// What `recover.sh` found out of a stopped server's data.
    pub fn recovered(&self) -> Recovered {
        let last_write = self.text("last_write").trim().parse().ok();
        let position = match (self.sections.get("no_data"), self.sections.get("trouble")) {
            (Some(why), _) => Position::None(why.trim().to_owned()),
            (None, Some(why)) => Position::Unknown(why.trim().to_owned()),
            (None, None) => return Recovered::parse(self.text("said"), last_write),
        };
        Recovered { position, last_write }
    }

    /// What `sample.sh` saw of a running server's counters; `None` where it did not answer.
    pub fn rates(&self) -> Option<Rates> {
        let milliseconds = self.text("milliseconds").trim().parse().ok()?;
        Rates::of(&self.rows("first"), &self.rows("second"), milliseconds)
    }

    /// What `glance.sh` saw.
    pub fn glance(&self) -> Result<Glance, Malformed> {
        let uptime = self.text("uptime").trim().parse();
        Ok(Glance {
            unit: self.unit(),
            processes: self.processes(),
            server_answer: self.server_answer(),
            counters: self.rows("status"),
            uptime: uptime.map_err(|_| Malformed("no time in it"))?,
        })
    }

    fn text(&self, section: &str) -> &str {
        self.sections.get(section).map_or("", String::as_str)
    }

    fn lines(&self, section: &str) -> impl Iterator<Item = &str> {
        self.text(section).lines().filter(|line| !line.is_empty())
    }

    /// `KEY=value` lines, quotes around the value dropped.
    fn pairs(&self, section: &str) -> BTreeMap<String, String> {
        self.lines(section)
            .filter_map(|line| line.split_once('='))
            .map(|(key, value)| (key.to_owned(), value.trim().trim_matches('"').to_owned()))
            .collect()
    }

    /// `name<TAB>value` lines, as the server's client prints rows.
    fn rows(&self, section: &str) -> BTreeMap<String, String> {
        self.lines(section)
            .filter_map(|line| line.split_once('\t'))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }

    fn version(&self, section: &str) -> Option<ServerVersion> {
        self.text(section).parse().ok()
    }

    fn packages(&self) -> BTreeMap<String, String> {
        self.lines("packages")
            .filter_map(|line| {
                let mut fields = line.split('\t');
                let (name, status, version) = (fields.next()?, fields.next()?, fields.next()?);
                (status == "installed").then(|| (name.to_owned(), version.to_owned()))
            })
            .collect()
    }

    fn unit(&self) -> UnitFacts {
        let unit = self.pairs("unit");
        let word = |key: &str| unit.get(key).cloned().unwrap_or_default();
        let number = |key: &str| word(key).parse().unwrap_or_default();
        UnitFacts {
            load: word("LoadState"),
            active: word("ActiveState"),
            sub: word("SubState"),
            file: word("UnitFileState"),
            result: word("Result"),
            restarts: number("NRestarts"),
            main_pid: number("MainPID"),
            start_timeout: word("TimeoutStartUSec"),
        }
    }

    fn processes(&self) -> Vec<u32> {
        self.lines("processes").filter_map(|pid| pid.trim().parse().ok()).collect()
    }

    fn datadir(&self, paths: &BTreeMap<String, String>) -> Datadir {
        let number = |key: &str| paths.get(key).and_then(|text| text.parse().ok()).unwrap_or(0);
        let (write_tests, schemas): (Vec<_>, Vec<_>) =
            self.schemas().into_iter().partition(|schema| is_write_test_schema(&schema.name));
        Datadir {
            path: paths.get("datadir").cloned().unwrap_or_default().trim_end_matches('/').to_owned(),
            exists: self.sections.contains_key("directories"),
            mount_point: paths.contains_key("mount_point"),
            initialised: paths.contains_key("initialised"),
            missing: paths.get("missing").cloned(),
            bytes: number("bytes"),
            cache: number("cache"),
            free: number("free"),
            schemas,
            write_tests: write_tests.into_iter().map(|schema| schema.name).collect(),
            grastate: self.grastate(),
            grastate_edited: paths.contains_key("grastate_edited"),
            grastate_age: paths.get("grastate_age").and_then(|text| text.parse().ok()),
            gvwstate: Gvwstate::parse(self.sections.get("gvwstate").map(String::as_str)),
            kept: self
                .lines("paths")
                .filter_map(|line| line.strip_prefix("kept="))
                .map(str::to_owned)
                .collect(),
            sst_leftovers: self.lines("sst_leftovers").map(str::to_owned).collect(),
        }
    }

    fn grastate(&self) -> Grastate {
        if self.sections.contains_key("grastate_empty") {
            return Grastate::Empty;
        }
        Grastate::parse(self.sections.get("grastate").map(String::as_str))
    }

    /// The databases that are not the server's own: what the data directory holds, and what a running server lists.
    /// Neither alone is enough: a server can be stopped, and its directory can be another one
    /// than it seems.
    fn schemas(&self) -> Vec<Schema> {
        let directories = self.lines("directories").filter_map(|line| line.split_once('\t'));
        let mut schemas: BTreeMap<String, u64> = directories
            .filter(|(_, name)| !name.starts_with(['.', '#']))
            .map(|(bytes, name)| (database_name(name), bytes.parse().unwrap_or(0)))
            .collect();
        for name in self.lines("schemata") {
            schemas.entry(name.to_owned()).or_insert(0);
        }
        let sys_is_own = self.version("server").is_none_or(|version| version.series() >= SYS_SINCE);
        let own = |name: &str| OWN_SCHEMAS.contains(&name) || (name == "sys" && sys_is_own);
        schemas.retain(|name, _| !own(name));
        schemas.into_iter().map(|(name, bytes)| Schema { name, bytes }).collect()
    }

    fn config(&self, secrets: &Secrets) -> Option<ConfigFile> {
        let mut words = self.text("config_mode").split_whitespace();
        Some(ConfigFile {
            text: redact(self.config_text()?, secrets),
            mode: words.next()?.to_owned(),
            owner: words.next()?.to_owned(),
            group: words.next()?.to_owned(),
        })
    }

    fn options(&self, section: &str, secrets: &Secrets) -> BTreeMap<String, String> {
        let shown = |(name, value): (String, String)| {
            let value = redact_value(&name, &value, secrets)?;
            Some((name, value))
        };
        self.lines(section).filter_map(option).filter_map(shown).collect()
    }

    fn later_options(&self) -> Vec<LaterOption> {
        let later = |line: &str| {
            let (file, rest) = line.split_once('\t')?;
            let (name, value) = option(rest)?;
            let value = if holds_secret(&name) { String::new() } else { value };
            Some(LaterOption { file: file.to_owned(), name, value })
        };
        self.lines("later_options").filter_map(later).collect()
    }

    /// Without its `wsrep_on` a member would look like a standalone server, so that an answer
    /// that breaks off is none.
    fn server_answer(&self) -> ServerAnswer {
        if self.sections.contains_key("status") {
            let variables = self.rows("variables");
            return match variables.contains_key("wsrep_on") {
                true => ServerAnswer::Live(Box::new(Live::from_rows(&self.rows("status"), &variables))),
                false => ServerAnswer::Refused("it does not say whether wsrep is on".into()),
            };
        }
        match self.sections.get("status_error").map(|error| error.trim()) {
            // The socket file of a server that is gone.
            Some(error) if error.contains("(111") || error.contains("(2 ") || error.contains("(2)") => {
                ServerAnswer::NoSocket
            }
            // `timeout` ends the client without a word.
            Some("") => ServerAnswer::Refused("no answer within 5 s".into()),
            Some(error) => ServerAnswer::Refused(error.to_owned()),
            None => ServerAnswer::NoSocket,
        }
    }

    fn passed(&self, machine: &BTreeMap<String, String>) -> Vec<Passed> {
        let clock = machine.get("clock").and_then(|text| text.parse().ok()).unwrap_or_default();
        self.lines("passed").filter_map(|line| Passed::parse(line, clock)).collect()
    }

    fn slow_lookups(&self) -> BTreeMap<String, u64> {
        self.lines("lookups")
            .filter_map(|line| line.split_once(' '))
            .filter_map(|(ms, peer)| Some((peer.to_owned(), ms.parse().ok()?)))
            .filter(|(_, ms)| *ms > SLOW_LOOKUP_MS)
            .collect()
    }
}

/// Seconds since 1970; 0 where the host does not tell. JSON has no word for infinity, and a bundle
/// could not be read again.
fn clock(text: &str) -> f64 {
    text.parse().ok().filter(|seconds: &f64| seconds.is_finite()).unwrap_or_default()
}

/// `--bind-address=0.0.0.0`, as my_print_defaults prints it.
fn option(line: &str) -> Option<(String, String)> {
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
