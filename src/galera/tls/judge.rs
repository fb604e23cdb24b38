//! Judging certificates, and whether the members speak TLS.

use std::collections::BTreeSet;
use std::fmt;

use super::ending;
use super::inventory::Tls;
use super::settings::{ARBITRATOR, NODE};
use super::unseen::not_seen;
use super::wanted::{Holder, holders, members, one_in_words};
use crate::galera::facts::{HostFacts, LaterOption, Spoken};
use crate::galera::inventory::Inventory;
use crate::galera::judge::{Basis, codes};
use crate::kernel::certificates::{Certificate, San, leads_to, moment};
use crate::kernel::judge::{Finding, Remedy, Severity, shell_word};
use crate::kernel::model::NodeName;
use crate::kernel::model::words::names;

/// Seconds by which the clock of a host may be wrong: galactl dates what it issues an hour back.
const WORST_SKEW: i64 = 1800;

const STAYS_OUT: &str = "nodes that speak TLS and nodes that do not are no cluster";

/// Why a member's certificate is not the one that it should have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lack {
    Missing,
    /// What the file holds cannot be read.
    Unreadable(String),
    /// Issued by somebody whom the inventory does not name.
    Foreign {
        subject: String,
        issuer: String,
    },
    /// Moments in seconds since 1970.
    Expired {
        ended: i64,
    },
    NotYetValid {
        begins: i64,
    },
    Due {
        ends: i64,
    },
    Names(Vec<San>),
    /// The private key in the file belongs to another one.
    KeyOfAnother,
    /// The member brings another one along.
    Replaced {
        sha256: String,
    },
    /// Owner, group or mode of the file.
    Access {
        is: String,
        wanted: String,
    },
}

impl Lack {
    /// The member cannot come back with it, or is about to be turned away.
    pub fn locks_out(&self) -> bool {
        !matches!(self, Self::Due { .. } | Self::Names(_) | Self::Replaced { .. } | Self::Access { .. })
    }

    /// The inventory means another certificate.
    pub fn is_anothers(&self) -> bool {
        matches!(self, Self::Unreadable(_) | Self::Foreign { .. } | Self::Replaced { .. })
    }
}

impl fmt::Display for Lack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("it has no certificate"),
            Self::Unreadable(why) => write!(f, "its certificate cannot be read: {why}"),
            Self::Foreign { subject, issuer } => {
                write!(
                    f,
                    "its certificate, that of `{subject}`, was issued by `{issuer}`, which the inventory does not name"
                )
            }
            Self::Expired { ended } => write!(f, "its certificate expired on {}", moment(*ended)),
            Self::NotYetValid { begins } => {
                write!(f, "by its clock its certificate is not valid before {}", moment(*begins))
            }
            Self::Due { ends } => write!(f, "its certificate expires on {}", moment(*ends)),
            Self::Names(missing) => write!(f, "its certificate is not valid for {}", names(missing, "and")),
            Self::KeyOfAnother => f.write_str("the key beside its certificate is that of another one"),
            Self::Replaced { sha256 } => {
                write!(f, "the inventory gives it the certificate with SHA-256 {sha256}")
            }
            Self::Access { is, wanted } => write!(f, "the file with its key is {is}, and should be {wanted}"),
        }
    }
}

/// What is first of all wrong with a member's certificate.
pub fn lack(inventory: &Inventory, tls: &Tls, holder: &Holder<'_>) -> Option<Lack> {
    let Some(file) = &holder.facts.pair else { return Some(Lack::Missing) };
    let all = match Certificate::all_in(&file.text) {
        Ok(all) => all,
        Err(why) => return Some(Lack::Unreadable(why.to_string())),
    };
    let (own, now) = (&all[0], now(holder));
    if let Some(wanted) = tls.material.own.get(holder.name) {
        let wanted = Certificate::all_in(wanted).ok()?;
        if wanted.iter().map(|it| &it.sha256).ne(all.iter().map(|it| &it.sha256)) {
            return Some(Lack::Replaced { sha256: wanted[0].sha256.clone() });
        }
    }
    let authorities = authorities(tls.material.ca.as_deref());
    if !authorities.is_empty() && !leads_to(&all, &authorities, now) {
        return Some(Lack::Foreign { subject: own.subject.clone(), issuer: own.issuer.clone() });
    }
    if own.has_expired(now) {
        return Some(Lack::Expired { ended: own.not_after });
    }
    if now < own.not_before {
        return Some(Lack::NotYetValid { begins: own.not_before });
    }
    if holder.facts.key.as_ref().is_some_and(|key| *key != own.spki_sha256) {
        return Some(Lack::KeyOfAnother);
    }
    let missing: Vec<_> = holder.sans(inventory).into_iter().filter(|it| !own.answers_to(it)).collect();
    // What a certificate from elsewhere is valid for, its issuer decides.
    if !missing.is_empty() && !tls.own.contains_key(holder.name) {
        return Some(Lack::Names(missing));
    }
    let (owner, group, mode) = holder.access();
    let wanted = format!("{mode} {owner}:{group}");
    let is = format!("{} {}:{}", file.mode, file.owner, file.group);
    if is != wanted {
        return Some(Lack::Access { is, wanted });
    }
    // Another one that ends with the authority as well would be due again at once.
    let helps = tls.own.contains_key(holder.name) || ending::can_outlast(tls, own, now);
    (own.days_left(now) < i64::from(tls.renew_before_days) && helps)
        .then_some(Lack::Due { ends: own.not_after })
}

