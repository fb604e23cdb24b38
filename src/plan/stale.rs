//! Whether the hosts are still what a plan was made for, and nobody else is at work on them.

use std::collections::BTreeMap;

use super::{Guard, Plan, Refusal};
use crate::facts::{Fingerprint, Observation};
use crate::model::NodeName;

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
