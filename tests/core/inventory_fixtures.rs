//! Every rule of the inventory has a file that breaks it; what galactl says about it is pinned,
//! with its line, its column and its hint.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use galactl::galera::inventory::parse;
use galactl::kernel::inventory::note::{Note, Severity};
use galactl::ui::notes_text;

const FIXTURES: &str = "tests/fixtures/inventories";

/// The files of one directory, sorted.
fn files(directory: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(Path::new(FIXTURES).join(directory)).unwrap();
    let mut files: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn name(file: &Path) -> String {
    file.file_stem().unwrap().to_str().unwrap().to_owned()
}

/// The text for the terminal, with the file's name as it was given.
fn shown(file: &Path, bytes: &[u8], notes: &[Note]) -> String {
    notes_text(notes, file.file_name().unwrap().to_str().unwrap(), bytes, false)
}

fn snapshot(directory: &str, file: &Path, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(format!("snapshots/{directory}"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name(file), text));
}

#[test]
fn an_invalid_inventory_is_refused_with_one_error_at_its_place() {
    let mut others = Vec::new();
    for file in files("invalid") {
        let bytes = fs::read(&file).unwrap();
        let notes = parse(&bytes).err().unwrap_or_default();
        snapshot("invalid", &file, &shown(&file, &bytes, &notes));
        if !matches!(notes.as_slice(), [Note { severity: Severity::Error, .. }]) {
            others.push(file);
        }
    }
    assert!(others.is_empty(), "not exactly one error: {others:#?}");
}

#[test]
fn a_valid_inventory_has_the_notes_that_its_name_promises() {
    for file in files("valid") {
        let bytes = fs::read(&file).unwrap();
        let text = match parse(&bytes) {
            Ok((_, notes)) => shown(&file, &bytes, &notes),
            Err(notes) => panic!("{}", shown(&file, &bytes, &notes)),
        };
        snapshot("valid", &file, if text.is_empty() { "no notes" } else { &text });
    }
}

#[test]
fn all_errors_come_in_one_go() {
    for file in files("many") {
        let bytes = fs::read(&file).unwrap();
        let notes = parse(&bytes).unwrap_err();
        snapshot("many", &file, &shown(&file, &bytes, &notes));
        assert!(notes.len() > 4, "{}", file.display());
        assert!(notes.iter().all(|note| note.severity == Severity::Error), "{}", file.display());
    }
}

#[test]
fn an_error_says_where_and_what_to_do() {
    for file in files("invalid") {
        for note in parse(&fs::read(&file).unwrap()).unwrap_err() {
            assert!(note.span.is_some() || note.path.is_empty(), "{}: no place", file.display());
            assert!(!note.message.contains("struct "), "{}: {}", file.display(), note.message);
        }
    }
}

#[test]
fn a_secret_in_an_inventory_is_not_repeated() {
    for file in
        files("invalid").iter().filter(|file| fs::read_to_string(file).is_ok_and(|t| t.contains("hunter2")))
    {
        let bytes = fs::read(file).unwrap();
        let text = shown(file, &bytes, &parse(&bytes).unwrap_err());
        assert!(!text.contains("hunter2"), "{text}");
    }
}

#[test]
fn there_are_enough_of_them() {
    assert!(files("invalid").len() >= 45);
    assert!(files("invalid").len() + files("valid").len() >= 60);
}

#[test]
fn every_code_occurs_in_a_snapshot() {
    let mut snapshots = String::new();
    // Some codes of the kernel are given to inventories of other engines alone.
    for directory in
        ["snapshots/invalid", "snapshots/valid", "snapshots/many", "patroni/snapshots", "mesh/snapshots"]
    {
        for entry in fs::read_dir(Path::new("tests/core").join(directory)).unwrap() {
            snapshots += &fs::read_to_string(entry.unwrap().path()).unwrap();
        }
    }
    let places = ["src/kernel/inventory", "src/galera/inventory", "src/galera/garbd", "src/galera/endpoint"];
    let codes: BTreeSet<_> = places.iter().flat_map(|place| codes(Path::new(place))).collect();
    assert!(codes.len() > 30, "the scan finds the codes: {codes:?}");
    // 50 MB do not belong in a repository, and neither do 100,000 values: see inventory_hostile.rs.
    let elsewhere = ["too-large", "too-many-values"];
    let unseen: Vec<_> = codes
        .iter()
        .filter(|code| !elsewhere.contains(&code.as_str()))
        .filter(|code| !snapshots.contains(&format!("[{code}]")))
        .collect();
    assert!(unseen.is_empty(), "no fixture shows {unseen:?}");
}

/// The codes of all notes that the source can make: the first word after a constructor, and the
/// `code` of an option that is wrong.
fn codes(directory: &Path) -> BTreeSet<String> {
    let mut codes = BTreeSet::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            codes.extend(self::codes(&path));
            continue;
        }
        let source = fs::read_to_string(&path).unwrap();
        for mark in ["Note::error(", "Note::warning(", "Note::info(", "code: ", "wrong(", "self.wrong("] {
            let rests = source.split(mark).skip(1).map(str::trim_start);
            let words = rests.filter_map(|rest| rest.strip_prefix('"')?.split('"').next());
            codes.extend(words.map(str::to_owned));
        }
    }
    codes
}
