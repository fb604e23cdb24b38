//! Clusters that encrypt already: what their inventory says of it.

use galactl::galera::adopt::{Adopted, Member, adopt};
use galactl::galera::facts::{HostFacts, ServerAnswer, Spoken, Surroundings};
use galactl::galera::inventory::Inventory;
use galactl::galera::model::SstMethod;
use galactl::galera::tls::settings::{self, NODE};
use galactl::kernel::facts::ConfigFile;
use galactl::kernel::inventory::Settings;
use galactl::kernel::inventory::raw::RawSsh;
use galactl::kernel::model::Address;
use galactl::kernel::plan::text;

use crate::adopt::{by_hand, world};
use crate::support::{Authority, World, name};

const ISSUED: &str = "# Certificate and key of db1, written by galactl: issued by the authority in galactl-ca.pem for 397 days\n# For db1\n";
/// With the header of db1.
const ELSEWHERE: &str = "# Certificate and key of db1, written by galactl: from pki/db1.pem\n";
const SECTION: &str = "\ntls:\n  ca: {generate: true}\n  replication: true\n  transfer: true\n  clients: required\n  valid_days: 397\n";

/// The hosts with what this inventory's section `tls` sets.
fn encrypted(section: &str) -> Vec<HostFacts> {
    let wanted = inventory(section);
    let tls = wanted.tls.as_ref().unwrap();
    let mut hosts = by_hand();
    for host in &mut hosts {
        let mut provider = Settings::new();
        settings::provider(tls, NODE, &mut provider);
        add_provider(host, provider.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let mut server = Settings::new();
        settings::server(tls, &mut server);
        let more = settings::connection_errors(tls).map(|(name, value)| (name.into(), value.into()));
        host.options.extend(server.into_iter().chain(more));
        let mut sst = Settings::new();
        settings::sst(tls, SstMethod::Mariabackup, &mut sst);
        host.sst_options = sst;
    }
    hosts
}

fn add_provider<'a>(host: &mut HostFacts, options: impl Iterator<Item = (&'a str, &'a str)>) {
    let there = host.options.get_mut("wsrep_provider_options").unwrap();
    options.for_each(|(name, value)| *there += &format!("; {name}={value}"));
    if let ServerAnswer::Live(live) = &mut host.server_answer {
        live.spoken = Some(Spoken::of(there));
    }
}

fn inventory(section: &str) -> Inventory {
    let text = format!(
        "version: 1\ncluster: {{name: shop}}\n{section}nodes:\n  - {{name: db1, address: 10.0.0.11}}\n"
    );
    galactl::galera::inventory::parse(text.as_bytes()).unwrap().0
}

/// `first_lines`: of each member's file of certificate and key.
fn adopted(hosts: &[HostFacts], first_lines: &str, trusted: Option<&str>) -> Adopted {
    let around: Vec<_> = (0..hosts.len())
        .map(|index| Surroundings {
            unit: Some("mariadb".into()),
            trusted: trusted.map(str::to_owned),
            certificate: first_lines.replace("db1", name(index).as_str()),
            ..Surroundings::default()
        })
        .collect();
    let reached: Vec<Address> =
        (0..hosts.len()).map(|it| format!("10.0.0.{}", it + 11).parse().unwrap()).collect();
    let members = hosts.iter().zip(&reached).zip(&around);
    let members =
        members.map(|((facts, reached_at), surroundings)| Member { reached_at, facts, surroundings });
    adopt(members.collect(), &[], &RawSsh::default())
}

/// The hosts with certificates of this authority, in an inventory that has no key of it.
fn certified(text: &str, hosts: &[HostFacts], authority: &Authority) -> World {
    let mut world = world(text, hosts);
    world.certified();
    let tls = world.inventory.tls.as_mut().unwrap();
    tls.material.ca = Some(authority.pem().into());
    tls.material.cannot_issue = Some("galactl-ca.key: No such file or directory".into());
    for index in 0..hosts.len() {
        let pem = authority.issue(&world.inventory, &name(index), 300);
        let file = |mode: &str, group: &str, text: &str| ConfigFile {
            mode: mode.into(),
            owner: "root".into(),
            group: group.into(),
            text: text.into(),
        };
        let facts = world.certificates_mut(&name(index));
        facts.pair = Some(file("640", "mysql", &pem));
        facts.ca = Some(file("644", "root", authority.pem()));
    }
    world
}

#[test]
fn what_galactl_encrypts_is_the_section_and_needs_nothing_without_the_key() {
    let authority = Authority::new("galactl shop");
    let hosts = encrypted("tls: {ca: {generate: true}, clients: required}\n");
    let Adopted { text: inventory, notes, authority: found } = adopted(&hosts, ISSUED, Some(authority.pem()));
    assert!(inventory.contains(SECTION), "{inventory}");
    for option in ["ssl_", "require_secure", "tcert", "encrypt:", "    tls:"] {
        assert!(!inventory.contains(option), "{option}: {inventory}");
    }
    assert_eq!(notes, [""; 0]);
    let found = found.unwrap();
    assert_eq!((found.file.as_str(), found.key.as_deref()), ("galactl-ca.pem", Some("galactl-ca.key")));
    assert_eq!(found.pem, authority.pem());
    let world = certified(&inventory, &hosts, &authority);
    let plan = world.needed().unwrap();
    assert!(plan.is_empty(), "{}\n{inventory}", text(&plan));
    assert!(galactl::galera::tls::judge::findings(&world.basis()).is_empty());
}

