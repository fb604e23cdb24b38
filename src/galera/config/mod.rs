//! The option file that galactl owns on each node: its values, its text, its secrets.

mod defaults;
mod effect;
mod redact;
mod render;
mod server_options;

pub use defaults::usual;
pub use effect::{Difference, EVERYWHERE_ON_IPV4, differences, provider_options, same_effect, taken};
pub use redact::{FOREIGN_SECRET, fill_in, presentable, redact, redact_value, sst_password_in};
pub use render::{RenderError, Renderer, TEMPLATE};
pub use server_options::server_options;

/// The lines that matter to a running server: all but comments and the address list, which is
/// read only at the next start.
pub fn lines_in_force(text: &str) -> Vec<&str> {
    text.lines()
        .map(str::trim)
        .filter(|line| {
            !line.is_empty() && !line.starts_with('#') && !line.starts_with("wsrep_cluster_address")
        })
        .collect()
}
