//! Every rule of the inventory has a file that breaks it; what galactl says about it is pinned, with its line, its
//! column and its hint.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use galactl::kernel::inventory::engine;
use galactl::kernel::inventory::note::{Note, Severity};
use galactl::mesh::config::{Values, server_file};
use galactl::mesh::inventory::{ENGINE, NOTE_CODES, parse, schema, settings};
use galactl::postgresql::Major;
use galactl::ui::notes_text;

use super::with;

const FIXTURES: &str = "tests/fixtures/mesh";

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
    assert!(files("invalid").len() >= 100);
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
    let text = "engine: postgresql-mesh\ncluster: {name: a b}\nclients: [x]\nmethod: x\nconflicts: {strategy: x}\n\
                sequences: {step: 0}\npostgresql: {version: 9, port: 0, settings: {port: 1, shared_bufers: 1}}\n\
                databases: [{name: A}]\nnodes: [{name: -x, address: 1}]\n";
    let notes = parse(text.as_bytes()).unwrap_err();
    assert!(notes.len() >= 10, "{notes:#?}");
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
    let said = all_said("invalid") + &all_said("valid");
    let codes: BTreeSet<_> = NOTE_CODES.iter().map(|(code, _)| *code).collect();
    let unseen: Vec<_> = codes.iter().filter(|code| !said.contains(&format!("[{code}]"))).collect();
    assert!(unseen.is_empty(), "no fixture shows {unseen:?}");
}

#[test]
fn the_engine_is_told_from_the_text() {
    for file in ["examples/mesh.yaml", "inventories/lab-mesh.yaml"] {
        assert_eq!(engine::of(&fs::read(file).unwrap(), galactl::ENGINES), Ok(ENGINE), "{file}");
    }
}

#[test]
fn the_examples_have_no_warnings() {
    for file in ["examples/mesh.yaml", "inventories/lab-mesh.yaml"] {
        let (inventory, notes) = parse(&fs::read(file).unwrap()).unwrap();
        assert!(notes.is_empty(), "{file}: {notes:#?}");
        assert_eq!(inventory.nodes.len(), 3, "{file}");
    }
}

/// The last line of a setting counts, and galactl's stands behind those of the inventory: what it writes would be ignored.
#[test]
fn what_galactl_writes_itself_may_not_be_set() {
    let regions = "conflicts: {strategy: region}\nversion: 1\nengine: postgresql-mesh\ncluster: {name: shop}\n\
                   databases: [{name: shop}]\nnodes: [{name: eu, address: 10.0.0.11, region: eu}]";
    for inventory in [with(""), super::inventory_of(regions)] {
        let file = server_file(&inventory, &inventory.nodes[0], Major::Seventeen, None, &Values::new());
        for line in file.text.lines().skip(1) {
            let (name, _) = line.split_once(" = ").unwrap();
            // galactl adds its own to those of the inventory.
            if name != "shared_preload_libraries" {
                let wrong = settings::check(name, "1").expect_err(name);
                assert_eq!(wrong.code, "managed-setting", "{name}");
            }
        }
    }
}

/// Lists of any length are read in a moment, and what is said of them can be read.
#[test]
fn a_long_list_takes_no_long_time() {
    let many = 5_000;
    let row = |at: usize| format!("- {{name: pg{at}, address: 10.{}.{}.1}}", at / 250, at % 250);
    let nodes: Vec<_> = (0..many).map(row).collect();
    let databases: Vec<_> = (0..many).map(|at| format!("- {{name: db{at}, tables: [\"*.*\"]}}")).collect();
    let clients: Vec<_> = (0..many).map(|at| format!("- 10.{}.{}.0/24", at / 250, at % 250)).collect();
    let began = Instant::now();
    let text = |nodes: &[String], databases: &[String]| {
        format!(
            "version: 1\nengine: postgresql-mesh\ncluster: {{name: shop}}\nclients:\n{}\ndatabases:\n{}\nnodes:\n{}\n",
            clients.join("\n"),
            databases.join("\n"),
            nodes.join("\n")
        )
    };
    let notes = parse(text(&nodes, &databases).as_bytes()).err().unwrap();
    assert_eq!(notes.len(), 1, "more nodes than numbers");
    let (inventory, _) = parse(text(&nodes[..16], &databases).as_bytes()).ok().unwrap();
    let file = server_file(&inventory, &inventory.nodes[0], Major::Seventeen, None, &Values::new()).text;
    assert!(file.contains("max_replication_slots = '40000'"), "{file}");
    assert!(began.elapsed() < Duration::from_secs(30), "{:?}", began.elapsed());
}

#[test]
fn a_long_text_is_cut_where_it_is_shown() {
    let mut long = String::new();
    for at in 0..20_000 {
        let _ = write!(long, "{at}");
    }
    for place in [
        format!("databases: [{{name: {long}}}]\n{}", super::NODES),
        format!("databases: [{{name: shop, tables: [\"public.{long}\"]}}]\n{}", super::NODES),
        format!("databases: [{{name: shop}}]\nnodes: [{{name: pg{long}, address: 10.0.0.1}}]\n"),
        format!("databases: [{{name: shop}}]\nnodes: [{{name: pg1, address: 10.0.0.1, region: r{long}}}]\n"),
        format!(
            "databases: [{{name: shop}}]\nconflicts: {{strategy: region, column: c{long}}}\n{}",
            super::NODES
        ),
    ] {
        let text = format!("version: 1\nengine: postgresql-mesh\ncluster: {{name: shop}}\n{place}");
        for note in parse(text.as_bytes()).unwrap_err() {
            assert!(note.message.len() < 600, "{}", note.message.len());
        }
    }
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
