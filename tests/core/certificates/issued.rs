//! What galactl issues has no fault, whatever the names and addresses are.

use std::net::IpAddr;

use galactl::kernel::certificates::{
    Certificate, IssueError, Key, LeafEnd, Pair, San, check, check_ca, issue, make_ca,
};
use proptest::collection::vec;
use proptest::prelude::*;
use secrecy::ExposeSecret as _;

use super::made::{DAY, NOW};

fn ca() -> Pair {
    make_ca("shop CA", NOW, 3650).unwrap()
}

fn first(pair: &Pair) -> Certificate {
    Certificate::all_in(&pair.certificate).unwrap().swap_remove(0)
}

#[test]
fn an_authority_is_what_it_says() {
    let pair = ca();
    let certificate = first(&pair);
    assert_eq!((certificate.subject.as_str(), certificate.issuer.as_str()), ("shop CA", "shop CA"));
    assert_eq!((certificate.not_before, certificate.not_after), (NOW - 3600, NOW + 3650 * DAY));
    assert!(certificate.is_ca && certificate.sans.is_empty());
    assert_eq!(check_ca(&pair, NOW), []);
    let (_, read) = x509_parser::parse_x509_certificate(&certificate.der).unwrap();
    let basic = read.basic_constraints().unwrap().unwrap();
    assert!(basic.critical && basic.value.path_len_constraint == Some(0));
    let usage = read.key_usage().unwrap().unwrap();
    assert!(usage.critical && usage.value.key_cert_sign() && usage.value.crl_sign());
    assert!(!usage.value.digital_signature());
}

#[test]
fn a_leaf_is_what_it_says() {
    let ca = ca();
    let sans = ["db1", "10.0.0.1", "fd00::1", "db1"].map(San::of);
    let issued = issue(&ca, "db1", &sans, NOW, 397).unwrap();
    let leaf = first(&issued.pair);
    assert_eq!((leaf.subject.as_str(), leaf.issuer.as_str()), ("db1", "shop CA"));
    assert_eq!((leaf.not_before, leaf.not_after), (NOW - 3600, NOW + 397 * DAY));
    assert_eq!(leaf.days_left(NOW), 397);
    assert_eq!(leaf.days_left(leaf.not_after + 1), -1);
    assert_eq!(leaf.sans.len(), 3, "each once: {:?}", leaf.sans);
    assert!(!leaf.is_ca && leaf.server_use && leaf.client_use);
    assert!(leaf.answers_to(&San::of("FD00:0::1")) && !leaf.answers_to(&San::of("db2")));
    assert_eq!(issued.pair.certificate.matches("BEGIN CERTIFICATE").count(), 1, "no root behind it");
    let (_, read) = x509_parser::parse_x509_certificate(&leaf.der).unwrap();
    assert!((16..=20).contains(&read.raw_serial().len()));
    assert!(issued.pair.key.expose_secret().starts_with("-----BEGIN PRIVATE KEY-----"));
}

#[test]
fn a_certificate_is_saved_as_it_was_read() {
    let certificate = first(&ca());
    let json = serde_json::to_string(&certificate).unwrap();
    let again: Certificate = serde_json::from_str(&json).unwrap();
    assert_eq!(again, certificate);
    assert_eq!(again.pem(), certificate.pem());
    assert!(serde_json::from_str::<Certificate>("\"x\"").is_err());
}

#[test]
fn a_key_is_known_by_the_digest_in_its_certificate() {
    let pair = ca();
    let key = Key::read(&pair.key).unwrap();
    assert!(key.fits(&first(&pair)) && !key.fits(&first(&ca())));
    assert_eq!(key.spki_sha256(), first(&pair).spki_sha256);
}

#[test]
fn two_that_are_issued_alike_differ_in_number_and_key() {
    let ca = ca();
    let one = first(&issue(&ca, "db1", &[San::of("db1")], NOW, 30).unwrap().pair);
    let other = first(&issue(&ca, "db1", &[San::of("db1")], NOW, 30).unwrap().pair);
    assert_ne!(one.spki_sha256, other.spki_sha256);
    let serial =
        |it: &Certificate| x509_parser::parse_x509_certificate(&it.der).unwrap().1.raw_serial().to_vec();
    assert_ne!(serial(&one), serial(&other));
}

#[test]
fn no_leaf_outlives_its_authority() {
    let ca = make_ca("shop CA", NOW, 100).unwrap();
    let issued = issue(&ca, "db1", &[San::of("db1")], NOW + 30 * DAY, 397).unwrap();
    assert_eq!(issued.end, LeafEnd { at: NOW + 100 * DAY, cut_short: true });
    assert_eq!(first(&issued.pair).not_after, issued.end.at);
    let at_the_end = issue(&ca, "db1", &[], NOW + 30 * DAY, 70).unwrap();
    assert_eq!(at_the_end.end, LeafEnd { at: NOW + 100 * DAY, cut_short: false });
    let error = issue(&ca, "db1", &[], NOW + 101 * DAY, 397).unwrap_err();
    assert!(
        error.to_string().contains("the certificate of `shop CA` expired on 2027-04-25 08:00 UTC"),
        "{error}"
    );
}

#[test]
fn what_cannot_be_issued_is_refused_in_words() {
    let ca = ca();
    for name in ["", " ", "a\nb", &"x".repeat(65)] {
        assert!(matches!(make_ca(name, NOW, 1), Err(IssueError::Name(_))), "{name:?}");
        assert!(matches!(issue(&ca, name, &[], NOW, 1), Err(IssueError::Name(_))), "{name:?}");
    }
    for bad in ["a b", "größe", "-", "", "a..b", "${x}"] {
        let refused = issue(&ca, "db1", &[San::of(bad)], NOW, 1);
        assert!(matches!(refused, Err(IssueError::San(_))), "{bad:?}");
    }
    assert_eq!(make_ca("shop CA", NOW, u32::MAX).unwrap_err(), IssueError::TooLong(u32::MAX));
    assert!(make_ca("shop CA", i64::MAX, 1).is_err() && make_ca("shop CA", i64::MIN, 1).is_err());
    // Until then the authority ends anyway.
    assert!(issue(&ca, "db1", &[], NOW, u32::MAX).is_ok_and(|issued| issued.end.cut_short));
}

fn names() -> impl Strategy<Value = Vec<String>> {
    let name = "[a-z0-9]([a-z0-9_-]{0,20}[a-z0-9])?(\\.[a-z]([a-z0-9-]{0,10}[a-z0-9])?){0,3}";
    let address = any::<IpAddr>().prop_map(|ip| ip.to_string());
    vec(prop_oneof![name, address], 1..6)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_issued_has_no_fault(
        ca_name in "[ -~äß]{0,31}[a-z]",
        name in "[a-zA-Z0-9][a-zA-Z0-9._-]{0,62}",
        names in names(),
        days in 1u32..20_000,
    ) {
        let ca = make_ca(&ca_name, NOW, 3650).unwrap();
        let sans: Vec<_> = names.iter().map(|name| San::of(name)).filter(San::is_valid).collect();
        let issued = issue(&ca, &name, &sans, NOW, days).unwrap();
        for moment in [NOW, NOW - 3600, issued.end.at] {
            prop_assert_eq!(check(&issued.pair, &ca.certificate, &sans, moment), []);
        }
        let other = San::of("not.in.it");
        prop_assert_eq!(check(&issued.pair, &ca.certificate, &[other], NOW).len(), 1);
    }
}
