//! Certificates of one's own PKI, on the operator's machine: what is wrong with them is said before any host is asked,
//! with the place in the inventory, the file, and what to do.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Output};

use rcgen::{BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, IsCa, KeyUsagePurpose};
use tempfile::TempDir;
use x509_parser::time::ASN1Time;

use crate::certificates::made::{DAY, Made, dns, fixture};

/// The certificate is named in line 7, the key in line 8, and the authority in line 3.
const INVENTORY: &str = "version: 1
cluster: {name: shop}
tls: {ca: {certificate: ca.pem}}
nodes:
  - name: db1
    address: 10.0.0.1
    tls: {certificate: db1.pem,
          key: {file: db1.key}}
";
/// The same of an authority that issues certificates.
const ISSUING: &str = "version: 1
cluster: {name: shop}
tls:
  ca:
    certificate: ca.pem
    key: {file: ca.key}
nodes:
  - {name: db1, address: 10.0.0.1}
";
const CERTIFICATE: &str = "inventory.yaml:7:24";
const KEY: &str = "inventory.yaml:8:16";
const CA: &str = "inventory.yaml:3:25";

/// What lies beside the inventory.
struct Files {
    certificate: String,
    key: String,
    ca: String,
}

/// One thing wrong: what, where it is said, and some of the words.
struct Case {
    what: &'static str,
    files: Files,
    place: &'static str,
    says: &'static str,
    next: &'static str,
}

fn valid(params: &mut CertificateParams, begins: i64, ends: i64) {
    let now = jiff::Timestamp::now().as_second();
    let date = |days: i64| ASN1Time::from_timestamp(now + days * DAY).unwrap().to_datetime();
    (params.not_before, params.not_after) = (date(begins), date(ends));
}

fn now(params: &mut CertificateParams) {
    valid(params, -10, 300);
}

fn root(name: &str, edit: impl FnOnce(&mut CertificateParams)) -> Made {
    Made::root(name, |it| {
        now(it);
        edit(it);
    })
}

fn leaf(of: &Made, edit: impl FnOnce(&mut CertificateParams)) -> Made {
    of.leaf(|it| {
        now(it);
        edit(it);
    })
}

fn files(leaf: &Made, ca: &Made) -> Files {
    Files { certificate: leaf.pem.clone(), key: leaf.key.serialize_pem(), ca: ca.pem.clone() }
}

fn nothing(_: &mut CertificateParams) {}

fn of_leaves() -> Vec<Case> {
    let ca = root("Shop CA", nothing);
    let edited = |what, edit: &dyn Fn(&mut CertificateParams), says, next| {
        let files = files(&leaf(&ca, edit), &ca);
        Case { what, files, place: CERTIFICATE, says, next }
    };
    vec![
        edited(
            "expired",
            &|it| valid(it, -30, -3),
            "expired",
            "have it issued again, and put it into db1.pem",
        ),
        edited("not yet valid", &|it| valid(it, 3, 30), "is valid from", "correct this machine's clock"),
        edited(
            "another name",
            &|it| it.subject_alt_names = vec![dns("db2")],
            "db1 and 10.0.0.1",
            "issued again, with db1 and 10.0.0.1",
        ),
        edited("no address", &|it| it.subject_alt_names.truncate(2), "10.0.0.1", "with 10.0.0.1 among"),
        edited(
            "no client use",
            &|it| drop(it.extended_key_usages.pop()),
            "client",
            "serverAuth and clientAuth",
        ),
        edited(
            "no server use",
            &|it| drop(it.extended_key_usages.remove(0)),
            "server",
            "serverAuth and clientAuth",
        ),
        edited(
            "for code only",
            &|it| it.extended_key_usages = vec![ExtendedKeyUsagePurpose::CodeSigning],
            "server",
            "serverAuth and clientAuth",
        ),
        edited(
            "no signatures",
            &|it| it.key_usages = vec![KeyUsagePurpose::KeyEncipherment],
            "may not prove who speaks",
            "key usage digitalSignature",
        ),
        edited(
            "an authority instead of a leaf",
            &|it| it.is_ca = IsCa::Ca(BasicConstraints::Unconstrained),
            "CA",
            "that was issued for the host",
        ),
    ]
}

