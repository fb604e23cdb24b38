//! Every rule of the inventory has a file that breaks it; what galactl says about it is pinned, with its line, its
//! column and its hint.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use galactl::kernel::inventory::note::{Note, Severity};
use galactl::kernel::inventory::{Member, engine};
use galactl::patroni::inventory::{ENGINE, NOTE_CODES, parse, schema, unfit};
use galactl::ui::notes_text;

use super::{debian, inventory_of, version, with};

const FIXTURES: &str = "tests/fixtures/patroni";

/// The files of one directory, sorted.
fn files(directory: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(Path::new(FIXTURES).join(directory)).unwrap();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn shown(file: &Path, bytes: &[u8], notes: &[Note]) -> String {
    notes_text(notes, file.file_name().unwrap().to_str().unwrap(), bytes, false)
}

/// All files of a directory with what is said of them, one after the other.
fn all_said(directory: &str) -> String {
    let mut text = String::new();
    for file in files(directory) {
        let bytes = fs::read(&file).unwrap();
        let notes = parse(&bytes).map_or_else(|notes| notes, |(_, notes)| notes);
        let said = shown(&file, &bytes, &notes);
        let said = if said.is_empty() { "no notes\n".to_owned() } else { said };
        text += &format!("##### {}\n{said}\n", file.file_stem().unwrap().to_str().unwrap());
    }
    text
}

#[test]
fn an_invalid_inventory_is_refused_with_one_error_at_its_place() {
    let mut others = Vec::new();
    for file in files("invalid") {
        let notes = parse(&fs::read(&file).unwrap()).err().unwrap_or_default();
        match notes.as_slice() {
            [note] if note.severity == Severity::Error && (note.span.is_some() || note.path.is_empty()) => {
                // Of a value, the message itself says what may stand there; of a missing field, what it is.
                let says_all = ["value", "missing-field", "type"].contains(&note.code);
                assert!(note.hint.is_some() || says_all, "{}: no hint: {}", file.display(), note.message);
            }
            notes => others.push((file, notes.iter().map(|note| note.message.clone()).collect::<Vec<_>>())),
        }
    }
    assert!(others.is_empty(), "not exactly one located error: {others:#?}");
    assert!(files("invalid").len() >= 80);
    insta::assert_snapshot!("invalid_inventories", all_said("invalid"));
}

#[test]
fn a_valid_inventory_has_the_notes_that_its_name_promises() {
    for file in files("valid") {
        let bytes = fs::read(&file).unwrap();
        assert!(parse(&bytes).is_ok(), "{}", shown(&file, &bytes, &parse(&bytes).err().unwrap_or_default()));
    }
    insta::assert_snapshot!("valid_inventories", all_said("valid"));
}

#[test]
fn all_errors_come_in_one_go() {
    let text = "engine: patroni\ncluster: {name: a b}\nclients: [x]\nsynchronous: {mode: x}\nendpoint: {writes: any}\n\
                postgresql: {version: 9, settings: {port: 1, shared_bufers: 1}}\nnodes: [{name: -x, address: 1}]\n";
    let notes = parse(text.as_bytes()).unwrap_err();
    assert!(notes.len() >= 9, "{notes:#?}");
    assert!(notes.iter().all(|note| note.severity == Severity::Error), "{notes:#?}");
}

#[test]
fn a_secret_in_an_inventory_is_not_repeated() {
    let text = all_said("invalid");
    assert!(text.contains("secret-in-clear"), "{text}");
    assert!(!text.contains("hunter2"), "{text}");
}

#[test]
fn every_code_of_this_engine_is_seen() {
    let mut said = all_said("invalid") + &all_said("valid");
    let quorum = with("synchronous: {mode: quorum}");
    for note in unfit(&quorum, debian(12)) {
        said += &format!("[{}]", note.code);
    }
    let codes: BTreeSet<_> = NOTE_CODES.iter().map(|(code, _)| *code).collect();
    let unseen: Vec<_> = codes.iter().filter(|code| !said.contains(&format!("[{code}]"))).collect();
    assert!(unseen.is_empty(), "no fixture shows {unseen:?}");
}

#[test]
fn the_engine_is_told_from_the_text() {
    for (file, told) in [("examples/patroni.yaml", ENGINE), ("inventories/three-nodes.yaml", "galera")] {
        assert_eq!(engine::of(&fs::read(file).unwrap(), galactl::ENGINES), Ok(told), "{file}");
    }
    assert_eq!(galactl::ENGINES, ["galera", "patroni", "postgresql-mesh"]);
}

#[test]
fn the_examples_have_no_warnings() {
    for file in ["examples/patroni.yaml", "inventories/lab-patroni.yaml"] {
        let (inventory, notes) = parse(&fs::read(file).unwrap()).unwrap();
        assert!(notes.is_empty(), "{file}: {notes:#?}");
        assert_eq!(inventory.nodes.len(), 3, "{file}");
    }
}

#[test]
fn etcd_is_on_the_first_three_data_nodes_unless_it_is_said_where() {
    let members = |text: &str| -> Vec<String> {
        let inventory = inventory_of(text);
        inventory.etcd.members().iter().map(|it| it.name.to_string()).collect()
    };
    let nodes = |many: usize| {
        let nodes = (1..=many).map(|it| format!("  - {{name: pg{it}, address: 10.0.0.1{it}}}\n"));
        format!("version: 1\nengine: patroni\ncluster: {{name: shop}}\nnodes:\n{}", nodes.collect::<String>())
    };
    for (many, expected) in [(1, 1), (2, 1), (3, 3), (4, 3), (5, 3), (7, 3)] {
        assert_eq!(members(&nodes(many)).len(), expected, "{many} nodes");
    }
    let five = "etcd: {members: [pg1, pg2, pg3, pg4, pg5]}\n".to_owned() + &nodes(6);
    assert_eq!(members(&five), ["pg1", "pg2", "pg3", "pg4", "pg5"]);
    let witness =
        "etcd: {members: [pg2, pg1, w]}\netcd_hosts: [{name: w, address: 10.0.0.9}]\n".to_owned() + &nodes(2);
    assert_eq!(members(&witness), ["pg2", "pg1", "w"]);
}

#[test]
fn a_data_node_with_etcd_is_one_host_with_two_roles() {
    let inventory = with("etcd_hosts: []");
    let hosts = inventory.hosts();
    assert_eq!(hosts.len(), 3);
    let host = hosts.of(&"pg1".parse().unwrap()).unwrap();
    let roles: Vec<_> = hosts.on(host).map(Member::role).collect();
    assert_eq!(roles, ["patroni", "etcd"]);
}

#[test]
fn what_the_software_cannot_do_is_told_with_its_field() {
    let told = |sections: &str, software| -> Vec<String> {
        unfit(&with(sections), software).into_iter().map(|note| note.path).collect()
    };
    let none = [""; 0];
    assert_eq!(told("", debian(12)), none);
    assert_eq!(told("synchronous: {mode: quorum}", debian(12)), ["synchronous.mode"]);
    assert_eq!(told("synchronous: {mode: quorum}", debian(13)), none);
    assert_eq!(told("postgresql: {version: 17}", debian(12)), ["postgresql.version"]);
    let timeout = "postgresql: {settings: {transaction_timeout: 5s}}";
    assert_eq!(told(timeout, debian(12)), ["postgresql.settings.transaction_timeout"]);
    assert_eq!(told(timeout, debian(13)), none);
    let mut software = debian(12);
    software.etcd = Some(version("3.6.1"));
    assert_eq!(told("", software), ["etcd"]);
    software.patroni = version("3.0.3");
    assert_eq!(told("", software), none);
}

#[test]
fn every_field_of_a_valid_inventory_is_in_the_schema() {
    let schema = serde_json::to_value(schema()).unwrap();
    for file in files("valid") {
        let text = fs::read_to_string(&file).unwrap();
        let value: serde_json::Value = serde_yaml::from_str(&text).unwrap();
        assert_eq!(crate::schema::unknown(&schema, &schema, &value, ""), [""; 0], "{}", file.display());
    }
}

#[test]
fn every_field_is_described() {
    let schema = serde_json::to_value(schema()).unwrap();
    assert_eq!(crate::schema::undescribed(&schema), [""; 0]);
}
