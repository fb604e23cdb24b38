//! Inventory and observation → what will be done, in what order and why.
//!
//! A plan is data. What a dry run prints and what is executed is one value of [`Plan`]; the
//! executor makes no choices of its own.

mod action;
mod add_node;
mod apply_config;
mod arbitrators;
mod bootstrap;
mod component;
mod consequence;
mod continuing;
mod done;
mod ending;
mod evidence;
mod guard;
mod guards;
mod markdown;
mod needed;
mod offline;
mod ports;
pub mod preflight;
mod preparation;
mod recover;
mod remove_arbitrator;
mod remove_node;
mod restart;
mod restoring;
mod rolling;
mod saved;
mod stale;
mod stop;
mod text;
mod tls;
mod votes;
mod warnings;
mod waves;
mod without_restart;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::config::{RenderError, Renderer};
use crate::facts::{ArbitratorFacts, Fingerprint, HostFacts, Observation};
use crate::inventory::{Arbitrator, Inventory, Node};
use crate::model::{ClusterName, NodeName};

pub use action::{Action, PutFile, Setting};
pub use add_node::{Discard, add_node};
pub use apply_config::{ConfigChoice, apply_config};
pub use arbitrators::counted_now as arbitrator_counted;
pub use bootstrap::{bootstrap, seed_guards};
pub use continuing::drifts;
pub use done::done;
pub use guard::{Guard, Refusal};
pub use markdown::markdown;
pub use needed::needed;
pub use offline::bootstrap_offline;
pub use preparation::is_ours as configuration_in_force;
pub use recover::{Choice, recover, recovery_order};
pub use remove_arbitrator::remove_arbitrators;
pub use remove_node::{Removing, left_to_do, remove_node};
pub use restart::restart;
pub use rolling::serves_ist;
pub use saved::{Input, NotUsable, Saved, schema};
pub use stale::{again, busy, other_work, spent, stale};
pub use stop::stop;
pub use text::{refusals_text, text};
pub use warnings::{Topic, Warning};

/// What will be done. Empty `stages`: nothing to do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Plan {
    pub command: Command,
    pub cluster: ClusterName,
    /// No host was asked: all of them are assumed to be fresh, and the plan cannot be applied.
    pub offline: bool,
    /// What was seen of each node, one line each, in start order.
    pub situation: Vec<Situation>,
    /// What was seen of each arbitrator.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub arbitrators: Vec<Situation>,
    /// What the reader must know before agreeing: whose data survives, what is overwritten.
    pub consequences: Vec<String>,
    /// Nodes whose data is deleted because the user named them for it.
    pub discards: Vec<NodeName>,
    /// What is unwise, but no reason to refuse.
    pub warnings: Vec<String>,
    pub stages: Vec<Stage>,
    /// The facts that the plan rests on; it is void when one of them has changed.
    pub rests_on: BTreeMap<NodeName, Fingerprint>,
}

/// The command that a plan is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Command {
    Bootstrap {
        seed: NodeName,
    },
    AddNode {
        nodes: Vec<NodeName>,
    },
    /// `unseen`: those of them that may be out of reach.
    RemoveNode {
        nodes: Vec<NodeName>,
        unseen: Vec<NodeName>,
        drain_seconds: u64,
    },
    ApplyConfig {
        allow_sst: bool,
        /// Restart the nodes also for settings that a running server takes.
        restart: bool,
    },
    RemoveArbitrators {
        arbitrators: Vec<NodeName>,
    },
    /// No nodes: all of them.
    Restart {
        nodes: Vec<NodeName>,
        allow_sst: bool,
    },
    /// No nodes: all of them.
    Stop {
        nodes: Vec<NodeName>,
    },
    /// No nodes: all of them.
    Start {
        nodes: Vec<NodeName>,
    },
    /// `forced`: it needs the cluster's name, typed by the user.
    Recover {
        seed: Option<NodeName>,
        keep_aside: bool,
        forced: bool,
    },
}

/// One node, as it was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Situation {
    pub node: NodeName,
    pub address: String,
    pub seen: String,
}

/// Steps that belong together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Stage {
    pub title: String,
    pub width: Width,
    pub steps: Vec<Step>,
}

