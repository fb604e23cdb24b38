//! A node that leaves gives its last changes to those that stay. No client is on it any more.

use std::sync::Arc;

use super::Context;
use super::psql::run;
use super::reserve::Arrived;
use super::shut_out::{end, who_is_there};
use crate::kernel::random;
use crate::kernel::run::Outcome;
use crate::kernel::run::step_error::StepError;
use crate::mesh::plan::{Heirs, Step};
use crate::mesh::statements::last_token;

/// How often whoever comes back is disconnected, before a person has to look.
const ROUNDS: u8 = 3;

/// Whoever was still there may have written something behind the token, so that is given anew.
pub async fn apply(context: &Arc<Context>, step: &Step, heirs: &[Heirs]) -> Outcome {
    for it in heirs {
        let database = &it.database;
        let mut round = 0;
        loop {
            give(context, step, it).await?;
            if end(context, &step.node, database).await? == 0 {
                break;
            }
            round += 1;
            if round == ROUNDS {
                return Err(StepError::new(format!(
                    "sessions in database {database} of {} come again and again, and may write; {}: stop what opens them, then run this again",
                    step.node,
                    who_is_there(&step.node, database)
                )));
            }
        }
    }
    Ok(None)
}

/// Changes come in the order of their commits, so whoever has the row has all that was committed before.
async fn give(context: &Arc<Context>, step: &Step, heirs: &Heirs) -> Result<(), StepError> {
    let Heirs { database, members } = heirs;
    let mark = random::id();
    run(context, &step.node, database.as_str(), &last_token(step.node.as_str(), &mark)).await?;
    for at in members {
        Arrived { context, at, from: &step.node, database, mark: &mark }.wait(step).await?;
    }
    Ok(())
}
