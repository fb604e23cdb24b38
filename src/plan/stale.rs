//! Whether a plan is still the plan for these hosts, and nobody else is at work on them.

use std::collections::BTreeMap;

use super::{
    Basis, Choice, Command, ConfigChoice, Guard, NoPlan, Plan, Refusal, Removing, Stage, add_node,
    apply_config, bootstrap, recover, remove_arbitrators, remove_node, restart, stop,
};
use crate::facts::Observation;
use crate::model::NodeName;

const NEXT: &str = "run the command again for a new plan";

/// A refusal for every node whose lock another run has; `held` tells who, in words.
pub fn busy(held: &BTreeMap<NodeName, String>) -> Vec<Refusal> {
    let next = "wait for that run, or find out whose it is; the lock goes with its connection";
    let refusal = |(node, holder): (&NodeName, &String)| {
        Refusal::new(Guard::Busy, format!("it cannot be locked for this run: {holder}"), next).on(node)
    };
    held.iter().map(refusal).collect()
}

/// A refusal for every fact that the plan rests on and that is another one now.
pub fn stale(plan: &Plan, now: &Observation) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    for (node, then) in &plan.rests_on {
        let Some(now) = now.fingerprint(node) else {
            refusals.push(Refusal::new(Guard::Stale, "it cannot be reached any more", NEXT).on(node));
            continue;
        };
        for difference in then.differences(&now) {
            let evidence = format!("{}: was {}, is {}", difference.fact, difference.then, difference.now);
            refusals.push(Refusal::new(Guard::Stale, evidence, NEXT).on(node));
        }
    }
    refusals
}

/// A refusal for every node on which the plan of this id has founded its cluster already.
pub fn spent(id: &str, now: &Observation) -> Vec<Refusal> {
    let founded = |(node, founding): (&NodeName, &crate::facts::Founding)| {
        let evidence = format!("this very plan was carried out here already, by {}", founding.by);
        Refusal::new(Guard::Stale, evidence, NEXT).on(node)
    };
    let records = now.seen().filter_map(|(node, facts)| Some((node, facts.founding.as_ref()?)));
    records.filter(|(_, founding)| founding.plan == id).map(founded).collect()
}

/// The plan that the same command makes of what is seen now.
///
/// Errors: as those of that command.
pub fn again(plan: &Plan, basis: &Basis<'_>) -> Result<Plan, NoPlan> {
    match &plan.command {
        Command::Bootstrap { .. } => bootstrap(basis),
        Command::AddNode { nodes } => add_node(basis, nodes, &plan.discards),
        Command::ApplyConfig { allow_sst, restart } => {
            apply_config(basis, ConfigChoice { allow_sst: *allow_sst, restart: *restart })
        }
        Command::RemoveNode { nodes, unseen, drain_seconds } => {
            remove_node(basis, &Removing { nodes, unseen, drain_seconds: *drain_seconds })
        }
        Command::RemoveArbitrators { arbitrators } => remove_arbitrators(basis, arbitrators),
        Command::Restart { nodes, allow_sst } => restart(basis, nodes, *allow_sst),
        Command::Stop { nodes } => stop(basis, nodes),
        Command::Start { nodes } => {
            recover(basis, &Choice { only: nodes.clone(), start: true, ..Choice::default() })
        }
        Command::Recover { seed, keep_aside, .. } => {
            let choice = Choice { seed: seed.clone(), keep_aside: *keep_aside, ..Choice::default() };
            recover(basis, &choice)
        }
    }
}

/// A refusal where the same command would do other work now, or delete something else. So a plan
/// file cannot make galactl do what galactl would not plan itself.
pub fn other_work(then: &Plan, now: &Plan) -> Vec<Refusal> {
    let refusal = |evidence: String| vec![Refusal::new(Guard::Stale, evidence, NEXT)];
    if then.command != now.command {
        return refusal("it is not what the same command would plan now".into());
    }
    if then.stages != now.stages {
        let step = first_difference(&then.stages, &now.stages);
        return refusal(format!("the same command would do something else now, from the step {step} on"));
    }
    if then.discards != now.discards || (!then.discards.is_empty() && then.consequences != now.consequences) {
        return refusal("what would be lost is not what the plan says".into());
    }
    Vec::new()
}

/// The first step that only one of the two has, or that differs.
fn first_difference(then: &[Stage], now: &[Stage]) -> String {
    let steps =
        |stages: &[Stage]| -> Vec<_> { stages.iter().flat_map(|stage| stage.steps.clone()).collect() };
    let (then, now) = (steps(then), steps(now));
    let at = then.iter().zip(&now).take_while(|(a, b)| a == b).count();
    then.get(at).or(now.get(at)).map_or_else(|| "order".into(), |step| step.id.clone())
}
