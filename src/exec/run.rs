//! The walk over a plan's stages.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use tokio::task::JoinSet;

use super::apply;
use super::context::Context;
use super::event::{Event, Failure, FailureKind};
use super::settle::settle;
use super::step_error::StepError;
use crate::model::NodeName;
use crate::plan::{Action, Plan, Stage, Step, Width};

type Outcome = Result<(), Box<Failure>>;

/// Carries out a plan. Stops at the first stage in which a step fails.
pub async fn run(context: &Arc<Context>, plan: &Plan) -> Outcome {
    let started = Instant::now();
    context.report(&Event::RunStarted { steps: plan.steps().count() });
    for stage in &plan.stages {
        context.report(&Event::StageStarted { title: stage.title.clone() });
        if let Err(mut failure) = self::stage(context, stage).await {
            failure.left.extend(way_back(plan, &failure));
            context.report(&Event::RunFailed((*failure).clone()));
            return Err(failure);
        }
    }
    context.report(&Event::RunFinished { seconds: started.elapsed().as_secs_f64() });
    Ok(())
}

/// A node that does not come back with a changed option file has its previous one beside it.
fn way_back(plan: &Plan, failure: &Failure) -> Option<String> {
    let failed = plan.steps().find(|step| step.id == failure.step)?;
    let Action::Join { unit, .. } = &failed.action else { return None };
    let path = plan.steps().find_map(|step| match &step.action {
        Action::PutFile(file) if step.node == failure.node && file.replaces => Some(&file.path),
        _ => None,
    })?;
    let node = &failure.node;
    Some(format!(
        "the previous option file; to go back to it, on {node}: mv -- {path}.galactl-previous {path} && systemctl start {unit}"
    ))
}

/// In a parallel stage every node finishes or fails by itself; the first failure in order of
/// the nodes is the stage's.
async fn stage(context: &Arc<Context>, stage: &Stage) -> Outcome {
    if stage.width == Width::Serial {
        return sequence(context, stage.steps.clone()).await;
    }
    let mut lanes: BTreeMap<NodeName, Vec<Step>> = BTreeMap::new();
    for step in &stage.steps {
        lanes.entry(step.node.clone()).or_default().push(step.clone());
    }
    let mut tasks = JoinSet::new();
    for (node, steps) in lanes {
        let context = Arc::clone(context);
        tasks.spawn(async move { (node, sequence(&context, steps).await) });
    }
    let outcomes: BTreeMap<_, _> = tasks.join_all().await.into_iter().collect();
    outcomes.into_values().collect()
}

async fn sequence(context: &Arc<Context>, steps: Vec<Step>) -> Outcome {
    for step in steps {
        if context.interrupt.requested() {
            let stopped = StepError::new("stopped before this step, as asked");
            return Err(failure(&step, StepError { kind: FailureKind::Interrupted, ..stopped }));
        }
        if let Some(node) = context.fleet.lost_lock() {
            restored(context, &step, &node).await?;
        }
        self::step(context, &step).await?;
    }
    Ok(())
}

/// Between two steps nothing is at work, so a lost connection has changed nothing.
async fn restored(context: &Arc<Context>, step: &Step, node: &NodeName) -> Outcome {
    let message = format!("the connection to {node} was lost; connecting again");
    context.report(&Event::StepProgress { id: step.id.clone(), message, fraction: None });
    context.fleet.restore(&context.inventory).await.map_err(|(node, why)| {
        let message =
            format!("the connection to {node} was lost before this step, and cannot be had again: {why}");
        failure(step, StepError::surprise(message))
    })
}

async fn step(context: &Arc<Context>, step: &Step) -> Outcome {
    let started = Instant::now();
    let (id, node) = (step.id.clone(), step.node.clone());
    context.report(&Event::StepStarted { id: id.clone(), node, what: step.action.summary() });
    let outcome = match apply::apply(context, step).await {
        Err(error) if error.lost => settle(context, step, error).await,
        outcome => outcome,
    };
    let seconds = started.elapsed().as_secs_f64();
    match outcome {
        Ok(detail) => {
            context.report(&Event::StepFinished { id, seconds, detail });
            Ok(())
        }
        Err(error) => {
            let error = error.without(&context.secrets);
            context.report(&Event::StepFailed { id, seconds, error: error.message.clone() });
            Err(failure(step, error))
        }
    }
}

fn failure(step: &Step, error: StepError) -> Box<Failure> {
    Box::new(Failure {
        step: step.id.clone(),
        node: step.node.clone(),
        error: error.message,
        explanation: error.explanation,
        logs: error.logs,
        left: error.left,
        kind: error.kind,
    })
}
