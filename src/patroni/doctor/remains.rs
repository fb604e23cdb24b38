//! What earlier runs have left.

use crate::kernel::judge::{Finding, Remedy, shell_word};
use crate::patroni::facts::HostFacts;
use crate::patroni::judge::{Basis, codes};

pub fn findings(basis: &Basis<'_>, cut_off: Option<&str>) -> Vec<Finding> {
    let kept = basis.nodes().filter_map(|(node, facts)| Some(kept(facts)?.on(&node.name)));
    cut_off.map(run).into_iter().chain(kept).collect()
}

fn run(told: &str) -> Finding {
    let next = Remedy::from("the same command again; ")
        .and(Remedy::galactl("plan", &[]))
        .and(" tells what is left to do");
    Finding::new(codes::CUT_OFF, told, next)
}

/// What `recover --keep-aside` and Patroni have kept. Only where the node is whole without it, it may be said to go.
fn kept(facts: &HostFacts) -> Option<Finding> {
    let kept: Vec<_> = facts.kept_aside().map(shell_word).collect();
    let kept = kept.join(" ");
    let next = Remedy::on_host(format!("if nobody needs it: sudo rm -r {kept}"));
    (!kept.is_empty() && facts.live().is_some())
        .then(|| Finding::new(codes::KEPT_ASIDE, format!("data was kept in {kept}"), next))
}