/// Seconds since 1970, as the member's host has them: by its clock it judges certificates.
#[allow(clippy::cast_possible_truncation, reason = "seconds since 1970 fit")]
pub fn now(holder: &Holder<'_>) -> i64 {
    holder.facts.machine.clock as i64
}

/// Certificates of authorities; none where the text cannot be read.
pub fn authorities(text: Option<&str>) -> Vec<Certificate> {
    text.and_then(|text| Certificate::all_in(text).ok()).unwrap_or_default()
}

/// The digests of the certificates of a text.
pub fn digests(text: &str) -> BTreeSet<String> {
    authorities(Some(text)).into_iter().map(|it| it.sha256).collect()
}

/// The option files make the server load the files of the section `tls` at its start.
fn loads(facts: &HostFacts) -> bool {
    facts.options.values().any(|value| value.contains(NODE.pair))
}

/// The server loads these files, or the scripts for state transfers read them.
pub fn uses(facts: &HostFacts) -> bool {
    loads(facts) || facts.sst_options.values().any(|value| value.contains(NODE.pair))
}

/// Its running program was started with the files. What only the scripts for state transfers read is never loaded.
pub fn is_used(basis: &Basis<'_>, holder: &Holder<'_>) -> bool {
    match holder.paths == NODE {
        true => {
            let facts = basis.observation.facts(holder.name);
            facts.is_some_and(|facts| facts.server_runs() && loads(facts))
        }
        false => basis.observation.arbitrator(holder.name).is_some_and(|facts| {
            facts.runs() && facts.arguments.iter().any(|it| it.contains(ARBITRATOR.pair))
        }),
    }
}

/// How the members are to speak with each other.
pub fn wanted_spoken(inventory: &Inventory) -> Spoken {
    match &inventory.tls {
        Some(tls) if tls.replication => Spoken::Tls,
        _ => Spoken::Clear,
    }
}

/// Why nothing can be put in place as things are. `needed`: the members that need a certificate.
pub fn refusals<'a>(basis: &Basis<'_>, needed: impl Iterator<Item = &'a Holder<'a>>) -> Vec<Finding> {
    let Some(tls) = &basis.inventory.tls else { return Vec::new() };
    let needed: Vec<_> = needed.collect();
    let ca = no_ca(basis, tls).filter(|_| !needed.is_empty() || is_missed(basis, tls));
    let mut refusals: Vec<_> = ca.into_iter().collect();
    let why = tls.material.cannot_issue.as_ref().filter(|_| refusals.is_empty());
    let mut needed = needed.into_iter().filter(|holder| !tls.own.contains_key(holder.name)).peekable();
    if let (Some(why), Some(holder)) = (why, needed.peek()) {
        let evidence = format!("it needs a certificate, and none can be issued: {why}");
        let next =
            Remedy::from("bring the key of the authority here, as ").and(Remedy::Inventory).and(" names it");
        refusals.push(Finding::new(codes::CERTIFICATE, evidence, next).on(holder.name));
    }
    for holder in needed {
        refusals.extend(clock(tls, holder));
        refusals.extend(refused(basis, tls, holder));
    }
    refusals
}

/// The others would turn it away with what the authority issues for it.
fn refused(basis: &Basis<'_>, tls: &Tls, holder: &Holder<'_>) -> Option<Finding> {
    let why = tls.material.refused.get(holder.name)?;
    let evidence = format!("it needs a certificate, and none that others take can be issued: {why}");
    let next = format!(
        "put an authority into {} that may issue certificates for {}, with its key, or have galactl make one: `tls: {{ca: {{generate: true}}}}`; then run this again",
        shell_word(&tls.ca.certificate),
        names(&holder.sans(basis.inventory), "and")
    );
    Some(Finding::new(codes::CERTIFICATE, evidence, next).on(holder.name))
}

