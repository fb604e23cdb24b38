//! The walk over a plan's stages.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use tokio::task::JoinSet;

use super::event::{Event, Failure, FailureKind, Reporter};
use crate::kernel::model::{HostName, NodeName};
use crate::kernel::plan::{Action, Command, Plan, Stage, Step, Width};
use crate::kernel::run::interrupt::Interrupt;
use crate::kernel::run::step_error::StepError;
use crate::kernel::transport::Fleet;

/// What a step has to tell beyond "done".
pub type Outcome = Result<Option<String>, StepError>;

type Walked = Result<(), Box<Failure>>;

/// The ids of the steps that have come to their end.
#[derive(Default)]
struct Finished(Mutex<BTreeSet<String>>);

impl Finished {
    fn add(&self, id: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(id.to_owned());
    }

    fn all(&self) -> BTreeSet<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The means of one run, and how an engine acts with them.
pub trait Acting: Send + Sync + 'static {
    type Command: Command;
    type Action: Action;

    fn reporter(&self) -> &dyn Reporter;
    fn interrupt(&self) -> &Interrupt;
    fn fleet(&self) -> &Fleet;
    /// What must not stand in any error, though a program on a host may repeat it.
    fn without_secrets(&self, error: StepError) -> StepError;

    /// No step is begun while the connection to this host is lost, wherever the step is.
    fn is_needed(&self, host: &HostName) -> bool;

    /// Does what the step says, and no more.
    fn act(self: &Arc<Self>, step: &Step<Self::Action>) -> impl Future<Output = Outcome> + Send;

    /// Ends a step in which a connection was lost: what it did is seen before anything else is tried.
    fn settle(
        self: &Arc<Self>,
        step: &Step<Self::Action>,
        lost: StepError,
    ) -> impl Future<Output = Outcome> + Send;

    /// What a failed run has left behind beyond what its last step tells: what is down, and the commands that undo
    /// what it changed. `finished`: the steps that came to their end.
    fn left_behind(
        &self,
        plan: &Plan<Self::Command, Self::Action>,
        failure: &Failure,
        finished: &BTreeSet<String>,
    ) -> Vec<String>;

    /// How to go on, where it is not by the same command.
    fn resume(&self, plan: &Plan<Self::Command, Self::Action>, finished: &BTreeSet<String>)
    -> Option<String>;
}

/// Carries out a plan. Stops at the first stage in which a step fails.
pub async fn run<C: Acting>(context: &Arc<C>, plan: &Plan<C::Command, C::Action>) -> Walked {
    let started = Instant::now();
    context.reporter().event(&Event::RunStarted { steps: plan.steps().count() });
    let finished = Arc::new(Finished::default());
    let mut number = 0;
    while let Some(first) = plan.stages.get(number) {
        let group = plan.stages[number..].iter().take_while(|stage| stage.width == first.width);
        let group = if first.width == Width::OneByOne { group.count() } else { 1 };
        number += group;
        let walked = stages(context, &plan.stages[number - group..number], &finished).await;
        let Err((mut failure, begun)) = walked else { continue };
        let finished = finished.all();
        failure.left.extend(context.left_behind(plan, &failure, &finished));
        failure.resume = context.resume(plan, &finished);
        failure.left.extend(not_begun(&plan.stages[number - group + begun..]));
        context.reporter().event(&Event::RunFailed((*failure).clone()));
        return Err(failure);
    }
    context.reporter().event(&Event::RunFinished { seconds: started.elapsed().as_secs_f64() });
    Ok(())
}

/// Carries out stages of one width. Errors: the failure, and how many stages were begun.
async fn stages<C: Acting>(
    context: &Arc<C>,
    stages: &[Stage<C::Action>],
    finished: &Arc<Finished>,
) -> Result<(), (Box<Failure>, usize)> {
    let mut one_by_one = OneByOne::default();
    for (number, stage) in stages.iter().enumerate() {
        context.reporter().event(&Event::StageStarted { title: stage.title.clone() });
        match stage.width {
            Width::Serial => sequence(context, stage.steps.clone(), finished).await,
            Width::OneByOne => one_by_one.walk(context, &stage.steps, finished).await,
            Width::NodesInParallel => parallel(context, stage, finished).await,
        }
        .map_err(|failure| (failure, number + 1))?;
    }
    together(one_by_one.outcomes).map_err(|failure| (failure, stages.len()))
}

/// Steps of a stage in which the other nodes may go on after one node has failed.
#[derive(Default)]
struct OneByOne {
    /// How each node ended, from the first one on that failed.
    outcomes: BTreeMap<NodeName, Walked>,
}

