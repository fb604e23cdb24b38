//! The files as they are rendered, and how secrets come in and stay out.

use galactl::kernel::model::Secrets;
use galactl::patroni::config::{
    DynamicConfig, EtcdStart, FOREIGN_SECRET, File, cluster_defaults, etcd_file, fill_in, passwords_in,
    patroni_file, redact,
};
use galactl::patroni::inventory::Inventory;
use galactl::patroni::model::{Account, Software};

use super::{debian, inventory_of, version, with};

/// Every file of every host.
fn rendered(inventory: &Inventory, software: Software) -> String {
    let nodes = inventory.nodes.iter().map(|it| (&it.name, patroni_file(inventory, it, software)));
    let members = inventory.etcd.members().iter();
    let members = members.map(|it| (&it.name, etcd_file(inventory, it, software, EtcdStart::New)));
    nodes.chain(members).map(|(name, file)| titled(name.as_str(), &file)).collect()
}

fn titled(name: &str, file: &File) -> String {
    let File { path, owner, group, mode, text, .. } = file;
    format!("##### {name} {path} {owner}:{group} {mode}\n{text}\n")
}

#[test]
fn debian_12() {
    insta::assert_snapshot!(rendered(&with("clients: [10.1.0.0/16]"), debian(12)));
}

#[test]
fn debian_13() {
    let inventory = include_str!("../../../examples/patroni.yaml");
    insta::assert_snapshot!(rendered(&inventory_of(inventory), debian(13)));
}

#[test]
fn everything_set() {
    let text = include_str!("../../fixtures/patroni/valid/settings.yaml");
    let text = text.replace("clients:", "synchronous: {mode: quorum, nodes: 2}\nfailover: fast\nclients:");
    let text = text.replace("10.0.0.11}", "'fd00::11', tags: {priority: 2}}");
    insta::assert_snapshot!(rendered(&inventory_of(&text), debian(13)));
}

#[test]
fn an_etcd_that_is_there_and_a_member_that_comes_later() {
    let inventory = with("etcd: {endpoints: ['10.0.0.31:2379', '[fd00::2]:2379']}");
    let text = patroni_file(&inventory, &inventory.nodes[0], debian(13)).text;
    assert!(
        text.contains("etcd3:\n  hosts:\n    - \"10.0.0.31:2379\"\n    - \"[fd00::2]:2379\"\n"),
        "{text}"
    );
    let inventory = with("");
    let there = [("pg1".to_owned(), "http://10.0.0.11:2380".to_owned())];
    let start = EtcdStart::Existing(&there);
    let text = etcd_file(&inventory, &inventory.etcd.members()[1], debian(13), start).text;
    let first = "\nETCD_INITIAL_CLUSTER=pg1=http://10.0.0.11:2380\nETCD_INITIAL_CLUSTER_STATE=existing\n";
    assert!(text.contains(first), "{text}");
}

#[test]
fn debian_makes_no_cluster_of_its_own() {
    insta::assert_snapshot!(titled("any", &cluster_defaults()));
}

/// The v3 API of a Patroni before 3.0.3 loses acknowledged commits.
#[test]
fn the_api_of_etcd_is_one_with_which_a_leader_cannot_overwrite_its_successor() {
    let inventory = with("");
    for (patroni, section) in [("3.0.2", "etcd"), ("3.0.3", "etcd3"), ("4.0.7", "etcd3")] {
        let software = Software { patroni: version(patroni), ..debian(12) };
        let text = patroni_file(&inventory, &inventory.nodes[0], software).text;
        assert!(text.contains(&format!("\n{section}:\n")), "{patroni}: {text}");
        let etcd = etcd_file(&inventory, &inventory.etcd.members()[0], software, EtcdStart::New).text;
        assert_eq!(etcd.contains("ETCD_ENABLE_V2=true\n"), section == "etcd", "{patroni}: {etcd}");
    }
}

#[test]
fn the_dynamic_configuration_is_compared_by_meaning() {
    let wanted = DynamicConfig::of(&with(
        "postgresql: {settings: {max_connections: 300, track_commit_timestamp: on}}",
    ));
    let mut found = wanted.to_json();
    assert_eq!(wanted.differences(&found), []);
    found["postgresql"]["parameters"]["max_connections"] = 300.into();
    found["postgresql"]["parameters"]["track_commit_timestamp"] = true.into();
    assert_eq!(wanted.differences(&found), [], "other spellings of the same");
    found["ttl"] = 40.into();
    found["postgresql"]["parameters"]["max_wal_senders"] = 20.into();
    found["synchronous_node_count"] = serde_json::Value::Null;
    let differences = wanted.differences(&found);
    let told: Vec<_> =
        differences.iter().map(|it| (it.path.as_str(), it.wanted.as_deref(), it.found.as_deref())).collect();
    let expected = [
        ("postgresql.parameters.max_wal_senders", None, Some("20")),
        ("synchronous_node_count", Some("1"), None),
        ("ttl", Some("30"), Some("40")),
    ];
    assert_eq!(told, expected);
}

/// Passwords that would mean something else to YAML, or end a text.
const PASSWORDS: [&str; 3] = [r#"p"q\r: #x"#, "'{on}: ${x}", "größe – 12:30"];

fn secrets() -> Secrets {
    let mut secrets = Secrets::default();
    for (account, value) in Account::ALL.into_iter().zip(PASSWORDS) {
        secrets.insert(account.password(), value.to_owned());
    }
    secrets
}

#[test]
fn passwords_are_filled_in_read_back_and_hidden_again() {
    let inventory = with("");
    let text = patroni_file(&inventory, &inventory.nodes[0], debian(12)).text;
    let filled = fill_in(&text, &secrets()).unwrap();
    let expected: Vec<_> =
        Account::ALL.map(Account::password).into_iter().zip(PASSWORDS.map(str::to_owned)).collect();
    assert_eq!(passwords_in(&filled), expected);
    assert_eq!(filled.lines().count(), text.lines().count());
    assert_eq!(redact(&filled, &secrets()), text);
    assert_eq!(passwords_in(&text), [], "a placeholder is no password");
    let hidden = redact(&filled, &Secrets::default());
    assert!(PASSWORDS.iter().all(|it| !hidden.contains(&it[..4])), "{hidden}");
    assert_eq!(hidden.matches(FOREIGN_SECRET).count(), 3);
}

#[test]
fn a_password_that_no_line_can_hold_is_refused_and_not_shown() {
    let mut secrets = secrets();
    secrets.insert(Account::Rewind.password(), "s3cr3t\nx".into());
    let inventory = with("");
    let text = patroni_file(&inventory, &inventory.nodes[0], debian(12)).text;
    let error = fill_in(&text, &secrets).unwrap_err();
    assert!(error.contains("rewind-password") && !error.contains("s3cr3t"), "{error}");
    assert!(fill_in(&text, &Secrets::default()).is_err());
}

#[test]
fn of_a_foreign_file_no_line_is_shown_that_may_hold_a_secret() {
    let there = "scope: other\npostgresql:\n  authentication:\n    superuser: {username: x, password: hunter2}\n  \
                 pg_hba: []\nrestapi: {auth: 'u:hunter2'}\n";
    let shown = redact(there, &Secrets::default());
    assert!(!shown.contains("hunter2"), "{shown}");
    assert!(shown.contains("scope: other\n") && shown.contains("pg_hba"), "{shown}");
    assert_eq!(passwords_in(there).len(), 1);
}
