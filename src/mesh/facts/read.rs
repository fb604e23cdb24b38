//! The text that the script of a host prints → its facts.

use serde::de::DeserializeOwned;

use super::{Boot, Database, Datadir, HostFacts, Live, apply_errors};
use crate::kernel::facts::{Answer, ConfigFile, Machine, Malformed, Report, UnitFacts};
use crate::kernel::model::Secrets;
use crate::mesh::config::redact;
use crate::postgresql::packages::packages;

/// What libpq says of a socket behind which nobody listens.
const NOBODY_LISTENS: [&str; 2] = ["Connection refused", "No such file or directory"];
/// And of a database that is not there.
const NO_DATABASE: &str = "does not exist";

impl HostFacts {
    /// Reads what `look.sh` printed. Secrets are replaced.
    ///
    /// Errors: a part is missing that every host tells.
    pub fn read(report: &Report, secrets: &Secrets) -> Result<Self, Malformed> {
        if !report.has("unit") {
            return Err(Malformed("no unit of PostgreSQL in it"));
        }
        let databases = report.named("database/").filter_map(|(rest, _)| {
            let name = rest.strip_suffix("_error").unwrap_or(rest);
            Some((name.parse().ok()?, answer::<Database>(report, &format!("database/{name}"))))
        });
        Ok(Self {
            machine: Machine::read(report),
            packages: packages(report),
            unit: UnitFacts::of(report, "unit"),
            clusters: report.lines("clusters").map(str::to_owned).collect(),
            datadir: datadir(report),
            server: server(report),
            databases: databases.collect(),
            settings: ConfigFile::of(report, "settings", |text| redact(text, secrets)),
            included: report.has("included"),
            access: report.lines("access").map(str::to_owned).collect(),
            password: ConfigFile::of(report, "password", |text| redact(text, secrets)),
            boot: boot(report),
            apply_errors: apply_errors(report.lines("apply_errors")),
            stale: report.has("stale"),
        })
    }
}

fn boot(report: &Report) -> Boot {
    let mut told = report.pairs("boot");
    Boot {
        settings_written: told.get("settings_written").and_then(|text| text.parse().ok()),
        cluster: told.remove("cluster"),
        unit: told.remove("unit"),
        time: told.remove("time"),
    }
}

fn datadir(report: &Report) -> Datadir {
    let told = report.pairs("datadir");
    let number = |key: &str| told.get(key).and_then(|text| text.parse().ok()).unwrap_or_default();
    Datadir {
        exists: told.contains_key("exists"),
        of_users: number("of_users"),
        joining: told.get("joining").cloned(),
        tablespaces: number("tablespaces"),
        unseen: told.get("unseen").cloned(),
        free: number("free"),
        size: told.get("size").and_then(|text| text.parse().ok()),
    }
}

fn server(report: &Report) -> Answer<Box<Live>> {
    match report.section("server_nobody") {
        Some(why) => Answer::Nobody(why.trim().to_owned()),
        None => answer::<Live>(report, "server").map(Box::new),
    }
}

/// The JSON of a section, or what psql said instead.
fn answer<T: DeserializeOwned>(report: &Report, section: &str) -> Answer<T> {
    if let Some(said) = report.section(&format!("{section}_error")) {
        let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
        let connecting = said.contains("connection to server");
        let nobody = NOBODY_LISTENS.iter().any(|it| said.contains(it)) || said.contains(NO_DATABASE);
        return if connecting && nobody { Answer::Nobody(said) } else { Answer::Unseen(said) };
    }
    let Some(line) = report.lines(section).find(|line| line.starts_with('{')) else {
        return Answer::Unseen("the host did not tell".into());
    };
    match serde_json::from_str(line) {
        Ok(told) => Answer::Told(told),
        Err(why) => Answer::Unseen(format!("the server's answer cannot be read: {why}")),
    }
}
