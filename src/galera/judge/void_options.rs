//! `wsrep_provider_options` on several lines: the server takes the last one, and nothing of the others.

use std::collections::BTreeSet;

use crate::galera::config::encrypts;
use crate::galera::facts::HostFacts;
use crate::galera::judge::codes;
use crate::kernel::inventory::Settings;
use crate::kernel::judge::{Finding, Remedy, Severity};

/// What a node's files say in vain, where galactl's own file is not there: that one takes the place of all of them.
pub fn warning(facts: &HostFacts) -> Option<Finding> {
    if facts.config.is_some() {
        return None;
    }
    let remedy = Remedy::from("write what is wanted under `provider_options` in ".to_owned())
        .and(Remedy::Inventory)
        .and(", then ".to_owned())
        .and(Remedy::galactl("apply-config", &[]));
    let (evidence, severity) = in_words(facts)?;
    let finding = Finding::new(codes::VOID_OPTIONS, evidence, remedy).severity(severity);
    Some(match severity {
        Severity::Note => finding,
        _ => finding.because("replication and IST are not encrypted, and the files look as if they were"),
    })
}

/// What is void, as a sentence, and how bad that is.
pub fn in_words(facts: &HostFacts) -> Option<(String, Severity)> {
    let settings = |text: &str| -> Settings {
        let pairs = text.split(';').filter_map(|pair| pair.split_once('='));
        pairs.map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned())).collect()
    };
    let in_force = settings(facts.options.get("wsrep_provider_options").map_or("", String::as_str));
    let before: Vec<_> = facts.void_provider_options.iter().map(|text| settings(text)).collect();
    let void: BTreeSet<_> = before
        .iter()
        .flatten()
        .filter(|(name, value)| in_force.get(*name) != Some(*value))
        .map(|(name, _)| name.as_str())
        .collect();
    if void.is_empty() {
        return None;
    }
    let in_clear = before.iter().any(encrypts) && !encrypts(&in_force);
    let mut evidence = format!(
        "`wsrep_provider_options` is set {} times in the option files, and only the last one counts; without effect are {}",
        before.len() + 1,
        void.into_iter().collect::<Vec<_>>().join(", ")
    );
    if in_clear {
        evidence += ": replication is not encrypted";
    }
    Some((evidence, if in_clear { Severity::Degraded } else { Severity::Note }))
}
