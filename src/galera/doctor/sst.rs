//! The account with which donors copy their data.

use super::Case;
use crate::galera::facts::{HostFacts, Login};
use crate::galera::inventory::Inventory;
use crate::galera::judge::codes;
use crate::galera::model::Distribution;
use crate::galera::plan::sst_privileges;
use crate::kernel::judge::{Finding, Remedy, Severity};
use crate::kernel::model::NodeName;

pub fn findings(case: &Case<'_>) -> Vec<Finding> {
    let inventory = case.basis.inventory;
    if !Distribution::of(inventory.flavour).needs_sst_account(inventory.sst.method) {
        return Vec::new();
    }
    let account = account(case);
    if account.is_some() { account.into_iter().collect() } else { logins(case) }
}

/// It replicates, so that one member tells for all.
fn account(case: &Case<'_>) -> Option<Finding> {
    let inventory = case.basis.inventory;
    let mut members = case.nodes().filter(|(_, facts)| facts.is_primary());
    let (node, facts, lacking) = members.find_map(|(node, facts)| Some((node, facts, lacking(facts)?)))?;
    if let Some(finding) = with_another_account(inventory, facts) {
        return Some(finding.on(&node.name));
    }
    let user = &inventory.sst.user;
    let file = match &facts.config {
        Some(_) => inventory.host.config_file.clone(),
        None => facts.wsrep_files.join(", "),
    };
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

/// Files of others, which are in force until galactl writes one, name an account of their own.
fn with_another_account(inventory: &Inventory, facts: &HostFacts) -> Option<Finding> {
    let auth = facts.options.get("wsrep_sst_auth").or_else(|| facts.sst_options.get("wsrep_sst_auth"));
    let (other, _) = auth?.split_once(':')?;
    let user = inventory.sst.user.as_str();
    if facts.config.is_some() || other == user {
        return None;
    }
    let what = format!(
        "state transfers log in as `{other}`, as the node's own files say; galactl's account {user}@localhost is not there yet"
    );
    let finding = Finding::new(codes::SST_ACCOUNT, what, Remedy::galactl("apply-config", &[]));
    Some(finding.severity(Severity::Note).because("it is made together with galactl's option file"))
}

/// Members whose option files have another password than the account.
fn logins(case: &Case<'_>) -> Vec<Finding> {
    let login = |node: &NodeName| case.examined.get(node).and_then(|it| it.login.as_ref());
    let refused: Vec<_> = case
        .nodes()
        .filter_map(|(node, _)| match login(&node.name)? {
            Login::Refused { user, said } => Some((&node.name, user, said)),
            Login::Accepted => None,
        })
        .collect();
    if case.examined.values().any(|it| it.login == Some(Login::Accepted)) {
        return refused.into_iter().map(|(node, user, said)| other_password(node, user, said)).collect();
    }
    refused.first().map(|(node, user, said)| no_login(node, user, said)).into_iter().collect()
}

fn other_password(node: &NodeName, user: &str, said: &str) -> Finding {
    let evidence = format!("as a donor it cannot log in as `{user}`: {said}");
    let next = Remedy::from("its own option files have another password than those of others: ")
        .and(Remedy::galactl("apply-config", &[]));
    Finding::new(codes::SST_ACCOUNT, evidence, next).on(node).because("it cannot be a donor")
}

fn no_login(member: &NodeName, user: &str, said: &str) -> Finding {
    let evidence = format!("no member can log in as `{user}`, as a donor does: {said}");
    let command = format!(
        "`sudo my_print_defaults --mysqld sst | grep auth` shows the password that donors use; sudo mariadb, and there: ALTER USER {user}@localhost IDENTIFIED VIA mysql_native_password USING PASSWORD('(that password)')"
    );
    Finding::new(codes::SST_ACCOUNT, evidence, Remedy::OnHost { node: Some(member.clone()), command })
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
