//! Whether every node reads from every other one.

use super::again::{again, anew};
use super::directions::directions;
use super::{Basis, codes, held_up};
use crate::kernel::judge::{Finding, Remedy};
use crate::kernel::model::words::bytes;
use crate::mesh::facts::{Slot, SubscriptionState};

/// Directions that do not work.
pub fn findings(basis: &Basis<'_>) -> Vec<Finding> {
    let broken = directions(basis).into_iter().filter_map(|it| {
        // Nothing heals that, whatever the worker's error says.
        if it.slot.is_some_and(Slot::is_lost) {
            let evidence = format!(
                "it cannot read the changes of {} in database {} any more: its slot there has lost WAL",
                it.provider.name, it.database
            );
            let next = anew(it.reader.name.as_str());
            return Some(Finding::new(codes::LINK, evidence, next).on(&it.reader.name));
        }
        if let Some(finding) = held_up::finding(basis, &it) {
            return Some(finding);
        }
        let method = basis.inventory.method;
        let (evidence, next) = match it.subscription {
            None => (
                format!("it has no subscription to {} in database {}", it.provider.name, it.database),
                anew(it.reader.name.as_str()),
            ),
            Some(own) => {
                let does = match it.state().unwrap_or(own.state) {
                    SubscriptionState::Replicating => return None,
                    SubscriptionState::Down if own.state == SubscriptionState::Replicating => {
                        "has lost its connection for"
                    }
                    SubscriptionState::Initializing => "still copies tables for",
                    SubscriptionState::Down => "is down:",
                    SubscriptionState::Disabled => "is switched off:",
                };
                let evidence = format!(
                    "{} {does} the changes of {} in database {}",
                    own.name, it.provider.name, it.database
                );
                let log = "the server's log says why (/var/log/postgresql); then ";
                (evidence, Remedy::from(log).and(Remedy::on_host(again(method, &own.name, it.database))))
            }
        };
        let kept = it.behind.map(|behind| format!("; {} behind", bytes(behind))).unwrap_or_default();
        Some(Finding::new(codes::LINK, evidence + &kept, next).on(&it.reader.name))
    });
    broken.collect()
}
