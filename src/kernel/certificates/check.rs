//! What is wrong with a certificate, its key and its authority, before anything is put in place.

use super::certificate::{Certificate, Unreadable};
use super::chain::{End, Link, Way};
use super::fault::{Fault, File};
use super::key::{Key, KeyError};
use super::last_word::refusal;
use super::pair::Pair;
use super::san::San;

/// Every fault that does not follow from another one; none: TLS servers and clients take the pair. `ca`: PEM of the
/// authority that the partners trust, or of several. `wanted`: the names and addresses of the host, each
/// [valid](San::is_valid). `now`: seconds since 1970.
pub fn check(own: &Pair, ca: &str, wanted: &[San], now: i64) -> Vec<Fault> {
    let mut faults = Vec::new();
    let certificates = kept(&mut faults, File::Certificate, Certificate::all_in(&own.certificate));
    let key = Key::read(&own.key);
    let authorities = kept(&mut faults, File::Ca, Certificate::all_in(ca));
    let at = certificates.as_ref().map(|all| place_of_leaf(all, key.as_ref().ok()));
    let leaf = certificates.as_ref().zip(at).map(|(all, at)| &all[at]);
    let given: Vec<_> = [&certificates, &authorities].into_iter().flatten().flatten().collect();
    faults.extend(key_fault(File::Key, &key, leaf, &given));
    if let (Some(all), Some(at)) = (&certificates, at) {
        faults.extend(of_leaf(all, at, wanted, now));
    }
    let rest: Vec<_> = match (&certificates, leaf) {
        (Some(all), Some(leaf)) => all.iter().filter(|it| *it != leaf).cloned().collect(),
        _ => Vec::new(),
    };
    if let Some(authorities) = &authorities {
        let leaf = leaf.filter(|leaf| !leaf.is_ca);
        faults.extend(of_way(leaf, &rest, authorities, now));
        if let (Some(leaf), true) = (leaf, faults.is_empty()) {
            faults.extend(refusal(leaf, &rest, authorities, wanted, now));
        }
    }
    faults
}

/// The same of an authority that is to issue certificates: its certificate, with those that lead from it to the
/// root, and its key.
pub fn check_ca(ca: &Pair, now: i64) -> Vec<Fault> {
    let mut faults = Vec::new();
    let all = kept(&mut faults, File::Ca, Certificate::all_in(&ca.certificate));
    let key = Key::read(&ca.key);
    let fitting = key.as_ref().ok().zip(all.as_ref()).and_then(|(key, all)| of_key(all, key, now));
    let own = fitting.or_else(|| all.as_ref().and_then(|all| all.first()));
    faults.extend(key_fault(File::CaKey, &key, own, &[]));
    let (Some(own), Some(all)) = (own, &all) else { return faults };
    if !own.is_ca {
        faults.push(Fault::NoCa { file: File::Ca, subject: own.subject.clone() });
        return faults;
    }
    let way = Way::from(Link::new(own, true, now), all, &[], now);
    faults.extend(faults_of(&way, all));
    faults.extend(links(&way.links, now));
    faults
}

/// The certificate of an authority's file whose key is given; `None`: there is none, or one of the two cannot be read.
pub fn issuer(ca: &Pair, now: i64) -> Option<Certificate> {
    let (all, key) = (Certificate::all_in(&ca.certificate).ok()?, Key::read(&ca.key).ok()?);
    of_key(&all, &key, now).cloned()
}

/// The certificate of this key; of several, one that is valid, and of these the one that is so for longest.
pub(super) fn of_key<'a>(all: &'a [Certificate], key: &Key, now: i64) -> Option<&'a Certificate> {
    let is_valid = |it: &Certificate| it.not_before <= now && !it.has_expired(now);
    all.iter().filter(|it| key.fits(it)).max_by_key(|it| (is_valid(it), it.not_after))
}

/// `mode`: the permissions of the file of a private key, as `stat` tells them. Nobody but its owner may read or change it.
pub fn mode_fault(file: File, mode: u32) -> Option<Fault> {
    const OF_OTHERS: u32 = 0o066;
    (mode & OF_OTHERS != 0).then_some(Fault::OpenToOthers { file, mode })
}

fn kept(
    faults: &mut Vec<Fault>,
    file: File,
    read: Result<Vec<Certificate>, Unreadable>,
) -> Option<Vec<Certificate>> {
    read.map_err(|why| faults.push(Fault::Unreadable { file, why })).ok()
}

/// Which of the certificates is the host's: that of the key, otherwise the first that is none of an authority.
fn place_of_leaf(all: &[Certificate], key: Option<&Key>) -> usize {
    let of_key = key.and_then(|key| all.iter().position(|it| key.fits(it)));
    of_key.or_else(|| all.iter().position(|it| !it.is_ca)).unwrap_or(0)
}

/// `given`: all certificates that the key might be of.
fn key_fault(
    file: File,
    key: &Result<Key, KeyError>,
    certificate: Option<&Certificate>,
    given: &[&Certificate],
) -> Option<Fault> {
    match (key, certificate) {
        // The certificate's fault says how weak it is.
        (Err(KeyError::Weak), Some(certificate)) if certificate.has_weak_key() => None,
        (Err(why), _) => Some(Fault::Key { file, why: why.clone() }),
        (Ok(key), Some(certificate)) if !key.fits(certificate) => {
            let of = given.iter().find(|it| key.fits(it)).map(|it| it.subject.clone());
            Some(Fault::KeyOfAnother { file, subject: certificate.subject.clone(), of })
        }
        (Ok(_), _) => None,
    }
}

