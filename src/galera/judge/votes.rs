//! Who has a vote in a Primary component, and what is left of it when members go for good.

use super::Basis;
use super::component::Member;
use crate::galera::inventory::Node;
use crate::galera::judge::codes;
use crate::kernel::judge::{Finding, Remedy};
use crate::kernel::model::NodeName;
use crate::kernel::model::words::count;

/// The votes of a component whose members stay or go. Weights are the inventory's.
pub struct Votes {
    staying: Vec<(NodeName, usize)>,
    /// In the order in which they go.
    leaving: Vec<(NodeName, usize)>,
    /// Members beside the inventory's nodes, of one vote each.
    arbitrators: usize,
}

impl Votes {
    pub fn of(basis: &Basis<'_>, staying: &[&Member<'_>], leaving: &[&Member<'_>]) -> Self {
        let weights = |members: &[&Member<'_>]| {
            members.iter().map(|member| (member.node.name.clone(), weight(member.node))).collect()
        };
        let size = staying.first().map_or(0, |member| member.live.cluster_size);
        let size = usize::try_from(size).unwrap_or(usize::MAX);
        let others = size.saturating_sub(staying.len() + leaving.len());
        Self {
            staying: weights(staying),
            leaving: weights(leaving),
            arbitrators: others.min(basis.inventory.arbitrators().len()),
        }
    }

    /// The same votes without so many arbitrators.
    pub fn without_arbitrators(self, gone: usize) -> Self {
        Self { arbitrators: self.arbitrators.saturating_sub(gone), ..self }
    }

    fn remaining(&self) -> usize {
        self.arbitrators + sum(&self.staying)
    }

    /// How many more members, the weightiest, may be lost at once.
    fn survived(&self) -> usize {
        let mut votes: Vec<usize> = self.staying.iter().map(|(_, votes)| *votes).collect();
        votes.extend((0..self.arbitrators).map(|_| 1));
        votes.sort_unstable();
        let (all, mut left, mut lost) = (self.remaining(), self.remaining(), 0);
        while let Some(weightiest) = votes.pop() {
            left -= weightiest;
            if left * 2 <= all {
                break;
            }
            lost += 1;
        }
        lost
    }

    /// What remains and what that survives, in a sentence.
    pub fn sentence(&self) -> String {
        let mut names: Vec<String> = self.staying.iter().map(|(node, _)| node.to_string()).collect();
        if self.arbitrators > 0 {
            names.push(count(self.arbitrators, "arbitrator"));
        }
        let remaining = self.remaining();
        let of = match sum(&self.leaving) {
            0 => String::new(),
            leaving => format!(" of {}", remaining + leaving),
        };
        let votes = count(remaining, "vote");
        let remain = if remaining == 1 { "remains" } else { "remain" };
        let survived = match self.survived() {
            0 => "the loss of one more ends its service".to_owned(),
            lost => format!("the loss of {lost} more at once is survived"),
        };
        format!("{votes}{of} {remain} ({}): {survived}", names.join(", "))
    }

    /// What is unwise about the rest.
    pub fn warning(&self) -> Option<String> {
        match (self.staying.len(), self.arbitrators) {
            (1, _) => Some("one data node remains: nobody else has a copy of its data; next: add a node".into()),
            (2, 0) => Some(
                "two nodes and no arbitrator remain: if one of them is lost, the other one stops as well; next: add a node, or an arbitrator".into(),
            ),
            _ => None,
        }
    }

    /// A server that stops cleanly is not counted any more. One that is lost while it stops is, and the
    /// rest stays Primary only if it is more than half of all.
    pub fn refusals(&self) -> Vec<Finding> {
        let mut before = self.remaining() + sum(&self.leaving);
        let mut refusals = Vec::new();
        for (node, votes) in &self.leaving {
            let after = before - votes;
            if after * 2 <= before {
                let evidence = format!(
                    "{after} of {before} votes are no majority: were it lost while it stops, the rest would stop, too"
                );
                let next = Remedy::from(
                    "add a node or an arbitrator first; or let it leave by itself, and remove it after that: ",
                )
                .and(Remedy::galactl("stop", &[node.as_str()]));
                refusals.push(Finding::new(codes::QUORUM, evidence, next).on(node));
            }
            before = after;
        }
        refusals
    }
}

fn sum(votes: &[(NodeName, usize)]) -> usize {
    votes.iter().map(|(_, votes)| votes).sum()
}

/// Galera's default is 1.
fn weight(node: &Node) -> usize {
    node.provider_options.get("pc.weight").and_then(|weight| weight.parse::<u8>().ok()).map_or(1, usize::from)
}
