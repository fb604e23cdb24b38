//! The way from a certificate up to a root, as a TLS library finds it.

use super::certificate::Certificate;

/// A certificate on the way.
#[derive(Debug, Clone, Copy)]
pub struct Link<'a> {
    pub certificate: &'a Certificate,
    /// It is one of the authority's file.
    pub trusted: bool,
    /// It is neither expired nor ahead of its time.
    valid: bool,
}

impl<'a> Link<'a> {
    /// `now`: seconds since 1970.
    pub fn new(certificate: &'a Certificate, trusted: bool, now: i64) -> Self {
        let valid = certificate.not_before <= now && now <= certificate.not_after;
        Self { certificate, trusted, valid }
    }

    /// A TLS library that looks for `other` may take this one: OpenSSL looks at those that are trusted first, and at
    /// those that are valid.
    fn comes_before(self, other: Self) -> bool {
        self.trusted >= other.trusted && self.valid >= other.valid
    }
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
    /// Those that a TLS library may take for an issuer on the way, although another key signed.
    pub namesakes: Vec<Link<'a>>,
}

impl<'a> Way<'a> {
    /// `start`: is no part of the others. `trusted`: the authority's file. `others`: what came with the certificate.
    pub fn from(start: Link<'a>, trusted: &'a [Certificate], others: &'a [Certificate], now: i64) -> Self {
        let known = |all: &'a [Certificate], trusted| all.iter().map(move |it| Link::new(it, trusted, now));
        let mut known: Vec<_> = known(trusted, true).chain(known(others, false)).collect();
        // Stable, so that trusted ones stay before others.
        known.sort_by_key(|it| !it.valid);
        let mut way = Self { links: vec![start], end: End::Missing, namesakes: Vec::new() };
        loop {
            match next(&way, &known) {
                Ok((issuer, namesake)) => {
                    way.links.push(issuer);
                    way.namesakes.extend(namesake);
                }
                Err(end) => return Self { end, ..way },
            }
        }
    }

    pub fn last(&self) -> Link<'a> {
        self.links[self.links.len() - 1]
    }
}

/// The issuer of the last one and its namesake, or that the way ends here. No certificate comes twice.
fn next<'a>(way: &Way<'a>, known: &[Link<'a>]) -> Result<(Link<'a>, Option<Link<'a>>), End> {
    let last = way.last();
    let own = last.certificate;
    if own.names_itself() && own.is_signed_by(own) {
        let is_trusted = known.iter().any(|it| it.trusted && it.certificate == own);
        return Err(if last.trusted || is_trusted { End::Root } else { End::OtherRoot });
    }
    let is_new = |it: &Link| way.links.iter().all(|link| link.certificate != it.certificate);
    let named: Vec<_> = known.iter().copied().filter(|it| own.names(it.certificate) && is_new(it)).collect();
    let meant = named.iter().copied().filter(|it| own.may_mean(it.certificate));
    let (signers, others): (Vec<_>, Vec<_>) = meant.partition(|it| own.is_signed_by(it.certificate));
    match (signers.first(), named.is_empty()) {
        (Some(issuer), _) => Ok((*issuer, others.into_iter().find(|it| it.comes_before(*issuer)))),
        (None, true) => Err(End::Missing),
        (None, false) => Err(End::OtherKey),
    }
}
