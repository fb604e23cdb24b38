//! What is wrong with what members serve: it takes a deep look to see that.

use super::facts::TlsFacts;
use super::inventory::{Clients, Tls};
use super::judge::{authorities, lack, now};
use super::wanted::{Holder, holders};
use crate::galera::facts::Spoken;
use crate::galera::garbd::facts::ArbitratorFacts;
use crate::galera::judge::{Basis, codes};
use crate::galera::model::Service;
use crate::kernel::certificates::{Certificate, moment};
use crate::kernel::judge::{Finding, Remedy, Severity, shell_word};
use crate::kernel::model::NodeName;
use crate::kernel::model::words::names;

/// A port at which a member shows its certificate.
pub struct Place {
    pub port: u16,
    pub service: Service,
    /// What is served there, the member's own certificate first; empty where nothing is, or nobody asked.
    pub chain: Vec<Certificate>,
    /// Something should be served there, as the member runs.
    pub expected: bool,
}

/// Where a member shows its certificate: for group communication, and for clients where the inventory has them speak
/// TLS.
pub fn places(basis: &Basis<'_>, holder: &Holder<'_>) -> Vec<Place> {
    let Some(tls) = &basis.inventory.tls else { return Vec::new() };
    let node = basis.inventory.node(holder.name);
    let group =
        node.map_or(Service::GroupCommunication.usual_port(), |it| it.port(Service::GroupCommunication));
    let group = tls.replication.then(|| Place {
        port: group,
        service: Service::GroupCommunication,
        chain: authorities(holder.facts.served_group.as_deref()),
        expected: spoken(basis, holder) == Some(Spoken::Tls),
    });
    let clients = node.filter(|_| tls.clients != Clients::Off).map(|node| Place {
        port: node.port(Service::Clients),
        service: Service::Clients,
        chain: authorities(holder.facts.served_clients.as_deref()),
        expected: live(basis, holder),
    });
    group.into_iter().chain(clients).collect()
}

/// How the running member speaks with the others; `None`: it does not run, or cannot be asked.
pub fn spoken(basis: &Basis<'_>, holder: &Holder<'_>) -> Option<Spoken> {
    match basis.inventory.node(holder.name) {
        Some(_) => basis.observation.facts(holder.name)?.live().filter(|live| live.wsrep_on)?.spoken,
        None => basis.observation.arbitrator(holder.name).filter(|it| it.runs()).map(ArbitratorFacts::spoken),
    }
}

/// Its server answers.
fn live(basis: &Basis<'_>, holder: &Holder<'_>) -> bool {
    basis.observation.facts(holder.name).is_some_and(|facts| facts.live().is_some())
}

/// The certificate that lies on the member's disk.
pub fn on_disk(facts: &TlsFacts) -> Option<Certificate> {
    authorities(facts.pair.as_ref().map(|it| it.text.as_str())).into_iter().next()
}

/// What is wrong with what is served, where that was asked.
pub fn findings(basis: &Basis<'_>) -> Vec<Finding> {
    let Some(tls) = &basis.inventory.tls else { return Vec::new() };
    let asked = holders(basis).filter(|holder| holder.facts.openssl);
    asked.flat_map(|holder| of_holder(basis, tls, &holder)).collect()
}

fn of_holder(basis: &Basis<'_>, tls: &Tls, holder: &Holder<'_>) -> Vec<Finding> {
    let places = places(basis, holder);
    let silent: Vec<_> = places.iter().filter(|it| it.expected && it.chain.is_empty()).collect();
    let silent = (!silent.is_empty()).then(|| {
        let evidence = format!("what it serves at its {} is not TLS", ports(&silent));
        Finding::new(codes::CERTIFICATE, evidence, Remedy::galactl("apply-config", &[])).on(holder.name)
    });
    silent.into_iter().chain(another(basis, tls, holder, &places)).collect()
}

/// It serves another certificate than the one on its disk.
fn another(basis: &Basis<'_>, tls: &Tls, holder: &Holder<'_>, places: &[Place]) -> Option<Finding> {
    let (own, now) = (on_disk(holder.facts), now(holder));
    let differs = |it: &&Place| it.chain.first().is_some_and(|served| Some(served) != own.as_ref());
    let places: Vec<_> = places.iter().filter(differs).collect();
    let served = places.first()?.chain.first()?;
    let evidence = format!(
        "it serves another certificate at its {} than the one on its disk: that of `{}`, issued by `{}`, valid from {} until {}",
        ports(&places),
        served.subject,
        served.issuer,
        moment(served.not_before),
        moment(served.not_after)
    );
    let load = Remedy::galactl("apply-config", &[]).and(" has it load another");
    // A plan loads what is newer than what runs. Of a file that was put in place with an older date, nobody can tell.
    let next = match holder.facts.stale || lack(basis.inventory, tls, holder).is_some() {
        true => load,
        false => {
            Remedy::on_host(format!("sudo touch {}", shell_word(holder.paths.pair))).and("; then ").and(load)
        }
    };
    let finding = Finding::new(codes::CERTIFICATE, evidence, next).on(holder.name);
    Some(if served.has_expired(now) { finding.severity(Severity::Critical) } else { finding })
}

fn ports(places: &[&Place]) -> String {
    let numbers: Vec<_> = places.iter().map(|it| it.port.to_string()).collect();
    let plural = if numbers.len() == 1 { "" } else { "s" };
    format!("port{plural} {}", names(&numbers, "and"))
}

/// The same of arbitrators: a data node without openssl lacks a program that state transfers need, too.
pub fn arbitrators_without_openssl(basis: &Basis<'_>) -> Vec<Finding> {
    let mut findings = without_openssl(basis);
    let is_arbitrator = |name: &NodeName| basis.inventory.node(name).is_none();
    findings.retain(|finding| finding.node.as_ref().is_some_and(is_arbitrator));
    findings
}

/// Members whose ports nobody can ask.
pub fn without_openssl(basis: &Basis<'_>) -> Vec<Finding> {
    let lacks = |holder: Holder<'_>| {
        let evidence = "openssl is not installed there, so that nobody can ask what its ports serve";
        let next = Remedy::on_host("sudo apt-get install openssl");
        let finding = Finding::new(codes::CERTIFICATE, evidence, next);
        finding.because("a renewal proves with it that the new certificate is served").on(holder.name)
    };
    holders(basis).filter(|holder| !holder.facts.openssl).map(lacks).collect()
}
