//! The tables of docs/reference are those that the code makes. With GALACTL_UPDATE_REFERENCE=1 in the
//! environment, this test writes them anew.

use std::fs;
use std::path::{Path, PathBuf};

use galactl::cli::reference;

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

/// What galactl tells to type names the inventory that it was called with.
#[test]
fn no_text_calls_the_inventory_by_an_example() {
    let mut found = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = fs::read_to_string(&path).expect("a source file");
            // The file that `galactl init` starts from, and the one that it writes unless told otherwise.
            let allowed =
                ["templates/inventory.yaml", "|| \"inventory.yaml\".into()", "galactl init inventory.yaml"];
            let named = text.lines().filter(|line| line.contains("inventory.yaml"));
            let wrong = named.filter(|line| !allowed.iter().any(|known| line.contains(known)));
            found.extend(wrong.map(|line| format!("{}: {line}", path.display())));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}
