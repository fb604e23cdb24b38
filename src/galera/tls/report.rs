//! What every member has on its disk and serves, beside what the inventory means. Pure: facts in, report out.

use serde::Serialize;

use super::inventory::{Clients, Tls};
use super::judge::{self, authorities, is_used, lack, now};
use super::own;
use super::served::{self, Place, on_disk};
use super::wanted::{Holder, looked_at, members};
use crate::galera::facts::Spoken;
use crate::galera::judge::{Basis, guards};
use crate::kernel::certificates::{Certificate, leads_to, moment};
use crate::kernel::facts::Seen;
use crate::kernel::inventory::Entry;
use crate::kernel::judge::{Finding, Health, Invocation};
use crate::kernel::model::NodeName;

/// The certificates of a cluster.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    pub cluster: String,
    pub health: Health,
    /// What the inventory encrypts.
    pub replication: bool,
    pub transfer: bool,
    pub clients: Clients,
    /// Where the inventory has its authorities, and who they are; none: the file is not here, or cannot be read.
    pub ca_file: String,
    pub authorities: Vec<Shown>,
    /// In start order; arbitrators after the data nodes.
    pub members: Vec<Member>,
    /// Worst first.
    pub findings: Vec<Finding>,
}

/// A member's certificates.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Member {
    pub node: NodeName,
    pub address: String,
    /// Why its host was not seen.
    pub unseen: Option<String>,
    /// How it speaks with the others; absent where it does not run, or gives no answer.
    pub spoken: Option<Spoken>,
    /// openssl is there, so that its ports could be asked.
    pub asked: bool,
    /// Its program was started, and told to load its files, before these were written.
    pub stale: bool,
    /// The file with its certificate and key, and the certificate in it.
    pub file: String,
    pub on_disk: Option<Shown>,
    /// The certificate on its disk is the one that the inventory means: its own, or one of the inventory's authority.
    pub disk_of_inventory: bool,
    pub served: Vec<Served>,
}

/// What is served at a port.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Served {
    pub port: u16,
    /// `group communication` or `clients`.
    pub service: &'static str,
    /// Absent: nothing there speaks TLS, or nothing runs there, or nobody could ask.
    pub certificate: Option<Shown>,
    /// It is the one on the member's disk.
    pub is_on_disk: bool,
    /// It is the one that the inventory means.
    pub of_inventory: bool,
}

/// A certificate for people and programs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Shown {
    pub subject: String,
    pub issuer: String,
    /// DNS names and addresses.
    pub names: Vec<String>,
    /// Whole days until it expires, by the clock of the host that has it; negative: it has expired.
    pub days_left: i64,
    /// Seconds since 1970, and the same for people.
    pub expires: i64,
    pub valid_until: String,
    /// As `AA:BB:…`.
    pub sha256: String,
}

impl Shown {
    fn of(certificate: &Certificate, now: i64) -> Self {
        Self {
            subject: certificate.subject.clone(),
            issuer: certificate.issuer.clone(),
            names: certificate.sans.iter().map(ToString::to_string).collect(),
            days_left: certificate.days_left(now),
            expires: certificate.not_after,
            valid_until: moment(certificate.not_after),
            sha256: certificate.sha256.clone(),
        }
    }
}

/// The report; `None`: the inventory has no section `tls`.
pub fn report(basis: &Basis<'_>) -> Option<Report> {
    let tls = basis.inventory.tls.as_ref()?;
    let mut findings = unseen(basis);
    findings.extend(judge::findings(basis));
    findings.extend(judge::foreseen(basis));
    findings.extend(own::foreseen(basis));
    findings.extend(served::findings(basis));
    findings.extend(served::without_openssl(basis));
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    let order = members(basis.inventory);
    Some(Report {
        cluster: basis.inventory.cluster.to_string(),
        health: Health::of(&findings),
        replication: tls.replication,
        transfer: tls.transfer,
        clients: tls.clients,
        ca_file: tls.ca.certificate.clone(),
        authorities: authorities(tls.material.ca.as_deref())
            .iter()
            .map(|it| Shown::of(it, tls.material.read_at))
            .collect(),
        members: order.map(|(entry, paths)| member(basis, tls, entry, paths.pair)).collect(),
        findings,
    })
}

fn member(basis: &Basis<'_>, tls: &Tls, entry: &dyn Entry, file: &str) -> Member {
    let there = Member {
        node: entry.name().clone(),
        address: entry.address().to_string(),
        unseen: None,
        spoken: None,
        asked: false,
        stale: false,
        file: file.to_owned(),
        on_disk: None,
        disk_of_inventory: false,
        served: Vec::new(),
    };
    let Some(holder) = looked_at(basis).find(|holder| holder.name == entry.name()) else {
        let why = why_unseen(basis, entry.name()).unwrap_or_else(|| guards::NOT_LOOKED_AT.to_owned());
        return Member { unseen: Some(why), ..there };
    };
    let own = on_disk(holder.facts);
    let foreign = lack(basis.inventory, tls, &holder).is_some_and(|lack| lack.is_anothers());
    Member {
        spoken: served::spoken(basis, &holder),
        asked: holder.facts.openssl,
        stale: holder.facts.stale && is_used(basis, &holder),
        disk_of_inventory: own.is_some() && !foreign,
        served: served::places(basis, &holder)
            .iter()
            .map(|place| served_at(tls, &holder, own.as_ref(), place))
            .collect(),
        on_disk: own.map(|it| Shown::of(&it, now(&holder))),
        ..there
    }
}

fn served_at(tls: &Tls, holder: &Holder<'_>, own: Option<&Certificate>, place: &Place) -> Served {
    let first = place.chain.first();
    Served {
        port: place.port,
        service: place.service.as_str(),
        certificate: first.map(|it| Shown::of(it, now(holder))),
        is_on_disk: first.is_some() && first == own,
        of_inventory: is_meant(tls, holder, &place.chain),
    }
}

/// A member that brings a certificate along is to have that one; any other, one of the inventory's authority.
fn is_meant(tls: &Tls, holder: &Holder<'_>, chain: &[Certificate]) -> bool {
    let Some(first) = chain.first() else { return false };
    match tls.material.own.get(holder.name) {
        Some(wanted) => authorities(Some(wanted)).first() == Some(first),
        None => leads_to(chain, &authorities(tls.material.ca.as_deref()), now(holder)),
    }
}

fn why_unseen(basis: &Basis<'_>, name: &NodeName) -> Option<String> {
    match basis.observation.certificates.get(name)? {
        Seen::Unreachable(why) => Some(why.to_string()),
        Seen::Facts(_) => None,
    }
}

fn unseen(basis: &Basis<'_>) -> Vec<Finding> {
    let of_member = |(entry, _): (&dyn Entry, _)| {
        let why = match basis.observation.certificates.get(entry.name())? {
            Seen::Unreachable(why) => why,
            Seen::Facts(_) => return None,
        };
        let mut finding = guards::not_seen(basis.inventory, why, entry.ssh()).on(entry.name());
        finding.evidence = format!("not seen: {}", finding.evidence);
        Some(finding)
    };
    members(basis.inventory).filter_map(of_member).collect()
}

impl Report {
    /// With remedies in the words of this invocation.
    pub fn settled(mut self, invocation: &Invocation) -> Self {
        self.findings = self.findings.into_iter().map(|finding| finding.settled(invocation)).collect();
        self
    }
}
