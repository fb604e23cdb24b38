//! Everything that is wrong with a cluster or will be, as `doctor` tells it.

use serde::Serialize;

use super::{Finding, Health, Invocation};
use crate::kernel::model::{ClusterName, NodeName};

/// The version of the diagnosis' JSON form.
const SCHEMA: u32 = 2;

/// All of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnosis {
    pub schema: u32,
    /// The version of galactl that made it.
    pub galactl: &'static str,
    pub cluster: ClusterName,
    /// The worst of all findings.
    pub health: Health,
    /// Worst first; of equals in the order of the nodes.
    pub findings: Vec<Finding>,
}

impl Diagnosis {
    /// `place`: where a node stands among the others. What is about no node comes first.
    pub fn of(
        cluster: &ClusterName,
        mut findings: Vec<Finding>,
        place: impl Fn(&NodeName) -> Option<usize>,
    ) -> Self {
        findings.sort_by_key(|finding| {
            (std::cmp::Reverse(finding.severity), finding.node.as_ref().and_then(&place))
        });
        Self {
            schema: SCHEMA,
            galactl: env!("CARGO_PKG_VERSION"),
            cluster: cluster.clone(),
            health: Health::of(&findings),
            findings,
        }
    }

    /// With remedies in the words of this invocation.
    pub fn settled(mut self, invocation: &Invocation) -> Self {
        self.findings = self.findings.into_iter().map(|finding| finding.settled(invocation)).collect();
        self
    }
}
