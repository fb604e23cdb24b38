//! The tables of docs/reference are those that the code makes. With GALACTL_UPDATE_REFERENCE=1 in the
//! environment, this test writes them anew.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use galactl::cli::reference;
use galactl::galera::inventory::NOTE_CODES;
use galactl::{mesh, patroni};

const END: &str = "<!-- end -->";

fn page(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/reference").join(name).with_extension("md")
}

/// The page with this table between its markers.
fn with_table(text: &str, name: &str, table: &str) -> String {
    let marker = format!("<!-- generated: {name} -->");
    let (before, rest) = text.split_once(&marker).unwrap_or_else(|| panic!("no {marker}"));
    let (_, after) = rest.split_once(END).unwrap_or_else(|| panic!("no {END} after {marker}"));
    format!("{before}{marker}\n{table}\n{END}{after}")
}

#[test]
fn the_reference_is_fresh() {
    let update = std::env::var_os("GALACTL_UPDATE_REFERENCE").is_some();
    for (name, table) in reference() {
        let text = fs::read_to_string(page(name)).expect("a page");
        let fresh = with_table(&text, name, &table);
        if update {
            fs::write(page(name), fresh).expect("the page is written");
        } else {
            let next = "GALACTL_UPDATE_REFERENCE=1 cargo test --test core the_reference_is_fresh";
            assert!(text == fresh, "docs/reference/{name}.md is stale; next: {next}\n{table}");
        }
    }
}

#[test]
fn a_table_takes_the_place_of_the_one_before() {
    let text = "a\n<!-- generated: x -->\nold\n<!-- end -->\nb\n";
    assert_eq!(with_table(text, "x", "new"), text.replace("old", "new"));
}

/// The codes that the code gives to notes: text constants in certain places of it.
fn given_codes(text: &str) -> BTreeSet<String> {
    const BEFORE: [&str; 6] =
        ["Note::error(", "Note::warning(", "Note::info(", "wrong(", "self.error(", "code: "];
    let code = text.split("#[cfg(test)]").next().unwrap_or_default();
    let behind = |word: &'static str| code.match_indices(word).map(move |(at, _)| &code[at + word.len()..]);
    let constant = |rest: &str| {
        let word = rest.trim_start().strip_prefix('"')?.split('"').next()?;
        word.chars().all(|c| c.is_ascii_lowercase() || c == '-').then(|| word.to_owned())
    };
    BEFORE.into_iter().flat_map(behind).filter_map(constant).collect()
}

#[test]
fn every_code_of_a_note_is_in_the_reference() {
    let mut given = BTreeSet::new();
    for path in sources() {
        given.extend(given_codes(&fs::read_to_string(path).expect("a source file")));
    }
    let of_engines = patroni::inventory::NOTE_CODES.iter().chain(mesh::inventory::NOTE_CODES);
    let all = NOTE_CODES.iter().chain(of_engines);
    let documented: BTreeSet<String> = all.map(|(code, _)| (*code).to_owned()).collect();
    assert_eq!(given, documented);
}

/// The table has a code once: two engines that have it mean the same.
#[test]
fn a_code_has_one_meaning() {
    let of_engines = patroni::inventory::NOTE_CODES.iter().chain(mesh::inventory::NOTE_CODES);
    let all: BTreeSet<_> = NOTE_CODES.iter().chain(of_engines).collect();
    let codes: BTreeSet<_> = all.iter().map(|(code, _)| code).collect();
    let twice: Vec<_> =
        codes.iter().filter(|code| all.iter().filter(|it| it.0 == ***code).count() > 1).collect();
    assert!(twice.is_empty(), "{twice:?} mean several things");
}

/// All files of src.
fn sources() -> Vec<PathBuf> {
    let (mut files, mut folders) = (Vec::new(), vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")]);
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            match path.is_dir() {
                true => folders.push(path),
                false => files.push(path),
            }
        }
    }
    files
}

/// What galactl tells to type names the inventory that it was called with.
#[test]
fn no_text_calls_the_inventory_by_an_example() {
    let mut found = Vec::new();
    for path in sources() {
        let text = fs::read_to_string(&path).expect("a source file");
        // The file that `galactl init` starts from, and the one that it writes unless told otherwise.
        let allowed =
            ["templates/inventory.yaml", "|| \"inventory.yaml\".into()", "galactl init inventory.yaml"];
        let named = text.lines().filter(|line| line.contains("inventory.yaml"));
        let wrong = named.filter(|line| !allowed.iter().any(|known| line.contains(known)));
        found.extend(wrong.map(|line| format!("{}: {line}", path.display())));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}