fn of_texts() -> Vec<Case> {
    let ca = root("Shop CA", nothing);
    let good = leaf(&ca, nothing);
    let with = |what, edit: &dyn Fn(&mut Files), place, says, next| {
        let mut files = files(&good, &ca);
        edit(&mut files);
        Case { what, files, place, says, next }
    };
    vec![
        with(
            "a key of another",
            &|it| it.key = ca.key.serialize_pem(),
            KEY,
            "not that of",
            "put the private key of that certificate into db1.key",
        ),
        with(
            "an encrypted key",
            &|it| it.key = fixture("encrypted.key"),
            KEY,
            "passphrase",
            "openssl pkey -in db1.key",
        ),
        with(
            "no key in the key's file",
            &|it| it.key = good.pem.clone(),
            KEY,
            "no private key",
            "put the private key into db1.key",
        ),
        with("half a key", &|it| it.key.truncate(100), KEY, "db1.key", "db1.key"),
        with(
            "no certificate in its file",
            &|it| it.certificate = "db1".into(),
            CERTIFICATE,
            "db1.pem",
            "openssl x509",
        ),
        with(
            "half a certificate",
            &|it| it.certificate.truncate(300),
            CERTIFICATE,
            "db1.pem",
            "openssl x509",
        ),
        with("the authority's file is empty", &|it| it.ca.clear(), CA, "ca.pem", "openssl x509"),
        with(
            "the authority's file is a leaf",
            &|it| it.ca = good.pem.clone(),
            CA,
            "CA",
            "openssl x509 -in ca.pem",
        ),
        with(
            "the authority first",
            &|it| it.certificate = ca.pem.clone() + &good.pem,
            CERTIFICATE,
            "first",
            "order db1.pem",
        ),
    ]
}

fn of_ways() -> Vec<Case> {
    let ca = root("Shop CA", nothing);
    let middle = ca.intermediate("Databases CA", now);
    let below = leaf(&middle, nothing);
    let good = leaf(&ca, nothing);
    let other = root("Other CA", nothing);
    let namesake = root("Shop CA", nothing);
    let old = ca.intermediate("Databases CA", |it| valid(it, -30, -3));
    let below_old = leaf(&old, nothing);
    let expired = root("Shop CA", |it| valid(it, -30, -3));
    let followed = |leaf: &Made, more: &Made, ca: &Made| Files {
        certificate: format!("{}{}", leaf.pem, more.pem),
        ..files(leaf, ca)
    };
    let alone = Made::root("db1", |it| {
        *it = good_params(&ca);
    });
    let case = |what, files, place, says, next| Case { what, files, place, says, next };
    vec![
        case(
            "the intermediate is missing",
            files(&below, &ca),
            CERTIFICATE,
            "Databases CA",
            "append its certificate to db1.pem",
        ),
        case("another authority", files(&good, &other), CERTIFICATE, "Shop CA", "into ca.pem"),
        case(
            "another authority of the same name",
            files(&good, &namesake),
            CERTIFICATE,
            "Shop CA",
            "into ca.pem",
        ),
        case(
            "an expired intermediate",
            followed(&below_old, &old, &ca),
            CERTIFICATE,
            "expired",
            "have it issued again",
        ),
        case(
            "an expired authority",
            files(&leaf(&expired, nothing), &expired),
            CA,
            "expired",
            "put a certificate of the CA into ca.pem",
        ),
        case("self-signed", files(&alone, &ca), CERTIFICATE, "db1", "issued by the CA in ca.pem"),
    ]
}

fn good_params(ca: &Made) -> CertificateParams {
    leaf(ca, nothing).params
}

fn lay(files: &Files, inventory: &str) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &str, mode: u32| {
        fs::write(directory.path().join(name), text).unwrap();
        fs::set_permissions(directory.path().join(name), Permissions::from_mode(mode)).unwrap();
    };
    put("inventory.yaml", inventory, 0o644);
    put("db1.pem", &files.certificate, 0o644);
    put("db1.key", &files.key, 0o600);
    put("ca.key", &files.key, 0o600);
    put("ca.pem", &files.ca, 0o644);
    directory
}

fn galactl(directory: &Path, words: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_galactl"));
    let path = std::env::var_os("PATH").unwrap_or_default();
    command.args(words).arg("inventory.yaml").current_dir(directory).env_clear().env("PATH", path);
    command.env("HOME", directory).env("COLUMNS", "400").output().unwrap()
}

