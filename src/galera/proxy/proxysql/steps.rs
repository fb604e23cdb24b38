//! What a plan does for proxies of this kind, beside what it does for any.

use super::inventory::MONITOR_PASSWORD;
use super::{MONITOR, PACKAGE, settings};
use crate::galera::endpoint::{Endpoint, Writes};
use crate::galera::health::action::HealthAction;
use crate::galera::health::steps::place;
use crate::galera::judge::{Basis, codes};
use crate::galera::proxy::facts::ProxyFacts;
use crate::galera::proxy::judge::seen;
use crate::galera::proxy::steps::helped;
use crate::galera::proxy::wanted::lacking;
use crate::galera::proxy::{Kind, Proxy};
use crate::kernel::judge::Finding;
use crate::kernel::model::words::names;
use crate::kernel::model::{NodeName, SecretRef};
use crate::kernel::plan::{Action, Step};

/// Creates the monitor's account, which replicates. It is not touched while a ProxySQL may have another password.
pub fn account<A: Action + From<HealthAction>>(basis: &Basis<'_>, on: &NodeName) -> Option<Step<A>> {
    let action = HealthAction::CreateMonitor { user: MONITOR.parse().ok()?, password: MONITOR_PASSWORD };
    let why = "ProxySQL logs in with it to see how each node is; it replicates to all nodes";
    (needs_account(basis) && unseen(basis).is_empty()).then(|| Step::new(&place(basis, on), action, why))
}

/// Why the account is left as it is, although it may have to be made.
pub fn account_left(basis: &Basis<'_>) -> Option<String> {
    let unseen = unseen(basis);
    (needs_account(basis) && !unseen.is_empty()).then(|| {
        format!(
            "the account {MONITOR} is left as it is: {} not seen, and may log in with another password; next: {BACK}",
            was(&unseen)
        )
    })
}

const BACK: &str = "bring its host back, or take it out of the inventory if it is gone for good";

/// `lb1 was`, `lb1 and lb2 were`.
fn was(proxies: &[&NodeName]) -> String {
    format!("{} {}", names(proxies, "and"), if proxies.len() == 1 { "was" } else { "were" })
}

/// The finding where this proxy would get a new password of the monitor, which would lock out the ones that were not
/// seen.
pub fn no_password(basis: &Basis<'_>, proxy: &Proxy) -> Option<Finding> {
    let unseen = unseen(basis);
    if proxy.kind != Kind::Proxysql || unseen.is_empty() || is_password_known(basis) {
        return None;
    }
    let evidence = format!("{} not seen: the password of {MONITOR} that galactl made is there", was(&unseen));
    Some(Finding::new(codes::PROXY, evidence, BACK))
}

/// The ProxySQL proxies that were not seen and may have a password that galactl made.
fn unseen<'a>(basis: &Basis<'a>) -> Vec<&'a NodeName> {
    let section = basis.inventory.proxysql.as_ref();
    let made = section.is_some_and(|section| section.monitor_password == SecretRef::Generated);
    let proxies = basis.inventory.proxies().iter().filter(|proxy| made && proxy.kind == Kind::Proxysql);
    proxies.map(|proxy| &proxy.name).filter(|name| basis.observation.proxy(name).is_none()).collect()
}

/// True where a ProxySQL that was seen has this run's password in its file, so that the password is not a new one.
fn is_password_known(basis: &Basis<'_>) -> bool {
    let placeholder = MONITOR_PASSWORD.in_hex().placeholder();
    let has = |facts: &ProxyFacts| {
        facts.program.file("statements").is_some_and(|it| it.text.contains(&placeholder))
    };
    seen(basis).any(|(proxy, facts)| proxy.kind == Kind::Proxysql && has(facts))
}

/// True where a ProxySQL has to be set up, or is set up and sends clients to no node: then the account may be missing.
fn needs_account(basis: &Basis<'_>) -> bool {
    let Some(endpoint) = basis.inventory.endpoint else { return false };
    let lets_clients_in = |proxy: &Proxy, facts: &ProxyFacts| {
        let sends = facts.opinion.as_ref().is_some_and(|opinion| !opinion.takes.is_empty());
        sends && lacking(basis.inventory, endpoint, proxy, facts).is_empty()
    };
    helped(basis)
        .filter(|(proxy, _)| proxy.kind == Kind::Proxysql)
        .any(|(proxy, facts)| !lets_clients_in(proxy, facts))
}

/// What it means for the clients of a ProxySQL when it loads a new file.
pub fn reload(basis: &Basis<'_>, endpoint: Endpoint, facts: &ProxyFacts) -> &'static str {
    match endpoint.writes {
        _ if binds_anew(basis, endpoint, facts) => {
            "its ports change, so it restarts: all its connections are cut"
        }
        // Which ports it has is not known.
        _ if facts.program.stale => {
            "it has not loaded its file yet; if its ports change, its connections are cut"
        }
        Writes::Single => "open sessions go on; until its next check, in a second, all nodes take writes",
        Writes::Any => "open sessions go on",
    }
}

/// True where a ProxySQL has to change its ports. It binds ports at its start only.
fn binds_anew(basis: &Basis<'_>, endpoint: Endpoint, facts: &ProxyFacts) -> bool {
    let interfaces = settings::bound(basis.inventory, endpoint);
    facts.program.unit.works()
        && !facts.program.file("statements").is_some_and(|it| it.text.contains(&interfaces))
}

/// True where one of them restarts, which cuts its connections, so that they must not all be changed at once.
pub fn any_restarts(basis: &Basis<'_>) -> bool {
    let Some(endpoint) = basis.inventory.endpoint else { return false };
    helped(basis).any(|(proxy, facts)| proxy.kind == Kind::Proxysql && binds_anew(basis, endpoint, facts))
}

/// What is said of a plan that has steps of these roles.
pub fn untested<'r>(mut roles: impl Iterator<Item = &'r str>) -> Option<String> {
    roles.any(|role| role == PACKAGE).then(|| {
        "ProxySQL is not in Debian, so galactl's tests run none on hosts: what is set up here follows what was measured with ProxySQL 2.7.2"
            .into()
    })
}

/// What a restart means for clients of these proxies, in words.
pub fn clients(basis: &Basis<'_>, endpoint: Endpoint) -> Option<String> {
    let proxies = basis.inventory.proxies().iter().filter(|proxy| proxy.kind == Kind::Proxysql);
    let proxies: Vec<_> = proxies.map(|proxy| &proxy.name).collect();
    let what = match endpoint.writes {
        Writes::Single => "reads",
        Writes::Any => "writes and reads",
    };
    (!proxies.is_empty()).then(|| {
        format!(
            "{} (ProxySQL) send{} {what} to a node until its server stops; how many of those under way then fail was never measured",
            names(&proxies, "and"),
            if proxies.len() == 1 { "s" } else { "" }
        )
    })
}
