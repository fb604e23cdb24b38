//! The way from a certificate up to a root, as a TLS library finds it.

use super::certificate::Certificate;

/// A certificate on the way.
#[derive(Debug, Clone, Copy)]
pub struct Link<'a> {
    pub certificate: &'a Certificate,
    /// It is one of the authority's file.
    pub trusted: bool,
}

/// Where the way ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// At a root that is trusted.
    Root,
    /// At a root that is not.
    OtherRoot,
    /// Nobody has the name of the last one's issuer.
    Missing,
    /// Somebody has that name and another key.
    OtherKey,
}

/// The certificate itself, its issuer, and so on.
#[derive(Debug)]
pub struct Way<'a> {
    pub links: Vec<Link<'a>>,
    pub end: End,
}

impl<'a> Way<'a> {
    /// `start`: is no part of the others. `trusted`: the authority's file. `others`: what came with the certificate.
    /// `now`: seconds since 1970; of two certificates of one issuer, one that is valid is taken.
    pub fn from(start: Link<'a>, trusted: &'a [Certificate], others: &'a [Certificate], now: i64) -> Self {
        let known = |all: &'a [Certificate], trusted| {
            all.iter().map(move |certificate| Link { certificate, trusted })
        };
        let mut known: Vec<_> = known(trusted, true).chain(known(others, false)).collect();
        let is_valid = |it: &Link| it.certificate.not_before <= now && now <= it.certificate.not_after;
        // Stable, so that trusted ones stay before others.
        known.sort_by_key(|it| !is_valid(it));
        let mut way = Self { links: vec![start], end: End::Missing };
        loop {
            match next(&way, &known) {
                Ok(link) => way.links.push(link),
                Err(end) => return Self { end, ..way },
            }
        }
    }

    pub fn last(&self) -> Link<'a> {
        self.links[self.links.len() - 1]
    }
}

/// The issuer of the last one, or that the way ends here. Ends, because no certificate comes twice.
fn next<'a>(way: &Way<'a>, known: &[Link<'a>]) -> Result<Link<'a>, End> {
    let last = way.last();
    if last.certificate.names_itself() && last.certificate.is_signed_by(last.certificate) {
        let is_trusted = known.iter().any(|it| it.trusted && it.certificate == last.certificate);
        return Err(if last.trusted || is_trusted { End::Root } else { End::OtherRoot });
    }
    let is_issuer = |it: &&Link<'a>| {
        it.certificate.details.subject == last.certificate.details.issuer
            && way.links.iter().all(|link| link.certificate != it.certificate)
    };
    let named: Vec<_> = known.iter().filter(is_issuer).collect();
    let signed = named.iter().find(|it| last.certificate.is_signed_by(it.certificate));
    match (signed, named.is_empty()) {
        (Some(issuer), _) => Ok(**issuer),
        (None, true) => Err(End::Missing),
        (None, false) => Err(End::OtherKey),
    }
}
