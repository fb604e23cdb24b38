//! What an arbitrator's removal leaves.

use super::judge::{counted_now, is_anothers, obstacles, seen};
use crate::galera::judge::Basis;
use crate::galera::judge::codes;
use crate::galera::judge::component::Member;
use crate::galera::judge::votes::Votes;
use crate::kernel::judge::Finding;
use crate::kernel::model::NodeName;

/// An arbitrator that cannot be reached may start again at any time.
pub fn unseen(basis: &Basis<'_>, names: &[NodeName]) -> Vec<Finding> {
    let mut refusals = obstacles(basis);
    refusals.retain(|refusal| {
        let named = refusal.node.as_ref().is_some_and(|node| names.contains(node));
        named
            && (is_anothers(refusal.code) || matches!(refusal.code, codes::UNREACHABLE | codes::STRAY_SERVER))
    });
    for refusal in &mut refusals {
        let gone = "; if its host is gone for good, delete it from `arbitrators` in the inventory";
        refusal.remedy = refusal.remedy.clone().and(gone);
    }
    refusals
}

/// The votes that are left without the named arbitrators. One counts as voting where that is not known.
pub fn votes_left(basis: &Basis<'_>, standing: &[Member<'_>], names: &[NodeName]) -> Votes {
    let named = seen(basis).filter(|(arbitrator, _)| names.contains(&arbitrator.name));
    let voting = named.filter(|(_, facts)| counted_now(basis, facts) != Some(false));
    let standing: Vec<_> = standing.iter().collect();
    Votes::of(basis, &standing, &[]).without_arbitrators(voting.count())
}
