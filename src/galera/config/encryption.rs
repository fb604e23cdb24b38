//! Whether options of the provider encrypt what it says.

use crate::kernel::inventory::Settings;

/// Naming a key or certificate switches it on (Galera documentation, `socket.ssl`).
pub fn encrypts(options: &Settings) -> bool {
    match options.get("socket.ssl") {
        Some(value) => is_on(value),
        None => options.iter().any(|(name, value)| name.starts_with("socket.ssl_") && !value.is_empty()),
    }
}

/// A switch of the provider's, as its files and the server spell it.
pub fn is_on(value: &str) -> bool {
    ["1", "on", "true", "yes"].contains(&value.to_ascii_lowercase().as_str())
}
