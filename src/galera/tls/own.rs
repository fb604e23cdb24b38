//! Certificates that members bring along: what stands against giving them to their hosts.

use super::inventory::Tls;
use super::judge::{authorities, now};
use super::wanted::{Holder, holders};
use crate::galera::judge::{Basis, codes};
use crate::galera::model::SstMethod;
use crate::kernel::certificates::{Certificate, San, leads_to};
use crate::kernel::judge::{Finding, Remedy};

/// The scripts of this series and before read a common name wrongly, and compare it (seen with 10.5; those of 10.11 and 11.8
/// do neither, as they are written).
const COMPARES_NAMES: (u16, u16) = (10, 5);

/// Why those of the members cannot have theirs. `needed`: those that are to get one.
pub fn refusals(basis: &Basis<'_>, tls: &Tls, needed: &[Holder<'_>]) -> Vec<Finding> {
    let missing = needed.iter().filter_map(|holder| foreign(tls, holder).or_else(|| missing(tls, holder)));
    let misread = needed.iter().filter_map(|holder| misread(basis, tls, holder));
    missing.chain(misread).collect()
}

fn missing(tls: &Tls, holder: &Holder<'_>) -> Option<Finding> {
    let files = tls.own.get(holder.name)?;
    let why = match tls.material.own.contains_key(holder.name) {
        false => format!("{} is not here or cannot be read", files.certificate),
        true => tls.material.no_key.get(holder.name)?.clone(),
    };
    let evidence = format!("it needs the certificate that it brings along: {why}");
    let next = Remedy::from(format!("bring {} and its key here, as ", files.certificate));
    let next = next.and(Remedy::Inventory).and(format!(" names them at {}", files.place));
    Some(Finding::new(codes::CERTIFICATE, evidence, next).on(holder.name))
}

/// No authority of the inventory has issued what it brings along: members that trust these alone would turn it away.
/// Where its key is here as well, this was said before any host was asked.
fn foreign(tls: &Tls, holder: &Holder<'_>) -> Option<Finding> {
    let files = tls.own.get(holder.name)?;
    let chain = authorities(tls.material.own.get(holder.name).map(String::as_str));
    let trusted = authorities(tls.material.ca.as_deref());
    let issuer = &chain.last()?.issuer;
    if trusted.is_empty() || leads_to(&chain, &trusted, now(holder)) {
        return None;
    }
    let (certificate, ca) = (&files.certificate, &tls.ca.certificate);
    let evidence =
        format!("it brings {certificate} along, which was issued by `{issuer}`, and {ca} does not hold that");
    let next = format!(
        "have one issued by an authority in {ca}, and put it into {certificate} with its key; or put the certificate of `{issuer}` into {ca} as well; then run this again"
    );
    Some(Finding::new(codes::CERTIFICATE, evidence, next).on(holder.name))
}

/// What will stand against the next state transfer.
pub fn foreseen(basis: &Basis<'_>) -> Vec<Finding> {
    let Some(tls) = &basis.inventory.tls else { return Vec::new() };
    holders(basis).filter_map(|holder| misread(basis, tls, &holder)).collect()
}

/// The donor of 10.5's rsync script looks for what it takes for the joiner's common name.
fn misread(basis: &Basis<'_>, tls: &Tls, holder: &Holder<'_>) -> Option<Finding> {
    let files = tls.own.get(holder.name)?;
    let version = basis.observation.facts(holder.name)?.version();
    let compares = tls.transfer
        && basis.inventory.sst.method == SstMethod::Rsync
        && version.is_some_and(|it| it.series() <= COMPARES_NAMES);
    let own = authorities(tls.material.own.get(holder.name).map(String::as_str)).into_iter().next();
    let wrong = own.filter(|_| compares).and_then(|it| wrong_name(&it))?;
    let evidence = format!(
        "rsync's script of MariaDB 10.5 gives it no state transfer with {}: {wrong}",
        files.certificate
    );
    let next = format!(
        "have one issued whose subject is `O=ANY, CN={}`; or set `sst: {{method: mariabackup}}`, or `transfer: false` under `tls`",
        holder.name
    );
    Some(Finding::new(codes::CERTIFICATE, evidence, next).on(holder.name))
}

fn wrong_name(own: &Certificate) -> Option<String> {
    let (before, name) = own.common_name.as_ref()?;
    if *before == 0 {
        return Some("its subject begins with its common name, which the script misreads".into());
    }
    let known = own.answers_to(&San::Dns(name.to_ascii_lowercase()));
    (!known).then(|| format!("its common name, `{name}`, is none of its DNS names"))
}

/// The authority's file with the intermediates of these chains that lead to it. The scripts of older series verify a
/// certificate without what stands behind it in its file (seen with 10.5).
pub fn with_intermediates<'a>(ca: &str, chains: impl Iterator<Item = &'a String>) -> String {
    let roots = authorities(Some(ca));
    let mut known = roots.clone();
    let mut text = ca.to_owned();
    for chain in chains {
        let chain = authorities(Some(chain));
        for (at, it) in chain.iter().enumerate().skip(1).filter(|(_, it)| it.is_ca) {
            if leads_to(&chain[at..], &roots, it.not_before) && !known.contains(it) {
                text = format!("{}\n{}", text.trim_end(), it.pem());
                known.push(it.clone());
            }
        }
    }
    text
}
