//! What the members' own files encrypt → the section `tls`, where they use galactl's certificates for it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use super::{Member, in_effect};
use crate::galera::config::{encrypts, provider_options, same_effect};
use crate::galera::model::{Distribution, Flavour, SstMethod};
use crate::galera::tls::inventory::{Material, OWN_CA};
use crate::galera::tls::origin::Origin;
use crate::galera::tls::settings::{self, NODE};
use crate::galera::tls::{Ca, Clients, Tls};
use crate::kernel::certificates::Certificate;
use crate::kernel::inventory::Settings;
use crate::kernel::inventory::writing::word;
use crate::kernel::model::SecretRef;

/// What the inventory says of encryption.
pub struct Encrypted {
    /// The text of the section.
    pub section: String,
    /// The files of certificates that members bring along, by their names.
    pub own: BTreeMap<String, String>,
    pub authority: Option<Authority>,
}

/// Whom the members trust.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authority {
    /// The file beside the inventory that is to have its certificates.
    pub file: String,
    pub pem: String,
    /// The file that its key is looked for in; `None`: all members bring their certificates along.
    pub key: Option<String>,
}

/// The options of TLS that one member's files set.
struct Options {
    provider: Settings,
    server: Settings,
    sst: Settings,
}

/// The section; `None`: nothing is encrypted, or in a way that options alone can say.
pub fn read(members: &[Member<'_>], notes: &mut Vec<String>) -> Option<Encrypted> {
    let all: Vec<_> = members.iter().map(options).collect();
    let Some(tls) = used(&all, members) else {
        if all.iter().any(Options::encrypt) {
            notes.push("TLS is set up with files that are not galactl's. Its options are written down, and stay as they are: galactl does not look at these certificates, nor renew them. With a section `tls`, it gives the nodes others (docs/how-to/adopt.md)".into());
        }
        return None;
    };
    if let Some(other) = all.iter().zip(members).find_map(|(options, member)| unsaid(options, &tls, member)) {
        notes.push(format!(
            "the nodes use galactl's certificates, and {other}, which the section `tls` cannot say. So options are written down in its place, and galactl renews no certificate: take that option out, and run this again"
        ));
        return None;
    }
    notes.extend(both_ways(&all, members, &tls));
    Some(described(members, &tls, notes))
}

fn options(member: &Member<'_>) -> Options {
    let of = |settings: Settings, known: fn(&str) -> bool| -> Settings {
        settings.into_iter().filter(|(name, _)| known(name)).collect()
    };
    let own = member.facts.options.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    let sst = member.facts.sst_options.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    Options {
        provider: of(
            provider_options(&in_effect(member, "wsrep_provider_options")),
            settings::is_provider_option,
        ),
        server: of(own, settings::is_server_option),
        sst: of(sst, settings::is_sst_option),
    }
}

impl Options {
    /// Certificates are named for something.
    fn encrypt(&self) -> bool {
        let certificate = |settings: &Settings| {
            settings.keys().any(|name| name.ends_with("cert") || name.ends_with("key") || name == "encrypt")
        };
        [&self.provider, &self.server, &self.sst].into_iter().any(certificate)
    }
}

/// The section that sets these options; `None`: galactl's certificates are used for nothing.
fn used(all: &[Options], members: &[Member<'_>]) -> Option<Tls> {
    let is_ours =
        |settings: &Settings, name: &str| settings.get(name).is_some_and(|value| value == NODE.pair);
    let required = |it: &Options| {
        it.server.get("require_secure_transport").is_some_and(|value| same_effect("", value, "ON"))
    };
    let clients = match all.iter().any(|it| is_ours(&it.server, "ssl_cert")) {
        false => Clients::Off,
        true if all.iter().all(required) => Clients::Required,
        true => Clients::Offered,
    };
    let replication = all.iter().any(|it| is_ours(&it.provider, "socket.ssl_cert"));
    let transfer = all.iter().any(|it| is_ours(&it.sst, "tcert"));
    let origins: Vec<_> = members.iter().filter_map(origin).collect();
    let issued = origins.iter().find_map(|it| match it {
        Origin::Issued { ca, days } => Some((ca.clone(), *days)),
        Origin::Elsewhere(_) => None,
    });
    // All bring their certificates along.
    let elsewhere = origins.len() == members.len() && issued.is_none();
    let (ca, days) = issued.unwrap_or_else(|| (if elsewhere { "ca.pem" } else { OWN_CA.0 }.into(), 0));
    let certificate = ca.rsplit('/').next().unwrap_or(&ca).to_owned();
    let key = (!elsewhere).then(|| SecretRef::File(key_of(&certificate)));
    let ca = Ca { generate: certificate == OWN_CA.0, certificate, key };
    let tls = Tls {
        ca,
        replication,
        transfer,
        clients,
        valid_days: days,
        renew_before_days: 0,
        own: BTreeMap::new(),
        material: Material::default(),
    };
    (replication || transfer || clients != Clients::Off).then_some(tls)
}

/// Where its certificate is from.
fn origin(member: &Member<'_>) -> Option<Origin> {
    Origin::read(&member.surroundings.certificate)
}

/// An option that the section does not set so. Whether a node takes clear text as well, and whether clients must encrypt
/// what they send, may differ from node to node while that is changed.
fn unsaid(options: &Options, tls: &Tls, member: &Member<'_>) -> Option<String> {
    let mut wanted = Options { provider: Settings::new(), server: Settings::new(), sst: Settings::new() };
    settings::provider(tls, NODE, &mut wanted.provider);
    settings::server(tls, &mut wanted.server);
    let rsync = Distribution::of(Flavour::Mariadb).sst_method(SstMethod::Rsync);
    let method = match in_effect(member, "wsrep_sst_method") == rsync {
        true => SstMethod::Rsync,
        false => SstMethod::Mariabackup,
    };
    settings::sst(tls, method, &mut wanted.sst);
    let may_differ = ["socket.dynamic", "socket.ssl", "require_secure_transport"];
    let pairs = [
        (&options.provider, &wanted.provider),
        (&options.server, &wanted.server),
        (&options.sst, &wanted.sst),
    ];
    let other = |(there, wanted): (&Settings, &Settings)| {
        let mut others = there.iter().filter(|(name, value)| {
            let as_wanted = wanted.get(*name).is_some_and(|wanted| same_effect(name, value, wanted));
            !as_wanted && !may_differ.contains(&name.as_str())
        });
        let (name, value) = others.next()?;
        Some(format!("{} has `{name} = {value}`", in_effect(member, "wsrep_node_name")))
    };
    pairs.into_iter().find_map(other)
}

/// A note where encryption between the nodes is only half on.
fn both_ways(all: &[Options], members: &[Member<'_>], tls: &Tls) -> Option<String> {
    let half = |it: &Options| !encrypts(&it.provider) || it.provider.contains_key("socket.dynamic");
    let (_, member) = all.iter().zip(members).find(|(it, _)| tls.replication && half(it))?;
    Some(format!(
        "{} takes clear text from other nodes, and others speak TLS: this inventory switches TLS on; `replication: false` in it switches it off",
        in_effect(member, "wsrep_node_name")
    ))
}

fn described(members: &[Member<'_>], tls: &Tls, notes: &mut Vec<String>) -> Encrypted {
    let mut own = BTreeMap::new();
    for member in members {
        let Some(Origin::Elsewhere(file)) = origin(member) else { continue };
        let name = in_effect(member, "wsrep_node_name");
        notes.push(format!(
            "{name} has its certificate from elsewhere: bring {file} and {} here before it ends, or before {name} joins anew",
            key_of(&file)
        ));
        own.insert(name, file);
    }
    let trusted: Vec<_> = members.iter().filter_map(|it| it.surroundings.trusted.as_deref()).collect();
    let digests = |text: &&str| -> BTreeSet<String> {
        let all = Certificate::all_in(text).unwrap_or_default();
        all.into_iter().map(|it| it.sha256).collect()
    };
    if trusted.windows(2).any(|two| digests(&two[0]) != digests(&two[1])) {
        notes.push(format!(
            "the nodes do not all trust the same authorities, so that a change of them was cut off: take {} from where it was begun",
            tls.ca.certificate
        ));
    }
    let key = match &tls.ca.key {
        Some(SecretRef::File(file)) => Some(file.clone()),
        _ => None,
    };
    let authority = trusted.first().map(|pem| Authority {
        file: tls.ca.certificate.clone(),
        pem: (*pem).to_owned(),
        key,
    });
    Encrypted { section: section(tls), own, authority }
}

fn section(tls: &Tls) -> String {
    let certificate = word(&tls.ca.certificate);
    let ca = match (&tls.ca.key, tls.ca.generate) {
        (_, true) => "{generate: true}".to_owned(),
        (Some(SecretRef::File(key)), false) => {
            format!("{{certificate: {certificate}, key: {{file: {}}}}}", word(key))
        }
        _ => format!("{{certificate: {certificate}}}"),
    };
    let clients = match tls.clients {
        Clients::Off => "off",
        Clients::Offered => "offered",
        Clients::Required => "required",
    };
    let mut out = format!(
        "# What is encrypted. The authority's key is on no node: without it, nodes go on with the certificates that they have.\ntls:\n  ca: {ca}\n  replication: {}\n  transfer: {}\n  clients: {clients}\n",
        tls.replication, tls.transfer
    );
    if tls.valid_days > 0 {
        let _ = writeln!(out, "  valid_days: {}", tls.valid_days);
    }
    out + "\n"
}

/// What the file of the key is called that belongs to this certificate: `db1.pem` → `db1.key`.
pub fn key_of(certificate: &str) -> String {
    let stem = [".pem", ".crt", ".cert"].into_iter().find_map(|end| certificate.strip_suffix(end));
    format!("{}.key", stem.unwrap_or(certificate))
}
