//! Until when the certificates on the members' disks are valid.

use serde::Serialize;

use crate::galera::judge::Basis;
use crate::galera::tls::judge::{authorities, now};
use crate::galera::tls::wanted::{Holder, holders};
use crate::kernel::model::NodeName;

/// A file of certificates on a member's disk.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CertificateStatus {
    pub node: NodeName,
    pub file: String,
    /// When the first of them expires, in seconds since 1970.
    pub expires: i64,
    /// Whole days until then, by the clock of its host; negative: it has expired.
    pub days_left: i64,
}

pub(super) fn certificates(basis: &Basis<'_>) -> Vec<CertificateStatus> {
    holders(basis).flat_map(|holder| of_holder(&holder)).collect()
}

fn of_holder(holder: &Holder<'_>) -> impl Iterator<Item = CertificateStatus> + use<> {
    let (facts, paths) = (holder.facts, holder.paths);
    let files = [(paths.pair, &facts.pair), (paths.ca, &facts.ca)].map(|(path, file)| {
        let all = authorities(file.as_ref().map(|it| it.text.as_str()));
        let first = all.into_iter().min_by_key(|it| it.not_after)?;
        Some(CertificateStatus {
            node: holder.name.clone(),
            file: path.to_owned(),
            expires: first.not_after,
            days_left: first.days_left(now(holder)),
        })
    });
    files.into_iter().flatten()
}
