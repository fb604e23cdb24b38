//! A cluster that others have set up → the inventory that describes it. Pure: facts in, text out.
//!
//! The inventory holds what the members' own option files say, so that it wants nothing that
//! is not in effect already, and so that a node which joins later gets the same. Left out is what
//! galactl does by itself, and what the distribution's own files say everywhere.

mod encrypted;
mod endpoint;
mod settings;
mod write;

use encrypted::Encrypted;
use settings::{Own, common, own, sst_options};

use super::config::{provider_options, taken};
use super::facts::{HostFacts, Surroundings};
use super::judge::void_options;
use super::model::{Distribution, Flavour, SstMethod};
use crate::kernel::inventory::Settings;
use crate::kernel::inventory::raw::RawSsh;
use crate::kernel::model::Address;

pub use encrypted::Authority;
pub use endpoint::ProxyHost;
pub use write::provisional;

/// One data node of the cluster.
#[derive(Debug, Clone, Copy)]
pub struct Member<'a> {
    /// Where galactl reaches it.
    pub reached_at: &'a Address,
    pub facts: &'a HostFacts,
    pub surroundings: &'a Surroundings,
}

/// The inventory's text, and notes about what it could not say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adopted {
    pub text: String,
    pub notes: Vec<String>,
    /// Whom the members trust, where they use galactl's certificates: it belongs beside the inventory.
    pub authority: Option<Authority>,
}

/// Accounts that galactl never uses for the SST: others log in with them.
const NOT_FOR_SST: [&str; 3] = ["root", "mysql", "mariadb.sys"];

/// Everything that the inventory says about the cluster.
struct Description {
    cluster: String,
    sst: Sst,
    mysqld: Settings,
    provider_options: Settings,
    encrypted: Option<Encrypted>,
    /// Lines of the section `host`.
    host: Settings,
    nodes: Vec<Described>,
    arbitrators: u64,
}

struct Sst {
    method: SstMethod,
    /// The SST account, where its name is not galactl's default.
    user: Option<String>,
    options: Settings,
}

struct Described {
    name: String,
    address: String,
    ssh_address: Option<String>,
    segment: Option<String>,
    /// The file of a certificate that it brings along.
    certificate: Option<String>,
    mysqld: Settings,
    provider_options: Settings,
}

/// Describes the cluster of these members, at least one; whichever of them was known of first, the
/// result is the same. `proxies`: the proxies that were named.
pub fn adopt(mut members: Vec<Member<'_>>, proxies: &[ProxyHost<'_>], ssh: &RawSsh) -> Adopted {
    members.sort_by_key(|member| in_effect(member, "wsrep_node_name"));
    let members = members.as_slice();
    let ipv6 = members.iter().any(|member| address(member).contains(':'));
    let mut notes = Vec::new();
    let encrypted = encrypted::read(members, &mut notes);
    let section = encrypted.is_some();
    let mut all: Vec<Own> = members.iter().map(|member| own(member, ipv6, section, &mut notes)).collect();
    let [mysqld, provider_options] =
        [common(&mut all, |own| &mut own.mysqld), common(&mut all, |own| &mut own.provider)];
    let nodes = members.iter().zip(all);
    let nodes = nodes.map(|(member, own)| described(member, own, encrypted.as_ref())).collect();
    let arbitrators = arbitrators(members);
    if arbitrators > 0 {
        notes.push(format!(
            "{arbitrators} of the cluster's votes are arbitrators (garbd), whose addresses it does not tell: write them under `arbitrators`"
        ));
    }
    notes.extend(members.iter().filter_map(options_in_the_list));
    notes.extend(members.iter().filter_map(void_options));
    let description = Description {
        cluster: in_effect(&members[0], "wsrep_cluster_name"),
        sst: sst(members, section, &mut notes),
        mysqld,
        provider_options,
        host: host(members, &mut notes),
        encrypted,
        nodes,
        arbitrators,
    };
    let (endpoint, of_proxies) = endpoint::describe(members, proxies);
    notes.extend(of_proxies);
    notes.dedup();
    let text = write::text(&description, ssh) + &endpoint;
    Adopted { text, notes, authority: description.encrypted.and_then(|it| it.authority) }
}

fn described(member: &Member<'_>, own: Own, encrypted: Option<&Encrypted>) -> Described {
    let reached_at = member.reached_at.to_string();
    let address = Some(address(member)).filter(|it| !it.is_empty()).unwrap_or_else(|| reached_at.clone());
    // The address is written without brackets around it.
    let address = address.parse().map_or(address, |address: Address| address.to_string());
    let segment = provider_options(&in_effect(member, "wsrep_provider_options")).remove("gmcast.segment");
    Described {
        certificate: encrypted.and_then(|it| it.own.get(&in_effect(member, "wsrep_node_name")).cloned()),
        name: in_effect(member, "wsrep_node_name"),
        ssh_address: (reached_at != address).then_some(reached_at),
        address,
        segment: segment.filter(|segment| segment != "0"),
        mysqld: own.mysqld,
        provider_options: own.provider,
    }
}

