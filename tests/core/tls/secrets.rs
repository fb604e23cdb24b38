//! No private key stands in a plan, in whatever form, in an error, or in a file that others may read.

use galactl::galera::config::redact;
use galactl::galera::plan::{Action, Plan, Saved};
use galactl::galera::tls::action::TlsAction;
use galactl::galera::tls::wanted::secret;
use galactl::kernel::certificates::{issue, make_ca};
use galactl::kernel::model::Secrets;
use galactl::kernel::plan::{HostAction, Input, markdown, text};
use proptest::prelude::*;
use secrecy::ExposeSecret as _;

use super::{shape, whole, with_arbitrator};
use crate::support::certified::NOW;
use crate::support::{Authority, World, bare, fresh, name};

fn plans() -> Vec<Plan> {
    let fresh = World::new(&with_arbitrator(), vec![fresh(); 3]);
    let bare = World::new(&shape().installing(), vec![bare(); 3]);
    let mut changed = whole(&with_arbitrator());
    changed.change_authority(&Authority::new("galactl shop 2"));
    let mut due = whole(&shape());
    let pem = due.authority().issue(&due.inventory, &name(1), 3);
    due.has_certificate(&name(1), &pem);
    vec![
        fresh.bootstrap().unwrap(),
        bare.bootstrap().unwrap(),
        changed.apply_config().unwrap(),
        due.apply_config().unwrap(),
    ]
}

/// Keys are made on the operator's machine when a plan is carried out: what a plan holds is where they go.
#[test]
fn a_plan_holds_a_placeholder_for_each_key() {
    for plan in plans() {
        let inventory = Input { path: "inventory.yaml".into(), sha256: "ab".repeat(32) };
        let saved = Saved::new(plan.clone(), "0123456789abcdef".into(), "root@ops".into(), inventory, None);
        for form in [text(&plan), markdown(&plan), saved.text(), format!("{plan:?}{plan:#?}")] {
            assert!(form.contains("${secret:tls-pair-db2}"), "{form}");
            assert!(!form.contains("PRIVATE KEY") && !form.contains("BEGIN EC"), "{form}");
        }
    }
}

#[test]
fn a_file_with_a_key_is_for_the_program_alone() {
    let mut seen = 0;
    for step in plans().iter().flat_map(Plan::steps) {
        match &step.action {
            Action::Tls(TlsAction::Put { file }) => {
                let access = format!("{} {}:{}", file.mode, file.owner, file.group);
                let wanted = if step.node.as_str() == "arb1" { "400 nobody:root" } else { "640 root:mysql" };
                assert_eq!(access, wanted, "{}", step.id);
                seen += 1;
            }
            // No other action writes one.
            Action::Host(HostAction::PutFile(file)) => {
                assert!(!file.text.contains("tls-pair"), "{}", step.id);
            }
            _ => {}
        }
    }
    assert!(seen >= 12, "{seen}");
}

#[test]
fn a_key_is_hidden_in_the_words_of_a_program() {
    let ca = make_ca("shop", NOW, 3650).unwrap();
    let pair = issue(&ca, "db1", &[], NOW, 30).unwrap().pair;
    let key = pair.key.expose_secret().to_owned();
    let mut secrets = Secrets::default();
    let value = format!("{}\n{key}", pair.certificate.trim_end());
    secrets.insert(&secret(&name(0)), value.clone());
    assert!(!format!("{secrets:?}").contains(&key[40..60]));
    for told in [
        value.clone(),
        key.clone(),
        key.replace('\n', "\n  "),
        format!("sh: 1: {}: not found", key.lines().nth(1).unwrap()),
    ] {
        let shown = redact(&told, &secrets);
        assert!(
            key.lines().filter(|line| !line.starts_with('-')).all(|line| !shown.contains(line)),
            "{shown}"
        );
    }
}

/// A world in some state of its certificates, where a scan has brought along, by mistake, what stands in the file of a key.
fn leaking(state: u8, nodes: usize, rsync: bool, key: &str) -> World {
    let shape = crate::support::Shape { nodes, rsync, ..shape() };
    let mut world = if state == 0 { World::new(&shape, vec![fresh(); nodes]) } else { whole(&shape) };
    if state == 2 {
        world.change_authority(&Authority::new("galactl shop 2"));
    }
    for index in 0..nodes {
        if state == 3 {
            let pem = world.authority().issue(&world.inventory, &name(index), 3);
            world.has_certificate(&name(index), &pem);
        }
        let facts = world.certificates_mut(&name(index));
        for file in [&mut facts.pair, &mut facts.ca].into_iter().flatten() {
            file.text = format!("{}{key}{}", file.text, file.text);
        }
    }
    world
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    /// As `no_plan_tells_a_secret` has it of passwords.
    #[test]
    fn no_plan_tells_a_key(state in prop::sample::select(vec![0_u8, 2, 3]), nodes in 2_usize..5, rsync in any::<bool>()) {
        let ca = make_ca("shop", NOW, 3650).unwrap();
        let key = issue(&ca, "db1", &[], NOW, 30).unwrap().pair.key.expose_secret().to_owned();
        let world = leaking(state, nodes, rsync, &key);
        let plan = if state == 0 { world.bootstrap() } else { world.apply_config() };
        let plan = plan.unwrap();
        prop_assert!(!plan.is_empty());
        let inventory = Input { path: "inventory.yaml".into(), sha256: "ab".repeat(32) };
        let saved = Saved::new(plan.clone(), "0123456789abcdef".into(), "root@ops".into(), inventory, None);
        let json = serde_json::to_string(&plan).unwrap();
        for form in [text(&plan), markdown(&plan), saved.text(), json, format!("{plan:?}")] {
            for line in key.lines() {
                prop_assert!(!form.contains(line), "{line}");
            }
        }
    }

    /// Any lines of any key, among any words.
    #[test]
    fn no_line_of_a_key_is_shown(before in "[a-z :\n]{0,30}", line in 0_usize..20, after in "[a-z :\n]{0,30}") {
        let ca = make_ca("shop", NOW, 3650).unwrap();
        let pair = issue(&ca, "db1", &[], NOW, 30).unwrap().pair;
        let key = pair.key.expose_secret().to_owned();
        let lines: Vec<_> = key.lines().filter(|line| !line.starts_with('-')).collect();
        let line = lines[line % lines.len()];
        let mut secrets = Secrets::default();
        secrets.insert(&secret(&name(0)), format!("{}{key}", pair.certificate));
        let shown = redact(&format!("{before}{line}{after}"), &secrets);
        prop_assert!(line.len() < 8 || !shown.contains(line));
    }
}
