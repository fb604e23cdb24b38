//! Steps, and how they follow each other.

use std::borrow::Cow;
use std::fmt::Debug;

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use super::PutFile;
use crate::kernel::inventory::Member;
use crate::kernel::model::{HostName, NodeName};

/// What can be done to a host, as data. Each engine has one closed type of these.
pub trait Action:
    Debug + Clone + PartialEq + Serialize + DeserializeOwned + JsonSchema + Send + Sync + 'static
{
    /// The last part of a step's id. It tells a step from all others of its member in one plan.
    fn slug(&self) -> Cow<'static, str>;

    /// What is done, in one line.
    fn summary(&self) -> String;

    /// The file that is put in place by it.
    fn file(&self) -> Option<&PutFile>;
}

/// Steps that belong together.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(bound = "A: Action")]
pub struct Stage<A> {
    pub title: String,
    pub width: Width,
    pub steps: Vec<Step<A>>,
}

/// How the steps of a stage follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Width {
    /// All hosts at once; the steps of one host in order.
    NodesInParallel,
    /// One step after the other. The first one that fails ends the run.
    Serial,
    /// One step after the other. A node whose step fails with nothing else touched is left out; the run ends after the
    /// last step, and after those of the stages like this that follow at once.
    OneByOne,
}

/// One thing to do. `id` is `host/role/what` and stable: the same work on the same host has the same id in
/// every plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(bound = "A: Action")]
pub struct Step<A> {
    pub id: String,
    pub host: HostName,
    /// The member of the inventory that it is done for.
    pub node: NodeName,
    pub action: A,
    pub why: String,
}

impl<A: Action> Step<A> {
    pub fn new(member: &(impl Member + ?Sized), action: impl Into<A>, why: impl Into<String>) -> Self {
        let action = action.into();
        Self {
            id: format!("{}/{}/{}", member.host(), member.role(), action.slug()),
            host: member.host().clone(),
            node: member.name().clone(),
            action,
            why: why.into(),
        }
    }

    /// The same work in a round of its own, where a plan does it more than once.
    pub fn in_round(mut self, round: &str) -> Self {
        self.id = format!("{}-{round}", self.id);
        self
    }

    /// The role for which it is done, as it stands in the id.
    pub fn role(&self) -> &str {
        self.id.split('/').nth(1).unwrap_or_default()
    }
}
