//! What a TLS library says: nothing that it refuses may pass.

use std::time::Duration;

use rustls::crypto::ring::default_provider;
use rustls::pki_types::{CertificateDer, ServerName, SignatureVerificationAlgorithm, TrustAnchor, UnixTime};
use webpki::{EndEntityCert, Error, KeyUsage, anchor_from_trusted_cert};

use super::certificate::Certificate;
use super::fault::Fault;
use super::san::San;
use crate::kernel::inventory::text::visible;

/// Builds the way from the leaf to a root of the authorities, as a server's partner and as a client's partner do.
/// `rest`: what came with the leaf.
pub fn refusal(
    leaf: &Certificate,
    rest: &[Certificate],
    authorities: &[Certificate],
    wanted: &[San],
    now: i64,
) -> Option<Fault> {
    verdict(leaf, rest, authorities, wanted, now).err().map(|why| Fault::Refused { why })
}

fn verdict(
    leaf: &Certificate,
    rest: &[Certificate],
    authorities: &[Certificate],
    wanted: &[San],
    now: i64,
) -> Result<(), String> {
    let der = |it: &Certificate| CertificateDer::from(it.der.clone());
    // An authority that does not sign itself is no root to OpenSSL, so it is none here.
    let (roots, below): (Vec<_>, Vec<_>) = authorities.iter().partition(|it| it.names_itself());
    let roots: Vec<_> = roots.into_iter().map(der).collect();
    let between: Vec<_> = rest.iter().chain(below).map(der).collect();
    let anchor = |it: &'_ CertificateDer<'_>| anchor_from_trusted_cert(it).map(|anchor| anchor.to_owned());
    let anchors = roots.iter().map(anchor).collect::<Result<Vec<TrustAnchor<'static>>, _>>();
    let anchors = anchors.map_err(|error| format!("the certificate of the CA: {}", words(&error)))?;
    let leaf = der(leaf);
    let leaf = EndEntityCert::try_from(&leaf).map_err(|error| words(&error))?;
    let time = UnixTime::since_unix_epoch(Duration::from_secs(u64::try_from(now).unwrap_or_default()));
    let algorithms: &[&dyn SignatureVerificationAlgorithm] =
        default_provider().signature_verification_algorithms.all;
    for (usage, role) in [(KeyUsage::server_auth(), "server"), (KeyUsage::client_auth(), "client")] {
        leaf.verify_for_usage(algorithms, &anchors, &between, time, usage, None, None)
            .map_err(|error| format!("as that of a {role}: {}", words(&error)))?;
    }
    for name in wanted {
        answers(&leaf, name)?;
    }
    Ok(())
}

fn answers(leaf: &EndEntityCert, wanted: &San) -> Result<(), String> {
    let name = match wanted {
        San::Ip(ip) => ServerName::from(*ip),
        San::Dns(name) => {
            ServerName::try_from(name.as_str()).map_err(|_| format!("`{wanted}` is no DNS name"))?
        }
    };
    leaf.verify_is_valid_for_subject_name(&name).map_err(|error| format!("for {wanted}: {}", words(&error)))
}

/// In words where the library has only a name.
fn words(error: &Error) -> String {
    match error {
        Error::NameConstraintViolation => "a name constraint of its CA forbids one of its names".into(),
        Error::UnsupportedCriticalExtension => "it has a critical extension that is not known".into(),
        Error::UnsupportedCertVersion => "its version is not 3".into(),
        Error::UnsupportedSignatureAlgorithmContext(_)
        | Error::UnsupportedSignatureAlgorithmForPublicKeyContext(_) => {
            "it, or a CA above it, is signed with an algorithm that is not known; RSA, ECDSA P-256 and P-384, and Ed25519 are".into()
        }
        other => visible(&format!("{other:?}")).into_owned(),
    }
}
