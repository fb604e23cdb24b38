//! Members that encrypt with files of somebody else, and are given galactl's. While one has restarted with these and
//! another one has not, each must trust what the other shows.

use std::collections::BTreeMap;

use super::facts::Elsewhere;
use super::inventory::Tls;
use super::judge::{authorities, digests, now};
use super::wanted::{Holder, holders};
use crate::galera::facts::Spoken;
use crate::galera::judge::{Basis, codes};
use crate::kernel::certificates::{Certificate, leads_to};
use crate::kernel::judge::{Finding, Remedy, login, shell_word};

/// Whom members are to trust: the inventory's authorities, and as long as a member shows another certificate, those that
/// have issued it. `None`: the inventory's authorities are not here.
pub fn trusted(basis: &Basis<'_>, tls: &Tls) -> Option<String> {
    let wanted = tls.material.ca.as_deref()?;
    let known = digests(wanted);
    let mut others: BTreeMap<String, Certificate> = BTreeMap::new();
    for (holder, there) in elsewhere(basis, tls) {
        let issuers = issuers(there, now(&holder)).into_iter();
        others.extend(issuers.filter(|it| !known.contains(&it.sha256)).map(|it| (it.sha256.clone(), it)));
    }
    Some(others.values().fold(wanted.to_owned(), |all, it| all.trim_end().to_owned() + "\n" + &it.pem()))
}

/// Those of its authorities from which it has its certificate; all of them, where it takes several.
fn issuers(there: &Elsewhere, now: i64) -> Vec<Certificate> {
    let (chain, all) = (authorities(Some(&there.pair)), authorities(Some(&there.ca)));
    let alone = |it: &&Certificate| leads_to(&chain, std::slice::from_ref(*it), now);
    let issuers: Vec<_> = all.iter().filter(alone).cloned().collect();
    if issuers.is_empty() { all } else { issuers }
}

/// Members that would turn away those who have restarted with the inventory's certificates. Their own files are
/// somebody else's, and galactl does not write there.
pub fn refusals(basis: &Basis<'_>) -> Vec<Finding> {
    let Some(tls) = &basis.inventory.tls else { return Vec::new() };
    let wanted = authorities(tls.material.ca.as_deref());
    let refusal = |(holder, there): (Holder<'_>, &Elsewhere)| {
        let trusts = authorities(Some(&there.ca));
        let foreign: Vec<_> = wanted.iter().filter(|it| !is_trusted(it, &wanted, &trusts, &holder)).collect();
        let (first, ca) = (foreign.first()?, shell_word(&there.ca_file));
        let evidence = format!(
            "it speaks TLS with files of somebody else, and trusts {} alone ({}): it would turn away the nodes that have restarted with certificates of `{}`",
            in_words(&trusts),
            there.ca_file,
            first.subject
        );
        let ssh = &basis.inventory.node(holder.name)?.ssh;
        // Its file may end within a line.
        let next = Remedy::from("let it trust both: { echo; cat ")
            .and(Remedy::Path(tls.ca.certificate.clone()))
            .and("; } | ")
            .and(login(&basis.inventory.ssh, ssh))
            .and(format!(" sudo tee -a {ca} >/dev/null; then "))
            .and(Remedy::galactl("apply-config", &[]));
        Some(Finding::new(codes::CERTIFICATE, evidence, next).on(holder.name))
    };
    elsewhere(basis, tls).filter_map(refusal).collect()
}

/// It runs with files of somebody else.
pub fn is_theirs(basis: &Basis<'_>, tls: &Tls, holder: &Holder<'_>) -> bool {
    elsewhere(basis, tls).any(|(it, _)| it.name == holder.name)
}

/// Whom members trust after this, beside those of the inventory.
pub fn consequence(basis: &Basis<'_>) -> Option<String> {
    let tls = basis.inventory.tls.as_ref()?;
    let known = digests(tls.material.ca.as_deref()?);
    let all = authorities(trusted(basis, tls).as_deref());
    let others = all.iter().filter(|it| !known.contains(&it.sha256));
    let others: Vec<_> = others.map(|it| format!("`{}`", it.subject)).collect();
    (!others.is_empty()).then(|| {
        format!(
            "nodes that encrypt with files of somebody else get galactl's; all trust {} as well until galactl apply-config runs once more",
            others.join(" and ")
        )
    })
}

/// Who they are; of the many that a distribution trusts, how many.
fn in_words(all: &[Certificate]) -> String {
    const MANY: usize = 4;
    let subjects: Vec<_> = all.iter().map(|it| format!("`{}`", it.subject)).collect();
    if all.len() < MANY { subjects.join(" and ") } else { format!("{} authorities", all.len()) }
}

/// It is among these, or was issued by one of them.
fn is_trusted(it: &Certificate, all: &[Certificate], trusted: &[Certificate], holder: &Holder<'_>) -> bool {
    let chain: Vec<_> = std::iter::once(it).chain(all.iter().filter(|other| *other != it)).cloned().collect();
    trusted.contains(it) || leads_to(&chain, trusted, now(holder))
}

/// The data nodes that speak TLS so.
fn elsewhere<'a>(
    basis: &Basis<'a>,
    tls: &Tls,
) -> impl Iterator<Item = (Holder<'a>, &'a Elsewhere)> + use<'a> {
    let (observation, replication) = (basis.observation, tls.replication);
    holders(basis).filter(move |_| replication).filter_map(move |holder| {
        let there = holder.facts.elsewhere.as_ref()?;
        let live = observation.facts(holder.name)?.live()?;
        (live.spoken != Some(Spoken::Clear)).then_some((holder, there))
    })
}