impl OneByOne {
    /// Errors: a failure that ends the run, with what became of all nodes.
    async fn walk<C: Acting>(
        &mut self,
        context: &Arc<C>,
        steps: &[Step<C::Action>],
        finished: &Finished,
    ) -> Walked {
        for step in steps {
            if self.outcomes.get(&step.node).is_some_and(Result::is_err) {
                continue;
            }
            let walked = sequence(context, vec![step.clone()], finished).await;
            let goes_on = walked.as_ref().map_or_else(|failure| failure.contained, |()| true);
            if walked.is_err() || !self.outcomes.is_empty() {
                self.outcomes.insert(step.node.clone(), walked);
            }
            if !goes_on {
                return together(std::mem::take(&mut self.outcomes));
            }
        }
        Ok(())
    }
}

fn not_begun<A: Action>(stages: &[Stage<A>]) -> Option<String> {
    let titles: Vec<_> = stages.iter().map(|stage| stage.title.as_str()).collect();
    (!titles.is_empty()).then(|| format!("not begun: {}", titles.join("; ")))
}

/// In a parallel stage every node finishes or fails by itself.
async fn parallel<C: Acting>(context: &Arc<C>, stage: &Stage<C::Action>, finished: &Arc<Finished>) -> Walked {
    let mut lanes: BTreeMap<HostName, Vec<Step<C::Action>>> = BTreeMap::new();
    for step in &stage.steps {
        lanes.entry(step.host.clone()).or_default().push(step.clone());
    }
    let mut tasks = JoinSet::new();
    for (host, steps) in lanes {
        let (context, finished) = (Arc::clone(context), Arc::clone(finished));
        tasks.spawn(async move { (NodeName::from(&host), sequence(&context, steps, &finished).await) });
    }
    together(tasks.join_all().await.into_iter().collect())
}

/// The first failure in order of the nodes is the stage's, and tells what became of the other nodes.
/// Those that only stopped as they were asked to come last.
fn together(outcomes: BTreeMap<NodeName, Walked>) -> Walked {
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

async fn sequence<C: Acting>(context: &Arc<C>, steps: Vec<Step<C::Action>>, finished: &Finished) -> Walked {
    for step in steps {
        if context.interrupt().requested() {
            let stopped = StepError::new("stopped before this step, as asked");
            return Err(failure(&step, StepError { kind: FailureKind::Interrupted, ..stopped }));
        }
        let matters = |host: &HostName| *host == step.host || context.is_needed(host);
        if let Some(host) = context.fleet().lost_lock(matters) {
            restored(context, &step, &host).await?;
        }
        crate::kernel::run::walk::step(context, &step).await?;
        finished.add(&step.id);
    }
    Ok(())
}

/// Between two steps nothing is at work, so a lost connection has changed nothing.
async fn restored<C: Acting>(context: &Arc<C>, step: &Step<C::Action>, host: &HostName) -> Walked {
    let message = format!("the connection to {host} was lost; connecting again");
    context.reporter().event(&Event::StepProgress { id: step.id.clone(), message, fraction: None });
    context.fleet().restore(|host| context.is_needed(host)).await.map_err(|(node, why)| {
        let message =
            format!("the connection to {node} was lost before this step, and connecting again failed: {why}");
        failure(step, StepError::surprise(message))
    })
}

async fn step<C: Acting>(context: &Arc<C>, step: &Step<C::Action>) -> Walked {
    let started = Instant::now();
    let (id, node) = (step.id.clone(), step.node.clone());
    context.reporter().event(&Event::StepStarted { id: id.clone(), node, what: step.action.summary() });
    let outcome = match context.act(step).await {
        Err(error) if error.lost => context.settle(step, error).await,
        outcome => outcome,
    };
    let seconds = started.elapsed().as_secs_f64();
    match outcome {
        Ok(detail) => {
            context.reporter().event(&Event::StepFinished { id, seconds, detail });
            Ok(())
        }
        Err(error) => {
            let error = context.without_secrets(error);
            context.reporter().event(&Event::StepFailed { id, seconds, error: error.message.clone() });
            Err(failure(step, error))
        }
    }
}

fn failure<A: Action>(step: &Step<A>, error: StepError) -> Box<Failure> {
    Box::new(Failure {
        step: step.id.clone(),
        node: step.node.clone(),
        error: error.message,
        explanation: error.explanation,
        logs: error.logs,
        left: error.left,
        resume: None,
        kind: error.kind,
        contained: error.contained,
    })
}

#[cfg(test)]
mod tests;
