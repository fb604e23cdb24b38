//! A node goes on behind a transaction that it cannot apply.

use std::sync::Arc;

use super::Context;
use super::follow::await_reading;
use super::psql::{ask, run_for};
use crate::kernel::facts::Answer;
use crate::kernel::run::Outcome;
use crate::kernel::run::step_error::StepError;
use crate::mesh::facts::Which;
use crate::mesh::observe::transaction;
use crate::mesh::plan::Step;
use crate::mesh::statements::{applied, leave_out};
use crate::postgresql::Lsn;

const PATIENCE: std::time::Duration = std::time::Duration::from_secs(60);

/// `end` and `digest`: where the commit ends, and all that was shown. Another transaction is not left out.
pub async fn apply(context: &Arc<Context>, step: &Step, which: &Which, end: Lsn, digest: &str) -> Outcome {
    let Which { reader, provider, database, .. } = which;
    let method = context.inventory.method;
    let applied = ask(context, reader, database.as_str(), &applied(method, which)).await?;
    let applied = applied.trim().parse::<Lsn>().ok();
    if applied.is_some_and(|applied| applied > which.failing.commit) {
        return Ok(Some("it stands behind it already".into()));
    }
    match transaction::ask(&context.inventory, &context.fleet, which).await {
        Answer::Told(now) if !now.is_next(applied) => {
            return Err(StepError::surprise(
                "others come before the transaction that are not applied either, and they would be lost with it",
            ));
        }
        Answer::Told(now) if now.end == end && now.digest == digest => {}
        Answer::Told(_) => {
            return Err(StepError::surprise("the transaction holds something else than was shown"));
        }
        Answer::Nobody(why) | Answer::Unseen(why) => {
            return Err(StepError::surprise(format!(
                "what the transaction holds cannot be seen again: {why}"
            )));
        }
    }
    run_for(context, reader, database.as_str(), &leave_out(method, which, end), PATIENCE).await?;
    let link = (context.node(reader)?, context.node(provider)?);
    await_reading(context, step, database, vec![link]).await?;
    Ok(None)
}
