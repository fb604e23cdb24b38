//! Data of PostgreSQL that is not where this release has its own.

use super::codes;
use crate::kernel::judge::{Finding, Remedy, shell_word};
use crate::patroni::facts::HostFacts;

/// Data of PostgreSQL in another place, such as that of another major version after an upgrade of the system. It may be
/// this cluster's, so no new one is made beside it. What was kept aside is known, and stands in nobody's way.
pub fn other_data(facts: &HostFacts) -> Option<Finding> {
    let kept = |path: &&String| facts.kept_aside().any(|kept| kept == path.as_str());
    let others: Vec<_> = facts.other_datadirs.iter().filter(|path| !kept(path)).map(String::as_str).collect();
    let path = &facts.datadir.path;
    let own = match facts.datadir.holds_cluster() {
        true => format!("besides those in {path}"),
        false => format!("and {path}, where this release has its own, holds none"),
    };
    let evidence = format!("{} holds data of PostgreSQL, {own}", others.join(", "));
    let away =
        others.iter().map(|from| format!("sudo mv {} {}", shell_word(from), shell_word(&kept_at(from))));
    let away = away.collect::<Vec<_>>().join(" && ");
    let next =
        Remedy::from("if it is this cluster's, bring its release of PostgreSQL back; if nobody needs it, ")
            .and(Remedy::on_host(format!("{away}, then run this again")));
    if others.is_empty() {
        return None;
    }
    Some(Finding::new(codes::FOREIGN, evidence, next))
}

/// The place for data that somebody moves away: nobody looks for data there.
pub fn kept_at(path: &str) -> String {
    format!("/var/lib/kept{}", path.trim_end_matches('/').replace('/', "-"))
}
