//! Whether commits wait for a standby, as Patroni's dynamic configuration has it. It was in etcd, and a copy of it is in
//! the data directory of each node.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::{Context, rest};
use crate::kernel::model::NodeName;
use crate::kernel::run::Outcome;
use crate::kernel::run::poll::{Awaited, Look, Sign, Wait, Waited};
use crate::kernel::run::step_error::StepError;
use crate::patroni::plan::Step;

/// Patroni writes its configuration into etcd once in its loop.
const POLL: Duration = Duration::from_secs(1);
const PATIENCE: Duration = Duration::from_secs(60);

pub async fn apply(context: &Arc<Context>, step: &Step, wanted: &BTreeMap<String, Value>) -> Outcome {
    let wait = Wait::new(POLL, PATIENCE).told(&*context.reporter, &step.id);
    match wait.until(Configured { context, node: &step.node, wanted, patched: false }).await? {
        Waited::Found(false) => Ok(Some("it was so already".into())),
        Waited::Found(true) => Ok(Some("set".into())),
        Waited::Idle(why) => {
            let message = format!("Patroni's configuration is not so yet: {why}");
            Err(StepError::new(message).left("the first node is the primary; no other node was started"))
        }
    }
}

struct Configured<'a> {
    context: &'a Context,
    node: &'a NodeName,
    wanted: &'a BTreeMap<String, Value>,
    patched: bool,
}

impl Awaited for Configured<'_> {
    /// Whether it had to be set.
    type Found = bool;

    async fn look(&mut self) -> Result<Look<bool>, StepError> {
        let seen = self.context.observe().await;
        let config = seen.facts(self.node).and_then(|facts| facts.patroni.config.told().cloned());
        let Some(config) = config.filter(|it| it.as_object().is_some_and(|all| !all.is_empty())) else {
            return Ok(Look::NotYet(Sign::word("Patroni has written none into etcd yet")));
        };
        let other: BTreeMap<_, _> =
            self.wanted.iter().filter(|(key, value)| !same(&config[*key], value)).collect();
        if other.is_empty() {
            return Ok(Look::Found(self.patched));
        }
        if !self.patched {
            let change = serde_json::to_value(&other).unwrap_or_default();
            rest::set(self.context, self.node, &change).await?;
            self.patched = true;
        }
        let keys: Vec<_> = other.keys().map(|key| key.as_str()).collect();
        Ok(Look::NotYet(Sign::word(format!("not as wanted yet: {}", keys.join(", ")))))
    }
}

/// What is not there is off.
fn same(found: &Value, wanted: &Value) -> bool {
    let off = |value: &Value| value.is_null() || *value == Value::Bool(false);
    found == wanted || off(found) && off(wanted)
}
