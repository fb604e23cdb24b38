//! The facts that one scan of a proxy's host found.

use serde::{Deserialize, Serialize};

use super::inventory::Kind;
use super::opinion::Opinion;
use crate::kernel::facts::{Fingerprint, Malformed, ProgramFacts, Report, UnitFacts};
use crate::kernel::model::{NodeName, Secrets};

/// The host of a proxy.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ProxyFacts {
    #[serde(flatten)]
    pub program: ProgramFacts,
    /// The version that apt would install, where that was asked.
    pub candidate: Option<String>,
    /// The unit beside it that follows the nodes' health, where the proxy does not ask by itself.
    pub follower: Option<UnitFacts>,
    /// Where it keeps settings that galactl did not make.
    pub foreign: Option<String>,
    /// What the running proxy thinks of the nodes; `None`: it does not run, or not with what galactl wrote.
    pub opinion: Option<Opinion>,
}

impl ProxyFacts {
    /// Reads what the scripts of a proxy of this kind found; secrets are replaced.
    ///
    /// Errors: the report says nothing about the unit.
    pub fn read(kind: Kind, report: &Report, secrets: &Secrets) -> Result<Self, Malformed> {
        Ok(Self {
            program: ProgramFacts::read(&kind.on_host(&[]), report, |text| kind.shown(text, secrets))?,
            candidate: report.lines("candidate").find(|it| *it != "(none)").map(str::to_owned),
            follower: report.has("follower").then(|| UnitFacts::of(report, "follower")),
            foreign: report.lines("foreign").next().map(str::to_owned),
            opinion: kind.opinion(report),
        })
    }

    /// Those of the facts that decide what a plan does on this host. The opinion is not one: it changes with the nodes.
    pub fn fingerprint(&self, role: &str) -> Fingerprint {
        let more = vec![
            ("follower", self.follower.as_ref().map_or_else(|| "absent".into(), UnitFacts::in_words)),
            ("foreign settings", self.foreign.clone().unwrap_or_else(|| "none".into())),
        ];
        self.program.fingerprint(role, more)
    }

    /// True where the proxy runs with all that belongs to it, and starts again after a boot.
    pub fn runs(&self) -> bool {
        let follows = |unit: &UnitFacts| unit.works() && unit.is_enabled();
        self.program.unit.works() && self.follower.as_ref().is_none_or(follows)
    }

    /// The proxy sends new clients to this node.
    pub fn takes(&self, node: &NodeName) -> bool {
        self.opinion.as_ref().is_some_and(|opinion| opinion.takes(node))
    }
}
