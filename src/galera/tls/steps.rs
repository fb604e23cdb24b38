//! The steps of a plan that give members their certificates, and change them while the cluster runs.

use std::collections::{BTreeMap, BTreeSet};

use super::action::TlsAction;
use super::inventory::Tls;
use super::judge::{self, Lack, authorities, digests, is_used, lack};
use super::settings::NODE;
use super::wanted::{Holder, holders};
use super::{own, taking_over, unseen};
use crate::galera::judge::Basis;
use crate::kernel::certificates::{Certificate, leads_to};
use crate::kernel::judge::Finding;
use crate::kernel::model::NodeName;
use crate::kernel::plan::{Action, HostAction, Step};

/// An action that can be one of this role, or one of any host.
pub trait Acts: Action + From<TlsAction> + From<HostAction> {}

impl<A: Action + From<TlsAction> + From<HostAction>> Acts for A {}

/// A stage of a plan: its title and its steps.
pub type Stage<A> = (&'static str, Vec<Step<A>>);

/// The files that a member lacks before its program is started.
pub fn before_start<A: Acts>(basis: &Basis<'_>, member: &NodeName) -> Vec<Step<A>> {
    let (Some(tls), Some(holder)) = (&basis.inventory.tls, of(basis, member)) else { return Vec::new() };
    let mut steps: Vec<_> = trust(basis, tls, &holder).into_iter().collect();
    steps.extend(certificate(basis, tls, &holder));
    steps
}

/// The same for a server that uses such files already, as its option files say. A recovery changes no configuration.
pub fn before_start_again<A: Acts>(basis: &Basis<'_>, member: &NodeName) -> Vec<Step<A>> {
    if !basis.observation.facts(member).is_some_and(judge::uses) {
        return Vec::new();
    }
    let mut steps = before_start(basis, member);
    let waits = can_wait(basis, member);
    steps.retain(|step: &Step<A>| !waits || step.action.file().is_none_or(|file| file.path != NODE.pair));
    steps
}

/// It can start with the certificate that it has. None can be issued in its place, and a recovery is no time to ask for one.
pub fn can_wait(basis: &Basis<'_>, member: &NodeName) -> bool {
    let (Some(tls), Some(holder)) = (&basis.inventory.tls, of(basis, member)) else { return false };
    tls.material.refused.contains_key(member)
        && lack(basis.inventory, tls, &holder).is_some_and(|lack| !lack.locks_out())
}

/// Why those of these members cannot have what they lack.
pub fn refusals(basis: &Basis<'_>, members: impl Fn(&NodeName) -> bool) -> Vec<Finding> {
    let Some(tls) = &basis.inventory.tls else { return Vec::new() };
    let all: Vec<_> = holders(basis).filter(|holder| members(holder.name)).collect();
    let needed: Vec<_> = all.iter().filter(|it| renewable(basis, tls, it).is_some()).copied().collect();
    let mut refusals = judge::refusals(basis, needed.iter());
    refusals.extend(own::refusals(basis, tls, &needed));
    let using = holders(basis).filter(|holder| is_used(basis, holder)).collect();
    let changes = Renewal { basis, tls, running: &[], using }.changes_authority();
    if changes {
        let unseen = unseen::refusals(basis).into_iter();
        refusals.extend(unseen.filter(|it| it.node.as_ref().is_some_and(&members)));
    }
    refusals
}

/// What the members that run and use certificates lack, without a restart of a server. Those that do not use them yet
/// get their files, and nothing else.
pub fn renewal<A: Acts>(basis: &Basis<'_>, running: &[NodeName]) -> Vec<Stage<A>> {
    let Some(tls) = &basis.inventory.tls else { return Vec::new() };
    let (using, others): (Vec<_>, Vec<_>) = holders(basis).partition(|holder| is_used(basis, holder));
    let others = others.iter().filter(|holder| running.contains(holder.name));
    let first = others.flat_map(|holder| {
        let why = "it must trust those that restart with other certificates";
        let reload = || Step::new(&holder.placement(), TlsAction::Reload, why);
        let reload = taking_over::is_theirs(basis, tls, holder).then(reload);
        before_start(basis, holder.name).into_iter().chain(reload)
    });
    let first = first.collect();
    let mut stages = vec![("Certificates", first)];
    stages.extend(Renewal { basis, tls, running, using }.stages());
    stages.retain(|(_, steps)| !steps.is_empty());
    stages
}

/// What the servers lack that run while there is no Primary component: with certificates that lock them out, they would
/// not find each other. Arbitrators restart once there is one again, because it has to count them.
pub fn renewal_outside<A: Acts>(basis: &Basis<'_>) -> Vec<Stage<A>> {
    let Some(tls) = &basis.inventory.tls else { return Vec::new() };
    // Only a server that answers can be told to load its files.
    let answers = |holder: &Holder<'_>| {
        basis.observation.facts(holder.name).is_some_and(|facts| facts.live().is_some())
    };
    let using: Vec<_> = holders(basis).filter(|it| is_used(basis, it) && answers(it)).collect();
    if using.iter().all(|holder| !judge::is_locked_out(basis, holder.name)) {
        return Vec::new();
    }
    let mut stages = Renewal { basis, tls, running: &[], using }.stages();
    stages.retain(|(_, steps)| !steps.is_empty());
    stages
}

