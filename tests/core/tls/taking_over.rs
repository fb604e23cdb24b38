//! A cluster that encrypts with files of somebody else is given galactl's.

use galactl::galera::facts::{ServerAnswer, Spoken};
use galactl::galera::plan::Plan;
use galactl::galera::tls::facts::Elsewhere;
use galactl::kernel::certificates::Certificate;
use galactl::kernel::plan::{HostAction, refusals_text};

use super::{change, ids};
use crate::adopt::{adopted_with, by_hand, world};
use crate::support::{Authority, World, name, refusals};

const FILES: &str = "; socket.ssl_ca=/ssl/ca; socket.ssl_cert=/ssl/c; socket.ssl_key=/ssl/k";

/// The members have certificates of `theirs`, and trust these authorities.
fn by_somebody(theirs: &Authority, trusted: &str) -> World {
    let mut hosts = by_hand();
    let text = adopted_with(&hosts, &[]).text + "tls: {ca: {generate: true}}\n";
    for host in &mut hosts {
        *host.options.get_mut("wsrep_provider_options").unwrap() += FILES;
        host.sst_options.insert("encrypt".into(), "3".into());
        if let ServerAnswer::Live(live) = &mut host.server_answer {
            live.spoken = Some(Spoken::Tls);
        }
    }
    let mut world = world(&text, &hosts);
    world.certified();
    for index in 0..3 {
        let pair = theirs.issue(&world.inventory, &name(index), 300);
        world.certificates_mut(&name(index)).elsewhere =
            Some(Elsewhere { ca_file: "/ssl/ca".into(), ca: trusted.to_owned(), pair });
    }
    world
}

/// The subjects in the file of trusted certificates that db1 gets.
fn trusted(plan: &Plan) -> Vec<String> {
    let step = plan.steps().find(|step| step.id == "db1/tls/ca").expect("it gets the file");
    let galactl::galera::plan::Action::Host(HostAction::PutFile(file)) = &step.action else {
        panic!("{step:?}")
    };
    Certificate::all_in(&file.text).unwrap().into_iter().map(|it| it.subject).collect()
}

#[test]
fn of_one_authority_all_agree_on_transfers_before_the_first_leaves() {
    let first = Authority::new("galactl shop");
    let mut world = by_somebody(&first, first.pem());
    world.change_authority(&first);
    let plan = change(&world).unwrap();
    assert_eq!(trusted(&plan), ["galactl shop"]);
    let ids = ids(&plan);
    let at = |id: &str| ids.iter().position(|it| it == id).unwrap_or_else(|| panic!("{id}: {ids:?}"));
    let first_leaves = ids.iter().position(|it| it.ends_with("/leave")).unwrap();
    for node in ["db1", "db2", "db3"] {
        assert!(at(&format!("{node}/tls/reload")) < first_leaves);
        assert!(at(&format!("{node}/tls/certificate")) < at(&format!("{node}/galera/config-sst")));
        assert!(at(&format!("{node}/galera/config-sst")) < first_leaves);
    }
    // The server's own options wait for its restart.
    let step = plan.steps().find(|step| step.id == "db1/galera/config-sst").unwrap();
    let galactl::galera::plan::Action::Host(HostAction::PutFile(file)) = &step.action else {
        panic!("{step:?}")
    };
    assert!(file.text.contains("[sst]\nencrypt") && !file.text.contains("[mysqld]"), "{}", file.text);
    assert!(!file.replaces);
}

#[test]
fn whoever_would_be_turned_away_is_told_of_first() {
    let theirs = Authority::new("Corp CA");
    let told = refusals_text(&refusals(&change(&by_somebody(&theirs, theirs.pem()))));
    for node in ["db1", "db2", "db3"] {
        assert!(
            told.contains(&format!(
                "refused[certificate] {node}: it speaks TLS with files of somebody else, and trusts `"
            )),
            "{told}"
        );
    }
    assert!(
        told.contains("let it trust both: { echo; cat galactl-ca.pem; } | ssh -i 'a key' deploy@db1.example sudo tee -a /ssl/ca >/dev/null; then galactl apply-config INVENTORY"),
        "{told}"
    );
}

/// The way that the refusal names leads on: members trust both until the last one has changed.
#[test]
fn where_all_trust_both_each_trusts_both_until_the_last_has_changed() {
    let (theirs, new) = (Authority::new("Corp CA"), Authority::new("galactl shop"));
    let mut world = by_somebody(&theirs, &format!("{}{}", theirs.pem(), new.pem()));
    world.change_authority(&new);
    assert_eq!(trusted(&change(&world).unwrap()), ["galactl shop", "Corp CA"]);
    // db1 has changed, and is shown the old certificates still.
    world.certificates_mut(&name(0)).elsewhere = None;
    assert_eq!(trusted(&change(&world).unwrap()), ["galactl shop", "Corp CA"]);
    for index in 1..3 {
        world.certificates_mut(&name(index)).elsewhere = None;
    }
    assert_eq!(trusted(&change(&world).unwrap()), ["galactl shop"]);
}
