//! What the smaller scripts print → facts.

use super::glance::Glance;
use super::group_peers::group_peers;
use super::option_line::option;
use super::rates::Rates;
use super::read_host::server_answer;
use super::recovered::{Position, Recovered};
use super::surroundings::Surroundings;
use crate::kernel::facts::{Malformed, Report, UnitFacts};

impl Surroundings {
    /// What `adopt.sh` found around the server.
    pub fn read(report: &Report) -> Self {
        Self {
            unit: report.lines("unit").next().map(str::to_owned),
            packaged: report.lines("packaged").filter_map(option).collect(),
            trusted: report.section("trusted").map(str::to_owned),
            certificate: report.text("certificate").to_owned(),
        }
    }
}

impl Recovered {
    /// What `recover.sh` found out of a stopped server's data.
    pub fn read(report: &Report) -> Self {
        let last_write = report.text("last_write").trim().parse().ok();
        let position = match (report.section("no_data"), report.section("trouble")) {
            (Some(why), _) => Position::None(why.trim().to_owned()),
            (None, Some(why)) => Position::Unknown(why.trim().to_owned()),
            (None, None) => return Self::parse(report.text("said"), last_write),
        };
        Self { position, last_write }
    }
}

impl Rates {
    /// What `sample.sh` saw of a running server's counters; `None` where it did not answer.
    pub fn read(report: &Report) -> Option<Self> {
        let milliseconds = report.text("milliseconds").trim().parse().ok()?;
        Self::of(&report.rows("first"), &report.rows("second"), milliseconds)
    }
}

impl Glance {
    /// What `glance.sh` saw.
    ///
    /// Errors: it does not tell the time.
    pub fn read(report: &Report) -> Result<Self, Malformed> {
        let uptime = report.text("uptime").trim().parse();
        Ok(Self {
            unit: UnitFacts::read(report),
            processes: report.pids("processes"),
            server_answer: server_answer(report),
            group_peers: group_peers(report),
            counters: report.rows("status"),
            uptime: uptime.map_err(|_| Malformed("no time in it"))?,
        })
    }
}

/// The password with which this account logs in for an SST, as option files of others give it.
pub fn sst_password_of(report: &Report, user: &str) -> Option<String> {
    let given = |section| {
        report.lines(section).filter_map(option).filter(|(name, _)| name == "wsrep_sst_auth").last()
    };
    let (_, auth) = given("options").or_else(|| given("sst_options"))?;
    let (_, password) = auth.split_once(':').filter(|(name, _)| *name == user)?;
    (!password.is_empty()).then(|| password.to_owned())
}
