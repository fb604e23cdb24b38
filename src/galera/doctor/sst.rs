//! The account with which donors copy their data.

use super::Case;
use crate::galera::facts::HostFacts;
use crate::galera::judge::codes;
use crate::galera::model::Distribution;
use crate::galera::plan::sst_privileges;
use crate::kernel::judge::{Finding, Remedy};

/// It replicates, so that one member tells for all.
pub fn findings(case: &Case<'_>) -> Option<Finding> {
    let inventory = case.basis.inventory;
    if !Distribution::of(inventory.flavour).needs_sst_account(inventory.sst.method) {
        return None;
    }
    let mut members = case.nodes().filter(|(_, facts)| facts.is_primary());
    let (node, lacking) = members.find_map(|(node, facts)| Some((node, lacking(facts)?)))?;
    let (user, file) = (&inventory.sst.user, &inventory.host.config_file);
    let (what, create) = match lacking.whole {
        true => (
            format!("there is no account {user}@localhost"),
            format!(
                "CREATE USER {user}@localhost IDENTIFIED BY '(the password of wsrep_sst_auth in {file})'; "
            ),
        ),
        false => (format!("{user}@localhost lacks {}", lacking.privileges), String::new()),
    };
    let next = Remedy::on_host(format!(
        "sudo mariadb -e \"{create}GRANT {} ON *.* TO {user}@localhost\"",
        lacking.privileges
    ));
    Some(Finding::new(codes::SST_ACCOUNT, what, next).on(&node.name))
}

struct Lacking {
    /// All of them, and so perhaps the account.
    whole: bool,
    privileges: String,
}

fn lacking(facts: &HostFacts) -> Option<Lacking> {
    let global = |grant: &&String| grant.contains(" ON *.* ");
    let has = |privilege: &str| {
        facts.sst_grants.iter().filter(global).any(|grant| {
            let list = grant.trim_start_matches("GRANT ").split(" ON ").next().unwrap_or_default();
            list.split(", ").any(|word| word == privilege || word == "ALL PRIVILEGES")
        })
    };
    let lacking: Vec<_> = sst_privileges(facts.version()).into_iter().filter(|name| !has(name)).collect();
    let whole = facts.sst_grants.is_empty();
    (!lacking.is_empty()).then(|| Lacking { whole, privileges: lacking.join(", ") })
}
