//! A change of Patroni's dynamic configuration.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::{Context, rest};
use crate::kernel::model::NodeName;
use crate::kernel::model::words::names;
use crate::kernel::run::Outcome;
use crate::kernel::run::poll::{Awaited, Look, Sign, Wait, Waited};
use crate::kernel::run::step_error::StepError;
use crate::kernel::transport::RemoteCommand;
use crate::patroni::config::DynamicConfig;
use crate::patroni::judge::{Basis, whole};
use crate::patroni::plan::Step;

const POLL: Duration = Duration::from_secs(1);

/// Patroni keeps there what it has taken, and writes it once its settings are in place (`Config.save_cache`, after
/// `reload_config`, of Patroni 3.0.2 and 4.0.7). Its API tells what etcd has, which it may not have read yet.
const TAKEN: &str = r#"cat "$1/patroni.dynamic.json" 2>/dev/null || true"#;

/// Changes it, and waits until every node that runs has taken it: each reads it once in its loop.
pub async fn apply(context: &Arc<Context>, step: &Step, change: &Value) -> Outcome {
    if change["postgresql"]["use_pg_rewind"] == Value::Bool(true) {
        nobody_waits(context, step).await?;
    }
    rest::set(context, &step.node, change).await?;
    let patience = Duration::from_secs(context.loops());
    let wait = Wait::new(POLL, patience).told(&*context.reporter, &step.id);
    match wait.until(Configured { context }).await? {
        Waited::Found(()) => Ok(None),
        Waited::Idle(why) => Err(StepError::new(format!("it is not what the inventory says: {why}"))
            .left("no server was restarted")),
    }
}

/// Patroni rewinds nobody yet. A node that has come since the plan was made, and does not follow, would be the first.
async fn nobody_waits(context: &Arc<Context>, step: &Step) -> Result<(), StepError> {
    let observation = context.observe().await;
    let basis = Basis { inventory: &context.inventory, observation: &observation };
    let apart = whole::kept_apart(&basis, &step.node);
    if apart.is_empty() {
        return Ok(());
    }
    let apart = names(&apart.iter().map(NodeName::as_str).collect::<Vec<_>>(), "and");
    Err(StepError::surprise(format!(
        "{apart} may have what {} lacks, and would be rewound: the same command says how to compare them",
        step.node
    ))
    .left("Patroni's configuration is as it was, and pg_rewind is off"))
}

struct Configured<'a> {
    context: &'a Context,
}

impl Awaited for Configured<'_> {
    type Found = ();

    async fn look(&mut self) -> Result<Look<()>, StepError> {
        let observation = self.context.observe().await;
        let wanted = DynamicConfig::of(&self.context.inventory);
        for (name, facts) in observation.seen().filter(|(_, facts)| facts.live().is_some()) {
            let command = RemoteCommand::new(TAKEN, [facts.datadir.path.as_str()]);
            let text = self.context.host(name)?.succeed(command).await?;
            let Ok(taken) = serde_json::from_str::<Value>(&text) else {
                return Ok(Look::NotYet(Sign::word(format!("{name} has taken none yet"))));
            };
            if let Some(difference) = wanted.differences(&taken).first() {
                let word = format!("{name} has not taken {} yet", difference.path);
                return Ok(Look::NotYet(Sign::word(word)));
            }
        }
        Ok(Look::Found(()))
    }
}
