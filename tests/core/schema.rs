//! The JSON Schema and the program agree about which fields there are.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

fn schema() -> Value {
    json(&["schema"])
}

/// What galactl prints when it is called with these words.
fn json(words: &[&str]) -> Value {
    let output = Command::new(env!("CARGO_BIN_EXE_galactl")).args(words).output().unwrap();
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn fixtures(directory: &str) -> Vec<PathBuf> {
    let path = Path::new("tests/fixtures/inventories").join(directory);
    fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).collect()
}

fn yaml(file: &Path) -> Value {
    let text = fs::read_to_string(file).unwrap();
    serde_yaml::from_str(text.trim_start_matches('\u{feff}')).unwrap()
}

/// The paths that the schema does not know. Types are left to schema validators.
pub fn unknown(root: &Value, schema: &Value, value: &Value, path: &str) -> Vec<String> {
    let schema = resolved(root, schema);
    let branches = ["anyOf", "oneOf"].iter().find_map(|word| schema[word].as_array());
    if let Some(branches) = branches {
        let found = branches.iter().map(|branch| unknown(root, branch, value, path));
        return found.min_by_key(Vec::len).unwrap_or_default();
    }
    match value {
        Value::Object(map) => map
            .iter()
            .flat_map(|(key, value)| {
                let path = format!("{path}/{key}");
                let known = schema["properties"].get(key).or(schema.get("additionalProperties"));
                match known {
                    Some(Value::Bool(false)) | None => vec![path],
                    Some(known) => unknown(root, known, value, &path),
                }
            })
            .collect(),
        Value::Array(items) => {
            let items = items.iter().enumerate();
            items
                .flat_map(|(at, item)| unknown(root, &schema["items"], item, &format!("{path}/{at}")))
                .collect()
        }
        _ => Vec::new(),
    }
}

fn resolved<'a>(root: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str().and_then(|reference| reference.strip_prefix('#')) {
        Some(pointer) => root.pointer(pointer).expect("a reference within the schema"),
        None => schema,
    }
}

#[test]
fn every_field_of_a_valid_inventory_is_known() {
    let schema = schema();
    for file in fixtures("valid") {
        assert_eq!(unknown(&schema, &schema, &yaml(&file), ""), [""; 0], "{}", file.display());
    }
}

#[test]
fn every_unknown_field_is_unknown() {
    let schema = schema();
    let files = fixtures("invalid").into_iter().filter(|file| {
        let name = file.file_name().unwrap().to_str().unwrap();
        name.starts_with("unknown-field") || name == "unknown-section.yaml"
    });
    let mut seen = 0;
    for file in files {
        assert_eq!(unknown(&schema, &schema, &yaml(&file), "").len(), 1, "{}", file.display());
        seen += 1;
    }
    assert!(seen >= 8);
}

#[test]
fn every_field_of_a_plan_is_known() {
    let schema = json(&["schema", "plan"]);
    for file in fixtures("valid") {
        let inventory = file.to_str().unwrap();
        // An inventory may be valid and of a flavour that cannot be bootstrapped.
        if inventory.contains("percona") || inventory.contains("mysql-wsrep") {
            continue;
        }
        let plan = json(&["plan", "--offline", "--output", "json", inventory]);
        assert_eq!(plan["plan"]["offline"], true, "{inventory}");
        assert_eq!(unknown(&schema, &schema, &plan, ""), [""; 0], "{inventory}");
    }
    let mut plan = json(&["plan", "--offline", "--output", "json", "inventories/three-nodes.yaml"]);
    plan["plan"]["stages"][0]["more"] = true.into();
    assert_eq!(unknown(&schema, &schema, &plan, ""), ["/plan/stages/0/more"]);
}

#[test]
fn every_field_is_described() {
    assert_eq!(undescribed(&schema()), [""; 0]);
}

/// The fields that the schema says nothing of.
pub fn undescribed(schema: &Value) -> Vec<String> {
    let mut bare = Vec::new();
    for (name, definition) in schema["$defs"].as_object().unwrap() {
        for (field, text) in definition["properties"].as_object().into_iter().flatten() {
            if text.get("description").is_none() && resolved(schema, text).get("description").is_none() {
                bare.push(format!("{name}.{field}"));
            }
        }
    }
    bare
}
