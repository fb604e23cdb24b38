//! The inventory's section `lint`.

use schemars::JsonSchema;
use serde::Deserialize;

use super::accepted::Acceptance;
use super::finding::Rule;
use crate::kernel::inventory::Values;
use crate::kernel::inventory::note::Note;
use crate::kernel::inventory::text::shown;
use crate::kernel::inventory::wording::suggest;

/// What `galactl lint` asks of schemas.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawLint {
    /// Findings that you know of and accept, each with the rule and the object that it names:
    /// `{rule: foreign-key-cascade, object: shop.log}`. A `*` at the object's end stands for any text.
    pub accept: Option<Vec<RawAcceptance>>,
}

/// A finding that is accepted.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawAcceptance {
    /// The rule's code, such as `foreign-key-cascade`.
    pub rule: String,
    /// What the finding is about, such as `shop.log`.
    pub object: String,
}

impl RawLint {
    /// The section, as far as its rules exist; what is wrong is noted.
    pub fn resolved(&self, rules: &[Rule], values: &mut Values) -> Vec<Acceptance> {
        let known: Vec<_> = rules.iter().map(|rule| rule.code.name).collect();
        let mut accepted = Vec::new();
        for (index, RawAcceptance { rule, object }) in self.accept.iter().flatten().enumerate() {
            let path = |field: &str| format!("lint.accept[{index}].{field}");
            if !known.contains(&rule.as_str()) {
                let message = format!("`{}` is no rule of `galactl lint`", shown(rule));
                values.notes.push(Note::error("lint-rule", path("rule"), message).hint(near(rule, &known)));
            } else if object.trim_end_matches('*').is_empty() {
                let note = Note::error("lint-object", path("object"), "no object is named");
                values.notes.push(note.hint("write it as the finding names it, such as `shop.log`"));
            } else {
                accepted.push(Acceptance { rule: rule.clone(), object: object.clone() });
            }
        }
        accepted
    }
}

/// All rules would be too long a list.
fn near(rule: &str, known: &[&str]) -> String {
    match suggest(rule, known) {
        near if near.starts_with("did you mean") => near,
        _ => "`galactl lint` shows the rule of each finding in square brackets".to_owned(),
    }
}
