//! Findings that the owner knows of: `lint: {accept: [{rule: primary-key, object: shop.log}]}`.

use serde::Serialize;

use super::finding::Finding;

/// Stands for every object.
pub const ANY: &str = "*";

/// One line of the inventory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Acceptance {
    /// The code of a rule.
    pub rule: String,
    /// The object as a finding names it, or the partitioned table that it is a part of; `*` at its end stands for any text.
    pub object: String,
}

impl Acceptance {
    pub fn covers(&self, finding: &Finding) -> bool {
        let fits = |object: &str| match self.object.strip_suffix('*') {
            Some(beginning) => object.starts_with(beginning),
            None => object == self.object,
        };
        self.rule == finding.rule.name
            && [Some(&finding.object), finding.part_of.as_ref()].into_iter().flatten().any(|it| fits(it))
    }
}

/// Findings that nobody has accepted, how many were, and what was accepted in vain.
pub fn sort_out(
    findings: Vec<Finding>,
    accepted: &[Acceptance],
) -> (Vec<Finding>, Vec<Finding>, Vec<Acceptance>) {
    let known = |finding: &Finding| accepted.iter().any(|it| it.covers(finding));
    let (known, open): (Vec<_>, Vec<_>) = findings.into_iter().partition(known);
    // What is accepted of any object is accepted once and for all.
    let of_one = accepted.iter().filter(|it| it.object != ANY);
    let in_vain = of_one.filter(|it| !known.iter().any(|finding| it.covers(finding)));
    let in_vain = in_vain.cloned().collect();
    (open, known, in_vain)
}
