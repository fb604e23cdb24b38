//! The plan.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Debug;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::{Action, Stage, Step, Width};
use crate::kernel::facts::Fingerprint;
use crate::kernel::inventory::Member;
use crate::kernel::judge::Invocation;
use crate::kernel::model::{ClusterName, HostName, NodeName};

/// The commands that plans are for, with their arguments. Each engine has one closed type of these.
pub trait Command:
    Debug + Clone + PartialEq + Serialize + DeserializeOwned + JsonSchema + Send + Sync + 'static
{
    /// The engine's name, as the inventory has it.
    const ENGINE: &'static str;

    /// What is planned, in one line; `nodes` are the data nodes of the plan, `acts` the slugs of its steps.
    fn headline(&self, cluster: &ClusterName, nodes: usize, acts: &[Cow<'static, str>]) -> String;

    /// Why a plan for it is empty.
    fn why_nothing(&self) -> &'static str;

    /// What it gives up, as the end of a sentence that begins with the plan: `may discard commits`. The user has to type the
    /// cluster's name then; a yes is not enough.
    fn gives_up(&self) -> Option<&'static str>;

    fn is_forced(&self) -> bool {
        self.gives_up().is_some()
    }
}

/// What will be done. Empty `stages`: nothing to do.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, bound = "C: Command, A: Action")]
pub struct Plan<C, A> {
    pub command: C,
    pub cluster: ClusterName,
    /// No host was asked: all of them are assumed to be fresh, and the plan cannot be applied.
    pub offline: bool,
    /// What was seen of each member, one line each: data nodes in start order, then the others.
    pub situation: Vec<Situation>,
    /// What the reader must know before agreeing: whose data survives, what is overwritten.
    pub consequences: Vec<String>,
    /// Nodes whose data is deleted because the user named them for it.
    pub discards: Vec<NodeName>,
    /// What is unwise, but no reason to refuse.
    pub warnings: Vec<String>,
    pub stages: Vec<Stage<A>>,
    /// The facts that the plan rests on; it is void when one of them has changed.
    pub rests_on: BTreeMap<HostName, Fingerprint>,
}

/// One member, as it was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Situation {
    pub node: NodeName,
    pub host: HostName,
    pub role: String,
    pub address: String,
    pub seen: String,
}

impl Situation {
    /// The step is done for this member in this role.
    pub fn has<A: Action>(&self, step: &Step<A>) -> bool {
        step.node == self.node && step.role() == self.role
    }

    pub fn new(member: &impl Member, address: String, seen: String) -> Self {
        let (node, host, role) = (member.name().clone(), member.host().clone(), member.role().to_owned());
        Self { node, host, role, address, seen }
    }
}

impl<C: Command, A: Action> Plan<C, A> {
    /// A plan with nothing to do yet.
    pub fn new(command: C, cluster: &ClusterName, situation: Vec<Situation>) -> Self {
        Self {
            command,
            cluster: cluster.clone(),
            offline: false,
            situation,
            consequences: Vec::new(),
            discards: Vec::new(),
            warnings: Vec::new(),
            stages: Vec::new(),
            rests_on: BTreeMap::new(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.stages.is_empty()
    }

    /// The plan with the commands that its texts name as this user types them.
    #[must_use]
    pub fn settled(mut self, invocation: &Invocation) -> Self {
        for text in self.consequences.iter_mut().chain(&mut self.warnings) {
            *text = invocation.fill(text);
        }
        self
    }

    pub fn steps(&self) -> impl Iterator<Item = &Step<A>> {
        self.stages.iter().flat_map(|stage| &stage.steps)
    }

    /// Adds a stage unless there is nothing to do in it.
    pub fn stage(&mut self, title: &str, width: Width, steps: Vec<Step<A>>) {
        if !steps.is_empty() {
            self.stages.push(Stage { title: title.to_owned(), width, steps });
        }
    }

    /// Adds a stage before all others, unless there is nothing to do in it.
    pub fn stage_before(&mut self, title: &str, steps: Vec<Step<A>>) {
        if !steps.is_empty() {
            self.stages.insert(0, Stage { title: title.to_owned(), width: Width::Serial, steps });
        }
    }

    /// What is planned, in one line.
    pub fn headline(&self) -> String {
        let first = self.situation.first().map(|line| line.role.clone());
        let nodes = self.situation.iter().filter(|line| Some(&line.role) == first.as_ref()).count();
        let acts: Vec<_> = self.steps().map(|step| step.action.slug()).collect();
        self.command.headline(&self.cluster, nodes, &acts)
    }
}
