use std::borrow::Cow;
use std::path::Path;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::*;
use crate::kernel::inventory::Hosts;
use crate::kernel::model::ClusterName;
use crate::kernel::plan::PutFile;

fn failed(node: &str, kind: FailureKind) -> Box<Failure> {
    let node: NodeName = node.parse().expect("a name");
    let error = StepError { kind, ..StepError::new("no route") }.left("its unit is stopped");
    Box::new(Failure {
        step: format!("{node}/server/join"),
        node,
        error: error.message,
        explanation: None,
        logs: Vec::new(),
        left: error.left,
        resume: None,
        kind: error.kind,
        contained: false,
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
    assert_eq!(failure.step, "db3/server/join");
    let left = [
        "its unit is stopped",
        "db5/server/join failed, too: no route",
        "its unit is stopped",
        "not cut off, and done with this stage: db4",
    ];
    assert_eq!(failure.left, left);
    assert!(together(BTreeMap::from([("db4".parse().expect("a name"), Ok(()))])).is_ok());
}

/// What a step of the tests does.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
enum Does {
    Succeeds,
    Fails,
    FailsAlone,
}

impl Action for Does {
    fn slug(&self) -> Cow<'static, str> {
        "join".into()
    }

    fn summary(&self) -> String {
        format!("{self:?}")
    }

    fn file(&self) -> Option<&PutFile> {
        None
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Nothing;

impl Command for Nothing {
    const ENGINE: &'static str = "none";

    fn headline(&self, _: &ClusterName, _: usize, _: &[Cow<'static, str>]) -> String {
        String::new()
    }

    fn why_nothing(&self) -> &'static str {
        ""
    }

    fn gives_up(&self) -> Option<&'static str> {
        None
    }
}

/// A run without hosts, and the steps that it began.
struct Run {
    fleet: Fleet,
    interrupt: Interrupt,
    begun: Begun,
}

#[derive(Default)]
struct Begun(Mutex<Vec<String>>);

impl Reporter for Begun {
    fn event(&self, event: &Event) {
        let Event::StepStarted { node, .. } = event else { return };
        self.0.lock().expect("no panic").push(node.to_string());
    }
}

impl Acting for Run {
    type Command = Nothing;
    type Action = Does;

    fn reporter(&self) -> &dyn Reporter {
        &self.begun
    }

    fn interrupt(&self) -> &Interrupt {
        &self.interrupt
    }

    fn fleet(&self) -> &Fleet {
        &self.fleet
    }

    fn without_secrets(&self, error: StepError) -> StepError {
        error
    }

    fn is_needed(&self, _: &HostName) -> bool {
        true
    }

    async fn act(self: &Arc<Self>, step: &Step<Does>) -> Outcome {
        let contained = match step.action {
            Does::Succeeds => return Ok(None),
            Does::Fails => false,
            Does::FailsAlone => true,
        };
        Err(StepError { contained, ..StepError::new("no route") })
    }

    async fn settle(self: &Arc<Self>, _: &Step<Does>, lost: StepError) -> Outcome {
        Err(lost)
    }

    fn left_behind(&self, _: &Plan<Nothing, Does>, _: &Failure, _: &BTreeSet<String>) -> Vec<String> {
        Vec::new()
    }

    fn resume(&self, _: &Plan<Nothing, Does>, _: &BTreeSet<String>) -> Option<String> {
        None
    }
}

/// Joins db2, db3 … in stages of this width, and another stage after them: the steps that began, and the failure.
async fn joined(width: Width, stages: &[&[Does]]) -> (String, Box<Failure>) {
    let mut plan = Plan::new(Nothing, &"shop".parse().expect("a name"), Vec::new());
    let mut number = 1;
    for does in stages {
        let steps = does.iter().map(|does| {
            number += 1;
            let node: NodeName = format!("db{number}").parse().expect("a name");
            let (host, action) = (format!("db{number}").parse().expect("a name"), does.clone());
            Step { id: format!("{node}/server/join"), host, node, action, why: String::new() }
        });
        plan.stage("Join", width, steps.collect());
    }
    let last = plan.stages[0].steps[0].clone();
    plan.stage("Verify", Width::Serial, vec![Step { action: Does::Succeeds, ..last }]);
    let fleet = Fleet::unconnected(Hosts::default(), Path::new(".")).expect("a directory");
    let run = Arc::new(Run { fleet, interrupt: Interrupt::default(), begun: Begun::default() });
    let failure = super::run(&run, &plan).await.expect_err("a failure");
    let begun = run.begun.0.lock().expect("no panic").join(" ");
    (begun, failure)
}

#[tokio::test]
async fn a_node_that_fails_alone_is_left_out_and_the_run_ends_after_the_others() {
    use Does::{Fails, FailsAlone, Succeeds};
    let stages: [&[Does]; 2] = [&[Succeeds, FailsAlone, Succeeds], &[Succeeds]];
    let (begun, failure) = joined(Width::OneByOne, &stages).await;
    assert_eq!((begun.as_str(), failure.step.as_str()), ("db2 db3 db4 db5", "db3/server/join"));
    let left = ["not cut off, and done with this stage: db4, db5", "not begun: Verify"];
    assert_eq!(failure.left, left);

    let (begun, failure) = joined(Width::OneByOne, &[&[FailsAlone, Fails, Succeeds], &[Succeeds]]).await;
    assert_eq!(begun, "db2 db3");
    assert_eq!(failure.left, ["db3/server/join failed, too: no route", "not begun: Join; Verify"]);

    // Where the plan does not say so, the first failure is the end.
    let (begun, failure) = joined(Width::Serial, &stages).await;
    assert_eq!((begun.as_str(), failure.left), ("db2 db3", vec!["not begun: Join; Verify".to_owned()]));
}
