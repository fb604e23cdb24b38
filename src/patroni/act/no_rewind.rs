//! Patroni rewinds nobody, until the configuration is what the inventory says again.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use super::{Context, rest};
use crate::kernel::run::Outcome;
use crate::kernel::run::poll::{Awaited, Look, Sign, Wait, Waited};
use crate::kernel::run::step_error::StepError;
use crate::patroni::plan::Step;

const POLL: Duration = Duration::from_secs(1);
const PATIENCE: Duration = Duration::from_secs(30);

/// Whoever starts reads etcd's configuration before anything else. Without pg_rewind, Patroni lets a node that has another
/// history wait as it is; it deletes its data only where it was told to.
pub async fn apply(context: &Arc<Context>, step: &Step) -> Outcome {
    let change =
        json!({"postgresql": {"use_pg_rewind": false, "remove_data_directory_on_diverged_timelines": null}});
    rest::set(context, &step.node, &change).await?;
    match Wait::new(POLL, PATIENCE).told(&*context.reporter, &step.id).until(Off { context, step }).await? {
        Waited::Found(()) => Ok(None),
        Waited::Idle(why) => Err(StepError::new(why).left("nobody was promoted")),
    }
}

struct Off<'a> {
    context: &'a Context,
    step: &'a Step,
}

impl Awaited for Off<'_> {
    type Found = ();

    async fn look(&mut self) -> Result<Look<()>, StepError> {
        let seen = self.context.observe().await;
        let config = seen.facts(&self.step.node).and_then(|facts| facts.patroni.config.told());
        match config.is_some_and(|config| config["postgresql"]["use_pg_rewind"] == Value::Bool(false)) {
            true => Ok(Look::Found(())),
            false => Ok(Look::NotYet(Sign::word("Patroni does not tell yet that pg_rewind is off"))),
        }
    }
}
