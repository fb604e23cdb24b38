//! Each fault of a host's certificate is found, by itself and among others.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use galactl::kernel::certificates::{Fault, File, Pair, check, check_ca, mode_fault};
use rcgen::{
    BasicConstraints, CertificateParams, ExtendedKeyUsagePurpose, GeneralSubtree, IsCa, KeyUsagePurpose,
    NameConstraints,
};

use super::made::{Made, NOW, between, dns, fixture, secret_fixture, wanted};

/// What was done, the faults in it, and the names of those that there must be.
struct Case {
    what: &'static str,
    found: Vec<Fault>,
    expected: &'static [&'static str],
}

fn case(what: &'static str, own: &Pair, ca: &str, expected: &'static [&'static str]) -> Case {
    Case { what, found: check(own, ca, &wanted(), NOW), expected }
}

fn untouched(_: &mut CertificateParams) {}

fn root() -> Made {
    Made::root("Shop CA", untouched)
}

fn path(file: File) -> String {
    match file {
        File::Certificate => "db1.pem",
        File::Key => "db1.key",
        File::Ca => "ca.pem",
        File::CaKey => "ca.key",
    }
    .to_owned()
}

/// The fault's variant.
fn name(fault: &Fault) -> String {
    format!("{fault:?}").chars().take_while(char::is_ascii_alphanumeric).collect()
}

fn of_texts() -> Vec<Case> {
    let ca = root();
    let leaf = ca.leaf(untouched);
    let good = leaf.pair();
    let with_key = |key| Pair { key, ..good.clone() };
    let with_certificate = |certificate: &str| Pair { certificate: certificate.into(), ..good.clone() };
    let swapped = Pair { certificate: leaf.key.serialize_pem(), key: good.certificate.clone().into() };
    let cut = &good.certificate[..good.certificate.len() - 40];
    let hole = good.certificate.replacen('M', "!", 1);
    let key_hole = leaf.key.serialize_pem().replacen('M', "!", 1).into();
    let no_key = "no PEM".to_owned().into();
    vec![
        case("nothing", &good, &ca.pem, &[]),
        case("text around the blocks", &with_certificate(&format!("db1:\n{}\nend", leaf.pem)), &ca.pem, &[]),
        case("certificate and key are swapped", &swapped, &ca.pem, &["Unreadable", "Key"]),
        case("the certificate is not PEM", &with_certificate("0\u{82}"), &ca.pem, &["Unreadable"]),
        case("the certificate is cut off", &with_certificate(cut), &ca.pem, &["Unreadable"]),
        case("the certificate is no base64", &with_certificate(&hole), &ca.pem, &["Unreadable"]),
        case("the authority's file is a key", &good, &ca.key.serialize_pem(), &["Unreadable"]),
        case("there is no key", &with_key(no_key), &ca.pem, &["Key"]),
        case("the key is no base64", &with_key(key_hole), &ca.pem, &["Key"]),
        case("an encrypted key", &with_key(secret_fixture("encrypted.key")), &ca.pem, &["Key"]),
        case(
            "an encrypted key, older form",
            &with_key(secret_fixture("encrypted-sec1.key")),
            &ca.pem,
            &["Key"],
        ),
        case("a key of another curve", &with_key(secret_fixture("p521.key")), &ca.pem, &["Key"]),
        case(
            "a weak key beside another certificate",
            &with_key(secret_fixture("weak.key")),
            &ca.pem,
            &["Key"],
        ),
        case("the key of another", &with_key(secret_fixture("sec1.key")), &ca.pem, &["KeyOfAnother"]),
        case("the key of the authority", &with_key(ca.secret()), &ca.pem, &["KeyOfAnother"]),
    ]
}

fn of_leaves() -> Vec<Case> {
    let ca = root();
    let edited = |what, edit: &dyn Fn(&mut CertificateParams), expected| {
        case(what, &ca.leaf(edit).pair(), &ca.pem, expected)
    };
    let reversed = {
        let leaf = ca.leaf(untouched);
        Pair { certificate: format!("{}{}", ca.pem, leaf.pem), key: leaf.secret() }
    };
    let weak = Pair { certificate: fixture("weak.pem"), key: secret_fixture("weak.key") };
    let sha1 = Pair { certificate: fixture("sha1.pem"), key: secret_fixture("sec1.key") };
    vec![
        edited("expired", &|it| between(it, -30, -3), &["Expired"]),
        edited("not yet valid", &|it| between(it, 3, 30), &["NotYetValid"]),
        edited("other names", &|it| it.subject_alt_names = vec![dns("db2")], &["LacksNames"]),
        edited("no names", &|it| it.subject_alt_names.clear(), &["LacksNames"]),
        edited("the address is missing", &|it| it.subject_alt_names.truncate(2), &["LacksNames"]),
        edited("an address as a name", &|it| it.subject_alt_names[2] = dns("10.0.0.1"), &["LacksNames"]),
        edited("for servers only", &|it| drop(it.extended_key_usages.pop()), &["NoClientUse"]),
        edited("for clients only", &|it| drop(it.extended_key_usages.remove(0)), &["NoServerUse"]),
        edited(
            "for code only",
            &|it| it.extended_key_usages = vec![ExtendedKeyUsagePurpose::CodeSigning],
            &["NoServerUse", "NoClientUse"],
        ),
        edited("for any use that is not forbidden", &|it| it.extended_key_usages.clear(), &[]),
        edited(
            "no signatures",
            &|it| it.key_usages = vec![KeyUsagePurpose::KeyEncipherment],
            &["NoSignatures"],
        ),
        edited(
            "an authority",
            &|it| it.is_ca = IsCa::Ca(BasicConstraints::Unconstrained),
            &["CaInsteadOfLeaf"],
        ),
        case("the authority first", &reversed, &ca.pem, &["NotFirst"]),
        case("a weak key", &weak, &fixture("rsa-ca.pem"), &["WeakKey"]),
        case("SHA-1", &sha1, &fixture("rsa-ca.pem"), &["WeakSignature"]),
        edited(
            "all at once",
            &|it| {
                between(it, -30, -3);
                it.subject_alt_names.truncate(1);
                it.extended_key_usages.pop();
                it.key_usages = vec![KeyUsagePurpose::KeyEncipherment];
            },
            &["Expired", "LacksNames", "NoClientUse", "NoSignatures"],
        ),
    ]
}

fn of_ways() -> Vec<Case> {
    let ca = root();
    let good = ca.leaf(untouched).pair();
    let between_them = |edit: &dyn Fn(&mut CertificateParams)| {
        let middle = ca.intermediate("Databases CA", edit);
        middle.leaf(untouched).followed_by(&middle.pem)
    };
    let below = |what, edit: &dyn Fn(&mut CertificateParams), expected| {
        let root = Made::root("Shop CA", edit);
        case(what, &root.leaf(untouched).pair(), &root.pem, expected)
    };
    let middle = ca.intermediate("Databases CA", untouched);
    let other = Made::root("Other CA", untouched);
    let namesake = root();
    let alone = Made::root("db1", |it| {
        *it = ca.leaf(untouched).params;
    });
    let foreign_root = {
        let middle = other.intermediate("Databases CA", untouched);
        middle.leaf(untouched).followed_by(&format!("{}{}", middle.pem, other.pem))
    };
    let no_more = |it: &mut CertificateParams| it.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    let too_deep = {
        let root = Made::root("Shop CA", no_more);
        let middle = root.intermediate("Databases CA", untouched);
        case("too deep", &middle.leaf(untouched).followed_by(&middle.pem), &root.pem, &["TooManyBelow"])
    };
    let expired_all = {
        let root = Made::root("Shop CA", |it| between(it, -30, -2));
        let leaf = root.leaf(|it| {
            between(it, -30, -3);
            it.subject_alt_names.clear();
        });
        let pair = Pair { key: secret_fixture("sec1.key"), ..leaf.pair() };
        case("all files", &pair, &root.pem, &["KeyOfAnother", "Expired", "LacksNames", "Expired"])
    };
    let says_no_key = ca.leaf(|it| it.use_authority_key_identifier_extension = false);
    let both = format!("{}{}", namesake.pem, ca.pem);
    let expired_namesake = Made::root("Shop CA", |it| between(it, -30, -3)).pem + &ca.pem;
    let forbids = |it: &mut CertificateParams| {
        let excluded_subtrees = vec![GeneralSubtree::DnsName("shop.example".into())];
        it.name_constraints = Some(NameConstraints { permitted_subtrees: Vec::new(), excluded_subtrees });
    };
    vec![
        case("an intermediate", &between_them(&untouched), &ca.pem, &[]),
        case("both authorities are trusted", &good, &both, &[]),
        case("which of both is not said", &says_no_key.pair(), &both, &["Namesake"]),
        case("which of both is not said, and one has expired", &says_no_key.pair(), &expired_namesake, &[]),
        case(
            "the root is in the host's file too",
            &middle.leaf(untouched).followed_by(&(middle.pem.clone() + &ca.pem)),
            &ca.pem,
            &[],
        ),
        case(
            "the intermediate is in the authority's file",
            &middle.leaf(untouched).pair(),
            &(middle.pem.clone() + &ca.pem),
            &[],
        ),
        case("self-signed", &alone.pair(), &ca.pem, &["SelfSigned"]),
        case("an intermediate is missing", &middle.leaf(untouched).pair(), &ca.pem, &["IssuerMissing"]),
        case("another authority", &good, &other.pem, &["IssuerMissing"]),
        case("another authority of the same name", &good, &namesake.pem, &["OtherIssuer"]),
        case("another root", &foreign_root, &ca.pem, &["OtherRoot"]),
        case("the root is missing", &middle.leaf(untouched).pair(), &middle.pem, &["NoRoot"]),
        case("an expired intermediate", &between_them(&|it| between(it, -30, -3)), &ca.pem, &["Expired"]),
        case(
            "an intermediate that is none",
            &between_them(&|it| it.is_ca = IsCa::ExplicitNoCa),
            &ca.pem,
            &["NoCa"],
        ),
        case(
            "an intermediate that may not issue",
            &between_them(&|it| it.key_usages = vec![KeyUsagePurpose::CrlSign]),
            &ca.pem,
            &["MayNotIssue"],
        ),
        below("an expired authority", &|it| between(it, -30, -3), &["Expired"]),
        below("an authority that is not valid yet", &|it| between(it, 3, 30), &["NotYetValid"]),
        below(
            "an authority that may not issue",
            &|it| it.key_usages = vec![KeyUsagePurpose::CrlSign],
            &["MayNotIssue"],
        ),
        below("an authority that is none", &|it| it.is_ca = IsCa::NoCa, &["NoCa"]),
        below("a name that the authority may not give", &forbids, &["Refused"]),
        case("the host's certificate as the authority", &good, &good.certificate, &["NoCa"]),
        too_deep,
        expired_all,
    ]
}

fn of_authorities() -> Vec<Case> {
    let ca = root();
    let pair = ca.pair();
    let with_key = |key| Pair { key, ..pair.clone() };
    let middle = ca.intermediate("Databases CA", untouched);
    let issuing = |what, pair: &Pair, expected| Case { what, found: check_ca(pair, NOW), expected };
    let edited = |what, edit: &dyn Fn(&mut CertificateParams), expected| {
        issuing(what, &Made::root("Shop CA", edit).pair(), expected)
    };
    let rsa = Pair { certificate: fixture("rsa-ca.pem"), key: secret_fixture("rsa.key") };
    vec![
        issuing("an authority", &pair, &[]),
        issuing("an authority with an RSA key", &rsa, &[]),
        issuing("an intermediate with its root", &middle.followed_by(&ca.pem), &[]),
        issuing(
            "an authority and the key of another",
            &with_key(secret_fixture("sec1.key")),
            &["KeyOfAnother"],
        ),
        issuing("an authority's key is encrypted", &with_key(secret_fixture("encrypted.key")), &["Key"]),
        issuing("an authority that is a host's", &ca.leaf(untouched).pair(), &["NoCa"]),
        issuing("an intermediate without its root", &middle.pair(), &["NoRoot"]),
        issuing("no certificate", &Pair { certificate: String::new(), ..pair.clone() }, &["Unreadable"]),
        edited("an expired authority", &|it| between(it, -30, -3), &["Expired"]),
        edited(
            "an authority that may not issue",
            &|it| it.key_usages = vec![KeyUsagePurpose::CrlSign],
            &["MayNotIssue"],
        ),
        Case {
            what: "a key that a group may read",
            found: mode_fault(File::Key, 0o100_640).into_iter().collect(),
            expected: &["OpenToOthers"],
        },
        Case {
            what: "a key of its owner",
            found: mode_fault(File::Key, 0o100_600).into_iter().collect(),
            expected: &[],
        },
    ]
}

fn cases() -> Vec<Case> {
    [of_texts(), of_leaves(), of_ways(), of_authorities()].into_iter().flatten().collect()
}

#[test]
fn each_fault_is_found_and_nothing_else() {
    let mut seen = BTreeSet::new();
    for case in cases() {
        let names: Vec<_> = case.found.iter().map(name).collect();
        assert_eq!(names, case.expected, "{}: {:?}", case.what, case.found);
        seen.extend(names);
    }
    // One that is added needs a case here.
    assert_eq!(seen.len(), 24, "{seen:?}");
}

#[test]
fn what_is_said_of_each() {
    let mut text = String::new();
    for case in cases() {
        writeln!(text, "{}", case.what).unwrap();
        for fault in case.found {
            writeln!(text, "    {}: {fault}\n        {}", path(fault.file()), fault.remedy(&path)).unwrap();
        }
    }
    insta::assert_snapshot!("certificate_faults", text);
}