/// The options in the member's files that have no effect, as a note.
fn void_options(member: &Member<'_>) -> Option<String> {
    let (evidence, _) = void_options::in_words(member.facts)?;
    Some(format!("{}: {evidence}", in_effect(member, "wsrep_node_name")))
}

/// The address at which the others reach it.
fn address(member: &Member<'_>) -> String {
    in_effect(member, "wsrep_node_address")
}

fn in_effect(member: &Member<'_>, option: &str) -> String {
    member.facts.in_effect().remove(option).unwrap_or_default()
}

/// A note about provider options behind the addresses: the list that galactl writes has none.
fn options_in_the_list(member: &Member<'_>) -> Option<String> {
    let (_, options) = member.facts.options.get("wsrep_cluster_address")?.split_once('?')?;
    (!options.is_empty()).then(|| {
        format!("`wsrep_cluster_address` ends with provider options ({options}): write them under `provider_options`")
    })
}

/// How many voting members hold no data.
fn arbitrators(members: &[Member<'_>]) -> u64 {
    let live = members.iter().filter_map(|member| member.facts.live());
    // A node that knows the members of an earlier view only is left out.
    live.filter_map(|live| Some(live.cluster_size.saturating_sub(live.data_nodes()?))).max().unwrap_or(0)
}

fn sst(members: &[Member<'_>], section: bool, notes: &mut Vec<String>) -> Sst {
    let first = members[0].facts.in_effect();
    let distribution = Distribution::of(Flavour::Mariadb);
    let named = taken(&first, "wsrep_sst_method").unwrap_or_default();
    let known = [SstMethod::Mariabackup, SstMethod::Rsync];
    let method = known.into_iter().find(|method| distribution.sst_method(*method) == named);
    if method.is_none() {
        notes.push(format!("SST method `{named}` is not one of galactl's: mariabackup takes its place"));
    }
    let method = method.unwrap_or(SstMethod::Mariabackup);
    let auth = first.get("wsrep_sst_auth").or_else(|| members[0].facts.sst_options.get("wsrep_sst_auth"));
    let login = auth.and_then(|auth| auth.split_once(':')).filter(|(_, password)| !password.is_empty());
    let user = login.map(|(user, _)| user).filter(|user| !NOT_FOR_SST.contains(user));
    if method == SstMethod::Mariabackup && user.is_none() {
        notes.push("state transfers log in without an account of their own: galactl makes one, `sst`".into());
    }
    let user = user.filter(|user| method == SstMethod::Mariabackup && *user != "sst");
    Sst { method, user: user.map(str::to_owned), options: sst_options(members, section, notes) }
}

/// The lines of the section `host`: paths and names that are not where galactl looks by default.
fn host(members: &[Member<'_>], notes: &mut Vec<String>) -> Settings {
    let all: Vec<Settings> = members.iter().map(places).collect();
    let mut host = Settings::new();
    for (name, value) in all.iter().flatten() {
        if all.iter().all(|places| places.get(name) == Some(value)) {
            host.insert(name.clone(), value.clone());
        } else {
            notes.push(format!("`host.{name}` differs from node to node, which an inventory cannot say"));
        }
    }
    host.extend(behind(members).map(|file| ("config_file".to_owned(), file)));
    host
}

/// The same for one node.
fn places(member: &Member<'_>) -> Settings {
    let Member { facts, surroundings, .. } = member;
    let provider = facts.providers.first().map_or("", String::as_str);
    let unit = Distribution::of(Flavour::Mariadb).unit;
    let places = [
        ("service", surroundings.unit.clone().unwrap_or_else(|| unit.to_owned()), unit),
        ("datadir", facts.datadir.path.clone(), "/var/lib/mysql"),
        ("socket", facts.socket.clone(), "/run/mysqld/mysqld.sock"),
        ("provider", in_effect(member, "wsrep_provider"), provider),
    ];
    let elsewhere = places.into_iter().filter(|(_, there, usual)| there != usual);
    elsewhere.map(|(name, there, _)| (name.to_owned(), there)).collect()
}

/// A path for galactl's file that sorts after the members' own option files, where the usual
/// one does not.
fn behind(members: &[Member<'_>]) -> Option<String> {
    let own = |member: &Member<'_>| {
        let packaged = &member.surroundings.packaged;
        let mut later = member.facts.later_options.iter();
        later.any(|option| !packaged.contains(&(option.name.clone(), option.value.clone())))
    };
    let (folder, _) = Distribution::of(Flavour::Mariadb).config_file.rsplit_once('/')?;
    members.iter().any(own).then(|| format!("{folder}/zz-galactl.cnf"))
}
