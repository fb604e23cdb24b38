//! What was seen of a cluster → everything that is wrong or will be, each with what mends it. Pure.
//!
//! A rule that refuses, warns or is found by a status stands there, and only gets its reason and its
//! remedy here ([`known`]); the other files hold what nothing else asks for.

mod file;
mod gcache;
mod known;
mod remains;
mod restart;
mod sst;

use serde::Serialize;

use super::config::RenderError;
use super::facts::HostFacts;
use super::inventory::Node;
use super::judge::Basis;
use super::status::{Health, Status};
use crate::kernel::model::{ClusterName, NodeName};

/// The version of the diagnosis' JSON form.
const SCHEMA: u32 = 1;

/// What is looked at.
#[derive(Clone, Copy)]
pub struct Case<'a> {
    pub basis: Basis<'a>,
    /// Of the same look, with rates.
    pub status: &'a Status,
    /// What is known of a run of galactl on this cluster that was cut off.
    pub cut_off: Option<&'a str>,
    /// The inventory's path, as the user would type it.
    pub path: &'a str,
    /// The directory of the templates, likewise, where the user has named one.
    pub templates: Option<&'a str>,
}

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Worth knowing, and no more.
    Note,
    /// Out of line now, or at the next restart, reboot, failure or maintenance.
    Degraded,
    /// The cluster does not serve, or is about to lose data.
    Critical,
}

/// Something that is wrong, or will be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ailment {
    pub severity: Severity,
    /// Without a node it is the cluster's.
    pub node: Option<NodeName>,
    /// Stable, for programs.
    pub slug: &'static str,
    /// What was seen.
    pub what: String,
    /// What comes of it.
    pub why: String,
    /// The command, or what else there is to do.
    pub mend: String,
}

/// All of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Diagnosis {
    pub schema: u32,
    /// The version of galactl that made it.
    pub galactl: &'static str,
    pub cluster: ClusterName,
    /// The worst of all ailments.
    pub health: Health,
    /// Worst first; of equals in start order.
    pub ailments: Vec<Ailment>,
}

/// Looks for everything.
///
/// Errors: a template that does not render.
pub fn examine(case: &Case<'_>) -> Result<Diagnosis, RenderError> {
    let mut ailments = known::guards(case);
    ailments.extend(known::drifts(case)?);
    ailments.extend(known::warnings(case));
    ailments.extend(known::findings(case));
    ailments.extend(known::votes(case));
    ailments.extend(restart::ailments(case));
    ailments.extend(file::ailments(case)?);
    ailments.extend(gcache::ailments(case));
    ailments.extend(sst::ailments(case));
    ailments.extend(remains::ailments(case));
    for ailment in &mut ailments {
        ailment.mend = exact(case, ailment);
    }
    let place = |ailment: &Ailment| {
        let mut order = case.basis.inventory.start_order();
        order.position(|node| Some(&node.name) == ailment.node.as_ref())
    };
    ailments.sort_by_key(|ailment| (std::cmp::Reverse(ailment.severity), place(ailment)));
    Ok(Diagnosis {
        schema: SCHEMA,
        galactl: env!("CARGO_PKG_VERSION"),
        cluster: case.basis.inventory.cluster.clone(),
        health: ailments.iter().map(|ailment| ailment.severity).max().unwrap_or(Severity::Note).into(),
        ailments,
    })
}

impl From<Health> for Severity {
    fn from(health: Health) -> Self {
        match health {
            Health::Healthy => Self::Note,
            Health::Degraded => Self::Degraded,
            Health::Critical => Self::Critical,
        }
    }
}

impl From<Severity> for Health {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Note => Self::Healthy,
            Severity::Degraded => Self::Degraded,
            Severity::Critical => Self::Critical,
        }
    }
}

impl Ailment {
    fn new(severity: Severity, slug: &'static str, what: impl Into<String>) -> Self {
        let (why, mend) = (String::new(), String::new());
        Self { severity, node: None, slug, what: what.into(), why, mend }
    }

    fn degraded(slug: &'static str, what: impl Into<String>) -> Self {
        Self::new(Severity::Degraded, slug, what)
    }

    fn note(slug: &'static str, what: impl Into<String>) -> Self {
        Self::new(Severity::Note, slug, what)
    }

    fn on(mut self, node: &NodeName) -> Self {
        self.node = Some(node.clone());
        self
    }

    fn because(mut self, why: impl Into<String>) -> Self {
        self.why = why.into();
        self
    }

    fn mend(mut self, mend: impl Into<String>) -> Self {
        self.mend = mend.into();
        self
    }
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
    fn start(&self, node: &NodeName) -> String {
        match self.stands() {
            true => format!("galactl start inventory.yaml {node}"),
            false => "galactl recover inventory.yaml".to_owned(),
        }
    }
}

/// With the user's own path, and the host by its name.
fn exact(case: &Case<'_>, ailment: &Ailment) -> String {
    let path = shell_word(case.path);
    let mut mend = ailment.mend.replace("inventory.yaml", &path);
    if let Some(templates) = case.templates.map(shell_word) {
        for command in ["bootstrap", "add-node", "apply-config", "restart", "start", "check", "plan", "watch"]
        {
            let typed = format!("galactl {command} {path}");
            mend = mend.replace(&typed, &format!("{typed} --templates {templates}"));
        }
    }
    match &ailment.node {
        Some(node) => mend.replace("on that host", &format!("on {node}")),
        None => mend,
    }
}

/// As a shell reads it back.
fn shell_word(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "/._-+@%:=,~".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}
