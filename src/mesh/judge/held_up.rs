//! Changes of another node that a node cannot apply.

use super::{Basis, codes};
use crate::kernel::inventory::text::visible;
use crate::kernel::judge::{Finding, Remedy};
use crate::mesh::facts::{ApplyError, HostFacts, Subscription, SubscriptionState};
use crate::mesh::judge::again::again;
use crate::mesh::judge::directions::Direction;
use crate::mesh::model::subscription;

/// The error that keeps a subscription from going on. One that is over has been applied or left out by now.
pub fn error<'a>(facts: &'a HostFacts, subscription: &Subscription) -> Option<&'a ApplyError> {
    let found = facts.apply_errors.iter().find(|it| it.worker == subscription.worker)?;
    let stands = match found.transaction {
        Some(failing) => subscription.applied.is_none_or(|applied| applied <= failing.commit),
        // Whoever has switched it off needs no other reason.
        None => subscription.state == SubscriptionState::Down,
    };
    // pglogical says of any worker that runs that it replicates, also of one that meets the same error again and again.
    stands.then_some(found)
}

/// The error in words: what was to be done, and what the server said.
///
/// The connection string behind a failed connection says nothing that the inventory does not.
pub fn words(error: &ApplyError) -> String {
    let mut words = error.message.clone();
    if let Some(detail) = error.detail.as_ref().filter(|it| !it.starts_with("dsn was: ")) {
        words += &format!(" ({})", detail.trim_end_matches('.'));
    }
    if let Some(doing) = &error.doing {
        words = format!("{doing}: {words}");
    }
    // Values of rows are in it.
    visible(&words).into_owned()
}

/// The finding of a direction that an error holds up.
pub fn finding(basis: &Basis<'_>, direction: &Direction<'_>) -> Option<Finding> {
    let Direction { reader, provider, database, .. } = direction;
    let facts = basis.observation.facts(&reader.name)?;
    let error = error(facts, direction.subscription?)?;
    let Some(failing) = error.transaction else {
        let evidence = format!(
            "it does not read the changes of {} in database {database}: {}",
            provider.name,
            words(error)
        );
        let own = subscription(&reader.name, &provider.name);
        let next = Remedy::from("mend what it says; it tries again within 3 minutes, or at once: ")
            .and(Remedy::on_host(again(basis.inventory.method, &own, database)));
        return Some(Finding::new(codes::LINK, evidence, next).on(&reader.name));
    };
    let again = match direction.subscription.map(|it| it.state) {
        Some(SubscriptionState::Replicating) => " (it tries again and again)",
        _ => "",
    };
    let evidence = format!(
        "it cannot apply transaction {} of {} in database {database}, and nothing after it{again}: {}",
        failing.xid,
        provider.name,
        words(error)
    );
    let args = [
        reader.name.as_str(),
        "--from",
        provider.name.as_str(),
        "--database",
        database.as_str(),
        "--dry-run",
    ];
    let next = Remedy::from("change what is in its way there so that both fit (UPDATE … SET column = another value; a DELETE there deletes the row on every node), and it goes on by itself within 3 minutes; or, to give the whole transaction up on this node: ")
        .and(Remedy::galactl("skip", &args))
        .and(" shows what it holds");
    Some(Finding::new(codes::APPLY_ERROR, evidence, next).on(&reader.name))
}
