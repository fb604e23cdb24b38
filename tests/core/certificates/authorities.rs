//! Authorities that users have already, of every kind of key and name.

use galactl::kernel::certificates::{Certificate, Pair, San, check, issue};
use rcgen::{IsCa, KeyPair, PKCS_ECDSA_P384_SHA384, PKCS_ED25519, SignatureAlgorithm};
use x509_parser::extensions::ParsedExtension;
use x509_parser::prelude::X509Certificate;

use super::made::{Made, NOW, between, fixture, secret_fixture, wanted};

/// What it issues has no fault.
fn issues(ca: &Pair) -> Vec<Certificate> {
    let issued = issue(ca, "db1", &wanted(), NOW, 397).unwrap();
    assert_eq!(check(&issued.pair, &ca.certificate, &wanted(), NOW), []);
    Certificate::all_in(&issued.pair.certificate).unwrap()
}

/// Its key as OpenSSL writes it by default, and as it did for twenty years.
#[test]
fn an_rsa_authority_of_a_directory_issues() {
    for key in ["rsa.key", "rsa-pkcs8.key"] {
        let ca = Pair { certificate: fixture("rsa-ca.pem"), key: secret_fixture(key) };
        let leaf = issues(&ca).swap_remove(0);
        assert_eq!(leaf.issuer, "DC=example, DC=shop, O=Shop + OU=Databases, CN=Shop CA");
    }
}

#[test]
fn the_name_and_the_key_id_are_taken_over_byte_by_byte() {
    let ca = Pair { certificate: fixture("rsa-ca.pem"), key: secret_fixture("rsa.key") };
    let (own, leaf) = (Certificate::all_in(&ca.certificate).unwrap(), issues(&ca));
    let read =
        |it: &'_ Certificate| x509_parser::parse_x509_certificate(&it.der).unwrap().1.as_raw().to_vec();
    let (own, leaf) = (read(&own[0]), read(&leaf[0]));
    let parsed = |der| x509_parser::parse_x509_certificate(der).unwrap().1;
    let (own, leaf): (X509Certificate, X509Certificate) = (parsed(&own), parsed(&leaf));
    assert_eq!(own.subject().as_raw(), leaf.issuer().as_raw());
    let subject_id = own.iter_extensions().find_map(|it| match it.parsed_extension() {
        ParsedExtension::SubjectKeyIdentifier(id) => Some(id.0.to_vec()),
        _ => None,
    });
    let issuer_id = leaf.iter_extensions().find_map(|it| match it.parsed_extension() {
        ParsedExtension::AuthorityKeyIdentifier(it) => it.key_identifier.as_ref().map(|id| id.0.to_vec()),
        _ => None,
    });
    assert!(subject_id.is_some());
    assert_eq!(subject_id, issuer_id);
}

fn with_key_of(algorithm: &'static SignatureAlgorithm) -> Pair {
    let params = Made::root("Shop CA", |_| ()).params;
    let key = KeyPair::generate_for(algorithm).unwrap();
    Pair { certificate: params.self_signed(&key).unwrap().pem(), key: key.serialize_pem().into() }
}

#[test]
fn an_authority_of_another_curve_issues() {
    for algorithm in [&PKCS_ECDSA_P384_SHA384, &PKCS_ED25519] {
        assert_eq!(issues(&with_key_of(algorithm)).len(), 1);
    }
}

#[test]
fn a_leaf_of_an_intermediate_brings_what_leads_to_the_root() {
    let root = Made::root("Shop CA", |_| ());
    let middle = root.intermediate("Databases CA", |_| ());
    let ca = middle.followed_by(&root.pem);
    let all = issues(&ca);
    assert_eq!(all.iter().map(|it| it.subject.as_str()).collect::<Vec<_>>(), ["db1", "Databases CA"]);
    let issued = issue(&ca, "db1", &wanted(), NOW, 397).unwrap();
    assert_eq!(check(&issued.pair, &root.pem, &wanted(), NOW), [], "partners need the root only");
}

#[test]
fn a_pair_that_is_no_authority_issues_nothing() {
    let leaf = Made::root("Shop CA", |_| ()).leaf(|it| it.is_ca = IsCa::ExplicitNoCa);
    let error = issue(&leaf.pair(), "db2", &[San::of("db2")], NOW, 1).unwrap_err().to_string();
    assert!(error.contains("the certificate of `db1` is not that of a CA"), "{error}");
}

/// An authority that was renewed with its key: both certificates are in its file, the old one first.
#[test]
fn of_two_certificates_of_one_key_the_valid_one_issues() {
    let old = Made::root("Shop CA", |it| between(it, -300, -1));
    let mut params = old.params.clone();
    between(&mut params, -10, 3000);
    let renewed = params.self_signed(&old.key).unwrap().pem();
    let ca = Pair { certificate: format!("{}{renewed}", old.pem), key: old.secret() };
    let leaf = issues(&ca).swap_remove(0);
    assert_eq!(leaf.days_left(NOW), 397);
}

/// While an authority is changed, its file holds the old one, the new one, and an intermediate of neither.
#[test]
fn what_leads_to_another_root_is_left_out_of_the_leafs_file() {
    let (old, new) = (Made::root("Shop CA", |_| ()), Made::root("Shop CA", |_| ()));
    let other = old.intermediate("Databases CA", |_| ());
    let ca = new.followed_by(&format!("{}{}", other.pem, old.pem));
    assert_eq!(issues(&ca).len(), 1);
}
