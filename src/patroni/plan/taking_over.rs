//! galactl's file takes the place of one that somebody else wrote: what stands against it, and what is lost with it.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::Plan;
use super::by_hand::way_on;
use crate::kernel::judge::Finding;
use crate::kernel::model::words::names;
use crate::kernel::run::host_act::previous;
use crate::patroni::config::{
    DynamicConfig, FoundFile, PATRONI_CONFIG, another_server, in_the_way, is_everywhere, is_galactls, lines,
    missed, obstacles, patroni_file,
};
use crate::patroni::facts::{HbaRule, HostFacts, Live, Rights};
use crate::patroni::inventory::Node;
use crate::patroni::judge::{Basis, codes};
use crate::patroni::model::{Account, Software};

type Seen<'a> = (&'a Node, &'a HostFacts);

/// The text of a node's file, where somebody else wrote it.
fn others(facts: &HostFacts) -> Option<&str> {
    facts.config.as_ref().map(|file| file.text.as_str()).filter(|text| !is_galactls(text))
}

/// Why files that somebody else wrote must stay as they are.
pub fn refusals(basis: &Basis<'_>, software: Software, nodes: &[Seen<'_>]) -> Vec<Finding> {
    let of = |(node, facts): &Seen<'_>| {
        let text = others(facts)?;
        let why = match FoundFile::read(text) {
            None => vec!["it is no YAML with keys and values".into()],
            Some(file) => reasons(basis, software, (node, facts), &file),
        };
        let evidence =
            format!("its {PATRONI_CONFIG}, which galactl did not write, must stay: {}", why.join("; "));
        (!why.is_empty()).then(|| Finding::new(codes::CONFIG_DRIFT, evidence, way_on(&why)).on(&node.name))
    };
    nodes.iter().filter_map(of).collect()
}

fn reasons(basis: &Basis<'_>, software: Software, (node, facts): Seen<'_>, file: &FoundFile) -> Vec<String> {
    let mut all = Vec::new();
    for (key, found, wanted) in [
        ("scope", file.scope.as_str(), basis.inventory.cluster.as_str()),
        ("name", file.name.as_str(), node.name.as_str()),
    ] {
        if found != wanted {
            all.push(format!("its `{key}` is `{found}`, and the inventory says `{wanted}`"));
        }
    }
    all.extend(obstacles(file));
    let live = facts.live();
    let told = live.map(|live| (live.version.as_str(), &live.settings));
    let config_file = live.and_then(|live| live.settings.get("config_file")).map(String::as_str);
    let another = another_server(file, software.postgresql, told);
    // Its settings are where its data are.
    let in_the_way = in_the_way(file, config_file.filter(|_| another.is_none()));
    all.extend(another);
    all.extend(in_the_way);
    all.extend(live.into_iter().flat_map(|live| roles(live, file)));
    all
}

/// What keeps Patroni's accounts from logging in by galactl's rules, which ask for SCRAM. Accounts of another name are
/// told as such.
fn roles(live: &Live, file: &FoundFile) -> Vec<String> {
    let mut all = Vec::new();
    let own = |user: &str| live.md5_accounts.iter().any(|it| it == user);
    let hashed: Vec<_> = Account::ALL.iter().map(|it| it.user()).filter(|user| own(user)).collect();
    if !hashed.is_empty() {
        all.push(format!(
            "the password of {} is kept as an MD5 hash, with which nobody gets in by galactl's rules (scram-sha-256)",
            names(&hashed, "and")
        ));
    }
    let named =
        |account: &Account| file.accounts.get(account.key()).is_some_and(|it| it.user == account.user());
    for account in Account::ALL.into_iter().filter(named) {
        let user = account.user();
        let there = live.accounts.as_ref().filter(|_| !hashed.contains(&user));
        all.extend(there.and_then(|there| unable(account, there.iter().find(|it| it.name == user))));
        let tried = live.hba.iter().find(|rule| lets_in_untried(rule, account)).map(|rule| {
            format!("`{}` of pg_hba lets `{user}` in by trust, so nobody has tried its password", rule.line())
        });
        all.extend(tried);
    }
    all
}

/// Why this account could not do its work, but for an MD5 hash.
fn unable(account: Account, there: Option<&Rights>) -> Option<String> {
    let user = account.user();
    let Some(role) = there else {
        return Some(format!("its server has no account `{user}`, which Patroni's file names"));
    };
    let attribute = match account {
        Account::Superuser if !role.superuser => Some("SUPERUSER"),
        Account::Replication if !role.replication && !role.superuser => Some("REPLICATION"),
        _ if !role.login => Some("LOGIN"),
        _ => None,
    };
    if let Some(attribute) = attribute {
        return Some(format!("the account `{user}` lacks the right {attribute}"));
    }
    (!role.scram).then(|| {
        format!("the account `{user}` has no password that is kept for scram-sha-256, which galactl's rules ask for")
    })
}

/// Between hosts, this account comes in without its password.
fn lets_in_untried(rule: &HbaRule, account: Account) -> bool {
    let database = if account == Account::Replication { "replication" } else { "all" };
    let loopback = ["127.", "::1", "localhost"];
    let by_network = rule.kind.starts_with("host")
        && rule.address.as_ref().is_some_and(|it| !loopback.iter().any(|word| it.starts_with(word)));
    let of_it = rule.users.iter().any(|user| user == "all" || user == account.user());
    rule.method == "trust" && by_network && of_it && rule.databases.iter().any(|it| it == database)
}

