//! Encryption between members. One that has it and one that has not do not talk, so a cluster cannot be
//! changed from one to the other node by node, unless its members accept both (`socket.dynamic`, Galera
//! 26.4.8 and later).

use super::Basis;
use super::component::Member;
use crate::galera::config::{RenderError, provider_options, server_options};
use crate::galera::judge::codes;
use crate::galera::judge::wanted::wanted_config;
use crate::kernel::inventory::Settings;
use crate::kernel::judge::Finding;

/// A refusal for every member that would come back with encryption to members without, or the other way
/// round.
///
/// Errors: a template that does not render.
pub fn switched(basis: &Basis<'_>, restarting: &[&Member<'_>]) -> Result<Vec<Finding>, RenderError> {
    let mut refusals = Vec::new();
    for Member { node, facts, .. } in restarting {
        let before = match &facts.config {
            Some(file) => server_options(&file.text),
            None => facts.in_effect(),
        };
        let wanted = wanted_config(basis, node, facts)?.text;
        let [before, after] = [before, server_options(&wanted)].map(|options| {
            provider_options(options.get("wsrep_provider_options").map_or("", String::as_str))
        });
        let (was, is) = (encrypts(&before), encrypts(&after));
        if was == is || before.get("socket.dynamic").is_some_and(|value| is_on(value)) {
            continue;
        }
        let (there, here) = if is { ("without", "with") } else { ("with", "without") };
        let evidence =
            format!("it would come back {here} TLS to members {there} it, which do not talk to it");
        let next = "first set `provider_options: socket.dynamic: true` alone, and run this; then switch TLS, and run this again";
        refusals.push(Finding::new(codes::TLS, evidence, next).on(&node.name));
    }
    Ok(refusals)
}

/// Naming a key or certificate switches it on (Galera documentation, `socket.ssl`).
pub fn encrypts(options: &Settings) -> bool {
    match options.get("socket.ssl") {
        Some(value) => is_on(value),
        None => options.keys().any(|name| name.starts_with("socket.ssl_")),
    }
}

fn is_on(value: &str) -> bool {
    ["1", "on", "true", "yes"].contains(&value.to_ascii_lowercase().as_str())
}
