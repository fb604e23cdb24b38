//! Whether a host's server would start in its cluster. One that starts outside of it serves clients by itself, and
//! what they write then is in no cluster.

use std::collections::BTreeMap;

use crate::galera::config::server_options;
use crate::galera::facts::{HostFacts, LaterOption, NextStart};
use crate::galera::inventory::Inventory;
use crate::galera::judge::codes;
use crate::kernel::judge::{Finding, Remedy};

/// What decides it. Each has to be said somewhere.
const DECISIVE: [&str; 4] = ["wsrep_on", "wsrep_provider", "wsrep_cluster_name", "wsrep_cluster_address"];
/// Finds on a host where it is said.
pub const SEARCH: &str = "sudo grep -rnEi 'wsrep[-_](on|provider|cluster[-_](name|address))' /etc/my.cnf /etc/mysql /etc/systemd/system /etc/default";

/// With all that its server reads as it is now, it would start outside its cluster. Where nothing is known of what it
/// reads, nothing is said.
pub fn outside_as_it_is(inventory: &Inventory, facts: &HostFacts) -> Option<Finding> {
    let options = in_force(facts)?;
    let (name, value) = decisive(inventory, &options)?;
    let from = facts.later_options.iter().rev().find(|option| option.name == name);
    let said = match (value, from) {
        (Some(value), Some(LaterOption { file, .. })) => format!("{file} says {name} = {value}"),
        (Some(value), None) => format!("its option files say {name} = {value}"),
        (None, _) => format!("no option file there says {name}"),
    };
    let evidence = format!("{said}: its server would start outside the cluster");
    let next = Remedy::on_host(SEARCH).and("; then correct that line");
    Some(Finding::new(codes::OUTSIDE_CLUSTER, evidence, next))
}

/// The server would start outside its cluster, also with galactl's file in place.
pub fn outside_in_spite_of_ours(inventory: &Inventory, facts: &HostFacts) -> Option<Finding> {
    let leads_out = |option: &&LaterOption| leads_out(inventory, &option.name, &option.value);
    // Of an option that is set several times, the last value counts.
    let last = |name: &&str| facts.later_options.iter().rev().find(|option| option.name == **name);
    let LaterOption { file, name, value } = DECISIVE.iter().filter_map(last).find(leads_out)?;
    Some(Finding::new(
        codes::OUTSIDE_CLUSTER,
        format!(
            "{file} is read after galactl's file and says {name} = {value}: its server would start outside the cluster"
        ),
        Remedy::on_host("remove that line there"),
    ))
}

/// Why a server that would start with these options is in no cluster, or in another one.
pub fn outside_with(inventory: &Inventory, next: &NextStart) -> Option<String> {
    let (name, value) = decisive(inventory, &next.0)?;
    let value = value.filter(|value| !value.is_empty()).unwrap_or("empty");
    Some(format!("with all of its option files, {name} is {value}"))
}

/// The server's own answer; of one that was not asked, what its option files say.
fn in_force(facts: &HostFacts) -> Option<BTreeMap<String, String>> {
    if let Some(NextStart(options)) = &facts.next_start {
        return Some(options.clone());
    }
    let own = facts.config.as_ref().map(|file| server_options(&file.text));
    let mut options = own.unwrap_or_default();
    options.extend(facts.options.clone());
    // A stopped server that was not asked.
    if options.is_empty() && !facts.server_runs() {
        return None;
    }
    // A running server has found its provider.
    options.entry("wsrep_provider".into()).or_insert_with(|| "in use".into());
    Some(options)
}

/// The option that leads out, and its value where it has one.
fn decisive<'a>(
    inventory: &Inventory,
    options: &'a BTreeMap<String, String>,
) -> Option<(&'static str, Option<&'a str>)> {
    let leads_out = |name: &&str| options.get(*name).is_none_or(|value| leads_out(inventory, name, value));
    let name = DECISIVE.into_iter().find(leads_out)?;
    Some((name, options.get(name).map(String::as_str)))
}

/// An option with which a server is in no cluster, or in another one.
fn leads_out(inventory: &Inventory, name: &str, value: &str) -> bool {
    match name {
        "wsrep_on" => !["on", "1", "true"].contains(&value.to_ascii_lowercase().as_str()),
        "wsrep_provider" => ["none", ""].contains(&value.to_ascii_lowercase().as_str()),
        "wsrep_cluster_name" => value != inventory.cluster.as_str(),
        "wsrep_cluster_address" => !value.starts_with("gcomm://"),
        _ => false,
    }
}
