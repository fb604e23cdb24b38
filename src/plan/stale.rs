//! Whether the hosts are still what a plan was made for.

use super::{Guard, Plan, Refusal};
use crate::facts::{Fingerprint, Observation};

/// A refusal for every fact that the plan rests on and that is another one now.
pub fn stale(plan: &Plan, now: &Observation) -> Vec<Refusal> {
    let next = "run the command again for a new plan";
    let mut refusals = Vec::new();
    for (node, then) in &plan.rests_on {
        let Some(facts) = now.facts(node) else {
            refusals.push(Refusal::new(Guard::Stale, "it cannot be reached any more", next).on(node));
            continue;
        };
        for difference in then.differences(&Fingerprint::of(facts)) {
            let evidence = format!("{}: was {}, is {}", difference.fact, difference.then, difference.now);
            refusals.push(Refusal::new(Guard::Stale, evidence, next).on(node));
        }
    }
    refusals
}