struct Renewal<'a, 'b> {
    basis: &'a Basis<'b>,
    tls: &'a Tls,
    running: &'a [NodeName],
    using: Vec<Holder<'b>>,
}

impl Renewal<'_, '_> {
    /// An authority changes in three stages: all trust both, all have certificates of the new one, all trust the new
    /// one only. Each is whole before the next begins.
    fn stages<A: Acts>(&self) -> Vec<Stage<A>> {
        let changed = self.using.iter().any(|it| self.is_foreign(it));
        let mut trusting = Vec::new();
        let mut loaded = BTreeSet::new();
        let wanted = self.both();
        for holder in self.using.iter().filter(|_| changed) {
            let there = holder.facts.ca.as_ref().map(|file| digests(&file.text)).unwrap_or_default();
            if digests(&wanted).is_subset(&there) && !holder.facts.stale {
                continue;
            }
            if !digests(&wanted).is_subset(&there) {
                let file = holder.ca_file(&wanted, Some("both"));
                let why = "until all certificates are changed, members show those of both authorities";
                trusting.push(Step::new(&holder.placement(), HostAction::PutFile(file), why));
            }
            loaded.insert(holder.name);
            trusting.push(self.load(holder, Some("both"), "it trusts them only once it has loaded them"));
        }
        let mut renewed = Vec::new();
        // What lies there and was not loaded may be a new certificate: it is served before anybody loads a file that
        // holds the inventory's authority only.
        let (wider, others): (Vec<_>, Vec<_>) = self.using.iter().partition(|it| self.is_to_trust(it));
        for holder in wider.into_iter().chain(others) {
            let step = certificate(self.basis, self.tls, holder);
            let stale = holder.facts.stale && !loaded.contains(holder.name);
            if step.is_some() || stale {
                renewed.extend(step);
                renewed.push(self.load(holder, None, "what runs serves it only once it has loaded it"));
            }
        }
        let mut last = Vec::new();
        for holder in self.using.iter().filter(|it| changed || self.is_to_trust(it)) {
            // After the first stage, its file is not what was seen.
            let step = trust(self.basis, self.tls, holder)
                .or_else(|| changed.then(|| put_trust(self.basis, self.tls, holder)).flatten());
            if let Some(step) = step {
                last.push(step);
                last.push(self.load(holder, Some("ca"), "what runs goes by it only once it has loaded it"));
            }
        }
        vec![
            ("Trust both authorities", trusting),
            ("Renew certificates, one after the other", renewed),
            ("Trust the inventory's authority only", last),
        ]
    }

