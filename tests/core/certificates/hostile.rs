//! Bytes that somebody has changed: they are read or refused, and what is said of them is the text of `fuzz/entries.rs`.

use galactl::kernel::certificates::{Certificate, Pair, San, check, check_ca};
use proptest::collection::vec;
use proptest::prelude::*;
use secrecy::SecretString;

use super::made::{Made, NOW, fixture};

/// Seen on hosts: what `openssl s_client` prints around a certificate.
#[test]
fn text_around_certificates_is_passed_over() {
    let root = Made::root("Shop CA", |_| ());
    let leaf = root.leaf(|_| ());
    let text = format!(
        "CONNECTED(00000003)\n---\nCertificate chain\n 0 s:CN = db1\n   i:CN = Shop CA\n{}\n 1 s:CN = Shop CA\r\n{}---\n",
        leaf.pem,
        root.pem.replace('\n', "\r\n")
    );
    let subjects: Vec<_> = Certificate::all_in(&text).unwrap().into_iter().map(|it| it.subject).collect();
    assert_eq!(subjects, ["db1", "Shop CA"]);
}

#[test]
fn a_name_that_would_move_the_cursor_is_spelt_out() {
    let root = Made::root("a\u{1b}[2Jb\u{202e}c", |_| ());
    let read = Certificate::all_in(&root.pem).unwrap();
    assert_eq!(read[0].subject, "a\\u{1b}[2Jb\\u{202e}c");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn changed_bytes_break_nothing(
        changes in vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        which in prop::sample::select(vec!["rsa-ca.pem", "sha1.pem"]),
    ) {
        let text = fixture(which);
        let mut der = Certificate::all_in(&text).unwrap().swap_remove(0).der;
        for (at, byte) in changes {
            let at = at.index(der.len());
            der[at] = byte;
        }
        if let Ok(certificate) = Certificate::from_der(&der) {
            let key = SecretString::from("");
            let pair = Pair { certificate: certificate.pem(), key };
            for fault in check(&pair, &text, &[San::of("db1")], NOW).into_iter().chain(check_ca(&pair, NOW)) {
                prop_assert!(!fault.to_string().contains(char::is_control));
            }
        }
    }
}
