//! Whether every node reads from every other one.

use super::again::again;
use super::directions::directions;
use super::{Basis, codes, held_up};
use crate::kernel::judge::{Finding, Remedy};
use crate::kernel::model::words::bytes;
use crate::mesh::facts::SubscriptionState;

/// Directions that do not work.
pub fn findings(basis: &Basis<'_>) -> Vec<Finding> {
    let broken = directions(basis).into_iter().filter_map(|it| {
        if let Some(finding) = held_up::finding(basis, &it) {
            return Some(finding);
        }
        let method = basis.inventory.method;
        let (evidence, next) = match it.subscription {
            None => (
                format!("it has no subscription to {} in database {}", it.provider.name, it.database),
                Remedy::galactl("remove-node", &[it.reader.name.as_str()])
                    .and(", then ")
                    .and(Remedy::galactl("add-node", &[it.reader.name.as_str()]))
                    .and(", which gives it everything again"),
            ),
            Some(own) => {
                let does = match own.state {
                    SubscriptionState::Replicating => return None,
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
