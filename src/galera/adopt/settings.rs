//! The options that a member's own files set.

use super::{Member, in_effect};
use crate::galera::config::{EVERYWHERE_ON_IPV4, provider_options, same_effect, taken, usual};
use crate::galera::inventory::DEFAULT_GCACHE;
use crate::galera::inventory::options::{
    Fate, check_provider_option, check_server_option, check_sst_option, fate, is_managed,
};
use crate::galera::model::{Distribution, Flavour};
use crate::kernel::inventory::Settings;

/// Paths that the packages set: they belong to the host, not to the cluster.
const LAYOUT: [&str; 3] = ["pid_file", "basedir", "lc_messages_dir"];

/// The options that one member's files set.
pub struct Own {
    pub mysqld: Settings,
    pub provider: Settings,
}

pub fn own(member: &Member<'_>, ipv6: bool, notes: &mut Vec<String>) -> Own {
    let name = in_effect(member, "wsrep_node_name");
    let mut left_out = |option: &str, why: &str| {
        notes.push(format!("{name}: left out is `{option}`: {why}"));
    };
    Own { mysqld: server(member, ipv6, &mut left_out), provider: provider(member, ipv6, &mut left_out) }
}

fn server(member: &Member<'_>, ipv6: bool, left_out: &mut impl FnMut(&str, &str)) -> Settings {
    let Member { facts, surroundings, .. } = member;
    let mut settings = Settings::new();
    for (name, value) in &facts.options {
        let everywhere = surroundings.packaged.contains(&(name.clone(), value.clone()));
        let without_effect = fate(name, facts.version()) == Fate::Fatal;
        if everywhere || without_effect || is_managed(name) || LAYOUT.contains(&name.as_str()) {
            continue;
        }
        let written = if facts.loose.contains(name) { format!("loose_{name}") } else { name.clone() };
        match check_server_option(name, value) {
            Ok(()) => drop(settings.insert(written, value.clone())),
            Err(wrong) => left_out(name, &wrong.message),
        }
    }
    for (name, galactls) in usual(Distribution::of(Flavour::Mariadb), ipv6) {
        match taken(&facts.options, &name) {
            Some(there) if !same_effect(&name, there, &galactls) => {
                settings.insert(name, there.to_owned());
            }
            _ => drop(settings.remove(&name)),
        }
    }
    settings
}

fn provider(member: &Member<'_>, ipv6: bool, left_out: &mut impl FnMut(&str, &str)) -> Settings {
    let mut settings = provider_options(&in_effect(member, "wsrep_provider_options"));
    settings.remove("gmcast.segment");
    settings.retain(|name, value| match check_provider_option(name, value) {
        Ok(()) => match name.as_str() {
            "gcache.size" => !same_effect("", value, DEFAULT_GCACHE),
            // In a cluster with IPv6 addresses galactl's default is another one, so this value is written down.
            name if (name, value.as_str()) == EVERYWHERE_ON_IPV4 => ipv6,
            _ => true,
        },
        Err(wrong) => {
            left_out(name, &wrong.message);
            false
        }
    });
    settings
}

/// The options of the SST scripts that are the same on all members.
pub fn sst_options(members: &[Member<'_>], notes: &mut Vec<String>) -> Settings {
    let mut settings = Settings::new();
    for (name, value) in members[0].facts.sst_options.iter().filter(|(name, _)| *name != "wsrep_sst_auth") {
        let alike = members.iter().all(|member| member.facts.sst_options.get(name) == Some(value));
        match check_sst_option(name, value) {
            Ok(()) if alike => drop(settings.insert(name.clone(), value.clone())),
            Ok(()) => notes.push(format!("left out is `{name}` of [sst]: it differs from node to node")),
            Err(wrong) => notes.push(format!("left out is `{name}` of [sst]: {}", wrong.message)),
        }
    }
    settings
}

/// Removes the options that are the same on all members from each of them, and returns these options.
pub fn common(all: &mut [Own], part: impl Fn(&mut Own) -> &mut Settings) -> Settings {
    let mut common = part(&mut all[0]).clone();
    for own in &mut *all {
        let own = part(own);
        common.retain(|name, value| own.get(name).is_some_and(|other| same_effect(name, other, value)));
    }
    for own in all {
        part(own).retain(|name, _| !common.contains_key(name));
    }
    common
}
