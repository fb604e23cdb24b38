//! The options that a member's own files set.

use super::{Member, in_effect};
use crate::galera::config::{
    EVERYWHERE_ON_IPV4, provider_options, same_effect, server_options, taken, usual,
};
use crate::galera::inventory::DEFAULT_GCACHE;
use crate::galera::inventory::options::{
    Fate, check_provider_option, check_server_option, check_sst_option, fate, is_managed,
};
use crate::galera::model::{Distribution, Flavour};
use crate::galera::tls::settings as tls;
use crate::kernel::inventory::Settings;

/// Paths that the packages set: they belong to the host, not to the cluster.
const LAYOUT: [&str; 3] = ["pid_file", "basedir", "lc_messages_dir"];

/// The options that one member's files set.
pub struct Own {
    pub mysqld: Settings,
    pub provider: Settings,
}

/// `section`: what the section `tls` sets is left out.
pub fn own(member: &Member<'_>, ipv6: bool, section: bool, notes: &mut Vec<String>) -> Own {
    let name = in_effect(member, "wsrep_node_name");
    let mut left_out = |option: &str, why: &str| {
        notes.push(format!("{name}: left out is `{option}`: {why}"));
    };
    let mut mysqld = server(member, ipv6, &mut left_out);
    let mut provider = provider(member, ipv6, &mut left_out);
    mysqld.retain(|name, _| !(section && tls::is_server_option(name)));
    provider.retain(|name, _| !(section && tls::is_provider_option(name)));
    Own { mysqld, provider }
}

fn server(member: &Member<'_>, ipv6: bool, left_out: &mut impl FnMut(&str, &str)) -> Settings {
    let Member { facts, surroundings, .. } = member;
    let mut settings = Settings::new();
    // Where galactl has written its file already, the rest was no part of an inventory then.
    let galactls = facts.config.as_ref().map(|file| server_options(&file.text));
    let beside = |name: &str| {
        let has = |own: &Settings| own.contains_key(name) || own.contains_key(&format!("loose_{name}"));
        galactls.as_ref().is_some_and(|own| !has(own))
    };
    for (name, value) in &facts.options {
        let everywhere = surroundings.packaged.contains(&(name.clone(), value.clone()));
        let without_effect = fate(name, facts.version()) == Fate::Fatal;
        if everywhere || without_effect || is_managed(name) || LAYOUT.contains(&name.as_str()) {
            continue;
        }
        if beside(name) {
            left_out(name, "a file beside galactl's own sets it, and stays as it is");
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

/// The options of the SST scripts that are the same on all members. `section`: as in [`own`].
pub fn sst_options(members: &[Member<'_>], section: bool, notes: &mut Vec<String>) -> Settings {
    let mut settings = Settings::new();
    let others = |name: &str| name == "wsrep_sst_auth" || section && tls::is_sst_option(name);
    for (name, value) in members[0].facts.sst_options.iter().filter(|(name, _)| !others(name)) {
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
