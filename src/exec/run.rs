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
    for (number, stage) in plan.stages.iter().enumerate() {
        context.report(&Event::StageStarted { title: stage.title.clone() });
        if let Err(mut failure) = self::stage(context, stage).await {
            failure.left.extend(way_back(plan, &failure));
            failure.left.extend(not_begun(&plan.stages[number + 1..]));
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

fn not_begun(stages: &[Stage]) -> Option<String> {
    let titles: Vec<_> = stages.iter().map(|stage| stage.title.as_str()).collect();
    (!titles.is_empty()).then(|| format!("not begun: {}", titles.join("; ")))
}

/// In a parallel stage every node finishes or fails by itself.
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
    together(tasks.join_all().await.into_iter().collect())
}

/// The first failure in order of the nodes is the stage's, and tells what became of the other nodes.
/// Those that only stopped as they were asked to come last.
fn together(outcomes: BTreeMap<NodeName, Outcome>) -> Outcome {
    let (mut done, mut failures) = (Vec::new(), Vec::new());
    for (node, outcome) in outcomes {
        match outcome {
            Ok(()) => done.push(node.to_string()),
            Err(failure) => failures.push(failure),
        }
    }
    failures.sort_by_key(|failure| failure.kind == FailureKind::Interrupted);
    let mut failures = failures.into_iter();
    let Some(mut first) = failures.next() else { return Ok(()) };
    for other in failures.filter(|other| other.kind != FailureKind::Interrupted) {
        first.left.push(format!("{} failed, too: {}", other.step, other.error));
        first.left.extend(other.left);
    }
    if !done.is_empty() {
        first.left.push(format!("not cut off, and done with this stage: {}", done.join(", ")));
    }
    Err(first)
}

async fn sequence(context: &Arc<Context>, steps: Vec<Step>) -> Outcome {
    for step in steps {
        if context.interrupt.requested() {
            let stopped = StepError::new("stopped before this step, as asked");
            return Err(failure(&step, StepError { kind: FailureKind::Interrupted, ..stopped }));
        }
        let matters = |name: &NodeName| *name == step.node || context.inventory.node(name).is_some();
        if let Some(node) = context.fleet.lost_lock(matters) {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn failed(node: &str, kind: FailureKind) -> Box<Failure> {
        let node: NodeName = node.parse().expect("a name");
        let error = StepError { kind, ..StepError::new("no route") }.left("its unit is stopped");
        Box::new(Failure {
            step: format!("{node}/join"),
            node,
            error: error.message,
            explanation: None,
            logs: Vec::new(),
            left: error.left,
            kind: error.kind,
        })
    }

    #[test]
    fn a_stage_fails_with_what_became_of_all_its_nodes() {
        let outcomes = [
            ("db2", Err(failed("db2", FailureKind::Interrupted))),
            ("db3", Err(failed("db3", FailureKind::Failed))),
            ("db4", Ok(())),
            ("db5", Err(failed("db5", FailureKind::Surprise))),
        ];
        let outcomes = outcomes.map(|(node, outcome)| (node.parse().expect("a name"), outcome));
        let failure = together(BTreeMap::from(outcomes)).expect_err("a failure");
        assert_eq!(failure.step, "db3/join");
        let left = [
            "its unit is stopped",
            "db5/join failed, too: no route",
            "its unit is stopped",
            "not cut off, and done with this stage: db4",
        ];
        assert_eq!(failure.left, left);
        assert!(together(BTreeMap::from([("db4".parse().expect("a name"), Ok(()))])).is_ok());
    }
}
