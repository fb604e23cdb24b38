//! What was seen of a cluster → everything that is wrong or will be, each with what fixes it. Pure.
//!
//! A rule that refuses, warns or is found by a status stands there, and only gets another remedy here
//! where a doctor knows a better one ([`known`]); the other files hold what nothing else asks for.

mod donor;
mod file;
pub mod gcache;
mod known;
mod pt_osc;
mod remains;
mod restart;
mod settings;
mod sst;
mod tables;

use std::collections::BTreeMap;

use super::config::RenderError;
use super::facts::{Examined, HostFacts};
use super::inventory::Node;
use super::judge::Basis;
use super::status::{Status, remedies};
use crate::kernel::judge::{Diagnosis, Remedy};
use crate::kernel::model::NodeName;

/// What is looked at.
#[derive(Clone, Copy)]
pub struct Case<'a> {
    pub basis: Basis<'a>,
    /// Of the same look, with rates.
    pub status: &'a Status,
    /// What hosts were asked for it; empty where they were not.
    pub examined: &'a BTreeMap<NodeName, Examined>,
    /// What is known of a run of galactl on this cluster that was cut off.
    pub cut_off: Option<&'a str>,
}

/// Looks for everything.
///
/// Errors: a template that does not render.
pub fn examine(case: &Case<'_>) -> Result<Diagnosis, RenderError> {
    let mut findings = known::guards(case);
    findings.extend(known::drifts(case)?);
    findings.extend(known::warnings(case));
    findings.extend(known::findings(case));
    findings.extend(known::served(case));
    findings.extend(known::votes(case));
    findings.extend(restart::findings(case));
    findings.extend(file::findings(case)?);
    findings.extend(file::unread(case));
    findings.extend(gcache::findings(case));
    findings.extend(sst::findings(case));
    findings.extend(donor::findings(case));
    findings.extend(settings::findings(case));
    findings.extend(tables::findings(case));
    findings.extend(remains::findings(case));
    findings.retain(|finding| !case.basis.inventory.accepts(finding.code.name));
    let place = |name: &NodeName| {
        let mut order = case.basis.inventory.start_order();
        order.position(|node| &node.name == name)
    };
    Ok(Diagnosis::of(&case.basis.inventory.cluster, findings, place))
}

impl<'a> Case<'a> {
    fn nodes(&self) -> impl Iterator<Item = (&'a Node, &'a HostFacts)> + use<'a> {
        let Basis { inventory, observation, .. } = self.basis;
        inventory.start_order().filter_map(move |node| Some((node, observation.facts(&node.name)?)))
    }

    /// A Primary component is alive.
    fn stands(&self) -> bool {
        self.status.nodes.iter().any(|node| node.primary)
    }

    /// What brings a node back whose server is stopped.
    fn start(&self, node: &NodeName) -> Remedy {
        remedies::start(&self.basis, self.stands(), node)
    }
}