    /// Whom members trust changes, and not only by more: whoever is left out is turned away.
    fn changes_authority(&self) -> bool {
        let Some(wanted) = taking_over::trusted(self.basis, self.tls) else { return false };
        let wanted = digests(&wanted);
        let trusts_more = |holder: &Holder<'_>| {
            holder.facts.ca.as_ref().is_some_and(|there| !digests(&there.text).is_subset(&wanted))
        };
        self.using.iter().any(|it| self.is_foreign(it) || trusts_more(it))
    }

    /// It has a certificate of another authority.
    fn is_foreign(&self, holder: &Holder<'_>) -> bool {
        matches!(
            lack(self.basis.inventory, self.tls, holder),
            Some(Lack::Foreign { .. } | Lack::Replaced { .. })
        ) && !self.leads_to_wanted(holder)
    }

    fn leads_to_wanted(&self, holder: &Holder<'_>) -> bool {
        let chain = authorities(holder.facts.pair.as_ref().map(|it| it.text.as_str()));
        !chain.is_empty()
            && leads_to(&chain, &authorities(self.tls.material.ca.as_deref()), judge::now(holder))
    }

    fn is_to_trust(&self, holder: &Holder<'_>) -> bool {
        !trusts(self.basis, self.tls, holder)
    }

    /// The inventory's authorities, and those from which members have their present certificates. What a member has
    /// loaded may be older than its files: then all that it trusts are among them.
    fn both(&self) -> String {
        let wanted = authorities(self.tls.material.ca.as_deref());
        let mut all: BTreeMap<String, Certificate> = BTreeMap::new();
        for holder in &self.using {
            let chain = authorities(holder.facts.pair.as_ref().map(|it| it.text.as_str()));
            let trusted = authorities(holder.facts.ca.as_ref().map(|it| it.text.as_str()));
            let issuers = trusted.into_iter().filter(|it| {
                let issued =
                    !chain.is_empty() && leads_to(&chain, std::slice::from_ref(it), judge::now(holder));
                issued || holder.facts.stale
            });
            all.extend(issuers.map(|it| (it.sha256.clone(), it)));
        }
        all.retain(|sha256, _| wanted.iter().all(|it| it.sha256 != *sha256));
        wanted.iter().chain(all.values()).map(Certificate::pem).collect()
    }

    fn load<A: Acts>(&self, holder: &Holder<'_>, stage: Option<&str>, why: &str) -> Step<A> {
        let stage = stage.map(str::to_owned);
        let action = match holder.paths == NODE {
            true => TlsAction::Load { stage },
            false => TlsAction::Restart {
                stage,
                nodes: self.running.to_vec(),
                most_members: self.basis.inventory.size(),
            },
        };
        Step::new(&holder.placement(), action, why)
    }
}

fn of<'a>(basis: &Basis<'a>, member: &NodeName) -> Option<Holder<'a>> {
    holders(basis).find(|holder| holder.name == member)
}

/// Puts the file of trusted certificates in place, where it is another one.
fn trust<A: Acts>(basis: &Basis<'_>, tls: &Tls, holder: &Holder<'_>) -> Option<Step<A>> {
    (!trusts(basis, tls, holder)).then(|| put_trust(basis, tls, holder)).flatten()
}

/// Its file holds those whom it is to trust, and nobody else. Where there are none, nothing can be told.
fn trusts(basis: &Basis<'_>, tls: &Tls, holder: &Holder<'_>) -> bool {
    let Some(text) = taking_over::trusted(basis, tls) else { return true };
    let file = holder.ca_file(&text, None);
    holder.facts.ca.as_ref().is_some_and(|there| {
        digests(&there.text) == digests(&text)
            && (&there.mode, &there.owner, &there.group) == (&file.mode, &file.owner, &file.group)
    })
}

fn put_trust<A: Acts>(basis: &Basis<'_>, tls: &Tls, holder: &Holder<'_>) -> Option<Step<A>> {
    let file = holder.ca_file(&taking_over::trusted(basis, tls)?, None);
    let why = "it takes whoever has a certificate of this authority for a member";
    Some(Step::new(&holder.placement(), HostAction::PutFile(file), why))
}

/// Puts certificate and key in place, where there are none, or not the right ones.
fn certificate<A: Acts>(basis: &Basis<'_>, tls: &Tls, holder: &Holder<'_>) -> Option<Step<A>> {
    let lack = renewable(basis, tls, holder)?;
    let file = Box::new(holder.pair_file(basis.inventory, tls));
    Some(Step::new(&holder.placement(), TlsAction::Put { file }, lack.to_string()))
}

/// What a new certificate would change. One from elsewhere that ends soon is the only one that there is.
fn renewable(basis: &Basis<'_>, tls: &Tls, holder: &Holder<'_>) -> Option<Lack> {
    let lack = lack(basis.inventory, tls, holder)?;
    let keeps = match tls.own.contains_key(holder.name) {
        true => matches!(lack, Lack::Due { .. } | Lack::Expired { .. } | Lack::NotYetValid { .. }),
        // It can wait for somebody who has the authority's key.
        false => tls.material.cannot_issue.is_some() && !lack.locks_out(),
    };
    (!keeps).then_some(lack)
}
