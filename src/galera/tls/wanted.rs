//! The files that a member is to have.

use super::ROLE;
use super::facts::TlsFacts;
use super::inventory::{Clients, Tls};
use super::origin::{Origin, first_line};
use super::settings::{ARBITRATOR, NODE, Paths};
use crate::galera::garbd::judge::anothers;
use crate::galera::inventory::Inventory;
use crate::galera::judge::Basis;
use crate::galera::proxy::{Kind, Proxy};
use crate::kernel::certificates::{Certificate, San, moment};
use crate::kernel::facts::ConfigFile;
use crate::kernel::inventory::{Entry, Placement};
use crate::kernel::model::words::names;
use crate::kernel::model::{HostName, NodeName, SecretName};
use crate::kernel::plan::{PutFile, diff};

/// A member with certificates, and what was seen of them.
#[derive(Clone, Copy)]
pub struct Holder<'a> {
    pub name: &'a NodeName,
    pub host: &'a HostName,
    pub facts: &'a TlsFacts,
    pub paths: Paths,
    entry: &'a dyn Entry,
}

/// The data nodes and arbitrators whose hosts were seen; but for those whose hosts are another cluster's.
pub fn holders<'a>(basis: &Basis<'a>) -> impl Iterator<Item = Holder<'a>> + use<'a> {
    let others: Vec<_> = anothers(basis).into_iter().filter_map(|it| it.node).collect();
    looked_at(basis).filter(move |holder| !others.contains(holder.name))
}

/// All whose hosts were seen.
pub fn looked_at<'a>(basis: &Basis<'a>) -> impl Iterator<Item = Holder<'a>> + use<'a> {
    let observation = basis.observation;
    members(basis.inventory).filter_map(move |(entry, paths)| {
        let facts = observation.certificates_of(entry.name())?;
        Some(Holder { name: entry.name(), host: entry.host(), facts, paths, entry })
    })
}

/// Everybody who has a certificate, with the places of the files.
pub fn members(inventory: &Inventory) -> impl Iterator<Item = (&dyn Entry, Paths)> {
    let tls = inventory.tls.as_ref();
    let nodes = inventory.start_order().filter(move |_| tls.is_some()).map(|it| (it as &dyn Entry, NODE));
    let arbitrators = inventory.arbitrators().iter().filter(move |_| tls.is_some_and(|tls| tls.replication));
    nodes.chain(arbitrators.map(|it| (it as &dyn Entry, ARBITRATOR)))
}

/// Where the value of a member's certificate and key is found when its file is written.
pub fn secret(member: &NodeName) -> SecretName {
    SecretName::of(format!("tls-pair-{member}"))
}

/// The names and addresses that a certificate is valid for that galactl issues: the member's own, and of a data node also
/// those at which clients find it through proxies, which hand their connections on as they are.
pub fn sans(inventory: &Inventory, member: &dyn Entry) -> Vec<San> {
    let mut sans = own_sans(member);
    sans.extend(sans_of(inventory, member, |_| true));
    sans.dedup();
    sans
}

/// The names and addresses that every certificate of a member must be valid for. A node may have a name that no DNS has.
pub fn own_sans(member: &dyn Entry) -> Vec<San> {
    let sans = [San::from(member.name()), San::from(member.address())];
    sans.into_iter().filter(San::is_valid).collect()
}

/// Those at which clients see the certificate of a data node, beside its own. `ProxySQL` shows them another one.
pub fn sans_of_proxies(inventory: &Inventory, member: &dyn Entry) -> Vec<San> {
    match inventory.tls.as_ref().is_some_and(|tls| tls.clients != Clients::Off) {
        true => sans_of(inventory, member, |it| it.kind != Kind::Proxysql),
        false => Vec::new(),
    }
}