/// How the steps of a stage follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Width {
    /// All nodes at once; the steps of one node in order.
    NodesInParallel,
    /// One step after the other.
    Serial,
}

/// One thing to do. `id` is stable: the same work on the same node has the same id in every plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Step {
    pub id: String,
    pub node: NodeName,
    pub action: Action,
    pub why: String,
}

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub enum NoPlan {
    #[error("refused")]
    Refused(Vec<Refusal>),
    #[error("{0}")]
    Render(#[from] RenderError),
    /// The data of stopped nodes must be asked first how far it got.
    #[error("the data of stopped nodes was not asked")]
    PositionsWanted,
    /// Servers of these nodes have just been started, and what becomes of them is worth waiting for.
    #[error("servers are starting by themselves: {}", names(.0))]
    Settling(Vec<NodeName>),
}

/// What every planner works from.
#[derive(Clone, Copy)]
pub struct Basis<'a> {
    pub inventory: &'a Inventory,
    pub observation: &'a Observation,
    pub renderer: &'a Renderer,
}

impl<'a> Basis<'a> {
    /// The inventory's nodes in start order with their facts; nodes not seen are left out, and
    /// [`guards::reachable`] has refused by then.
    pub(crate) fn nodes(&self) -> impl Iterator<Item = (&'a Node, &'a HostFacts)> + use<'a> {
        let observation = self.observation;
        self.inventory.start_order().filter_map(move |node| Some((node, observation.facts(&node.name)?)))
    }
}

impl Plan {
    fn new(basis: &Basis<'_>, command: Command) -> Self {
        Self {
            command,
            cluster: basis.inventory.cluster.clone(),
            offline: false,
            situation: basis.nodes().map(situation).collect(),
            arbitrators: arbitrators::seen(basis).map(of_arbitrator).collect(),
            consequences: Vec::new(),
            discards: Vec::new(),
            warnings: Vec::new(),
            stages: Vec::new(),
            rests_on: basis
                .inventory
                .hosts()
                .filter_map(|(name, _)| Some((name.clone(), basis.observation.fingerprint(name)?)))
                .collect(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.stages.is_empty()
    }

    /// It overrides doubts, and so takes more than a yes.
    pub fn is_forced(&self) -> bool {
        matches!(self.command, Command::Recover { forced: true, .. })
    }

    /// It stops a server so that its data can be asked, and does not start it again: another plan has to
    /// follow.
    pub fn is_preliminary(&self) -> bool {
        let recovery = matches!(self.command, Command::Recover { .. } | Command::Start { .. });
        let joins = |node: &NodeName| {
            self.steps().any(|step| step.node == *node && matches!(step.action, Action::Join { .. }))
        };
        let stops = |step: &Step| matches!(step.action, Action::StopServer { .. });
        recovery && self.steps().any(|step| stops(step) && !joins(&step.node))
    }

    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        self.stages.iter().flat_map(|stage| &stage.steps)
    }

    /// Adds a stage unless there is nothing to do in it.
    fn stage(&mut self, title: &str, width: Width, steps: Vec<Step>) {
        if !steps.is_empty() {
            self.stages.push(Stage { title: title.to_owned(), width, steps });
        }
    }
}

impl Step {
    fn new(node: &NodeName, action: Action, why: impl Into<String>) -> Self {
        Self { id: format!("{node}/{}", action.slug()), node: node.clone(), action, why: why.into() }
    }
}

fn names(nodes: &[NodeName]) -> String {
    nodes.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// No refusals: go on.
fn refuse(refusals: Vec<Refusal>) -> Result<(), NoPlan> {
    if refusals.is_empty() { Ok(()) } else { Err(NoPlan::Refused(refusals)) }
}

fn situation((node, facts): (&Node, &HostFacts)) -> Situation {
    Situation { node: node.name.clone(), address: node.address.to_string(), seen: text::describe(facts) }
}

fn of_arbitrator((arbitrator, facts): (&Arbitrator, &ArbitratorFacts)) -> Situation {
    Situation {
        node: arbitrator.name.clone(),
        address: arbitrator.address.to_string(),
        seen: arbitrators::describe(facts),
    }
}