#[test]
fn what_is_not_encrypted_is_said_so() {
    for (section, said) in [
        (
            "{generate: true}, replication: false",
            "replication: false\n  transfer: true\n  clients: offered\n",
        ),
        ("{generate: true}, transfer: false", "replication: true\n  transfer: false\n  clients: offered\n"),
        ("{generate: true}, clients: 'off'", "replication: true\n  transfer: true\n  clients: off\n"),
    ] {
        let authority = Authority::new("galactl shop");
        let hosts = encrypted(&format!("tls: {{ca: {section}}}\n"));
        let text = adopted(&hosts, ISSUED, Some(authority.pem())).text;
        assert!(text.contains(said), "{section}: {text}");
        let plan = certified(&text, &hosts, &authority).needed().unwrap();
        assert!(plan.is_empty(), "{}", galactl::kernel::plan::text(&plan));
    }
}

/// The key of an authority of one's own is not looked for in galactl's file; nor is there one where certificates are
/// brought along.
#[test]
fn who_issues_is_read_from_the_files_themselves() {
    let hosts = encrypted("tls: {ca: {generate: true}}\n");
    let own = ISSUED.replace("galactl-ca.pem for 397", "pki/shop.crt for 90");
    let found = adopted(&hosts, &own, Some("PEM"));
    assert!(found.text.contains("ca: {certificate: shop.crt, key: {file: shop.key}}\n"), "{}", found.text);
    assert!(found.text.contains("  valid_days: 90\n"), "{}", found.text);
    let found = adopted(&hosts, ELSEWHERE, Some("PEM"));
    assert!(found.text.contains("  ca: {certificate: ca.pem}\n"), "{}", found.text);
    let line = "  - name: db2\n    address: 10.0.0.12\n    tls: {certificate: pki/db2.pem, key: {file: pki/db2.key}}\n";
    assert!(found.text.contains(line), "{}", found.text);
    assert_eq!(found.authority.unwrap().key, None);
    assert!(found.notes[1].contains("bring pki/db2.pem and pki/db2.key here"), "{:?}", found.notes);
    world(&found.text, &hosts);
}

#[test]
fn files_of_somebody_else_stay_as_they_are() {
    let provider =
        [("socket.ssl_ca", "/ssl/ca"), ("socket.ssl_cert", "/ssl/c"), ("socket.ssl_key", "/ssl/k")];
    let server = [("ssl_ca", "/ssl/ca"), ("ssl_cert", "/ssl/c"), ("ssl_key", "/ssl/k")];
    let sst = [("encrypt", "3"), ("tkey", "/ssl/k"), ("tcert", "/ssl/c")];
    for with in 1..8_u8 {
        let mut hosts = by_hand();
        for host in &mut hosts {
            let own = |it: &(&str, &str)| (it.0.to_owned(), it.1.to_owned());
            if with & 1 > 0 {
                add_provider(host, provider.into_iter());
            }
            if with & 2 > 0 {
                host.options.extend(server.iter().map(own));
            }
            if with & 4 > 0 {
                host.sst_options = sst.iter().map(own).collect();
            }
        }
        let found = adopted(&hosts, "", None);
        assert!(found.notes.iter().any(|note| note.contains("not galactl's")), "{with}: {:?}", found.notes);
        assert!(!found.text.contains("\ntls:"), "{}", found.text);
        let plan = world(&found.text, &hosts).needed().unwrap();
        assert!(plan.is_empty(), "{with}: {}", text(&plan));
    }
}

#[test]
fn an_option_that_the_section_cannot_say_is_named() {
    let mut hosts = encrypted("tls: {ca: {generate: true}}\n");
    add_provider(&mut hosts[1], [("socket.ssl_cipher", "AES256")].into_iter());
    let found = adopted(&hosts, ISSUED, Some("PEM"));
    assert!(
        found.notes.iter().any(|it| it.contains("db2 has `socket.ssl_cipher = AES256`")),
        "{:?}",
        found.notes
    );
    assert!(!found.text.contains("\ntls:") && found.text.contains("socket.ssl_cert"), "{}", found.text);
    assert!(world(&found.text, &hosts).needed().unwrap().is_empty());
}

/// A switch that was cut off: the inventory goes on with it, and says how to go back.
#[test]
fn a_switch_that_was_cut_off_goes_on() {
    let authority = Authority::new("galactl shop");
    let mut hosts = encrypted("tls: {ca: {generate: true}}\n");
    for host in &mut hosts[..2] {
        add_provider(host, [("socket.dynamic", "true")].into_iter());
    }
    let found = adopted(&hosts, ISSUED, Some(authority.pem()));
    assert!(found.notes.iter().any(|it| it.starts_with("db1 takes clear text")), "{:?}", found.notes);
    let plan = certified(&found.text, &hosts, &authority).needed().unwrap();
    let changed: Vec<_> =
        plan.steps().filter(|it| it.id.ends_with("/galera/config")).map(|it| it.node.to_string()).collect();
    assert_eq!(changed, ["db2", "db1"]);
}
