//! galactl's file takes the place of one that somebody else wrote: what stands against it, and what is lost with it.

use std::collections::BTreeMap;

use super::Plan;
use crate::kernel::judge::{Finding, Remedy};
use crate::kernel::model::words::names;
use crate::kernel::run::host_act::previous;
use crate::patroni::config::{
    DynamicConfig, FoundFile, PATRONI_CONFIG, in_the_way, is_galactls, lines, missed, obstacles, patroni_file,
};
use crate::patroni::facts::{HbaRule, HostFacts, Live};
use crate::patroni::inventory::Node;
use crate::patroni::judge::{Basis, codes};
use crate::patroni::model::{Account, Software};

type Seen<'a> = (&'a Node, &'a HostFacts);

/// The text of a node's file, where somebody else wrote it.
fn others(facts: &HostFacts) -> Option<&str> {
    facts.config.as_ref().map(|file| file.text.as_str()).filter(|text| !is_galactls(text))
}

/// Why files that somebody else wrote must stay as they are.
pub fn refusals(basis: &Basis<'_>, nodes: &[Seen<'_>]) -> Vec<Finding> {
    let of = |(node, facts): &Seen<'_>| {
        let text = others(facts)?;
        let why = match FoundFile::read(text) {
            None => vec!["it is no YAML with keys and values".into()],
            Some(file) => reasons(basis, node, facts, &file),
        };
        let evidence =
            format!("its {PATRONI_CONFIG}, which galactl did not write, must stay: {}", why.join("; "));
        (!why.is_empty()).then(|| Finding::new(codes::CONFIG_DRIFT, evidence, way_on(&why)).on(&node.name))
    };
    nodes.iter().filter_map(of).collect()
}

fn reasons(basis: &Basis<'_>, node: &Node, facts: &HostFacts, file: &FoundFile) -> Vec<String> {
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
    all.extend(in_the_way(file));
    let hashed = facts.live().map(|live| live.md5_accounts.as_slice()).unwrap_or_default();
    let own: Vec<_> =
        Account::ALL.iter().map(|it| it.user()).filter(|user| hashed.iter().any(|it| it == user)).collect();
    if !own.is_empty() {
        all.push(format!(
            "the password of {} is kept as an MD5 hash, with which nobody gets in by galactl's rules (scram-sha-256)",
            names(&own, "and")
        ));
    }
    all
}

/// What to change by hand, so that the file may be replaced.
fn way_on(why: &[String]) -> Remedy {
    let has = |word: &str| why.iter().any(|reason| reason.contains(word));
    let mut ways = Vec::new();
    if has("no account `rewind`") {
        ways.push(format!(
            "make the account on the primary: sudo -u postgres createuser --pwprompt {user} && sudo -u postgres psql -c 'GRANT EXECUTE ON FUNCTION pg_ls_dir(text, boolean, boolean), pg_stat_file(text, boolean), pg_read_binary_file(text), pg_read_binary_file(text, bigint, bigint, boolean) TO {user}', and write it under `postgresql.authentication.rewind` (username, password) in {PATRONI_CONFIG} on each node",
            user = Account::Rewind.user()
        ));
    }
    if has("MD5 hash") {
        ways.push("set the same password again on the primary: sudo -u postgres psql, then SET password_encryption = 'scram-sha-256' and \\password NAME".into());
    }
    if has("another password") {
        ways.push("name the passwords that are in use under `secrets` in the inventory, and see that they are the same on all nodes".into());
    }
    ways.push(format!("change what is named in {PATRONI_CONFIG} on each node, then sudo systemctl reload patroni, and run this again"));
    ways.push("or leave these files to whoever wrote them: status, check, doctor, switchover, restart, stop, start and recover work with them".into());
    Remedy::from(ways.join("; "))
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
        "{}: galactl's {PATRONI_CONFIG} takes the place of one that galactl did not write, which is kept as {}",
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
    lost.extend(fewer_addresses(node, facts, live));
    lost
}

/// Patroni's own accounts come by a rule of galactl's with SCRAM, which a password that is not kept as an MD5 hash fits as
/// well.
fn is_of_members(known: &[String], rule: &HbaRule) -> bool {
    let own = |user: &String| Account::ALL.iter().any(|account| account.user() == user);
    let by_scram = HbaRule { method: "scram-sha-256".into(), ..rule.clone() };
    rule.method == "md5" && rule.users.iter().all(own) && known.contains(&by_scram.line())
}

/// A server that listened everywhere listens at the node's address then.
fn fewer_addresses(node: &Node, facts: &HostFacts, live: &Live) -> Option<String> {
    let listens = live.settings.get("listen_addresses")?;
    let others = facts
        .machine
        .addresses
        .iter()
        .filter(|address| !address.is_loopback() && node.address.ip() != Some(**address));
    // An address of one link is nobody's target.
    let others: Vec<_> =
        others.filter(|address| !address.to_string().starts_with("fe80:")).map(ToString::to_string).collect();
    let everywhere =
        ["*", "0.0.0.0", "::"].iter().any(|word| listens.split(',').any(|it| it.trim() == *word));
    (everywhere && !others.is_empty()).then(|| format!(
        "its server listens everywhere, and with galactl's file at {} and 127.0.0.1: nobody reaches it at {}",
        node.address,
        names(&others, "or")
    ))
}

/// What follows for those who come by this rule of pg_hba, which galactl's file does not have.
fn without(basis: &Basis<'_>, live: &Live, rule: &HbaRule) -> Option<String> {
    let line = rule.line();
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