/// Tells whose files are replaced, and what is lost with them.
pub fn tell(
    basis: &Basis<'_>,
    plan: &mut Plan,
    software: Software,
    nodes: &[Seen<'_>],
    replaced: impl Fn(&Node) -> bool,
) {
    let others: Vec<_> =
        nodes.iter().filter(|(node, facts)| others(facts).is_some() && replaced(node)).collect();
    if others.is_empty() {
        return;
    }
    let who: Vec<_> = others.iter().map(|(node, _)| &node.name).collect();
    plan.consequences.push(format!(
        "{}: galactl's {PATRONI_CONFIG} takes the place of one that galactl did not write, which is kept as {} until the next change (copy it elsewhere to keep it longer)",
        names(&who, "and"),
        previous(PATRONI_CONFIG)
    ));
    let mut lost: BTreeMap<String, Vec<&Node>> = BTreeMap::new();
    for (node, facts) in others {
        for sentence in lost_on(basis, node, facts, software) {
            lost.entry(sentence).or_default().push(node);
        }
    }
    plan.warnings.extend(lost.into_iter().map(|(sentence, nodes)| {
        let nodes: Vec<_> = nodes.iter().map(|node| &node.name).collect();
        format!("{}: {sentence}", names(&nodes, "and"))
    }));
}

fn lost_on(basis: &Basis<'_>, node: &Node, facts: &HostFacts, software: Software) -> Vec<String> {
    let wanted = FoundFile::read(&patroni_file(basis.inventory, node, software).text).unwrap_or_default();
    let there = others(facts).and_then(FoundFile::read).unwrap_or_default();
    let dynamic = DynamicConfig::of(basis.inventory);
    let paths = missed(&there, &wanted, |setting| dynamic.has_parameter(setting));
    let mut lost: Vec<_> = paths.iter().map(|path| format!("`{path}` is not in galactl's file")).collect();
    let Some(live) = facts.live() else { return lost };
    let known = lines(basis.inventory);
    let gone = live.hba.iter().filter(|rule| !known.contains(&rule.line()) && !is_of_members(&known, rule));
    lost.extend(gone.filter_map(|rule| without(basis, live, rule)));
    let machine = &facts.machine.addresses;
    let at = [node.address.to_string(), "127.0.0.1".to_owned()];
    let listens = live.settings.get("listen_addresses").map(|it| words(it)).unwrap_or_default();
    lost.extend(fewer_addresses("server", &listens, &at, machine));
    lost.extend(fewer_addresses("REST API", &there.rest_listens, &at[..1], machine));
    lost
}

/// Patroni's own accounts come by a rule of galactl's with SCRAM, which a password that is not kept as an MD5 hash fits as
/// well.
fn is_of_members(known: &[String], rule: &HbaRule) -> bool {
    let own = |user: &String| Account::ALL.iter().any(|account| account.user() == user);
    let by_scram = HbaRule { method: "scram-sha-256".into(), ..rule.clone() };
    rule.method == "md5" && rule.users.iter().all(own) && known.contains(&by_scram.line())
}

/// A program that listened at more addresses than galactl's file says listens at `wanted` only. `machine`: all
/// addresses of the host.
fn fewer_addresses(
    program: &str,
    listens: &[String],
    wanted: &[String],
    machine: &BTreeSet<IpAddr>,
) -> Option<String> {
    let everywhere = listens.iter().any(|it| is_everywhere(it));
    // An address of one link is nobody's target.
    let all = machine.iter().filter(|it| !it.is_loopback()).map(ToString::to_string);
    let all = ["127.0.0.1".to_owned()].into_iter().chain(all.filter(|it| !it.starts_with("fe80:")));
    let there: Vec<String> = if everywhere {
        all.collect()
    } else {
        let by_number = |it: &String| if it == "localhost" { "127.0.0.1".to_owned() } else { it.clone() };
        listens.iter().map(by_number).collect()
    };
    let gone: Vec<_> = there.iter().filter(|it| !wanted.contains(it)).collect();
    let place = if everywhere { "everywhere".to_owned() } else { format!("at {}", names(&there, "and")) };
    (!gone.is_empty()).then(|| {
        format!(
            "its {program} listens {place}, and with galactl's file at {}: nobody reaches it at {}",
            names(wanted, "and"),
            names(&gone, "or")
        )
    })
}

fn words(list: &str) -> Vec<String> {
    list.split(',').map(|it| it.trim().to_owned()).filter(|it| !it.is_empty()).collect()
}

/// What follows for those who come by this rule of pg_hba, which galactl's file does not have.
fn without(basis: &Basis<'_>, live: &Live, rule: &HbaRule) -> Option<String> {
    let line = rule.line();
    if rule.method == "reject" {
        return Some(format!(
            "who was kept out by `{line}` of pg_hba may get in by a rule of galactl's, which has no such line"
        ));
    }
    let of_clients = rule.kind == "host"
        && rule.is_of_everybody()
        && rule
            .network()
            .is_some_and(|network| basis.inventory.clients.iter().any(|it| it.to_string() == network));
    if !of_clients {
        return Some(format!(
            "who connects by `{line}` of pg_hba does not get in any more, unless another rule lets them in"
        ));
    }
    let hashed = &live.md5_accounts;
    let locked_out = rule.method == "md5" && !hashed.is_empty();
    let by_scram = ["md5", "scram-sha-256"].contains(&rule.method.as_str());
    match (locked_out, by_scram) {
        (true, _) => Some(format!(
            "`{line}` of pg_hba becomes scram-sha-256, by which {} cannot log in: their passwords are kept as MD5 hashes",
            names(hashed, "and")
        )),
        (false, true) => None,
        (false, false) => {
            Some(format!("`{line}` of pg_hba becomes scram-sha-256, which asks for a password"))
        }
    }
}
