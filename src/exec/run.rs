//! The walk over a plan's stages.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use tokio::task::JoinSet;

use super::apply;
use super::event::{Event, Failure, FailureKind, Reporter};
use super::interrupt::Interrupt;
use super::step_error::StepError;
use crate::config::Renderer;
use crate::db::Database;
use crate::inventory::Inventory;
use crate::model::{NodeName, Secrets};
use crate::plan::{Plan, Stage, Step, Width};
use crate::transport::{Fleet, Host};

/// Everything that steps act with.
pub struct Executor {
    pub inventory: Inventory,
    pub fleet: Fleet,
    pub secrets: Secrets,
    pub renderer: Renderer,
    /// Where each node's server listens, as observed.
    pub sockets: BTreeMap<NodeName, String>,
    /// Each node's data directory, as observed.
    pub datadirs: BTreeMap<NodeName, String>,
    pub reporter: Arc<dyn Reporter>,
    pub interrupt: Interrupt,
}

impl Executor {
    /// Carries out a plan. Stops at the first stage in which a step fails.
    pub async fn run(self: &Arc<Self>, plan: &Plan) -> Result<(), Box<Failure>> {
        let started = Instant::now();
        self.report(&Event::RunStarted { steps: plan.steps().count() });
        for stage in &plan.stages {
            self.report(&Event::StageStarted { title: stage.title.clone() });
            if let Err(failure) = self.stage(stage).await {
                self.report(&Event::RunFailed((*failure).clone()));
                return Err(failure);
            }
        }
        self.report(&Event::RunFinished { seconds: started.elapsed().as_secs_f64() });
        Ok(())
    }

    /// In a parallel stage every node finishes or fails by itself; the first failure in order of
    /// the nodes is the stage's.
    async fn stage(self: &Arc<Self>, stage: &Stage) -> Result<(), Box<Failure>> {
        match stage.width {
            Width::Serial => self.sequence(stage.steps.clone()).await,
            Width::NodesInParallel => {
                let mut lanes: BTreeMap<NodeName, Vec<Step>> = BTreeMap::new();
                for step in &stage.steps {
                    lanes.entry(step.node.clone()).or_default().push(step.clone());
                }
                let mut tasks = JoinSet::new();
                for (node, steps) in lanes {
                    let executor = Arc::clone(self);
                    tasks.spawn(async move { (node, executor.sequence(steps).await) });
                }
                let outcomes: BTreeMap<_, _> = tasks.join_all().await.into_iter().collect();
                outcomes.into_values().collect()
            }
        }
    }

    async fn sequence(self: &Arc<Self>, steps: Vec<Step>) -> Result<(), Box<Failure>> {
        for step in steps {
            if self.interrupt.requested() {
                let error = StepError {
                    kind: FailureKind::Interrupted,
                    ..StepError::new("stopped before this step, as asked")
                };
                return Err(failure(&step, error));
            }
            self.step(&step).await?;
        }
        Ok(())
    }

    async fn step(self: &Arc<Self>, step: &Step) -> Result<(), Box<Failure>> {
        let started = Instant::now();
        let (id, node) = (step.id.clone(), step.node.clone());
        self.report(&Event::StepStarted { id: id.clone(), node, what: step.action.summary() });
        let outcome = apply::apply(self, step).await;
        let seconds = started.elapsed().as_secs_f64();
        match outcome {
            Ok(detail) => {
                self.report(&Event::StepFinished { id, seconds, detail });
                Ok(())
            }
            Err(error) => {
                self.report(&Event::StepFailed { id, seconds, error: error.message.clone() });
                Err(failure(step, error))
            }
        }
    }

    pub fn report(&self, event: &Event) {
        self.reporter.event(event);
    }

    pub(super) fn host(&self, name: &NodeName) -> Result<Arc<Host>, StepError> {
        self.fleet.host(name).ok_or_else(|| StepError::new(format!("{name} is not connected")))
    }

    pub(super) fn database(&self, name: &NodeName) -> Result<Database, StepError> {
        let socket =
            self.sockets.get(name).ok_or_else(|| StepError::new(format!("{name} was not observed")))?;
        Ok(Database::new(self.host(name)?, socket))
    }

    pub(super) fn datadir(&self, name: &NodeName) -> &str {
        self.datadirs.get(name).map_or("/var/lib/mysql", String::as_str)
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
