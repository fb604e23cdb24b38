//! The end of the authority itself: no certificate that it issues is valid for longer.

use super::inventory::Tls;
use crate::galera::judge::codes;
use crate::kernel::certificates::{Certificate, leaf_end, moment};
use crate::kernel::judge::{Finding, Remedy, Severity};

const DAY: i64 = 86_400;

/// Who issues the next certificate. `None`: there are several, and the key is not here that tells which one.
fn issuer(tls: &Tls) -> Option<Certificate> {
    let alone = || {
        let mut all = Certificate::all_in(tls.material.ca.as_deref()?).ok()?.into_iter();
        all.next().filter(|_| all.next().is_none())
    };
    tls.material.issuer.clone().or_else(alone)
}

/// A certificate that is issued now is valid for longer than this one, by a day at least. `now`: seconds since 1970.
pub fn can_outlast(tls: &Tls, own: &Certificate, now: i64) -> bool {
    issuer(tls).is_none_or(|ca| leaf_end(ca.not_after, now, tls.valid_days).at - own.not_after >= DAY)
}

/// The authority has expired, by the operator's clock.
pub fn has_ended(tls: &Tls) -> bool {
    tls.material.read_at != 0 && issuer(tls).is_some_and(|ca| ca.has_expired(tls.material.read_at))
}

/// That the authority ends soon, or has ended.
pub fn finding(tls: &Tls) -> Option<Finding> {
    let (ca, now) = (issuer(tls)?, tls.material.read_at);
    // One that is new must not be due.
    let third = (ca.not_after - ca.not_before) / DAY / 3;
    if now == 0 || ca.days_left(now) >= third.min(tls.renew_before_days.into()) {
        return None;
    }
    let (word, severity) = match ca.has_expired(now) {
        true => ("expired", Severity::Critical),
        false => ("expires", Severity::Note),
    };
    let evidence = format!(
        "the authority in {}, `{}`, {word} on {}, and no certificate of it is valid for longer",
        tls.ca.certificate,
        ca.subject,
        moment(ca.not_after)
    );
    Some(Finding::new(codes::CERTIFICATE, evidence, remedy(tls)).severity(severity))
}

/// What puts another authority in its place.
pub fn remedy(tls: &Tls) -> Remedy {
    let change = Remedy::galactl("apply-config", &[]);
    if tls.ca.generate {
        return Remedy::galactl("tls", &["--new-ca"]).and("; then ").and(change);
    }
    let rest = match &tls.ca.key {
        Some(_) => "its key",
        None => "the members' certificates of it",
    };
    let put = format!("put one that is valid for longer into {}, and {rest} where ", tls.ca.certificate);
    Remedy::from(put).and(Remedy::Inventory).and(" says; then ").and(change)
}
