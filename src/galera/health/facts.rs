//! The facts that one scan of a node's health unit found.

use serde::{Deserialize, Serialize};

use super::answer::Answer;
use crate::kernel::facts::{ConfigFile, Fingerprint, Machine, Malformed, Report, UnitFacts};

/// How a data node tells whether it serves.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct HealthFacts {
    #[serde(flatten)]
    pub machine: Machine,
    /// The unit that listens.
    pub unit: UnitFacts,
    /// The unit was started before its present files were written.
    pub stale: bool,
    pub script: Option<ConfigFile>,
    pub socket: Option<ConfigFile>,
    pub service: Option<ConfigFile>,
    /// The user of the script is there.
    pub user: bool,
    /// Another program that has the port, as port and name: `9200 java`.
    pub taken: Option<String>,
    /// It answers that it is being drained.
    pub draining: bool,
    /// What the script says now.
    pub answer: Option<Answer>,
}

impl HealthFacts {
    /// Reads what `look.sh` found.
    ///
    /// Errors: the report says nothing about the unit.
    pub fn read(report: &Report) -> Result<Self, Malformed> {
        if !report.has("unit") {
            return Err(Malformed("no unit in it"));
        }
        let file = |section| ConfigFile::of(report, section, str::to_owned);
        Ok(Self {
            machine: Machine::read(report),
            unit: UnitFacts::read(report),
            stale: report.has("stale"),
            script: file("script"),
            socket: file("socket"),
            service: file("service"),
            user: report.lines("user").next().is_some(),
            taken: report.lines("taken").next().map(str::to_owned),
            draining: report.has("draining"),
            answer: report.section("answer").and_then(Answer::parse),
        })
    }

    pub fn file(&self, artefact: &str) -> Option<&ConfigFile> {
        match artefact {
            "script" => self.script.as_ref(),
            "socket" => self.socket.as_ref(),
            "service" => self.service.as_ref(),
            _ => None,
        }
    }

    /// Those of the facts that decide what a plan does on this node. The answer is not one: it changes with the server.
    pub fn fingerprint(&self, role: &str) -> Fingerprint {
        let file =
            |file: &Option<ConfigFile>| file.as_ref().map_or_else(|| "absent".into(), ConfigFile::in_words);
        let facts = vec![
            ("health unit", self.unit.in_words()),
            ("health script", file(&self.script)),
            ("health socket", file(&self.socket)),
            ("health service", file(&self.service)),
            ("health user", if self.user { "there" } else { "absent" }.into()),
            ("draining", self.draining.to_string()),
        ];
        Fingerprint::of(self.machine.fingerprint(), role, facts)
    }

    /// True where the node answers over the network.
    pub fn listens(&self) -> bool {
        self.unit.active == "active" && self.unit.is_enabled()
    }
}