/// The clock of a member's host is too far from the operator's, by which certificates are dated.
fn clock(tls: &Tls, holder: &Holder<'_>) -> Option<Finding> {
    let off = now(holder) - tls.material.read_at;
    if tls.material.read_at == 0 || off.abs() <= WORST_SKEW {
        return None;
    }
    let way = if off < 0 { "behind" } else { "ahead" };
    let evidence = format!(
        "its clock is {} s {way}: the others would not be sure whose certificates are valid",
        off.abs()
    );
    Some(Finding::new(codes::CERTIFICATE, evidence, right_clock(tls)).on(holder.name))
}

/// What sets a host's clock right: by the network, or by the operator's clock, which is near enough for certificates.
fn right_clock(tls: &Tls) -> Remedy {
    let now = moment(tls.material.read_at);
    Remedy::on_host("sudo timedatectl set-ntp true")
        .and(format!("; where no time server can be reached: sudo date --set='{now}'"))
}

/// What will stand against the next certificate, whether a member needs one now or not. An authority that galactl makes
/// with the first plan is not missing before.
pub fn foreseen(basis: &Basis<'_>) -> Vec<Finding> {
    let Some(tls) = &basis.inventory.tls else { return Vec::new() };
    let ca = no_ca(basis, tls).filter(|_| is_missed(basis, tls));
    ca.into_iter().chain(holders(basis).filter_map(|holder| clock(tls, &holder))).collect()
}

/// An authority that is not here was made already, or is somebody else's.
fn is_missed(basis: &Basis<'_>, tls: &Tls) -> bool {
    !tls.ca.generate || holders(basis).any(|holder| holder.facts.ca.is_some())
}

/// There is no CA here. Where a host trusts one, or was not seen and may trust one, none is made in its place; where no host
/// is asked, none is missed.
fn no_ca(basis: &Basis<'_>, tls: &Tls) -> Option<Finding> {
    if tls.material.ca.is_some() || holders(basis).next().is_none() {
        return None;
    }
    let trusted = holders(basis).find_map(|holder| {
        Some((holder.name, authorities(Some(&holder.facts.ca.as_ref()?.text)).into_iter().next()?))
    });
    let file = &tls.ca.certificate;
    let bring =
        format!("bring {file} and its key here from where they were made; to go on with a new authority: ");
    let new = Remedy::galactl("tls", &["--new-ca"]);
    let unseen = tls.ca.generate.then(|| unseen(basis)).flatten();
    Some(match (trusted, unseen) {
        (Some((name, ca)), _) => {
            let evidence = format!("it trusts {}, and {file} is not here", one_in_words(&ca));
            Finding::new(codes::CERTIFICATE, evidence, Remedy::from(bring).and(new)).on(name)
        }
        (None, Some(host)) => {
            let evidence = format!("{}; it may trust an authority, and {file} is not here", host.evidence);
            let remedy = host.remedy.and(format!("; or {bring}")).and(new);
            Finding { evidence, remedy, ..host }
        }
        (None, None) => {
            let evidence = format!("{file}, the certificate of the authority, is not here or cannot be read");
            Finding::new(
                codes::CERTIFICATE,
                evidence,
                "put it where `tls.ca.certificate` says, and run this again",
            )
        }
    })
}

/// The first member whose host was not seen.
fn unseen(basis: &Basis<'_>) -> Option<Finding> {
    let mut members = members(basis.inventory).map(|(entry, _)| entry);
    let entry = members.find(|entry| basis.observation.certificates_of(entry.name()).is_none())?;
    Some(not_seen(basis, entry).on(entry.name()))
}

/// What is wrong while the cluster runs or stands still.
pub fn findings(basis: &Basis<'_>) -> Vec<Finding> {
    let Some(tls) = &basis.inventory.tls else { return Vec::new() };
    let of_holder = |holder: Holder<'_>| {
        let lack = lack(basis.inventory, tls, &holder)?;
        let severity = match lack {
            Lack::Expired { .. } => Severity::Critical,
            Lack::Due { .. } => Severity::Note,
            _ => Severity::Degraded,
        };
        let next = remedy(tls, &holder, &lack);
        let finding = Finding::new(codes::CERTIFICATE, lack.to_string(), next).severity(severity);
        let finding = match lack {
            Lack::Access { .. } => finding.because("whoever can read the key can pass for this member"),
            _ => finding,
        };
        Some(finding.on(holder.name))
    };
    let of_certificates = holders(basis).filter_map(of_holder);
    let stale = holders(basis).filter(|holder| holder.facts.stale && is_used(basis, holder));
    let stale = stale.map(|holder| {
        let evidence = "what runs has not loaded the certificates that lie there";
        let next = Remedy::galactl("apply-config", &[]).and(" has it load them");
        Finding::new(codes::CERTIFICATE, evidence, next).on(holder.name)
    });
    let authority = holders(basis).next().and_then(|_| ending::finding(tls));
    of_certificates.chain(stale).chain(authority).chain(in_clear(basis)).collect()
}

