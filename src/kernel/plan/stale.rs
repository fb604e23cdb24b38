//! Whether a plan is still the plan for these hosts, and nobody else is at work on them.

use std::collections::BTreeMap;

use super::{Action, Command, Plan, Stage, Step};
use crate::kernel::facts::Fingerprint;
use crate::kernel::judge::{Finding, codes};
use crate::kernel::model::{HostName, NodeName};

pub(crate) const NEXT: &str = "run the command again for a new plan";

/// A refusal for every host whose lock another run has; `held` tells who, in words.
pub fn busy(held: &BTreeMap<HostName, String>) -> Vec<Finding> {
    let next = "wait for that run, or find out whose it is; the lock goes with its connection";
    let refusal = |(host, holder): (&HostName, &String)| {
        let evidence = format!("it cannot be locked for this run: {holder}");
        Finding::new(codes::BUSY, evidence, next).on(&NodeName::from(host))
    };
    held.iter().map(refusal).collect()
}

/// A refusal for every fact that the plan rests on and that is another one now.
pub fn stale<C: Command, A: Action>(
    plan: &Plan<C, A>,
    now: impl Fn(&HostName) -> Option<Fingerprint>,
) -> Vec<Finding> {
    let mut refusals = Vec::new();
    for (host, then) in &plan.rests_on {
        let refusal = |evidence: String| Finding::new(codes::STALE, evidence, NEXT).on(&NodeName::from(host));
        let Some(now) = now(host) else {
            refusals.push(refusal("it cannot be reached any more".into()));
            continue;
        };
        let differences = then.differences(&now).into_iter();
        refusals
            .extend(differences.map(|it| refusal(format!("{}: was {}, is {}", it.fact, it.then, it.now))));
    }
    refusals
}

/// A refusal where the same command would do other work now, or delete something else. So a plan
/// file cannot make galactl do what galactl would not plan itself.
pub fn other_work<C: Command, A: Action>(then: &Plan<C, A>, now: &Plan<C, A>) -> Vec<Finding> {
    let refusal = |evidence: String| vec![Finding::new(codes::STALE, evidence, NEXT)];
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
fn first_difference<A: Action>(then: &[Stage<A>], now: &[Stage<A>]) -> String {
    let (then, now) = (steps(then), steps(now));
    let at = then.iter().zip(&now).take_while(|(a, b)| a == b).count();
    then.get(at).or(now.get(at)).map_or_else(|| "order".into(), |step| step.id.clone())
}

fn steps<A: Action>(stages: &[Stage<A>]) -> Vec<&Step<A>> {
    stages.iter().flat_map(|stage| &stage.steps).collect()
}
