//! A cluster that is led, for every command that changes one.

use super::NoPlan;
use super::no_plan::refuse;
use crate::kernel::judge::{Finding, Remedy};
use crate::kernel::model::NodeName;
use crate::patroni::facts::{EtcdFacts, HostFacts, Live};
use crate::patroni::judge::birth::{Standing, standing};
use crate::patroni::judge::{Basis, codes, hosts, reach};

/// Who leads, and its server.
#[derive(Clone, Copy)]
pub struct Led<'a> {
    pub leader: &'a NodeName,
    pub primary: &'a Live,
}

/// Who leads the inventory's cluster.
///
/// Errors: nobody does, or it cannot be told. [`NoPlan::Electing`]: wait for a primary first.
pub fn led<'a>(basis: &Basis<'a>) -> Result<Led<'a>, NoPlan> {
    refuse(hosts::refusals(basis))?;
    match standing(basis) {
        Ok(Standing::Led { .. }) => {}
        Ok(Standing::Founding(node)) => return Err(NoPlan::Founding(node)),
        Ok(Standing::Unborn | Standing::Seeded { .. }) => {
            refuse(reach::unseen(basis))?;
            let next = Remedy::galactl("bootstrap", &[]).and(", which makes it");
            return Err(NoPlan::Refused(vec![Finding::new(
                codes::NO_PRIMARY,
                "there is no cluster yet",
                next,
            )]));
        }
        Err(refusals) => return Err(unled(basis, refusals)),
    }
    let primary = basis.observation.primaries().next();
    let primary = primary.and_then(|(leader, facts)| Some(Led { leader, primary: facts.live()? }));
    primary.ok_or_else(|| NoPlan::Refused(Vec::new()))
}

fn unled(basis: &Basis<'_>, refusals: Vec<Finding>) -> NoPlan {
    let no_primary = refusals.iter().any(|it| it.code == codes::NO_PRIMARY);
    let unseen = reach::unseen(basis);
    match no_primary {
        // A host that was not seen may be the primary.
        true if !unseen.is_empty() => NoPlan::Refused(unseen),
        true if !basis.observation.awaited && may_elect(basis) => NoPlan::Electing,
        _ => NoPlan::Refused(refusals),
    }
}

/// A Patroni runs where no server is a primary, and etcd may have a majority.
pub fn may_elect(basis: &Basis<'_>) -> bool {
    let observation = basis.observation;
    let members = basis.inventory.etcd.members();
    let up = observation.etcd().filter(|(_, etcd)| EtcdFacts::runs(etcd)).count();
    let store = members.is_empty() || up > members.len() / 2;
    let patroni = observation.seen().any(|(_, facts)| HostFacts::patroni_runs(facts));
    store && patroni && observation.primaries().next().is_none()
}
