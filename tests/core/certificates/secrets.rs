//! No private key is shown, wherever it was put.

use std::fmt::Debug;

use galactl::kernel::certificates::{Certificate, Fault, Key, Pair, San, check, check_ca, issue, make_ca};
use secrecy::{ExposeSecret as _, SecretString};

use super::made::{NOW, fixture, wanted};

/// Every piece of a key's text that is long enough to give something away.
fn pieces(key: &str) -> Vec<String> {
    let lines: Vec<_> = key.lines().filter(|line| !line.starts_with("-----")).collect();
    lines.concat().as_bytes().windows(12).map(|piece| String::from_utf8_lossy(piece).into_owned()).collect()
}

fn shows_nothing(key: &str, what: &dyn Debug) {
    let text = format!("{what:?}{what:#?}");
    assert!(!pieces(key).iter().any(|piece| text.contains(piece)), "{text}");
}

fn faults_show_nothing(key: &str, faults: &[Fault]) {
    shows_nothing(key, &faults);
    for fault in faults {
        shows_nothing(key, &(fault.to_string(), fault.remedy(&|_| "FILE".to_owned())));
    }
}

/// A key that galactl makes has its secret number here; behind it stands the public key, which anybody may see.
fn secret_number(key: &str) -> String {
    let lines: Vec<_> = key.lines().filter(|line| !line.starts_with("-----")).collect();
    lines.concat()[48..90].to_owned()
}

#[test]
fn what_holds_a_key_does_not_show_it() {
    let ca = make_ca("shop CA", NOW, 3650).unwrap();
    let issued = issue(&ca, "db1", &wanted(), NOW, 397).unwrap();
    for (pair, shown) in [(&ca, &ca as &dyn Debug), (&issued.pair, &issued)] {
        let secret = secret_number(pair.key.expose_secret());
        assert_eq!(pieces(&secret).len(), 31);
        shows_nothing(&secret, &(shown, Key::read(&pair.key)));
    }
}

/// Whole, cut off, damaged, encrypted: in the place of the certificate, of the key, and of the authority.
#[test]
fn a_key_in_any_file_is_not_shown() {
    let ca = make_ca("shop CA", NOW, 3650).unwrap();
    let good = issue(&ca, "db1", &wanted(), NOW, 397).unwrap().pair;
    let whole = good.key.expose_secret().to_owned();
    let mut texts = [
        "rsa.key",
        "rsa-pkcs8.key",
        "sec1.key",
        "encrypted.key",
        "encrypted-sec1.key",
        "p521.key",
        "weak.key",
    ]
    .map(fixture)
    .to_vec();
    texts.push(whole.clone());
    for text in texts.clone() {
        texts.push(text[..text.len() - 30].to_owned());
        texts.push(text.replacen('M', "!", 1));
        texts.push(text.replace("PRIVATE KEY", "CERTIFICATE"));
        texts
            .push(text.lines().filter(|line| !line.starts_with("-----BEGIN")).collect::<Vec<_>>().join("\n"));
        texts.push(text.replace('\n', ""));
        texts.push(text.replace('\n', "-----BEGIN "));
    }
    for text in texts {
        let as_key = Pair { key: SecretString::from(text.clone()), ..good.clone() };
        let as_certificate = Pair { certificate: text.clone(), ..good.clone() };
        faults_show_nothing(&text, &check(&as_key, &ca.certificate, &wanted(), NOW));
        faults_show_nothing(&text, &check(&as_certificate, &ca.certificate, &wanted(), NOW));
        faults_show_nothing(&text, &check(&good, &text, &wanted(), NOW));
        let authority = Pair { key: SecretString::from(text.clone()), ..ca.clone() };
        faults_show_nothing(&text, &check_ca(&authority, NOW));
        let error = issue(&authority, "db1", &[San::of("db1")], NOW, 1).map(|_| ());
        shows_nothing(&text, &error);
        shows_nothing(&text, &error.err().map(|it| it.to_string()));
        shows_nothing(&text, &Certificate::all_in(&text).err().map(|it| it.to_string()));
    }
}