fn of_leaf(all: &[Certificate], at: usize, wanted: &[San], now: i64) -> Vec<Fault> {
    let leaf = &all[at];
    let subject = || leaf.subject.clone();
    if leaf.is_ca {
        return vec![Fault::CaInsteadOfLeaf { subject: subject() }];
    }
    let mut faults = Vec::new();
    if at > 0 {
        faults.push(Fault::NotFirst { subject: subject(), number: at + 1, first: all[0].subject.clone() });
    }
    faults.extend(of_dates_and_strength(Link::new(leaf, false, now), now));
    let missing: Vec<_> = wanted.iter().filter(|it| !leaf.answers_to(it)).cloned().collect();
    if !missing.is_empty() {
        faults.push(Fault::LacksNames { subject: subject(), missing, has: leaf.sans.clone() });
    }
    if !leaf.server_use {
        faults.push(Fault::NoServerUse { subject: subject() });
    }
    if !leaf.client_use {
        faults.push(Fault::NoClientUse { subject: subject() });
    }
    if !leaf.details.may_talk {
        faults.push(Fault::NoSignatures { subject: subject() });
    }
    faults
}

/// Faults of the way from the leaf to the root, and of the authorities on it. Without a leaf only an authority that
/// stands alone in its file can be judged.
fn of_way(
    leaf: Option<&Certificate>,
    rest: &[Certificate],
    authorities: &[Certificate],
    now: i64,
) -> Vec<Fault> {
    if !authorities.iter().any(|it| it.is_ca) {
        return vec![Fault::NoCa { file: File::Ca, subject: authorities[0].subject.clone() }];
    }
    let way = leaf.map(|leaf| Way::from(Link::new(leaf, false, now), authorities, rest, now));
    let mut faults = way.as_ref().map(|way| faults_of(way, authorities)).unwrap_or_default();
    let mut on_way = way.map(|way| way.links[1..].to_vec()).unwrap_or_default();
    if let ([alone], false) = (authorities, on_way.iter().any(|it| it.trusted)) {
        on_way.push(Link::new(alone, true, now));
    }
    faults.extend(links(&on_way, now));
    faults
}

fn faults_of(way: &Way, authorities: &[Certificate]) -> Vec<Fault> {
    let namesake =
        |it: &Link| Fault::Namesake { file: file_of(*it), subject: it.certificate.subject.clone() };
    end_of(way, authorities).into_iter().chain(way.namesakes.iter().map(namesake)).collect()
}

/// That the way does not end at a root that is trusted.
fn end_of(way: &Way, authorities: &[Certificate]) -> Option<Fault> {
    let last = way.last();
    let (subject, issuer) = (last.certificate.subject.clone(), last.certificate.issuer.clone());
    let authorities = || authorities.iter().map(|it| it.subject.clone()).collect();
    match way.end {
        End::Root => None,
        End::OtherRoot if way.links.len() == 1 => {
            Some(Fault::SelfSigned { subject, authorities: authorities() })
        }
        End::OtherRoot => Some(Fault::OtherRoot { root: subject, authorities: authorities() }),
        End::Missing if last.trusted => Some(Fault::NoRoot { subject, issuer }),
        End::Missing => Some(Fault::IssuerMissing { subject, issuer, authorities: authorities() }),
        End::OtherKey => Some(Fault::OtherIssuer { file: file_of(last), subject, issuer }),
    }
}

/// Faults of the authorities on the way, from the lowest to the root.
fn links(links: &[Link], now: i64) -> Vec<Fault> {
    (0..).zip(links).flat_map(|(below, link)| of_authority(*link, below, now)).collect()
}

fn of_authority(link: Link, below: usize, now: i64) -> Vec<Fault> {
    let (file, it) = (file_of(link), link.certificate);
    let subject = || it.subject.clone();
    if !it.is_ca {
        return vec![Fault::NoCa { file, subject: subject() }];
    }
    let mut faults = of_dates_and_strength(link, now);
    if !it.details.may_issue {
        faults.push(Fault::MayNotIssue { file, subject: subject() });
    }
    let allowed = it.details.path_length;
    if let Some(allowed) = allowed.filter(|allowed| usize::try_from(*allowed).is_ok_and(|most| below > most))
    {
        faults.push(Fault::TooManyBelow { file, subject: subject(), allowed, below });
    }
    faults
}

fn of_dates_and_strength(link: Link, now: i64) -> Vec<Fault> {
    let (file, it) = (file_of(link), link.certificate);
    let subject = || it.subject.clone();
    let mut faults = Vec::new();
    if it.has_expired(now) {
        faults.push(Fault::Expired { file, subject: subject(), ended: it.not_after, now });
    }
    if now < it.not_before {
        faults.push(Fault::NotYetValid { file, subject: subject(), begins: it.not_before, now });
    }
    if let Some(bits) = it.details.rsa_bits.filter(|_| it.has_weak_key()) {
        faults.push(Fault::WeakKey { file, subject: subject(), bits });
    }
    // Nobody looks at the signature of a root: it is trusted for being there.
    if let Some(digest) = it.details.broken_digest.filter(|_| !(link.trusted && it.names_itself())) {
        faults.push(Fault::WeakSignature { file, subject: subject(), digest });
    }
    faults
}

fn file_of(link: Link) -> File {
    if link.trusted { File::Ca } else { File::Certificate }
}

/// The first of these certificates leads to one of the authorities, over the others where it has to. Dates are not
/// asked for: who issued it does not change with them.
pub fn leads_to(chain: &[Certificate], authorities: &[Certificate], now: i64) -> bool {
    let Some((leaf, rest)) = chain.split_first() else { return false };
    Way::from(Link::new(leaf, false, now), authorities, rest, now).end == End::Root
}