/// Names and addresses of these proxies, and the address that they share; none where the member is no data node.
fn sans_of(inventory: &Inventory, member: &dyn Entry, which: impl Fn(&Proxy) -> bool) -> Vec<San> {
    let proxies: Vec<_> = inventory.proxies().iter().filter(|it| which(it)).collect();
    if proxies.is_empty() || inventory.node(member.name()).is_none() {
        return Vec::new();
    }
    let own = proxies.iter().flat_map(|it| [San::from(&it.name), San::from(&it.address)]);
    let shared = inventory.shared_address().map(|shared| San::Ip(shared.address));
    own.chain(shared).filter(San::is_valid).collect()
}

/// A member in this role.
pub fn placed(member: &dyn Entry) -> Placement {
    Placement { member: member.name().clone(), host: member.host().clone(), role: ROLE }
}

impl Holder<'_> {
    /// The member in this role.
    pub fn placement(&self) -> Placement {
        placed(self.entry)
    }

    /// See [`sans`].
    pub fn sans(&self, inventory: &Inventory) -> Vec<San> {
        sans(inventory, self.entry)
    }

    /// The file of certificates that it trusts. `stage`: which version of it, where there are several.
    pub fn ca_file(&self, text: &str, stage: Option<&str>) -> PutFile {
        let there = self.facts.ca.as_ref();
        PutFile {
            artefact: "ca".into(),
            stage: stage.map(str::to_owned),
            diff: diff(
                self.host,
                self.paths.ca,
                there.map(in_words).as_deref(),
                &certificates_in_words(text),
            ),
            ..PutFile::of_root(self.host, self.paths.ca, text.to_owned(), there)
        }
    }

    /// The file of its certificate and key. What stands between the certificates is a comment to every library.
    pub fn pair_file(&self, inventory: &Inventory, tls: &Tls) -> PutFile {
        let there = self.facts.pair.as_ref();
        let (origin, sans) = match tls.own.get(self.name) {
            // What else it is valid for, its issuer decides.
            Some(files) => (Origin::Elsewhere(files.certificate.clone()), own_sans(self.entry)),
            None => {
                let origin = Origin::Issued { ca: tls.ca.certificate.clone(), days: tls.valid_days };
                (origin, self.sans(inventory))
            }
        };
        let text = format!(
            "{}\n# For {}\n{}\n",
            first_line(self.name.as_str(), &origin),
            names(&sans, "and"),
            secret(self.name).placeholder()
        );
        let (owner, group, mode) = self.access();
        PutFile {
            artefact: "certificate".into(),
            owner,
            group,
            mode,
            diff: diff(self.host, self.paths.pair, there.map(in_words).as_deref(), &text),
            ..PutFile::of_root(self.host, self.paths.pair, text, there)
        }
    }

    /// Owner, group and mode of the file with the key: the program that uses it may read it, and nobody else.
    pub fn access(&self) -> (String, String, String) {
        let words = match self.paths == NODE {
            true => ["root", "mysql", "640"],
            false => [self.garbd_user(), "root", "400"],
        };
        words.map(str::to_owned).into()
    }

    /// Debian 13 gives garbd a user of its own; before, it runs as nobody. Where the package is to come, its unit does
    /// not tell yet.
    fn garbd_user(&self) -> &str {
        let version = self.facts.machine.os.split(' ').nth(1).and_then(|version| version.parse::<f32>().ok());
        match self.facts.user.as_str() {
            "" if version.is_some_and(|version| version < 13.0) => "nobody",
            "" => "_galera",
            told => told,
        }
    }
}

/// A file of certificates as a diff shows it.
fn in_words(file: &ConfigFile) -> String {
    certificates_in_words(&file.text)
}

fn certificates_in_words(text: &str) -> String {
    match Certificate::all_in(text) {
        Ok(all) => all.iter().fold(String::new(), |text, it| text + &one_in_words(it) + "\n"),
        Err(why) => format!("{why}\n"),
    }
}

/// A certificate in a line.
pub fn one_in_words(it: &Certificate) -> String {
    format!(
        "{}, issued by {}, valid until {}, SHA-256 {}",
        it.subject,
        it.issuer,
        moment(it.not_after),
        it.sha256
    )
}