fn said(output: &Output) -> String {
    String::from_utf8([output.stdout.clone(), output.stderr.clone()].concat()).unwrap()
}

fn listed(directory: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let mut all: Vec<_> = entries
        .filter(|path| path.is_file())
        .map(|path| (path.display().to_string(), fs::read(&path).unwrap()))
        .collect();
    all.sort();
    all
}

fn refuses(what: &str, directory: &Path, place: &str, says: &str, next: &str) {
    let before = listed(directory);
    let output = galactl(directory, &["validate"]);
    let text = said(&output);
    assert_eq!(output.status.code(), Some(1), "{what}: {text}");
    let at = "error[certificate]: ";
    assert_eq!(text.matches("error[").count(), text.matches(at).count(), "{what}: {text}");
    let note = text
        .split("\n\n")
        .find(|note| note.contains(place))
        .unwrap_or_else(|| panic!("{what}: not at {place}: {text}"));
    assert!(note.contains(says), "{what}: {says}: {note}");
    assert!(note.contains("= help: ") && note.contains(next), "{what}: {next}: {note}");
    let output = galactl(directory, &["bootstrap", "--yes"]);
    let text = said(&output);
    assert_eq!(output.status.code(), Some(1), "{what}: {text}");
    assert!(text.contains(place) && text.contains("= help: "), "{what}: {text}");
    assert!(text.contains("nothing was changed: certificates cannot be used as they are"), "{what}: {text}");
    assert_eq!(listed(directory), before, "{what}");
}

#[test]
fn each_bad_certificate_is_a_located_error_and_nothing_is_changed() {
    let cases: Vec<_> = [of_leaves(), of_texts(), of_ways()].into_iter().flatten().collect();
    assert!(cases.len() >= 15);
    for case in cases {
        let directory = lay(&case.files, INVENTORY);
        refuses(case.what, directory.path(), case.place, case.says, case.next);
    }
}

#[test]
fn a_key_that_others_may_read_is_refused() {
    let ca = root("Shop CA", nothing);
    let directory = lay(&files(&leaf(&ca, nothing), &ca), INVENTORY);
    let key = directory.path().join("db1.key");
    for mode in [0o644, 0o640, 0o604, 0o660] {
        fs::set_permissions(&key, Permissions::from_mode(mode)).unwrap();
        refuses("a key that others may read", directory.path(), KEY, "db1.key", "chmod 600 db1.key");
    }
    fs::set_permissions(&key, Permissions::from_mode(0o400)).unwrap();
    assert!(galactl(directory.path(), &["validate"]).status.success());
}

#[test]
fn an_authority_of_ones_own_is_judged_with_its_key() {
    const PLACE: &str = "inventory.yaml:6:10";
    let ca = root("Shop CA", nothing);
    let directory =
        lay(&Files { certificate: String::new(), key: ca.key.serialize_pem(), ca: ca.pem.clone() }, ISSUING);
    let output = galactl(directory.path(), &["validate"]);
    assert!(output.status.success(), "{}", said(&output));
    let key = directory.path().join("ca.key");
    fs::set_permissions(&key, Permissions::from_mode(0o644)).unwrap();
    refuses("a key that others may read", directory.path(), PLACE, "ca.key", "chmod 600 ca.key");
    fs::set_permissions(&key, Permissions::from_mode(0o600)).unwrap();
    fs::write(&key, root("Other CA", nothing).key.serialize_pem()).unwrap();
    refuses("the key of another", directory.path(), PLACE, "not that of", "ca.key");
    let old = root("Shop CA", |it| valid(it, -30, -3));
    fs::write(directory.path().join("ca.pem"), &old.pem).unwrap();
    fs::write(&key, old.key.serialize_pem()).unwrap();
    refuses("an expired one", directory.path(), "inventory.yaml:5:18", "expired", "ca.pem");
    fs::write(directory.path().join("ca.pem"), leaf(&ca, nothing).pem).unwrap();
    refuses("a leaf", directory.path(), "inventory.yaml:5:18", "CA", "openssl x509 -in ca.pem");
}

