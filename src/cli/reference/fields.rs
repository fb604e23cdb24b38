//! The fields of an inventory, from its JSON Schema.

use serde_json::Value;

/// One row a field; the fields of a section stand behind its name.
pub fn table(schema: schemars::Schema) -> String {
    let schema = serde_json::to_value(schema).unwrap_or_default();
    let mut rows = Vec::new();
    for (name, field) in properties(&schema, &schema) {
        let (within, prefix) = match field["items"].is_null() {
            true => (resolved(&schema, field), format!("{name}.")),
            false => (resolved(&schema, &field["items"]), format!("{name}[].")),
        };
        let inner = properties(&schema, within);
        // A map of options has no fields of its own.
        if inner.is_empty() {
            rows.push(row(name, field, &schema));
        }
        rows.extend(inner.iter().map(|(inner, field)| row(&format!("{prefix}{inner}"), field, within)));
    }
    super::table(&["field", "default", "meaning"], rows.into_iter())
}

fn row(name: &str, field: &Value, section: &Value) -> Vec<String> {
    let doc = field["description"].as_str().unwrap_or_default().replace('\n', " ");
    let (meaning, default) = match doc.split_once("Default: ") {
        Some((meaning, default)) => (meaning.trim().to_owned(), default.to_owned()),
        None => (doc, String::new()),
    };
    let last = name.rsplit('.').next().unwrap_or(name);
    let required = section["required"].as_array().is_some_and(|names| names.iter().any(|it| it == last));
    let default = match default.trim_end_matches('.') {
        "" if required => "required",
        "" => "none",
        default => default,
    };
    vec![super::quoted(name), default.to_owned(), meaning.trim_end_matches('.').to_owned()]
}

/// The fields of a section with their schemas, by name.
fn properties<'a>(root: &'a Value, section: &'a Value) -> Vec<(&'a str, &'a Value)> {
    let fields = resolved(root, section)["properties"].as_object().into_iter().flatten();
    fields.map(|(name, field)| (name.as_str(), field)).collect()
}

/// What a reference in the schema leads to.
fn resolved<'a>(root: &'a Value, schema: &'a Value) -> &'a Value {
    let choices = schema["anyOf"].as_array().into_iter().flatten();
    let reference = choices.chain([schema]).find_map(|it| it["$ref"].as_str());
    reference.and_then(|path| root.pointer(path.trim_start_matches('#'))).unwrap_or(schema)
}
