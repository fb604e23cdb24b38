//! Changed settings that a running server takes as it is.

use std::collections::BTreeMap;

use super::Step;
use crate::galera::config::{RenderError, presentable, server_options};
use crate::galera::facts::Variable;
use crate::galera::inventory::options::canonical;
use crate::galera::judge::Basis;
use crate::galera::judge::component::Member;
use crate::galera::judge::wanted::wanted_config;
use crate::galera::plan::{ServerAction, Setting};

/// What is to be set on a member so that it runs as after a restart with the new option file; `None`
/// where that takes the restart. Only values of the inventory's own options are set: what galactl
/// makes of the rest of the inventory says who a node is and whom it belongs to.
pub fn settings(basis: &Basis<'_>, member: &Member<'_>) -> Result<Option<Vec<Setting>>, RenderError> {
    let Member { node, facts, .. } = member;
    let wanted = wanted_config(basis, node, facts)?.text;
    let Some(config) = &facts.config else { return Ok(None) };
    let there = presentable(&config.text, &wanted);
    let before = server_options(&there);
    let changed: BTreeMap<String, String> =
        server_options(&wanted).into_iter().filter(|(name, value)| before.get(name) != Some(value)).collect();
    let own = |name: &String| node.mysqld.keys().any(|option| canonical(option) == *name);
    if changed.is_empty() || !changed.keys().all(own) || rest(&there, &changed) != rest(&wanted, &changed) {
        return Ok(None);
    }
    let setting = |(name, value): (&String, &String)| setting(facts.changeable.get(name)?, name, value);
    Ok(changed.iter().map(setting).collect())
}

/// The step that sets them. It comes before the file: a run that is cut off in between leaves the
/// difference to be seen.
pub fn step(member: &Member<'_>, settings: Vec<Setting>) -> Step {
    let why = "the server takes them while it runs; the option file keeps them for its next start";
    Step::new(member.node, ServerAction::SetVariables { settings }, why)
}

/// Of these settings, those whose new value open connections do not see.
pub fn per_session<'a>(
    member: &'a Member<'_>,
    settings: &'a [Setting],
) -> impl Iterator<Item = &'a String> + 'a {
    let names = settings.iter().map(|setting| &setting.name);
    names.filter(|name| member.facts.changeable.get(*name).is_some_and(|it| it.per_session))
}

/// What else matters to the server, in order.
fn rest<'t>(text: &'t str, changed: &BTreeMap<String, String>) -> Vec<&'t str> {
    let mut in_mysqld = false;
    let mut rest = Vec::new();
    for line in crate::galera::config::lines_in_force(text) {
        if line.starts_with('[') {
            in_mysqld = line == "[mysqld]";
        }
        let name = line.split('=').next().map(|name| canonical(name.trim())).unwrap_or_default();
        if !(in_mysqld && changed.contains_key(&name)) {
            rest.push(line);
        }
    }
    rest
}

/// A value of an option file as `SET GLOBAL` takes it; `None` where the two could differ. A value of
/// flags in a file changes the built-in ones, and in a statement those that are set.
fn setting(variable: &Variable, name: &str, value: &str) -> Option<Setting> {
    let setting = |value: String, number| Some(Setting { name: name.to_owned(), value, number });
    let kind = variable.kind.as_str();
    match kind.split(' ').next()? {
        "BIGINT" | "INT" => setting(whole_number(value)?.to_string(), true),
        "DOUBLE" => setting(value.parse::<f64>().ok().filter(|it| it.is_finite())?.to_string(), true),
        "BOOLEAN" => match value.to_ascii_lowercase().as_str() {
            "on" | "true" | "1" => setting("ON".into(), false),
            "off" | "false" | "0" => setting("OFF".into(), false),
            _ => None,
        },
        "ENUM" if value.bytes().all(|byte| byte.is_ascii_digit()) => setting(value.to_owned(), true),
        "ENUM" | "VARCHAR" => setting(value.to_owned(), false),
        _ => None,
    }
}

/// An option file may say 4G, and a statement may not.
fn whole_number(text: &str) -> Option<i128> {
    let unit = text.chars().last()?.to_ascii_uppercase();
    let power = "KMGTPE".find(unit).map_or(0, |power| power + 1);
    let digits = if power == 0 { text } else { &text[..text.len() - 1] };
    digits.parse::<i128>().ok()?.checked_mul(1024_i128.checked_pow(u32::try_from(power).ok()?)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn literal(kind: &str, value: &str) -> Option<(String, bool)> {
        let variable = Variable { kind: kind.to_owned(), per_session: false };
        setting(&variable, "x", value).map(|it| (it.value, it.number))
    }

    #[test]
    fn values_of_files_become_values_of_statements() {
        let number = |text: &str| Some((text.to_owned(), true));
        let word = |text: &str| Some((text.to_owned(), false));
        assert_eq!(literal("BIGINT UNSIGNED", "77"), number("77"));
        assert_eq!(literal("BIGINT UNSIGNED", "4G"), number("4294967296"));
        assert_eq!(literal("INT", "-1"), number("-1"));
        assert_eq!(literal("DOUBLE", "0.5"), number("0.5"));
        assert_eq!(literal("BOOLEAN", "1"), word("ON"));
        assert_eq!(literal("BOOLEAN", "off"), word("OFF"));
        assert_eq!(literal("ENUM", "2"), number("2"));
        assert_eq!(literal("ENUM", "ROW"), word("ROW"));
        assert_eq!(literal("VARCHAR", "a'b"), word("a'b"));
    }

    #[test]
    fn what_could_differ_takes_the_restart() {
        for (kind, value) in [
            ("BIGINT UNSIGNED", "4GB"),
            ("BIGINT UNSIGNED", ""),
            ("BIGINT UNSIGNED", "9999999999999999999999999999999999999999"),
            ("BOOLEAN", "perhaps"),
            ("FLAGSET", "mrr=on"),
            ("SET", "STRICT_TRANS_TABLES"),
            ("DOUBLE", "nan"),
        ] {
            assert_eq!(literal(kind, value), None, "{kind} {value}");
        }
    }
}