/// The command that is named leads on.
#[test]
fn in_place_of_one_that_has_expired_galactl_makes_another() {
    const MADE: &str = "version: 1
cluster: {name: shop}
tls:
  ca: {generate: true, certificate: ca.pem, key: {file: ca.key}}
nodes:
  - {name: db1, address: 10.0.0.1}
";
    let old = root("Shop CA", |it| valid(it, -30, -3));
    let directory =
        lay(&Files { certificate: String::new(), key: old.key.serialize_pem(), ca: old.pem.clone() }, MADE);
    let next = "make another one: galactl tls inventory.yaml --new-ca; galactl apply-config inventory.yaml";
    refuses("an expired one of galactl's", directory.path(), "inventory.yaml:4:37", "expired", next);
    let output = galactl(directory.path(), &["tls", "--new-ca", "--yes"]);
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(fs::read_to_string(directory.path().join("ca.pem.1")).unwrap(), old.pem);
    let output = galactl(directory.path(), &["validate"]);
    assert!(output.status.success(), "{}", said(&output));
}

/// A clone without the files of the authority, and no way to the hosts, which may trust it.
#[test]
fn no_authority_is_made_while_no_host_can_be_reached() {
    const MADE: &str = "version: 1
cluster: {name: shop}
tls: {ca: {generate: true}}
nodes:
  - {name: db1, address: 10.0.0.1}
";
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("inventory.yaml"), MADE).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_galactl"));
    command.args(["plan", "inventory.yaml"]).current_dir(directory.path()).env_clear();
    // There is no ssh.
    let output = command.env("HOME", directory.path()).env("PATH", directory.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(4), "{}", said(&output));
    assert!(said(&output).contains("refused[unreachable] db1"), "{}", said(&output));
    assert_eq!(listed(directory.path()).len(), 1);
}

/// Whoever reviews has no keys: a file that is missing is a warning then, and a host is asked for nothing.
#[test]
fn a_file_that_is_not_here_is_told() {
    let ca = root("Shop CA", nothing);
    let directory = lay(&files(&leaf(&ca, nothing), &ca), INVENTORY);
    for (file, place) in [("db1.key", KEY), ("db1.pem", CERTIFICATE), ("ca.pem", CA)] {
        let text = fs::read(directory.path().join(file)).unwrap();
        fs::remove_file(directory.path().join(file)).unwrap();
        let output = galactl(directory.path(), &["validate"]);
        let said = said(&output);
        assert!(output.status.success(), "{said}");
        assert!(
            said.contains("warning[no-such-file]") && said.contains(place) && said.contains(file),
            "{said}"
        );
        assert!(said.contains("paths are relative to the inventory"), "{said}");
        fs::write(directory.path().join(file), text).unwrap();
        fs::set_permissions(directory.path().join(file), Permissions::from_mode(0o600)).unwrap();
    }
}

#[test]
fn good_ones_pass() {
    let ca = root("Shop CA", nothing);
    let middle = ca.intermediate("Databases CA", now);
    let below = leaf(&middle, nothing);
    let with_chain = Files { certificate: format!("{}{}", below.pem, middle.pem), ..files(&below, &ca) };
    for good in [files(&leaf(&ca, nothing), &ca), with_chain] {
        let directory = lay(&good, INVENTORY);
        let output = galactl(directory.path(), &["validate"]);
        assert!(output.status.success(), "{}", said(&output));
        assert!(!said(&output).contains("certificate"), "{}", said(&output));
    }
}

/// No output of any of them shows a piece of a key.
#[test]
fn no_key_is_shown() {
    let ca = root("Shop CA", nothing);
    let good = leaf(&ca, nothing);
    let key = good.key.serialize_pem();
    let broken = Files { certificate: key.clone(), key: key.replacen('M', "!", 1), ca: key.clone() };
    for files in [files(&good, &ca), broken] {
        let directory = lay(&files, INVENTORY);
        for words in [
            ["validate"].as_slice(),
            &["validate", "--output", "json"],
            &["plan", "--offline"],
            &["render"],
            &["bootstrap", "--yes"],
        ] {
            let text = said(&galactl(directory.path(), words));
            let body: String = key.lines().filter(|line| !line.starts_with('-')).collect();
            let shown =
                body.as_bytes().windows(12).any(|piece| text.as_bytes().windows(12).any(|it| it == piece));
            assert!(!shown, "{words:?}: {text}");
        }
    }
}