/// What gives a member the certificate that it should have.
fn remedy(tls: &Tls, holder: &Holder<'_>, lack: &Lack) -> Remedy {
    let renew = || Remedy::galactl("apply-config", &[]);
    // By a clock that is wrong, a new one would be no better.
    if matches!(lack, Lack::Expired { .. } | Lack::NotYetValid { .. }) && clock(tls, holder).is_some() {
        return right_clock(tls);
    }
    let own = tls.own.get(holder.name);
    // The others are mended by the certificate that is here.
    let is_of_issuer = matches!(
        lack,
        Lack::Due { .. } | Lack::Expired { .. } | Lack::NotYetValid { .. } | Lack::Foreign { .. }
    );
    if let Some(files) = own.filter(|_| is_of_issuer) {
        let issue = format!("have a new one issued, and put it into {}; then ", files.certificate);
        return Remedy::from(issue).and(renew());
    }
    if ending::has_ended(tls) {
        return ending::remedy(tls);
    }
    if let Some(why) = tls.material.cannot_issue.as_ref().filter(|_| own.is_none()) {
        let key = format!("bring the key of the authority here ({why}), as ");
        return Remedy::from(key).and(Remedy::Inventory).and(" names it; then ").and(renew());
    }
    match holder.paths == NODE {
        true => renew().and(" gives it another, without a restart"),
        false => renew().and(" gives it another, and restarts garbd, which reads it only then"),
    }
}

/// The others do not let it back in with the certificate that it has.
pub fn is_locked_out(basis: &Basis<'_>, member: &NodeName) -> bool {
    let Some(tls) = &basis.inventory.tls else { return false };
    let mut all = holders(basis).filter(|holder| tls.replication && holder.name == member);
    all.any(|holder| lack(basis.inventory, tls, &holder).is_some_and(|lack| lack.locks_out()))
}

/// A member that takes clear text where the inventory wants TLS, or the other way round.
fn in_clear(basis: &Basis<'_>) -> Vec<Finding> {
    let wanted = wanted_spoken(basis.inventory);
    let differs = basis.nodes().filter_map(|(node, facts)| {
        let spoken = facts.live().filter(|live| live.wsrep_on)?.spoken?;
        let evidence = match (wanted, spoken) {
            (Spoken::Tls, Spoken::Clear) => "it speaks with the other nodes in clear text",
            (Spoken::Tls, Spoken::Both) => "it takes clear text from other nodes, and answers in it",
            _ => return None,
        };
        let next = Remedy::galactl("apply-config", &[]).and(" switches TLS on, one node after the other");
        let next = overruled(basis.inventory, facts).map_or(next, |it| it.remedy);
        Some(Finding::new(codes::TLS, evidence, next).on(&node.name))
    });
    differs.collect()
}

/// Whatever galactl writes, a file that is read later makes the node speak otherwise than the inventory wants it.
pub fn overruled(inventory: &Inventory, facts: &HostFacts) -> Option<Finding> {
    let mut later = facts.later_options.iter().rev();
    let LaterOption { file, name, value } = later.find(|it| it.name == "wsrep_provider_options")?;
    let spoken = Spoken::of(value);
    (spoken != wanted_spoken(inventory)).then(|| {
        let evidence = format!("{file} is read after galactl's file and sets {name}: with that, it {spoken}");
        let file = shell_word(file);
        let remove = format!("sudo sed -i -E 's/^\\s*(loose[-_])?wsrep[-_]provider[-_]options/#&/' {file}");
        let next = Remedy::on_host(remove).and(" (what is wanted belongs into the inventory); then ");
        Finding::new(codes::TLS, evidence, next.and(Remedy::galactl("apply-config", &[])))
    })
}

/// With its option files as they are, the member would speak otherwise than one that stays, and would not be let in
/// again.
pub fn would_stay_out(facts: &HostFacts, staying: &[(&NodeName, Spoken)]) -> Option<Finding> {
    let own = Spoken::of(facts.in_effect().get("wsrep_provider_options")?);
    let (other, theirs) = staying.iter().find(|(_, theirs)| !own.understands(*theirs))?;
    let evidence = format!("with its option files as they are, it {own}, and {other} {theirs}");
    Some(Finding::new(codes::TLS, evidence, Remedy::galactl("apply-config", &[])).because(STAYS_OUT))
}
