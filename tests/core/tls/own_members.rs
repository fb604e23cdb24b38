//! Certificates that members bring along: what stands against giving them to their hosts.

use galactl::galera::tls::inventory::Files;
use galactl::galera::tls::judge::findings;
use galactl::galera::tls::own::foreseen;
use galactl::galera::tls::own::with_intermediates;
use galactl::kernel::certificates::Certificate;
use galactl::kernel::model::SecretRef;
use galactl::kernel::plan::refusals_text;
use rcgen::DnType;

use super::{shape, whole};
use crate::certificates::made::{Made, dns};
use crate::support::{Changes as _, Shape, World, fresh, name, refusals};

/// Two nodes on hosts of this version that are to be founded with rsync, with these certificates.
fn to_be_born(version: &str, certificate: &str, ca: &str) -> World {
    let shape = Shape { nodes: 2, rsync: true, ..shape() };
    let mut world = World::new(&shape, vec![fresh().of_version(version); 2]);
    let tls = world.inventory.tls.as_mut().unwrap();
    tls.material.ca = Some(ca.to_owned());
    for member in [name(0), name(1)] {
        let place = "nodes[0].tls".to_owned();
        let key = SecretRef::File(format!("{member}.key"));
        let files = Files { certificate: format!("{member}.pem"), key, place };
        tls.own.insert(member.clone(), files);
        tls.material.own.insert(member, certificate.to_owned());
    }
    world
}

/// Seen on hosts: `CERT: Subject checks failed` with 10.5, and nothing of it with 10.11 and 11.8.
#[test]
fn what_the_oldest_script_misreads_is_refused_there_and_nowhere_else() {
    let ca = Made::root("Shop CA", |_| {});
    let begins = ca.leaf(|_| {});
    let behind = ca.leaf(|it| {
        it.distinguished_name = rcgen::DistinguishedName::new();
        it.distinguished_name.push(DnType::OrganizationName, "Shop");
        it.distinguished_name.push(DnType::CommonName, "db1");
    });
    let another = ca.leaf(|it| {
        it.distinguished_name = rcgen::DistinguishedName::new();
        it.distinguished_name.push(DnType::OrganizationName, "Shop");
        it.distinguished_name.push(DnType::CommonName, "Galera");
        it.subject_alt_names.push(dns("galera.example"));
    });
    for (leaf, wrong) in
        [(&begins, "misreads"), (&behind, ""), (&another, "`Galera`, is none of its DNS names")]
    {
        let world = to_be_born("10.5.29", &leaf.pem, &ca.pem);
        let told = foreseen(&world.basis()).iter().map(|it| it.evidence.clone()).collect::<Vec<_>>();
        match wrong.is_empty() {
            true => assert!(world.bootstrap().is_ok(), "{told:?}"),
            false => {
                assert!(told.iter().all(|it| it.contains(wrong)) && told.len() == 2, "{told:?}");
                let told = refusals_text(&refusals(&world.bootstrap()));
                assert!(told.contains(wrong) && told.contains("whose subject is `O=ANY, CN=db2`"), "{told}");
            }
        }
        assert!(to_be_born("10.11.14", &leaf.pem, &ca.pem).bootstrap().is_ok());
    }
}

#[test]
fn what_is_not_here_is_asked_for() {
    let ca = Made::root("Shop CA", |_| {});
    let mut world = to_be_born("10.11.14", &ca.leaf(|_| {}).pem, &ca.pem);
    let material = &mut world.inventory.tls.as_mut().unwrap().material;
    material.own.remove(&name(0));
    material.no_key.insert(name(1), "db2.key: No such file or directory".into());
    let told = refusals_text(&refusals(&world.bootstrap()));
    assert!(
        told.contains("db1: it needs the certificate that it brings along: db1.pem is not here"),
        "{told}"
    );
    assert!(told.contains("db2: it needs the certificate that it brings along: db2.key: No such"), "{told}");
    assert!(
        told.contains("bring db2.pem and its key here, as INVENTORY names them at nodes[0].tls"),
        "{told}"
    );
}

/// Seen on hosts: 10.5's scripts verify a certificate without those that follow it in its file.
#[test]
fn intermediates_of_the_authorities_are_trusted_with_them() {
    let (ca, other) = (Made::root("Shop CA", |_| {}), Made::root("Other CA", |_| {}));
    let (middle, foreign) =
        (ca.intermediate("Databases CA", |_| {}), other.intermediate("Other Databases", |_| {}));
    let lower = middle.intermediate("Lower CA", |_| {});
    let chain = |all: &[&Made]| all.iter().map(|it| it.pem.as_str()).collect::<String>();
    let leaf = lower.leaf(|_| {});
    let chains = [
        chain(&[&leaf, &lower, &middle]),
        chain(&[&leaf, &lower, &middle, &ca]),
        chain(&[&leaf, &foreign, &other]),
        "no certificate".into(),
    ];
    let text = with_intermediates(&ca.pem, chains.iter());
    let subjects: Vec<_> = Certificate::all_in(&text).unwrap().into_iter().map(|it| it.subject).collect();
    assert_eq!(subjects, ["Shop CA", "Lower CA", "Databases CA"]);
    assert_eq!(with_intermediates(&text, chains.iter()), text);
}

/// The command that a finding names has to do something.
#[test]
fn without_the_key_a_renewal_is_told_with_the_way_to_it() {
    let mut world = whole(&shape());
    let pem = world.authority().issue(&world.inventory, &name(1), 5);
    world.has_certificate(&name(1), &pem);
    world.inventory.tls.as_mut().unwrap().material.cannot_issue = Some("galactl-ca.key: No such file".into());
    let said: Vec<_> = findings(&world.basis()).iter().map(|it| it.remedy.to_string()).collect();
    let way = "bring the key of the authority here (galactl-ca.key: No such file), as INVENTORY names it; then galactl apply-config INVENTORY";
    assert_eq!(said, [way]);
}
